/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/told_state.h"

#include "io/store/store.h"

bool told_alert_of_place(enum alert_kind kind)
{
    return kind == ALERT_ADDED || kind == ALERT_GONE;
}

int told_order(const struct told *a, const struct told *b)
{
    int c = slice_cmp(a->vulnerability, b->vulnerability);
    if (!c)
        c = (a->type > b->type) - (a->type < b->type);
    if (!c)
        c = slice_cmp(a->ns, b->ns);
    if (!c)
        c = slice_cmp(a->package, b->package);
    if (!c)
        c = slice_cmp(a->version, b->version);
    if (!c)
        c = slice_cmp(a->architecture, b->architecture);
    return c ? c : slice_cmp(a->location, b->location);
}

struct hash128 told_contents_hash(const struct known_image *k)
{
    struct buf b = BUF_INIT((size_t)1 << 24);
    struct hash128 h = hash128(k->os.ecosystem);
    for (size_t i = 0; i < k->os.products.n; i++)
        buf_add_prefixed(&b, k->os.products.v[i]);
    for (size_t i = 0; i < k->packages.n; i++) {
        const struct package *p = &k->packages.v[i];
        struct slice other = slice_eq(p->ecosystem, k->os.ecosystem) ? SLICE_NONE : p->ecosystem;
        const struct slice parts[] = {p->name,   p->version,     p->architecture,   p->location, other,
                                      p->ns,     p->source_name, p->source_version, p->module,   p->not_judged.text,
                                      p->updates};
        buf_add(&b, h.b, sizeof h.b);
        buf_add_byte(&b, (uint8_t)p->type);
        for (size_t j = 0; j < ARRAY_LEN(parts); j++)
            buf_add_prefixed(&b, parts[j]);
        h = hash128(buf_slice(&b));
        buf_clear(&b);
    }
    buf_add(&b, h.b, sizeof h.b);
    h = hash128(buf_slice(&b));
    buf_done(&b);
    return h;
}

struct told told_of_alert(const struct alert *t)
{
    int type = name_index(package_type_names, PKG_TYPE_MAX, t->type.n ? t->type : t->package_type);
    return (struct told){
        .vulnerability = t->vulnerability,
        .ecosystem = t->ecosystem,
        .ns = t->ns,
        .parent = t->parent,
        .package = t->package,
        .version = t->version,
        .architecture = t->architecture,
        .location = t->location,
        .fixed_version = t->fixed_version,
        .type = type < 0 ? PKG_UNKNOWN : (enum package_type)type,
        .severity = t->severity,
        .verdict = t->verdict,
        .known_exploited = t->known_exploited,
        .exploit_public = t->exploit_public,
        .malicious = slice_starts(t->vulnerability, SLICE("MAL-")),
        .there = t->kind != ALERT_RESOLVED,
        .sequence = t->sequence,
    };
}

struct told_place told_place_of_alert(const struct alert *t)
{
    return (struct told_place){
        .resource = t->resources.n ? t->resources.v[0] : SLICE(""),
        .workload = t->cause_code == ALERT_WORKLOAD_STARTED || t->cause_code == ALERT_WORKLOAD_STOPPED,
        .there = t->kind == ALERT_ADDED,
        .sequence = t->sequence,
    };
}

enum { FLAG_EXPLOITED = 1, FLAG_PUBLIC = 2, FLAG_THERE = 4, FLAG_WORKLOAD = 8, FLAG_MALICIOUS = 16 };

static int add_sequence(struct buf *out, int32_t sequence)
{
    uint8_t bytes[4];
    key_u32(bytes, (uint32_t)sequence);
    return buf_add(out, bytes, sizeof bytes);
}

int told_encode(const struct told *t, struct buf *out)
{
    const struct slice parts[] = {t->vulnerability, t->ns,        t->package, t->version, t->architecture, t->location,
                                  t->fixed_version, t->ecosystem, t->parent};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_add_prefixed(out, parts[i]);
    buf_add_byte(out, (uint8_t)t->type);
    buf_add_byte(out, (uint8_t)t->severity);
    buf_add_byte(out, (uint8_t)t->verdict);
    buf_add_byte(out, (uint8_t)((t->known_exploited ? FLAG_EXPLOITED : 0) | (t->exploit_public ? FLAG_PUBLIC : 0) |
                                (t->there ? FLAG_THERE : 0) | (t->malicious ? FLAG_MALICIOUS : 0)));
    return add_sequence(out, t->sequence);
}

bool told_decode(struct slice bytes, struct told *ret)
{
    struct told t = {0};
    struct slice *const parts[] = {&t.vulnerability, &t.ns,        &t.package, &t.version, &t.architecture, &t.location,
                                   &t.fixed_version, &t.ecosystem, &t.parent};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!slice_take_prefixed(&bytes, parts[i]))
            return false;
    if (bytes.n != 8 || bytes.p[0] >= PKG_TYPE_MAX || bytes.p[1] >= SEVERITY_MAX || bytes.p[2] >= VERDICT_MAX)
        return false;
    t.type = (enum package_type)bytes.p[0];
    t.severity = (enum severity)bytes.p[1];
    t.verdict = (enum verdict)bytes.p[2];
    t.known_exploited = bytes.p[3] & FLAG_EXPLOITED;
    t.exploit_public = bytes.p[3] & FLAG_PUBLIC;
    t.there = bytes.p[3] & FLAG_THERE;
    t.malicious = bytes.p[3] & FLAG_MALICIOUS;
    t.sequence = (int32_t)key_get_u32(bytes.p + 4);
    *ret = t;
    return true;
}

int told_place_encode(const struct told_place *t, struct buf *out)
{
    buf_add_prefixed(out, t->resource);
    buf_add_byte(out, (uint8_t)((t->there ? FLAG_THERE : 0) | (t->workload ? FLAG_WORKLOAD : 0)));
    return add_sequence(out, t->sequence);
}

bool told_place_decode(struct slice bytes, struct told_place *ret)
{
    struct told_place t = {0};
    if (!slice_take_prefixed(&bytes, &t.resource) || bytes.n != 5)
        return false;
    t.there = bytes.p[0] & FLAG_THERE;
    t.workload = bytes.p[0] & FLAG_WORKLOAD;
    t.sequence = (int32_t)key_get_u32(bytes.p + 1);
    *ret = t;
    return true;
}
