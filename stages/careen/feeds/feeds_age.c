/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/feeds/feeds_age.h"

#include "base/clock.h"
#include "feeds/fetch/rhythm.h"

#define NAMED_MAX 3 /* of feeds that stand still */

int64_t feed_meta_newest(const struct feed_meta *m)
{
    return m->undated ? 0 : m->modified_ms;
}

bool feed_meta_stands_still(const struct feed_meta *m, int64_t now_ms)
{
    return rhythm_stands_still((unsigned)MIN(m->rhythm_days, (uint64_t)100000), m->whose.n ? m->whose : m->ecosystem,
                               m->modified_ms, now_ms);
}

/* "Debian:12" is of a feed of "Debian", "Alpine:v3.20" not of one of "Alpine:v3.2". */
static bool speaks_of(const struct feed_meta *m, struct slice ecosystem)
{
    return m->ecosystem.n && slice_take_prefix(&ecosystem, m->ecosystem) && (!ecosystem.n || ecosystem.p[0] == ':');
}

static struct slice day(int64_t at_ms, char text[CLOCK_TEXT_MAX])
{
    return slice_sub(slice_str(clock_format(at_ms, text)), 0, 10);
}

struct ages {
    int64_t fetched_ms, newest_ms;
    size_t feeds, still;
    struct buf names; /* of those that stand still */
};

static void add_one(struct ages *a, const struct feed_meta *m, int64_t now_ms)
{
    a->feeds++;
    a->fetched_ms = MAX(a->fetched_ms, m->fetched_ms);
    a->newest_ms = MAX(a->newest_ms, feed_meta_newest(m));
    if (feed_meta_stands_still(m, now_ms) && a->still++ < NAMED_MAX)
        buf_addf(&a->names, "%s%.*s", a->names.n ? ", " : "", SLICE_FMT(m->name));
}

static void still_note(const struct ages *a, struct slice publisher, struct arena *arena, struct reasons *notes)
{
    char text[CLOCK_TEXT_MAX];
    struct slice newest = a->newest_ms ? arena_printf(arena, "newest of %.*s", SLICE_FMT(day(a->newest_ms, text)))
                                       : SLICE("no date inside");
    if (a->still && a->still == a->feeds)
        reasons_addf(arena, notes, REASON_FEEDS_STILL, "the advisories of %.*s: %.*s, they stand still",
                     SLICE_FMT(publisher), SLICE_FMT(newest));
    else if (a->still)
        reasons_addf(arena, notes, REASON_FEEDS_STILL, "the advisories of %.*s: %.*s, but %.*s%s still",
                     SLICE_FMT(publisher), SLICE_FMT(newest), SLICE_FMT(buf_slice(&a->names)),
                     a->still > NAMED_MAX ? " and others stand"
                     : a->still > 1       ? " stand"
                                          : " stands");
}

void feeds_age_notes(const feed_meta_vec *feeds, struct slice ecosystem, int64_t now_ms, struct arena *arena,
                     struct reasons *notes)
{
    struct ages a = {.names = BUF_INIT(4096)}, all = {.names = BUF_INIT(4096)};
    struct slice publisher = SLICE_NONE, rest = ecosystem;
    char text[CLOCK_TEXT_MAX];
    slice_take_token(&rest, ':', &publisher);
    for (size_t i = 0; i < feeds->n; i++)
        if (speaks_of(&feeds->v[i], ecosystem))
            add_one(&a, &feeds->v[i], now_ms);
        else
            all.fetched_ms = MAX(all.fetched_ms, feeds->v[i].fetched_ms);
    int64_t fetched = a.feeds ? a.fetched_ms : all.fetched_ms;
    if (fetched && now_ms - fetched > FEEDS_OLD_MS)
        reasons_addf(arena, notes, REASON_FEEDS_OLD,
                     "the advisories of %.*s were last fetched on %.*s: careen feeds update fetches new ones",
                     SLICE_FMT(publisher), SLICE_FMT(day(fetched, text)));
    still_note(&a, publisher, arena, notes);
    buf_done(&a.names);
    buf_done(&all.names);
}
