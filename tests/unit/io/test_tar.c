/* SPDX-License-Identifier: Apache-2.0 */
/* tar: against libarchive on archives in many shapes; cut, spoiled and hostile ones made here. */
#include "io/archive/tar.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/archive_support.h"
#include "unit/cases.h"
#include "io/digest.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

static char *dir;

/* What a reader saw, one line a member: "type path -> link size sha256". */
struct seen {
    struct buf text, body;
    bool wants;
    char line_end[DIGEST_TEXT_MAX];
    uint64_t size;
    size_t notes;
    uint64_t stop_at;
};

static int on_entry(void *arg, const struct tar_entry *t, struct err *e)
{
    static const char kinds[] = "fhldo";
    struct seen *s = arg;
    if (s->stop_at && !--s->stop_at)
        return err_set(e, ERR_POISON, 0, "enough");
    struct slice path = t->path;
    while (t->kind == TAR_FOLDER && path.n > 1 && slice_ends(path, SLICE("/")))
        path.n--;
    buf_addf(&s->text, "%c ", kinds[t->kind]);
    buf_add_slice(&s->text, path);
    if (t->kind == TAR_HARD_LINK || t->kind == TAR_SYMLINK) {
        buf_add_str(&s->text, " -> ");
        buf_add_slice(&s->text, t->link);
    }
    buf_addf(&s->text, " %" PRIu64 "\n", t->size);
    s->size = t->size;
    buf_clear(&s->body);
    return s->wants;
}

static int on_data(void *arg, uint64_t at, struct slice bytes, struct err *e)
{
    struct seen *s = arg;
    (void)e;
    assert_true(bytes.n > 0);
    assert_true(at >= s->body.n && at <= s->size && bytes.n <= s->size - at);
    while (s->body.n < at)
        buf_add_byte(&s->body, 0);
    buf_add_slice(&s->body, bytes);
    return 0;
}

static int on_done(void *arg, struct err *e)
{
    struct seen *s = arg;
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    (void)e;
    while (s->body.n < s->size)
        buf_add_byte(&s->body, 0);
    digest_of(buf_slice(&s->body), raw);
    buf_addf(&s->text, "%s\n", digest_format(raw, text));
    return 0;
}

static void on_note(void *arg, const char *text)
{
    struct seen *s = arg;
    s->notes++;
    buf_addf(&s->text, "note %s\n", text);
}

static const struct tar_visitor visitor = {on_entry, on_data, on_done, on_note};

static struct seen seen_new(bool wants)
{
    return (struct seen){.text = BUF_INIT((size_t)32 << 20), .body = BUF_INIT((size_t)16 << 20), .wants = wants};
}

static void seen_done(struct seen *s)
{
    buf_done(&s->text);
    buf_done(&s->body);
}

static int read_tar(struct slice in, size_t step, struct seen *s, struct err *e)
{
    struct tar *t = tar_new(&visitor, s, 100000);
    int r = 0;
    while (in.n && r == 0) {
        struct slice piece = slice_sub(in, 0, step);
        uint8_t *copy = xmemdup(piece.p, piece.n);
        r = tar_feed(t, slice_of(copy, piece.n), e);
        free(copy);
        in = slice_from(in, piece.n);
    }
    if (r == 0)
        r = tar_end(t, e);
    else
        assert_int_equal(tar_end(t, NULL), -1);
    tar_free(t);
    return r;
}

/* ---- the oracle ---- */

static char kind_char(struct archive_entry *t)
{
    if (archive_entry_hardlink(t))
        return 'h';
    mode_t type = archive_entry_filetype(t);
    return type == AE_IFREG ? 'f' : type == AE_IFLNK ? 'l' : type == AE_IFDIR ? 'd' : 'o';
}

