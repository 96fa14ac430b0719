/* SPDX-License-Identifier: Apache-2.0 */
/* parse_ruby.c: what the kept lines of Ruby's files say (ruby.h). A file that is another name of one waits for that. */
#include "packages/reading/fact_list.h"
#include "packages/ruby/ruby.h"

#define LINKS_MAX ((size_t)1 << 22) /* comparisons, in a layer that is made to be slow */

struct ruby_entry {
    struct slice path, facts;
};

struct ruby {
    VEC(struct ruby_entry) files; /* in the order of the layer */
    VEC(struct ruby_entry) links;
    size_t looks;
};

/* ---- gems ---- */

static struct slice full_name(struct slice path)
{
    struct slice name = slice_path_name(path);
    name.n -= slice_ends(name, SLICE(".gemspec")) ? strlen(".gemspec") : 0;
    return name;
}

/* Whether the file's name is what RubyGems gives a specification that says this. */
static bool is_named(struct parse *p, struct slice full, const struct ruby_spec *spec)
{
    bool more = spec->platform.n > 0;
    return slice_eq(full, arena_printf(p->arena, "%.*s-%.*s%s%.*s", SLICE_FMT(spec->name), SLICE_FMT(spec->version),
                                       more ? "-" : "", SLICE_FMT(spec->platform)));
}

static bool is_sound(struct parse *p, const struct ruby_spec *spec, struct slice facts)
{
    struct slice wrong = fact_list_get(facts, "wrong");
    if (parse_is_token(spec->name) && parse_is_token(spec->version))
        return true;
    if (wrong.n)
        parse_reason(p, REASON_FILE_CUT, "%.*s", SLICE_FMT(wrong));
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it says no name and version that can be read without running it");
    return false;
}

static void tell_gem(struct parse *p, const struct ruby_place *place, struct slice facts)
{
    struct ruby_spec spec = ruby_spec_read(facts);
    struct slice full = full_name(p->path);
    if (!is_sound(p, &spec, facts))
        return;
    struct package package = {
        .type = PKG_GEM, .name = spec.name, .version = spec.version, .architecture = spec.platform};
    if (place->file == RUBY_DEFAULT_GEM)
        package.why = SLICE("a default gem: a part of Ruby's library");
    if (!is_named(p, full, &spec))
        package.why = SLICE("the name of its file says something else than the specification in it");
    struct parsed_file *file = parse_add_file(p, p->path, "ruby-gemspec");
    if (!file)
        return;
    parse_add_package(p, file, &package);
    if (place->file == RUBY_GEM && slice_is_text(full))
        parse_add_fact(p, file, SLICE(FACT_CODE_IN),
                       arena_printf(p->arena, "%.*s%sgems/%.*s", SLICE_FMT(place->home), place->home.n ? "/" : "",
                                    SLICE_FMT(full)));
}

/* The folder is named for the repository and the commit. */
static void tell_checkout(struct parse *p, const struct ruby_place *place, struct slice facts)
{
    struct ruby_spec spec = ruby_spec_read(facts);
    ptrdiff_t dash = slice_rfind(place->checkout, '-');
    struct slice repository = slice_sub(place->checkout, 0, (size_t)MAX(dash, 0));
    struct package package = {.type = PKG_GEM,
                              .name = parse_is_token(spec.name) ? spec.name : full_name(p->path),
                              .version = parse_is_token(spec.version) ? spec.version : SLICE(""),
                              .why = SLICE("a checkout of its repository")};
    if (!parse_is_token(package.name))
        return;
    if (parse_is_token(repository))
        package.origin = arena_printf(p->arena, "git:%.*s@%.*s", SLICE_FMT(repository),
                                      SLICE_FMT(slice_from(place->checkout, repository.n + 1)));
    if (!package.version.n)
        package.not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("its specification computes its version"));
    struct parsed_file *file = parse_add_file(p, p->path, "ruby-checkout");
    if (file)
        parse_add_package(p, file, &package);
}

/* ---- RubyGems, Ruby ---- */

/* The literal that the first line with this in front of its sign assigns. */
static struct slice constant(struct slice facts, const char *name)
{
    struct slice fact, line, left;
    while (fact_list_take(&facts, &fact, &line))
        if (slice_eq_str(fact, "line") && slice_take_token(&line, '=', &left) && slice_eq_str(slice_trim(left), name))
            return ruby_literal(line);
    return SLICE_NONE;
}

