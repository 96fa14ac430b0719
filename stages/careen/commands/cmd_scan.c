/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "careen/feeds/feeds_age.h"
#include "careen/output.h"
#include "careen/scan/image_options.h"
#include "careen/scan/scan_view.h"
#include "feeds/update.h"
#include "model/ecosystem/ecosystem.h"
#include "model/software.h"
#include "inventory/assemble/sha1_index.h"

#define ARENA_BYTES ((size_t)1 << 30)

struct scan_options {
    struct image_options image;
    const char *severity, *min_severity, *fail_on, *feeds, *only, *unhealthy_from, *fail_on_partial;
    bool only_fixed, fail_on_unknown, unhealthy_unfixed;
    struct assess_options assess;
};

#define OPTION(member) offsetof(struct scan_options, member)
static const char *const severities[] = {"unknown", "negligible", "low", "medium", "high", "critical", NULL};

static const struct config_option options[] = {
    REPORT_FORMAT_OPTION(IMAGE_OPTION(format), REPORT_SCAN),
    {.name = "severity",
     .kind = CONFIG_STRING,
     .offset = OPTION(severity),
     .value = "LIST",
     .help = "Only findings of these severities: critical,high. How many are left out is said; they don't count for "
             "--fail-on."},
    {.name = "min-severity",
     .kind = CONFIG_STRING,
     .offset = OPTION(min_severity),
     .value = "SEVERITY",
     .choices = severities,
     .help =
         "Only findings of this severity and above. How many are left out is said; they don't count for --fail-on."},
    {.name = "only-fixed",
     .kind = CONFIG_BOOL,
     .offset = OPTION(only_fixed),
     .help = "Only findings that a newer version fixes which everybody can have; what only subscribers get is left "
             "out. How many are left out is said; they don't count for --fail-on."},
    {.name = "include-owned",
     .kind = CONFIG_BOOL,
     .offset = OPTION(assess.include_owned),
     .help =
         "Judge libraries whose files are a package's of the distribution by the advisories of their ecosystem too. "
         "Without it the distribution answers for them: it mends them in versions of its own, which others take for "
         "vulnerable."},
    {.name = "fail-on",
     .kind = CONFIG_STRING,
     .offset = OPTION(fail_on),
     .value = "SEVERITY",
     .choices = severities,
     .help = "Exit with 1 when there is a finding of this severity or above. Without it findings exit with 0. Findings "
             "without a severity don't count, and how many these are is said; 'unknown' takes every finding."},
    {.name = "fail-on-unknown",
     .kind = CONFIG_BOOL,
     .offset = OPTION(fail_on_unknown),
     .help = "Exit with 1 also when there is a finding that nobody has rated, with --fail-on or without."},
    {.name = "fail-on-partial",
     .kind = CONFIG_STRING,
     .offset = OPTION(fail_on_partial),
     .bare = "true",
     .value = "CODE,…",
     .help = "Exit with 3 when something could not be assessed, software of kinds that are not judged yet included; "
             "with codes of reasons and notes (docs/formats/reasons.md) only when one of these is told. It goes before "
             "--fail-on: 3, and not 1, where both are so."},
    {.name = "unhealthy-from",
     .kind = CONFIG_STRING,
     .offset = OPTION(unhealthy_from),
     .fallback = "low",
     .value = "SEVERITY",
     .choices = policy_severities,
     .help = "Findings of this severity and above, and those without one, make the image unhealthy; others are listed, "
             "no more."},
    {.name = "unhealthy-unfixed",
     .kind = CONFIG_BOOL,
     .offset = OPTION(unhealthy_unfixed),
     .fallback = "true",
     .help = "So do those without a fixed version that everybody can have."},
    {.name = "feeds",
     .kind = CONFIG_STRING,
     .offset = OPTION(feeds),
     .value = "DIR",
     .help =
         "First bring the advisory database up to date from this folder. Without it a scan uses the database as it is "
         "and never the network for advisories."},
    {.name = "only",
     .kind = CONFIG_STRING,
     .offset = OPTION(only),
     .value = "NAME,…",
     .help = "With --feeds: only these feeds."},
    IMAGE_OPTIONS,
};

/* ---- options ---- */

