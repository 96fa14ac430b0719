/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/schema.h"

#include "io/text/json_tree.h"

#define DEPTH_MAX   16
#define NODES_MAX   4096
#define NAMED_MAX   256
#define TEXT_MAX    ((size_t)1 << 20)
#define VALUES_MAX  65536
#define FIXED_MAX   ((size_t)1 << 20)
#define CRC64_EMPTY UINT64_C(0xc15d213aa4d7a795)

const char *const schema_kind_names[SCHEMA_KIND_MAX] = {"null",   "boolean", "int",    "long",   "float",
                                                        "double", "bytes",   "string", "record", "enum",
                                                        "array",  "map",     "union",  "fixed"};

struct parser {
    struct schema *schema;
    struct schema_node *named[NAMED_MAX];
    size_t named_n, nodes;
    int depth;
    struct err *e;
};

static struct schema_node *parse_node(struct parser *p, const json_t *j, const char *ns);

static struct schema_node *refuse(struct parser *p, const char *what, const char *name)
{
    err_set(p->e, ERR_POISON, 0, "schema: %s%s%s", what, name ? " " : "", name ? name : "");
    return NULL;
}

static struct schema_node *new_node(struct parser *p, enum schema_kind kind)
{
    struct schema_node *node = ++p->nodes > NODES_MAX ? NULL : arena_zalloc(&p->schema->arena, sizeof *node);
    if (!node)
        return refuse(p, "too many parts", NULL);
    node->kind = kind;
    node->weight = 1;
    return node;
}

/* A name of letters, digits and _; dotted when full names are allowed. */
static bool name_ok(const char *s, bool dotted)
{
    bool start = true;
    if (!s || !*s || strlen(s) > 255)
        return false;
    for (; *s; s++) {
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_';
        if (*s == '.' && dotted && !start) {
            start = true;
            continue;
        }
        if (!letter && (start || *s < '0' || *s > '9'))
            return false;
        start = false;
    }
    return !start;
}

static const char *keep(struct parser *p, const char *s)
{
    return arena_cstr(&p->schema->arena, slice_str(s));
}

static const char *full_name(struct parser *p, const char *name, const char *ns)
{
    if (strchr(name, '.') || !ns || !*ns)
        return keep(p, name);
    struct slice s = arena_printf(&p->schema->arena, "%s.%s", ns, name);
    return (const char *)s.p;
}

static struct schema_node *find_named(const struct parser *p, const char *name)
{
    for (size_t i = 0; i < p->named_n; i++)
        if (!strcmp(p->named[i]->name, name))
            return p->named[i];
    return NULL;
}

static struct schema_node *parse_reference(struct parser *p, const char *name, const char *ns)
{
    for (int k = 0; k <= SCHEMA_STRING; k++)
        if (!strcmp(name, schema_kind_names[k])) {
            static const size_t least[] = {0, 1, 1, 1, 4, 8, 1, 1};
            struct schema_node *node = new_node(p, (enum schema_kind)k);
            if (node)
                node->least = least[k];
            return node;
        }
    if (!name_ok(name, true))
        return refuse(p, "not a type name:", name);
    const char *full = full_name(p, name, ns);
    struct schema_node *node = full ? find_named(p, full) : NULL;
    if (!node)
        return refuse(p, "type not defined before its use:", name);
    if (node->open)
        return refuse(p, "recursive types are not supported:", name);
    return node;
}

static bool alloc_children(struct parser *p, struct schema_node *node, size_t n, bool names, bool children)
{
    node->n = n;
    if (n > NODES_MAX)
        return false;
    if (names)
        node->names = arena_zalloc(&p->schema->arena, MAX(n, 1u) * sizeof *node->names);
    if (children)
        node->children = arena_zalloc(&p->schema->arena, MAX(n, 1u) * sizeof(*node->children));
    return (!names || node->names) && (!children || node->children);
}

static struct schema_node *parse_record(struct parser *p, struct schema_node *node, const json_t *j, const char *ns)
{
    const json_t *fields = json_object_get(j, "fields");
    if (!json_is_array(fields) || !alloc_children(p, node, json_array_size(fields), true, true))
        return refuse(p, "record without a list of fields:", node->name);
    for (size_t i = 0; i < node->n; i++) {
        const json_t *field = json_array_get(fields, i);
        const char *name = json_string_value(json_object_get(field, "name"));
        if (!name_ok(name, false))
            return refuse(p, "field without a valid name in", node->name);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(node->names[k], name))
                return refuse(p, "two fields of one name:", name);
        node->names[i] = keep(p, name);
        node->children[i] = parse_node(p, json_object_get(field, "type"), ns);
        if (!node->children[i]) {
            err_wrap(p->e, "field %s", name);
            return NULL;
        }
        node->least = MIN(node->least + node->children[i]->least, TEXT_MAX);
        node->weight = MIN(node->weight + node->children[i]->weight, NODES_MAX + 1);
    }
    return node;
}

