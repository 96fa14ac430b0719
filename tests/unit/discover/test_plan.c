/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "discover/plan.h"

static struct arena arena = ARENA_INIT((size_t)64 << 20);

static struct image *known_add(image_vec *v, const char *digest, const char *tag, const char *index)
{
    struct image *im = VEC_ADD(&arena, v);
    im->registry = SLICE("r");
    im->repository = SLICE("a");
    im->digest = slice_str(digest);
    im->pushed_ms = im->first_seen_ms = 100;
    if (tag)
        slice_vec_add(&arena, &im->tags, slice_str(tag));
    if (index)
        slice_vec_add(&arena, &im->indexes, slice_str(index));
    return im;
}

static struct resolved *resolved_add(struct repository_now *now, const char *root, bool is_index)
{
    struct resolved *r = VEC_ADD(&arena, &now->resolved);
    r->root = slice_str(root);
    r->is_index = is_index;
    return r;
}

static void resolved_image(struct resolved *r, const char *digest)
{
    struct image *im = VEC_ADD(&arena, &r->images);
    im->digest = slice_str(digest);
}

static void tag_add(struct repository_now *now, const char *tag, const char *root)
{
    struct tag_now *t = VEC_ADD(&arena, &now->tags);
    *t = (struct tag_now){slice_str(tag), slice_str(root)};
}

struct outcome {
    planned_vec write;
    image_vec gone;
};

static struct outcome plan(const image_vec *known, const struct repository_now *now, int64_t pushed_ms)
{
    struct outcome o = {0};
    struct err e = ERR_INIT;
    assert_int_equal(plan_repository(known, now, pushed_ms, 500, &arena, &o.write, &o.gone, &e), 0);
    return o;
}

static const struct planned *written(const struct outcome *o, const char *digest)
{
    for (size_t i = 0; i < o->write.n; i++)
        if (slice_eq_str(o->write.v[i].image.digest, digest))
            return &o->write.v[i];
    return NULL;
}

static void test_push_of_a_new_image(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    resolved_image(resolved_add(&now, "d1", false), "d1");
    tag_add(&now, "latest", "d1");
    struct outcome o = plan(&known, &now, 400);
    assert_int_equal(o.write.n, 1);
    assert_true(o.write.v[0].is_new);
    assert_int_equal(o.write.v[0].image.pushed_ms, 400);
    assert_int_equal(o.write.v[0].image.first_seen_ms, 500);
    assert_true(slice_eq_str(o.write.v[0].image.tags.v[0], "latest"));
    assert_int_equal(o.gone.n, 0);
}

static void test_a_moved_tag_changes_both(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    known_add(&known, "d1", "latest", NULL);
    slice_vec_add(&arena, &known.v[0].tags, SLICE("v1"));
    resolved_image(resolved_add(&now, "d2", false), "d2");
    tag_add(&now, "latest", "d2");
    struct outcome o = plan(&known, &now, 400);
    assert_int_equal(o.write.n, 2);
    const struct planned *old = written(&o, "d1"), *fresh = written(&o, "d2");
    assert_false(old->is_new);
    assert_int_equal(old->image.tags.n, 1);
    assert_true(slice_eq_str(old->image.tags.v[0], "v1"));
    assert_int_equal(old->image.pushed_ms, 100);
    assert_true(fresh->is_new);
    assert_true(slice_eq_str(fresh->image.tags.v[0], "latest"));
}

static void test_a_tag_that_moved_on_since_the_event(void **state)
{
    /* The event said d1; by now the tag is d2's, which another event told of before. */
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    known_add(&known, "d2", "latest", NULL);
    resolved_image(resolved_add(&now, "d1", false), "d1");
    tag_add(&now, "latest", "d2");
    struct outcome o = plan(&known, &now, 90);
    assert_non_null(written(&o, "d1"));
    assert_int_equal(written(&o, "d1")->image.tags.n, 0);
    assert_null(written(&o, "d2"));
}