static int filter_of(const struct scan_options *o, struct assessment_filter *ret, struct err *e)
{
    struct slice list = slice_str(o->severity), word;
    *ret = (struct assessment_filter){.only_fixed = o->only_fixed};
    while (list.n && slice_take_token(&list, ',', &word)) {
        int i = name_index(severity_names, SEVERITY_MAX, slice_trim(word));
        if (i < 0)
            return err_set(e, ERR_USAGE, 0,
                           "--severity: \"%.*s\" is none of unknown, negligible, low, medium, high, critical",
                           SLICE_FMT(word));
        ret->severities |= 1u << i;
    }
    if (o->severity && !ret->severities)
        return err_set(e, ERR_USAGE, 0, "--severity names none");
    if (o->severity && o->min_severity)
        return err_set(e, ERR_USAGE, 0, "--severity and --min-severity say two things");
    if (o->min_severity)
        for (int i = name_index(severity_names, SEVERITY_MAX, slice_str(o->min_severity)); i < SEVERITY_MAX; i++)
            ret->severities |= 1u << i;
    return 0;
}

static void say_option(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "%s--%s%s%s", out->n ? " " : "", name, value ? " " : "", value ? value : "");
}

/* "--severity high --only-fixed"; absent: nothing is left out. */
static struct slice filter_text(const struct scan_options *o, struct arena *arena)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(4096);
    if (o->severity)
        say_option(&b, "severity", o->severity);
    if (o->min_severity)
        say_option(&b, "min-severity", o->min_severity);
    if (o->only_fixed)
        say_option(&b, "only-fixed", NULL);
    return b.n ? arena_slice(arena, buf_slice(&b)) : SLICE_NONE;
}

/* ---- the database ---- */

static int update(const struct scan_options *o, const char *cache, struct err *e)
{
    struct feeds_update u = {.cache_dir = cache, .feeds_dir = o->feeds, .names = o->only};
    if (careen_program.feeds_update("scan", &u, o->image.quiet, e) == 0 || e->kind == ERR_PARTIAL)
        return 0; /* those that failed were told; their records are yesterday's */
    return -1;
}

/* Before anything is pulled: a scan without advisories can't end well. An exit status. */
static int database_check(const struct scan_options *o, char **ret_dir)
{
    struct advisory_db db;
    struct err e = ERR_INIT;
    char *cache ATTR_CLEANUP(cleanup_free) = NULL;
    if (image_options_cache_path(o->image.cache, NULL, &cache, &e) || (o->feeds && update(o, cache, &e)))
        return command_failed("scan", &e);
    char *dir = xasprintf("%s/advisories", cache);
    if (advisory_db_open(dir, false, &db, &e)) {
        free(dir);
        return command_trouble("scan", &e);
    }
    /* Closed again: the sandbox's children must not inherit the map. */
    advisory_db_close(&db);
    *ret_dir = dir;
    return 0;
}

/* ---- the scan ---- */

static int assess(const struct scan_options *o, const char *dir, const struct inventory *inventory, struct arena *arena,
                  struct assessment *ret)
{
    struct advisory_db db;
    struct err e = ERR_INIT;
    if (advisory_db_open(dir, false, &db, &e))
        return command_trouble("scan", &e);
    int rc = assess_image(inventory, &db, &o->assess, arena, ret, &e);
    advisory_db_close(&db);
    return rc ? command_trouble("scan", &e) : 0;
}

/* What --fail-on-partial fails on: all that was not assessed, or these codes alone. */
struct partial_gate {
    bool all;
    bool codes[REASON_MAX];
};

static int partial_gate_of(const char *text, struct partial_gate *ret, struct err *e)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    struct slice list = slice_str(text), word;
    *ret = (struct partial_gate){0};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        ret->all |= slice_eq_nocase(list, slice_str(yes[i]));
        if (slice_eq_nocase(list, slice_str(no[i])))
            return 0;
    }
    while (!ret->all && slice_take_token(&list, ',', &word)) {
        word = slice_trim(word);
        enum reason_code code = reason_of_word(word);
        if (code == REASON_UNSPECIFIED && !slice_eq(word, reason_word(code)))
            return err_set(e, ERR_USAGE, 0,
                           "--fail-on-partial: there is no code \"%.*s\"; docs/formats/reasons.md lists them, "
                           "software-not-judged and layer-broken are two",
                           SLICE_FMT(slice_sub(word, 0, 100)));
        ret->codes[code] = true;
    }
    return text && !*text ? err_set(e, ERR_USAGE, 0, "--fail-on-partial names no code") : 0;
}

static struct slice first_of(const struct partial_gate *g, const struct reasons *r)
{
    for (size_t i = 0; i < r->texts.n; i++)
        if (g->codes[reason_code(reasons_at(r, i))])
            return r->texts.v[i];
    return SLICE_NONE;
}

