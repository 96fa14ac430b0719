/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_zip_walk: the same must be seen in one piece, byte by byte and in between, of damaged ones too; every wanted member begins, ends and is answered
 * for once, in this order, and none counts that is not whole.
 */
#include "base/hash.h"
#include "io/archive/zip_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMBERS_MAX 4096

enum { BEGUN = 1, ENDED, WHOLE, ANSWERED };

struct seen {
    uint8_t member[MEMBERS_MAX];
    uint64_t content[MEMBERS_MAX]; /* a hash; data of an archive and of its members comes in turns */
    size_t n;
    uint64_t hash;
};

static void mix(struct seen *s, const void *p, size_t n)
{
    s->hash = (s->hash ^ hash64(slice_of(p, n))) * 0x9e3779b97f4a7c15u;
}

static enum zip_want wants(void *arg, const struct zip_member *m)
{
    (void)arg;
    ASSERT(m->depth <= ZIP_DEPTH_MAX && slice_ends(m->path, m->name));
    return !m->name.n || slice_ends(m->name, SLICE("/")) ? ZIP_SKIP
           : slice_ends(m->name, SLICE(".jar"))          ? ZIP_WALK
                                                         : ZIP_READ;
}

static void on_begin(void *arg, const struct zip_member *m)
{
    struct seen *s = arg;
    ASSERT(m->id == s->n);
    mix(s, m->path.p, m->path.n);
    if (s->n < MEMBERS_MAX)
        s->member[s->n] = BEGUN;
    s->n++;
}

static void on_data(void *arg, uint32_t id, struct slice bytes)
{
    struct seen *s = arg;
    ASSERT(id < s->n && bytes.n && (id >= MEMBERS_MAX || s->member[id] == BEGUN));
    for (size_t i = 0; id < MEMBERS_MAX && i < bytes.n; i++)
        s->content[id] = (s->content[id] ^ bytes.p[i]) * 0x100000001b3u;
}

static void on_end(void *arg, uint32_t id, bool whole)
{
    struct seen *s = arg;
    ASSERT(id < s->n && (id >= MEMBERS_MAX || s->member[id] == BEGUN));
    if (id < MEMBERS_MAX)
        s->member[id] = whole ? WHOLE : ENDED;
    mix(s, &id, sizeof id);
    mix(s, &whole, sizeof whole);
    if (id < MEMBERS_MAX)
        mix(s, &s->content[id], sizeof s->content[id]);
}

static void on_confirm(void *arg, uint32_t id, bool counts)
{
    struct seen *s = arg;
    ASSERT(id < s->n);
    if (id < MEMBERS_MAX) {
        ASSERT(s->member[id] == WHOLE || (s->member[id] == ENDED && !counts));
        s->member[id] = ANSWERED;
    }
    mix(s, &id, sizeof id);
    mix(s, &counts, sizeof counts);
}

static void on_note(void *arg, enum zip_note note, struct slice path, const char *text)
{
    struct seen *s = arg;
    mix(s, &note, sizeof note);
    mix(s, path.p, path.n);
    mix(s, text, strlen(text));
}

static const struct zip_visitor visitor = {wants, on_begin, on_data, on_end, on_confirm, on_note};

static void run(const uint8_t *data, size_t size, size_t step, struct seen *s)
{
    struct zip_walk *z = zip_walk_new(&visitor, s);
    memset(s, 0, sizeof *s);
    for (size_t at = 0; at < size; at += step)
        zip_walk_feed(z, slice_of(data + at, MIN(step, size - at)));
    zip_walk_end(z);
    zip_walk_free(z);
    for (size_t i = 0; i < MIN(s->n, (size_t)MEMBERS_MAX); i++)
        ASSERT(s->member[i] == ANSWERED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seen whole, bytes;
    run(data, size, SIZE_MAX / 2, &whole);
    run(data, size, 1, &bytes);
    ASSERT(whole.hash == bytes.hash);
    run(data, size, 700, &bytes);
    ASSERT(whole.hash == bytes.hash);
    return 0;
}
