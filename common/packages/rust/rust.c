/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rust.c: what programs of Rust say of their crates. cargo-auditable leaves a list of them, JSON packed by zlib in a
 * section .dep-v0. Of an ELF file the table of sections mostly comes last, so every place is tried where such a packed
 * list may begin, and the table, which came by then, says whether a section begins there. Without that list the paths of
 * panics remain: of crates that can panic, each in the registry's folder of sources with its version.
 */
#include "packages/rust/rust.h"

#include "base/hash.h"
#include "io/archive/deflated.h"
#include "packages/reading/fact_list.h"

#define SECTION ".dep-v0"
enum text { TEXT_ZLIB_LAST = 3, TEXT_CRATE, TEXT_CRATE_WINDOWS, TEXT_RUSTC, TEXT_COMMENT };
static const struct slice texts[] = {SLICE("\x78\x01"), SLICE("\x78\x5e"),         SLICE("\x78\x9c"),
                                     SLICE("\x78\xda"), SLICE("/registry/src/"),   SLICE("\\registry\\src\\"),
                                     SLICE("/rustc/"),  SLICE("rustc version 1."), {NULL, 0}};

enum { LISTS_MAX = 2, SEEN = 4 * RUST_CRATES_MAX };

struct list {
    uint64_t at;
    bool named; /* WebAssembly: the section's name stands before it */
    struct deflated packed;
};

struct state {
    struct list lists[LISTS_MAX];
    size_t lists_n;
    struct deflated trial;
    struct buf crates; /* facts */
    uint64_t *seen;    /* SEEN hashes of crates; NULL: no file had any yet */
    size_t crates_n;
    char rustc[64];
    struct buf facts;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    (void)x;
    for (size_t i = 0; i < s->lists_n; i++)
        deflated_done(&s->lists[i].packed);
    s->lists_n = 0;
    if (s->crates_n)
        memset(s->seen, 0, SEEN * sizeof *s->seen);
    s->crates_n = 0;
    s->crates.max = (size_t)1 << 20;
    buf_clear(&s->crates);
    s->rustc[0] = 0;
}

/* ---- cargo-auditable ---- */

static void take_list(struct state *s, struct executable *x, uint64_t at, struct slice bytes, struct slice before)
{
    if (s->lists_n == LISTS_MAX || !deflated_begins(&s->trial, bytes, DEFLATED_ZLIB, '{'))
        return;
    size_t i = s->lists_n++;
    s->lists[i] = (struct list){.at = at, .named = x->wasm && slice_ends(before, SLICE("\x07" SECTION))};
    deflated_open(&s->lists[i].packed, DEFLATED_ZLIB, RUST_AUDIT_MAX);
    executable_capture(x, (unsigned)i, at, RUST_AUDIT_MAX);
}

static bool is_list(const struct deflated *d)
{
    struct slice text = slice_trim(slice_from(buf_slice(&d->out), 1));
    return d->whole && slice_starts(text, SLICE("\"")) && slice_find_slice(text, SLICE("\"packages\"")) >= 0;
}

/* One that begins as cargo-auditable writes it, and is broken or longer than is read. */
static bool is_cut(const struct deflated *d)
{
    return !d->whole && slice_starts(buf_slice(&d->out), SLICE("{\"packages\":["));
}

static bool take(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    struct list *list = &s->lists[tag];
    (void)x;
    (void)at;
    if (deflated_feed(&list->packed, bytes))
        return true;
    if (!is_list(&list->packed) && !is_cut(&list->packed) && tag + 1 == s->lists_n) { /* room for the next */
        deflated_done(&list->packed);
        s->lists_n--;
    }
    return false;
}

/* ---- traces ---- */

/* "<index>-<hash>/<crate>-<version>", with slashes whatever the system. */
static void take_crate(struct state *s, struct slice bytes)
{
    uint8_t text[256];
    size_t n = 0, slashes = 0;
    for (; n < bytes.n && n < sizeof text; n++) {
        uint8_t c = bytes.p[n] == '\\' ? '/' : bytes.p[n];
        if (c <= ' ' || c >= 0x7f || (c == '/' && slashes++ == 1))
            break;
        text[n] = c;
    }
    if (slashes != 2 || n == sizeof text || s->crates_n == RUST_CRATES_MAX)
        return;
    if (!s->seen)
        s->seen = xcalloc(SEEN, sizeof *s->seen);
    uint64_t hash = hash64(slice_of(text, n)) | 1;
    size_t place = hash % SEEN;
    while (s->seen[place] && s->seen[place] != hash)
        place = (place + 1) % SEEN;
    if (s->seen[place])
        return;
    s->seen[place] = hash;
    s->crates_n++;
    fact_list_add(&s->crates, RUST_CRATE, slice_of(text, n));
}