static struct slice not_all(const struct partial_gate *g, const struct assessment *a, const struct inventory *inventory,
                            const struct image_state *state, struct arena *arena)
{
    struct slice why = SLICE_NONE, unread = SLICE_NONE;
    if (g->all && a->status != INVENTORY_COMPLETE)
        return a->reasons.texts.n ? a->reasons.texts.v[0] : SLICE("no reason is known");
    if (!g->all)
        why = first_of(g, &state->reasons);
    if (!g->all && !why.n)
        why = first_of(g, &inventory->notes); /* what is told of the feeds' age is no part of the state */
    if (why.n)
        return why;
    if (g->all || g->codes[REASON_SOFTWARE_NOT_JUDGED])
        unread = unread_text(&inventory->unread, false, arena);
    return unread.n ? arena_printf(arena, "seen and not judged: %.*s", SLICE_FMT(unread)) : SLICE_NONE;
}

static struct report_gate gate_of(const struct scan_options *o, const struct assessment *a)
{
    int least = o->fail_on ? name_index(severity_names, SEVERITY_MAX, slice_str(o->fail_on)) : SEVERITY_MAX;
    struct report_gate g = {.fail_on = o->fail_on, .fail_on_unknown = o->fail_on_unknown || least == SEVERITY_UNKNOWN};
    for (size_t i = 0; i < a->findings.n; i++) {
        enum severity severity = a->findings.v[i].severity;
        if (a->findings.v[i].kind == ADVISORY_NOTICE)
            continue; /* nothing is vulnerable by it */
        g.unknown += severity == SEVERITY_UNKNOWN;
        g.reached += severity != SEVERITY_UNKNOWN && (int)severity >= least;
    }
    for (size_t i = 0; i < a->filtered.n; i++) {
        enum severity severity = a->filtered.v[i].severity;
        if (a->filtered.v[i].kind == ADVISORY_NOTICE)
            continue;
        g.filtered += severity == SEVERITY_UNKNOWN ? g.fail_on_unknown : (int)severity >= least;
    }
    g.failed = g.reached || (g.fail_on_unknown && g.unknown);
    return g;
}

/* A gate counts what the filters leave: who filters to read less must know that he also fails less. */
static void tell_filtered(const struct report_gate *g, struct slice filter)
{
    if (g->filtered)
        command_say("scan", "%zu finding%s would fail %s%s%s and %s not counted, since %.*s leaves %s out", g->filtered,
                    g->filtered == 1 ? "" : "s", g->fail_on ? "--fail-on " : "--fail-on-unknown",
                    g->fail_on ? g->fail_on : "", g->fail_on && g->fail_on_unknown ? " --fail-on-unknown" : "",
                    g->filtered == 1 ? "is" : "are", SLICE_FMT(filter), g->filtered == 1 ? "it" : "them");
}

static int verdict(const struct scan_options *o, const struct assessment *a, const struct inventory *inventory,
                   const struct image_state *state, const struct report_gate *g, struct slice filter,
                   struct arena *arena)
{
    struct partial_gate partial;
    struct err ignored = ERR_INIT; /* run has looked at it */
    partial_gate_of(o->fail_on_partial, &partial, &ignored);
    if (a->extent == REPORT_NOT_ASSESSED) {
        command_say("scan", "could not assess: %.*s", SLICE_FMT(a->not_assessed.text));
        return EXIT_TROUBLE;
    }
    struct slice missing = not_all(&partial, a, inventory, state, arena);
    if (missing.n) {
        command_say("scan", "not everything could be assessed, and --fail-on-partial was asked for: %.*s",
                    SLICE_FMT(missing));
        return EXIT_TROUBLE;
    }
    if (o->fail_on && g->unknown && !g->fail_on_unknown)
        command_say("scan",
                    "%zu finding%s no severity, since nobody has rated %s, and %s not counted by --fail-on %s; "
                    "--fail-on-unknown counts %s",
                    g->unknown, g->unknown == 1 ? " has" : "s have", g->unknown == 1 ? "it" : "them",
                    g->unknown == 1 ? "is" : "are", o->fail_on, g->unknown == 1 ? "it" : "them");
    tell_filtered(g, filter);
    return g->failed ? EXIT_FINDINGS : 0;
}

/* Old knowledge is no knowledge: said of every ecosystem that something was judged by. */
static void tell_ages(const struct assessment *a, struct inventory *inventory, int64_t now_ms, struct arena *arena)
{
    slice_vec told = {0};
    for (size_t i = 0; i < inventory->packages.n; i++) {
        struct slice ecosystem = ecosystem_of_package(&inventory->packages.v[i], &inventory->os);
        bool again = !ecosystem.n || !policy_held_against(&inventory->packages.v[i]);
        for (size_t k = 0; k < told.n && !again; k++)
            again = slice_eq(told.v[k], ecosystem);
        if (again || !slice_vec_add(arena, &told, ecosystem))
            continue;
        feeds_age_notes(&a->feeds, ecosystem, now_ms, arena, &inventory->notes);
    }
}

