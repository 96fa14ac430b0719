/* SPDX-License-Identifier: Apache-2.0 */
/* Which reducers get which files, whatever the pieces that they come in, and what the path index learns of them. */
#include "pull/reducing.h"

#include <setjmp.h>
#include <cmocka.h>

/* A reducer that writes down what it gets: "path: bytes;", with a dot for each byte of a hole. */
struct noting {
    char text[256];
    size_t n;
    uint64_t at;
};

static void note(struct noting *s, struct slice bytes)
{
    assert_true(s->n + bytes.n < sizeof s->text);
    memcpy(s->text + s->n, bytes.p, bytes.n);
    s->n += bytes.n;
}

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct noting *s = state;
    (void)out;
    s->at = 0;
    note(s, slice_str(file->rule->kind));
    note(s, SLICE(" "));
    note(s, file->path);
    note(s, file->linked ? SLICE(" is ") : SLICE(": "));
    if (file->linked) {
        note(s, file->target);
        note(s, SLICE(";"));
    }
    return file->size != 7; /* it refuses that */
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct noting *s = state;
    assert_true(at >= s->at && bytes.n);
    for (; s->at < at; s->at++)
        note(s, SLICE("."));
    note(s, bytes);
    s->at += bytes.n;
}

static void end(void *state, const struct reducer_out *out)
{
    (void)out;
    note(state, SLICE(";"));
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct noting *s = state;
    out->put(out->arg, out->format, SLICE("all"), slice_of(s->text, s->n));
    out->reason(out->arg, REASON_FILE_CUT, "all: that is not all");
}

static const struct reducer first = {.state_size = sizeof(struct noting),
                                     .begin = begin,
                                     .feed = feed,
                                     .end = end,
                                     .layer_end = layer_end,
                                     .takes_links = true},
                            second = {.state_size = sizeof(struct noting),
                                      .begin = begin,
                                      .feed = feed,
                                      .end = end,
                                      .layer_end = layer_end,
                                      .takes_links = true};
static const struct package_rule first_rules[] = {
    {.path = "**/*.jar", .reducer = &first, .kind = "jar"},
    {.path = "kept", .max = 100},
    {.magic = "\177ELF", .reducer = &first, .kind = "elf"},
    {.magic = "\177EL", .reducer = &first, .kind = "again"},
    {.path = NULL},
};
static const struct package_rule second_rules[] = {{.magic = "\177ELF", .reducer = &second, .kind = "program"},
                                                   {.path = NULL}};
static const struct package_format one = {.name = "one", .rules = first_rules},
                                   two = {.name = "two", .rules = second_rules};
static const struct package_format *const formats[] = {&one, &two, NULL};

static void drop(void *arg, struct slice bytes)
{
    (void)arg, (void)bytes;
}

static struct rules rules;
static struct path_index x;
static struct evidence_writer writer;

static struct reducing *start(void)
{
    struct reducing *r = xcalloc(1, sizeof *r);
    rules_init(&rules, formats);
    path_index_init(&x);
    writer = (struct evidence_writer){.max_evidence = 1 << 20, .max_packed = 1 << 20, .write = drop};
    writer_init(&writer);
    *r = (struct reducing){.rules = &rules, .index = &x, .writer = &writer};
    return r;
}

static void finish(struct reducing *r)
{
    uint32_t reasons = writer.reasons_n;
    uint64_t evidence = writer.evidence;
    reducing_layer_end(r);
    assert_int_equal(writer.reasons_n, reasons + r->reducers_n);
    assert_true(!r->reducers_n || writer.evidence > evidence);
    reducing_done(r);
    writer_done(&writer);
    free(r);
}

/* A file in pieces of step bytes, the first of which is a hole of so many. */
static void file(struct reducing *r, const char *path, const char *text, size_t hole, size_t step)
{
    struct slice bytes = slice_str(text);
    if (reducing_begin(r, rules_of_file(&rules, slice_str(path)), slice_str(path), hole + bytes.n)) {
        for (size_t at = 0; at < bytes.n; at += step)
            reducing_data(r, hole + at, slice_sub(bytes, at, step));
        reducing_end(r);
    }
}

static const char *noted(const struct reducing *r, const struct package_format *format)
{
    for (size_t i = 0; i < r->reducers_n; i++)
        if (r->reducers[i].format == format)
            return ((const struct noting *)r->reducers[i].state)->text;
    return "";
}

static void test_who_gets_what(void **state)
{
    (void)state;
    for (size_t step = 1; step < 20; step++) {
        struct reducing *r = start();
        file(r, "a.jar", "PK\3\4zipped", 0, step);
        file(r, "bin/x", "\177ELF and more", 0, step);
        file(r, "bin/y", "text", 0, step);
        file(r, "bin/short", "\177E", 0, step);
        file(r, "bin/empty", "", 0, step);
        file(r, "kept", "\177ELF", 0, step);
        file(r, "hole.jar", "x", 3, step);
        file(r, "hole", "\177ELF", 3, step);
        file(r, "bin/seven", "\177ELF---", 0, step);
        reducing_link(r, rules_of_file(&rules, SLICE("b.jar")), SLICE("b.jar"), SLICE("a.jar"));
        reducing_link(r, NULL, SLICE("bin/z"), SLICE("bin/x"));
        /* Of a file that a reducer refuses nothing comes but its name; a second rule of the same format asks again. */
        assert_string_equal(noted(r, &one), "jar a.jar: PK\3\4zipped;elf bin/x: \177ELF and more;jar hole.jar: ...x;"
                                            "elf bin/seven: again bin/seven: jar b.jar is a.jar;");
        assert_string_equal(noted(r, &two), "program bin/x: \177ELF and more;program bin/seven: ");
        finish(r);
    }
}

static void test_index(void **state)
{
    (void)state;
    struct reducing *r = start();
    uint8_t *bytes = xmalloc(PATH_INDEX_MAX);
    file(r, "kept", "\1\2\3\4\5", 0, 1);
    file(r, "bin/x", "\177ELF", 0, 3);
    file(r, "bin/y", "#!/bin/sh", 0, 100);
    struct slice index = slice_of(bytes, path_index_finish(&x, bytes));
    assert_true(path_index_may_hold(index, PATH_INDEX_MAGIC, SLICE("\1\2\3\4")));
    assert_true(path_index_may_hold(index, PATH_INDEX_MAGIC, SLICE("\177ELF")));
    assert_true(path_index_may_hold(index, PATH_INDEX_MAGIC, SLICE("#!")));
    assert_false(path_index_may_hold(index, PATH_INDEX_MAGIC, SLICE("PK\3\4")));
    assert_false(path_index_may_hold(index, PATH_INDEX_MAGIC, SLICE("MZ")));
    free(bytes);
    finish(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_gets_what), cmocka_unit_test(test_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
