/* SPDX-License-Identifier: Apache-2.0 */
/*
 * r.c: R's packages. An installed one is a folder with a file DESCRIPTION ("Writing R Extensions", 1.1.1), to which the
 * installation adds a line Built; that of a source tree has none and proves nothing. Which repository it came from
 * Repository says, and biocViews is Bioconductor's own field. What the tools remotes and pak fetched from elsewhere has
 * RemoteType. Packages of priority "base" are part of R.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

static struct slice origin_of(struct parse *p, struct slice text)
{
    struct slice type = text_field(text, "RemoteType"), url = text_field(text, "RemoteUrl"),
                 sha = text_field(text, "RemoteSha"), host = text_field(text, "RemoteHost"),
                 user = text_field(text, "RemoteUsername"), repository = text_field(text, "RemoteRepo");
    if (!type.n || slice_eq_str(type, "standard") || slice_eq_str(type, "cran") || slice_eq_str(type, "bioconductor"))
        return SLICE_NONE;
    if (url.n)
        return arena_printf(p->arena, "%.*s%s%.*s", SLICE_FMT(url), sha.n ? "@" : "", SLICE_FMT(sha));
    if (repository.n)
        return arena_printf(p->arena, "%.*s:%.*s/%.*s%s%.*s", SLICE_FMT(host.n ? host : type), SLICE_FMT(user),
                            SLICE_FMT(repository), sha.n ? "@" : "", SLICE_FMT(sha));
    return type;
}

static void parse_description(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice repository = text_field(bytes, "Repository");
    struct package package = {.name = text_field(bytes, "Package"), .version = text_field(bytes, "Version")};
    if (!text_field(bytes, "Built").n)
        return;
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound Package and Version");
        return;
    }
    bool cran = repository.n && !slice_starts(repository, SLICE("Bioc"));
    package.type = !cran && text_field(bytes, "biocViews").n ? PKG_BIOCONDUCTOR : PKG_CRAN;
    package.origin = origin_of(p, bytes);
    if (!slice_is_text(package.origin))
        package.origin = SLICE_NONE;
    if (package.origin.n)
        package.why = SLICE("it was not installed from a repository of packages");
    if (slice_eq_str(text_field(bytes, "Priority"), "base"))
        package.parent = SLICE("R");
    parse_add_package(p, file, &package);
}

static const struct package_rule rules[] = {
    {.path = "**/DESCRIPTION", .max = KEEP_SMALL / 4, .parser = "r-description", .parse = parse_description},
    {.path = NULL},
};

const struct package_format format_r = {
    .name = "r", .keeps_version = 1, .reads_version = 1, .type = PKG_CRAN, .rules = rules};
