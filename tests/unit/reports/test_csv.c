/* SPDX-License-Identifier: Apache-2.0 */
/* What is read back from the rows is what was written, whatever anybody put into a package's name or a title. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "reports/report_format.h"

#define COLUMNS 35

static struct arena arena = ARENA_INIT((size_t)16 << 20);
static const struct text_terminal plain;

/* ---- a reader by RFC 4180, with any separator ---- */

struct table {
    struct slice cells[64][COLUMNS * 2];
    size_t n[64], rows;
};

static struct slice read_cell(struct slice *s, char separator)
{
    struct buf cell = BUF_INIT(65536);
    if (slice_take_prefix(s, SLICE("\""))) {
        while (s->n && !(s->p[0] == '"' && !(s->n > 1 && s->p[1] == '"'))) {
            *s = slice_from(*s, s->p[0] == '"');
            buf_add_byte(&cell, s->p[0]);
            *s = slice_from(*s, 1);
        }
        assert_true(slice_take_prefix(s, SLICE("\"")));
    }
    while (s->n && s->p[0] != separator && s->p[0] != '\r') {
        buf_add_byte(&cell, s->p[0]);
        *s = slice_from(*s, 1);
    }
    struct slice kept = arena_slice(&arena, buf_slice(&cell));
    buf_done(&cell);
    return kept;
}

static void read_table(struct slice s, char separator, struct table *t)
{
    *t = (struct table){0};
    while (s.n) {
        size_t *n = &t->n[t->rows];
        do {
            assert_true(*n < COLUMNS * 2);
            t->cells[t->rows][(*n)++] = read_cell(&s, separator);
        } while (s.n && s.p[0] == separator && (s = slice_from(s, 1), true));
        assert_true(slice_take_prefix(&s, SLICE("\r\n")));
        t->rows++;
    }
}

static struct slice cell(const struct table *t, size_t row, const char *column)
{
    for (size_t i = 0; i < t->n[0]; i++)
        if (slice_eq_str(t->cells[0][i], column))
            return t->cells[row][i];
    fail_msg("there is no column %s", column);
    return SLICE_NONE;
}

/* ---- writing ---- */

static const struct report_format *csv(void)
{
    return report_format_by_name(REPORT_FINDINGS, SLICE("csv"));
}

static void write_csv(const struct finding *f, const struct vulnerability *known, size_t n, struct buf *b)
{
    struct finding *findings = arena_zalloc(&arena, (n + 1) * sizeof *findings);
    struct err e = ERR_INIT;
    for (size_t i = 0; i < n; i++)
        findings[i] = f[i];
    const struct assessed_image a = {.reference = SLICE("r.example/team/app:1"),
                                     .image.digest = SLICE("sha256:12"),
                                     .policy = POLICY_DEFAULT,
                                     .findings = {findings, n, n},
                                     .known = known};
    struct report_out out = {.buf = b, .terminal = &plain};
    assert_int_equal(report_write(csv(), REPORT_FINDINGS, &a, &out, &e), 0);
}

