/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composer_php.c: installed.php, which Composer 2 writes beside installed.json: {root: {name, …}, versions: {name: {pretty_version,
 * reference, dev_requirement, …}}}. Names that another package only replaces or provides have no version there, and the root is
 * the project itself.
 */
#include "packages/php/php.h"
#include "packages/php/php_text.h"

#define NAME_MAX_BYTES 300

struct name {
    uint8_t bytes[NAME_MAX_BYTES];
    size_t n;
};

static void keep(struct name *to, struct slice s)
{
    to->n = s.n <= sizeof to->bytes ? s.n : 0;
    if (to->n)
        memcpy(to->bytes, s.p, to->n);
}

static void take_root(struct php_text *p, struct name *root)
{
    struct slice key;
    if (!php_text_array(p))
        return;
    while (php_text_key(p, &key))
        if (slice_eq_str(key, "name"))
            keep(root, php_text_string(p));
        else
            php_text_skip(p);
}

static void take_package(struct php_text *p, struct slice name, const struct name *root, struct buf *facts)
{
    struct slice key;
    struct name own, version = {.n = 0}, reference = {.n = 0};
    bool dev = false;
    keep(&own, name);
    if (!php_text_array(p))
        return;
    while (php_text_key(p, &key))
        if (slice_eq_str(key, "pretty_version"))
            keep(&version, php_text_string(p));
        else if (slice_eq_str(key, "reference"))
            keep(&reference, php_text_string(p));
        else if (slice_eq_str(key, "dev_requirement"))
            dev = slice_eq_nocase(php_text_string(p), SLICE("true"));
        else
            php_text_skip(p);
    struct slice self = slice_of(own.bytes, own.n), pretty = slice_of(version.bytes, version.n);
    if (!own.n || !version.n || slice_eq(self, slice_of(root->bytes, root->n)))
        return;
    fact_list_add(facts, FACT_PACKAGE, self);
    fact_list_add(facts, FACT_VERSION, pretty);
    if (reference.n && (slice_starts(pretty, SLICE("dev-")) || slice_ends(pretty, SLICE("-dev"))))
        fact_list_add(facts, FACT_REFERENCE, slice_of(reference.bytes, reference.n));
    if (dev)
        fact_list_add(facts, FACT_DEV, SLICE("1"));
}

static void take_versions(struct php_text *p, const struct name *root, struct buf *facts)
{
    struct slice key;
    if (php_text_array(p))
        while (php_text_key(p, &key))
            take_package(p, key, root, facts);
}

const char *composer_php_reduce(struct slice text, struct buf *facts)
{
    struct php_text *p = xmalloc(sizeof *p);
    struct slice key;
    struct name root = {.n = 0};
    php_text_source(p, text);
    if (php_text_array(p))
        while (php_text_key(p, &key))
            if (slice_eq_str(key, "root"))
                take_root(p, &root);
            else if (slice_eq_str(key, "versions"))
                take_versions(p, &root, facts);
            else
                php_text_skip(p);
    else if (!p->bad)
        p->bad = "it does not return an array";
    const char *why = p->bad ? p->bad : facts->overflow ? "it has more packages than are kept" : NULL;
    free(p);
    return why;
}
