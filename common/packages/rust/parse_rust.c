/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_rust.c: the crates of a program. The list of cargo-auditable (its schema, and PARSING.md):
 *
 *     {"packages":[{"name","version","source","kind"?,"root"?,"dependencies"?}],"format"?}
 *
 * of which only what is of kind "runtime", which is meant where none is told, is in the program. Or traces: paths of the
 * sources that panics name.
 */
#include "io/text/json.h"
#include "packages/reading/fact_list.h"
#include "packages/rust/rust.h"

struct crate {
    struct slice name, version, source, kind;
    bool root;
};

/* ---- cargo-auditable ---- */

static bool is_true(struct json_pull *j)
{
    return slice_eq(json_pull_scalar(j), SLICE("true"));
}

static struct crate take_crate(struct json_pull *j)
{
    struct crate c = {.kind = SLICE("runtime")};
    struct slice key;
    if (!json_pull_object(j))
        return c;
    while (json_pull_key(j, &key)) {
        if (slice_eq(key, SLICE("name")))
            c.name = json_pull_string(j);
        else if (slice_eq(key, SLICE("version")))
            c.version = json_pull_string(j);
        else if (slice_eq(key, SLICE("source")))
            c.source = json_pull_string(j);
        else if (slice_eq(key, SLICE("kind")))
            c.kind = json_pull_string(j);
        else if (slice_eq(key, SLICE("root")))
            c.root = is_true(j);
        else
            json_pull_skip(j);
    }
    return c;
}

static void add_crate(struct parse *p, struct parsed_file *file, const struct crate *c, struct slice root, bool loose)
{
    struct package package = {.type = PKG_CARGO,
                              .certainty = CERTAINTY_INSTALLED,
                              .scope = SCOPE_RUNTIME,
                              .name = c->name,
                              .version = c->version,
                              .parent = c->root ? SLICE_NONE : root};
    if (!parse_is_token(c->name) || !parse_is_token(c->version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its list of crates has one without a name or version");
        return;
    }
    if (loose)
        package.why = SLICE("the list was found in a program without a table of sections");
    if (slice_eq(c->source, SLICE("local"))) {
        package.origin = SLICE("local");
        package.not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("the crate was built from a local folder"));
    } else if (slice_eq(c->source, SLICE("registry"))) {
        package.origin = SLICE("registry");
        package.why = SLICE("from a registry that is not crates.io");
    } else if (!slice_eq(c->source, SLICE("crates.io"))) {
        package.origin = parse_is_token(c->source) ? c->source : SLICE("unknown");
        package.not_judged = reason_make(REASON_OTHER_REPOSITORY,
                                         SLICE("the crate is not from crates.io, and of which state is not told"));
    }
    parse_add_package(p, file, &package);
}

static void read_crates(struct parse *p, struct json_pull *j, struct parsed_file *file, bool loose)
{
    VEC(struct crate) crates = {0};
    struct slice root = SLICE_NONE;
    if (!json_pull_array(j))
        return;
    while (json_pull_item(j)) {
        struct crate c = take_crate(j), *to;
        if (slice_eq(c.kind, SLICE("build")) || slice_eq(c.kind, SLICE("development")))
            continue;
        if (c.root && !root.n && parse_is_token(c.name))
            root = c.name;
        if ((to = VEC_ADD(p->arena, &crates)))
            *to = c;
    }
    for (size_t i = 0; i < crates.n; i++)
        add_crate(p, file, &crates.v[i], root, loose);
}

static void read_audit(struct parse *p, struct slice text, bool loose, struct parsed_file *file)
{
    struct json_pull j;
    struct slice key;
    struct err e = ERR_INIT;
    json_pull_text(&j, text, p->arena);
    if (json_pull_object(&j))
        while (json_pull_key(&j, &key)) {
            if (slice_eq(key, SLICE("packages")))
                read_crates(p, &j, file, loose);
            else
                json_pull_skip(&j);
        }
    if (json_pull_end(&j, &e))
        parse_reason(p, REASON_DATABASE_BROKEN, "its list of crates is broken: %s", e.text);
    json_pull_done(&j);
}

/* ---- traces ---- */

/* The version begins behind the last hyphen that a number and a dot follow; names of crates may end in numbers. */
static bool split(struct slice text, struct slice *ret_name, struct slice *ret_version)
{
    for (size_t i = text.n; i-- > 1;) {
        size_t k = i + 1;
        if (text.p[i] != '-')
            continue;
        while (k < text.n && text.p[k] >= '0' && text.p[k] <= '9')
            k++;
        if (k == i + 1 || k == text.n || text.p[k] != '.')
            continue;
        *ret_name = slice_sub(text, 0, i);
        *ret_version = slice_from(text, i + 1);
        return parse_is_token(*ret_name) && parse_is_token(*ret_version);
    }
    return false;
}

static bool is_crates_io(struct slice index)
{
    return slice_starts(index, SLICE("index.crates.io-")) || slice_starts(index, SLICE("github.com-1ecc6299db9ec823"));
}

static void add_trace(struct parse *p, struct parsed_file *file, struct slice text)
{
    struct slice index, name, version;
    if (!slice_take_token(&text, '/', &index) || !split(text, &name, &version))
        return;
    const struct package package = {
        .type = PKG_CARGO,
        .certainty = CERTAINTY_GUESSED,
        .scope = SCOPE_RUNTIME,
        .name = name,
        .version = version,
        .origin = is_crates_io(index) ? SLICE_NONE : SLICE("registry"),
        .why = SLICE("paths of its sources in the program's text say so; others leave none"),
        .not_judged = reason_make(REASON_IDENTITY_GUESSED,
                                  SLICE("only paths of its sources in a program's text tell of the crate"))};
    parse_add_package(p, file, &package);
}

void rust_read(struct parse *p, const struct evidence_entry *entry)
{
    struct slice list = entry->bytes, name, value;
    bool audited = fact_list_get(list, RUST_AUDIT).n > 0, loose = fact_list_get(list, RUST_LOOSE).n > 0;
    struct slice rustc = fact_list_get(list, RUST_RUSTC);
    size_t traces = 0;
    struct parsed_file *file = parse_share_file(p, entry->path, audited ? RUST_AUDIT_PARSER : RUST_TRACES_PARSER);
    if (!file)
        return;
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (parse_is_token(rustc))
        parse_set_fact(p, file, SLICE(RUST_RUSTC), rustc);
    while (fact_list_take(&list, &name, &value)) {
        if (slice_eq(name, SLICE(RUST_AUDIT)))
            read_audit(p, value, loose, file);
        else if (!audited && slice_eq(name, SLICE(RUST_CRATE)) && ++traces)
            add_trace(p, file, value);
    }
    if (traces >= RUST_CRATES_MAX)
        parse_reason(p, REASON_TOO_MANY, "it has traces of %d crates and perhaps of more", RUST_CRATES_MAX);
}
