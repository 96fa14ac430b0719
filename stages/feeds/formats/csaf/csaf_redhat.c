/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/csaf/csaf_redhat.h"

#include "model/purl.h"
#include "model/distro/redhat.h"
#include "model/version/version.h"

/* "nodejs:18/nodejs" -> "nodejs": older documents have no purl for the system's components. */
static struct slice component_name(struct slice id)
{
    struct slice name = slice_path_name(id);
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] == ':' || name.p[i] == '@')
            return SLICE_NONE;
    return slice_find(id, '/') < 0 || slice_find(id, ':') > 0 ? name : SLICE_NONE;
}

/*
 * A module's build as a purl's version: "3.9-8100020240826062204.d47b87a4" as its build system names it, with '_' for a
 * '-' of the stream, or "3.9:8100020240826062204:d47b87a4" as its label does.
 */
static bool split_build(struct slice version, struct slice *ret_stream, struct slice *ret_version)
{
    ptrdiff_t at = slice_find(version, ':') > 0 ? slice_find(version, ':') : slice_rfind(version, '-');
    if (at <= 0)
        return false;
    struct slice rest = slice_from(version, (size_t)at + 1);
    size_t n = 0;
    while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
        n++;
    *ret_stream = slice_sub(version, 0, (size_t)at);
    *ret_version = slice_sub(rest, 0, n);
    return redhat_is_module_version(*ret_version) && (n == rest.n || rest.p[n] == '.' || rest.p[n] == ':');
}

/* The module as a whole; false when it is a package. */
static bool read_module(const struct purl *p, struct slice label, struct arena *arena, struct redhat_statement *s)
{
    struct slice stream = SLICE_NONE, version = SLICE_NONE;
    struct redhat_module m = redhat_module_of(label);
    bool build = split_build(p->version, &stream, &version);
    bool named = m.stream.n && slice_starts(m.stream, p->name) && m.stream.p[p->name.n] == ':';
    if (!build && slice_eq_str(p->type, "rpmmod") && slice_eq_str(p->ns, "redhat") && p->version.n)
        stream = p->version;
    /* A package of the module without a version of its own, said to be fixed: what is told is the module's. */
    else if (!build && s->status == CSAF_FIXED && named && m.version.n && slice_find(p->version, '-') < 0)
        version = m.version;
    else if (!build)
        return false;
    s->module = named ? m.stream : arena_printf(arena, "%.*s:%.*s", SLICE_FMT(p->name), SLICE_FMT(stream));
    s->name = s->module;
    s->architecture = SLICE_NONE;
    s->version = version.n ? version : SLICE("");
    s->whole_module = true;
    return true;
}

/* "pkg:rpmmod/redhat/nodejs:18/nodejs" and the ids "nodejs:18/nodejs" name a module where others have a qualifier. */
static struct slice module_label(const struct purl *p, const struct csaf_place *place)
{
    struct slice label = purl_qualifier(p, "rpmmod"), id = place->package->id, above = p->ns;
    ptrdiff_t slash = slice_find(id, '/');
    if (!redhat_module_of(label).stream.n && slice_take_prefix(&above, SLICE("redhat/")))
        label = above;
    if (!redhat_module_of(label).stream.n && slash > 0)
        label = slice_sub(id, 0, (size_t)slash);
    return redhat_module_of(label).stream.n ? label : place->between;
}

static void read_version(const struct purl *p, struct arena *arena, struct redhat_statement *s)
{
    struct slice epoch = purl_qualifier(p, "epoch");
    s->version = reading_version(arena, p->version);
    if (epoch.n && !slice_eq_str(epoch, "0") && slice_find(s->version, ':') < 0)
        s->version = arena_printf(arena, "%.*s:%.*s", SLICE_FMT(epoch), SLICE_FMT(s->version));
    /* Without a release it is no version of an rpm but part of a stream's name: "go-toolset@rhel8". */
    if (slice_find(s->version, '-') < 0)
        s->version = SLICE("");
}

/* The package's side of a statement. */
static enum redhat_reading read_package(const struct csaf_place *place, struct arena *arena, struct redhat_statement *s)
{
    struct purl p;
    struct slice id = place->package->id, purl = place->package->purl;
    if (slice_starts(purl, SLICE("pkg:oci/")) || slice_starts(purl, SLICE("pkg:docker/")))
        return REDHAT_CONTAINER;
    if (!purl.n && s->mainline && component_name(id).n)
        p = (struct purl){.name = component_name(id)};
    else if ((!slice_starts(purl, SLICE("pkg:rpm/")) && !slice_starts(purl, SLICE("pkg:rpmmod/"))) ||
             purl_parse(purl, arena, &p, NULL))
        return REDHAT_NO_PACKAGE;
    struct slice label = module_label(&p, place);
    s->architecture = purl_qualifier(&p, "arch");
    if (!read_module(&p, label, arena, s)) {
        s->name = p.name;
        if (!s->architecture.n && slice_ends(s->name, SLICE(".src"))) {
            s->name.n -= strlen(".src");
            s->architecture = SLICE("src");
        }
        s->module = redhat_module_of(label).stream;
        read_version(&p, arena, s);
    }
    bool source = slice_eq_str(s->architecture, "src") || slice_eq_str(s->architecture, "nosrc");
    s->names = s->whole_module || !s->architecture.n ? REDHAT_EITHER : source ? REDHAT_SOURCE : REDHAT_BINARY;
    if (source)
        s->architecture = SLICE_NONE;
    if ((s->module.n && !reading_is_name(s->module, 64)) ||
        (s->architecture.n && !reading_is_name(s->architecture, 16)) || s->version.n > 100)
        return REDHAT_NO_PACKAGE;
    bool good = reading_is_name(s->name, 160) && !csaf_is_debug(s->name) &&
                (!s->version.n || version_orderable(VERSION_RPM, s->version, NULL));
    return good ? REDHAT_READ : REDHAT_NO_PACKAGE;
}

enum redhat_reading redhat_statement_read(const struct csaf_document *d, struct slice product, enum csaf_status status,
                                          struct arena *arena, struct redhat_statement *ret)
{
    struct csaf_place place;
    struct redhat_statement s = {.status = status, .product = csaf_number(d, product)};
    if (!csaf_place(d, product, &place) || !place.platform)
        return REDHAT_NO_PACKAGE;
    struct slice stream = redhat_product_of_cpe(place.platform->cpe, arena);
    s.mainline = redhat_is_mainline(stream);
    s.platform = place.platform;
    if (!stream.n)
        return REDHAT_NO_PACKAGE;
    enum redhat_reading r = read_package(&place, arena, &s);
    if (r != REDHAT_READ)
        return r;
    s.ecosystem = arena_printf(arena, "Red Hat:%.*s", SLICE_FMT(stream));
    if ((status == CSAF_FIXED && !s.version.n) || !reading_is_name(s.ecosystem, 100))
        return REDHAT_NO_PACKAGE;
    *ret = s;
    return REDHAT_READ;
}
