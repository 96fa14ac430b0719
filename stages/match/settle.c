/* SPDX-License-Identifier: Apache-2.0 */
/* From an image's packages and their verdicts to the findings records that should be out, and to the difference. */
#include "match/match_internal.h"

#define PART_BYTES      ((size_t)3 << 20) /* of strings; the encoding adds little */
#define REASONS_MAX     200
#define JUDGE_AT_ONCE   256 /* packages judged in one settle; the rest in the next */
#define FINDINGS_RECORD TOPIC_RECORD_MAX

static int no_memory(struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "no memory for an image's findings");
}

/* ---- what should be out ---- */

/* One package's verdict, decoded once however many references there are to it. */
struct judged {
    uint32_t package;
    struct slice context; /* judge_context's */
    struct package p;     /* when there are findings */
    struct verdict_row v;
};

/* 1 judged, 0 not yet. */
static int load_judged(struct step *s, uint32_t package, struct judged *ret_j, struct err *e)
{
    struct slice bytes;
    int got = verdict_get(s, package, &bytes, e);
    *ret_j = (struct judged){.package = package};
    if (got != 1)
        return got;
    if (!verdict_decode(bytes, s->arena, &ret_j->v))
        return s->arena->overflow ? no_memory(e)
                                  : err_set(e, ERR_FATAL, 0, "state: a verdict is damaged; delete the state folder");
    if (ret_j->v.findings.n && (got = match_package_get(s, package, &ret_j->context, &ret_j->p, e)) == 0)
        return err_set(e, ERR_FATAL, 0, "state: package %u is missing; delete the state folder", package);
    return got;
}

/* The package's findings, where this reference says it is. */
static int add_findings(struct step *s, const struct inventory_row *row, const struct judged *j, uint32_t spot,
                        finding_vec *findings, struct err *e)
{
    const struct package_spot none = {0}, *at = spot ? &row->spots.v[spot - 1] : &none;
    struct slice rest = j->context, ecosystem = SLICE_NONE;
    slice_take_token(&rest, ';', &ecosystem);
    for (size_t i = 0; i < j->v.findings.n; i++) {
        struct finding *f = VEC_ADD(s->arena, findings);
        if (!f)
            return no_memory(e);
        *f = j->v.findings.v[i];
        f->type = j->p.type;
        f->ecosystem = ecosystem;
        f->ns = j->p.ns;
        f->package = j->p.name;
        f->version = j->p.version;
        f->architecture = j->p.architecture;
        f->source_name = j->p.source_name;
        f->source_version = j->p.source_version;
        f->scope = at->scope;
        f->certainty = at->certainty;
        f->location = at->location;
        f->evidence = at->evidence;
        f->parent = at->parent;
        f->why = at->why;
        f->layer = at->layer ? row->layers.v[at->layer - 1] : SLICE("");
    }
    return 0;
}

/* 1 all judged, 0 some are not. */
static int add_row(struct step *s, const struct inventory_row *row, struct findings *all, struct err *e)
{
    struct judged j;
    if (!reasons_add_all(s->arena, &all->reasons, &row->reasons))
        return no_memory(e);
    for (size_t i = 0; i < row->refs.n; i++) {
        const struct package_ref ref = row->refs.v[i];
        bool again = i && ref.package == j.package;
        int got = again ? 1 : load_judged(s, ref.package, &j, e);
        if (got <= 0)
            return got;
        if (!again && !reasons_add_all(s->arena, &all->reasons, &j.v.reasons))
            return no_memory(e);
        if (add_findings(s, row, &j, ref.spot, &all->findings, e))
            return -1;
        all->packages += ref.spot != 0; /* a row for a whole ecosystem is no package */
    }
    return 1;
}

/* Adds what every part says. 1 all judged, 0 some are not; *ret_unpublished: packages that nobody publishes for. */
static int add_rows(struct step *s, const inventory_row_vec *rows, struct findings *all, size_t *ret_unpublished,
                    struct err *e)
{
    *ret_unpublished = 0;
    for (size_t i = 0; i < rows->n; i++) {
        int got = add_row(s, &rows->v[i], all, e);
        if (got <= 0)
            return got;
        *ret_unpublished += rows->v[i].unpublished;
    }
    return 1;
}