static struct schema_node *parse_enum(struct parser *p, struct schema_node *node, const json_t *j)
{
    const json_t *symbols = json_object_get(j, "symbols");
    if (!json_is_array(symbols) || !json_array_size(symbols) ||
        !alloc_children(p, node, json_array_size(symbols), true, false))
        return refuse(p, "enum without symbols:", node->name);
    for (size_t i = 0; i < node->n; i++) {
        const char *symbol = json_string_value(json_array_get(symbols, i));
        if (!name_ok(symbol, false))
            return refuse(p, "enum with a symbol that is not a name:", node->name);
        node->names[i] = keep(p, symbol);
    }
    node->least = 1;
    return node;
}

static struct schema_node *parse_named(struct parser *p, enum schema_kind kind, const json_t *j, const char *ns)
{
    const char *name = json_string_value(json_object_get(j, "name"));
    const char *own = json_string_value(json_object_get(j, "namespace"));
    if (!name_ok(name, true) || (own && *own && !name_ok(own, true)))
        return refuse(p, "a type without a valid name", NULL);
    struct schema_node *node = new_node(p, kind);
    if (!node)
        return NULL;
    node->name = full_name(p, name, own ? own : ns);
    if (!node->name || p->named_n == NAMED_MAX || find_named(p, node->name))
        return refuse(p, "a name defined twice, or too many names:", name);
    p->named[p->named_n++] = node;
    const char *dot = strrchr(node->name, '.');
    const char *inner = dot ? arena_cstr(&p->schema->arena, slice_of(node->name, (size_t)(dot - node->name))) : "";
    node->open = true;
    if (kind == SCHEMA_RECORD && !parse_record(p, node, j, inner))
        return NULL;
    if (kind == SCHEMA_ENUM && !parse_enum(p, node, j))
        return NULL;
    if (kind == SCHEMA_FIXED) {
        json_int_t size = json_integer_value(json_object_get(j, "size"));
        if (size < 1 || size > (json_int_t)FIXED_MAX)
            return refuse(p, "fixed of a bad size:", node->name);
        node->size = node->least = (size_t)size;
    }
    node->open = false;
    return node;
}

static struct schema_node *parse_items(struct parser *p, enum schema_kind kind, const json_t *j, const char *ns)
{
    struct schema_node *node = new_node(p, kind);
    if (!node || !alloc_children(p, node, 1, false, true))
        return NULL;
    node->children[0] = parse_node(p, json_object_get(j, kind == SCHEMA_ARRAY ? "items" : "values"), ns);
    if (!node->children[0])
        return NULL;
    if (kind == SCHEMA_ARRAY && node->children[0]->least == 0)
        return refuse(p, "array of items that take no bytes", NULL);
    node->least = 1;
    node->weight += node->children[0]->weight;
    return node;
}

static struct schema_node *parse_union(struct parser *p, const json_t *j, const char *ns)
{
    struct schema_node *node = new_node(p, SCHEMA_UNION);
    if (!node || !json_array_size(j) || !alloc_children(p, node, json_array_size(j), false, true))
        return refuse(p, "a union without branches, or too many", NULL);
    for (size_t i = 0; i < node->n; i++) {
        node->children[i] = parse_node(p, json_array_get(j, i), ns);
        if (!node->children[i])
            return NULL;
        if (node->children[i]->kind == SCHEMA_UNION)
            return refuse(p, "a union in a union", NULL);
        node->weight = MIN(node->weight + node->children[i]->weight, NODES_MAX + 1);
    }
    node->least = 1;
    return node;
}

static struct schema_node *parse_object(struct parser *p, const json_t *j, const char *ns)
{
    const json_t *type = json_object_get(j, "type");
    const char *name = json_string_value(type);
    if (!name)
        return parse_node(p, type, ns); /* {"type": {"type": …}} */
    if (!strcmp(name, "record") || !strcmp(name, "error"))
        return parse_named(p, SCHEMA_RECORD, j, ns);
    if (!strcmp(name, "enum"))
        return parse_named(p, SCHEMA_ENUM, j, ns);
    if (!strcmp(name, "fixed"))
        return parse_named(p, SCHEMA_FIXED, j, ns);
    if (!strcmp(name, "array"))
        return parse_items(p, SCHEMA_ARRAY, j, ns);
    if (!strcmp(name, "map"))
        return parse_items(p, SCHEMA_MAP, j, ns);
    return parse_reference(p, name, ns);
}

