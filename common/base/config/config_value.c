/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config/config_internal.h"

struct unit {
    const char *name;
    int64_t factor;
};

static bool take_unit(struct slice *s, const struct unit *units, size_t n, int64_t *ret_factor)
{
    size_t len = 0;
    while (len < s->n && (s->p[len] < '0' || s->p[len] > '9') && s->p[len] != ' ')
        len++;
    for (size_t i = 0; i < n; i++)
        if (slice_eq_nocase(slice_sub(*s, 0, len), slice_str(units[i].name))) {
            *ret_factor = units[i].factor;
            *s = slice_from(*s, len);
            return true;
        }
    return false;
}

static bool take_digits(struct slice *s, int64_t *ret_v)
{
    size_t len = 0;
    while (len < s->n && s->p[len] >= '0' && s->p[len] <= '9')
        len++;
    if (!slice_parse_i64(slice_sub(*s, 0, len), ret_v))
        return false;
    *s = slice_from(*s, len);
    return true;
}

bool config_parse_duration(struct slice s, int64_t *ret_ms)
{
    static const struct unit units[] = {{"ms", 1},          {"s", 1000},         {"m", 60000},
                                        {"h", 3600 * 1000}, {"d", 86400 * 1000}, {"w", 7 * 86400 * 1000}};
    int64_t total = 0, v, factor;
    if (slice_eq_str(s, "0")) {
        *ret_ms = 0;
        return true;
    }
    if (!s.n)
        return false;
    while (s.n)
        if (!take_digits(&s, &v) || !take_unit(&s, units, ARRAY_LEN(units), &factor) ||
            __builtin_mul_overflow(v, factor, &v) || __builtin_add_overflow(total, v, &total))
            return false;
    *ret_ms = total;
    return true;
}

bool config_parse_size(struct slice s, int64_t *ret_bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"B", 1},
        {"KiB", INT64_C(1) << 10},
        {"MiB", INT64_C(1) << 20},
        {"GiB", INT64_C(1) << 30},
        {"TiB", INT64_C(1) << 40},
        {"KB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", INT64_C(1000000000000)},
    };
    int64_t v, factor;
    if (!take_digits(&s, &v) || !take_unit(&s, units, ARRAY_LEN(units), &factor) || s.n ||
        __builtin_mul_overflow(v, factor, &v))
        return false;
    *ret_bytes = v;
    return true;
}

static bool parse_bool(struct slice s, bool *ret_v)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_nocase(s, slice_str(words[i]))) {
            *ret_v = i % 2;
            return true;
        }
    return false;
}

/* The option's name for an error, which follows the place; "" where the place is a flag or a variable of that name. */
static const char *name_after(const struct config_option *o, const char *where, char out[128])
{
    struct slice place = slice_str(where);
    bool named = (slice_take_prefix(&place, SLICE("--")) || slice_take_prefix(&place, SLICE("CAREEN_"))) &&
                 config_name_eq(place, slice_str(o->name));
    snprintf(out, 128, "%s%s", named ? "" : ": ", named ? "" : o->name);
    return out;
}

static int wrong(const struct config_option *o, struct slice text, const char *where, const char *wanted, struct err *e)
{
    char name[128];
    name_after(o, where, name);
    if (o->secret)
        return err_set(e, ERR_USAGE, 0, "%s%s: the value is not %s", where, name, wanted);
    return err_set(e, ERR_USAGE, 0, "%s%s: \"%.*s\" is not %s", where, name, (int)MIN(text.n, 100u),
                   text.n ? (const char *)text.p : "", wanted);
}

static void bound_text(const struct config_option *o, int64_t v, char text[32])
{
    if (o->kind == CONFIG_DURATION && v % 1000 == 0)
        snprintf(text, 32, "%" PRId64 "s", v / 1000);
    else
        snprintf(text, 32, "%" PRId64 "%s", v,
                 o->kind == CONFIG_DURATION ? "ms"
                 : o->kind == CONFIG_SIZE   ? " bytes"
                                            : "");
}

static int out_of_range(const struct config_option *o, struct slice text, const char *where, struct err *e)
{
    char low[32], high[32], name[128];
    name_after(o, where, name);
    bound_text(o, o->min, low);
    bound_text(o, o->max, high);
    if (o->max == INT64_MAX)
        return err_set(e, ERR_USAGE, 0, "%s%s: %.*s is less than %s", where, name, (int)MIN(text.n, 100u),
                       (const char *)text.p, low);
    return err_set(e, ERR_USAGE, 0, "%s%s: %.*s is not between %s and %s", where, name, (int)MIN(text.n, 100u),
                   (const char *)text.p, low, high);
}

static int set_number(const struct config_option *o, void *member, struct slice text, const char *where, struct err *e)
{
    int64_t v;
    if (o->kind == CONFIG_INT && !slice_parse_i64(text, &v))
        return wrong(o, text, where, "a whole number", e);
    if (o->kind == CONFIG_DURATION && !config_parse_duration(text, &v))
        return wrong(o, text, where, "a duration like 500ms, 90s, 15m, 1h30m or 7d", e);
    if (o->kind == CONFIG_SIZE && !config_parse_size(text, &v))
        return wrong(o, text, where, "a size like 4096, 64KiB, 64MiB or 2GiB", e);
    if ((o->min || o->max) && (v < o->min || v > o->max))
        return out_of_range(o, text, where, e);
    memcpy(member, &v, sizeof v);
    return 0;
}

