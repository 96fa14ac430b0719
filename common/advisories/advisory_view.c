/* SPDX-License-Identifier: Apache-2.0 */
#include "advisories/advisory_view.h"

#include "base/hash.h"

#define ROW_MAX ((size_t)16 << 20)
#define ID_MAX  200u

const char *const advisory_view_tables[ADVISORY_VIEW_TABLES] = {"advisories", "vulnerabilities", "meta"};

struct row_key {
    uint8_t b[16 + ID_MAX + 1 + ID_MAX];
    size_t n;
};

static void key_add(struct row_key *k, struct slice s)
{
    memcpy(k->b + k->n, s.p, s.n);
    k->n += s.n;
}

/* Names over ID_MAX bytes, empty ones and those that could be taken for a hash are hashed. */
static void key_add_name(struct row_key *k, struct slice name)
{
    if (name.n && name.n <= ID_MAX && name.p[0] != 0xFF && slice_find(name, 0) < 0) {
        key_add(k, name);
        return;
    }
    struct hash128 h = hash128(name);
    k->b[k->n++] = 0xFF;
    key_add(k, hash128_slice(&h));
}

static struct slice key_slice(const struct row_key *k)
{
    return slice_of(k->b, k->n);
}

static int package_key(struct row_key *k, struct slice ecosystem, struct slice package, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
    buf_add_slice(&b, ecosystem);
    buf_add_byte(&b, 0);
    buf_add_slice(&b, package);
    if (b.overflow)
        return err_set(e, ERR_POISON, 0, "a package name of %zu bytes", package.n);
    struct hash128 h = hash128(buf_slice(&b));
    k->n = 0;
    key_add(k, hash128_slice(&h));
    return 0;
}

static struct packed advisories_of(const store_table *tables)
{
    return (struct packed){.table = tables[ADVISORY_VIEW_ADVISORIES], .group = sizeof(struct hash128)};
}

static struct packed vulnerabilities_of(const store_table *tables)
{
    return (struct packed){.table = tables[ADVISORY_VIEW_VULNERABILITIES]};
}

void advisory_view_packed(const store_table *tables, struct packed ret_packed[2])
{
    ret_packed[0] = advisories_of(tables);
    ret_packed[1] = vulnerabilities_of(tables);
}

/* ---- counts by ecosystem ---- */

static void meta_key(struct row_key *k, const char *kind, struct slice name)
{
    k->n = 0;
    key_add(k, slice_of(kind, strlen(kind) + 1));
    key_add_name(k, name);
}

int advisory_view_count(struct store_txn *t, const store_table *tables, struct slice ecosystem, uint64_t *ret_n,
                        struct err *e)
{
    struct row_key k;
    struct slice v;
    uint64_t n = 0;
    meta_key(&k, "ecosystem", ecosystem);
    int r = store_get(t, tables[ADVISORY_VIEW_META], key_slice(&k), &v, e);
    if (r < 0)
        return -1;
    if (r && !slice_take_u64(&v, &n))
        return err_set(e, ERR_POISON, 0, "the count of advisories is damaged; rebuild the database");
    *ret_n = n;
    return 0;
}

static int count_by(struct store_txn *t, const store_table *tables, struct slice ecosystem, int by, bool *ret_edge,
                    struct err *e)
{
    uint64_t n;
    struct row_key k;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(8);
    if (advisory_view_count(t, tables, ecosystem, &n, e))
        return -1;
    if (ret_edge)
        *ret_edge = by > 0 ? n == 0 : n == 1;
    n = by > 0 ? n + 1 : n ? n - 1 : 0;
    meta_key(&k, "ecosystem", ecosystem);
    if (!n)
        return store_del(t, tables[ADVISORY_VIEW_META], key_slice(&k), e) < 0 ? -1 : 0;
    buf_add_u64(&b, n);
    return store_put(t, tables[ADVISORY_VIEW_META], key_slice(&k), buf_slice(&b), e);
}

/* ---- advisories ---- */

/* A long id is not in the key, so the row brings it: (the id, the advisory); a short one's place is empty. */
static void encode_row(const struct advisory *a, bool with_id, struct buf *b)
{
    buf_add_prefixed(b, with_id ? a->id : SLICE(""));
    advisory_row_encode(a, b);
}

