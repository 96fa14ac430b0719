/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_writer.h: zips written for tests, sound and hostile ones: the local header, the directory and the descriptor of
 * each member are under the test's hand. Independent of the reader; test_zip_walk.c also reads what others write.
 *
 *     struct zip_writer w = ZIP_WRITER;
 *     zip_add(&w, &(struct zip_made){.name = "META-INF/MANIFEST.MF", .bytes = text});
 *     struct slice zip = zip_finish(&w);      valid until zip_done(&w)
 */
#ifndef CAREEN_TESTS_UNIT_ZIP_WRITER_H
#define CAREEN_TESTS_UNIT_ZIP_WRITER_H

#include "base/buf.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum zip_descriptor_form { ZIP_NO_DESCRIPTOR, ZIP_SIGNED, ZIP_BARE, ZIP_SIGNED64, ZIP_BARE64 };

struct zip_made {
    const char *name;
    struct slice bytes;
    bool deflate;
    enum zip_descriptor_form descriptor;
    bool zip64;                    /* sizes in the extra field */
    unsigned flags, method;        /* or-ed to, instead of (not 0) what fits */
    const char *listed_as;         /* in the directory; NULL: by its name */
    bool unlisted;                 /* the directory doesn't have it */
    uint32_t lie_packed, lie_size; /* added to what the local header says */
    bool lie_listed;               /* and the directory says that too */
    uint32_t lie_crc;
};

struct zip_writer {
    struct buf b, directory;
    unsigned n;
    int64_t shift; /* added to the places in the directory: minus what stands in front */
};

#define ZIP_WRITER ((struct zip_writer){.b = BUF_INIT((size_t)256 << 20), .directory = BUF_INIT((size_t)64 << 20)})

static inline void zip_done(struct zip_writer *w)
{
    buf_done(&w->b);
    buf_done(&w->directory);
}

static inline void zip_add16(struct buf *b, uint32_t v)
{
    buf_add_byte(b, (uint8_t)v);
    buf_add_byte(b, (uint8_t)(v >> 8));
}

static inline void zip_sizes64(struct buf *b, const uint64_t *v, size_t n)
{
    zip_add16(b, 1);
    zip_add16(b, (uint32_t)(8 * n));
    for (size_t i = 0; i < n; i++)
        buf_add_u64(b, v[i]);
}

static inline void zip_packed(struct slice bytes, struct buf *out)
{
    struct isal_zstream z;
    isal_deflate_stateless_init(&z);
    size_t room = bytes.n + bytes.n / 8 + 1024;
    z.next_in = (uint8_t *)(uintptr_t)bytes.p;
    z.avail_in = (uint32_t)bytes.n;
    z.next_out = buf_reserve(out, room);
    z.avail_out = (uint32_t)room;
    z.end_of_stream = 1;
    if (isal_deflate_stateless(&z) != COMP_OK)
        BUG("isal_deflate_stateless");
    out->n += z.total_out;
}

static inline void zip_add_descriptor(struct buf *b, enum zip_descriptor_form form, uint32_t crc, uint64_t packed,
                                      uint64_t size)
{
    const uint64_t sizes[] = {packed, size};
    if (form == ZIP_SIGNED || form == ZIP_SIGNED64)
        buf_add_u32(b, 0x08074b50);
    buf_add_u32(b, crc);
    for (size_t i = 0; i < 2; i++) {
        if (form == ZIP_SIGNED64 || form == ZIP_BARE64)
            buf_add_u64(b, sizes[i]);
        else
            buf_add_u32(b, (uint32_t)sizes[i]);
    }
}

