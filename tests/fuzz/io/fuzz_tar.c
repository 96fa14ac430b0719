/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_tar: the reader must see the same in one piece and byte by byte, and content only within its file. */
#include "base/hash.h"
#include "io/archive/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t hash, size, at;
    bool wants;
};

static void mix(struct seen *s, const void *p, size_t n)
{
    s->hash = (s->hash ^ hash64(slice_of(p, n))) * 0x9e3779b97f4a7c15u;
}

static int on_entry(void *arg, const struct tar_entry *t, struct err *e)
{
    struct seen *s = arg;
    (void)e;
    ASSERT(t->path.n <= TAR_PATH_MAX && t->link.n <= TAR_PATH_MAX);
    mix(s, t->path.p, t->path.n);
    mix(s, t->link.p, t->link.n);
    mix(s, &t->size, sizeof t->size);
    s->size = t->size;
    s->at = 0;
    return s->wants && t->kind == TAR_FILE;
}

static int on_data(void *arg, uint64_t at, struct slice bytes, struct err *e)
{
    struct seen *s = arg;
    (void)e;
    ASSERT(bytes.n && at >= s->at && at <= s->size && bytes.n <= s->size - at);
    s->at = at + bytes.n;
    for (size_t i = 0; i < bytes.n; i++) {
        uint64_t one[2] = {at + i, bytes.p[i]};
        mix(s, one, sizeof one);
    }
    return 0;
}

static int on_done(void *arg, struct err *e)
{
    (void)e;
    mix(arg, "done", 4);
    return 0;
}

static void on_note(void *arg, const char *text)
{
    mix(arg, text, strlen(text));
}

static const struct tar_visitor visitor = {on_entry, on_data, on_done, on_note};

static int run(const uint8_t *data, size_t size, size_t step, struct seen *s, char *text)
{
    struct err e = ERR_INIT;
    struct tar *t = tar_new(&visitor, s, 1000);
    int r = 0;
    for (size_t at = 0; at < size && !r; at += step)
        r = tar_feed(t, slice_of(data + at, MIN(step, size - at)), &e);
    if (!r)
        r = tar_end(t, &e);
    tar_free(t);
    memcpy(text, e.text, sizeof e.text);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = {.wants = true}, bytes = {.wants = true}, none = {0};
    char a[sizeof((struct err *)0)->text], b[sizeof((struct err *)0)->text];
    int r = run(data, size, SIZE_MAX / 2, &whole, a);
    ASSERT(run(data, size, 1, &bytes, b) == r && whole.hash == bytes.hash && strcmp(a, b) == 0);
    run(data, size, 700, &none, b);
    return 0;
}