static int set_double(const struct config_option *o, void *member, struct slice text, const char *where, struct err *e)
{
    double v;
    if (!slice_parse_double(text, &v))
        return wrong(o, text, where, "a number", e);
    if ((o->min || o->max) && (v < (double)o->min || v > (double)o->max))
        return out_of_range(o, text, where, e);
    memcpy(member, &v, sizeof v);
    return 0;
}

static int full(const char *where, struct err *e)
{
    return err_set(e, ERR_USAGE, 0, "%s: the configuration is too large", where);
}

void config_choices(const struct config_option *o, struct config_choices *ret)
{
    *ret = (struct config_choices){0};
    if (o->choices_of)
        o->choices_of(o->which, ret);
    for (size_t i = 0; !o->choices_of && o->choices && o->choices[i]; i++) {
        ASSERT(ret->n < CONFIG_CHOICES_MAX);
        ret->v[ret->n++].name = o->choices[i];
    }
}

static int set_string(struct arena *a, const struct config_option *o, void *member, struct slice text,
                      const char *where, struct err *e)
{
    struct config_choices choices;
    config_choices(o, &choices);
    bool found = !choices.n;
    if (memchr(text.n ? text.p : (const uint8_t *)"", 0, text.n))
        return wrong(o, SLICE("text with a NUL byte"), where, "allowed", e);
    for (size_t i = 0; !found && i < choices.n; i++)
        found = slice_eq_str(text, choices.v[i].name);
    if (!found) {
        struct buf list = BUF_INIT(400);
        for (size_t i = 0; i < choices.n; i++)
            buf_addf(&list, "%s%s", i ? ", " : "one of ", choices.v[i].name);
        wrong(o, text, where, buf_cstr(&list), e);
        buf_done(&list);
        return -1;
    }
    const char *copy = arena_cstr(a, text);
    if (!copy)
        return full(where, e);
    memcpy(member, &copy, sizeof copy);
    return 0;
}

/* Room for one more; grows by doubling, the old array stays in the arena. */
static bool grow(struct arena *a, const char ***v, size_t n)
{
    if (n && (n & (n - 1)))
        return true;
    const char **fresh = arena_alloc(a, (n ? 2 * n : 1) * sizeof *fresh);
    if (!fresh)
        return false;
    if (n)
        memcpy(fresh, *v, n * sizeof *fresh);
    *v = fresh;
    return true;
}

static int add_string(struct arena *a, void *member, struct slice text, bool fresh, const char *where, struct err *e)
{
    struct config_strings *list = member;
    if (fresh)
        *list = (struct config_strings){NULL, 0};
    const char *copy = arena_cstr(a, text);
    if (!copy || !grow(a, &list->v, list->n))
        return full(where, e);
    list->v[list->n++] = copy;
    return 0;
}

int config_set_pair(struct arena *a, const struct config_option *o, void *member, struct slice key, struct slice value,
                    const char *where, struct err *e)
{
    struct config_pairs *pairs = member;
    size_t i = 0;
    if (!key.n)
        return wrong(o, key, where, "key=value", e);
    const char *k = arena_cstr(a, key), *v = arena_cstr(a, value);
    while (i < pairs->n && !slice_eq_str(key, pairs->keys[i]))
        i++;
    if (!k || !v || (i == pairs->n && (!grow(a, &pairs->keys, i) || !grow(a, &pairs->values, i))))
        return full(where, e);
    pairs->keys[i] = k;
    pairs->values[i] = v;
    pairs->n = MAX(pairs->n, i + 1);
    return 0;
}

int config_set_text(struct arena *a, const struct config_option *o, void *member, struct slice text, bool fresh,
                    const char *where, struct err *e)
{
    struct slice key;
    bool b;
    switch (o->kind) {
    case CONFIG_STRING:
        return set_string(a, o, member, text, where, e);
    case CONFIG_INT:
    case CONFIG_DURATION:
    case CONFIG_SIZE:
        return set_number(o, member, text, where, e);
    case CONFIG_DOUBLE:
        return set_double(o, member, text, where, e);
    case CONFIG_BOOL:
        if (!parse_bool(text, &b))
            return wrong(o, text, where, "true or false", e);
        *(bool *)member = b;
        return 0;
    case CONFIG_STRINGS:
        return add_string(a, member, text, fresh, where, e);
    case CONFIG_PAIRS:
        if (slice_find(text, '=') < 0 || !slice_take_token(&text, '=', &key))
            return wrong(o, text, where, "key=value", e);
        return config_set_pair(a, o, member, key, text, where, e);
    case CONFIG_ITEMS:
        return err_set(e, ERR_USAGE, 0, "%s is a list of maps: set %s in the configuration file", where, o->name);
    case CONFIG_KIND_MAX:
        break;
    }
    BUG("option %s of kind %d", o->name, (int)o->kind);
}

int config_set_texts(struct arena *a, const struct config_option *o, void *member, struct slice text, const char *where,
                     struct err *e)
{
    struct slice one;
    bool fresh = true;
    if (o->kind != CONFIG_STRINGS && o->kind != CONFIG_PAIRS)
        return config_set_text(a, o, member, text, true, where, e);
    if (o->kind == CONFIG_STRINGS)
        *(struct config_strings *)member = (struct config_strings){NULL, 0};
    while (slice_take_token(&text, ',', &one)) {
        if (config_set_text(a, o, member, slice_trim(one), fresh, where, e))
            return -1;
        fresh = false;
    }
    return 0;
}

int config_set_defaults(struct arena *a, const struct config_option *options, size_t n, void *target, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (options[i].fallback && config_set_texts(a, &options[i], (uint8_t *)target + options[i].offset,
                                                    slice_str(options[i].fallback), "default", e))
            return -1;
    return 0;
}
