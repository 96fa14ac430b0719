/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perl.c: distributions of CPAN that were installed by hand; a distribution's own package manager keeps none of these files.
 * Three places tell of one, in this order of what they know:
 *
 *     …/.meta/DIST-1.2/install.json    of cpanm (App::cpanminus): {"name": MODULE, "version", "dist", "pathname": "A/AB/ABC/…"}
 *     …/perllocal.pod                  of ExtUtils::MakeMaker, added to at each installation: "=head2 DATE: C<Module>
 *                                      L<Foo::Bar|Foo::Bar>", then C<VERSION: 1.2>
 *     …/auto/Foo/Bar/.packlist         the files of one; its version is in the module's code, which is not run
 *
 * Names of modules are turned into those of distributions by "::" to "-", which is what most of them are. Within a layer a
 * distribution is told by the best of its places.
 */
#include "io/text/json.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

enum rank { BY_PACKLIST, BY_PERLLOCAL, BY_INSTALL };
static const char *const parsers[] = {"perl-packlist", "perllocal", "cpanm"};

struct known {
    struct package package;
    struct slice path;
    enum rank rank;
};

struct state {
    VEC(struct known) all;
};

extern const struct package_format format_perl;

static void know(struct parse *p, struct package package, enum rank rank)
{
    struct state *s = parse_state(p, &format_perl, sizeof *s);
    struct known *to = NULL;
    for (size_t i = 0; s && i < s->all.n && !to; i++)
        if (slice_eq(s->all.v[i].package.name, package.name))
            to = &s->all.v[i];
    if (to && to->rank > rank)
        return;
    if (!to && s)
        to = VEC_ADD(p->arena, &s->all);
    package.type = PKG_CPAN;
    if (to)
        *to = (struct known){package, p->path, rank};
}

/* "Foo::Bar": Foo-Bar */
static struct slice distribution_of(struct parse *p, struct slice module)
{
    uint8_t *to = arena_alloc(p->arena, module.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < module.n; i++) {
        bool colons = module.p[i] == ':' && i + 1 < module.n && module.p[i + 1] == ':';
        to[n++] = colons || module.p[i] == '/' ? '-' : module.p[i];
        i += colons;
    }
    return to ? slice_of(to, n) : SLICE_NONE;
}

static void parse_install(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.name = SLICE_NONE};
    struct slice key, module = SLICE_NONE, dist = SLICE_NONE, pathname = SLICE_NONE, stem, version, author;
    struct json_pull json;
    (void)file;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        struct slice *to = slice_eq_str(key, "name")       ? &module
                           : slice_eq_str(key, "version")  ? &package.version
                           : slice_eq_str(key, "dist")     ? &dist
                           : slice_eq_str(key, "pathname") ? &pathname
                                                           : NULL;
        if (!to)
            json_pull_skip(&json);
        else
            *to = json_pull_kind(&json) == JSON_PULL_NUMBER ? json_pull_scalar(&json) : json_pull_string(&json);
    }
    parse_json_end(p, &json);
    package.name = name_split_version(dist, true, &stem, &version) ? stem : distribution_of(p, module);
    /* "S/SR/SRI/Mojolicious-9.31.tar.gz" */
    author = slice_path_name(slice_path_folder(pathname));
    if (parse_is_token(author))
        package.ns = author;
    if (parse_is_token(package.name) && parse_is_token(package.version))
        know(p, package, BY_INSTALL);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version");
}

static void parse_perllocal(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line, name = SLICE_NONE;
    (void)file;
    while (slice_take_line(&bytes, &line)) {
        ptrdiff_t link = slice_find_slice(line, SLICE("L<"));
        if (slice_starts(line, SLICE("=head2 ")) && link > 0) {
            line = slice_from(line, (size_t)link + 2);
            slice_take_token(&line, '|', &name);
            name = distribution_of(p, name);
        } else if (name.n && slice_take_prefix(&line, SLICE("C<VERSION: "))) {
            struct slice version = SLICE_NONE;
            slice_take_token(&line, '>', &version);
            if (parse_is_token(name) && parse_is_token(version))
                know(p, (struct package){.name = name, .version = version}, BY_PERLLOCAL);
            else
                parse_reason(p, REASON_PACKAGE_LEFT_OUT, "an entry without a sound name and version");
            name = SLICE_NONE;
        }
    }
}

static void parse_packlist(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice folder = slice_path_folder(p->path), at = SLICE("/auto/");
    (void)bytes;
    (void)file;
    ptrdiff_t found = slice_find_slice(folder, at);
    if (found < 0)
        return; /* perl's own */
    struct slice name = distribution_of(p, slice_from(folder, (size_t)found + at.n));
    if (parse_is_token(name))
        know(p,
             (struct package){.name = name,
                              .version = SLICE(""),
                              .not_judged = reason_make(REASON_VERSION_UNKNOWN,
                                                        SLICE("its version is only in its code, which is not run"))},
             BY_PACKLIST);
}

static void read_end(struct parse *p, struct slice whole)
{
    struct state *s = parse_state(p, &format_perl, sizeof *s);
    (void)whole;
    for (size_t i = 0; s && i < s->all.n; i++) {
        const struct known *k = &s->all.v[i];
        for (size_t j = 0; j < p->out->files.n; j++) {
            struct parsed_file *file = &p->out->files.v[j];
            if (!slice_eq(file->path, k->path) || !slice_eq_str(file->parser, parsers[k->rank]))
                continue;
            parse_add_package(p, file, &k->package);
            break;
        }
    }
}

static const struct package_rule rules[] = {
    {.path = "**/.meta/*/install.json", .max = KEEP_SMALL, .parser = "cpanm", .parse = parse_install},
    {.path = "**/perllocal.pod", .max = KEEP_SMALL * 4, .parser = "perllocal", .parse = parse_perllocal},
    {.path = "**/.packlist", .parser = "perl-packlist", .parse = parse_packlist},
    {.path = NULL},
};

const struct package_format format_perl = {
    .name = "perl", .keeps_version = 1, .reads_version = 1, .type = PKG_CPAN, .rules = rules, .read_end = read_end};
