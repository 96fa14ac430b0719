/* SPDX-License-Identifier: Apache-2.0 */
/* zip_walk: zips made by hand, sound and hostile, in one piece and byte by byte; and what Python and libarchive write. */
#include "io/archive/zip_walk.h"

#include "unit/archive_support.h"
#include "unit/cases.h"
#include "unit/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

/* ---- what a walk saw ---- */

#define SEEN_MAX 4096

struct seen {
    struct {
        char path[256];
        uint64_t n;
        uint32_t sum;
        bool ended, whole, counts;
        struct buf text;
    } v[SEEN_MAX];
    size_t n;
    struct buf notes;
};

static enum zip_want wants(void *arg, const struct zip_member *m)
{
    (void)arg;
    if (slice_ends(m->name, SLICE(".jar")))
        return ZIP_WALK;
    return slice_ends(m->name, SLICE(".txt")) ? ZIP_READ : ZIP_SKIP;
}

static void on_begin(void *arg, const struct zip_member *m)
{
    struct seen *s = arg;
    assert_int_equal(m->id, s->n);
    assert_true(s->n < SEEN_MAX);
    snprintf(s->v[s->n].path, sizeof s->v[s->n].path, "%.*s", SLICE_FMT(m->path));
    s->v[s->n++].text = BUF_INIT(4096);
}

static void on_data(void *arg, uint32_t id, struct slice bytes)
{
    struct seen *s = arg;
    assert_true(id < s->n && bytes.n && !s->v[id].ended);
    s->v[id].n += bytes.n;
    s->v[id].sum = crc32_gzip_refl(s->v[id].sum, bytes.p, bytes.n);
    buf_add_slice(&s->v[id].text, bytes);
}

static void on_end(void *arg, uint32_t id, bool whole)
{
    struct seen *s = arg;
    assert_true(id < s->n && !s->v[id].ended);
    s->v[id].ended = true;
    s->v[id].whole = whole;
}

static void on_confirm(void *arg, uint32_t id, bool counts)
{
    struct seen *s = arg;
    assert_true(id < s->n && s->v[id].ended && (s->v[id].whole || !counts));
    s->v[id].counts = counts;
}

static void on_note(void *arg, enum zip_note note, struct slice path, const char *text)
{
    static const char *const words[] = {"none", "broken", "unread", "bound", "more"};
    struct seen *s = arg;
    buf_addf(&s->notes, "%s %.*s: %s\n", words[note], SLICE_FMT(path), text);
}

static const struct zip_visitor visitor = {wants, on_begin, on_data, on_end, on_confirm, on_note};

static void seen_done(struct seen *s)
{
    for (size_t i = 0; i < s->n; i++)
        buf_done(&s->v[i].text);
    buf_done(&s->notes);
    free(s);
}

/* size: of the archive as it is told; 0: it isn't. */
static struct seen *walk_of_size(struct slice zip, size_t step, uint64_t size)
{
    struct seen *s = xcalloc(1, sizeof *s);
    struct zip_walk *z = zip_walk_new(&visitor, s);
    s->notes = BUF_INIT(1 << 16);
    if (size)
        zip_walk_size(z, size);
    for (size_t at = 0; at < zip.n; at += step)
        zip_walk_feed(z, slice_sub(zip, at, step));
    zip_walk_end(z);
    zip_walk_free(z);
    return s;
}

static struct seen *walk_in(struct slice zip, size_t step)
{
    return walk_of_size(zip, step, 0);
}

/* "path=text" of each member that counts, by blanks; then what was noted. */
static void tell(const struct seen *s, struct buf *out)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].counts && !slice_ends(slice_str(s->v[i].path), SLICE(".jar")))
            buf_addf(out, "%s=%.*s ", s->v[i].path, SLICE_FMT(buf_slice(&s->v[i].text)));
    buf_addf(out, "| %.*s", SLICE_FMT(buf_slice(&s->notes)));
}

