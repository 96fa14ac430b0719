/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of packages is foreign bytes: a sandboxed child reads it and answers with parsed.h's form, whose decoder
 * trusts nothing: one file a layer (its path is the layer's digest) with that layer's packages; the first one's facts
 * are the system and the status.
 */
#include "careen/scan/gather.h"

#include "inventory/parsed.h"
#include "model/software.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

#define ARENA_BYTES ((size_t)512 << 20)
#define LIST_MAX    ((size_t)128 << 20)
#define ANSWER_MAX  ((size_t)128 << 20)

static const struct {
    const char *name;
    size_t offset;
} system_facts[] = {
    {"id", offsetof(struct os_info, id)},
    {"version", offsetof(struct os_info, version_id)},
    {"codename", offsetof(struct os_info, codename)},
    {"name", offsetof(struct os_info, name)},
    {"like", offsetof(struct os_info, id_like)},
    {"ecosystem", offsetof(struct os_info, ecosystem)},
    {"end-of-life", offsetof(struct os_info, end_of_life)},
};

static struct slice *os_field(struct os_info *os, size_t i)
{
    return (struct slice *)(void *)((char *)os + system_facts[i].offset);
}

/* ---- the child ---- */

static void pack_fact(struct arena *a, struct parsed_file *file, const char *name, struct slice value)
{
    struct fact *f = VEC_ADD(a, &file->facts);
    if (f)
        *f = (struct fact){slice_str(name), value};
}

static void pack_facts(struct inventory *v, struct arena *a, struct parsed_file *file)
{
    for (size_t i = 0; i < ARRAY_LEN(system_facts); i++)
        pack_fact(a, file, system_facts[i].name, *os_field(&v->os, i));
    for (size_t i = 0; i < v->os.products.n; i++)
        pack_fact(a, file, "product", v->os.products.v[i]);
    for (size_t i = 0; i < v->notes.texts.n; i++) {
        pack_fact(a, file, "note-code", reasons_at(&v->notes, i).code);
        pack_fact(a, file, "note", reasons_at(&v->notes, i).text);
    }
    for (size_t i = 0; i < v->unread.n; i++) {
        pack_fact(a, file, "unread", unread_pack(&v->unread.v[i], a));
        for (size_t j = 0; j < v->unread.v[i].examples.n; j++)
            pack_fact(a, file, "unread-example", unread_pack_example(&v->unread.v[i], j, a));
    }
    pack_fact(a, file, "image", v->image_digest);
}

static void pack_packages(struct inventory *v, struct arena *a, struct layer_packages *lp)
{
    struct parsed_file *file = VEC_ADD(a, &lp->files);
    if (!file)
        return;
    *file = (struct parsed_file){.path = SLICE(""), .parser = SLICE("list")};
    pack_facts(v, a, file);
    for (size_t i = 0; i < v->packages.n; i++) {
        file = lp->files.n ? &lp->files.v[lp->files.n - 1] : NULL;
        if (!file || !slice_eq(file->path, v->packages.v[i].layer)) {
            file = VEC_ADD(a, &lp->files);
            if (!file)
                return;
            *file = (struct parsed_file){.path = v->packages.v[i].layer, .parser = SLICE("list")};
        }
        struct package *p = VEC_ADD(a, &file->packages);
        if (p)
            *p = v->packages.v[i];
    }
}

static const struct image_kind *kind_named(struct slice scheme)
{
    for (const struct image_kind *const *k = image_kinds_local; *k; k++)
        if ((*k)->list && slice_eq_str(scheme, (*k)->form.scheme))
            return *k;
    return NULL;
}

int gather_list_child(struct sandbox_child *c, struct slice scheme)
{
    const struct image_kind *kind = kind_named(scheme);
    struct buf bytes = BUF_INIT(LIST_MAX + 1), out = BUF_INIT(ANSWER_MAX);
    struct arena arena = ARENA_INIT(ARENA_BYTES);
    struct inventory v = {0};
    struct layer_packages lp = {.final = true, .layer_digest = SLICE("")};
    struct err e = ERR_INIT;
    const uint8_t *p;
    size_t n;
    while ((n = sandbox_child_read(c, &p)) > 0 && buf_add(&bytes, p, n) == 0)
        ;
    if (!kind)
        err_set(&e, ERR_FATAL, 0, "there is no list \"%.*s\"", SLICE_FMT(slice_sub(scheme, 0, 40)));
    else if (bytes.overflow)
        err_set(&e, ERR_POISON, 0, "it is longer than %zu bytes", LIST_MAX);
    else if (kind->list(buf_slice(&bytes), &arena, &v, &e) == 0)
        e.kind = ERR_NONE;
    if (e.kind) {
        lp.status = PULL_FAILED;
        reasons_add(&arena, &lp.reasons, REASON_READER_FAILED, slice_str(e.text));
    } else {
        lp.status = v.status == INVENTORY_COMPLETE ? PULL_GOOD : PULL_PARTIAL;
        lp.reasons = v.reasons;
        pack_packages(&v, &arena, &lp);
    }
    return arena.overflow || parsed_encode(&lp, &out) || sandbox_child_write(c, buf_slice(&out));
}

/* ---- the parent ---- */

/* The code of a note is the fact before it. */
static bool unpack_fact(const struct fact *f, struct arena *a, struct slice *note_code, struct inventory *v)
{
    for (size_t j = 0; j < ARRAY_LEN(system_facts); j++)
        if (slice_eq_str(f->name, system_facts[j].name))
            *os_field(&v->os, j) = f->value;
    if (slice_eq_str(f->name, "unread"))
        unread_unpack(a, &v->unread, f->value);
    if (slice_eq_str(f->name, "unread-example"))
        unread_unpack_example(a, &v->unread, f->value);
    if (slice_eq_str(f->name, "image"))
        v->image_digest = f->value;
    if (slice_eq_str(f->name, "product"))
        return slice_vec_add(a, &v->os.products, f->value);
    if (slice_eq_str(f->name, "note-code"))
        *note_code = f->value;
    return !slice_eq_str(f->name, "note") || reasons_add(a, &v->notes, reason_of_word(*note_code), f->value);
}

static int unpack(struct layer_packages *lp, struct arena *a, struct inventory *ret, struct err *e)
{
    struct inventory v = {.status = lp->status == PULL_GOOD ? INVENTORY_COMPLETE : INVENTORY_PARTIAL, .parts = 1};
    if (lp->status == PULL_FAILED)
        return err_set(e, ERR_POISON, 0, "%.*s",
                       SLICE_FMT(lp->reasons.texts.n ? lp->reasons.texts.v[0] : SLICE("it can't be read")));
    struct slice note_code = SLICE_NONE;
    v.reasons = lp->reasons;
    for (size_t i = 0; i < lp->files.n; i++) {
        const struct parsed_file *f = &lp->files.v[i];
        for (size_t k = 0; k < f->facts.n; k++)
            if (!unpack_fact(&f->facts.v[k], a, &note_code, &v))
                return err_set(e, ERR_POISON, 0, "it says more than %zu bytes", a->max);
        for (size_t k = 0; k < f->packages.n; k++) {
            struct package *p = VEC_ADD(a, &v.packages);
            if (!p)
                return err_set(e, ERR_POISON, 0, "it says more than %zu bytes", a->max);
            *p = f->packages.v[k];
            p->layer = f->path;
        }
    }
    *ret = v;
    return 0;
}

static int send_file(int fd, struct sandbox_run *run, struct err *e)
{
    for (;;) {
        uint8_t *to;
        size_t n;
        if (sandbox_reserve(run, &to, &n, NULL))
            return 0; /* the child ended early: sandbox_finish tells why */
        ssize_t got = read(fd, to, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, ERR_POISON, errno, "it can't be read");
        if (got == 0 || sandbox_send(run, (size_t)got, NULL))
            return 0;
    }
}

static int read_document(struct sandbox *sandbox, const struct image_kind *kind, int fd, struct arena *arena,
                         struct inventory *ret, struct err *e)
{
    struct sandbox_run *run;
    struct buf out ATTR_CLEANUP(buf_done) = BUF_INIT(ANSWER_MAX);
    struct layer_packages lp;
    int status = 0;
    if (sandbox_open(sandbox, GATHER_LIST, slice_str(kind->form.scheme), &run, e))
        return -1;
    if (send_file(fd, run, e)) {
        sandbox_abort(run);
        return -1;
    }
    if (sandbox_finish(run, &out, &status, e))
        return -1;
    if (status)
        return err_set(e, ERR_POISON, 0, "it says more than can be kept of it");
    struct slice bytes = arena_slice(arena, buf_slice(&out));
    if (!bytes.p)
        return err_set(e, ERR_POISON, 0, "it says more than %zu bytes", arena->max);
    return parsed_decode(bytes, arena, &lp, e) || unpack(&lp, arena, ret, e) ? -1 : 0;
}

int gather_list(const struct image_kind *kind, struct slice path, struct arena *arena, struct inventory *ret,
                struct err *e)
{
    char *name ATTR_CLEANUP(cleanup_free) = slice_dup(path);
    /* O_NONBLOCK: opening a fifo must not wait for its other end. */
    int fd ATTR_CLEANUP(cleanup_close) = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    struct sandbox *sandbox;
    if (fd < 0)
        return err_errno(e, ERR_NOT_FOUND, errno, "it can't be opened");
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return err_set(e, ERR_POISON, 0, "it is no file");
    if (gather_sandbox(&sandbox, e))
        return -1;
    int rc = read_document(sandbox, kind, fd, arena, ret, e);
    sandbox_stop(sandbox);
    return rc;
}
