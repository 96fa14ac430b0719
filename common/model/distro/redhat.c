/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/redhat.h"

#include "model/version/version.h"

static bool digits_at(struct slice s, size_t at, size_t *ret_end)
{
    size_t n = at;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    *ret_end = n;
    return n > at && n - at <= 4;
}

bool redhat_is_mainline(struct slice product)
{
    size_t end;
    return slice_eq_str(product, "enterprise_linux") || (digits_at(product, 0, &end) && end == product.n);
}

/* "9.2" -> "9". */
static struct slice major_of(struct slice version)
{
    size_t end;
    return digits_at(version, 0, &end) && (end == version.n || version.p[end] == '.') ? slice_sub(version, 0, end)
                                                                                      : SLICE_NONE;
}

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
              (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_' || s.p[i] == '-' || s.p[i] == '.' || s.p[i] == '%'))
            return false;
    return true;
}

/* "el8", "el7.4" */
static bool is_system(struct slice edition)
{
    size_t end;
    return slice_starts(edition, SLICE("el")) && digits_at(edition, 2, &end);
}

/* A component up to its first wildcard or whole ("4.*" -> "4"; "*", "-" and "%02" -> none); false: no name. */
static bool take_component(struct slice *cpe, struct slice *ret)
{
    static const char *const wild[] = {"*", "?", "%01", "%02", "%2a", "%2A", "%3f", "%3F"};
    struct slice s = SLICE_NONE;
    slice_take_token(cpe, ':', &s);
    for (size_t i = 0; i < ARRAY_LEN(wild); i++) {
        ptrdiff_t at = slice_find_slice(s, slice_str(wild[i]));
        if (at < 0)
            continue;
        s = slice_sub(s, 0, (size_t)at);
        while (s.n && s.p[s.n - 1] == '.')
            s.n--;
    }
    *ret = slice_eq_str(s, "-") ? SLICE_NONE : s;
    return is_name(s);
}

struct slice redhat_product_of_cpe(struct slice cpe, struct arena *arena)
{
    struct slice part, vendor, product, version, update, edition;
    /* The URI of CPE 2.2, or the formatted string of 2.3. */
    if (!slice_take_prefix(&cpe, SLICE("cpe:/")) && !slice_take_prefix(&cpe, SLICE("cpe:2.3:")))
        return SLICE_NONE;
    if (!take_component(&cpe, &part) || !take_component(&cpe, &vendor) || !slice_eq_str(vendor, "redhat") ||
        !take_component(&cpe, &product) || !product.n || product.n > 80)
        return SLICE_NONE;
    if (!take_component(&cpe, &version) || version.n > 40 || !take_component(&cpe, &update) ||
        !take_component(&cpe, &edition))
        return SLICE_NONE;
    if (slice_eq_str(product, "enterprise_linux"))
        return arena_slice(arena, version.n ? major_of(version) : product);
    if (!is_system(edition))
        edition = SLICE_NONE;
    /* From release 10 on: enterprise_linux_eus:10.0. */
    const char *longer = slice_take_prefix(&product, SLICE("enterprise_linux_")) ? "rhel_" : "";
    return arena_printf(arena, "%s%.*s%s%.*s%s%.*s", longer, SLICE_FMT(product), version.n || edition.n ? ":" : "",
                        SLICE_FMT(version), edition.n ? "::" : "", SLICE_FMT(edition));
}

size_t redhat_general_products(struct slice product, struct arena *arena, struct slice to[REDHAT_GENERALS_MAX])
{
    struct slice name = SLICE_NONE, rest = product, version = SLICE_NONE;
    size_t n = 0;
    slice_take_token(&rest, ':', &name);
    slice_take_token(&rest, ':', &version);
    if (redhat_is_mainline(product) || name.n == product.n)
        return 0;
    if (rest.n && version.n)
        to[n++] = arena_printf(arena, "%.*s:%.*s", SLICE_FMT(name), SLICE_FMT(version));
    for (ptrdiff_t dot; n < REDHAT_GENERALS_MAX - 1 && (dot = slice_rfind(version, '.')) > 0;) {
        version = slice_sub(version, 0, (size_t)dot);
        to[n++] = arena_printf(arena, "%.*s:%.*s", SLICE_FMT(name), SLICE_FMT(version));
    }
    to[n++] = name;
    return n;
}