/* Reports what was gathered and judged; returns an exit status. */
static int report(const struct scan_options *o, const struct assessment_filter *filter, struct slice reference,
                  struct gathered *gathered, struct assessment *assessment, struct arena *arena)
{
    const struct policy policy = policy_of(o->unhealthy_from, o->unhealthy_unfixed);
    const int64_t now_ms = clock_wall_ms();
    struct inventory *inventory = &gathered->inventory;
    struct assessed_image view;
    struct image_state state = assessment_state(assessment, inventory, policy, now_ms, arena);
    if (assessment->extent == REPORT_JUDGED)
        tell_ages(assessment, inventory, now_ms, arena);
    assessment_filter(assessment, filter, arena);
    struct report_gate gate = gate_of(o, assessment);
    scan_view_packages(gathered, reference, now_ms, &view);
    view.gate = &gate;
    view.filter = filter_text(o, arena);
    if (!scan_view_assess(&view, assessment, &policy, &state, arena)) {
        command_say("scan", "there is more to say of it than %zu bytes", arena->max);
        return EXIT_TROUBLE;
    }
    int rc = output_report("scan", o->image.output, o->image.format, REPORT_SCAN, &view);
    return rc ? rc : verdict(o, assessment, inventory, &state, &gate, view.filter, arena);
}

static int scan(const struct scan_options *o, const char *dir, const struct assessment_filter *filter,
                const char *const *args, size_t n, struct arena *arena)
{
    struct gathered gathered;
    struct assessment assessment;
    struct slice reference;
    int rc = image_gather("scan", &o->image, args, n, arena, &reference, &gathered);
    if (!rc)
        rc = assess(o, dir, &gathered.inventory, arena, &assessment);
    return rc ? rc : report(o, filter, reference, &gathered, &assessment, arena);
}

/* The codes of --fail-on-partial are of the same word, since without them it is an option too. */
static int too_many(const struct scan_options *o, const char *const *args, size_t n)
{
    for (size_t i = 0; o->fail_on_partial && i < n; i++) {
        struct partial_gate gate;
        struct err ignored = ERR_INIT;
        char why[300];
        if (partial_gate_of(args[i], &gate, &ignored))
            continue;
        snprintf(why, sizeof why, "one image at a time; did you mean --fail-on-partial=%.200s?", args[i]);
        return command_usage("scan", why);
    }
    return command_usage("scan", "one image at a time");
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct scan_options *o = own;
    struct assessment_filter filter;
    struct arena arena = ARENA_INIT(ARENA_BYTES);
    struct err e = ERR_INIT;
    char *dir ATTR_CLEANUP(cleanup_free) = NULL;
    if (n != 1)
        return n ? too_many(o, args, n) : command_usage("scan", "which image?");
    struct partial_gate partial;
    if (filter_of(o, &filter, &e) || partial_gate_of(o->fail_on_partial, &partial, &e) ||
        sha1_index_use(s->java_index, &e))
        return command_usage("scan", e.text);
    if (o->only && !o->feeds)
        return command_usage("scan", "--only chooses among the feeds of --feeds, which is not given");
    if (o->feeds && !careen_program.feeds_update)
        command_elsewhere();
    int rc = image_check("scan", &o->image, args, n);
    if (!rc)
        rc = database_check(o, &dir);
    if (rc)
        return rc;
    rc = scan(o, dir, &filter, args, n, &arena);
    arena_done(&arena);
    return rc;
}

static const char *const settings_used[] = {"java-index", NULL};

const struct command command_scan = {
    .name = "scan",
    .arguments = "IMAGE [options]",
    .summary = "find the vulnerabilities of one image",
    .takes_image = true,
    .about =
        "Advisories come from this machine's database: careen feeds update.\n\n"
        "    careen scan registry.example/team/app:1.4\n"
        "    careen scan oci:./image --only-fixed --fail-on high\n"
        "    careen scan docker-archive:app.tar --format json --output report.json\n\n"
        "Exit status: 0 assessed, 1 a finding at or above --fail-on (or --fail-on-unknown), 2 usage, 3 could not be\n"
        "assessed. An assessment that is partial says so, with the reasons, and exits with 0 or 1 unless\n"
        "--fail-on-partial is given: then it is 3, also where there are findings at or above --fail-on. Where nothing\n"
        "could be assessed (no advisory for the image's system in the database, a package database that can't be\n"
        "read, a system that is not known) it is 3. A system that nobody publishes advisories for is no error: it is\n"
        "told as \"not judged: no advisories for OpenWrt\", with 0. Nor is an image without an operating system: its\n"
        "libraries are judged, where there are any.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct scan_options),
    .uses_settings = true,
    .settings = settings_used,
    .run = run,
};
