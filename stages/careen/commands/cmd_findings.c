/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_findings.c: careen findings: the vulnerabilities of one image, joined with what is known of their exploitation,
 * as scan shows them.
 */
#include "careen/command.h"

#include "base/clock.h"
#include "base/terminal/text.h"
#include "bus/codec/codec.h"
#include "reports/findings_table.h"
#include "careen/scan/image_options.h"
#include "reports/keep.h"
#include "careen/topics/known.h"
#include "careen/topics/reader.h"
#include "reports/report_words.h"
#include "model/distro/distro.h"
#include "reports/finding_json.h"
#include "model/software.h"
#include "stage/stage.h"

struct findings_options {
    const char *format;
};
static const char *const formats[] = {"table", "json", NULL};
static const struct config_option options[] = {
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct findings_options, format),
     .fallback = "table",
     .choices = formats,
     .value = "FORMAT",
     .help = "table for people, or json for programs (docs/formats/fields.md)."},
};

/* ---- which image ---- */

/* What a person calls an image, to the digest that findings are keyed by; several digests are told, not chosen among.
 */
struct lookup {
    struct slice text;
    struct arena arena;
    slice_vec digests, names; /* of those that fit, each digest once; its first registry/repository@digest */
    bool more;                /* than are listed */
    char why[512];            /* the image is none that can be assessed */
};

#define FITS_MAX      10
#define BEGINNING_MIN 8  /* hexadecimal digits without "sha256:" in front: fewer may be anybody's name */
#define DIGEST_LEAST  13 /* "sha256:" and six digits */
#define ACCEPTED                                                                                                          \
    "an image is named as repository:tag or repository@sha256:…, with its registry or without, as sha256:… or by at " \
    "least 8 hexadecimal digits that its digest begins with"

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
    slice_vec_add(&k->arena, &k->digests, arena_slice(&k->arena, im->digest));
    slice_vec_add(&k->arena, &k->names,
                  arena_printf(&k->arena, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository),
                               SLICE_FMT(im->digest)));
    if (im->status != IMAGE_OK)
        snprintf(k->why, sizeof k->why, "can't be assessed: %.*s", SLICE_FMT(slice_sub(im->reason, 0, 400)));
    return 0;
}

/* ---- everything about it ---- */

struct shown {
    struct reader *reader;
    struct slice digest;
    struct policy policy;
    struct arena arena;
    struct report report;
    struct os_info os;
    slice_vec notes;
    unread_vec unread;
    size_t packages;
    struct findings findings; /* of all parts */
    bool found;
    struct vulnerability *known; /* of findings.findings[i] */
    struct known of_ids;
    bool has_state;
    enum assessment_code code;
    struct finding_counts counts;
    struct buf out;
};

static bool of_image(void *arg, struct slice key)
{
    return slice_eq(key_head(key), ((struct shown *)arg)->digest);
}

static int take_inventory(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct shown *x = arg;
    const struct inventory *v = record;
    (void)key, (void)at_ms, (void)e;
    x->packages += v->packages.n;
    if (v->part)
        return 0;
    x->report.extent = report_extent_of(v->status, &v->os, &v->packages);
    x->os = (struct os_info){.id = arena_slice(&x->arena, v->os.id),
                             .version_id = arena_slice(&x->arena, v->os.version_id),
                             .name = arena_slice(&x->arena, v->os.name),
                             .end_of_life = arena_slice(&x->arena, v->os.end_of_life)};
    keep_texts(&x->arena, &v->notes, &x->notes);
    for (size_t i = 0; i < v->unread.n; i++)
        unread_unpack(&x->arena, &x->unread, unread_pack(&v->unread.v[i], &x->arena));
    return 0;
}

static int take_findings(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct shown *x = arg;
    const struct findings *f = record;
    (void)key, (void)at_ms;
    x->found = true;
    if (f->part == 0) {
        x->findings.ecosystem = arena_slice(&x->arena, f->ecosystem);
        x->findings.status = f->status;
        x->findings.packages = f->packages;
        keep_texts(&x->arena, &f->reasons, &x->findings.reasons);
    }
    for (size_t i = 0; i < f->findings.n; i++) {
        struct finding *to = VEC_ADD(&x->arena, &x->findings.findings);
        if (!to || !keep_finding(&x->arena, &f->findings.v[i], to) || !known_want(&x->of_ids, to->vulnerability))
            return err_set(e, ERR_FATAL, 0, "it has more findings than fit into memory");
    }
    return 0;
}

/* What publish says of it: the same wherever it is. */
static int take_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct shown *x = arg;
    (void)key, (void)at_ms, (void)e;
    x->has_state = true;
    x->code = ((const struct recommendation *)record)->code;
    return 1;
}

static int by_severity(const void *a, const void *b)
{
    return finding_by_severity(a, b);
}

static int read_known(struct shown *x, struct err *e)
{
    if (reader_some(x->reader, TOPIC_INVENTORIES, of_image, take_inventory, x, e) ||
        reader_some(x->reader, TOPIC_FINDINGS, of_image, take_findings, x, e) ||
        reader_some(x->reader, TOPIC_RECOMMENDATIONS, of_image, take_recommendation, x, e))
        return -1;
    size_t n = x->findings.findings.n;
    x->known = arena_zalloc(&x->arena, (n + 1) * sizeof *x->known);
    if (!x->known)
        return err_set(e, ERR_FATAL, 0, "it has more findings than fit into memory");
    if (known_read(&x->of_ids, x->reader, e))
        return -1;
    if (n)
        qsort(x->findings.findings.v, n, sizeof *x->findings.findings.v, by_severity);
    x->counts = FINDING_COUNTS_INIT;
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &x->findings.findings.v[i];
        x->known[i] = *known_of(&x->of_ids, f->vulnerability);
        finding_counts_add(&x->counts, &x->policy, f, &x->known[i]);
    }
    return 0;
}

