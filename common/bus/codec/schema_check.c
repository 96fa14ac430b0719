/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/schema.h"

struct walk {
    struct slice left;
    size_t values;
    struct err *e;
};

static int bad(struct walk *w, const char *what)
{
    return err_set(w->e, ERR_POISON, 0, "%s with %zu bytes left", what, w->left.n);
}

static int take_long(struct walk *w, int64_t *ret_v)
{
    uint64_t v = 0;
    for (size_t i = 0; i < w->left.n && i < 10; i++) {
        uint8_t c = w->left.p[i];
        if (i == 9 && c > 1)
            return bad(w, "number over 64 bits");
        v |= (uint64_t)(c & 0x7F) << (7 * i);
        if (!(c & 0x80)) {
            w->left = slice_from(w->left, i + 1);
            *ret_v = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
            return 0;
        }
    }
    return bad(w, "number cut short");
}

static int take_bytes(struct walk *w, uint64_t n)
{
    if (n > w->left.n)
        return err_set(w->e, ERR_POISON, 0, "%" PRIu64 " bytes wanted with %zu bytes left", n, w->left.n);
    w->left = slice_from(w->left, (size_t)n);
    return 0;
}

static int take_prefixed(struct walk *w)
{
    int64_t n;
    if (take_long(w, &n))
        return -1;
    if (n < 0)
        return bad(w, "negative length");
    return take_bytes(w, (uint64_t)n);
}

static int take_index(struct walk *w, size_t n, size_t *ret_index)
{
    int64_t v;
    if (take_long(w, &v))
        return -1;
    if (v < 0 || (uint64_t)v >= n)
        return err_set(w->e, ERR_POISON, 0, "choice %" PRId64 " of %zu", v, n);
    *ret_index = (size_t)v;
    return 0;
}

static int check_node(struct walk *w, const struct schema_node *node);

/* Arrays and maps come in blocks: a count, then for a negative one the block's bytes, then the items; 0 ends. */
static int check_blocks(struct walk *w, const struct schema_node *node)
{
    const struct schema_node *item = node->children[0];
    size_t least = item->least + (node->kind == SCHEMA_MAP ? 1 : 0);
    for (;;) {
        int64_t count, bytes;
        if (take_long(w, &count))
            return -1;
        if (count == 0)
            return 0;
        if (count < 0) {
            if (count == INT64_MIN || take_long(w, &bytes))
                return bad(w, "count of items cut short or too small");
            if (bytes < 0 || (uint64_t)bytes > w->left.n)
                return bad(w, "block larger than the record");
            count = -count;
        }
        if ((uint64_t)count > w->left.n / least)
            return err_set(w->e, ERR_POISON, 0, "%" PRId64 " items with %zu bytes left", count, w->left.n);
        for (int64_t i = 0; i < count; i++)
            if ((node->kind == SCHEMA_MAP && take_prefixed(w)) || check_node(w, item))
                return err_wrap(w->e, "item %" PRId64, i);
    }
}

static int check_number(struct walk *w, enum schema_kind kind)
{
    int64_t v;
    if (take_long(w, &v))
        return -1;
    if (kind == SCHEMA_INT && (v < INT32_MIN || v > INT32_MAX))
        return bad(w, "int over 32 bits");
    return 0;
}

/* Recursion is bounded: schema.c refuses recursive types and more than 16 levels. */
static int check_node(struct walk *w, const struct schema_node *node)
{
    size_t index;
    if (++w->values > SCHEMA_VALUES_MAX)
        return bad(w, "too many values");
    switch (node->kind) {
    case SCHEMA_NULL:
        return 0;
    case SCHEMA_BOOLEAN:
        if (w->left.n && w->left.p[0] > 1)
            return bad(w, "neither true nor false");
        return take_bytes(w, 1);
    case SCHEMA_INT:
    case SCHEMA_LONG:
        return check_number(w, node->kind);
    case SCHEMA_FLOAT:
    case SCHEMA_DOUBLE:
    case SCHEMA_FIXED:
        return take_bytes(w, node->least);
    case SCHEMA_BYTES:
    case SCHEMA_STRING:
        return take_prefixed(w);
    case SCHEMA_ENUM:
        return take_index(w, node->n, &index);
    case SCHEMA_UNION:
        return take_index(w, node->n, &index) ? -1 : check_node(w, node->children[index]);
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        return check_blocks(w, node);
    case SCHEMA_RECORD:
        for (size_t i = 0; i < node->n; i++)
            if (check_node(w, node->children[i]))
                return err_wrap(w->e, "%s", node->names[i]);
        return 0;
    case SCHEMA_KIND_MAX:
        break;
    }
    BUG("schema node of kind %d", (int)node->kind);
}

int schema_check(const struct schema *s, struct slice value, struct err *e)
{
    struct walk w = {.left = value, .e = e};
    if (check_node(&w, s->root))
        return -1;
    if (w.left.n)
        return bad(&w, "the record ends");
    return 0;
}