static struct schema_node *parse_node(struct parser *p, const json_t *j, const char *ns)
{
    struct schema_node *node = NULL;
    if (++p->depth > DEPTH_MAX)
        refuse(p, "too deep", NULL);
    else if (json_is_string(j))
        node = parse_reference(p, json_string_value(j), ns);
    else if (json_is_array(j))
        node = parse_union(p, j, ns);
    else if (json_is_object(j))
        node = parse_object(p, j, ns);
    else
        refuse(p, "a type is missing or of no known form", NULL);
    p->depth--;
    return node && node->weight > NODES_MAX ? refuse(p, "too many parts", NULL) : node;
}

static void print_list(struct buf *b, const char *key, const char **names, size_t n)
{
    buf_addf(b, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++)
        buf_addf(b, "%s\"%s\"", i ? "," : "", names[i]);
    buf_add_str(b, "]");
}

/* The canonical form names a type after its definition; `open` marks what has been printed. */
static void print_node(struct buf *b, struct schema_node *node)
{
    const char *kind = schema_kind_names[node->kind];
    if (node->kind <= SCHEMA_STRING || node->open) {
        buf_addf(b, "\"%s\"", node->open ? node->name : kind);
        return;
    }
    node->open = node->name != NULL;
    if (node->kind == SCHEMA_UNION) {
        for (size_t i = 0; i < node->n; i++) {
            buf_add_str(b, i ? "," : "[");
            print_node(b, node->children[i]);
        }
        buf_add_str(b, "]");
        return;
    }
    if (node->name)
        buf_addf(b, "{\"name\":\"%s\",\"type\":\"%s\"", node->name, kind);
    else
        buf_addf(b, "{\"type\":\"%s\",\"%s\":", kind, node->kind == SCHEMA_ARRAY ? "items" : "values");
    if (!node->name)
        print_node(b, node->children[0]);
    if (node->kind == SCHEMA_ENUM)
        print_list(b, "symbols", node->names, node->n);
    if (node->kind == SCHEMA_FIXED)
        buf_addf(b, ",\"size\":%zu", node->size);
    if (node->kind == SCHEMA_RECORD) {
        buf_add_str(b, ",\"fields\":[");
        for (size_t i = 0; i < node->n; i++) {
            buf_addf(b, "%s{\"name\":\"%s\",\"type\":", i ? "," : "", node->names[i]);
            print_node(b, node->children[i]);
            buf_add_str(b, "}");
        }
        buf_add_str(b, "]");
    }
    buf_add_str(b, "}");
}

static uint64_t crc64(struct slice s)
{
    static uint64_t table[256];
    if (!table[1])
        for (uint64_t i = 0; i < 256; i++) {
            uint64_t f = i;
            for (int k = 0; k < 8; k++)
                f = (f >> 1) ^ (CRC64_EMPTY & (0 - (f & 1)));
            table[i] = f;
        }
    uint64_t crc = CRC64_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        crc = (crc >> 8) ^ table[(uint8_t)crc ^ s.p[i]];
    return crc;
}

static int finish(struct schema *s, struct err *e)
{
    struct buf canonical = BUF_INIT(TEXT_MAX);
    print_node(&canonical, s->root);
    bool fits = !canonical.overflow;
    if (fits) {
        s->canonical = slice_of(arena_cstr(&s->arena, buf_slice(&canonical)), canonical.n);
        s->fingerprint = crc64(s->canonical);
    }
    buf_done(&canonical);
    return fits && s->canonical.p ? 0 : err_set(e, ERR_POISON, 0, "schema: canonical form too large");
}

int schema_parse(struct slice json, struct schema **ret_schema, struct err *e)
{
    if (json.n > TEXT_MAX)
        return err_set(e, ERR_POISON, 0, "schema: %zu bytes, more than %zu", json.n, TEXT_MAX);
    json_t *j;
    if (json_tree_read_value(json, TEXT_MAX, VALUES_MAX, &j, e))
        return err_wrap(e, "schema");
    struct schema *s = xcalloc(1, sizeof *s);
    s->arena = ARENA_INIT((size_t)16 << 20);
    struct parser *p = xcalloc(1, sizeof *p);
    *p = (struct parser){.schema = s, .e = e};
    s->root = parse_node(p, j, "");
    free(p);
    json_decref(j);
    if (!s->root || finish(s, e)) {
        schema_free(s);
        return -1;
    }
    *ret_schema = s;
    return 0;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    arena_done(&s->arena);
    free(s);
}
