/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report_words.h"

#include "model/distro/distro.h"
#include "model/distro/eol.h"
#include "model/ecosystem/ecosystem.h"
#include "model/software.h"

static void add_safe(struct buf *out, struct slice s)
{
    text_add_safe(out, s, false);
}

static void styled(struct buf *out, const struct text_terminal *t, enum text_style style, const char *text)
{
    buf_addf(out, "%s%s%s", text_style_on(t, style), text, text_style_off(t, style));
}

/* ---- findings ---- */

struct slice report_fixed(const struct finding *f, struct arena *arena)
{
    static const char *const words[VERDICT_MAX] = {
        [VERDICT_AFFECTED] = "(none yet)",
        [VERDICT_WONT_FIX] = "(will not be fixed)",
        [VERDICT_END_OF_LIFE] = "(end of life)",
        [VERDICT_UNDER_INVESTIGATION] = "(under investigation)",
        [VERDICT_NEEDS_SUBSCRIPTION] = "(needs a subscription)",
    };
    if (f->fixed_version.n && finding_subscription(f))
        return arena_printf(arena, "%.*s (subscription)", SLICE_FMT(f->fixed_version));
    return f->fixed_version.n ? f->fixed_version : slice_str(words[f->verdict] ? words[f->verdict] : "");
}

enum text_style report_fixed_style(const struct finding *f)
{
    return finding_fixable(f) ? TEXT_GREEN : f->fixed_version.n ? TEXT_YELLOW : TEXT_DIM;
}

enum text_style report_severity_style(enum severity s)
{
    static const enum text_style styles[SEVERITY_MAX] = {
        [SEVERITY_CRITICAL] = TEXT_BOLD_RED, [SEVERITY_HIGH] = TEXT_RED,       [SEVERITY_MEDIUM] = TEXT_YELLOW,
        [SEVERITY_LOW] = TEXT_BLUE,          [SEVERITY_NEGLIGIBLE] = TEXT_DIM, [SEVERITY_UNKNOWN] = TEXT_PLAIN,
    };
    return styles[s];
}

struct slice report_weight(const struct finding *f)
{
    return slice_str(f->kind == ADVISORY_VULNERABILITY ? severity_names[f->severity] : advisory_kind_names[f->kind]);
}

enum text_style report_weight_style(const struct finding *f)
{
    return f->kind == ADVISORY_NOTICE ? TEXT_DIM : report_severity_style(f->severity);
}

struct slice report_package(enum package_type type, struct slice ns, struct slice name, struct arena *arena)
{
    const char *joint = ecosystem_of_type(type)->joint;
    return ns.n && !ecosystem_of_systems(type)
               ? arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(ns), joint ? joint : "/", SLICE_FMT(name))
               : name;
}

/* ---- around them ---- */

void report_system(const struct assessed_image *a, struct buf *out)
{
    struct arena arena = ARENA_INIT(1 << 16);
    struct slice name = distro_in_words(&a->inventory.os, &arena);
    add_safe(out, name.n ? name : SLICE("not known"));
    arena_done(&arena);
}

/* Told among the reasons. */
static bool is_reason(const struct assessed_image *a, struct slice note)
{
    return a->extent == REPORT_NOT_ASSESSED && reasons_has_text(&a->reasons, note);
}

void report_notes(const struct assessed_image *a, const struct text_terminal *t, struct buf *out)
{
    struct arena arena = ARENA_INIT(1 << 16);
    struct slice ended = eol_sentence(&a->inventory.os, a->now_ms, &arena);
    size_t told = 0;
    for (size_t i = 0; i < a->inventory.notes.texts.n; i++)
        told += is_reason(a, a->inventory.notes.texts.v[i]);
    if (ended.n || a->inventory.notes.texts.n > told)
        buf_add_byte(out, '\n');
    if (ended.n) {
        buf_add_str(out, text_style_on(t, TEXT_YELLOW));
        add_safe(out, ended);
        buf_addf(out, "%s\n", text_style_off(t, TEXT_YELLOW));
    }
    for (size_t i = 0; i < a->inventory.notes.texts.n; i++) {
        if (is_reason(a, a->inventory.notes.texts.v[i]))
            continue;
        buf_add_str(out, "Note: ");
        add_safe(out, a->inventory.notes.texts.v[i]);
        buf_add_byte(out, '\n');
    }
    arena_done(&arena);
}

