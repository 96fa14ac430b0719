/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pear.c: PEAR's registry: a file a package, php/.registry/NAME.reg, below a folder of its channel where that is another
 * than pear.php.net: an array as serialize() writes it. Lists of before PEAR 1.4 call the name "package" and have the
 * version by itself.
 */
#include "packages/php/php.h"
#include "packages/php/php_text.h"

struct text {
    uint8_t bytes[256];
    size_t n;
};

static void keep(struct text *to, struct slice s)
{
    to->n = s.n <= sizeof to->bytes ? s.n : 0;
    if (to->n)
        memcpy(to->bytes, s.p, to->n);
}

/* {release, api}, or a text. */
static void take_version(struct php_text *p, struct text *to)
{
    struct slice key;
    if (!slice_starts(p->rest, SLICE("a:"))) {
        keep(to, php_text_string(p));
        return;
    }
    if (!php_text_array(p))
        return;
    while (php_text_key(p, &key))
        if (slice_eq_str(key, "release"))
            keep(to, php_text_string(p));
        else
            php_text_skip(p);
}

static void add(struct buf *facts, const char *name, const struct text *t)
{
    if (t->n)
        fact_list_add(facts, name, slice_of(t->bytes, t->n));
}

const char *pear_reduce(struct slice text, struct buf *facts)
{
    struct php_text *p = xmalloc(sizeof *p);
    struct text name = {.n = 0}, old = {.n = 0}, version = {.n = 0}, channel = {.n = 0};
    struct slice key;
    php_text_serialized(p, text);
    if (php_text_array(p))
        while (php_text_key(p, &key))
            if (slice_eq_str(key, "name"))
                keep(&name, php_text_string(p));
            else if (slice_eq_str(key, "package"))
                keep(&old, php_text_string(p));
            else if (slice_eq_str(key, "version"))
                take_version(p, &version);
            else if (slice_eq_str(key, "channel"))
                keep(&channel, php_text_string(p));
            else
                php_text_skip(p);
    else if (!p->bad)
        p->bad = "it is no array";
    const char *why = p->bad;
    free(p);
    add(facts, FACT_PACKAGE, name.n ? &name : &old);
    add(facts, FACT_VERSION, &version);
    add(facts, FACT_CHANNEL, &channel);
    return why;
}

void pear_read(struct parse *p, struct parsed_file *file, struct slice facts)
{
    struct package package = {.type = PKG_PEAR, .certainty = CERTAINTY_INSTALLED};
    package.name = fact_list_get(facts, FACT_PACKAGE);
    package.version = fact_list_get(facts, FACT_VERSION);
    package.ns = fact_list_get(facts, FACT_CHANNEL);
    if (!facts.n) /* why has been told */
        return;
    if (!package.ns.n || !parse_is_token(package.ns))
        package.ns = SLICE("pear.php.net");
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version");
        return;
    }
    parse_add_package(p, file, &package);
}
