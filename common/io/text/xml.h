/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.h: cuts a large XML file into small trees, on expat. The caller names the elements that it wants ("definition",
 * "update"); the outermost one of these is given as a tree, everything around them is only checked. Memory is bounded
 * by the largest wanted element (the arena's maximum), not by the file.
 *
 * Names lose their prefix: "red-def:rpminfo_test" is "rpminfo_test"; xmlns attributes are dropped. Text is UTF-8. A
 * document type without an internal subset is read over (Gentoo's GLSAs have one) and never fetched; declarations in
 * one, and entities other than XML's five, are refused: no expansion bomb can be written. Elements nest at most
 * XML_DEPTH_MAX deep, one tag or comment takes at most XML_TOKEN_MAX bytes.
 *
 * Nodes live in the arena that was given and are linked: a node is an element, or text (then name.n is 0). One thread.
 */
#ifndef CAREEN_IO_TEXT_XML_H
#define CAREEN_IO_TEXT_XML_H

#include "base/arena.h"
#include "base/byte_source.h"

#define XML_DEPTH_MAX      64
#define XML_TOKEN_MAX      ((size_t)1 << 20)
#define XML_TEXT_MAX       ((size_t)16 << 20) /* bytes of one text */
#define XML_ATTRIBUTES_MAX 64

struct xml_attribute {
    struct slice name, value;
};
struct xml_node {
    struct slice name; /* of an element; empty: text */
    struct slice text; /* of a text node */
    const struct xml_attribute *attributes;
    size_t attributes_n;
    struct xml_node *parent, *first, *last, *next;
    bool cut; /* of a wanted element: larger than the arena; only its attributes are here */
};

struct xml;
/* wanted: names that end with a NULL, static; NULL: the whole document is one tree. */
int xml_open(struct byte_source source, const char *const *wanted, struct xml **ret_xml, struct err *e);
void xml_close(struct xml *x);
/* The next wanted element: 1; 0: the document ended as it should; ERR_POISON: malformed or cut, with the line. */
int xml_next(struct xml *x, struct arena *arena, const struct xml_node **ret_node, struct err *e);
/* A small document that is held whole: its root. ERR_POISON as above. */
int xml_document(struct slice bytes, struct arena *arena, const struct xml_node **ret_root, struct err *e);

/* SLICE_NONE when there is none. */
struct slice xml_attribute(const struct xml_node *n, const char *name);
/* The first child element of that name; NULL when there is none, or when n is NULL. */
const struct xml_node *xml_child(const struct xml_node *n, const char *name);
/* The next element of the same name and parent. */
const struct xml_node *xml_again(const struct xml_node *n);
/* The first child element whatever its name, and the next after n. */
const struct xml_node *xml_first(const struct xml_node *n);
const struct xml_node *xml_after(const struct xml_node *n);
/* The text directly in n, trimmed; of several pieces joined in the arena. n may be NULL. */
struct slice xml_text(const struct xml_node *n, struct arena *arena);
/* The text of the first child of that name. */
struct slice xml_child_text(const struct xml_node *n, const char *name, struct arena *arena);

#endif