void report_reasons(const struct assessed_image *a, const struct text_terminal *t, struct buf *out)
{
    bool nothing = a->extent == REPORT_NOT_ASSESSED;
    /* That nobody publishes is said by the summary; it is a reason by itself. */
    if (!nothing && (a->status == INVENTORY_COMPLETE || (a->extent == REPORT_NOBODYS && a->reasons.texts.n <= 1)))
        return;
    buf_add_byte(out, '\n');
    styled(out, t, TEXT_BOLD_RED,
           nothing ? "NOT ASSESSED: nothing in it could be judged, so nothing is known of its vulnerabilities."
                   : "PARTIAL: not everything could be assessed, so there may be more.");
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < a->reasons.texts.n; i++) {
        buf_add_str(out, "  - ");
        add_safe(out, a->reasons.texts.v[i]);
        buf_add_byte(out, '\n');
    }
}

/* "3 findings: 1 malicious, 2 high; 1 counts; 2 can be fixed" */
static void add_counts(const struct finding_counts *c, struct buf *out)
{
    bool first = true;
    buf_addf(out, "%d finding%s", c->findings, c->findings == 1 ? "" : "s");
    if (c->malicious) {
        buf_addf(out, ": %d malicious", c->malicious);
        first = false;
    }
    for (size_t i = SEVERITY_MAX; i-- > 0;) {
        int32_t n = c->severity[i] - (i == SEVERITY_CRITICAL ? c->malicious : 0);
        if (n) {
            buf_addf(out, "%s%d %s", first ? ": " : ", ", n, severity_names[i]);
            first = false;
        }
    }
    if (c->counted != c->findings)
        buf_addf(out, "; %d count%s", c->counted, c->counted == 1 ? "s" : "");
    if (c->findings)
        buf_addf(out, "; %d can be fixed", c->fixable);
    if (c->subscription)
        buf_addf(out, ", %d with a subscription", c->subscription);
    if (c->exploited)
        buf_addf(out, "; %d known to be exploited", c->exploited);
    if (c->notices)
        buf_addf(out, "; %d notice%s", c->notices, c->notices == 1 ? "" : "s");
}

void report_summary(const struct assessed_image *a, const struct text_terminal *t, struct buf *out)
{
    const struct finding_counts *c = &a->counts;
    if (a->extent == REPORT_NOT_ASSESSED)
        return; /* "0 findings" would be read as good news */
    buf_addf(out, "\n%s", text_style_on(t, TEXT_BOLD));
    if (a->extent == REPORT_NOBODYS) {
        buf_add_str(out, "not judged: no advisories for ");
        report_system(a, out);
    } else if (!c->findings && !a->judged && a->inventory.unread.n) {
        buf_add_str(out, "nothing is judged: no packages that advisories speak of are in it");
    } else {
        add_counts(c, out);
    }
    buf_addf(out, "%s\n", text_style_off(t, TEXT_BOLD));
    if (c->filtered) {
        buf_addf(out, "%s%d finding%s not shown (", text_style_on(t, TEXT_YELLOW), c->filtered,
                 c->filtered == 1 ? " is" : "s are");
        add_safe(out, a->filter);
        buf_addf(out, ")%s\n", text_style_off(t, TEXT_YELLOW));
    }
}

void report_unread(const struct assessed_image *a, const struct text_terminal *t, struct buf *out)
{
    struct arena arena = ARENA_INIT(1 << 18);
    struct slice text = unread_text(&a->inventory.unread, false, &arena);
    if (text.n) {
        buf_addf(out, "%sSeen and not judged: ", text_style_on(t, TEXT_YELLOW));
        add_safe(out, text);
        buf_addf(out, "%s\n", text_style_off(t, TEXT_YELLOW));
    }
    arena_done(&arena);
}