/* ---- content sets ---- */

/* Layered products whose repositories are "<name>-<version>-for-rhel-<N>-<architecture>-rpms". */
static const struct {
    const char *name, *product;
} layered[] = {
    {"rhocp", "openshift"},
    {"ocp-tools", "ocp_tools"},
    {"pipelines", "openshift_pipelines"},
    {"cnv", "container_native_virtualization"},
    {"satellite-tools", "rhel_satellite_tools"},
    {"satellite-client", "rhel_satellite_client"},
    {"satellite", "satellite"},
    {"satellite-capsule", "satellite_capsule"},
    {"satellite-maintenance", "satellite_maintenance"},
    {"satellite-utils", "satellite_utils"},
    {"lvms", "lvms"},
    {"ansible-automation-platform", "ansible_automation_platform"},
    {"ansible", "ansible_engine"},
    {"rhosj", "jaeger"},
    {"rhocp-ironic", "openshift_ironic"},
    {"cert-manager", "cert_manager"},
    {"amq-clients", "a_mq_clients"},
    {"jb-datagrid", "jboss_data_grid"},
    {"jb-eap", "jboss_enterprise_application_platform"},
    {"jb-coreservices", "jboss_core_services"},
    {"openshift-builds", "openshift_builds"},
    {"rhmt", "rhmt"},
    {"service-interconnect", "service_interconnect"},
    {"rhui", "rhui"},
    {"rhacm", "acm"},
};

static bool take_digits(struct slice *s, struct slice *ret)
{
    size_t end;
    if (!digits_at(*s, 0, &end))
        return false;
    *ret = slice_sub(*s, 0, end);
    *s = slice_from(*s, end);
    return true;
}

/* Takes "__9_DOT_2" or "__7_DOT_7__x86_64" off the end. */
static struct slice take_minor(struct slice *name, struct arena *arena)
{
    ptrdiff_t at = slice_find_slice(*name, SLICE("__"));
    if (at < 0)
        return SLICE_NONE;
    struct slice rest = slice_from(*name, (size_t)at + 2), major, minor;
    *name = slice_sub(*name, 0, (size_t)at);
    if (!take_digits(&rest, &major) || !slice_take_prefix(&rest, SLICE("_DOT_")) || !take_digits(&rest, &minor) ||
        (rest.n && !slice_starts(rest, SLICE("__"))))
        return SLICE_NONE;
    return arena_printf(arena, "%.*s.%.*s", SLICE_FMT(major), SLICE_FMT(minor));
}

static bool take_end(struct slice *s, struct slice end)
{
    if (!slice_ends(*s, end))
        return false;
    s->n -= end.n;
    return true;
}

/* "rhel_<stream>:<minor>"; ELS is of the whole major release. */
static struct slice long_supported(struct slice stream, struct slice major, struct slice minor, struct slice version_id,
                                   struct arena *arena)
{
    if (slice_eq_str(stream, "els"))
        return arena_printf(arena, "rhel_els:%.*s", SLICE_FMT(major));
    if (!minor.n && slice_eq(major_of(version_id), major) && version_id.n > major.n)
        minor = version_id;
    return minor.n && slice_eq(major_of(minor), major)
               ? arena_printf(arena, "rhel_%.*s:%.*s", SLICE_FMT(stream), SLICE_FMT(minor))
               : SLICE_NONE;
}

