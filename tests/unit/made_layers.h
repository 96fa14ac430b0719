/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_layers.h: layers for tests of assembly, file by file, in an arena that each test empties. Names and paths are copied;
 * failures end the test. To be included once by a program.
 */
#ifndef CAREEN_TESTS_UNIT_MADE_LAYERS_H
#define CAREEN_TESTS_UNIT_MADE_LAYERS_H

#include "inventory/assemble/assemble.h"

#include <setjmp.h>
#include <cmocka.h>

#define LAYERS_MAX 6

static struct arena arena = ARENA_INIT((size_t)512 << 20);
static struct layer_packages layers[LAYERS_MAX];

static int setup(void **state)
{
    (void)state;
    memset(layers, 0, sizeof layers);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct parsed_file *add_file(int layer, const char *path, const char *parser)
{
    struct parsed_file *f = VEC_ADD(&arena, &layers[layer].files);
    assert_non_null(f);
    *f = (struct parsed_file){.path = arena_slice(&arena, slice_str(path)), .parser = slice_str(parser)};
    return f;
}

static void add_fact(struct parsed_file *f, const char *name, const char *value)
{
    struct fact *fact = VEC_ADD(&arena, &f->facts);
    assert_non_null(fact);
    *fact = (struct fact){slice_str(name), slice_str(value)};
}

static struct package *add(struct parsed_file *f, enum package_type type, const char *name, const char *version)
{
    struct package *p = VEC_ADD(&arena, &f->packages);
    assert_non_null(p);
    *p = (struct package){.type = type, .name = slice_str(name), .version = slice_str(version), .location = f->path};
    return p;
}

static void remove_path(int layer, const char *path, bool opaque)
{
    struct removal *r = VEC_ADD(&arena, &layers[layer].removed);
    assert_non_null(r);
    *r = (struct removal){.path = slice_str(path), .opaque = opaque};
}

/* The image of the first n layers. */
static struct inventory assemble(int n)
{
    struct inventory v;
    struct err e = ERR_INIT;
    for (int i = 0; i < n; i++)
        layers[i].layer_digest = arena_printf(&arena, "sha256:%d", i);
    if (assemble_image(&(struct image){.digest = SLICE("sha256:i"), .os = SLICE("linux")}, layers, (size_t)n, &arena,
                       &v, &e))
        fail_msg("%s", e.text);
    return v;
}

#endif
