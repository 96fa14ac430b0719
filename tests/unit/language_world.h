/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language_world.h: for tests of packages of languages: layers made of files, through the collector, the parsers and
 * assembly, and the image's inventory as text. A line a package: its package URL without qualifiers and where it is; then
 * what is special, each by its name. Then the reasons, and what is unread. One thread.
 *
 *     world_layer(); world_file("app/x", "…"); world_layer(); world_gone("app/x"); world_is("pkg:npm/a@1 app/x\n");
 *
 * main gives world_clean as the teardown of each test.
 */
#ifndef CAREEN_TESTS_UNIT_LANGUAGE_WORLD_H
#define CAREEN_TESTS_UNIT_LANGUAGE_WORLD_H

#include "inventory/assemble/assemble.h"
#include "packages/parse.h"

#include "unit/collect_world.h"

#include "unit/archive_support.h"

#define WORLD_LAYERS_MAX 4
static struct buf world_tars[WORLD_LAYERS_MAX], world_evidence[WORLD_LAYERS_MAX], world_told = {.max = (size_t)4 << 20};
static size_t world_n;

ATTR_UNUSED static int world_clean(void **state)
{
    for (size_t i = 0; i < WORLD_LAYERS_MAX; i++) {
        buf_done(&world_tars[i]);
        buf_done(&world_evidence[i]);
    }
    buf_done(&world_told);
    world_n = 0;
    return collect_clean(state);
}

/* Starts the next layer, base first. */
ATTR_UNUSED static void world_layer(void)
{
    assert_true(world_n < WORLD_LAYERS_MAX);
    world_tars[world_n++] = BUF_INIT((size_t)256 << 20);
}

ATTR_UNUSED static void world_bytes(const char *path, struct slice bytes)
{
    assert_true(strlen(path) <= 100);
    tar_put(&world_tars[world_n - 1], path, '0', NULL, bytes);
}

ATTR_UNUSED static void world_file(const char *path, const char *text)
{
    world_bytes(path, slice_str(text));
}

ATTR_UNUSED static void world_hardlink(const char *path, const char *to)
{
    tar_put(&world_tars[world_n - 1], path, '1', to, SLICE_NONE);
}

ATTR_UNUSED static void world_symlink(const char *path, const char *to)
{
    tar_put(&world_tars[world_n - 1], path, '2', to, SLICE_NONE);
}

/* A whiteout. */
ATTR_UNUSED static void world_gone(const char *path)
{
    char name[128];
    struct slice s = slice_str(path), folder = slice_path_folder(s);
    snprintf(name, sizeof name, "%.*s/.wh.%.*s", SLICE_FMT(folder), SLICE_FMT(slice_path_name(s)));
    world_file(name, "");
}

ATTR_UNUSED static void world_collect(size_t i)
{
    uint8_t *links = NULL;
    struct collect_limits limits = {.links = SLICE_NONE};
    tar_put_end(&world_tars[i]);
    do { /* as often as hard links make it */
        collect_pass(buf_slice(&world_tars[i]), 65536, SLICE("application/vnd.oci.image.layer.v1.tar"), &limits);
        free(links);
        links = result.links.n ? xmemdup(result.links.p, result.links.n) : NULL;
        limits.links = slice_of(links, result.links.n);
    } while (links);
    collect_unpack(result.evidence);
    world_evidence[i] = BUF_INIT(plain.n + 1);
    buf_add_slice(&world_evidence[i], buf_slice(&plain));
}

static void world_add(const char *name, struct slice value)
{
    if (value.n)
        buf_addf(&world_told, "%s%.*s", name, SLICE_FMT(value));
}

ATTR_UNUSED static void world_tell_package(const struct package *p)
{
    static const char *const names[] = {"", "", " declared", " guessed"};
    struct slice purl = p->purl, bare = SLICE_NONE;
    slice_take_token(&purl, '?', &bare);
    buf_addf(&world_told, "%.*s %.*s", SLICE_FMT(bare), SLICE_FMT(p->location));
    buf_add_str(&world_told, names[p->certainty]);
    if (p->scope == SCOPE_DEVELOPMENT || p->scope == SCOPE_OPTIONAL)
        buf_addf(&world_told, " %s", package_scope_names[p->scope]);
    world_add(" architecture=", p->architecture);
    world_add(" parent=", p->parent);
    world_add(" origin=", p->origin);
    world_add(" why=", p->why);
    world_add(" not-judged=", p->not_judged.code);
    buf_add_byte(&world_told, '\n');
}

ATTR_UNUSED static const char *world_tell(void)
{
    struct layer_packages layers[WORLD_LAYERS_MAX];
    struct inventory image;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < world_n; i++) {
        world_collect(i);
        if (parse_layer(buf_slice(&world_evidence[i]), &arena, &layers[i], &e))
            fail_msg("%s", e.text);
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    }
    if (assemble_image(&(struct image){.digest = SLICE("sha256:image")}, layers, world_n, &arena, &image, &e))
        fail_msg("%s", e.text);
    buf_clear(&world_told);
    for (size_t i = 0; i < image.packages.n; i++)
        world_tell_package(&image.packages.v[i]);
    for (size_t i = 0; i < image.reasons.texts.n; i++) {
        struct slice text = image.reasons.texts.v[i];
        if (slice_take_prefix(&text, SLICE("layer sha256:"))) /* "layer sha256:0: " */
            text = slice_from(text, 3);
        buf_addf(&world_told, "%.*s\n", SLICE_FMT(text));
    }
    for (size_t i = 0; i < image.unread.n; i++)
        buf_addf(&world_told, "unread %.*s %" PRId64 "\n", SLICE_FMT(image.unread.v[i].kind), image.unread.v[i].count);
    return buf_cstr(&world_told);
}

#define world_is(text) assert_string_equal(world_tell(), text)

#endif
