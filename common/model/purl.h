/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purl.h: package URLs, pkg:type/namespace/name@version?key=value#subpath, after the package-url specification (its
 * sections "how to build" and "how to parse"). Parsing and building again gives the canonical form.
 *
 * In canonical form everything but A-Z a-z 0-9 . - _ ~ and : is percent-encoded within a component. Qualifiers are
 * sorted by key, and those with an empty value are left out. Type and keys are in lower case, and so are the namespace
 * and name of types whose definition says so. Pure; any thread. What is parsed lives in the arena that was given.
 */
#ifndef CAREEN_MODEL_PURL_H
#define CAREEN_MODEL_PURL_H

#include "base/buf.h"
#include "base/err.h"
#include "model/records.h"

#define PURL_MAX            8192 /* bytes of a purl's text */
#define PURL_QUALIFIERS_MAX 32

struct purl_qualifier {
    struct slice key, value; /* value decoded */
};
struct purl {
    struct slice type, ns, name, version, subpath; /* decoded; ns and subpath with / between segments */
    VEC(struct purl_qualifier) qualifiers;         /* sorted by key */
};

/* ERR_POISON names what is wrong. */
int purl_parse(struct slice text, struct arena *arena, struct purl *ret_purl, struct err *e);
/*
 * Writes the canonical text. ERR_POISON: type or name is missing, a key is invalid, or the text is longer than
 * PURL_MAX.
 */
int purl_build(const struct purl *p, struct buf *out, struct err *e);
/* The value of a qualifier; SLICE_NONE when there is none of that key. */
struct slice purl_qualifier(const struct purl *p, const char *key);
/*
 * The purl of a package that was found on os:
 *
 *     pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12&upstream=openssl%403.0.15
 *         upstream is the source package, with its version only where it differs from the package's
 *     pkg:rpm/rhel/npm@8-1.el9?arch=x86_64&distro=rhel-9.3&epoch=1&rpmmod=nodejs:18&upstream=nodejs-18-1.el9.src.rpm
 *         an rpm's epoch and module (perhaps its whole label) are qualifiers; upstream is the source package's file
 *     pkg:generic/windows/Windows%20Server%202022@10.0.20348.2340?distro=…&updates=KB5034129
 *         Windows has no type of its own; updates are those that are installed in the product
 *     pkg:generic/windows/KB5034129
 *         each of these updates
 *     pkg:npm/%40angular/core@17.0.1, pkg:maven/org.slf4j/slf4j-api@2.0.9, pkg:golang/golang.org/x/net@v0.17.0
 *         of other ecosystems; vcs_url is where it came from, if that was a repository: git+https://host/path@commit
 *
 * There is no namespace when os has no id. SLICE_NONE for package types that have no purl.
 */
struct slice purl_of_package(const struct package *p, const struct os_info *os, struct arena *arena);
/*
 * The way back: fills type, namespace, name, version, architecture, source and purl of *ret (slices of p and arena), and
 * *ret_os with the system that the distro qualifier or the namespace names; it is empty for packages that belong to no
 * system. False when no row of model/ecosystem/ecosystem.h has the purl's type. An rpm's module may also be the
 * qualifier modularitylabel, and its upstream also "name@version".
 */
bool purl_to_package(const struct purl *p, struct arena *arena, struct package *ret, struct os_info *ret_os);
/*
 * Splits the name of a source package's file, "openssl-3.0.7-27.el9.src.rpm", into name and version, for a package of
 * `version`; both are absent when it is no such name.
 */
void purl_rpm_source(struct slice file, struct slice version, struct arena *arena, struct slice *ret_name,
                     struct slice *ret_version);
/* Name and stream ("nodejs:18") of a module's whole label ("nodejs:18:8080020230718101010:63b34585"). */
struct slice purl_module(struct slice label);

#endif
