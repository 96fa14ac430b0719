/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_walk.h: reads a zip while it streams by, and the zips within it, for whoever can't hold it or seek in it: jars,
 * wheels, eggs, zipapps, Yarn's cache, files within an image's layer.
 *
 *     z = zip_walk_new(&visitor, arg);
 *     for each piece of the file: zip_walk_feed(z, piece);
 *     zip_walk_end(z);
 *
 * It goes by the local headers, asks the visitor by name whose content is wanted, and hands that out unpacked in pieces
 * of at most ZIP_WINDOW bytes. The authority on what a zip holds is its directory, which comes last: a member counts
 * when `confirm` says so and not before. Members that the directory doesn't list, or lists otherwise (name, method,
 * sizes), don't count; of several of one name only the directory's last does. What the directory lists and the stream
 * didn't have at that place is a note. So nothing is hidden by headers that lie: they cost a note.
 *
 *  - What isn't wanted is skipped and not inflated. Where the header doesn't say how long a member is (a data descriptor
 *    follows, as the JDK's jar writes), its end is where a descriptor, with or without signature, 32 or 64 bits, says
 *    the length that it stands at, and another header follows. That also ends stored members of unknown length.
 *  - Bytes in front of the first header (a shell's stub, a shebang, a .jmod's magic) and between members are passed over:
 *    ZIP_PREFIX_MAX at the front, otherwise it is no zip. Places in the directory count from the file's start or from
 *    that of the zip, as the end record says.
 *  - zip64; names in UTF-8 or CP437, told in UTF-8. Members with unsound names (absolute, "..", NUL, over ZIP_NAME_MAX),
 *    encrypted ones and those packed with other methods than deflate are noted if they were wanted.
 *  - Bounds: ZIP_DEPTH_MAX archives within the outermost one, ZIP_MEMBERS_MAX members whose content is wanted an archive
 *    and all it lies in, ZIP_INFLATED_MAX bytes inflated an outermost archive, ZIP_RATIO to 1 beyond the first MiB of a
 *    member. What is beyond is noted and left out, and the walk goes on.
 *  - The same bytes give the same calls, whatever pieces they come in, damaged ones too; `data` alone may be cut otherwise.
 *
 * Memory, whatever the sizes: 390 KiB for each archive that is open within another, 32 bytes for each wanted member of
 * those. One thread at a time. The visitor must not call back.
 */
#ifndef CAREEN_IO_ARCHIVE_ZIP_WALK_H
#define CAREEN_IO_ARCHIVE_ZIP_WALK_H

#include "base/slice.h"

#define ZIP_DEPTH_MAX    8
#define ZIP_NAME_MAX     ((size_t)4096)
#define ZIP_PREFIX_MAX   ((uint64_t)1 << 20)
#define ZIP_MEMBERS_MAX  ((uint32_t)1 << 16)
#define ZIP_INFLATED_MAX ((uint64_t)4 << 30)
/* Of an archive whose size is known: so much, and so many times its size. Archives of archives unpack to a multiple. */
#define ZIP_INFLATED_FREE  ((uint64_t)64 << 20)
#define ZIP_INFLATED_RATIO 100
#define ZIP_RATIO          200
#define ZIP_RATIO_FREE     ((uint64_t)1 << 20)
#define ZIP_WINDOW         ((size_t)256 << 10)
#define ZIP_NOTES_MAX      20 /* of an outermost archive; the last one says how many more there were */

struct zip_member {
    struct slice name; /* within its archive, UTF-8 */
    struct slice path; /* within the outermost one: "lib/a.jar!/META-INF/MANIFEST.MF" */
    unsigned depth;    /* 0: in the outermost archive */
    uint32_t id;       /* rises; not given to `wants` */
    uint64_t at;       /* where its header is in its archive */
    uint64_t size;     /* unpacked, as the header says; UINT64_MAX: it doesn't */
    unsigned method, flags;
};

enum zip_want {
    ZIP_SKIP,
    ZIP_READ, /* the content is wanted */
    ZIP_WALK, /* the content is wanted and is a zip, whose members are asked for too */
};

enum zip_note {
    ZIP_NOTE_NONE,   /* nothing in it is a zip's header */
    ZIP_NOTE_BROKEN, /* cut, damaged, or its directory says something else than its headers */
    ZIP_NOTE_UNREAD, /* encrypted, or packed with what isn't unpacked here, or its name is unsound */
    ZIP_NOTE_BOUND,  /* beyond one of the bounds above */
    ZIP_NOTE_MORE,   /* how many more notes there were */
};

struct zip_visitor {
    /* Decides by name and depth alone, since it is asked both by a member's header and by the directory's entry. */
    enum zip_want (*wants)(void *arg, const struct zip_member *m);
    /* The content of a wanted member begins; slices are valid during the call. */
    void (*begin)(void *arg, const struct zip_member *m);
    /* A piece of it. Of a member that is walked it comes before the walk sees it. */
    void (*data)(void *arg, uint32_t id, struct slice bytes);
    /*
     * It ended. whole: sizes and checksum fit. Of a member that is walked: after everything of its own members, their
     * `confirm` too.
     */
    void (*end)(void *arg, uint32_t id, bool whole);
    /*
     * At the end of its archive, once for each wanted member: whether it counts. An archive that doesn't count takes
     * all that it holds with it.
     */
    void (*confirm)(void *arg, uint32_t id, bool counts);
    /* What was not read: a sentence about the archive or member at this path within the outermost archive ("": itself). */
    void (*note)(void *arg, enum zip_note note, struct slice path, const char *text);
};

struct zip_walk;
/* The visitor outlives the walk. */
struct zip_walk *zip_walk_new(const struct zip_visitor *visitor, void *arg);
void zip_walk_free(struct zip_walk *z);
void zip_walk_feed(struct zip_walk *z, struct slice bytes);
/* After the last piece. The walk can then be used for another file. */
void zip_walk_end(struct zip_walk *z);
/* Gives the file at hand up, without any more calls: for another file. */
void zip_walk_reset(struct zip_walk *z);
/* The size of the outermost archive, before its first piece: bounds what is unpacked of it more closely. */
void zip_walk_size(struct zip_walk *z, uint64_t size);

#endif