static void test_index_and_its_platforms(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    struct resolved *r = resolved_add(&now, "i1", true);
    resolved_image(r, "amd");
    resolved_image(r, "arm");
    tag_add(&now, "multi", "i1");
    struct outcome o = plan(&known, &now, 400);
    assert_int_equal(o.write.n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(slice_eq_str(o.write.v[i].image.tags.v[0], "multi"));
        assert_true(slice_eq_str(o.write.v[i].image.indexes.v[0], "i1"));
    }
    /* Nothing changes when the same is found again. */
    image_vec again = {0};
    for (size_t i = 0; i < o.write.n; i++)
        *VEC_ADD(&arena, &again) = o.write.v[i].image;
    struct repository_now walk = {.complete = true};
    tag_add(&walk, "multi", "i1");
    struct outcome quiet = plan(&again, &walk, 0);
    assert_int_equal(quiet.write.n, 0);
    assert_int_equal(quiet.gone.n, 0);
    assert_true(plan_knows(&again, SLICE("i1")));
    assert_false(plan_knows(&again, SLICE("i2")));
}

static void test_complete_listing_takes_tags_away(void **state)
{
    image_vec known = {0};
    struct repository_now now = {.complete = true};
    (void)state;
    known_add(&known, "d1", "old", NULL);
    known_add(&known, "d2", "keep", NULL);
    tag_add(&now, "keep", "d2");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 1);
    assert_int_equal(written(&o, "d1")->image.tags.n, 0);
    assert_int_equal(o.gone.n, 0); /* untagged, but the registry did not say that it is gone */
}

