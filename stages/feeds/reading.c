/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/reading.h"

#include "base/clock.h"
#include "base/hash.h"
#include "model/ecosystem/ecosystem.h"
#include "model/version/version.h"

/* ---- documents and records ---- */

void reading_document(struct feed_reading *r)
{
    arena_reset(r->arena);
    r->stats.documents++;
}

int reading_skip(struct feed_reading *r, struct slice id, const char *reason, struct err *e)
{
    r->stats.skipped++;
    if (!r->first_skip[0])
        snprintf(r->first_skip, sizeof r->first_skip, "%.*s: %s", SLICE_FMT(slice_sub(id, 0, 60)), reason);
    return r->sink->skipped ? r->sink->skipped(r->sink->arg, id, reason, e) : 0;
}

int reading_left_out(struct feed_reading *r, struct slice id, const char *reason, struct err *e)
{
    r->stats.left_out++;
    return r->sink->skipped ? r->sink->skipped(r->sink->arg, id, reason, e) : 0;
}

/* A fix that is no version ("unknown") is none yet; any other bound that has no place leaves nothing to judge by. */
static int check_bounds(struct feed_reading *r, struct advisory *a, bool *ret_good, struct err *e)
{
    const struct ecosystem *row = ecosystem_of_advisories(a->ecosystem);
    struct err why = ERR_INIT;
    *ret_good = true;
    if (!row || !row->ordered)
        return 0;
    enum version_kind kind = row->version;
    for (size_t i = 0; i < a->ranges.n; i++) {
        struct version_range *v = &a->ranges.v[i];
        bool fixed = !v->fixed.n || version_orderable(kind, v->fixed, &why);
        *ret_good = (!v->introduced.n || version_orderable(kind, v->introduced, &why)) &&
                    (!v->last_affected.n || version_orderable(kind, v->last_affected, &why)) &&
                    (fixed || a->verdict != VERDICT_NOT_AFFECTED);
        if (fixed && *ret_good)
            continue;
        if (reading_left_out(r, a->id, why.text, e))
            return -1;
        if (!*ret_good)
            return 0;
        v->fixed = SLICE_NONE;
    }
    return 0;
}

void reading_date(struct feed_reading *r, int64_t wall_ms)
{
    const int64_t day_ms = INT64_C(86400000);
    if (wall_ms > r->stats.newest_ms && (!r->sink->now_ms || wall_ms <= r->sink->now_ms + day_ms))
        r->stats.newest_ms = wall_ms;
}

/* Open addressing: an index may repeat each name as often as it likes. */
static bool name_is_new(struct feed_reading *r, struct slice name)
{
    uint64_t h = hash64(name);
    h |= !h; /* 0 is a free place */
    if (!r->names)
        r->names = xcalloc(r->names_cap = 2 * (size_t)LIST_DOCUMENTS_MAX + 1, sizeof *r->names);
    size_t at = h % r->names_cap;
    while (r->names[at] && r->names[at] != h)
        at = (at + 1) % r->names_cap;
    bool is_new = !r->names[at];
    r->names[at] = h;
    return is_new;
}

int reading_name(struct feed_reading *r, struct slice name, struct err *e)
{
    uint64_t max = r->feed->kind == FEED_LIST ? LIST_DOCUMENTS_MAX : INDEX_NAMES_MAX;
    if (r->stats.names == max)
        return err_set(e, ERR_POISON, 0, "it names more than %" PRIu64, max);
    if (!name_is_new(r, name))
        return 0;
    r->stats.names++;
    return r->sink->named ? r->sink->named(r->sink->arg, name, e) : 0;
}

int reading_advisory(struct feed_reading *r, struct advisory *a, struct err *e)
{
    bool good;
    if (check_bounds(r, a, &good, e) || !good)
        return good ? -1 : 0;
    reading_date(r, a->published_ms);
    reading_date(r, a->modified_ms);
    a->feed = slice_str(r->feed->name);
    slice_vec_sort(&a->cves);
    slice_vec_sort(&a->aliases);
    slice_vec_sort(&a->versions);
    slice_vec_sort(&a->systems);
    slice_vec_sort(&a->symbols);
    r->stats.advisories++;
    return r->sink->advisory(r->sink->arg, a, e);
}