static inline void zip_add(struct zip_writer *w, const struct zip_made *m)
{
    struct buf content = BUF_INIT((size_t)256 << 20);
    if (m->deflate)
        zip_packed(m->bytes, &content);
    else
        buf_add_slice(&content, m->bytes);
    uint32_t crc = crc32_gzip_refl(0, m->bytes.p, m->bytes.n) + m->lie_crc;
    uint32_t flags = m->flags | (m->descriptor ? 8 : 0), method = m->method ? m->method : m->deflate ? 8 : 0;
    uint64_t packed = content.n, size = m->bytes.n, at = w->b.n + (uint64_t)w->shift;
    const uint64_t sizes[] = {size + m->lie_size, packed + m->lie_packed, at};
    size_t name_n = strlen(m->name);
    bool hidden = m->descriptor != ZIP_NO_DESCRIPTOR;

    buf_add_u32(&w->b, 0x04034b50);
    zip_add16(&w->b, m->zip64 ? 45 : 20);
    zip_add16(&w->b, flags);
    zip_add16(&w->b, method);
    buf_add_u32(&w->b, 0x5a215a21);
    buf_add_u32(&w->b, hidden ? 0 : crc);
    buf_add_u32(&w->b, hidden ? 0 : m->zip64 ? UINT32_MAX : (uint32_t)sizes[1]);
    buf_add_u32(&w->b, hidden ? 0 : m->zip64 ? UINT32_MAX : (uint32_t)sizes[0]);
    zip_add16(&w->b, (uint32_t)name_n);
    zip_add16(&w->b, m->zip64 && !hidden ? 20 : 0);
    buf_add_str(&w->b, m->name);
    if (m->zip64 && !hidden)
        zip_sizes64(&w->b, sizes, 2);
    buf_add_slice(&w->b, buf_slice(&content));
    buf_done(&content);

    if (hidden)
        zip_add_descriptor(&w->b, m->descriptor, crc, packed, size);
    if (m->unlisted)
        return;
    const char *listed = m->listed_as ? m->listed_as : m->name;
    struct buf *d = &w->directory;
    buf_add_u32(d, 0x02014b50);
    zip_add16(d, 20);
    zip_add16(d, m->zip64 ? 45 : 20);
    zip_add16(d, flags);
    zip_add16(d, method);
    buf_add_u32(d, 0x5a215a21);
    buf_add_u32(d, crc);
    buf_add_u32(d, m->zip64 ? UINT32_MAX : (uint32_t)(m->lie_listed ? sizes[1] : packed));
    buf_add_u32(d, m->zip64 ? UINT32_MAX : (uint32_t)(m->lie_listed ? sizes[0] : size));
    zip_add16(d, (uint32_t)strlen(listed));
    zip_add16(d, m->zip64 ? 28 : 0);
    zip_add16(d, 0);
    zip_add16(d, 0);
    zip_add16(d, 0);
    buf_add_u32(d, 0);
    buf_add_u32(d, m->zip64 ? UINT32_MAX : (uint32_t)at);
    buf_add_str(d, listed);
    if (m->zip64)
        zip_sizes64(d, (const uint64_t[]){size, packed, at}, 3);
    w->n++;
}

/* A member with this text, deflated, as most are. */
static inline void zip_add_text(struct zip_writer *w, const char *name, const char *text)
{
    zip_add(w, &(struct zip_made){.name = name, .bytes = slice_str(text), .deflate = true});
}

/* The directory and the end record. */
static inline struct slice zip_finish_with(struct zip_writer *w, const char *comment)
{
    uint64_t at = w->b.n + (uint64_t)w->shift;
    buf_add_slice(&w->b, buf_slice(&w->directory));
    buf_add_u32(&w->b, 0x06054b50);
    buf_add_u32(&w->b, 0);
    zip_add16(&w->b, w->n);
    zip_add16(&w->b, w->n);
    buf_add_u32(&w->b, (uint32_t)w->directory.n);
    buf_add_u32(&w->b, (uint32_t)at);
    zip_add16(&w->b, (uint32_t)strlen(comment));
    buf_add_str(&w->b, comment);
    ASSERT(!w->b.overflow && !w->directory.overflow);
    return buf_slice(&w->b);
}

static inline struct slice zip_finish(struct zip_writer *w)
{
    return zip_finish_with(w, "");
}

#endif
