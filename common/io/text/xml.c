/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/xml.h"

#include <expat.h>

#include "base/buf.h"

#define PIECE_MAX ((size_t)1 << 16)

struct xml {
    XML_Parser parser;
    struct byte_source source; /* .read is NULL when all bytes are given at once */
    const char *const *wanted;
    struct arena *arena;
    struct xml_node *top, *open; /* the wanted element, and the innermost open one in it */
    struct slice text;           /* of the text that is being read; grows in `gathered` */
    struct buf gathered;
    struct slice piece; /* of the source, not parsed yet */
    uint64_t given;     /* bytes that expat got */
    int depth, top_depth;
    bool ready, suspended, ended, cut;
    const char *refused;
};

/* ---- what expat tells ---- */

static void refuse(struct xml *x, const char *why)
{
    if (!x->refused)
        x->refused = why;
    XML_StopParser(x->parser, XML_FALSE);
}

static struct slice local_name(const XML_Char *name)
{
    const char *colon = strrchr(name, ':');
    return slice_str(colon ? colon + 1 : name);
}

static bool is_wanted(const struct xml *x, struct slice name)
{
    if (!x->wanted)
        return true;
    for (size_t i = 0; x->wanted[i]; i++)
        if (slice_eq_str(name, x->wanted[i]))
            return true;
    return false;
}

static struct xml_node *add_node(struct xml *x)
{
    struct xml_node *n = arena_zalloc(x->arena, sizeof *n);
    if (!n) {
        x->cut = true;
        return NULL;
    }
    n->parent = x->open;
    if (x->open) {
        if (x->open->last)
            x->open->last->next = n;
        else
            x->open->first = n;
        x->open->last = n;
    }
    return n;
}

static void flush_text(struct xml *x)
{
    if (!x->gathered.n)
        return;
    struct slice s = buf_slice(&x->gathered);
    if (x->open && !x->cut && slice_trim(s).n) {
        struct slice kept = arena_slice(x->arena, s);
        struct xml_node *n = kept.p ? add_node(x) : NULL;
        if (n)
            n->text = kept;
        else
            x->cut = true;
    }
    buf_clear(&x->gathered);
}

static void add_attributes(struct xml *x, struct xml_node *n, const XML_Char **atts)
{
    size_t count = 0, kept = 0;
    while (atts[2 * count])
        count++;
    if (count > XML_ATTRIBUTES_MAX) {
        refuse(x, "an element has too many attributes");
        return;
    }
    struct xml_attribute *v = count ? arena_alloc(x->arena, count * sizeof *v) : NULL;
    for (size_t i = 0; v && i < count; i++) {
        if (slice_starts(slice_str(atts[2 * i]), SLICE("xmlns")))
            continue;
        v[kept].name = arena_slice(x->arena, local_name(atts[2 * i]));
        v[kept].value = arena_slice(x->arena, slice_str(atts[2 * i + 1]));
        if (!v[kept].name.p || !v[kept].value.p)
            v = NULL;
        kept++;
    }
    if (count && !v)
        x->cut = true;
    n->attributes = v;
    n->attributes_n = v ? kept : 0;
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct xml *x = arg;
    if (++x->depth > XML_DEPTH_MAX) {
        refuse(x, "elements nest too deep");
        return;
    }
    struct slice local = local_name(name);
    flush_text(x);
    if (!x->top && !is_wanted(x, local))
        return;
    if (x->cut)
        return;
    struct slice kept = arena_slice(x->arena, local);
    struct xml_node *n = kept.p ? add_node(x) : NULL;
    if (!x->top) {
        x->top_depth = x->depth;
        if (!n) { /* not even its name fits: the caller's arena was full before */
            refuse(x, "no memory for an element");
            return;
        }
        x->top = n;
    }
    if (!n) {
        x->cut = true;
        return;
    }
    n->name = kept;
    add_attributes(x, n, atts);
    x->open = n;
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct xml *x = arg;
    (void)name;
    int depth = x->depth--;
    if (!x->top)
        return;
    flush_text(x);
    /* A cut tree is not built on: what is open in it stays as it was. */
    if (!x->cut && x->open)
        x->open = x->open->parent;
    if (depth != x->top_depth)
        return;
    x->ready = true;
    XML_StopParser(x->parser, XML_TRUE);
}

