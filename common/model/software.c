/* SPDX-License-Identifier: Apache-2.0 */
#include "model/software.h"

#include "base/buf.h"

#define LIST(...)                                                                                                      \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
#define PURLS(...)  .purls = LIST(__VA_ARGS__)
#define EXAMPLE_MAX 200 /* bytes of a path that is told */

static const struct software_kind kinds[] = {
    {"java", "Java archive", "Java archives", PURLS("maven")},
    {"nodejs", "Node.js package", "Node.js packages", PURLS("npm")},
    {"python", "Python package", "Python packages", PURLS("pypi")},
    {"ruby", "Ruby gem", "Ruby gems", PURLS("gem")},
    {SOFTWARE_GO, "Go program", "Go programs", NULL},
    {"go-module", "Go module", "Go modules", PURLS("golang")},
    {SOFTWARE_RUST, "Rust program", "Rust programs", NULL},
    {"rust-crate", "Rust crate", "Rust crates", PURLS("cargo")},
    {"dotnet", ".NET application", ".NET applications", NULL},
    {"dotnet-package", ".NET package", ".NET packages", PURLS("nuget")},
    {"php", "list of PHP packages", "lists of PHP packages", NULL},
    {"php-package", "PHP package", "PHP packages", PURLS("composer", "pear")},
    {"wordpress", "WordPress part", "WordPress parts", PURLS("wordpress", "wordpress-plugin")},
    {"bitnami", "Bitnami component", "Bitnami components", PURLS("bitnami")},
    {"conda", "Conda package", "Conda packages", PURLS("conda")},
    {"cpp", "C or C++ package list", "C or C++ package lists", NULL},
    {"cpp-package", "C or C++ package", "C or C++ packages", PURLS("conan", "vcpkg")},
    {"erlang", "Erlang or Elixir application", "Erlang or Elixir applications", PURLS("hex", "otp")},
    {"r", "R package", "R packages", PURLS("cran")},
    {"perl", "Perl distribution", "Perl distributions", PURLS("cpan")},
    {"haskell", "Haskell package", "Haskell packages", PURLS("hackage")},
    {"dart", "Dart package list", "Dart package lists", PURLS("pub")},
    {"julia", "Julia package list", "Julia package lists", PURLS("julia")},
    {"swift", "Swift package list", "Swift package lists", PURLS("swift", "cocoapods")},
    {"lua", "Lua rock", "Lua rocks", PURLS("luarocks")},
    {"ocaml", "OCaml package", "OCaml packages", PURLS("opam")},
    {"homebrew", "Homebrew package", "Homebrew packages", PURLS("brew")},
    {"bundle", "application bundle", "application bundles (snap, flatpak, AppImage)", NULL},
    {"chisel", "Chisel manifest", "Chisel manifests", NULL}, /* of older records: packages/chisel reads it */
    /* xbps, pkgtools, FreeBSD's pkg, Guix, eopkg, swupd */
    {"database", "package database of another kind", "package databases of other kinds", NULL},
    {SOFTWARE_PROGRAM, "other program that no package brought", "other programs that no package brought", NULL},
};

const struct software_kind *software_by_id(struct slice id)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (slice_eq_str(id, kinds[i].id))
            return &kinds[i];
    return NULL;
}

const struct software_kind *software_of_purl(struct slice type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (const char *const *p = kinds[i].purls; p && *p; p++)
            if (slice_eq_str(type, *p))
                return &kinds[i];
    return NULL;
}

/* ---- what was seen ---- */

/* The row of a kind, made where it belongs; NULL past the arena's maximum. */
static struct unread *row_of(struct arena *arena, unread_vec *v, struct slice kind)
{
    size_t at = 0;
    while (at < v->n && slice_cmp(v->v[at].kind, kind) < 0)
        at++;
    if (at < v->n && slice_eq(v->v[at].kind, kind))
        return &v->v[at];
    if (!VEC_ADD(arena, v))
        return NULL;
    memmove(v->v + at + 1, v->v + at, (v->n - 1 - at) * sizeof *v->v);
    v->v[at] = (struct unread){.kind = kind};
    return &v->v[at];
}