static int finish_reasons(struct step *s, const struct inventory_row *first, size_t own, size_t unpublished,
                          struct findings *all, struct err *e)
{
    if (unpublished) {
        struct slice text = first->os_name.n
                                ? arena_printf(s->arena, "no advisories hold for this operating system (%.*s)",
                                               SLICE_FMT(slice_sub(first->os_name, 0, 200)))
                                : SLICE("no advisories hold for an operating system that is not known");
        if (!reasons_add(s->arena, &all->reasons, REASON_SYSTEM_NOT_COVERED, text))
            return no_memory(e);
    }
    if (all->status == INVENTORY_COMPLETE && all->reasons.texts.n > own)
        all->status = INVENTORY_PARTIAL;
    reasons_sort(&all->reasons);
    return reasons_cap(s->arena, &all->reasons, REASONS_MAX, SLICE("there are more reasons")) ? 0 : no_memory(e);
}

static size_t finding_bytes(const struct finding *f)
{
    size_t n = 112 + f->why.n + f->owner.n + f->vulnerability.n + f->package.n + f->version.n + f->architecture.n +
               f->source_name.n + f->source_version.n + f->location.n + f->layer.n + f->rule.n + f->ecosystem.n +
               f->ns.n + f->evidence.n + f->parent.n + f->fixed_version.n + f->fix_reference.n + f->severity_source.n;
    for (size_t i = 0; i < f->sources.n; i++)
        n += 16 + f->sources.v[i].feed.n + f->sources.v[i].advisory.n;
    for (size_t i = 0; i < f->aliases.n; i++)
        n += 8 + f->aliases.v[i].n;
    for (size_t i = 0; i < f->symbols.n; i++)
        n += 8 + f->symbols.v[i].n;
    for (size_t i = 0; i < f->scores.n; i++)
        n += 16 + f->scores.v[i].source.n + f->scores.v[i].kind.n + f->scores.v[i].vector.n;
    return n;
}

static int split(struct step *s, const struct findings *all, struct outcome *o, struct err *e)
{
    VEC(struct findings) parts = {0};
    size_t from = 0;
    do {
        struct findings *p = VEC_ADD(s->arena, &parts);
        size_t to = from, bytes = 0;
        if (!p)
            return no_memory(e);
        while (to < all->findings.n && (to == from || bytes + finding_bytes(&all->findings.v[to]) <= PART_BYTES))
            bytes += finding_bytes(&all->findings.v[to++]);
        *p = *all;
        p->findings.v = all->findings.v + from;
        p->findings.n = p->findings.cap = to - from;
        p->part = (int32_t)parts.n - 1;
        if (p->part)
            p->reasons = (struct reasons){0};
        from = to;
    } while (from < all->findings.n);
    for (size_t i = 0; i < parts.n; i++)
        parts.v[i].parts = (int32_t)parts.n;
    *o = (struct outcome){(int)parts.n, parts.v};
    return 0;
}

/* One finding is said once: of several layers that bring the same file and package the first by digest stands. */
static void sort_findings(finding_vec *v)
{
    size_t kept = 0;
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, judge_finding_order);
    for (size_t i = 0; i < v->n; i++) {
        struct finding same = v->v[i];
        if (kept) {
            same.layer = v->v[kept - 1].layer;
            if (!judge_finding_order(&v->v[kept - 1], &same))
                continue;
        }
        v->v[kept++] = v->v[i];
    }
    v->n = kept;
}