static void XMLCALL on_text(void *arg, const XML_Char *s, int n)
{
    struct xml *x = arg;
    if (!x->top || x->cut)
        return;
    if (buf_add(&x->gathered, s, (size_t)n))
        x->cut = true;
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                               int internal)
{
    (void)name, (void)sysid, (void)pubid;
    if (internal)
        refuse(arg, "it declares a document type of its own");
}

static void XMLCALL on_entity(void *arg, const XML_Char *name, int is_parameter, const XML_Char *value, int n,
                              const XML_Char *base, const XML_Char *sysid, const XML_Char *pubid,
                              const XML_Char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)n, (void)base, (void)sysid, (void)pubid, (void)notation;
    refuse(arg, "it declares an entity");
}

static void XMLCALL on_skipped_entity(void *arg, const XML_Char *name, int is_parameter)
{
    (void)name, (void)is_parameter;
    refuse(arg, "it uses an entity that XML does not have");
}

/* ---- reading ---- */

static struct xml *xml_new(const char *const *wanted)
{
    struct xml *x = xcalloc(1, sizeof *x);
    x->wanted = wanted;
    x->gathered = (struct buf)BUF_INIT(XML_TEXT_MAX);
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser)
        BUG("XML_ParserCreate: out of memory");
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    XML_SetEntityDeclHandler(x->parser, on_entity);
    XML_SetSkippedEntityHandler(x->parser, on_skipped_entity);
    return x;
}

int xml_open(struct byte_source source, const char *const *wanted, struct xml **ret_xml, struct err *e)
{
    (void)e;
    struct xml *x = xml_new(wanted);
    x->source = source;
    *ret_xml = x;
    return 0;
}

void xml_close(struct xml *x)
{
    if (!x)
        return;
    XML_ParserFree(x->parser);
    buf_done(&x->gathered);
    free(x);
}

static int parse_error(struct xml *x, struct err *e)
{
    unsigned long line = (unsigned long)XML_GetCurrentLineNumber(x->parser);
    if (x->refused)
        return err_set(e, ERR_POISON, 0, "not readable as XML: %s (line %lu)", x->refused, line);
    enum XML_Error code = XML_GetErrorCode(x->parser);
    if (code == XML_ERROR_NO_MEMORY)
        BUG("expat: out of memory");
    if (code == XML_ERROR_NO_ELEMENTS && x->given == 0)
        return err_set(e, ERR_POISON, 0, "it is empty");
    return err_set(e, ERR_POISON, (int)code, "not XML, or cut: %s (line %lu)", XML_ErrorString(code), line);
}

/* Gives expat the next piece. 0, or <0. */
static int feed_piece(struct xml *x, struct err *e)
{
    if (!x->piece.n && x->source.read) {
        const uint8_t *p = NULL;
        size_t n = 0;
        if (x->source.read(x->source.arg, &p, &n, e))
            return -1;
        x->piece = slice_of(p, n);
    }
    struct slice now = slice_sub(x->piece, 0, PIECE_MAX);
    x->piece = slice_from(x->piece, now.n);
    bool last = now.n == 0;
    x->given += now.n;
    enum XML_Status s = XML_Parse(x->parser, (const char *)now.p, (int)now.n, last);
    x->suspended = s == XML_STATUS_SUSPENDED;
    if (s == XML_STATUS_ERROR)
        return parse_error(x, e);
    x->ended = last && !x->suspended;
    XML_Index at = XML_GetCurrentByteIndex(x->parser);
    if (!x->suspended && at >= 0 && x->given - (uint64_t)at > XML_TOKEN_MAX + PIECE_MAX)
        return err_set(e, ERR_POISON, 0, "not readable as XML: a tag or comment of more than %zu bytes (line %lu)",
                       XML_TOKEN_MAX, (unsigned long)XML_GetCurrentLineNumber(x->parser));
    return 0;
}

