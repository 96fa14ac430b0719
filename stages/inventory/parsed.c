/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/parsed.h"

#include "packages/parse.h"

#include <zstd.h>

#define PARSED_MAGIC SLICE("CRP6")
#define EVIDENCE_MAX ((size_t)512 << 20)
#define PARSE_ARENA  ((size_t)256 << 20)
#define PARSED_MAX   ((size_t)128 << 20)

static void put_reasons(struct buf *b, const struct reasons *r)
{
    buf_add_varint(b, r->texts.n);
    for (size_t i = 0; i < r->texts.n; i++) {
        struct reason one = reasons_at(r, i);
        buf_add_prefixed(b, one.text);
        buf_add_prefixed(b, one.code);
    }
}

static void put_package(struct buf *b, const struct package *p)
{
    buf_add_byte(b, (uint8_t)p->type);
    buf_add_byte(b, (uint8_t)p->scope);
    buf_add_byte(b, (uint8_t)p->certainty);
    for (size_t i = 0; i < PACKAGE_TEXTS; i++)
        buf_add_prefixed(b, package_text_of(p, i));
    buf_add_byte(b, p->source_unknown);
}

static void put_file(struct buf *b, const struct parsed_file *f)
{
    buf_add_prefixed(b, f->path);
    buf_add_prefixed(b, f->parser);
    buf_add_varint(b, f->facts.n);
    for (size_t i = 0; i < f->facts.n; i++) {
        buf_add_prefixed(b, f->facts.v[i].name);
        buf_add_prefixed(b, f->facts.v[i].value);
    }
    buf_add_varint(b, f->packages.n);
    for (size_t i = 0; i < f->packages.n; i++)
        put_package(b, &f->packages.v[i]);
}

int parsed_encode(const struct layer_packages *lp, struct buf *out)
{
    buf_add_slice(out, PARSED_MAGIC);
    buf_add_prefixed(out, lp->layer_digest);
    buf_add_varint(out, (uint64_t)lp->parser_version);
    buf_add_byte(out, (uint8_t)lp->status);
    buf_add_byte(out, lp->final);
    put_reasons(out, &lp->reasons);
    buf_add_varint(out, lp->files.n);
    for (size_t i = 0; i < lp->files.n; i++)
        put_file(out, &lp->files.v[i]);
    buf_add_varint(out, lp->removed.n);
    for (size_t i = 0; i < lp->removed.n; i++) {
        buf_add_byte(out, lp->removed.v[i].opaque);
        buf_add_prefixed(out, lp->removed.v[i].path);
    }
    return out->overflow ? -1 : 0;
}

static bool take_byte(struct slice *s, unsigned max, unsigned *ret_v)
{
    if (!s->n || s->p[0] > max)
        return false;
    *ret_v = s->p[0];
    *s = slice_from(*s, 1);
    return true;
}

static bool take_reasons(struct slice *s, struct arena *a, struct reasons *r)
{
    uint64_t n;
    if (!slice_take_varint(s, &n))
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct reason one;
        if (!slice_take_prefixed(s, &one.text) || !slice_take_prefixed(s, &one.code) || !reasons_add_one(a, r, one))
            return false;
    }
    return true;
}

/* Three enumerations, a length for each text, a flag. */
#define PACKAGE_BYTES_MIN (3 + PACKAGE_TEXTS + 1)

static bool take_package(struct slice *s, struct package *p)
{
    unsigned type, scope, certainty, flag;
    if (!take_byte(s, PKG_TYPE_MAX - 1, &type) || !take_byte(s, SCOPE_MAX - 1, &scope) ||
        !take_byte(s, CERTAINTY_MAX - 1, &certainty))
        return false;
    p->type = (enum package_type)type;
    p->scope = (enum package_scope)scope;
    p->certainty = (enum package_certainty)certainty;
    for (size_t i = 0; i < PACKAGE_TEXTS; i++)
        if (!slice_take_prefixed(s, package_text(p, i)))
            return false;
    if (!take_byte(s, 1, &flag))
        return false;
    p->source_unknown = flag;
    return true;
}

static bool take_file(struct slice *s, struct arena *a, struct parsed_file *f)
{
    uint64_t n;
    if (!slice_take_prefixed(s, &f->path) || !slice_take_prefixed(s, &f->parser) || !slice_take_varint(s, &n))
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct fact *fact = VEC_ADD(a, &f->facts);
        if (!fact || !slice_take_prefixed(s, &fact->name) || !slice_take_prefixed(s, &fact->value))
            return false;
    }
    if (!slice_take_varint(s, &n) || n > s->n / PACKAGE_BYTES_MIN)
        return false;
    /* Layers of a hundred thousand files have one package in each: no room for more. */
    f->packages.v = n ? arena_zalloc(a, (size_t)n * sizeof *f->packages.v) : NULL;
    f->packages.cap = f->packages.v ? (size_t)n : 0;
    for (uint64_t i = 0; i < n; i++) {
        struct package *p = VEC_ADD(a, &f->packages);
        if (!p || !take_package(s, p))
            return false;
    }
    return true;
}