int advisory_view_put(struct store_txn *t, const store_table *tables, const struct advisory *a, bool *ret_first_or_last,
                      struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(ROW_MAX);
    struct row_key k;
    struct slice old;
    if (ret_first_or_last)
        *ret_first_or_last = false;
    if (package_key(&k, a->ecosystem, a->package, e))
        return -1;
    key_add_name(&k, a->id);
    encode_row(a, k.b[16] == 0xFF, &b);
    if (b.overflow)
        return err_set(e, ERR_POISON, 0, "advisory %.*s is over %zu bytes", SLICE_FMT(slice_sub(a->id, 0, 100)),
                       ROW_MAX);
    int r = packed_get(t, advisories_of(tables), key_slice(&k), &old, e);
    if (r < 0)
        return -1;
    if (r && slice_eq(old, buf_slice(&b)))
        return 0;
    if (!r && count_by(t, tables, a->ecosystem, 1, ret_first_or_last, e))
        return -1;
    return packed_put(t, advisories_of(tables), key_slice(&k), buf_slice(&b), e) ? -1 : 1;
}

int advisory_view_del(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                      struct slice id, bool *ret_first_or_last, struct err *e)
{
    struct row_key k;
    if (ret_first_or_last)
        *ret_first_or_last = false;
    if (package_key(&k, ecosystem, package, e))
        return -1;
    key_add_name(&k, id);
    int r = packed_del(t, advisories_of(tables), key_slice(&k), e);
    if (r > 0 && count_by(t, tables, ecosystem, -1, ret_first_or_last, e))
        return -1;
    return r;
}

static int too_many(struct slice package, const struct arena *arena, struct err *e)
{
    return err_set(e, ERR_PARTIAL, 0, "more advisories for %.*s than the %zu bytes that a step may take",
                   SLICE_FMT(slice_sub(package, 0, 100)), arena->max);
}

static int lookup_row(struct slice key, struct slice row, struct slice ecosystem, struct slice package,
                      struct arena *arena, advisory_vec *out, struct err *e)
{
    struct advisory a;
    struct slice id;
    /* The block that it stands in is soon another. */
    key = arena_slice(arena, key);
    row = arena_slice(arena, row);
    if (key.p && row.p && !slice_take_prefixed(&row, &id))
        return err_set(e, ERR_POISON, 0, "an advisory of %.*s is damaged; rebuild the database",
                       SLICE_FMT(slice_sub(package, 0, 100)));
    if (!key.p || !row.p)
        return too_many(package, arena, e);
    if (advisory_row_decode(row, arena, &a, e))
        return -1;
    if (!slice_eq(a.ecosystem, ecosystem) || !slice_eq(a.package, package))
        return 0;
    a.id = key.p[16] == 0xFF ? id : slice_from(key, 16);
    struct advisory *to = VEC_ADD(arena, out);
    if (!to)
        return too_many(package, arena, e);
    *to = a;
    return 0;
}

int advisory_view_lookup(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                         struct arena *arena, advisory_vec *out, struct err *e)
{
    struct row_key k;
    struct packed_iter it;
    struct slice key, row;
    int r;
    if (package_key(&k, ecosystem, package, e))
        return -1;
    packed_iter_init(&it, t, advisories_of(tables), key_slice(&k), SLICE_NONE);
    while ((r = packed_iter_next(&it, &key, &row, e)) == 1)
        if (key.n > 16 && lookup_row(key, row, ecosystem, package, arena, out, e))
            return -1;
    return r;
}

bool advisory_key_split(struct slice key, struct slice *ret_ecosystem, struct slice *ret_package, struct slice *ret_id)
{
    ptrdiff_t first = slice_find(key, ','), last = slice_rfind(key, ',');
    if (first < 0 || first == last)
        return false;
    *ret_ecosystem = slice_sub(key, 0, (size_t)first);
    *ret_package = slice_sub(key, (size_t)first + 1, (size_t)(last - first) - 1);
    *ret_id = slice_from(key, (size_t)last + 1);
    return true;
}

/* ---- vulnerabilities ---- */

static void vuln_key(struct row_key *k, struct slice id, struct slice feed)
{
    k->n = 0;
    key_add_name(k, id);
    k->b[k->n++] = 0;
    if (feed.p)
        key_add_name(k, feed);
}

