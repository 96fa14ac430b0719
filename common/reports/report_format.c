/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report_format.h"

#define DECLARE(name) extern const struct report_format report_format_##name;
#define ROW(name)     &report_format_##name,
#define ONE(name)     +1

REPORT_FORMATS(DECLARE)

const struct report_format *const report_formats[] = {REPORT_FORMATS(ROW) NULL};

enum { FORMATS = 0 REPORT_FORMATS(ONE) };

const struct report_format *report_format_by_name(enum report_subject subject, struct slice name)
{
    for (size_t i = 0; report_formats[i]; i++)
        if (report_formats[i]->write[subject] && slice_eq_str(name, report_formats[i]->name))
            return report_formats[i];
    return NULL;
}

void report_format_names(enum report_subject subject, struct buf *out)
{
    const struct report_format *last = NULL;
    bool first = true;
    for (size_t i = 0; report_formats[i]; i++) {
        if (!report_formats[i]->write[subject])
            continue;
        if (last)
            buf_addf(out, "%s%s", first ? "" : ", ", last->name);
        first = first && !last;
        last = report_formats[i];
    }
    if (last)
        buf_addf(out, "%s%s", first ? "" : " or ", last->name);
}

/* ---- what a client takes ---- */

/* "0.8" in thousandths; what is no weight is 1, as if it were not there. */
static int weight_of(struct slice parameters)
{
    struct slice p;
    while (slice_take_token(&parameters, ';', &p)) {
        int v = 0, digits = 0;
        p = slice_trim(p);
        if (!slice_take_prefix(&p, SLICE("q=")) && !slice_take_prefix(&p, SLICE("Q=")))
            continue;
        if (!p.n || p.p[0] != '0')
            return 1000;
        for (size_t i = 2; i < p.n && digits < 3 && p.p[i] >= '0' && p.p[i] <= '9'; i++, digits++)
            v = v * 10 + (p.p[i] - '0');
        for (; digits < 3; digits++)
            v *= 10;
        return v;
    }
    return 1000;
}

/* How exactly a range names the type: 3 by both parts, 2 by the first, 1 by none, 0 not at all. */
static int fits(struct slice range, const char *media_type)
{
    struct slice type = slice_str(media_type);
    ptrdiff_t end = slice_find(type, ';'), slash = slice_find(type, '/');
    if (end >= 0)
        type = slice_trim(slice_sub(type, 0, (size_t)end));
    if (slice_eq_nocase(range, type))
        return 3;
    if (slice_eq_str(range, "*/*"))
        return 1;
    struct slice major = slice_sub(type, 0, (size_t)slash + 1);
    return range.n == major.n + 1 && range.p[range.n - 1] == '*' && slice_eq_nocase(slice_sub(range, 0, major.n), major)
               ? 2
               : 0;
}

/* The weight that the most exact range gives the type, and where in the header that stands; 0: it is not taken. */
static int weight_in(struct slice accept, const char *media_type, size_t *ret_place)
{
    struct slice range;
    int best = 0, weight = 0;
    for (size_t place = 0; slice_take_token(&accept, ',', &range); place++) {
        ptrdiff_t semicolon = slice_find(range, ';');
        struct slice parameters = semicolon < 0 ? SLICE("") : slice_from(range, (size_t)semicolon + 1);
        if (semicolon >= 0)
            range.n = (size_t)semicolon;
        int exact = fits(slice_trim(range), media_type);
        if (exact > best) {
            best = exact;
            weight = weight_of(parameters);
            *ret_place = place;
        }
    }
    return weight;
}

const struct report_format *report_format_accepted(enum report_subject subject, struct slice accept)
{
    const struct report_format *usual = report_format_by_name(subject, SLICE("json")), *best = NULL;
    size_t best_place = 0;
    int best_weight = 0;
    if (!slice_trim(accept).n)
        return usual;
    for (size_t i = 0; report_formats[i]; i++) {
        const struct report_format *f = report_formats[i];
        size_t place = 0;
        int weight = f->write[subject] ? weight_in(accept, f->media_type, &place) : 0;
        bool better = weight > best_weight ||
                      (weight && weight == best_weight && (place < best_place || (place == best_place && f == usual)));
        if (better) {
            best = f;
            best_weight = weight;
            best_place = place;
        }
    }
    return best;
}

/* ---- the option ---- */

void report_format_choices(int which, struct config_choices *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < FORMATS && n < ARRAY_LEN(ret->v); i++)
        if (report_formats[i]->write[which])
            ret->v[n++] = (struct config_choice){report_formats[i]->name, report_formats[i]->help};
    ret->n = n;
}

int report_write(const struct report_format *f, enum report_subject subject, const struct assessed_image *a,
                 struct report_out *out, struct err *e)
{
    return f->write[subject](a, out, e) || report_out_end(out, e) ? -1 : 0;
}
