/* SPDX-License-Identifier: Apache-2.0 */
#include "model/records.h"

const char *const registry_action_names[] = {"push", "pull", "delete", "walk", "gone"};
const char *const tick_kind_names[] = {"rescan", "walk", "workloads", "feeds"};
const char *const image_status_names[] = {"ok", "unreadable", "unsupported", "unknown_format"};
const char *const layer_priority_names[] = {"push", "running", "tagged", "backfill"};
const char *const pull_status_names[] = {"good", "partial", "failed", "foreign"};
const char *const package_type_names[] = {
    "unknown",      "dpkg",         "apk",      "rpm",     "opkg",   "pacman",  "portage", "nix",
    "bottlerocket", "windows",      "pypi",     "npm",     "maven",  "golang",  "cargo",   "nuget",
    "composer",     "gem",          "hex",      "otp",     "pub",    "swift",   "conan",   "cpan",
    "cran",         "bioconductor", "luarocks", "hackage", "julia",  "bitnami", "conda",   "pear",
    "wordpress",    "vcpkg",        "opam",     "jvm",     "generic"};
const char *const package_scope_names[] = {"", "runtime", "development", "optional"};
const char *const package_certainty_names[] = {"", "installed", "declared", "guessed"};
const char *const inventory_status_names[] = {"complete", "partial", "failed"};
const char *const verdict_names[] = {"affected",    "not_affected",        "wont_fix",
                                     "end_of_life", "under_investigation", "needs_subscription"};
const char *const advisory_kind_names[] = {"", "malicious", "notice"};
const char *const name_kind_names[] = {"source", "binary", "either"};
const char *const severity_names[] = {"unknown", "negligible", "low", "medium", "high", "critical"};
const char *const assessment_code_names[] = {"healthy", "unhealthy", "not_applicable", "unverified"};
const char *const alert_kind_names[] = {"appeared", "changed", "resolved", "added", "gone"};
const char *const alert_cause_names[] = {
    [ALERT_CAUSE_UNKNOWN] = "unknown",
    [ALERT_IMAGE_PUSHED] = "image_pushed",
    [ALERT_IMAGE_FOUND] = "image_found",
    [ALERT_IMAGE_ADDED_TO_REPOSITORY] = "image_added_to_repository",
    [ALERT_IMAGE_DELETED] = "image_deleted",
    [ALERT_WORKLOAD_STARTED] = "workload_started",
    [ALERT_WORKLOAD_STOPPED] = "workload_stopped",
    [ALERT_INVENTORY_CHANGED] = "inventory_changed",
    [ALERT_ADVISORY_CHANGED] = "advisory_changed",
    [ALERT_ADVISORY_WITHDRAWN] = "advisory_withdrawn",
    [ALERT_FIX_PUBLISHED] = "fix_published",
    [ALERT_EXPLOITED] = "exploited",
    [ALERT_EXPLOIT_PUBLISHED] = "exploit_published",
    [ALERT_EXEMPTED] = "exempted",
};

_Static_assert(ARRAY_LEN(registry_action_names) == ACTION_MAX, "names");
_Static_assert(ARRAY_LEN(tick_kind_names) == TICK_MAX, "names");
_Static_assert(ARRAY_LEN(image_status_names) == IMAGE_STATUS_MAX, "names");
_Static_assert(ARRAY_LEN(layer_priority_names) == PRIORITY_MAX, "names");
_Static_assert(ARRAY_LEN(pull_status_names) == PULL_STATUS_MAX, "names");
_Static_assert(ARRAY_LEN(package_type_names) == PKG_TYPE_MAX, "names");
_Static_assert(ARRAY_LEN(package_scope_names) == SCOPE_MAX, "names");
_Static_assert(ARRAY_LEN(package_certainty_names) == CERTAINTY_MAX, "names");
_Static_assert(ARRAY_LEN(inventory_status_names) == INVENTORY_STATUS_MAX, "names");
_Static_assert(ARRAY_LEN(verdict_names) == VERDICT_MAX, "names");
_Static_assert(ARRAY_LEN(advisory_kind_names) == ADVISORY_KIND_MAX, "names");
_Static_assert(ARRAY_LEN(name_kind_names) == NAME_KIND_MAX, "names");
_Static_assert(ARRAY_LEN(severity_names) == SEVERITY_MAX, "names");
_Static_assert(ARRAY_LEN(assessment_code_names) == ASSESSED_MAX, "names");
_Static_assert(ARRAY_LEN(alert_kind_names) == ALERT_KIND_MAX, "names");
_Static_assert(ARRAY_LEN(alert_cause_names) == ALERT_CAUSE_MAX, "names");

int name_index(const char *const *names, int n, struct slice name)
{
    for (int i = 0; i < n; i++)
        if (slice_eq_str(name, names[i]))
            return i;
    return -1;
}

#define AT(member) offsetof(struct package, member)
const uint16_t package_text_at[PACKAGE_TEXTS] = {
    AT(name),
    AT(version),
    AT(architecture),
    AT(source_name),
    AT(source_version),
    AT(module),
    AT(vendor),
    AT(location),
    AT(purl),
    AT(not_judged.text),
    AT(not_judged.code),
    AT(updates),
    AT(ecosystem),
    AT(ns),
    AT(parent),
    AT(evidence),
    AT(why),
    AT(origin),
    AT(owner),
};
#undef AT

static int slice_order(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    return slice_cmp(*x, *y);
}

void slice_vec_sort(slice_vec *v)
{
    size_t kept = 0;
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, slice_order);
    for (size_t i = 0; i < v->n; i++)
        if (!kept || !slice_eq(v->v[kept - 1], v->v[i]))
            v->v[kept++] = v->v[i];
    v->n = kept;
}

bool slice_vec_add(struct arena *a, slice_vec *v, struct slice s)
{
    struct slice *to = VEC_ADD(a, v);
    if (!to)
        return false;
    *to = s;
    return true;
}