int vuln_view_put(struct store_txn *t, const store_table *tables, const struct vulnerability *v, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(ROW_MAX);
    struct row_key k;
    vuln_key(&k, v->id, v->feed.p ? v->feed : SLICE(""));
    if (vuln_row_encode(v, &b))
        return err_set(e, ERR_POISON, 0, "vulnerability %.*s is over %zu bytes", SLICE_FMT(slice_sub(v->id, 0, 100)),
                       ROW_MAX);
    return packed_put(t, vulnerabilities_of(tables), key_slice(&k), buf_slice(&b), e);
}

int vuln_view_del(struct store_txn *t, const store_table *tables, struct slice id, struct slice feed, struct err *e)
{
    struct row_key k;
    vuln_key(&k, id, feed.p ? feed : SLICE(""));
    return packed_del(t, vulnerabilities_of(tables), key_slice(&k), e);
}

/*
 * How well a feed's summary of a vulnerability fits a finding: its own advisories' feeds tell of the very package, others of
 * some package of theirs ("affecting package nodejs for versions less than …" of a distribution, where it is Jinja2's).
 */
static int summary_rank(const struct finding *f, struct slice feed)
{
    for (size_t i = 0; i < f->sources.n; i++)
        if (slice_eq(f->sources.v[i].feed, feed))
            return 3;
    /* Of no package: who keeps the list of CVEs. */
    return slice_starts(feed, SLICE("nvd")) || slice_starts(feed, SLICE("cve")) ? 2 : 1;
}

/* f: whose summary is wanted; NULL: the first there is. */
static int merge_row(struct slice row, struct slice id, const struct finding *f, int *rank, struct arena *arena,
                     struct vulnerability *all, bool *found, struct err *e)
{
    struct vulnerability v;
    row = arena_slice(arena, row);
    if (!row.p)
        return err_set(e, ERR_PARTIAL, 0, "what is known of %.*s is over %zu bytes", SLICE_FMT(slice_sub(id, 0, 100)),
                       arena->max);
    if (vuln_row_decode(row, arena, &v, e))
        return -1;
    if (!slice_eq(v.id, id))
        return 0;
    int fits = f && v.summary.n ? summary_rank(f, v.feed) : 0;
    if (fits > *rank) {
        all->summary = v.summary;
        *rank = fits;
    } else if (f) {
        v.summary = SLICE_NONE;
    }
    struct slice summary = all->summary;
    if (!*found)
        *all = v;
    else if (!vulnerability_merge(arena, all, &v))
        return err_set(e, ERR_PARTIAL, 0, "what is known of %.*s is over %zu bytes", SLICE_FMT(slice_sub(id, 0, 100)),
                       arena->max);
    if (f)
        all->summary = summary;
    *found = true;
    return 0;
}

static int look_up(struct store_txn *t, const store_table *tables, struct slice id, const struct finding *f, int *rank,
                   struct arena *arena, struct vulnerability *ret_v, struct err *e)
{
    struct row_key k;
    struct packed_iter it;
    struct slice key, row;
    struct vulnerability all = {0};
    bool found = false;
    int r;
    vuln_key(&k, id, SLICE_NONE);
    packed_iter_init(&it, t, vulnerabilities_of(tables), key_slice(&k), SLICE_NONE);
    while ((r = packed_iter_next(&it, &key, &row, e)) == 1)
        if (merge_row(row, id, f, rank, arena, &all, &found, e))
            return -1;
    if (r < 0)
        return -1;
    if (found)
        *ret_v = all;
    return found;
}

int vuln_view_lookup(struct store_txn *t, const store_table *tables, struct slice id, struct arena *arena,
                     struct vulnerability *ret_v, struct err *e)
{
    int rank = 0;
    return look_up(t, tables, id, NULL, &rank, arena, ret_v, e);
}

struct slice finding_cve(const struct finding *f, size_t i)
{
    if (!i)
        return f->vulnerability;
    for (size_t k = 0; k < f->aliases.n; k++)
        if (slice_starts(f->aliases.v[k], SLICE("CVE-")) && !--i)
            return f->aliases.v[k];
    return SLICE_NONE;
}

