/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/api/api.h"

/* How many digests a table's keys begin with: parts and places of one are one. */
static int count_digests(struct api_answer *a, int table, int64_t *ret_digests, int64_t *ret_rows, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    uint8_t last[STEP_KEY_MAX];
    size_t last_n = 0;
    int got;
    *ret_digests = *ret_rows = 0;
    store_iter_init(&it, a->txn, a->p->tables[table], SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice digest = slice_sub(topic_key_head(key), 0, sizeof last);
        ++*ret_rows;
        if (*ret_digests && slice_eq(digest, slice_of(last, last_n)))
            continue;
        ++*ret_digests;
        memcpy(last, digest.p, digest.n);
        last_n = digest.n;
    }
    store_iter_done(&it);
    return got;
}

int api_status(struct api_answer *a, struct err *e)
{
    int64_t images, places, inventories, findings, workloads, digests, rows;
    uint64_t vulnerabilities;
    if (count_digests(a, VIEW_IMAGES, &images, &places, e) ||
        count_digests(a, VIEW_INVENTORIES, &inventories, &rows, e) ||
        count_digests(a, VIEW_FINDINGS, &findings, &rows, e) ||
        count_digests(a, VIEW_WORKLOADS, &digests, &workloads, e) ||
        vuln_view_count(a->txn, a->p->tables, &vulnerabilities, e))
        return -1;
    jsonw_object(&a->w);
    jsonw_pair_str(&a->w, "version", CAREEN_VERSION);
    jsonw_pair_int(&a->w, "images", images);
    jsonw_pair_int(&a->w, "places", places);
    jsonw_pair_int(&a->w, "workloads", workloads);
    jsonw_pair_int(&a->w, "inventories", inventories);
    jsonw_pair_int(&a->w, "findings", findings);
    jsonw_pair_int(&a->w, "vulnerabilities", (int64_t)vulnerabilities);
    jsonw_end(&a->w);
    return 0;
}
