/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_redhat.h: what a product id of Red Hat's VEX documents says, in the shape of `vex` and in that of `vex-feed`
 * (redhatproductsecurity.github.io/security-data-guidelines, "CSAF-VEX GA Details"). Pure.
 *
 *  - The platform's CPE gives the ecosystem (model/distro/redhat.h): "Red Hat:9" for the mainline,
 *    "Red Hat:rhel_eus:9.2" and the like for longer supported releases.
 *  - The component's purl gives name, version, architecture and module. `vex` names the binaries of every machine.
 *    `vex-feed` names no machine: arch=src is a source; without an architecture it is either a source, whose name all
 *    its binaries carry, or a binary of all machines. It is a binary only if the same document also has its source.
 *  - A whole module is named by its build, "python39@3.9-8100020240826062204.d47b87a4" (name, stream, version and
 *    context), which is no version of a package. Its statement holds for every package with that label.
 */
#ifndef CAREEN_FEEDS_FORMATS_CSAF_CSAF_REDHAT_H
#define CAREEN_FEEDS_FORMATS_CSAF_CSAF_REDHAT_H

#include "feeds/formats/csaf/csaf_notes.h"

enum redhat_names { REDHAT_SOURCE, REDHAT_BINARY, REDHAT_EITHER };

/* One product id of one status. */
struct redhat_statement {
    struct slice ecosystem, name, module, architecture, version; /* architecture: a machine's; version "": of all */
    enum csaf_status status;
    enum redhat_names names;
    uint32_t product;                    /* its number in the document */
    const struct csaf_product *platform; /* the release that it was said for; several have one ecosystem */
    bool mainline;
    bool whole_module; /* name is "python39:3.9" and version, if any, the module's */
};

/* Why a product id is no statement. */
enum redhat_reading {
    REDHAT_READ,
    REDHAT_NO_PACKAGE, /* of another kind of software, or of nothing in the tree */
    REDHAT_CONTAINER,  /* of a container image */
};
enum redhat_reading redhat_statement_read(const struct csaf_document *d, struct slice product, enum csaf_status status,
                                          struct arena *arena, struct redhat_statement *ret);

#endif