bool finding_cves_equal(const struct finding *a, const struct finding *b)
{
    for (size_t i = 0;; i++) {
        struct slice x = finding_cve(a, i), y = finding_cve(b, i);
        if (!slice_eq(x, y) || !x.n)
            return slice_eq(x, y);
    }
}

int vuln_view_of_finding(struct store_txn *t, const store_table *tables, const struct finding *f, struct arena *arena,
                         struct vulnerability *ret_v, struct err *e)
{
    struct vulnerability all = {.epss = -1, .epss_percentile = -1}, one;
    struct slice id;
    int found = 0, rank = 0;
    for (size_t i = 0; (id = finding_cve(f, i)).n; i++) {
        int before = rank, r = look_up(t, tables, id, f, &rank, arena, &one, e);
        if (r < 0)
            return -1;
        if (r && rank > before)
            all.summary = one.summary;
        one.summary = all.summary;
        if (r && found && !vulnerability_merge(arena, &all, &one))
            return err_set(e, ERR_PARTIAL, 0, "vulnerability %.*s: more than the %zu bytes that a step may take",
                           SLICE_FMT(slice_sub(id, 0, 100)), arena->max);
        if (r && !found)
            all = one;
        found |= r;
    }
    if (found)
        *ret_v = all;
    return found;
}

int vuln_view_count(struct store_txn *t, const store_table *tables, uint64_t *ret_n, struct err *e)
{
    return packed_count(t, vulnerabilities_of(tables), ret_n, e);
}

/* ---- meta ---- */

#define FEED_UNDATED     UINT64_C(1)
#define FEED_FROM_FOLDER UINT64_C(2)

int advisory_view_feed_put(struct store_txn *t, const store_table *tables, const struct feed_meta *m, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
    struct row_key k;
    meta_key(&k, "feed", m->name);
    buf_add_prefixed(&b, m->name);
    buf_add_prefixed(&b, m->etag);
    buf_add_u64(&b, (uint64_t)m->fetched_ms);
    buf_add_u64(&b, (uint64_t)m->modified_ms);
    buf_add_u64(&b, m->records);
    buf_add_u64(&b, m->skipped);
    buf_add_u64(&b, (m->undated ? FEED_UNDATED : 0) | (m->from_folder ? FEED_FROM_FOLDER : 0));
    buf_add_u64(&b, m->rhythm_days);
    buf_add_prefixed(&b, m->ecosystem);
    buf_add_prefixed(&b, m->whose);
    if (b.overflow)
        return err_set(e, ERR_POISON, 0, "a feed's name or etag is too long");
    return store_put(t, tables[ADVISORY_VIEW_META], key_slice(&k), buf_slice(&b), e);
}

static bool take_feed(struct slice row, struct arena *arena, struct feed_meta *m)
{
    uint64_t fetched, modified, flags = 0;
    if (!slice_take_prefixed(&row, &m->name) || !slice_take_prefixed(&row, &m->etag) ||
        !slice_take_u64(&row, &fetched) || !slice_take_u64(&row, &modified) || !slice_take_u64(&row, &m->records))
        return false;
    if (!slice_take_u64(&row, &m->skipped))
        m->skipped = 0;
    if (!slice_take_u64(&row, &flags) || !slice_take_u64(&row, &m->rhythm_days) ||
        !slice_take_prefixed(&row, &m->ecosystem) || !slice_take_prefixed(&row, &m->whose)) {
        m->ecosystem = m->whose = SLICE_NONE;
        m->rhythm_days = flags = 0;
    }
    m->undated = flags & FEED_UNDATED;
    m->from_folder = flags & FEED_FROM_FOLDER;
    m->ecosystem = arena_slice(arena, m->ecosystem);
    m->whose = arena_slice(arena, m->whose);
    m->fetched_ms = (int64_t)fetched;
    m->modified_ms = (int64_t)modified;
    m->name = arena_slice(arena, m->name);
    m->etag = arena_slice(arena, m->etag);
    return m->name.p && m->etag.p;
}