/* What stands between "rhel-N-" and "-rpms" of the system's own repositories; *ret_stream "eus" … or empty. */
static bool own_repository(struct slice s, struct slice *ret_stream)
{
    static const char *const before[] = {"for-power-le-", "for-power-9-", "for-power-",    "for-system-z-a-",
                                         "for-system-z-", "for-arm-64-",  "for-hpc-node-", "server-",
                                         "client-",       "workstation-", "hpc-node-",     "for-x86_64-",
                                         "for-aarch64-",  "for-ppc64le-", "for-s390x-"};
    struct slice word, rest;
    *ret_stream = SLICE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        struct slice start = slice_str(before[i]);
        if (slice_eq(s, slice_sub(start, 0, start.n - 1)))
            return true; /* rhel-7-server-rpms */
        if (!slice_take_prefix(&s, start))
            continue;
        rest = s;
        while (slice_take_token(&rest, '-', &word))
            if (slice_is_word_of(word, "eus aus tus e4s els"))
                *ret_stream = word;
            else if (!slice_is_word_of(word, "baseos appstream optional supplementary fastrack highavailability "
                                             "resilientstorage nfv rt sap netweaver solutions"))
                return false;
        return true;
    }
    return false;
}

/* "rhocp-4.12-for-rhel-8-x86_64" -> "openshift:4.12::el8" */
static struct slice layered_product(struct slice s, struct arena *arena)
{
    ptrdiff_t at = slice_find_slice(s, SLICE("-for-rhel-"));
    if (at < 0)
        return SLICE_NONE;
    struct slice head = slice_sub(s, 0, (size_t)at), rest = slice_from(s, (size_t)at + 10), major;
    ptrdiff_t dash = slice_rfind(head, '-');
    if (dash < 0 || !take_digits(&rest, &major) || !slice_take_prefix(&rest, SLICE("-")) ||
        !slice_is_word_of(rest, "x86_64 aarch64 ppc64le s390x"))
        return SLICE_NONE;
    struct slice name = slice_sub(head, 0, (size_t)dash), version = slice_from(head, (size_t)dash + 1);
    for (size_t i = 0; i < ARRAY_LEN(layered); i++)
        if (slice_eq_str(name, layered[i].name) && major_of(version).n)
            return arena_printf(arena, "%s:%.*s::el%.*s", layered[i].product, SLICE_FMT(version), SLICE_FMT(major));
    return SLICE_NONE;
}

struct slice redhat_product_of_content_set(struct slice name, struct slice version_id, struct arena *arena)
{
    struct slice minor = take_minor(&name, arena), rest = name, major, stream;
    if (name.n > 200 || !take_end(&name, SLICE("-rpms")))
        return SLICE_NONE;
    if (!take_end(&name, SLICE("-debug")))
        take_end(&name, SLICE("-source"));
    rest = name;
    if (slice_take_prefix(&rest, SLICE("ubi-")) && take_digits(&rest, &major) && slice_starts(rest, SLICE("-")))
        return arena_slice(arena, major);
    rest = name;
    if (slice_take_prefix(&rest, SLICE("codeready-builder-for-rhel-")) && take_digits(&rest, &major)) {
        ptrdiff_t dash = slice_rfind(rest, '-');
        stream = slice_from(rest, (size_t)dash + 1);
        if (dash > 0 && slice_is_word_of(stream, "eus aus tus e4s"))
            return long_supported(stream, major, minor, version_id, arena);
        return dash == 0 ? arena_slice(arena, major) : SLICE_NONE;
    }
    rest = name;
    if (slice_take_prefix(&rest, SLICE("rhel-")) && take_digits(&rest, &major) &&
        slice_take_prefix(&rest, SLICE("-")) && own_repository(rest, &stream)) {
        /* Before 8 these were products of their own. */
        bool older = !stream.n && major.n == 1 && major.p[0] < '8';
        if (older && slice_ends(rest, SLICE("-supplementary")))
            return arena_printf(arena, "rhel_extras:%.*s", SLICE_FMT(major));
        if (older && (slice_ends(rest, SLICE("-nfv")) || slice_ends(rest, SLICE("-rt"))))
            return arena_printf(arena, "rhel_extras_rt:%.*s", SLICE_FMT(major));
        return stream.n ? long_supported(stream, major, minor, version_id, arena) : arena_slice(arena, major);
    }
    return layered_product(name, arena);
}
