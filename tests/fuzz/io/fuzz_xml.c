/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as XML: whole, and cut into the elements "a" and "definition". What comes out hangs together. */
#include "io/text/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct xml_node *n, struct arena *arena, int depth)
{
    ASSERT(depth <= XML_DEPTH_MAX);
    ASSERT((n->name.n > 0) != (n->text.n > 0));
    xml_text(n, arena);
    for (const struct xml_node *c = n->first; c; c = c->next) {
        ASSERT(c->parent == n && (c->next || n->last == c));
        check_tree(c, arena, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const wanted[] = {"a", "definition", NULL};
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    const struct xml_node *n;
    struct err e = ERR_INIT;
    struct byte_source_memory m = {.left = slice_of(data, size)};
    struct xml *x;
    if (xml_document(slice_of(data, size), &arena, &n, &e) == 0)
        check_tree(n, &arena, 1);
    else
        ASSERT(e.kind == ERR_POISON && e.text[0]);
    e = ERR_INIT;
    xml_open(byte_source_of_memory(&m), wanted, &x, &e);
    int rc;
    while (arena_reset(&arena), (rc = xml_next(x, &arena, &n, &e)) == 1)
        check_tree(n, &arena, 1);
    ASSERT(rc == 0 || e.text[0]);
    xml_close(x);
    arena_done(&arena);
    return 0;
}
