/* SPDX-License-Identifier: Apache-2.0 */
/* parse_internal.h: what parse.c gives to the parse functions, one of which reads one file of one format. */
#ifndef CAREEN_PACKAGES_PARSE_INTERNAL_H
#define CAREEN_PACKAGES_PARSE_INTERNAL_H

#include "packages/parse.h"
#include "model/evidence.h"

struct layer_files;

/* A file that the collector "software" told of. */
struct software_seen {
    struct slice path, kind;
    bool owned; /* an installed package brought it */
};

struct parse {
    struct arena *arena;
    struct layer_packages *out;
    struct layer_files *files; /* of the same layer: layer_files.h */
    struct slice path;         /* of the file at hand */
    bool cut;                  /* it ends before its end: what is last in it may be half */
    size_t reasons_of_file, reasons_left_out;
    VEC(struct software_seen) software;
    unread_vec software_left_out; /* by the collector: how many more of a kind there were */
};

/* Adds to file what bytes say. Troubles go to parse_reason; nothing else fails. */
typedef void parse_fn(struct parse *p, struct slice bytes, struct parsed_file *file);
parse_fn parse_dpkg_status, parse_dpkg_status_d, parse_apk_installed, parse_os_release, parse_lsb_release,
    parse_release_line, parse_suse_release, parse_arch_release, parse_windows_hive, parse_windows_store,
    parse_rpm_database, parse_rpm_log, parse_rpmmanifest_1, parse_rpmmanifest_2, parse_content_manifest,
    parse_redhat_labels, parse_redhat_dockerfile, parse_opkg, parse_pacman_desc, parse_portage, parse_nix_store,
    parse_bottlerocket;

/* A file entry of the collector "software" (packages/software/collect_software.h). */
void parse_software(struct parse *p, const struct evidence_entry *entry);
/* Behind the last entry: what of it no package of the layer owns becomes files. whole: the evidence from its magic. */
void parse_software_end(struct parse *p, struct slice whole);
struct parsed_file *parse_add_file(struct parse *p, struct slice path, const char *parser);

/* The layer becomes partial, for this reason; the path is put in front. */
ATTR_PRINTF(2, 3) void parse_reason(struct parse *p, const char *fmt, ...);
/* Adds a package whose slices are copied; location is the path at hand. */
void parse_add_package(struct parse *p, struct parsed_file *file, const struct package *package);
/* Sets a fact: the last one of a name holds. */
void parse_set_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value);
/* The source that SOURCERPM names, unless it is package's own (whose version is set). Slices are file's or the arena's.
 */
void parse_rpm_source(struct parse *p, struct package *package, struct slice file);
/* A name, version or architecture: some text without blanks. */
bool parse_is_token(struct slice s);

#endif
