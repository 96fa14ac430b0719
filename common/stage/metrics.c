/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/metrics.h"

#include <pthread.h>

static struct metric *metrics_head;
static pthread_mutex_t metrics_lock = PTHREAD_MUTEX_INITIALIZER;

static void metric_register(struct metric *m)
{
    if (m->registered)
        return;
    pthread_mutex_lock(&metrics_lock);
    if (!m->registered) {
        struct metric **at = &metrics_head;
        while (*at && strcmp((*at)->name, m->name) < 0)
            at = &(*at)->next;
        m->next = *at;
        *at = m;
        m->registered = 1;
    }
    pthread_mutex_unlock(&metrics_lock);
}

void metric_add(struct metric *m, int64_t by)
{
    metric_register(m);
    m->value += by;
}

void metric_set(struct metric *m, int64_t to)
{
    metric_register(m);
    m->value = to;
}

void metrics_text(struct buf *out)
{
    pthread_mutex_lock(&metrics_lock);
    const char *before = "";
    for (struct metric *m = metrics_head; m; m = m->next) {
        /* Metrics that differ only in labels stand together and share one description. */
        int n = (int)strcspn(m->name, "{");
        if (strncmp(before, m->name, (size_t)n) != 0 || (before[n] && before[n] != '{'))
            buf_addf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", n, m->name, m->help, n, m->name, m->type);
        buf_addf(out, "%s %" PRId64 "\n", m->name, m->value);
        before = m->name;
    }
    pthread_mutex_unlock(&metrics_lock);
}
