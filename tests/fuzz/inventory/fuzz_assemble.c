/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers from a small language, a line an entry: "f path" a database with one package (named by its line), "s path
 * target" a symbolic link, "h path target" a hard link, "w path" a whiteout, "o path" an opaque folder, "L" the next
 * layer. Paths are taken with no check, as hostile evidence would have them. Every package's layer must exist, and
 * again must give the same.
 */
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAYERS_MAX 16

static void add_file(struct arena *a, struct layer_packages *l, struct slice path, const char *parser,
                     struct slice target, size_t line)
{
    struct parsed_file *f = VEC_ADD(a, &l->files);
    f->path = path;
    f->parser = slice_str(parser);
    if (target.p) {
        struct fact *t = VEC_ADD(a, &f->facts);
        *t = (struct fact){SLICE(FACT_TARGET), target};
        return;
    }
    struct package *p = VEC_ADD(a, &f->packages);
    *p = (struct package){.type = PKG_APK, .name = arena_printf(a, "p%zu", line % 8), .version = SLICE("1")};
}

static size_t make_layers(struct arena *a, struct slice text, struct layer_packages *layers)
{
    size_t n = 0, number = 0;
    struct slice line;
    while (slice_take_line(&text, &line) && n < LAYERS_MAX) {
        struct layer_packages *l = &layers[n];
        struct slice op = SLICE_NONE, path = SLICE_NONE;
        l->layer_digest = arena_printf(a, "sha256:%zu", n);
        slice_take_token(&line, ' ', &op);
        slice_take_token(&line, ' ', &path);
        struct slice target = line.p ? line : SLICE("");
        number++;
        if (slice_eq_str(op, "L"))
            n++;
        else if (slice_eq_str(op, "f"))
            add_file(a, l, path, "apk-installed", SLICE_NONE, number);
        else if (slice_eq_str(op, "s"))
            add_file(a, l, path, PARSER_SYMLINK, target, number);
        else if (slice_eq_str(op, "h"))
            add_file(a, l, path, PARSER_HARDLINK, target, number);
        else if (slice_eq_str(op, "w") || slice_eq_str(op, "o"))
            *VEC_ADD(a, &l->removed) = (struct removal){path, slice_eq_str(op, "o")};
    }
    return MIN(n + 1, (size_t)LAYERS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT((size_t)64 << 20);
    struct layer_packages layers[LAYERS_MAX] = {{.image_digest = SLICE_NONE}};
    struct inventory once, twice;
    size_t n = make_layers(&a, slice_of(data, MIN(size, (size_t)8192)), layers);
    if (assemble_image(&(struct image){.digest = SLICE("sha256:x")}, layers, n, &a, &once, NULL) == 0 &&
        assemble_image(&(struct image){.digest = SLICE("sha256:x")}, layers, n, &a, &twice, NULL) == 0) {
        ASSERT(once.packages.n == twice.packages.n && once.reasons.texts.n == twice.reasons.texts.n);
        for (size_t i = 0; i < once.packages.n; i++) {
            ASSERT(slice_starts(once.packages.v[i].layer, SLICE("sha256:")));
            ASSERT(slice_eq(once.packages.v[i].layer, twice.packages.v[i].layer));
        }
    }
    arena_done(&a);
    return 0;
}
