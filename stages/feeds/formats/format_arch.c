/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_arch.c: the groups of vulnerabilities of Arch Linux's security tracker, an array of
 *     {"name": "AVG-1234", "packages": ["glibc", "lib32-glibc"], "status": "Fixed", "severity": "High",
 *      "affected": "2.38-1", "fixed": "2.38-2", "issues": ["CVE-2023-4911"], "advisories": ["ASA-202310-1"]}
 * Packages are those that are installed. `affected` is the version that the repositories had when the group was opened:
 * all before `fixed` are taken as affected. Status: Vulnerable (no fix), Fixed, Testing (the fix is in the testing
 * repositories), Unknown (under investigation), Not affected.
 */
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"

#define ARCH_MAX     ((uint64_t)256 << 20)
#define PACKAGES_MAX 1000
#define ISSUES_MAX   2000

static const struct {
    const char *status;
    enum verdict verdict;
} statuses[] = {{"Vulnerable", VERDICT_AFFECTED},
                {"Fixed", VERDICT_AFFECTED},
                {"Testing", VERDICT_AFFECTED},
                {"Unknown", VERDICT_UNDER_INVESTIGATION},
                {"Not affected", VERDICT_NOT_AFFECTED}};

static const char *read_status(struct slice status, enum verdict *ret_verdict)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (slice_eq_str(status, statuses[i].status)) {
            *ret_verdict = statuses[i].verdict;
            return NULL;
        }
    return "a status that is none of Vulnerable, Fixed, Testing, Unknown, Not affected";
}

/* Fills what all packages of the group share. NULL, or what is wrong with it. */
static const char *read_group(struct feed_reading *r, const json_t *json, struct advisory *a)
{
    const json_t *issues = json_object_get(json, "issues"), *advisories = json_object_get(json, "advisories");
    struct slice severity = json_tree_view(json, "severity"),
                 fixed = reading_version(r->arena, json_tree_view(json, "fixed")),
                 status = json_tree_view(json, "status");
    const char *bad = read_status(status, &a->verdict);
    if (bad)
        return bad;
    if (slice_eq_str(status, "Fixed") && !fixed.n)
        return "fixed without a version";
    if (fixed.n && !reading_is_name(fixed, 256))
        return "a version that is not one";
    if (json_array_size(issues) > ISSUES_MAX)
        return "too many issues";
    for (size_t i = 0; i < json_array_size(issues); i++) {
        struct slice id = slice_str(json_string_value(json_array_get(issues, i)));
        if (!reading_is_name(id, 64))
            return "an issue that is no id";
        slice_vec_add(r->arena, reading_is_cve(id) ? &a->cves : &a->aliases, id);
    }
    if (a->verdict != VERDICT_NOT_AFFECTED) {
        struct version_range *range = VEC_ADD(r->arena, &a->ranges);
        if (range)
            *range = (struct version_range){.introduced = SLICE("0"), .fixed = fixed};
    }
    if (severity.n <= 32 && slice_is_text(severity) && !slice_eq_str(severity, "Unknown"))
        a->severity = severity;
    struct slice notice = slice_str(json_string_value(json_array_get(advisories, 0)));
    if (reading_is_name(notice, 64))
        a->fix_reference = notice;
    return NULL;
}

static int arch_group(struct feed_reading *r, const json_t *json, struct err *e)
{
    const json_t *packages = json_object_get(json, "packages");
    struct advisory shared = {
        .ecosystem = slice_str(r->feed->ecosystem), .id = json_tree_view(json, "name"), .name_kind = NAME_BINARY};
    if (!reading_is_name(shared.id, 64))
        return reading_skip(r, SLICE("(no id)"), "a group without a name", e);
    const char *bad = read_group(r, json, &shared);
    size_t n = json_array_size(packages);
    if (!bad && (!n || n > PACKAGES_MAX))
        bad = "no packages, or too many";
    for (size_t i = 0; i < n && !bad; i++)
        if (!reading_is_name(slice_str(json_string_value(json_array_get(packages, i))), 200))
            bad = "a package that is no name";
    if (!bad && r->arena->overflow)
        bad = "too much for the memory of one document";
    if (bad)
        return reading_skip(r, shared.id, bad, e);
    for (size_t i = 0; i < n; i++) {
        struct advisory a = shared;
        a.package = slice_str(json_string_value(json_array_get(packages, i)));
        if (reading_advisory(r, &a, e))
            return -1;
    }
    return 0;
}

static int arch_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    return arch_group(r, x->json, e);
}

int format_arch(struct feed_reading *r, struct err *e)
{
    return elements_read(r, &(struct elements){.max = ARCH_MAX, .element = arch_element}, e);
}
