/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/yaml_tree.h"

#include <yaml.h>

struct yaml_open {
    json_t *value;
    struct slice key; /* of the member whose value comes next, malloc'd; absent: a key comes next, or it is a list */
};

struct yaml_tree {
    yaml_parser_t parser;
    json_t *root;
    struct yaml_open open[YAML_DEPTH];
    size_t depth, values, max_values, line;
    const char *bad;
};

static bool fail(struct yaml_tree *t, const char *why)
{
    t->bad = t->bad ? t->bad : why;
    return false;
}

static bool is_nothing(const yaml_event_t *x)
{
    struct slice s = slice_of(x->data.scalar.value, x->data.scalar.length);
    return x->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!s.n || slice_eq_str(s, "~") || slice_eq_nocase(s, SLICE("null")));
}

static bool is_tagged(const yaml_event_t *x)
{
    return (x->type == YAML_SCALAR_EVENT && x->data.scalar.tag) ||
           (x->type == YAML_SEQUENCE_START_EVENT && x->data.sequence_start.tag) ||
           (x->type == YAML_MAPPING_START_EVENT && x->data.mapping_start.tag);
}

static bool take_key(struct yaml_tree *t, struct yaml_open *in, const yaml_event_t *x)
{
    if (x->type != YAML_SCALAR_EVENT)
        return fail(t, "a key must be a word");
    const char *text = (const char *)x->data.scalar.value;
    size_t n = x->data.scalar.length;
    if (json_object_getn(in->value, text, n))
        return fail(t, "a key is there twice");
    in->key = slice_of(slice_dup(slice_of(text, n)), n);
    return true;
}

/* Hangs a value into what is open, or makes it the root; takes the reference. */
static bool hang(struct yaml_tree *t, json_t *v)
{
    struct yaml_open *in = t->depth ? &t->open[t->depth - 1] : NULL;
    if (!v)
        return fail(t, "it takes too much memory");
    if (!in) {
        t->root = v;
        return true;
    }
    int rc;
    if (json_is_object(in->value)) {
        rc = json_object_setn_new_nocheck(in->value, (const char *)in->key.p, in->key.n, v);
        free((void *)(uintptr_t)in->key.p);
        in->key = SLICE_NONE;
    } else {
        rc = json_array_append_new(in->value, v);
    }
    return rc ? fail(t, "it takes too much memory") : true;
}

static bool take_value(struct yaml_tree *t, const yaml_event_t *x)
{
    if (t->values++ == t->max_values)
        return fail(t, "it has too many values");
    if (x->type == YAML_SCALAR_EVENT)
        return hang(t, is_nothing(x) ? json_null()
                                     : json_stringn_nocheck((const char *)x->data.scalar.value, x->data.scalar.length));
    json_t *v = x->type == YAML_MAPPING_START_EVENT ? json_object() : json_array();
    if (t->depth == YAML_DEPTH) {
        json_decref(v);
        return fail(t, "it has too many levels");
    }
    if (!hang(t, v))
        return false;
    t->open[t->depth++] = (struct yaml_open){.value = v};
    return true;
}

/* False: reading ends, by an error or with the document. */
static bool take_event(struct yaml_tree *t, const yaml_event_t *x)
{
    struct yaml_open *in = t->depth ? &t->open[t->depth - 1] : NULL;
    t->line = x->start_mark.line + 1;
    if (is_tagged(x))
        return fail(t, "tags (!name) are not read");
    switch (x->type) {
    case YAML_ALIAS_EVENT:
        return fail(t, "aliases (*name) are not read");
    case YAML_DOCUMENT_START_EVENT:
        return t->root ? fail(t, "it has more than one document") : true;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        t->depth--;
        return true;
    case YAML_SCALAR_EVENT:
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return in && json_is_object(in->value) && !in->key.p ? take_key(t, in, x) : take_value(t, x);
    case YAML_STREAM_END_EVENT:
        return false;
    default:
        return true;
    }
}

static void read_events(struct yaml_tree *t)
{
    bool more = true;
    while (more) {
        yaml_event_t x;
        if (!yaml_parser_parse(&t->parser, &x)) {
            t->line = t->parser.problem_mark.line + 1;
            fail(t, t->parser.problem ? t->parser.problem : "not YAML");
            break;
        }
        more = take_event(t, &x);
        yaml_event_delete(&x);
    }
    for (size_t i = 0; i < t->depth; i++)
        free((void *)(uintptr_t)t->open[i].key.p);
}

int yaml_tree_read(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e)
{
    struct yaml_tree t = {.max_values = max_values};
    if (text.n > max_bytes)
        return err_set(e, ERR_POISON, 0, "YAML of %zu bytes; at most %zu are read", text.n, max_bytes);
    if (!yaml_parser_initialize(&t.parser))
        BUG("libyaml: out of memory");
    yaml_parser_set_encoding(&t.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&t.parser, text.n ? text.p : (const uint8_t *)"", text.n);
    read_events(&t);
    if (!t.bad && !json_is_object(t.root) && !json_is_array(t.root))
        fail(&t, "neither a map nor a list");
    int rc = t.bad ? err_set(e, ERR_POISON, 0, "not YAML that is read, line %zu: %s", t.line, t.bad) : 0;
    yaml_parser_delete(&t.parser);
    if (rc)
        json_decref(t.root);
    else
        *ret_root = t.root;
    return rc;
}
