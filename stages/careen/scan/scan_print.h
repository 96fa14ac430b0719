/* SPDX-License-Identifier: Apache-2.0 */
/* scan_print.h: inventories and assessments for people and for programs (docs/formats/scan.md). Pure. */
#ifndef CAREEN_CAREEN_SCAN_SCAN_PRINT_H
#define CAREEN_CAREEN_SCAN_SCAN_PRINT_H

#include "careen/scan/assess_image.h"
#include "careen/scan/gather.h"
#include "publish/assess.h"

/* What --fail-on and --fail-on-unknown make of the findings that the filters left. */
struct scan_gate {
    const char *fail_on; /* NULL: not asked for */
    bool fail_on_unknown, failed;
    size_t reached, unknown; /* findings at or above it; those without a severity */
    size_t filtered;         /* that the filters left out and that would fail it */
};

struct scan_print {
    struct slice reference; /* as the person named it, with defaults filled in */
    const struct gathered *gathered;
    const struct assessment *assessment;  /* NULL: the inventory alone */
    const struct scan_gate *gate;         /* NULL without an assessment */
    const struct text_terminal *terminal; /* of tables */
    int64_t now_ms;
    struct policy policy;     /* which findings count */
    struct slice filter;      /* "--severity high --only-fixed", absent: everything is shown */
    struct image_state state; /* of everything that was found, whatever is shown of it */
};

/* -1 when out is too small. */
int scan_print_table(const struct scan_print *s, struct buf *out);
int scan_print_json(const struct scan_print *s, struct buf *out);
int packages_print_table(const struct scan_print *s, struct buf *out);
int packages_print_json(const struct scan_print *s, struct buf *out);

#endif
