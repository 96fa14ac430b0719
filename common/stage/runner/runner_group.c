/* SPDX-License-Identifier: Apache-2.0 */
/* runner_group.c: partitions come and go; a partition is live once it and everything that is read whole caught up. */
#include "stage/runner/runner_internal.h"

#include "base/log.h"

void runner_group_check_live(struct runner *r)
{
    struct whole *w = &r->whole;
    if (!w->live && w->store) {
        bool all = !w->behind;
        for (size_t i = 0; i < r->def->inputs_n; i++)
            for (uint32_t k = 0; r->def->inputs[i].whole && k < r->partitions; k++)
                all &= w->caught_up[i * r->partitions + k];
        w->live = all;
    }
    int64_t owned = 0, live = 0;
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        if (!p)
            continue;
        bool all = w->live;
        for (size_t i = 0; i < r->def->inputs_n; i++)
            all &= r->def->inputs[i].whole || p->caught_up[i];
        if (all && !p->live) {
            p->live = p->idle_due = true;
            log_debug("partition is live", LOG_I("partition", k));
        }
        owned++;
        live += p->live;
    }
    metric_set(&runner_owned, owned);
    metric_set(&runner_live, live);
}

static void on_revoked(void *arg, const uint32_t *partitions, size_t n, bool lost)
{
    struct runner *r = arg;
    for (size_t i = 0; i < n; i++) {
        if (!r->parts[partitions[i]])
            continue;
        /* The open batch of this partition is dropped: whoever owns it next repeats it from the stored offsets. */
        runner_part_close(r->parts[partitions[i]]);
        r->parts[partitions[i]] = NULL;
        log_info(lost ? "partition lost" : "partition given up", LOG_I("partition", partitions[i]));
    }
    runner_group_check_live(r);
}

static int on_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    struct runner *r = arg;
    for (size_t i = 0; i < n; i++) {
        uint32_t k = partitions[i];
        struct part *p;
        if (r->parts[k])
            continue;
        int rc = runner_part_open(r, k, &p, e);
        if (!rc)
            rc = runner_part_start(r, r->parts[k] = p, e);
        if (rc) {
            /* The bus takes all of them back. */
            on_revoked(r, partitions, i + 1, true);
            return -1;
        }
        log_info("partition assigned", LOG_I("partition", k));
    }
    if (n && r->whole.store) {
        r->whole.behind = true;
        r->whole.live = false;
    }
    runner_group_check_live(r);
    return 0;
}

int runner_group_join(struct runner *r, struct err *e)
{
    static const struct bus_group_callbacks callbacks = {on_assigned, on_revoked};
    enum topic joined[STAGE_INPUTS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < r->def->inputs_n; i++)
        if (!r->def->inputs[i].whole)
            joined[n++] = r->def->inputs[i].topic;
    if (!n)
        return 0;
    char *group ATTR_CLEANUP(cleanup_free) = xasprintf("careen-%s", r->def->name);
    return bus_join(r->bus, group, r->config->member, joined, n, &callbacks, r, e);
}
