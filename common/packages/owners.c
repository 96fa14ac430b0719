/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/owners.h"

#include "packages/rules.h"

int owners_give(struct owners *o, struct slice path, struct slice package)
{
    uint8_t canonical[OWNED_PATH_MAX];
    size_t n;
    if (!evidence_path(path, canonical, sizeof canonical, &n))
        return 0;
    return o->fn(o->ctx, slice_of(canonical, n), package);
}

int owners_walk_lists(struct slice evidence, void (*list)(void *ctx, const struct wanted *of), owned_path_fn *fn,
                      void *ctx)
{
    struct owners o = {.fn = fn, .ctx = ctx};
    struct evidence_entry entry;
    int stop = 0;
    if (evidence_open(&evidence, NULL))
        return 0;
    layer_files_init(&o.files, evidence);
    while (!stop && evidence_next(&evidence, &entry, NULL) == 1) {
        const struct wanted *w = entry.kind == EVIDENCE_FILE ? rules_of_entry(rules_all(), entry.path) : NULL;
        if (!w || !w->rule->owns)
            continue;
        if (list)
            list(ctx, w);
        stop = w->rule->owns(&o, entry.path, entry.bytes);
    }
    layer_files_done(&o.files);
    return stop;
}

int owners_walk(struct slice evidence, owned_path_fn *fn, void *ctx)
{
    return owners_walk_lists(evidence, NULL, fn, ctx);
}
