/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_header.h: one header of rpm's database: what it says of a package. The bytes are, all big-endian: u32 entries,
 * u32 bytes of data, then entries of {tag, type, offset into the data, count} and the data (rpm's manual, "Package
 * format V4", header structure, without the magic that stands before it in a package file). The first entry marks the
 * region that was signed; tags that installing added follow it, and hold where both have one.
 *
 * Every offset and length is checked; nothing is copied: slices point into the header. Pure, any thread.
 */
#ifndef CAREEN_PACKAGES_RPM_RPM_HEADER_H
#define CAREEN_PACKAGES_RPM_RPM_HEADER_H

#include "base/slice.h"

struct rpm_header {
    /* Absent: SLICE_NONE. Strings end before their NUL and are otherwise raw. */
    struct slice name, version, release, architecture, source_rpm, vendor, module_label;
    bool has_epoch;
    uint32_t epoch;
    /* The file list: base names, and for each the index of its folder. */
    struct slice base_names, folders, folder_indexes,
        old_names; /* old_names: whole paths, of packages from before 4.0 */
    uint32_t files, folders_n, old_files;
};

/* NULL, or why it is no header (a static text). What is not as it should be in a single tag says that tag. */
const char *rpm_header_read(struct slice bytes, struct rpm_header *ret);

/*
 * Calls fn with each path, that is folder (with a slash at its end, or empty) and base name. Above 0 stops and comes
 * back. -1 with *ret_why (a static text) when the list is not sound: what was before was given.
 */
typedef int rpm_file_fn(void *ctx, struct slice folder, struct slice base_name);
int rpm_header_files(const struct rpm_header *h, rpm_file_fn *fn, void *ctx, const char **ret_why);

/*
 * The name of a source package's file, "openssl-3.0.7-1.el9.src.rpm" (or .nosrc.rpm), taken apart: version is version
 * and release. False: it is not such a name.
 */
bool rpm_source_name(struct slice file, struct slice *ret_name, struct slice *ret_version);

#endif
