/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h: counters and gauges, shown as Prometheus text. They are declared as static objects and registered at first
 * use:
 *
 *     static struct metric pulled = METRIC_COUNTER("careen_pull_layers_total", "Layers pulled.");
 *     metric_add(&pulled, 1);
 *
 * Any thread. Names follow Prometheus' conventions, careen_<stage>_<what>_<unit>[_total], and may end with labels:
 * careen_feeds_records{feed="kev"}.
 */
#ifndef CAREEN_STAGE_METRICS_H
#define CAREEN_STAGE_METRICS_H

#include "base/buf.h"

struct metric {
    const char *name, *help, *type;
    _Atomic int64_t value;
    _Atomic int registered;
    struct metric *next;
};

#define METRIC_COUNTER(n, h)                                                                                           \
    {                                                                                                                  \
        .name = (n), .help = (h), .type = "counter"                                                                    \
    }
#define METRIC_GAUGE(n, h)                                                                                             \
    {                                                                                                                  \
        .name = (n), .help = (h), .type = "gauge"                                                                      \
    }

void metric_add(struct metric *m, int64_t by);
void metric_set(struct metric *m, int64_t to);
/* Appends all registered metrics in the text format 0.0.4, sorted by name. */
void metrics_text(struct buf *out);

#endif