int reading_vulnerability(struct feed_reading *r, struct vulnerability *v, struct err *e)
{
    reading_date(r, v->published_ms);
    reading_date(r, v->modified_ms);
    v->feed = slice_str(r->feed->name);
    v->summary = reading_cut(v->summary, FEED_SUMMARY_MAX);
    v->details = reading_cut(v->details, FEED_DETAILS_MAX);
    slice_vec_sort(&v->aliases);
    slice_vec_sort(&v->references);
    slice_vec_sort(&v->cwes);
    r->stats.vulnerabilities++;
    return r->sink->vulnerability(r->sink->arg, v, e);
}

struct vulnerability vulnerability_unknown(struct slice id)
{
    return (struct vulnerability){.id = id, .epss = -1, .epss_percentile = -1};
}

/* ---- text ---- */

bool reading_is_name(struct slice s, size_t max)
{
    if (s.n == 0 || s.n > max || !slice_is_text(s) || slice_trim(s).n != s.n)
        return false;
    return slice_find(s, ',') < 0;
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The bytes of a blank at the front: ASCII's, and the no-break space that editors make of it. */
static size_t blank_at(struct slice s)
{
    if (s.n && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
        return 1;
    return s.n > 1 && s.p[0] == 0xC2 && s.p[1] == 0xA0 ? 2 : 0;
}

struct slice reading_version(struct arena *arena, struct slice s)
{
    size_t blanks = 0, n = 0;
    for (size_t i = 0; i < s.n; i++)
        blanks += blank_at(slice_from(s, i));
    uint8_t *to = blanks ? arena_alloc(arena, s.n) : NULL;
    if (!to)
        return s;
    while (s.n) {
        size_t at = 0, one;
        while ((one = blank_at(slice_from(s, at))) > 0)
            at += one;
        if (at && n && at < s.n && is_alnum(to[n - 1]) && is_alnum(s.p[at]))
            to[n++] = ' ';
        if (at < s.n)
            to[n++] = s.p[at];
        s = slice_from(s, at + 1);
    }
    return slice_of(to, n);
}

bool reading_is_cve(struct slice s)
{
    if (!slice_take_prefix(&s, SLICE("CVE-")) || s.n < 4 + 1 + 4 || s.n > 4 + 1 + 12 || s.p[4] != '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (i != 4 && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    return true;
}

bool reading_is_rejected(struct slice description)
{
    static const char *const starts[] = {"** REJECT", "Rejected reason:", "REJECTED:", "REJECT "};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (slice_starts(slice_trim(description), slice_str(starts[i])))
            return true;
    return false;
}

struct slice reading_cut(struct slice s, size_t max)
{
    if (s.n <= max)
        return s;
    size_t n = max;
    while (n > 0 && (s.p[n] & 0xC0) == 0x80)
        n--;
    return slice_sub(s, 0, n);
}

/* ---- JSON ---- */

int reading_json(struct slice text, json_t **ret_json, struct err *e)
{
    return json_tree_read(text, text.n, FEED_VALUES_MAX, ret_json, e);
}

int64_t reading_member_time(const json_t *object, const char *key)
{
    int64_t at = 0;
    struct slice s = json_tree_view(object, key);
    return s.n && clock_parse(s, &at) ? at : 0;
}

/* ---- containers ---- */

int reading_entries(struct feed_reading *r, enum unpack_kind kind, uint64_t max, const char *suffix,
                    reading_entry document, struct err *e)
{
    return reading_large_entries(r, kind, max, FEED_DOCUMENT_MAX, suffix, document, e);
}

int reading_large_entries(struct feed_reading *r, enum unpack_kind kind, uint64_t max, size_t document_max,
                          const char *suffix, reading_entry document, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, kind, max, &u, e))
        return -1;
    struct buf text = BUF_INIT(document_max);
    struct slice name;
    int rc;
    while ((rc = unpack_next(u, &name, e)) == 1) {
        struct err why = ERR_INIT;
        char id[128];
        if (!slice_ends(name, slice_str(suffix)))
            continue;
        /* The name is gone once the entry's bytes are read. */
        snprintf(id, sizeof id, "%.*s", SLICE_FMT(slice_sub(name, 0, name.n - strlen(suffix))));
        buf_clear(&text);
        int got = unpack_entry(u, &text, &why);
        if (got == 1) {
            rc = document(r, slice_str(id), buf_slice(&text), e);
        } else if (got == 0) {
            reading_document(r);
            rc = reading_skip(r, slice_str(id), why.text, e);
        } else {
            if (e)
                *e = why;
            rc = -1;
        }
        if (rc)
            break;
    }
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&text);
    unpack_close(u);
    return rc;
}