/* What a walk tells must not depend on the pieces. */
static void check(struct slice zip, const char *expected)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 7, 1000};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct buf told = BUF_INIT(1 << 20);
        struct seen *s = walk_in(zip, steps[i]);
        tell(s, &told);
        assert_string_equal(buf_cstr(&told), expected);
        seen_done(s);
        buf_done(&told);
    }
}

static void done(struct zip_writer *w, const char *expected)
{
    check(zip_finish(w), expected);
    zip_done(w);
}

/* ---- sound ones ---- */

static void test_forms(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++)
        for (int form = ZIP_NO_DESCRIPTOR; form <= ZIP_BARE64; form++)
            for (int zip64 = 0; zip64 < 2; zip64++) {
                struct zip_writer w = ZIP_WRITER;
                const char *names[] = {"a.class", "a.txt", "b.class", "empty.txt", "b.txt"};
                for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                    char text[200] = "";
                    if (i != 3)
                        memset(text, 'a' + (int)i, i == 4 ? 3 : 150);
                    zip_add(&w, &(struct zip_made){.name = names[i],
                                                   .bytes = slice_str(text),
                                                   .deflate = deflate,
                                                   .descriptor = (enum zip_descriptor_form)form,
                                                   .zip64 = zip64});
                }
                char b[151] = "", expected[400];
                memset(b, 'b', 150);
                snprintf(expected, sizeof expected, "a.txt=%s empty.txt= b.txt=eee | ", b);
                done(&w, expected);
            }
}

static void add_jar(struct zip_writer *w, const char *name, struct zip_writer *inner, bool deflate,
                    enum zip_descriptor_form form)
{
    zip_add(w, &(struct zip_made){.name = name, .bytes = zip_finish(inner), .deflate = deflate, .descriptor = form});
    zip_done(inner);
}

static void test_nested(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++)
        for (int form = ZIP_NO_DESCRIPTOR; form <= ZIP_BARE; form++) {
            struct zip_writer w = ZIP_WRITER, a = ZIP_WRITER, b = ZIP_WRITER;
            zip_add_text(&b, "deep.txt", "deep");
            zip_add(&b, &(struct zip_made){.name = "s.txt", .bytes = SLICE("st"), .descriptor = ZIP_SIGNED});
            zip_add_text(&a, "a.txt", "of a");
            add_jar(&a, "b.jar", &b, !deflate, (enum zip_descriptor_form)form);
            zip_add_text(&w, "first.txt", "1");
            add_jar(&w, "lib/a.jar", &a, deflate, (enum zip_descriptor_form)form);
            zip_add_text(&w, "last.txt", "2");
            done(&w, "first.txt=1 lib/a.jar!/a.txt=of a lib/a.jar!/b.jar!/deep.txt=deep "
                     "lib/a.jar!/b.jar!/s.txt=st last.txt=2 | ");
        }
}

static void test_in_front(void **state)
{
    (void)state;
    for (int moved = 0; moved < 2; moved++) {
        struct zip_writer w = ZIP_WRITER;
        buf_add_str(&w.b, "#!/bin/sh\nPK\3\4 PK\1\2 exec java -jar \"$0\"\n");
        w.shift = moved ? -(int64_t)w.b.n : 0;
        zip_add_text(&w, "a.txt", "a");
        done(&w, "a.txt=a | ");
    }
    struct zip_writer w = ZIP_WRITER;
    buf_add(&w.b, "JM\1\0", 4);
    w.shift = -4;
    zip_add_text(&w, "a.txt", "a");
    check(zip_finish_with(&w, "a comment with PK\5\6 in it"), "a.txt=a | ");
    zip_done(&w);

    w = ZIP_WRITER;
    uint8_t *p = buf_reserve(&w.b, ZIP_PREFIX_MAX + 5);
    memset(p, '-', ZIP_PREFIX_MAX + 5);
    w.b.n += ZIP_PREFIX_MAX + 5;
    zip_add_text(&w, "a.txt", "a");
    struct seen *s = walk_in(zip_finish(&w), 4096);
    assert_int_equal(s->n, 0);
    assert_string_equal(buf_cstr(&s->notes), "none : it is no zip\n");
    seen_done(s);
    zip_done(&w);
    check(SLICE("no zip, as every PK can see"), "| none : it is no zip\n");
    check(SLICE(""), "| none : it is no zip\n");
}

