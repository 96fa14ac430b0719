/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever clients say that they accept gives one of the formats or none; whatever a finding's texts hold, every format
 * writes it, and CSV gives it as one row that begins no formula. The input is both: the header and the texts.
 */
#include "reports/report_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_accept(struct slice accept)
{
    for (int s = 0; s < REPORT_SUBJECT_MAX; s++) {
        const struct report_format *f = report_format_accepted((enum report_subject)s, accept);
        ASSERT(!f || f->write[s]);
    }
}

/* Two lines, and no cell that a spreadsheet would run, to whichever separator it is set. */
static void check_csv(struct slice csv)
{
    size_t lines = 0;
    bool begins = true;
    for (size_t i = 0; i < csv.n; i++) {
        uint8_t c = csv.p[i];
        if (c == '\r') {
            ASSERT(i + 1 < csv.n && csv.p[i + 1] == '\n');
            i++;
            lines++;
            begins = true;
            continue;
        }
        ASSERT(c >= ' ');
        ASSERT(!(begins && (c == '=' || c == '+' || c == '-' || c == '@')));
        begins = c == ',' || c == ';' || c == '|' || (begins && (c == ' ' || c == '"'));
    }
    ASSERT(lines == 2 && csv.p[csv.n - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct text_terminal no_terminal;
    struct slice text = slice_of(data, MIN(size, (size_t)4096));
    struct finding f = {
        .vulnerability = text, .package = text, .version = text, .fixed_version = text, .location = text};
    struct package p = {.name = text, .version = text, .architecture = text, .purl = text};
    const struct vulnerability known = {.id = text, .epss = -1, .epss_percentile = -1, .summary = text};
    const struct assessed_image a = {.reference = text,
                                     .image.digest = text,
                                     .inventory = {.os.name = text, .packages = {&p, 1, 1}},
                                     .packages = 1,
                                     .findings = {&f, 1, 1},
                                     .known = &known,
                                     .policy = POLICY_DEFAULT};
    check_accept(text);
    for (const struct report_format *const *format = report_formats; *format; format++)
        for (int s = 0; s < REPORT_SUBJECT_MAX; s++) {
            struct buf b = BUF_INIT((size_t)4 << 20);
            struct report_out out = {.buf = &b, .terminal = &no_terminal};
            struct err e = ERR_INIT;
            if (!(*format)->write[s])
                continue;
            ASSERT(report_write(*format, (enum report_subject)s, &a, &out, &e) == 0 && b.n > 0);
            if (strcmp((*format)->name, "csv") == 0)
                check_csv(buf_slice(&b));
            buf_done(&b);
        }
    return 0;
}