static void read_libarchive(struct slice in, struct seen *s)
{
    struct archive *a = archive_read_new();
    struct archive_entry *t;
    struct err e = ERR_INIT;
    archive_read_support_format_tar(a);
    assert_int_equal(archive_read_open_memory(a, in.p, in.n), ARCHIVE_OK);
    while (archive_read_next_header(a, &t) == ARCHIVE_OK) {
        char kind = kind_char(t);
        const char *link = kind == 'h' ? archive_entry_hardlink(t) : archive_entry_symlink(t);
        struct slice path = slice_str(archive_entry_pathname(t));
        while (kind == 'd' && path.n > 1 && slice_ends(path, SLICE("/")))
            path.n--;
        s->size = kind == 'f' ? (uint64_t)archive_entry_size(t) : 0;
        buf_addf(&s->text, "%c %.*s%s%s %" PRIu64 "\n", kind, SLICE_FMT(path), link ? " -> " : "", link ? link : "",
                 s->size);
        if (kind != 'f')
            continue;
        buf_clear(&s->body);
        const void *p;
        size_t n;
        la_int64_t at;
        while (archive_read_data_block(a, &p, &n, &at) == ARCHIVE_OK)
            if (n)
                on_data(s, (uint64_t)at, slice_of(p, n), &e);
        on_done(s, &e);
    }
    archive_read_free(a);
}

static int setup(void **state)
{
    (void)state;
    setlocale(LC_CTYPE, "C.UTF-8"); /* or libarchive warns of names that are not ASCII */
    dir = archive_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (dir)
        archive_remove(dir);
    free(dir);
    return 0;
}

static void compare(const char *name)
{
    static const size_t steps[] = {SIZE_MAX, 262144, 4093, 512, 13};
    struct buf in = archive_read_file(dir, name);
    struct seen theirs = seen_new(true), first = seen_new(false);
    struct err e = ERR_INIT;
    read_libarchive(buf_slice(&in), &theirs);
    assert_true(theirs.text.n > 0);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct seen ours = seen_new(true);
        if (read_tar(buf_slice(&in), steps[i], &ours, &e))
            fail_msg("%s in pieces of %zu: %s", name, steps[i], e.text);
        if (!slice_eq(buf_slice(&ours.text), buf_slice(&theirs.text)))
            fail_msg("%s in pieces of %zu: libarchive sees\n%s\nwe see\n%s", name, steps[i], buf_cstr(&theirs.text),
                     buf_cstr(&ours.text));
        seen_done(&ours);
    }
    /* Skipping content must not change which members are seen. */
    assert_int_equal(read_tar(buf_slice(&in), 4096, &first, &e), 0);
    struct slice all = buf_slice(&theirs.text), line, ours_all = buf_slice(&first.text), ours_line;
    while (slice_take_line(&all, &line))
        if (!slice_starts(line, SLICE("sha256:")))
            assert_true(slice_take_line(&ours_all, &ours_line) && slice_eq(line, ours_line));
    assert_int_equal(ours_all.n, 0);
    seen_done(&theirs);
    seen_done(&first);
    buf_done(&in);
}

static void test_against_libarchive(void **state)
{
    (void)state;
    if (!dir)
        skip_case("make.py needs python3, GNU tar, gzip and zstd");
    DIR *d = opendir(dir);
    struct dirent *t;
    size_t n = 0;
    while ((t = readdir(d))) {
        if (!slice_ends(slice_str(t->d_name), SLICE(".tar")))
            continue;
        compare(t->d_name);
        n++;
    }
    closedir(d);
    assert_int_equal(n, 15);
}

/* ---- made here ---- */

static void expect(struct buf *in, const char *text, const char *error)
{
    struct err e = ERR_INIT;
    for (size_t step = 1; step < 2000; step += 511) {
        struct seen s = seen_new(false);
        int r = read_tar(buf_slice(in), step, &s, &e);
        assert_string_equal(buf_cstr(&s.text), text);
        if (error && (!r || !strstr(e.text, error)))
            fail_msg("wanted \"%s\", got %d \"%s\"", error, r, e.text);
        else if (!error && r)
            fail_msg("wanted success, got \"%s\"", e.text);
        seen_done(&s);
    }
    buf_clear(in);
}

static void pax_member(struct buf *b, const char *key, struct slice value, char type, const char *name)
{
    struct buf body = BUF_INIT((size_t)16 << 20);
    pax_put(&body, key, value);
    tar_put(b, "PaxHeaders/x", type, NULL, buf_slice(&body));
    if (name)
        tar_put_file(b, name, "body");
    buf_done(&body);
}

