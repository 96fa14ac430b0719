/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/topics/image_lookup.h"

#include "careen/command.h"

struct lookup {
    struct slice text;
    struct image_lookup *out;
    struct arena *arena;
    slice_vec digests, names; /* of those that fit, each digest once; its first registry/repository@digest */
    bool more;                /* than are listed */
};

#define FITS_MAX      10
#define BEGINNING_MIN 8  /* hexadecimal digits without "sha256:" in front: fewer may be anybody's name */
#define DIGEST_LEAST  13 /* "sha256:" and six digits */
static bool digest_matches(struct slice digest, struct slice text)
{
    return text.n >= DIGEST_LEAST && slice_starts(digest, text);
}

/* As others print digests, and people copy them: without the algorithm. */
static bool digest_begins(struct slice digest, struct slice text)
{
    slice_take_prefix(&digest, SLICE("sha256:"));
    return text.n >= BEGINNING_MIN && text.n <= digest.n &&
           strncasecmp((const char *)digest.p, (const char *)text.p, text.n) == 0;
}

/* repository, repository:tag, repository@digest, each with the registry or without; digests may be cut. */
static bool image_matches(const struct image *im, struct slice text)
{
    struct arena a = ARENA_INIT(1 << 20);
    const struct slice names[] = {im->repository,
                                  arena_printf(&a, "%.*s/%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository))};
    bool match = digest_matches(im->digest, text) || digest_begins(im->digest, text);
    for (size_t i = 0; i < ARRAY_LEN(names) && !match; i++) {
        struct slice rest = text;
        if (!slice_take_prefix(&rest, names[i]))
            continue;
        match = rest.n == 0;
        if (slice_take_prefix(&rest, SLICE("@")))
            match = digest_matches(im->digest, rest);
        else if (slice_take_prefix(&rest, SLICE(":")))
            for (size_t j = 0; j < im->tags.n && !match; j++)
                match = slice_eq(im->tags.v[j], rest);
    }
    arena_done(&a);
    return match;
}

static int look(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct lookup *k = arg;
    const struct image *im = record;
    (void)key;
    (void)at_ms;
    (void)e;
    if (!image_matches(im, k->text))
        return 0;
    for (size_t i = 0; i < k->digests.n; i++)
        if (slice_eq(k->digests.v[i], im->digest))
            return 0;
    k->more = k->digests.n == FITS_MAX;
    if (k->more)
        return 1;
    slice_vec_add(k->arena, &k->digests, arena_slice(k->arena, im->digest));
    slice_vec_add(k->arena, &k->names,
                  arena_printf(k->arena, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository),
                               SLICE_FMT(im->digest)));
    if (im->status != IMAGE_OK)
        snprintf(k->out->why, sizeof k->out->why, "can't be assessed: %.*s",
                 SLICE_FMT(slice_sub(im->reason.text, 0, 400)));
    return 0;
}

int image_lookup(struct reader *r, const char *name, const char *image, struct arena *arena, struct image_lookup *ret,
                 struct err *e)
{
    struct lookup lookup = {.text = slice_str(image), .out = ret, .arena = arena}, *k = &lookup;
    *ret = (struct image_lookup){0};
    if (reader_all(r, TOPIC_IMAGES, look, k, e))
        return -1;
    if (k->digests.n > 1) {
        for (size_t i = 0; i < k->names.n; i++)
            command_say(name, "\"%s\" may be %.*s", image, SLICE_FMT(k->names.v[i]));
        return err_set(e, ERR_USAGE, 0, "\"%.200s\" fits %s%zu images; name one by its digest", image,
                       k->more ? "more than " : "", k->digests.n);
    }
    ret->digest = k->digests.n ? k->digests.v[0] : SLICE_NONE;
    if (k->digests.n)
        return 0;
    /* It may be among what could not be read. */
    return reader_check(r, e)
               ? -1
               : err_set(e, ERR_NOT_FOUND, 0, "no image %.200s is known; careen images lists them; " IMAGE_LOOKUP_TAKES,
                         image);
}