int advisory_view_feeds(struct store_txn *t, const store_table *tables, struct arena *arena, feed_meta_vec *out,
                        struct err *e)
{
    struct store_iter it;
    struct slice key, row;
    int r;
    store_iter_init(&it, t, tables[ADVISORY_VIEW_META], slice_of("feed", 5), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &row, e)) == 1) {
        struct feed_meta *m = VEC_ADD(arena, out);
        if (!m || !take_feed(row, arena, m)) {
            r = err_set(e, ERR_POISON, 0, "the record of a feed is damaged; rebuild the database");
            break;
        }
    }
    store_iter_done(&it);
    return r;
}

/* ---- a database in a folder ---- */

static int format_check(struct advisory_db *db, const char *dir, uint32_t *ret_format, struct err *e)
{
    struct store_txn *t;
    struct slice v;
    uint32_t format = 0;
    if (store_begin(db->store, false, &t, e))
        return -1;
    int r = store_get(t, db->tables[ADVISORY_VIEW_META], SLICE("format"), &v, e);
    if (r == 1 && !slice_take_u32(&v, &format))
        r = err_set(e, ERR_USAGE, 0, "%s is not an advisory database; delete it and run: careen feeds update", dir);
    store_abort(t);
    if (r < 0)
        return -1;
    *ret_format = format;
    return 0;
}

static int format_mark(struct advisory_db *db, struct err *e)
{
    struct store_txn *t;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(4);
    buf_add_u32(&b, ADVISORY_VIEW_FORMAT);
    if (store_begin(db->store, true, &t, e))
        return -1;
    if (store_put(t, db->tables[ADVISORY_VIEW_META], SLICE("format"), buf_slice(&b), e)) {
        store_abort(t);
        return -1;
    }
    return store_commit(t, e);
}

static int db_open_once(const char *dir, bool write, struct advisory_db *db, uint32_t *ret_format, struct err *e)
{
    struct store_options o = {.read_only = !write,
                              .shared = true,
                              .exchanged = true,
                              .tables = ADVISORY_VIEW_TABLES + ADVISORY_DB_MORE_TABLES,
                              .sync = STORE_SYNC_FULL};
    if (store_open(dir, &o, &db->store, e))
        return -1;
    for (size_t i = 0; i < ADVISORY_VIEW_TABLES; i++)
        if (store_table_open(db->store, advisory_view_tables[i], &db->tables[i], e))
            return -1;
    return format_check(db, dir, ret_format, e);
}

static int incomplete(const char *dir, struct err *e)
{
    return err_set(e, ERR_USAGE, 0,
                   "the advisory database in %s is incomplete: it is just being created, or that was cut off; run: "
                   "careen feeds update",
                   dir);
}

static int db_open_read(const char *dir, struct advisory_db *db, struct err *e)
{
    struct err why = ERR_INIT;
    uint32_t format = 0;
    int rc = db_open_once(dir, false, db, &format, &why);
    if (rc && why.kind == ERR_NOT_FOUND && !db->store)
        return err_set(e, ERR_NOT_FOUND, 0, "there is no advisory database in %s; run: careen feeds update", dir);
    if ((rc && why.kind == ERR_NOT_FOUND) || (!rc && !format))
        return incomplete(dir, e);
    if (rc && e)
        *e = why;
    if (!rc && format != ADVISORY_VIEW_FORMAT)
        return err_set(e, ERR_USAGE, 0,
                       "the advisory database in %s has format %u and this program reads %u; run: careen feeds update",
                       dir, format, ADVISORY_VIEW_FORMAT);
    return rc;
}

static int db_open_write(const char *dir, struct advisory_db *db, struct err *e)
{
    uint32_t format;
    if (db_open_once(dir, true, db, &format, e))
        return -1;
    if (format && format != ADVISORY_VIEW_FORMAT) {
        store_close(db->store);
        db->store = NULL;
        if (store_wipe(dir, e) || db_open_once(dir, true, db, &format, e))
            return -1;
    }
    return format == ADVISORY_VIEW_FORMAT ? 0 : format_mark(db, e);
}

int advisory_db_open(const char *dir, bool write, struct advisory_db *ret_db, struct err *e)
{
    struct advisory_db db = {0};
    if (write ? db_open_write(dir, &db, e) : db_open_read(dir, &db, e)) {
        advisory_db_close(&db);
        return -1;
    }
    *ret_db = db;
    return 0;
}

void advisory_db_close(struct advisory_db *db)
{
    store_close(db->store);
    db->store = NULL;
}