static void test_pax(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    pax_member(&b, "path", SLICE("a/pax/name"), 'x', "short");
    tar_put_file(&b, "next", "1");
    expect(&b, "f a/pax/name 4\nf next 1\n", NULL);
    pax_member(&b, "path", SLICE(""), 'x', "short");
    expect(&b, "f short 4\n", NULL);
    pax_member(&b, "path", SLICE("global"), 'g', "own");
    expect(&b, "f own 4\n", NULL); /* as Go reads it */
    pax_member(&b, "size", SLICE("513"), 'x', NULL);
    tar_put_header(&b, "by-pax", '0', NULL, 7);
    uint8_t body[513] = {1};
    tar_put_body(&b, slice_of(body, sizeof body));
    tar_put_file(&b, "next", "1");
    expect(&b, "f by-pax 513\nf next 1\n", NULL);
    pax_member(&b, "size", SLICE("-1"), 'x', "bad");
    expect(&b, "", "byte 0: a number");
    pax_member(&b, "path", SLICE("nul\0nul"), 'x', "bad");
    expect(&b, "", "NUL");
    tar_put_file(&b, "first", "1");
    tar_put(&b, "PaxHeaders/x", 'x', NULL, SLICE("999 path=x\n"));
    tar_put_file(&b, "bad", "");
    expect(&b, "f first 1\n", "byte 1024: its pax header is malformed");
    buf_done(&b);
}

static void test_gnu(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    tar_put(&b, "././@LongLink", 'L', NULL, SLICE("long/name\0"));
    tar_put(&b, "././@LongLink", 'K', NULL, SLICE("long/link\0"));
    tar_put(&b, "x", '1', "y", SLICE_NONE);
    tar_put_file(&b, "next", "1");
    expect(&b, "h long/name -> long/link 0\nf next 1\n", NULL);
    /* Both: GNU's wins, whatever came first. */
    tar_put(&b, "././@LongLink", 'L', NULL, SLICE("gnu\0"));
    pax_member(&b, "path", SLICE("pax"), 'x', "short");
    expect(&b, "f gnu 4\n", NULL);
    uint8_t *h = tar_put_header(&b, "big", '0', NULL, 0);
    memset(h + 124, 0, 12);
    h[124] = 0x80;
    h[131] = 4; /* 4 << 32 */
    tar_checksum(h);
    expect(&b, "f big 17179869184\n", "cut within a member");
    h = tar_put_header(&b, "negative", '0', NULL, 0);
    memset(h + 124, 0xff, 12);
    tar_checksum(h);
    expect(&b, "", "size is malformed");
    /* A prefix in a GNU header, as Go wrote it before 1.8. */
    h = tar_put_header(&b, "name", '0', NULL, 0);
    memcpy(h + 257, "ustar  \0", 8);
    memcpy(h + 345, "prefix", 6);
    tar_checksum(h);
    h = tar_put_header(&b, "timed", '0', NULL, 0);
    memcpy(h + 257, "ustar  \0", 8);
    memcpy(h + 345,
           "14000000000\0"
           "14000000000\0",
           24);
    tar_checksum(h);
    expect(&b, "f prefix/name 0\nf timed 0\n", NULL);
    buf_done(&b);
}

static void test_ends(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    expect(&b, "", NULL); /* nothing at all is an empty layer */
    tar_put_end(&b);
    buf_add_str(&b, "whatever follows");
    expect(&b, "", NULL);
    tar_put_file(&b, "a", "1");
    expect(&b, "f a 1\n", NULL);
    tar_put_file(&b, "a", "1");
    b.n -= 511; /* only its padding is missing */
    expect(&b, "f a 1\n", NULL);
    tar_put_file(&b, "a", "1");
    b.n -= 512;
    expect(&b, "f a 1\n", "byte 512: the archive is cut within a member");
    tar_put_file(&b, "a", "1");
    b.n -= 513;
    expect(&b, "", "byte 0: the archive is cut within a header");
    tar_put_file(&b, "a", "1");
    tar_put_end(&b);
    b.n -= 512;
    tar_put_file(&b, "b", "1");
    expect(&b, "f a 1\n", "byte 1536: one zero block alone");
    tar_put_file(&b, "a", "1");
    tar_put_file(&b, "b", "1");
    b.p[1024 + 5] ^= 1;
    expect(&b, "f a 1\n", "byte 1024: not a tar header");
    pax_member(&b, "path", SLICE("x"), 'x', NULL);
    expect(&b, "", "cut behind an extended header");
    buf_done(&b);
}