/* One zip behind another: the last end record says what the file is. */
static void test_appended(void **state)
{
    (void)state;
    struct zip_writer a = ZIP_WRITER, b = ZIP_WRITER, c = ZIP_WRITER;
    zip_add_text(&a, "a.txt", "old");
    zip_add_text(&b, "b.txt", "new");
    buf_add_slice(&c.b, zip_finish(&a));
    c.shift = -(int64_t)c.b.n;
    zip_add_text(&c, "b.txt", "new");
    done(&c, "b.txt=new | broken : its directory and its members differ: 0 that it lists were not found, 1 that were "
             "found are not listed\n");
    check(zip_finish_with(&b, "PK\5\6 no end"), "b.txt=new | ");
    zip_done(&a);
    zip_done(&b);
}

static void test_names(void **state)
{
    (void)state;
    struct zip_writer w = ZIP_WRITER;
    zip_add_text(&w, "gr\x81n.txt", "cp437");
    zip_add_text(&w, "gr\xc3\xbcn.txt", "utf-8");
    zip_add_text(&w, "A.txt", "1");
    zip_add_text(&w, "a.txt", "2");
    zip_add_text(&w, "a.txt", "3");
    zip_add_text(&w, "../up.txt", "x");
    zip_add_text(&w, "/abs.txt", "x");
    zip_add_text(&w, "a\1b.txt", "x");
    zip_add_text(&w, "a/..b/c.txt", "fine");
    done(&w, "gr\xc3\xbcn.txt=cp437 gr\xc3\xbcn.txt=utf-8 A.txt=1 a.txt=3 a/..b/c.txt=fine | "
             "unread ../up.txt: its name leads out of the archive or is none\n"
             "unread /abs.txt: its name leads out of the archive or is none\n"
             "unread a\1b.txt: its name leads out of the archive or is none\n");
}

/* ---- hostile ones ---- */

#define DIFFER(lists, found)                                                                                           \
    "broken : its directory and its members differ: " lists " that it lists were not found, " found                    \
    " that were found are not listed\n"

