/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar.h: a streaming tar reader, fed with pieces of any size; it tells a visitor of each member and hands out only the
 * content that the visitor wants, as slices of what was fed. Nothing is copied but headers that straddle two pieces.
 *
 * Formats: v7, POSIX ustar and pax (IEEE 1003.1-2017, "pax Interchange Format"), GNU (long names and links, base-256
 * numbers, sparse files) and the three GNU sparse formats over pax (GNU tar manual, "Storing Sparse Files"), star's
 * prefix. Where readers differ it sides with Go's archive/tar, which unpacks the layers in every container runtime:
 *  - global pax headers are checked and not applied;
 *  - a GNU long name wins over pax's path; an empty pax value leaves the header's;
 *  - links, folders, devices and fifos have no body whatever their size field says;
 *  - a header's checksum may be of signed or of unsigned bytes;
 *  - a member's end is the archive's end too (no zero blocks), and so are two zero blocks: what follows is not read.
 *
 * Failure (ERR_PARTIAL) is sticky and names the byte offset in the unpacked archive; every member told before it stays
 * good. What is wrong with one member only (a name longer than TAR_PATH_MAX) skips that member and is told by note.
 * Limits: entries; one extended header (pax or long name) 8 MiB; sparse maps 65536 pieces. Memory: 2 KiB and those.
 * One thread at a time.
 */
#ifndef CAREEN_IO_ARCHIVE_TAR_H
#define CAREEN_IO_ARCHIVE_TAR_H

#include "base/buf.h"
#include "base/err.h"

#define TAR_PATH_MAX   ((size_t)4096)
#define TAR_HEADER_MAX ((size_t)8 << 20)

enum tar_kind { TAR_FILE, TAR_HARD_LINK, TAR_SYMLINK, TAR_FOLDER, TAR_OTHER /* device, fifo, unknown */ };

struct tar_entry {
    enum tar_kind kind;
    struct slice path, link; /* raw bytes as archived: absolute, with "..", anything; valid during the call */
    uint64_t size;           /* of the file, holes included */
    uint64_t offset;         /* of the member's header in the archive */
    bool sparse;
    bool executable; /* somebody may start it, by its mode */
};

struct tar_visitor {
    /* 1: the content is wanted (files only), 0: not, <0: reading ends with this failure. */
    int (*entry)(void *arg, const struct tar_entry *t, struct err *e);
    /* A piece of the wanted content at its place in the file; places rise, holes of sparse files are left out. */
    int (*data)(void *arg, uint64_t at, struct slice bytes, struct err *e);
    /* The wanted content is whole. */
    int (*done)(void *arg, struct err *e);
    /* Something was skipped; may be NULL. */
    void (*note)(void *arg, const char *text);
};

struct tar;
/* visitor must outlive the reader. */
struct tar *tar_new(const struct tar_visitor *visitor, void *arg, uint64_t max_entries);
void tar_free(struct tar *t);
int tar_feed(struct tar *t, struct slice bytes, struct err *e);
/* After the last piece: fails when the archive ends within a member. */
int tar_end(struct tar *t, struct err *e);
uint64_t tar_entries(const struct tar *t); /* members told so far */
uint64_t tar_offset(const struct tar *t);  /* bytes read so far, or where reading failed */

#endif