static void test_types(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    tar_put(&b, "old-folder/", 0, NULL, SLICE_NONE);
    tar_put(&b, "old-file", 0, NULL, SLICE("x"));
    tar_put(&b, "contiguous", '7', NULL, SLICE("x"));
    tar_put(&b, "unknown", 'Z', NULL, SLICE("skipped"));
    tar_put_header(&b, "sized-link", '2', "to", 9999); /* no body in spite of its size */
    tar_put_header(&b, "sized-hard", '1', "to", 9999);
    tar_put_header(&b, "sized-folder", '5', NULL, 9999);
    tar_put_file(&b, "last", "1");
    expect(&b,
           "d old-folder 0\nf old-file 1\nf contiguous 1\no unknown 7\nl sized-link -> to 0\nh sized-hard -> to 0\nd "
           "sized-folder 0\nf last 1\n",
           NULL);
    buf_done(&b);
}

/* Names with bytes over 127, summed unsigned and as old tars did, and one off either. */
static void test_checksums(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(65536);
    uint8_t *h;
    tar_put_header(&b, "caf\xc3\xa9", '0', NULL, 0);
    expect(&b, "f caf\xc3\xa9 0\n", NULL);
    h = tar_put_header(&b, "caf\xc3\xa9", '0', NULL, 0);
    unsigned octal = (unsigned)strtoul((char *)h + 148, NULL, 8);
    snprintf((char *)h + 148, 8, "%06o", octal - 2 * 256);
    expect(&b, "f caf\xc3\xa9 0\n", NULL);
    h = tar_put_header(&b, "caf\xc3\xa9", '0', NULL, 0);
    snprintf((char *)h + 148, 8, "%06o", octal + 1);
    expect(&b, "", "checksum");
    memset(tar_put_header(&b, "full", '0', NULL, 0), 0xff, 148); /* the largest sums */
    tar_checksum(b.p);
    memset(b.p + 156, 0xff, 356);
    tar_checksum(b.p);
    expect(&b, "", "size is malformed");
    buf_done(&b);
}

static void test_limits(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)32 << 20);
    char *name = xmalloc(5001);
    memset(name, 'n', 5000);
    name[5000] = 0;
    tar_put(&b, "././@LongLink", 'L', NULL, slice_of(name, 5000));
    tar_put_file(&b, "short", "body");
    tar_put_file(&b, "next", "1");
    expect(&b, "note skipped the tar member at byte 5632: a name that is too long (5000 bytes)\nf next 1\n", NULL);
    /* A pax header of 1.1 MiB, at which other readers give up. */
    uint8_t *value = xcalloc(1, 1100000);
    memset(value, 'v', 1100000);
    pax_member(&b, "comment", slice_of(value, 1100000), 'x', "behind");
    expect(&b, "f behind 4\n", NULL);
    tar_put_file(&b, "first", "1");
    tar_put_header(&b, "x", 'x', NULL, (uint64_t)9 << 20);
    expect(&b, "f first 1\n", "byte 1024: an extended header of more than 8 MiB");
    tar_put_file(&b, "a", "");
    tar_put_file(&b, "b", "");
    struct seen s = seen_new(true);
    struct err e = ERR_INIT;
    struct tar *t = tar_new(&visitor, &s, 1);
    assert_int_equal(tar_feed(t, buf_slice(&b), &e), -1);
    assert_non_null(strstr(e.text, "more entries"));
    assert_int_equal(tar_entries(t), 1);
    tar_free(t);
    seen_done(&s);
    s = seen_new(true);
    s.stop_at = 2;
    assert_int_equal(read_tar(buf_slice(&b), SIZE_MAX, &s, &e), -1);
    assert_string_equal(e.text, "enough");
    seen_done(&s);
    free(value);
    free(name);
    buf_done(&b);
}

