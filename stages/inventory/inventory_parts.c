/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_parts.c: parsed layers that are more than a record holds, cut into parts and joined again. */
#include "inventory/inventory_tables.h"

#define PARTS_MAX 1000

size_t inventory_package_bytes(const struct package *p)
{
    size_t n = p->layer.n + 64;
    for (size_t i = 0; i < PACKAGE_TEXTS; i++)
        n += package_text_of(p, i).n;
    return n;
}

/* ---- cutting ---- */

struct cutting {
    struct step *s;
    const struct layer_packages *whole;
    struct layer_packages part;
    size_t bytes;
    VEC(struct layer_packages) parts;
};

static int full(struct err *e)
{
    return err_set(e, ERR_POISON, 0, "a parsed layer does not fit %d records", PARTS_MAX);
}

static int end_part(struct cutting *c, struct err *e)
{
    struct layer_packages *to = c->parts.n < PARTS_MAX ? VEC_ADD(c->s->arena, &c->parts) : NULL;
    if (!to)
        return full(e);
    *to = c->part;
    c->part.files = (parsed_file_vec){0};
    c->part.removed = (removal_vec){0};
    c->part.reasons = (struct reasons){0};
    c->bytes = 0;
    return 0;
}

/* Before something of so many bytes is added. */
static int make_room(struct cutting *c, size_t bytes, struct err *e)
{
    if (c->bytes && c->bytes + bytes > PART_BYTES && end_part(c, e))
        return -1;
    c->bytes += bytes;
    return 0;
}

static struct parsed_file *begin_file(struct cutting *c, const struct parsed_file *f)
{
    struct parsed_file *to = VEC_ADD(c->s->arena, &c->part.files);
    if (to)
        *to = (struct parsed_file){.path = f->path, .parser = f->parser};
    return to;
}

static int cut_file(struct cutting *c, const struct parsed_file *f, struct err *e)
{
    size_t head = f->path.n + f->parser.n + 32;
    for (size_t i = 0; i < f->facts.n; i++)
        head += f->facts.v[i].name.n + f->facts.v[i].value.n + 16;
    if (make_room(c, head, e))
        return -1;
    struct parsed_file *to = begin_file(c, f);
    if (!to)
        return full(e);
    to->facts = f->facts;
    for (size_t i = 0; i < f->packages.n; i++) {
        size_t parts = c->parts.n;
        if (make_room(c, inventory_package_bytes(&f->packages.v[i]), e))
            return -1;
        if (c->parts.n != parts && !(to = begin_file(c, f)))
            return full(e);
        struct package *p = VEC_ADD(c->s->arena, &to->packages);
        if (!p)
            return full(e);
        *p = f->packages.v[i];
    }
    return 0;
}

static int cut_removals(struct cutting *c, struct err *e)
{
    for (size_t i = 0; i < c->whole->removed.n; i++) {
        if (make_room(c, c->whole->removed.v[i].path.n + 16, e))
            return -1;
        struct removal *r = VEC_ADD(c->s->arena, &c->part.removed);
        if (!r)
            return full(e);
        *r = c->whole->removed.v[i];
    }
    return 0;
}

static int cut(struct cutting *c, struct err *e)
{
    c->part = *c->whole;
    c->part.files = (parsed_file_vec){0};
    c->part.removed = (removal_vec){0};
    for (size_t i = 0; i < c->whole->reasons.texts.n; i++) {
        struct reason r = reasons_at(&c->whole->reasons, i);
        c->bytes += r.text.n + r.code.n + 32;
    }
    for (size_t i = 0; i < c->whole->files.n; i++)
        if (cut_file(c, &c->whole->files.v[i], e))
            return -1;
    return cut_removals(c, e) || end_part(c, e) ? -1 : 0;
}

int inventory_send_layer_packages(struct step *s, const struct layer_packages *whole, struct err *e)
{
    struct cutting c = {.s = s, .whole = whole};
    struct slice key =
        arena_printf(s->arena, "%.*s,%.*s", SLICE_FMT(whole->image_digest), SLICE_FMT(whole->layer_digest));
    if (cut(&c, e))
        return -1;
    /* The first one last: with it the others are there, and an older set's parts don't fit it. */
    for (size_t i = c.parts.n; i-- > 0;) {
        c.parts.v[i].part = (int32_t)i;
        c.parts.v[i].parts = (int32_t)c.parts.n;
        if (step_emit(s, TOPIC_LAYER_PACKAGES, topic_part_key(s->arena, key, (unsigned)i), &c.parts.v[i], e))
            return -1;
    }
    return 0;
}

/* ---- joining ---- */

/* The last file of what is there goes on where the part begins with the same one. */
static bool join_files(struct arena *a, parsed_file_vec *to, const parsed_file_vec *from)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct parsed_file *f = &from->v[i];
        struct parsed_file *last = to->n ? &to->v[to->n - 1] : NULL;
        bool same = i == 0 && last && slice_eq(last->path, f->path) && slice_eq(last->parser, f->parser) && !f->facts.n;
        if (!same) {
            last = VEC_ADD(a, to);
            if (last)
                *last = *f;
            if (!last)
                return false;
            continue;
        }
        for (size_t k = 0; k < f->packages.n; k++) {
            struct package *p = VEC_ADD(a, &last->packages);
            if (!p)
                return false;
            *p = f->packages.v[k];
        }
    }
    return true;
}

static bool join(struct arena *a, struct layer_packages *to, const struct layer_packages *part)
{
    for (size_t i = 0; i < part->removed.n; i++) {
        struct removal *r = VEC_ADD(a, &to->removed);
        if (!r)
            return false;
        *r = part->removed.v[i];
    }
    return join_files(a, &to->files, &part->files);
}

int inventory_load_layer_packages(struct step *s, struct slice image, struct slice layer, struct layer_packages *ret,
                                  struct err *e)
{
    struct slice key = arena_printf(s->arena, "%.*s,%.*s", SLICE_FMT(image), SLICE_FMT(layer));
    store_table table = STEP_TABLE(s, TABLE_PARSED);
    struct layer_packages whole, part;
    int got = step_get_record(s, table, key, TOPIC_LAYER_PACKAGES, &whole, e);
    if (got <= 0)
        return got;
    if (whole.part || whole.parts > PARTS_MAX)
        return err_set(e, ERR_POISON, 0, "layer %.*s: part %d of %d", SLICE_FMT(layer), whole.part, whole.parts);
    for (int32_t i = 1; i < whole.parts; i++) {
        got = step_get_record(s, table, topic_part_key(s->arena, key, (unsigned)i), TOPIC_LAYER_PACKAGES, &part, e);
        if (got <= 0 || part.set != whole.set || part.part != i)
            return got < 0 ? -1 : 0;
        if (!join(s->arena, &whole, &part))
            return err_set(e, ERR_POISON, 0, "layer %.*s says more than memory may hold", SLICE_FMT(layer));
    }
    *ret = whole;
    return 1;
}