static void test_lies(void **state)
{
    (void)state;
    static const struct {
        struct zip_made m;
        const char *expected;
    } cases[] = {
        {{.unlisted = true}, "z.txt=z | " DIFFER("0", "1")},
        {{.listed_as = "else.txt"}, "z.txt=z | " DIFFER("1", "1")},
        {{.listed_as = "a.class"}, "z.txt=z | " DIFFER("0", "1")},
        {{.lie_crc = 1}, "z.txt=z | broken a.txt: its size or checksum is not the one that is said\n"},
        {{.lie_size = 1, .lie_listed = true},
         "z.txt=z | broken a.txt: its size or checksum is not the one that is said\n"},
        {{.flags = 1}, "z.txt=z | unread a.txt: it is encrypted\n"},
        {{.method = 14}, "z.txt=z | unread a.txt: it is packed by a method that is not supported\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zip_writer w = ZIP_WRITER;
        struct zip_made m = cases[i].m;
        m.name = "a.txt";
        m.bytes = SLICE("aaaaaaaaaaaaaaaaaaaaaa");
        m.deflate = true;
        zip_add(&w, &m);
        zip_add_text(&w, "z.txt", "z");
        done(&w, cases[i].expected);
    }
}

/* A header that claims what follows it hides it only at the price of a note. */
static void test_hidden(void **state)
{
    (void)state;
    struct zip_writer w = ZIP_WRITER;
    zip_add(&w, &(struct zip_made){.name = "a.class", .bytes = SLICE("x"), .lie_packed = 46});
    zip_add(&w, &(struct zip_made){.name = "hidden.txt", .bytes = SLICE("hidden")}); /* of 46 bytes */
    zip_add_text(&w, "z.txt", "z");
    done(&w, "z.txt=z | " DIFFER("1", "0"));

    w = ZIP_WRITER;
    zip_add_text(&w, "z.txt", "z");
    buf_add_str(&w.b, "garbage between members PK\3\4 and more");
    zip_add_text(&w, "y.txt", "y");
    done(&w, "z.txt=z y.txt=y | ");
}

static void test_cut(void **state)
{
    (void)state;
    struct zip_writer w = ZIP_WRITER, inner = ZIP_WRITER;
    zip_add_text(&inner, "deep.txt", "deep");
    zip_add_text(&w, "a.txt", "a");
    add_jar(&w, "b.jar", &inner, true, ZIP_SIGNED);
    struct slice zip = zip_finish(&w);
    for (size_t n = 0; n < zip.n; n++) {
        struct slice part = slice_sub(zip, 0, n);
        struct seen *whole = walk_in(part, SIZE_MAX / 2), *bytes = walk_in(part, 1);
        struct buf x = BUF_INIT(1 << 16), y = BUF_INIT(1 << 16);
        tell(whole, &x);
        tell(bytes, &y);
        assert_string_equal(buf_cstr(&x), buf_cstr(&y));
        assert_true(whole->notes.n > 0);
        for (size_t i = 0; i < whole->n; i++)
            assert_true(whole->v[i].ended && (!whole->v[i].counts || strstr(whole->v[i].path, "!/")));
        buf_done(&x);
        buf_done(&y);
        seen_done(whole);
        seen_done(bytes);
    }
    zip_done(&w);
}

static void test_damaged(void **state)
{
    (void)state;
    for (int form = ZIP_NO_DESCRIPTOR; form <= ZIP_SIGNED; form++) {
        struct zip_writer w = ZIP_WRITER;
        zip_add(&w, &(struct zip_made){.name = "a.txt",
                                       .bytes = SLICE("\xff\xff\xff\xff damaged"),
                                       .method = 8,
                                       .descriptor = (enum zip_descriptor_form)form});
        zip_add_text(&w, "z.txt", "z");
        done(&w, "z.txt=z | broken a.txt: its packed content is damaged\n");
    }
}

/* Of an archive whose size is known no more is unpacked than a multiple of that, though each member is within bounds. */
static void test_bomb_of_many(void **state)
{
    (void)state;
    struct buf text = BUF_INIT((size_t)32 << 20);
    uint32_t seed = 1;
    assert_non_null(buf_reserve(&text, text.max));
    for (size_t i = 0; i < 1000; i++)
        buf_add_byte(&text, (uint8_t)((seed = seed * 1103515245 + 12345) >> 16));
    while (text.n < text.max)
        buf_add_slice(&text, slice_sub(buf_slice(&text), 0, MIN(text.n, text.max - text.n)));
    struct zip_writer w = ZIP_WRITER;
    static const char *const names[] = {"1.txt", "2.txt", "3.txt"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        zip_add(&w, &(struct zip_made){.name = names[i], .bytes = buf_slice(&text), .deflate = true});
    struct seen *s = walk_of_size(zip_finish(&w), 4096, 1000);
    assert_true(s->v[0].counts && s->v[1].counts && !s->v[2].counts);
    assert_non_null(strstr(buf_cstr(&s->notes), "bound 3.txt: more is packed in the archive than is unpacked of one"));
    seen_done(s);
    zip_done(&w);
    buf_done(&text);
}

static void test_bombs(void **state)
{
    (void)state;
    struct buf zeros = BUF_INIT((size_t)64 << 20);
    memset(buf_reserve(&zeros, (size_t)32 << 20), 0, (size_t)32 << 20);
    zeros.n = (size_t)32 << 20;
    struct zip_writer w = ZIP_WRITER;
    zip_add(&w, &(struct zip_made){.name = "bomb.txt", .bytes = buf_slice(&zeros), .deflate = true});
    zip_add_text(&w, "z.txt", "z");
    struct slice zip = zip_finish(&w);
    struct seen *s = walk_in(zip, 4096);
    assert_string_equal(buf_cstr(&s->notes), "bound bomb.txt: it unpacks to more than 200 times its size\n");
    assert_true(s->v[0].ended && !s->v[0].whole && !s->v[0].counts && s->v[0].n <= 2 * ZIP_RATIO_FREE);
    assert_true(s->v[1].counts);
    seen_done(s);
    zip_done(&w);
    buf_done(&zeros);
}

static void test_depth(void **state)
{
    (void)state;
    struct buf inner = BUF_INIT(1 << 20);
    for (int depth = 0; depth < ZIP_DEPTH_MAX + 3; depth++) {
        struct zip_writer w = ZIP_WRITER;
        zip_add_text(&w, "a.txt", "a");
        if (depth)
            zip_add(&w, &(struct zip_made){.name = "a.jar", .bytes = buf_slice(&inner)});
        struct slice zip = zip_finish(&w);
        buf_clear(&inner);
        buf_add_slice(&inner, zip);
        zip_done(&w);
    }
    struct seen *s = walk_in(buf_slice(&inner), 1000);
    size_t texts = 0;
    for (size_t i = 0; i < s->n; i++)
        texts += s->v[i].counts && slice_ends(slice_str(s->v[i].path), SLICE(".txt"));
    assert_int_equal(texts, ZIP_DEPTH_MAX + 1);
    assert_non_null(strstr(buf_cstr(&s->notes), "an archive within more than 8 others"));
    seen_done(s);
    buf_done(&inner);
}

/* ---- what others write ---- */

static la_ssize_t take(struct archive *a, void *arg, const void *p, size_t n)
{
    (void)a;
    return buf_add(arg, p, n) ? -1 : (la_ssize_t)n;
}

static void test_libarchive(void **state)
{
    (void)state;
    for (int stored = 0; stored < 2; stored++) {
        struct buf zip = BUF_INIT(1 << 20);
        struct archive *a = archive_write_new();
        archive_write_set_format_zip(a);
        assert_int_equal(archive_write_set_options(a, stored ? "zip:compression=store" : "zip:compression=deflate"), 0);
        archive_write_open(a, &zip, NULL, take, NULL);
        for (int i = 0; i < 3; i++) {
            char name[20], text[] = "some text that is packed, some text that is not";
            struct archive_entry *e = archive_entry_new();
            snprintf(name, sizeof name, "%d.%s", i, i == 1 ? "class" : "txt");
            archive_entry_set_pathname(e, name);
            archive_entry_set_filetype(e, AE_IFREG);
            if (i < 2) /* of the last one the size isn't known when its header is written */
                archive_entry_set_size(e, (int64_t)strlen(text));
            archive_write_header(a, e);
            archive_write_data(a, text, strlen(text));
            archive_entry_free(e);
        }
        archive_write_close(a);
        archive_write_free(a);
        check(buf_slice(&zip), "0.txt=some text that is packed, some text that is not "
                               "2.txt=some text that is packed, some text that is not | ");
        buf_done(&zip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),      cmocka_unit_test(test_nested),       cmocka_unit_test(test_in_front),
        cmocka_unit_test(test_appended),   cmocka_unit_test(test_names),        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_hidden),     cmocka_unit_test(test_cut),          cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_bombs),      cmocka_unit_test(test_bomb_of_many), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_libarchive),
    };
    return run_cases(tests, NULL, NULL);
}
