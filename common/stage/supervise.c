/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/supervise.h"

#include "base/log.h"
#include "stage/metrics.h"

static struct metric restarts = METRIC_COUNTER(
    "careen_sandbox_restarts_total", "Times that the process which forks the sandboxed children was started again.");

int supervise_sandbox(struct sandbox *s, struct err *e)
{
    int rc = sandbox_supervise(s, e);
    int64_t more = (int64_t)sandbox_restarts(s) - restarts.value;
    metric_add(&restarts, more);
    if (more > 0)
        log_warn("the sandbox's nursery had ended and was started again", LOG_I("times", restarts.value));
    return rc;
}