int match_outcome_make(struct step *s, struct slice digest, struct outcome *ret_o, struct err *e)
{
    struct image_key k;
    inventory_row_vec rows = {0};
    bool any;
    if (match_image_key_of(digest, &k, e))
        return -1;
    int wanted = match_image_in_catalogue(s, &k, e),
        ready = wanted <= 0 ? wanted : match_inventory_load(s, &k, &rows, &any, e);
    if (wanted < 0 || ready < 0)
        return -1;
    if (!wanted || !any) {
        *ret_o = (struct outcome){0};
        return 1;
    }
    if (!ready)
        return 0;
    struct findings all = {.image_digest = digest, .ecosystem = rows.v[0].ecosystem, .status = rows.v[0].status};
    size_t own = 0, unpublished;
    for (size_t i = 0; i < rows.n; i++) {
        own += rows.v[i].reasons.texts.n;
        if (rows.v[i].status > all.status)
            all.status = rows.v[i].status;
    }
    int judged = add_rows(s, &rows, &all, &unpublished, e);
    if (judged <= 0)
        return judged;
    if (finish_reasons(s, &rows.v[0], own, unpublished, &all, e))
        return -1;
    sort_findings(&all.findings);
    return split(s, &all, ret_o, e) ? -1 : 1;
}

/* ---- what is out ---- */

#define OUT_ROW 24

static int out_get(struct step *s, struct image_key *k, unsigned part, struct hash128 *ret_hash, uint64_t *ret_position,
                   struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, STEP_TABLE(s, T_OUT), match_image_key_part(k, part), &v, e);
    if (got == 1 && v.n != OUT_ROW)
        return err_set(e, ERR_FATAL, 0, "state: a row of out is damaged; delete the state folder");
    if (got == 1) {
        memcpy(ret_hash->b, v.p, sizeof ret_hash->b);
        *ret_position = key_get_u64(v.p + 16);
    }
    return got;
}

static int out_put(struct step *s, struct image_key *k, unsigned part, const struct hash128 *hash, uint64_t position,
                   struct err *e)
{
    uint8_t v[OUT_ROW];
    memcpy(v, hash->b, sizeof hash->b);
    key_u64(v + 16, position);
    return store_put(s->txn, STEP_TABLE(s, T_OUT), match_image_key_part(k, part), slice_of(v, sizeof v), e);
}

static const struct hash128 nothing;

static int encode_part(struct step *s, const struct findings *f, struct hash128 *ret_hash, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(FINDINGS_RECORD);
    if (codec_encode(runner_codec(s->runner), TOPIC_FINDINGS, f, &b, e))
        return -1;
    *ret_hash = hash128(buf_slice(&b));
    return 0;
}

/* Parts from `from` on that are out: tombstoned. */
static int drop_from(struct step *s, struct image_key *k, struct slice digest, unsigned from, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    u32_vec parts = {0};
    int r;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_OUT), image_key_slice(k), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1) {
        unsigned part = (unsigned)key.p[key.n - 2] << 8 | key.p[key.n - 1];
        bool out = value.n == OUT_ROW && memcmp(value.p, &nothing, sizeof nothing);
        uint32_t *to = part >= from && out ? VEC_ADD(s->arena, &parts) : NULL;
        if (to)
            *to = part;
    }
    store_iter_done(&it);
    for (size_t i = 0; i < parts.n && !r; i++)
        if (step_tombstone(s, TOPIC_FINDINGS, topic_part_key(s->arena, digest, parts.v[i]), e) ||
            out_put(s, k, parts.v[i], &nothing, s->position, e))
            r = -1;
    return r;
}

int match_outcome_same(struct step *s, struct slice digest, const struct outcome *o, struct err *e)
{
    struct image_key k;
    struct hash128 fresh, old;
    uint64_t position;
    if (match_image_key_of(digest, &k, e))
        return -1;
    for (int i = 0; i < o->parts; i++) {
        int got = encode_part(s, &o->v[i], &fresh, e) ? -1 : out_get(s, &k, (unsigned)i, &old, &position, e);
        if (got < 0)
            return -1;
        if (!got || memcmp(&old, &fresh, sizeof old))
            return 0;
    }
    int got = out_get(s, &k, (unsigned)o->parts, &old, &position, e);
    return got < 0 ? -1 : !got || !memcmp(&old, &nothing, sizeof old);
}

/* ---- settle ---- */

