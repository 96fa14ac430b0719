/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/unread.h"

#include "packages/parse.h"
#include "model/software.h"

static struct slice fact_of(const struct parsed_file *f, const char *name)
{
    for (size_t i = 0; i < f->facts.n; i++)
        if (slice_eq_str(f->facts.v[i].name, name))
            return f->facts.v[i].value;
    return SLICE_NONE;
}

static struct unread *row_of(unread_vec *v, struct slice kind)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i].kind, kind))
            return &v->v[i];
    return NULL;
}

void unread_find(const struct merge *m, struct arena *arena, struct inventory *out)
{
    unread_vec more = {0};
    bool unowned = false;
    for (size_t i = 0; i < m->nodes.n; i++) {
        const struct node *n = &m->nodes.v[i];
        uint64_t left_out = 0;
        if (!n->told)
            continue;
        struct slice kind = fact_of(n->file, FACT_SOFTWARE_KIND);
        if (!kind.n)
            continue;
        unread_add(arena, &out->unread, kind, 1, n->path);
        unowned |= fact_of(n->file, FACT_SOFTWARE_OWNER).n > 0;
        if (!slice_parse_u64(fact_of(n->file, FACT_SOFTWARE_MORE), &left_out) || !left_out)
            continue;
        struct unread *seen = row_of(&more, kind);
        int64_t before = seen ? seen->count : 0, here = (int64_t)MIN(left_out, (uint64_t)INT32_MAX);
        unread_add(arena, &more, kind, MAX(here - before, 0), SLICE_NONE);
    }
    for (size_t i = 0; i < more.n; i++) {
        struct unread *u = row_of(&out->unread, more.v[i].kind);
        if (!u)
            continue;
        u->count += more.v[i].count;
        u->at_least = true;
    }
    if (unowned)
        reasons_add(arena, &out->notes, REASON_SOFTWARE_OWNER_UNKNOWN,
                    SLICE("which of the software that is not judged the system's own packages brought is not known"));
}