void unread_add(struct arena *arena, unread_vec *v, struct slice kind, int64_t n, struct slice example)
{
    struct unread *u = row_of(arena, v, kind);
    if (!u)
        return;
    u->count += MIN(n, INT64_MAX - u->count);
    example = slice_sub(example, 0, EXAMPLE_MAX);
    if (!example.n || !slice_is_text(example))
        return;
    size_t at = u->examples.n;
    while (at && slice_cmp(u->examples.v[at - 1], example) > 0)
        at--;
    if (at == UNREAD_EXAMPLES_MAX || (at && slice_eq(u->examples.v[at - 1], example)))
        return;
    if (u->examples.n < UNREAD_EXAMPLES_MAX && !slice_vec_add(arena, &u->examples, example))
        return;
    memmove(u->examples.v + at + 1, u->examples.v + at, (u->examples.n - 1 - at) * sizeof *u->examples.v);
    u->examples.v[at] = example;
}

static void add_row(struct buf *b, const struct unread *u, const struct software_kind *k, bool examples)
{
    struct slice id = slice_sub(u->kind, 0, 60), words = k ? slice_str(u->count == 1 ? k->one : k->many) : id;
    buf_addf(b, "%s%s%" PRId64 " %.*s", b->n ? ", " : "", u->at_least ? "at least " : "", u->count, SLICE_FMT(words));
    for (size_t i = 0; examples && i < u->examples.n; i++)
        buf_addf(b, "%s%.*s", i ? ", " : " (", SLICE_FMT(u->examples.v[i]));
    if (examples && u->examples.n)
        buf_add_str(b, u->count > (int64_t)u->examples.n ? " …)" : ")");
}

struct slice unread_text(const unread_vec *v, bool examples, struct arena *arena)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT((size_t)1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (size_t j = 0; j < v->n; j++)
            if (slice_eq_str(v->v[j].kind, kinds[i].id))
                add_row(&b, &v->v[j], &kinds[i], examples);
    for (size_t j = 0; j < v->n; j++) /* of another version */
        if (!software_by_id(v->v[j].kind))
            add_row(&b, &v->v[j], NULL, examples);
    return b.n ? arena_slice(arena, buf_slice(&b)) : SLICE_NONE;
}

struct slice unread_pack(const struct unread *u, struct arena *arena)
{
    return arena_printf(arena, "%.*s %" PRId64 "%s", SLICE_FMT(u->kind), u->count, u->at_least ? "+" : "");
}

struct slice unread_pack_example(const struct unread *u, size_t i, struct arena *arena)
{
    return arena_printf(arena, "%.*s %.*s", SLICE_FMT(u->kind), SLICE_FMT(u->examples.v[i]));
}

/* Kinds that a stranger's document names: some, and short. */
static bool take_kind(const unread_vec *v, struct slice *text, struct slice *ret_kind)
{
    return v->n <= ARRAY_LEN(kinds) && slice_take_token(text, ' ', ret_kind) && ret_kind->n && ret_kind->n <= 60;
}

void unread_unpack(struct arena *arena, unread_vec *v, struct slice text)
{
    struct slice kind, count = text;
    uint64_t n;
    if (!take_kind(v, &count, &kind))
        return;
    bool at_least = slice_ends(count, SLICE("+"));
    count.n -= at_least;
    if (!slice_parse_u64(count, &n) || n > INT32_MAX)
        return;
    unread_add(arena, v, kind, (int64_t)n, SLICE_NONE);
    struct unread *u = row_of(arena, v, kind);
    if (u)
        u->at_least |= at_least;
}

void unread_unpack_example(struct arena *arena, unread_vec *v, struct slice text)
{
    struct slice kind;
    if (take_kind(v, &text, &kind))
        unread_add(arena, v, kind, 0, text);
}