/* 1 all are judged, 0 there are more for the next time. */
static int judge_all(struct step *s, struct slice digest, struct err *e)
{
    struct image_key k;
    inventory_row_vec rows = {0};
    struct match_state *m = s->stage;
    bool any;
    int judged = 0;
    m->spent = 0;
    if (match_image_key_of(digest, &k, e) || match_inventory_load(s, &k, &rows, &any, e) < 0)
        return -1;
    for (size_t i = 0; i < rows.n; i++)
        for (size_t n = 0; n < rows.v[i].refs.n; n++) {
            /* Copies of a package stand next to each other. */
            if (n && rows.v[i].refs.v[n - 1].package == rows.v[i].refs.v[n].package)
                continue;
            int r = verdict_ensure(s, rows.v[i].refs.v[n].package, e);
            if (r < 0)
                return -1;
            if ((judged += r) >= JUDGE_AT_ONCE || m->spent >= JUDGE_BUDGET)
                return 0;
        }
    return 1;
}

static int put_outcome(struct step *s, struct slice digest, const struct outcome *o, struct err *e)
{
    struct image_key k;
    if (match_image_key_of(digest, &k, e))
        return -1;
    struct hash128 *hashes = arena_alloc(s->arena, (size_t)(o->parts + 1) * sizeof *hashes);
    bool *changed = arena_zalloc(s->arena, (size_t)o->parts + 1);
    if (!hashes || !changed)
        return no_memory(e);
    /* Findings point into the map: emit all before anything is written. */
    for (int i = 0; i < o->parts; i++) {
        struct hash128 old;
        uint64_t position;
        int got = encode_part(s, &o->v[i], &hashes[i], e) ? -1 : out_get(s, &k, (unsigned)i, &old, &position, e);
        if (got < 0)
            return -1;
        changed[i] = !got || memcmp(&old, &hashes[i], sizeof old);
        if (changed[i] && step_emit(s, TOPIC_FINDINGS, topic_part_key(s->arena, digest, (unsigned)i), &o->v[i], e))
            return -1;
        metric_add(changed[i] ? &match_emitted : &match_unchanged, 1);
    }
    for (int i = 0; i < o->parts; i++)
        if (changed[i] && out_put(s, &k, (unsigned)i, &hashes[i], s->position, e))
            return -1;
    return drop_from(s, &k, digest, (unsigned)o->parts, e);
}

int match_settle_image(struct step *s, struct slice digest, struct err *e)
{
    struct outcome o;
    struct image_key k;
    if (match_image_key_of(digest, &k, e))
        return -1;
    int wanted = match_image_in_catalogue(s, &k, e);
    if (wanted < 0)
        return -1;
    if (wanted) {
        int all = judge_all(s, digest, e);
        if (all < 0)
            return -1;
        if (!all)
            return match_ask_image(s, digest, 0, e);
    }
    int made = match_outcome_make(s, digest, &o, e);
    return made < 0 ? -1 : made ? put_outcome(s, digest, &o, e) : 0;
}

/* ---- the stage's own output, read back ---- */

int match_apply_findings(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    struct image_key k;
    struct slice rest = event->key, digest;
    struct hash128 old = nothing, fresh = event->tombstone ? nothing : hash128(event->value);
    uint64_t position = 0;
    unsigned part;
    (void)record;
    slice_take_token(&rest, ',', &digest);
    if (match_image_key_of(event->key, &k, e))
        return -1;
    if (!topic_part_parse(event->key, UINT16_MAX, &part))
        return err_set(e, ERR_POISON, 0, "the key does not end with a part's number");
    int got = out_get(s, &k, part, &old, &position, e);
    if (got < 0)
        return -1;
    /* Older than what this process wrote since: its own echo, or a predecessor's. */
    if (got && event->position < position)
        return 0;
    bool other = memcmp(&old, &fresh, sizeof old);
    if (event->tombstone ? store_del(s->txn, STEP_TABLE(s, T_OUT), match_image_key_part(&k, part), e) < 0
                         : (other && out_put(s, &k, part, &fresh, event->position, e)))
        return -1;
    /* While state is rebuilt every image with findings is looked at once: it may be gone from every other topic. */
    return other ? match_ask_image(s, digest, 1, e) : 0;
}