int xml_next(struct xml *x, struct arena *arena, const struct xml_node **ret_node, struct err *e)
{
    x->arena = arena;
    x->top = x->open = NULL;
    x->ready = x->cut = false;
    buf_clear(&x->gathered);
    while (!x->ready) {
        if (x->ended)
            return 0;
        if (!x->suspended) {
            if (feed_piece(x, e))
                return -1;
            continue;
        }
        XML_ParsingStatus status;
        enum XML_Status s = XML_ResumeParser(x->parser);
        x->suspended = s == XML_STATUS_SUSPENDED;
        if (s == XML_STATUS_ERROR)
            return parse_error(x, e);
        XML_GetParsingStatus(x->parser, &status);
        x->ended = status.parsing == XML_FINISHED;
    }
    if (x->cut) {
        x->top->cut = true;
        x->top->first = x->top->last = NULL;
    }
    *ret_node = x->top;
    return 1;
}

int xml_document(struct slice bytes, struct arena *arena, const struct xml_node **ret_root, struct err *e)
{
    const struct xml_node *root = NULL, *more;
    struct xml *x = xml_new(NULL);
    x->piece = bytes;
    int rc = xml_next(x, arena, &root, e);
    if (rc == 1 && root->cut)
        rc = err_set(e, ERR_POISON, 0, "too much for the memory of one document");
    /* What follows the root must be nothing, and only the end proves that. */
    if (rc == 1 && (rc = xml_next(x, arena, &more, e)) == 0)
        *ret_root = root;
    xml_close(x);
    return rc < 0 ? -1 : 0;
}

/* ---- trees ---- */

struct slice xml_attribute(const struct xml_node *n, const char *name)
{
    for (size_t i = 0; n && i < n->attributes_n; i++)
        if (slice_eq_str(n->attributes[i].name, name))
            return n->attributes[i].value;
    return SLICE_NONE;
}

static const struct xml_node *element_from(const struct xml_node *n, struct slice name)
{
    while (n && (!n->name.n || (name.n && !slice_eq(n->name, name))))
        n = n->next;
    return n;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
    return n ? element_from(n->first, slice_str(name)) : NULL;
}

const struct xml_node *xml_again(const struct xml_node *n)
{
    return element_from(n->next, n->name);
}

const struct xml_node *xml_first(const struct xml_node *n)
{
    return n ? element_from(n->first, SLICE_NONE) : NULL;
}

const struct xml_node *xml_after(const struct xml_node *n)
{
    return element_from(n->next, SLICE_NONE);
}

struct slice xml_text(const struct xml_node *n, struct arena *arena)
{
    const struct xml_node *only = NULL;
    size_t pieces = 0, bytes = 0, at = 0;
    for (const struct xml_node *c = n ? n->first : NULL; c; c = c->next) {
        if (c->name.n)
            continue;
        only = c;
        pieces++;
        bytes += c->text.n;
    }
    if (pieces <= 1)
        return only ? slice_trim(only->text) : SLICE_NONE;
    uint8_t *to = arena_alloc(arena, bytes);
    for (const struct xml_node *c = n->first; to && c; c = c->next) {
        if (!c->name.n) {
            memcpy(to + at, c->text.p, c->text.n);
            at += c->text.n;
        }
    }
    return to ? slice_trim(slice_of(to, bytes)) : SLICE_NONE;
}

struct slice xml_child_text(const struct xml_node *n, const char *name, struct arena *arena)
{
    return xml_text(xml_child(n, name), arena);
}