/* The version of the comment says more than the hash in a path. */
static void take_rustc(struct state *s, struct slice bytes, bool hash)
{
    size_t n = 0, max = hash ? 40 : sizeof s->rustc - 1;
    if (s->rustc[0] && (hash || strchr(s->rustc, '.')))
        return;
    while (n < bytes.n && n < max && bytes.p[n] > ' ' && bytes.p[n] < 0x7f && bytes.p[n] != '/')
        n++;
    if (hash && n != 40)
        return;
    memcpy(s->rustc, bytes.p, n);
    s->rustc[n] = 0;
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    struct slice behind = slice_from(bytes, texts[text].n);
    if (text <= TEXT_ZLIB_LAST)
        take_list(s, x, at, bytes, before);
    else if (text == TEXT_CRATE || text == TEXT_CRATE_WINDOWS)
        take_crate(s, behind);
    else if (text == TEXT_RUSTC)
        take_rustc(s, behind, true);
    else
        take_rustc(s, slice_from(bytes, texts[text].n - strlen("1.")), false);
}

/* ---- the evidence ---- */

/* Whether a section says that the list is one; *loose: nothing says either. */
static bool is_audit(const struct executable *x, const struct list *list, bool *loose)
{
    uint64_t size;
    bool known;
    for (size_t i = 0; i < x->programs_n; i++) {
        const struct binary_part *part = binary_section(&x->programs[i], SECTION);
        if (part && part->offset == list->at)
            return true;
    }
    if (!x->programs_n || x->programs[0].kind != BINARY_ELF)
        return list->named;
    if (executable_section(x, list->at, &size, &known))
        return size >= list->packed.used;
    *loose = !known;
    return *loose;
}

static void tell_cut(const struct executable *x, const struct reducer_out *out)
{
    char text[512];
    snprintf(text, sizeof text, "%.*s: its list of crates is broken, cut, or longer than %zu bytes",
             (int)MIN(x->path.n, (size_t)200), (const char *)x->path.p, RUST_AUDIT_MAX);
    out->reason(out->arg, REASON_DATABASE_BROKEN, text);
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    struct state *s = state;
    s->facts.max = RUST_AUDIT_MAX + ((size_t)2 << 20);
    buf_clear(&s->facts);
    for (size_t i = 0; i < s->lists_n; i++) {
        bool loose = false;
        if (is_cut(&s->lists[i].packed) && is_audit(x, &s->lists[i], &loose))
            tell_cut(x, out);
        if (!is_list(&s->lists[i].packed) || !is_audit(x, &s->lists[i], &loose))
            continue;
        fact_list_add(&s->facts, RUST_AUDIT, buf_slice(&s->lists[i].packed.out));
        if (loose)
            fact_list_add(&s->facts, RUST_LOOSE, SLICE("1"));
    }
    if (!s->facts.n && !s->crates_n)
        return;
    if (s->rustc[0])
        fact_list_add(&s->facts, RUST_RUSTC, slice_str(s->rustc));
    buf_add_slice(&s->facts, buf_slice(&s->crates));
    out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
}

static void done(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    begin(s, NULL);
    deflated_done(&s->trial);
    free(s->seen);
    s->seen = NULL;
    buf_done(&s->crates);
    buf_done(&s->facts);
}

const struct executable_reader executable_reader_rust = {.format = &format_rust,
                                                         .texts = texts,
                                                         .state_size = sizeof(struct state),
                                                         .begin = begin,
                                                         .hit = hit,
                                                         .take = take,
                                                         .end = end,
                                                         .done = done};

static const struct package_rule rules[] = {
    {.path = "**/*.wasm", .reducer = &executable_reducer}, EXECUTABLE_RULES, {.path = NULL}};

/* Below it programs lie a second time under their true names. */
static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_rust = {.name = "rust",
                                           .keeps_version = 1,
                                           .reads_version = 1,
                                           .tells = TELLS_PACKAGES,
                                           .type = PKG_CARGO,
                                           .rules = rules,
                                           .not_below = stores,
                                           .read = rust_read};