static bool take_all(struct slice s, struct arena *a, struct layer_packages *lp)
{
    uint64_t version, n;
    unsigned status, flag;
    if (!slice_take_prefix(&s, PARSED_MAGIC) || !slice_take_prefixed(&s, &lp->layer_digest) ||
        !slice_take_varint(&s, &version) || version > INT32_MAX || !take_byte(&s, PULL_STATUS_MAX - 1, &status) ||
        !take_byte(&s, 1, &flag) || !take_reasons(&s, a, &lp->reasons) || !slice_take_varint(&s, &n))
        return false;
    lp->parser_version = (int32_t)version;
    lp->status = (enum pull_status)status;
    lp->final = flag;
    for (uint64_t i = 0; i < n; i++) {
        struct parsed_file *f = VEC_ADD(a, &lp->files);
        if (!f || !take_file(&s, a, f))
            return false;
    }
    if (!slice_take_varint(&s, &n))
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct removal *r = VEC_ADD(a, &lp->removed);
        if (!r || !take_byte(&s, 1, &flag) || !slice_take_prefixed(&s, &r->path))
            return false;
        r->opaque = flag;
    }
    return s.n == 0;
}

int parsed_decode(struct slice bytes, struct arena *arena, struct layer_packages *ret, struct err *e)
{
    struct layer_packages lp = {0};
    if (!take_all(bytes, arena, &lp))
        return err_set(e, ERR_POISON, 0, "a parsed layer of %zu bytes is cut or malformed%s", bytes.n,
                       arena->overflow ? ", or too large" : "");
    *ret = lp;
    return 0;
}

/* ---- the child ---- */

static int child_inflate(struct sandbox_child *c, struct buf *out)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    const uint8_t *p;
    size_t n, left = 1;
    int rc = 0;
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 27);
    while (!rc && (n = sandbox_child_read(c, &p)) > 0) {
        ZSTD_inBuffer in = {p, n, 0};
        while (in.pos < in.size) {
            uint8_t *to = buf_reserve(out, 131072);
            if (!to) {
                rc = -1;
                break;
            }
            ZSTD_outBuffer o = {to, 131072, 0};
            left = ZSTD_decompressStream(z, &o, &in);
            if (ZSTD_isError(left)) {
                rc = -1;
                break;
            }
            out->n += o.pos;
        }
    }
    ZSTD_freeDStream(z);
    return rc || left ? -1 : 0;
}

int parsed_child(struct sandbox_child *c, struct slice argument)
{
    struct buf evidence = BUF_INIT(EVIDENCE_MAX), out = BUF_INIT(PARSED_MAX);
    struct arena arena = ARENA_INIT(PARSE_ARENA);
    struct layer_packages lp = {0};
    struct err e = ERR_INIT;
    int status = 0;
    bool cut = child_inflate(c, &evidence) != 0;
    if (parse_layer(buf_slice(&evidence), &arena, &lp, &e)) {
        arena_reset(&arena); /* it may be full, and the reason has to be told */
        reasons_add(&arena, &lp.reasons, REASON_EVIDENCE_BROKEN, arena_slice(&arena, slice_str(e.text)));
        lp.status = PULL_FAILED;
    }
    if (cut)
        reasons_add(&arena, &lp.reasons, REASON_EVIDENCE_BROKEN,
                    SLICE("the evidence is cut, malformed or larger than 512 MiB"));
    if (lp.reasons.texts.n)
        lp.status = MAX(lp.status, PULL_PARTIAL);
    lp.layer_digest = argument;
    lp.final = true;
    if (parsed_encode(&lp, &out) || sandbox_child_write(c, buf_slice(&out)))
        status = 1;
    buf_done(&evidence);
    buf_done(&out);
    arena_done(&arena);
    return status;
}

/* ---- the parent ---- */

static void failed(struct arena *arena, struct slice layer_digest, const char *why, struct layer_packages *ret)
{
    *ret = (struct layer_packages){
        .layer_digest = layer_digest, .status = PULL_FAILED, .final = true, .parser_version = parser_version()};
    reasons_addf(arena, &ret->reasons, REASON_READER_FAILED, "layer %.*s: %s", SLICE_FMT(layer_digest), why);
}

int parsed_run(struct sandbox *sandbox, size_t main_index, struct slice evidence, struct slice layer_digest,
               struct arena *arena, struct buf *bytes, struct layer_packages *ret, struct err *e)
{
    int status = 0;
    struct err mine = ERR_INIT;
    buf_clear(bytes);
    if (sandbox_call(sandbox, main_index, layer_digest, evidence, bytes, &status, &mine)) {
        if (mine.kind != ERR_POISON) {
            *e = mine;
            return -1;
        }
        failed(arena, layer_digest, mine.text, ret);
        return 0;
    }
    if (status)
        failed(arena, layer_digest, "what it holds is too large to be kept", ret);
    else if (parsed_decode(buf_slice(bytes), arena, ret, &mine))
        failed(arena, layer_digest, mine.text, ret);
    ret->layer_digest = layer_digest;
    return 0;
}
