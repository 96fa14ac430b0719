/* SPDX-License-Identifier: Apache-2.0 */
/* osv_purl.c: what an entry's package URL says beside its name: for which machines, of which release, which epoch. */
#include "feeds/formats/osv/osv.h"

#include "model/distro/distro.h"
#include "model/purl.h"

#define ARCHITECTURES_MAX 64

static bool every_machine(struct slice a)
{
    static const char *const words[] = {"source", "src", "nosrc", "all", "any", "noarch"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_str(a, words[i]))
            return true;
    return false;
}

/* "Alpine" with distro=alpine-3.20 -> "Alpine:v3.20": by its publisher's name alone nothing could be found. */
static struct slice with_release(struct feed_reading *r, const struct purl *p, struct slice ecosystem)
{
    struct package package;
    struct os_info os = {0};
    struct slice rest;
    const struct distro *d = slice_find(ecosystem, ':') < 0 ? distro_of_ecosystem(ecosystem) : NULL;
    if (!d || d->release == RELEASE_NONE || !purl_qualifier(p, "distro").n ||
        !purl_to_package(p, r->arena, &package, &os))
        return ecosystem;
    rest = os.ecosystem;
    return slice_take_prefix(&rest, ecosystem) && rest.n && rest.p[0] == ':' ? os.ecosystem : ecosystem;
}

struct osv_purl osv_purl(struct feed_reading *r, const json_t *package)
{
    struct osv_purl u = {.ecosystem = json_tree_view(package, "ecosystem")};
    struct slice text = json_tree_view(package, "purl");
    struct purl p;
    if (slice_find(text, '?') < 0 || purl_parse(text, r->arena, &p, NULL))
        return u;
    struct slice a = purl_qualifier(&p, "arch"), epoch = purl_qualifier(&p, "epoch");
    uint64_t number;
    if (reading_is_name(a, 32) && slice_find(a, '+') < 0 && !every_machine(a))
        u.architecture = a;
    if (slice_parse_u64(epoch, &number) && number)
        u.epoch = epoch;
    u.ecosystem = with_release(r, &p, u.ecosystem);
    return u;
}

static void add_epoch(struct feed_reading *r, struct slice *v, struct slice epoch)
{
    if (v->n && !slice_eq_str(*v, "0") && slice_find(*v, ':') < 0)
        *v = arena_printf(r->arena, "%.*s:%.*s", SLICE_FMT(epoch), SLICE_FMT(*v));
}

void osv_add_epoch(struct feed_reading *r, const struct osv_purl *u, struct advisory *a)
{
    for (size_t i = 0; u->epoch.n && i < a->ranges.n; i++) {
        add_epoch(r, &a->ranges.v[i].introduced, u->epoch);
        add_epoch(r, &a->ranges.v[i].fixed, u->epoch);
        add_epoch(r, &a->ranges.v[i].last_affected, u->epoch);
    }
    for (size_t i = 0; u->epoch.n && i < a->versions.n; i++)
        add_epoch(r, &a->versions.v[i], u->epoch);
}

/* ---- one package for several machines ---- */

static bool same_package(const struct advisory *a, const struct advisory *b)
{
    return slice_eq(a->package, b->package) && slice_eq(a->ecosystem, b->ecosystem);
}

static bool same_words(const struct advisory *a, const struct advisory *b)
{
    if (a->ranges.n != b->ranges.n || a->versions.n != b->versions.n || a->verdict != b->verdict ||
        !slice_eq(a->severity, b->severity))
        return false;
    for (size_t i = 0; i < a->ranges.n; i++)
        if (!slice_eq(a->ranges.v[i].introduced, b->ranges.v[i].introduced) ||
            !slice_eq(a->ranges.v[i].fixed, b->ranges.v[i].fixed) ||
            !slice_eq(a->ranges.v[i].last_affected, b->ranges.v[i].last_affected))
            return false;
    for (size_t i = 0; i < a->versions.n; i++)
        if (!slice_eq(a->versions.v[i], b->versions.v[i]))
            return false;
    return true;
}

/* Equal statements about several architectures become one, about all architectures if an entry names none. */
static void unite(struct feed_reading *r, osv_advisory_vec *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct advisory *a = &list->v[i], *same = NULL;
        for (size_t k = 0; k < kept && !same; k++)
            if (same_package(&list->v[k], a) && same_words(&list->v[k], a))
                same = &list->v[k];
        if (!same)
            list->v[kept++] = *a;
        else if (!a->architectures.n || same->architectures.n >= ARCHITECTURES_MAX)
            same->architectures = (slice_vec){0};
        else if (same->architectures.n)
            osv_copy(r, &same->architectures, &a->architectures);
    }
    list->n = kept;
}

void osv_machines(struct feed_reading *r, osv_advisory_vec *list)
{
    bool any = false;
    for (size_t i = 0; i < list->n; i++)
        any |= list->v[i].architectures.n > 0;
    if (!any)
        return;
    unite(r, list);
    for (size_t i = 0; i < list->n; i++) {
        struct advisory *a = &list->v[i];
        bool apart = false;
        for (size_t k = 0; k < list->n && a->architectures.n; k++)
            apart |= k != i && same_package(&list->v[k], a);
        slice_vec_sort(&a->architectures);
        for (size_t k = 0; apart && k < a->architectures.n; k++)
            a->id =
                arena_printf(r->arena, "%.*s%c%.*s", SLICE_FMT(a->id), k ? '+' : '#', SLICE_FMT(a->architectures.v[k]));
    }
}