static void test_columns(void **state)
{
    struct source_ref source = {SLICE("osv-debian"), SLICE("DSA-1")};
    struct slice aliases[] = {SLICE("GHSA-1"), SLICE("MAL-1")};
    struct score scores[] = {{SLICE("x"), SLICE("CVSS_V3"), SLICE("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")},
                             {SLICE("y"), SLICE("CVSS_V3"), SLICE("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L")}};
    const struct finding f = {.vulnerability = SLICE("CVE-2024-1"),
                              .type = PKG_DPKG,
                              .package = SLICE("openssl"),
                              .version = SLICE("3.0.9-1"),
                              .source_name = SLICE("openssl-src"),
                              .fixed_version = SLICE("3.0.11-1"),
                              .severity = SEVERITY_HIGH,
                              .kind = ADVISORY_MALICIOUS,
                              .aliases = {aliases, 2, 2},
                              .owner = SLICE("python3-x"),
                              .certainty = CERTAINTY_DECLARED,
                              .sources = {&source, 1, 1},
                              .scores = {scores, 2, 2}};
    const struct vulnerability known = {.id = SLICE("CVE-2024-1"), .epss = 0.5, .kev = true, .summary = SLICE("Bad")};
    static const char *const want[][2] = {{"image", "r.example/team/app:1"},
                                          {"digest", "sha256:12"},
                                          {"vulnerability", "CVE-2024-1"},
                                          {"severity", "high"},
                                          {"verdict", "affected"},
                                          {"counted", "true"},
                                          {"package", "openssl"},
                                          {"version", "3.0.9-1"},
                                          {"fixed_version", "3.0.11-1"},
                                          {"known_exploited", "true"},
                                          {"exploit_public", "false"},
                                          {"epss", "0.50000"},
                                          {"cvss", "9.8"},
                                          {"type", "dpkg"},
                                          {"source_name", "openssl-src"},
                                          {"source_version", "3.0.9-1"},
                                          {"advisory", "DSA-1"},
                                          {"title", "Bad"},
                                          {"status", "complete"},
                                          {"kind", "malicious"},
                                          {"aliases", "GHSA-1  MAL-1"},
                                          {"symbols", ""},
                                          {"owner", "python3-x"},
                                          {"certainty", "declared"}};
    static struct table t;
    struct buf b = BUF_INIT(1 << 20);
    (void)state;
    write_csv(&f, &known, 1, &b);
    read_table(buf_slice(&b), ',', &t);
    assert_true(t.rows == 2 && t.n[0] == COLUMNS && t.n[1] == COLUMNS);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!slice_eq_str(cell(&t, 1, want[i][0]), want[i][1]))
            fail_msg("%s is \"%.*s\"", want[i][0], SLICE_FMT(cell(&t, 1, want[i][0])));
    buf_clear(&b);
    write_csv(NULL, NULL, 0, &b);
    read_table(buf_slice(&b), ',', &t);
    assert_int_equal(t.rows, 1); /* the titles alone */
    buf_done(&b);
}

/* Whatever a cell holds comes back as one cell: itself, but for what a formula could begin with. */
static const struct {
    struct slice text;
    const char *read;
} rows[] = {
    {SLICE("plain"), "plain"},
    {SLICE("a,b"), "a,b"},
    {SLICE("say \"x\""), "say \"x\""},
    {SLICE("\""), "\""},
    {SLICE("\"\""), "\"\""},
    {SLICE("a\r\nb"), "a b"},
    {SLICE("a\nb\tc"), "a b c"},
    {SLICE("nul\0here"), "nul\xef\xbf\xbdhere"},
    {SLICE("\x1b[31mred"), "\xef\xbf\xbdred"},
    {SLICE("bad \xff\xfe"), "bad \xef\xbf\xbd\xef\xbf\xbd"},
    {SLICE(" blanks "), " blanks "},
    {SLICE("=1+1"), "'=1+1"},
    {SLICE("=HYPERLINK(\"http://x.example\",\"y\")"), "'=HYPERLINK(\"http://x.example\",\"y\")"},
    {SLICE("+1"), "'+1"},
    {SLICE("-1"), "'-1"},
    {SLICE("@SUM(1)"), "'@SUM(1)"},
    {SLICE("\t=1"), " '=1"},
    {SLICE("  =1"), "  '=1"},
    {SLICE("\"=1"), "\"'=1"},
    {SLICE("\xef\xbc\x9d"
           "1"),
     "'\xef\xbc\x9d"
     "1"},
    {SLICE("x;=1+1"), "x;'=1+1"},
    {SLICE("x; =1+1"), "x; '=1+1"},
    {SLICE("x|@y"), "x|'@y"},
    {SLICE("x,-y"), "x,'-y"},
    {SLICE("1.2-3+b1"), "1.2-3+b1"},
    {SLICE("libstdc++6"), "libstdc++6"},
    {SLICE("mail a@b.example"), "mail a@b.example"},
};

