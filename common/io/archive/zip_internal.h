/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_internal.h: what zip_walk.c, zip_member.c, zip_directory.c and zip_name.c share; see zip_walk.h.
 *
 * Each archive that is open is a zip_level. Its bytes come to `step` as a window: the longest run of unconsumed bytes at
 * hand. A step consumes from the window's front, or says how many bytes it needs to see at once.
 */
#ifndef CAREEN_IO_ARCHIVE_ZIP_INTERNAL_H
#define CAREEN_IO_ARCHIVE_ZIP_INTERNAL_H

#include "base/buf.h"
#include "io/archive/zip_walk.h"

#include <isa-l/igzip_lib.h>

#define ZIP_LOCAL        0x04034b50u /* "PK\3\4" */
#define ZIP_DESCRIPTOR   0x08074b50u
#define ZIP_ENTRY        0x02014b50u
#define ZIP_SIGNATURE    0x05054b50u
#define ZIP_END          0x06054b50u
#define ZIP64_END        0x06064b50u
#define ZIP64_LOCATOR    0x07064b50u
#define ZIP_LOCAL_SIZE   ((size_t)30)
#define ZIP_ENTRY_SIZE   ((size_t)46)
#define ZIP_END_SIZE     ((size_t)22)
#define ZIP64_END_SIZE   ((size_t)56)
#define ZIP_ENCRYPTED    1u
#define ZIP_STREAMED     8u
#define ZIP_STORED       0u
#define ZIP_DEFLATED     8u
#define ZIP_HEADER_MAX   (ZIP_ENTRY_SIZE + 3 * (size_t)0xffff)
#define ZIP_PATH_MAX     ((size_t)16 << 10)
#define ZIP_UNKNOWN_SIZE UINT64_MAX

enum zip_state {
    ZIP_AT_HEADER,
    ZIP_AT_GAP, /* what is here is no header; looking for one */
    ZIP_AT_SKIPPED,
    ZIP_AT_STORED,
    ZIP_AT_STREAMED, /* a member whose end only its descriptor tells */
    ZIP_AT_DEFLATED,
    ZIP_AT_DESCRIPTOR,
    ZIP_AT_NOTHING, /* it is no zip: the rest is passed over */
};

struct zip_kept {        /* a wanted member that was read */
    uint64_t at, name;   /* hash */
    uint64_t said;       /* a hash of what the directory has to say of it; 0: its content is broken */
    int64_t shift;       /* of the directory's places against ours, as its last entry for it had it */
    uint32_t id, listed; /* the how many-th entry of the directory; 0: in none */
};

struct zip_open { /* the member at hand */
    uint64_t at, start, name;
    uint64_t packed, size; /* as its header says */
    uint64_t left, in, out;
    unsigned method, flags;
    uint32_t id, crc, said_crc;
    enum zip_want want;
    bool known;    /* the header says how long it is */
    size_t ahead;  /* bytes of the window that the inflater has already */
    size_t path_n; /* of the walk's path */
};

struct zip_level {
    enum zip_state state;
    struct buf hold; /* unconsumed bytes of earlier pieces, then fresh ones of the piece at hand */
    size_t fresh, need;
    bool over;               /* no more pieces come */
    uint64_t pos;            /* of the window in the archive */
    uint64_t first, segment; /* the first header's place, and that of the first one behind the last end record */
    bool any, in_segment, ended, zip64;
    size_t prefix_n; /* of the walk's path: where names begin */
    struct zip_open m;

    struct zip_kept *kept;
    uint32_t kept_n, kept_cap;
    uint32_t listed, lost, refused;
    bool listing; /* entries of a directory were seen behind the last member */
    uint64_t directory_at;
    uint64_t end_offset; /* where its end record says that it is */

    struct inflate_state *isal;
    uint8_t *window;
};

struct zip_walk {
    const struct zip_visitor *visitor;
    void *arg;
    struct zip_level levels[ZIP_DEPTH_MAX + 1];
    uint64_t inflated, inflated_max;
    uint32_t next_id, kept_n, notes;
    bool spent; /* the bound of inflated bytes was noted */
    uint8_t path[ZIP_PATH_MAX];
};

static inline uint16_t zip_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t zip_u32(const uint8_t *p)
{
    return (uint32_t)zip_u16(p) | (uint32_t)zip_u16(p + 2) << 16;
}
static inline uint64_t zip_u64(const uint8_t *p)
{
    return (uint64_t)zip_u32(p) | (uint64_t)zip_u32(p + 4) << 32;
}

static inline unsigned zip_depth(const struct zip_walk *z, const struct zip_level *l)
{
    return (unsigned)(l - z->levels);
}

/* A step consumes that many bytes from the front of w; 0: it needs to see l->need bytes at once. */
size_t zip_step(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip_need(struct zip_level *l, size_t n);
void zip_level_feed(struct zip_walk *z, struct zip_level *l, struct slice bytes);
void zip_level_begin(struct zip_walk *z, struct zip_level *l, size_t prefix_n);
void zip_level_end(struct zip_walk *z, struct zip_level *l);
/* path_n: of the walk's path, of what is noted. */
ATTR_PRINTF(4, 5) void zip_note(struct zip_walk *z, enum zip_note note, size_t path_n, const char *fmt, ...);

/* zip_member.c */
size_t zip_local(struct zip_walk *z, struct zip_level *l, struct slice w); /* at a local header */
size_t zip_skipped(struct zip_level *l, struct slice w);
size_t zip_stored(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip_streamed(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip_deflated(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip_descriptor(struct zip_walk *z, struct zip_level *l, struct slice w);
void zip_member_cut(struct zip_walk *z, struct zip_level *l); /* the archive ends here */

/* zip_directory.c */
size_t zip_entry(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip_end(struct zip_walk *z, struct zip_level *l, struct slice w);
size_t zip64_end(struct zip_level *l, struct slice w);
void zip_confirm(struct zip_walk *z, struct zip_level *l);
/* A hash of what both headers of a member have to say alike. */
uint64_t zip_said(unsigned method, uint64_t packed, uint64_t size, uint64_t name);

/* zip_name.c */
/* Whether it can be the name of a file within the archive. */
bool zip_name_sound(struct slice raw);
/* Writes the name behind the first path_n bytes of z->path, in UTF-8: the path's new length, 0: it has no room. */
size_t zip_name_put(struct zip_walk *z, size_t path_n, struct slice raw);
/* Sizes and place that the zip64 field has, where they are all ones in *packed, *size, *at (each may be NULL). */
void zip64_field(struct slice extra, uint64_t *size, uint64_t *packed, uint64_t *at);

#endif