/* ---- as it is shown ---- */

static void print_json(struct shown *x)
{
    struct jsonw w;
    x->findings.image_digest = x->digest;
    jsonw_init(&w, &x->out, 0);
    findings_json(&w, &x->findings, x->known, &x->policy);
    buf_add_byte(&x->out, '\n');
}

static void print_table(struct shown *x, const char *image)
{
    struct text_terminal t;
    text_terminal_open(STDOUT_FILENO, &t);
    struct report r = x->report;
    r.terminal = &t;
    r.now_ms = clock_wall_ms();
    r.os = &x->os;
    r.notes = &x->notes;
    r.unread = &x->unread;
    r.status = x->findings.status;
    r.reasons = &x->findings.reasons;
    r.counts = &x->counts;
    if (!x->counts.findings && distro_has_no_advisories(r.reasons))
        r.extent = REPORT_NOT_ASSESSED;
    buf_add_str(&x->out, text_style_on(&t, TEXT_BOLD));
    text_add_safe(&x->out, slice_str(image), false);
    buf_addf(&x->out, "%s\n  digest    ", text_style_off(&t, TEXT_BOLD));
    text_add_safe(&x->out, x->digest, false);
    buf_add_str(&x->out, "\n  system    ");
    report_system(&r, &x->out);
    buf_addf(&x->out, "\n  packages  %zu\n", x->packages);
    if (x->has_state)
        buf_addf(&x->out, "  state     %s\n", assessment_code_names[x->code]);
    if (x->findings.findings.n) {
        struct text_table *table = findings_table_new();
        for (size_t i = 0; i < x->findings.findings.n; i++)
            findings_table_add(table, &x->findings.findings.v[i], &x->known[i]);
        buf_add_byte(&x->out, '\n');
        text_table_print(table, &t, &x->out);
        text_table_free(table);
    }
    report_notes(&r, &x->out);
    report_reasons(&r, &x->out);
    report_summary(&r, &x->out);
    report_unread(&r, &x->out);
}

static int find(struct reader *r, const char *image, struct lookup *k, struct err *e)
{
    k->text = slice_str(image);
    if (reader_all(r, TOPIC_IMAGES, look, k, e))
        return -1;
    if (k->digests.n > 1) {
        for (size_t i = 0; i < k->names.n; i++)
            command_say("findings", "\"%s\" may be %.*s", image, SLICE_FMT(k->names.v[i]));
        return err_set(e, ERR_USAGE, 0, "\"%.200s\" fits %s%zu images; name one by its digest", image,
                       k->more ? "more than " : "", k->digests.n);
    }
    if (k->digests.n)
        return 0;
    /* It may be among what could not be read. */
    return reader_check(r, e)
               ? -1
               : err_set(e, ERR_NOT_FOUND, 0, "no image %.200s is known; careen images lists them; " ACCEPTED, image);
}

static int run_findings(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct findings_options *o = own;
    struct shown x = {.arena = ARENA_INIT((size_t)512 << 20),
                      .out = BUF_INIT((size_t)256 << 20),
                      .policy = policy_of(s->unhealthy_from, s->unhealthy_unfixed)};
    struct err e = ERR_INIT;
    struct lookup k = {.arena = ARENA_INIT(1 << 20)};
    x.of_ids.arena = &x.arena;
    if (n != 1 || !args[0][0])
        return command_usage("findings", "name one image; " ACCEPTED);
    int rc = reader_open(s, &x.reader, &e);
    if (!rc)
        rc = find(x.reader, args[0], &k, &e);
    /* Records of other images that can't be read take nothing from this one. */
    size_t others = rc ? 0 : reader_skipped(x.reader);
    x.digest = k.digests.n ? k.digests.v[0] : SLICE_NONE;
    if (!rc)
        rc = read_known(&x, &e);
    if (!rc && x.found) {
        if (strcmp(o->format, "json") == 0)
            print_json(&x);
        else
            print_table(&x, args[0]);
        text_write(STDOUT_FILENO, buf_slice(&x.out));
    }
    if (!rc && reader_skipped(x.reader) > others)
        rc = reader_check(x.reader, &e);
    if (!rc && !x.found)
        rc = err_set(&e, ERR_RETRY, 0, "%s %s", args[0], k.why[0] ? k.why : "is not assessed yet");
    reader_close(x.reader);
    buf_done(&x.out);
    arena_done(&x.arena);
    arena_done(&k.arena);
    return rc ? command_failed("findings", &e) : 0;
}

const struct command command_findings = {
    .name = "findings",
    .arguments = "IMAGE [--bus URL] [--format json]",
    .summary = "the vulnerabilities of one image",
    .about =
        "IMAGE is repository:tag, repository@sha256:…, repository alone when it has one image, or a digest or its\n"
        "beginning (sha256:… or at least 8 hexadecimal digits); the registry in front may be left out. Where a name\n"
        "fits several images they are listed, and none is shown.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct findings_options),
    .uses_settings = true,
    .settings = reading_settings,
    .run = run_findings,
};