static void test_hostile(void **state)
{
    struct finding f[ARRAY_LEN(rows)] = {0};
    struct vulnerability known[ARRAY_LEN(rows)] = {0};
    static struct table t;
    struct buf b = BUF_INIT(1 << 20);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        f[i] = (struct finding){.vulnerability = SLICE("CVE-2024-1"), .package = rows[i].text};
        known[i] = (struct vulnerability){.id = SLICE("CVE-2024-1"), .epss = -1, .summary = rows[i].text};
    }
    write_csv(f, known, ARRAY_LEN(rows), &b);
    read_table(buf_slice(&b), ',', &t);
    assert_int_equal(t.rows, ARRAY_LEN(rows) + 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(t.n[i + 1], COLUMNS);
        if (!slice_eq_str(cell(&t, i + 1, "package"), rows[i].read))
            fail_msg("row %zu: \"%.*s\"", i, SLICE_FMT(cell(&t, i + 1, "package")));
        assert_true(slice_eq_str(cell(&t, i + 1, "title"), rows[i].read));
        assert_int_equal(cell(&t, i + 1, "epss").n, 0);
    }
    /* A spreadsheet that is set to another separator finds no formula either. */
    for (size_t k = 0; k < 2; k++) {
        read_table(buf_slice(&b), k ? '|' : ';', &t);
        for (size_t i = 0; i < t.rows; i++)
            for (size_t j = 0; j < t.n[i]; j++) {
                struct slice c = slice_trim(t.cells[i][j]);
                assert_false(c.n && strchr("=+-@", c.p[0]) != NULL);
            }
    }
    buf_done(&b);
}

/* ---- bounded memory ---- */

struct taken {
    size_t pieces, bytes, largest;
};

static int take(void *arg, struct slice bytes, struct err *e)
{
    struct taken *t = arg;
    (void)e;
    t->pieces++;
    t->bytes += bytes.n;
    t->largest = MAX(t->largest, bytes.n);
    return 0;
}

static int refuse(void *arg, struct slice bytes, struct err *e)
{
    (void)arg, (void)bytes;
    return err_set(e, ERR_FATAL, 0, "the disk is full");
}

static void test_pieces(void **state)
{
    enum { ROWS = 10000 };
    struct finding *f = arena_zalloc(&arena, ROWS * sizeof *f);
    struct vulnerability *known = arena_zalloc(&arena, ROWS * sizeof *known);
    struct buf b = BUF_INIT((size_t)128 << 10), whole = BUF_INIT((size_t)16 << 20);
    struct taken t = {0};
    struct err e = ERR_INIT;
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        f[i] = (struct finding){.vulnerability = SLICE("CVE-2024-1"), .package = SLICE("openssl")};
    const struct assessed_image a = {.findings = {f, ROWS, ROWS}, .known = known};
    struct report_out all = {.buf = &whole, .terminal = &plain};
    struct report_out out = {.buf = &b, .write = take, .arg = &t, .terminal = &plain};
    assert_int_equal(report_write(csv(), REPORT_SCAN, &a, &all, &e), 0);
    assert_int_equal(report_write(csv(), REPORT_SCAN, &a, &out, &e), 0);
    assert_int_equal(t.bytes, whole.n);
    assert_true(t.pieces > 5 && t.largest < b.max);
    out.write = refuse;
    assert_true(report_write(csv(), REPORT_SCAN, &a, &out, &e) < 0);
    assert_string_equal(e.text, "the disk is full");
    out.write = NULL;
    buf_clear(&b);
    assert_true(report_write(csv(), REPORT_SCAN, &a, &out, &e) < 0);
    assert_int_equal(e.kind, ERR_PARTIAL);
    buf_done(&b);
    buf_done(&whole);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