static void test_gone_only_when_the_registry_says_so(void **state)
{
    image_vec known = {0};
    struct repository_now now = {.complete = true};
    (void)state;
    known_add(&known, "d1", "a", "i1");
    known_add(&known, "d2", NULL, "i1");
    slice_vec_add(&arena, &now.gone, SLICE("i1"));
    slice_vec_add(&arena, &now.gone, SLICE("d2"));
    tag_add(&now, "a", "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.gone.n, 1);
    assert_true(slice_eq_str(o.gone.v[0].digest, "d2"));
    assert_int_equal(written(&o, "d1")->image.indexes.n, 0);
}

static void test_unreadable_becomes_readable(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    known_add(&known, "d1", "a", NULL)->status = IMAGE_UNREADABLE;
    resolved_image(resolved_add(&now, "d1", false), "d1");
    tag_add(&now, "a", "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 1);
    assert_true(o.write.v[0].is_new); /* its layers are written too */
    assert_int_equal(o.write.v[0].image.status, IMAGE_OK);
    assert_int_equal(o.write.v[0].image.first_seen_ms, 100);
    assert_int_equal(o.write.v[0].image.tags.n, 1);
}

static void test_an_older_version_took_it_for_an_image(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    struct image *old = known_add(&known, "d1", "a", NULL);
    struct layer_ref *l = VEC_ADD(&arena, &old->layers);
    l->digest = SLICE("l1");
    resolved_image(resolved_add(&now, "d1", false), "d1");
    struct image *im = &now.resolved.v[0].images.v[0];
    im->status = IMAGE_UNSUPPORTED;
    im->read_version = 1;
    tag_add(&now, "a", "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 1);
    assert_int_equal(o.write.v[0].image.status, IMAGE_UNSUPPORTED);
    assert_int_equal(o.write.v[0].dropped.n, 1);
    assert_true(slice_eq_str(o.write.v[0].dropped.v[0].digest, "l1"));
    im->status = IMAGE_UNREADABLE; /* a failure takes nothing away */
    assert_int_equal(plan(&known, &now, 0).write.n, 0);
}

/* A cache's layers were asked for as images; now the index is told by itself. */
static void test_an_older_version_took_its_entries_for_images(void **state)
{
    image_vec known = {0};
    struct repository_now now = {0};
    (void)state;
    known_add(&known, "l1", "cache", "i1")->status = IMAGE_UNREADABLE;
    known_add(&known, "l2", "cache", "i1")->status = IMAGE_UNREADABLE;
    resolved_image(resolved_add(&now, "i1", true), "i1");
    now.resolved.v[0].images.v[0].status = IMAGE_UNSUPPORTED;
    tag_add(&now, "cache", "i1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 3);
    assert_int_equal(written(&o, "l1")->image.indexes.n, 0);
    assert_int_equal(written(&o, "l1")->image.tags.n, 0); /* it is asked for by itself, and goes when it is not there */
    assert_int_equal(written(&o, "i1")->image.indexes.n, 0);
    assert_int_equal(written(&o, "i1")->image.tags.n, 1);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* More tags than a record takes: it is told all the same, with how many are left out, and told once. */
static void test_many_tags(void **state)
{
    image_vec known = {0};
    struct repository_now now = {.complete = true};
    (void)state;
    resolved_image(resolved_add(&now, "d1", false), "d1");
    for (int i = 0; i < 80000; i++)
        tag_add(&now, arena_cstr(&arena, arena_printf(&arena, "%0110d", i)), "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 1);
    const struct image *im = &o.write.v[0].image;
    assert_true(im->tags.n > 9000 && im->tags.n * 112 <= IMAGE_NAMES_MAX);
    assert_int_equal(im->tags.n + (size_t)im->names_left_out, 80000);
    *(struct image *)VEC_ADD(&arena, &known) = *im;
    now.resolved = (resolved_vec){0};
    assert_int_equal(plan(&known, &now, 0).write.n, 0);
}

/* An index that led to nothing has a record of its own until it leads to an image. */
static void test_index_that_leads_again(void **state)
{
    image_vec known = {0};
    struct repository_now now = {.complete = true};
    (void)state;
    known_add(&known, "index", "v1", NULL)->status = IMAGE_UNREADABLE;
    struct resolved *r = resolved_add(&now, "index", true);
    tag_add(&now, "v1", "index");
    resolved_image(r, "index"); /* still nothing */
    assert_int_equal(plan(&known, &now, 0).gone.n, 0);
    r->images = (image_vec){0};
    resolved_image(r, "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.gone.n, 1);
    assert_true(slice_eq_str(o.gone.v[0].digest, "index"));
    assert_int_equal(o.write.n, 1);
    assert_true(slice_eq_str(o.write.v[0].image.digest, "d1") && slice_eq_str(o.write.v[0].image.tags.v[0], "v1"));
}

/* What the configuration did not name for a while is as before once it is asked for again. */
static void test_watched_again(void **state)
{
    image_vec known = {0};
    struct repository_now now = {.complete = true};
    (void)state;
    known_add(&known, "d1", "v1", NULL)->unwatched_ms = 300;
    tag_add(&now, "v1", "d1");
    struct outcome o = plan(&known, &now, 0);
    assert_int_equal(o.write.n, 1);
    assert_int_equal(o.write.v[0].image.unwatched_ms, 0);
    assert_false(o.write.v[0].is_new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_of_a_new_image),
        cmocka_unit_test(test_a_moved_tag_changes_both),
        cmocka_unit_test(test_a_tag_that_moved_on_since_the_event),
        cmocka_unit_test(test_index_and_its_platforms),
        cmocka_unit_test(test_complete_listing_takes_tags_away),
        cmocka_unit_test(test_gone_only_when_the_registry_says_so),
        cmocka_unit_test(test_unreadable_becomes_readable),
        cmocka_unit_test(test_an_older_version_took_it_for_an_image),
        cmocka_unit_test(test_an_older_version_took_its_entries_for_images),
        cmocka_unit_test(test_many_tags),
        cmocka_unit_test(test_index_that_leads_again),
        cmocka_unit_test(test_watched_again),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