static void sparse_bad(const char *map, const char *size, const char *error)
{
    struct buf b = BUF_INIT(65536), body = BUF_INIT(65536);
    struct seen s = seen_new(true);
    struct err e = ERR_INIT;
    pax_put(&body, "GNU.sparse.major", SLICE("0"));
    pax_put(&body, "GNU.sparse.minor", SLICE("1"));
    pax_put(&body, "GNU.sparse.map", slice_str(map));
    pax_put(&body, "GNU.sparse.size", slice_str(size));
    tar_put(&b, "x", 'x', NULL, buf_slice(&body));
    tar_put_file(&b, "sparse", "body");
    int r = read_tar(buf_slice(&b), SIZE_MAX, &s, &e);
    assert_int_equal(r, error ? -1 : 0);
    if (error)
        assert_non_null(strstr(e.text, error));
    seen_done(&s);
    buf_done(&b);
    buf_done(&body);
}

static void test_sparse_hostile(void **state)
{
    (void)state;
    sparse_bad("0,2,10,2", "20", NULL);
    sparse_bad("0,0,0,4,20,0", "20", NULL);
    sparse_bad("0,2,1,2", "20", "out of order");
    sparse_bad("0,2,10,11", "20", "behind the file's end");
    sparse_bad("0,2,10,9", "20", "more content than there is");
    sparse_bad("0,2,10", "20", "malformed");
    sparse_bad("0,2,x,2", "20", "malformed");
    sparse_bad("9223372036854775807,2", "20", "overflows");
    sparse_bad("0,4", "99999999999999999999", "a number");
    struct buf b = BUF_INIT((size_t)4 << 20);
    struct seen s = seen_new(true);
    struct err e = ERR_INIT;
    /* Format 1.0 with a map that never ends. */
    struct buf body = BUF_INIT(65536);
    pax_put(&body, "GNU.sparse.major", SLICE("1"));
    pax_put(&body, "GNU.sparse.minor", SLICE("0"));
    pax_put(&body, "GNU.sparse.realsize", SLICE("100"));
    tar_put(&b, "x", 'x', NULL, buf_slice(&body));
    tar_put_file(&b, "sparse", "60000\n0\n1\n2\n");
    assert_int_equal(read_tar(buf_slice(&b), 7, &s, &e), -1);
    assert_non_null(strstr(e.text, "sparse map is cut"));
    buf_done(&body);
    seen_done(&s);
    buf_done(&b);
}

/* Every prefix and every single spoiled byte: no crash, no hang, and what is told is a prefix of the truth. */
static void test_torture(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(65536);
    struct seen whole = seen_new(true);
    struct err e = ERR_INIT;
    tar_put(&b, "etc", '5', NULL, SLICE_NONE);
    pax_member(&b, "path", SLICE("etc/pax"), 'x', "p");
    tar_put(&b, "././@LongLink", 'L', NULL, SLICE("etc/long\0"));
    tar_put(&b, "x", '0', NULL, SLICE("long body"));
    tar_put(&b, "l", '2', "etc/pax", SLICE_NONE);
    size_t members_end = b.n;
    tar_put_end(&b);
    assert_int_equal(read_tar(buf_slice(&b), SIZE_MAX, &whole, &e), 0);
    for (size_t n = 0; n <= b.n; n++) {
        struct seen s = seen_new(true);
        int r = read_tar(slice_of(b.p, n), 100, &s, &e);
        assert_true(slice_starts(buf_slice(&whole.text), buf_slice(&s.text)));
        if (n >= members_end && n % 512 == 0)
            assert_int_equal(r, 0);
        seen_done(&s);
    }
    for (size_t i = 0; i < members_end; i++) {
        struct seen s = seen_new(true);
        b.p[i] ^= 0x81;
        read_tar(buf_slice(&b), 4096, &s, &e);
        b.p[i] ^= 0x81;
        seen_done(&s);
    }
    seen_done(&whole);
    buf_done(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_libarchive),
        cmocka_unit_test(test_pax),
        cmocka_unit_test(test_gnu),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_checksums),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sparse_hostile),
        cmocka_unit_test(test_torture),
    };
    return run_cases(tests, setup, teardown);
}