static void tell_program(struct parse *p, const struct package *package, const char *parser)
{
    struct parsed_file *file = parse_is_token(package->version) ? parse_add_file(p, p->path, parser) : NULL;
    if (file)
        parse_add_package(p, file, package);
}

static void tell_interpreter(struct parse *p, struct slice facts)
{
    struct package package = {.type = PKG_GENERIC, .name = SLICE("ruby")};
    struct slice major = constant(facts, "CONFIG[\"MAJOR\"]"), minor = constant(facts, "CONFIG[\"MINOR\"]"),
                 teeny = constant(facts, "CONFIG[\"TEENY\"]");
    uint64_t patch;
    if (!major.n || !minor.n || !teeny.n)
        return;
    package.version = arena_printf(p->arena, "%.*s.%.*s.%.*s", SLICE_FMT(major), SLICE_FMT(minor), SLICE_FMT(teeny));
    /* Up to 2.0 what was mended came as patch levels, and advisories count them as a fourth number. */
    bool old =
        slice_eq_str(major, "0") || slice_eq_str(major, "1") || (slice_eq_str(major, "2") && slice_eq_str(minor, "0"));
    if (old && slice_parse_u64(constant(facts, "CONFIG[\"PATCHLEVEL\"]"), &patch))
        package.version = arena_printf(p->arena, "%.*s.%" PRIu64, SLICE_FMT(package.version), patch);
    tell_program(p, &package, "ruby-interpreter");
}

/* ---- the layer ---- */

static void tell(struct parse *p, struct slice path, struct slice facts)
{
    struct ruby_place place = ruby_place(path);
    p->path = path;
    p->reasons_of_file = 0;
    switch (place.file) {
    case RUBY_GEM:
    case RUBY_DEFAULT_GEM:
        tell_gem(p, &place, facts);
        break;
    case RUBY_CHECKOUT:
        tell_checkout(p, &place, facts);
        break;
    case RUBY_RUBYGEMS:
        tell_program(p,
                     &(struct package){.type = PKG_GEM,
                                       .name = SLICE("rubygems-update"),
                                       .version = constant(facts, "VERSION"),
                                       .why = SLICE("RubyGems itself, as a part of Ruby's library")},
                     "ruby-rubygems");
        break;
    case RUBY_INTERPRETER:
        tell_interpreter(p, facts);
        break;
    case RUBY_NOTHING:
        break;
    }
}

void ruby_read(struct parse *p, const struct evidence_entry *entry)
{
    struct ruby *r = parse_state(p, &format_ruby, sizeof *r);
    struct ruby_entry *to;
    if (!r)
        return;
    if (fact_list_get(entry->bytes, "target").p)
        to = VEC_ADD_MOVING(p->arena, &r->links);
    else
        to = VEC_ADD_MOVING(p->arena, &r->files);
    if (to)
        *to = (struct ruby_entry){entry->path, entry->bytes};
}

static struct slice linked(struct parse *p, struct ruby *r, const struct ruby_entry *link)
{
    struct slice target = fact_list_get(link->facts, "target");
    for (size_t i = r->files.n; i-- > 0 && r->looks < LINKS_MAX; r->looks++)
        if (slice_eq(r->files.v[i].path, target))
            return r->files.v[i].facts;
    p->path = link->path;
    p->reasons_of_file = 0;
    parse_reason(p, REASON_LINK_UNRESOLVED, "it is a link to %.*s, which can't be found in the layer",
                 SLICE_FMT(target));
    return SLICE_NONE;
}

void ruby_read_end(struct parse *p, struct slice whole)
{
    struct ruby *r = parse_state(p, &format_ruby, sizeof *r);
    (void)whole;
    if (!r)
        return;
    for (size_t i = 0; i < r->files.n; i++)
        tell(p, r->files.v[i].path, r->files.v[i].facts);
    for (size_t i = 0; i < r->links.n; i++) {
        if (ruby_place(r->links.v[i].path).file == RUBY_NOTHING)
            continue;
        struct slice facts = linked(p, r, &r->links.v[i]);
        if (facts.p)
            tell(p, r->links.v[i].path, facts);
    }
}
