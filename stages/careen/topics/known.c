/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/topics/known.h"

#include "reports/keep.h"
#include "advisories/advisory_view.h"
#include "stage/stage.h"

static size_t id_at(const struct known *k, struct slice id)
{
    size_t low = 0, high = k->ids.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int c = slice_cmp(k->ids.v[middle], id);
        if (!c)
            return middle;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

static bool wanted(void *arg, struct slice key)
{
    return id_at(arg, topic_key_head(key)) != SIZE_MAX;
}

static int take_vulnerability(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct known *k = arg;
    struct vulnerability kept;
    size_t at = id_at(k, topic_key_head(key));
    (void)at_ms;
    if (at == SIZE_MAX)
        return 0;
    if (!keep_vulnerability(k->arena, record, &kept) ||
        (k->of_id[at].id.n && !vulnerability_merge(k->arena, &k->of_id[at], &kept)))
        return err_set(e, ERR_FATAL, 0, "more is known of it than fits into memory");
    if (!k->of_id[at].id.n)
        k->of_id[at] = kept;
    return 0;
}

bool known_want(struct known *k, struct slice id)
{
    return slice_vec_add(k->arena, &k->ids, id);
}

int known_read(struct known *k, struct reader *r, struct err *e)
{
    slice_vec_sort(&k->ids);
    k->of_id = arena_zalloc(k->arena, (k->ids.n + 1) * sizeof *k->of_id);
    if (!k->of_id)
        return err_set(e, ERR_FATAL, 0, "there are more findings than fit into memory");
    return k->ids.n ? reader_some(r, TOPIC_VULNERABILITIES, wanted, take_vulnerability, k, e) : 0;
}

const struct vulnerability *known_of(const struct known *k, struct slice id)
{
    size_t at = id_at(k, id);
    return at == SIZE_MAX ? NULL : &k->of_id[at];
}
