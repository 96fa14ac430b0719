/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruby_spec.c: the form in which RubyGems writes a specification: a line "# stub: name version platform paths", and then
 * assignments of literals. A gemspec that people wrote has at most the latter, and what it computes is not known.
 */
#include "packages/reading/fact_list.h"
#include "packages/ruby/ruby.h"

struct slice ruby_literal(struct slice value)
{
    struct slice rest = slice_trim(value), text;
    bool made = slice_take_prefix(&rest, SLICE("Gem::Version.new("));
    rest = slice_trim(rest);
    if (!rest.n || (rest.p[0] != '"' && rest.p[0] != '\''))
        return SLICE_NONE;
    uint8_t quote = rest.p[0];
    rest = slice_from(rest, 1);
    /* Escapes and interpolation: not a literal that can be read without running it. */
    ptrdiff_t end = slice_find(rest, quote);
    if (end < 0)
        return SLICE_NONE;
    text = slice_sub(rest, 0, (size_t)end);
    rest = slice_from(rest, (size_t)end + 1);
    if (slice_find(text, '\\') >= 0 || slice_find_slice(text, SLICE("#{")) >= 0)
        return SLICE_NONE;
    slice_take_prefix(&rest, SLICE(".freeze"));
    if (made && !slice_take_prefix(&rest, SLICE(")")))
        return SLICE_NONE;
    slice_take_prefix(&rest, SLICE(".freeze"));
    rest = slice_trim(rest);
    return !rest.n || rest.p[0] == '#' || rest.p[0] == ';' ? text : SLICE_NONE;
}

/* "s.name = …": what stands behind the sign; absent: the line is another. */
static struct slice assigned(struct slice line, const char *field)
{
    struct slice rest = slice_trim(line);
    ptrdiff_t dot = slice_find(rest, '.');
    for (ptrdiff_t i = 0; i < dot; i++)
        if (rest.p[i] != '_' && !((rest.p[i] | 32) >= 'a' && (rest.p[i] | 32) <= 'z'))
            return SLICE_NONE;
    if (dot <= 0)
        return SLICE_NONE;
    rest = slice_from(rest, (size_t)dot + 1);
    if (!slice_take_prefix(&rest, slice_str(field)))
        return SLICE_NONE;
    rest = slice_trim(rest);
    bool sign = slice_take_prefix(&rest, SLICE("="));
    return sign && !slice_starts(rest, SLICE("=")) ? rest : SLICE_NONE;
}

static void take_assigned(struct slice line, const char *field, struct slice *to, bool *known)
{
    struct slice value = assigned(line, field);
    if (!value.p || *known)
        return;
    *known = true;
    *to = ruby_literal(value);
}

static void take_stub(struct slice line, struct ruby_spec *spec)
{
    slice_take_token(&line, ' ', &spec->name);
    slice_take_token(&line, ' ', &spec->version);
    slice_take_token(&line, ' ', &spec->platform);
    spec->stub = true;
}

struct ruby_spec ruby_spec_read(struct slice facts)
{
    struct ruby_spec spec = {.stub = false};
    bool name = false, version = false, platform = false;
    struct slice fact, line;
    while (!spec.stub && fact_list_take(&facts, &fact, &line)) {
        if (!slice_eq_str(fact, "line"))
            continue;
        if (slice_take_prefix(&line, SLICE("# stub: "))) {
            take_stub(line, &spec);
        } else {
            take_assigned(line, "name", &spec.name, &name);
            take_assigned(line, "version", &spec.version, &version);
            take_assigned(line, "platform", &spec.platform, &platform);
        }
    }
    if (!parse_is_token(spec.platform) || slice_eq_str(spec.platform, "ruby"))
        spec.platform = SLICE_NONE;
    return spec;
}