static int one_line(struct feed_reading *r, struct buf *b, reading_line line, struct err *e)
{
    struct slice text = slice_trim(buf_slice(b));
    int rc = 0;
    if (b->overflow || text.n) {
        reading_document(r);
        rc = b->overflow ? reading_skip(r, SLICE("(unreadable)"), "too big", e) : line(r, text, e);
    }
    buf_clear(b);
    return rc;
}

int reading_lines(struct feed_reading *r, uint64_t max, reading_line line, struct err *e)
{
    struct unpack *u;
    struct buf b = BUF_INIT(FEED_DOCUMENT_MAX);
    const uint8_t *p;
    size_t n;
    int rc;
    if (unpack_open(r->source, UNPACK_FILE, max, &u, e))
        return -1;
    while ((rc = unpack_piece(u, &p, &n, e)) == 0 && n > 0) {
        struct slice piece = slice_of(p, n);
        ptrdiff_t end;
        while (rc == 0 && (end = slice_find(piece, '\n')) >= 0) {
            buf_add_slice(&b, slice_sub(piece, 0, (size_t)end));
            piece = slice_from(piece, (size_t)end + 1);
            rc = one_line(r, &b, line, e);
        }
        buf_add_slice(&b, piece);
        if (rc)
            break;
    }
    if (rc == 0)
        rc = one_line(r, &b, line, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&b);
    unpack_close(u);
    return rc;
}

/* ---- the whole feed ---- */

static int refuse(const struct feed_reading *r, struct err *e)
{
    const struct feed_stats *s = &r->stats;
    if (s->documents == s->skipped && s->skipped == 0)
        return err_set(e, ERR_POISON, FEED_IS_EMPTY, "the feed is empty");
    if (s->skipped * 100 > s->documents)
        return err_set(e, ERR_POISON, 0, "%" PRIu64 " of %" PRIu64 " documents break the format (first: %s)",
                       s->skipped, s->documents, r->first_skip);
    if (r->feed->kind == FEED_INDEX || r->feed->kind == FEED_LIST)
        return s->names ? 0 : err_set(e, ERR_POISON, 0, "it names nothing that is known to be named there");
    if (s->advisories + s->vulnerabilities == 0)
        return err_set(e, ERR_POISON, 0, "%" PRIu64 " documents hold no record", s->documents);
    return 0;
}

/* Counts what goes by. */
struct counted {
    struct byte_source from;
    uint64_t *bytes;
};

static int counted_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    struct counted *c = arg;
    int rc = c->from.read(c->from.arg, ret_p, ret_n, e);
    if (!rc)
        *c->bytes += *ret_n;
    return rc;
}

int feed_parse(const struct feed *f, struct byte_source source, const struct feed_sink *sink, struct arena *arena,
               struct feed_stats *ret_stats, struct err *e)
{
    struct feed_reading r = {.feed = f, .sink = sink, .arena = arena};
    struct counted counted = {.from = source, .bytes = &r.stats.bytes};
    r.source = (struct byte_source){.read = counted_read, .arg = &counted};
    int rc = f->parse(&r, e);
    arena_reset(arena);
    free(r.names);
    if (rc == 0)
        rc = refuse(&r, e);
    if (rc)
        return err_wrap(e, "feed %s", f->name);
    *ret_stats = r.stats;
    return 0;
}

int feed_check(const struct feed *f, uint64_t records, uint64_t previous, struct err *e)
{
    if (records * 2 < previous)
        return err_set(e, ERR_POISON, 0,
                       f->kind == FEED_INDEX
                           ? "index %s: it names %" PRIu64 " feeds, less than half of the %" PRIu64
                             " that it named; all of them stay"
                           : "feed %s: %" PRIu64 " records are less than half of the %" PRIu64
                             " that it had; kept as it was. If the publisher really withdrew them, remove this feed's "
                             "state",
                       f->name, records, previous);
    return 0;
}

int feed_advisory_key(const struct advisory *a, struct buf *out)
{
    return buf_addf(out, "%.*s,%.*s,%.*s", SLICE_FMT(a->ecosystem), SLICE_FMT(a->package), SLICE_FMT(a->id));
}

int feed_vulnerability_key(const struct vulnerability *v, struct buf *out)
{
    return buf_addf(out, "%.*s,%.*s", SLICE_FMT(v->id), SLICE_FMT(v->feed));
}
