/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config/config_internal.h"

#include "base/terminal/text.h"

#define HELP_COLUMN 30

/* ---- help ---- */

/* Writes words from `column` on and breaks lines before `width`; later lines begin at `indent`. */
static void wrap(struct buf *out, struct slice text, size_t column, size_t indent, size_t width)
{
    struct slice word;
    bool first = true;
    while (slice_take_token(&text, ' ', &word)) {
        if (!word.n)
            continue;
        size_t columns = text_width(word);
        if (!first && column + 1 + columns > width) {
            buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            buf_add_byte(out, ' ');
            column++;
        }
        buf_add_slice(out, word);
        column += columns;
        first = false;
    }
    buf_add_byte(out, '\n');
}

/* Paragraphs are filled up to the width; lines that begin with a blank, and empty ones, stay as they are. */
static void wrap_paragraphs(struct buf *out, struct slice text, size_t width)
{
    struct buf paragraph = BUF_INIT(1 << 16);
    struct slice line;
    while (slice_take_line(&text, &line)) {
        bool verbatim = !line.n || line.p[0] == ' ';
        if (!verbatim)
            buf_addf(&paragraph, "%s%.*s", paragraph.n ? " " : "", SLICE_FMT(line));
        if (paragraph.n && (verbatim || !text.n)) {
            wrap(out, buf_slice(&paragraph), 0, 0, width);
            buf_clear(&paragraph);
        }
        if (verbatim)
            buf_addf(out, "%.*s\n", SLICE_FMT(line));
    }
    buf_done(&paragraph);
}

static const char *placeholder(const struct config_option *o)
{
    static const char *const usual[CONFIG_KIND_MAX] = {"TEXT", "N", "N", "", "TIME", "SIZE", "TEXT", "KEY=VALUE", ""};
    return o->value ? o->value : usual[o->kind];
}

bool config_on_by_default(const struct config_option *o)
{
    return o->kind == CONFIG_BOOL && o->fallback && !strcmp(o->fallback, "true");
}

void config_choices_text(const struct config_option *o, struct buf *out)
{
    struct config_choices c;
    config_choices(o, &c);
    for (size_t i = 0; i < c.n; i++)
        buf_addf(out, "%s%s%s%s",
                 i             ? ", "
                 : c.v[0].help ? " "
                               : " One of ",
                 c.v[i].name, c.v[i].help ? " " : "", c.v[i].help ? c.v[i].help : "");
    if (c.n)
        buf_add_byte(out, '.');
}

void config_notes_text(const struct config_option *o, bool flag, struct buf *notes)
{
    char low[24] = "", high[24] = "";
    config_choices_text(o, notes);
    if (config_on_by_default(o))
        buf_add_str(notes, " Default: yes.");
    if (o->kind == CONFIG_INT && (o->min || o->max)) {
        snprintf(low, sizeof low, "%" PRId64, o->min);
        snprintf(high, sizeof high, "%" PRId64, o->max);
        buf_addf(notes, o->max == INT64_MAX ? " At least %s." : " Between %s and %s.", low, high);
    }
    if (flag && (o->kind == CONFIG_STRINGS || o->kind == CONFIG_PAIRS))
        buf_add_str(notes, " May be given several times.");
    if (o->kind == CONFIG_ITEMS)
        buf_add_str(notes, " In the configuration file only.");
    if (o->fallback && *o->fallback && o->kind != CONFIG_BOOL)
        buf_addf(notes, " Default: %s.", o->fallback);
}

static void help_option(const struct config_option *o, const char *lead, size_t width, struct buf *out)
{
    struct buf left = BUF_INIT(256), text = BUF_INIT(4096);
    if (o->kind == CONFIG_ITEMS || !*lead)
        buf_addf(&left, "  %s%s:", *lead ? "" : "    ", o->name);
    else
        buf_addf(&left, "  %s%s%s%s%s", lead, o->name,
                 o->bare           ? "[="
                 : *placeholder(o) ? " "
                                   : "",
                 placeholder(o), o->bare ? "]" : "");
    if (*lead && config_on_by_default(o)) {
        buf_clear(&left);
        buf_addf(&left, "  --[no-]%s", o->name);
    }
    buf_add_str(&text, o->help ? o->help : "");
    config_notes_text(o, *lead != 0, &text);
    buf_add_slice(out, buf_slice(&left));
    size_t columns = text_width(buf_slice(&left));
    if (columns + 2 > HELP_COLUMN)
        buf_addf(out, "\n%*s", HELP_COLUMN, "");
    else
        buf_addf(out, "%*s", (int)(HELP_COLUMN - columns), "");
    wrap(out, buf_slice(&text), HELP_COLUMN, HELP_COLUMN, width);
    buf_done(&left);
    buf_done(&text);
}

void config_help(const char *head, const struct config_set *sets, size_t sets_n, int width, struct buf *out)
{
    static const struct config_option general[] = {
        {.name = "config",
         .kind = CONFIG_STRING,
         .value = "FILE",
         .help = "A YAML file with the names here as keys; - and _ mean the same in them. CAREEN_CONFIG names it too. "
                 "Environment (CAREEN_ and the name in capitals) and flags override it."},
        {.name = "show-config",
         .kind = CONFIG_BOOL,
         .help = "Print every option with its value and where it came from, as YAML, and end."},
        {.name = "help", .kind = CONFIG_BOOL, .help = "Print this and end."},
        {.name = "version", .kind = CONFIG_BOOL, .help = "Print the version and end."}};
    size_t columns = (size_t)MAX(80, MIN(width, 120));
    wrap_paragraphs(out, slice_str(head), columns);
    for (size_t i = 0; i < sets_n; i++) {
        if (!sets[i].target)
            continue;
        buf_addf(out, "\n%s\n", sets[i].title);
        for (size_t k = 0; k < sets[i].n; k++) {
            const struct config_option *o = &sets[i].options[k];
            if (o->internal || !config_takes(&sets[i], o))
                continue;
            help_option(o, "--", columns, out);
            for (size_t m = 0; m < o->items_n; m++)
                help_option(&o->items[m], "", columns, out);
        }
    }
    buf_add_str(out, "\nGeneral\n");
    for (size_t i = 0; i < ARRAY_LEN(general); i++)
        help_option(&general[i], "--", columns, out);
}

/* ---- dump ---- */

/* Writes a text plainly when YAML reads it back unchanged, otherwise in double quotes with the escapes of JSON. */
static void dump_text(struct buf *out, const char *s)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    bool plain = *s && (*s == '/' || *s == '.' || (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                        (*s >= '0' && *s <= '9'));
    for (const char *q = s; *q && plain; q++)
        plain = (*q >= 'a' && *q <= 'z') || (*q >= 'A' && *q <= 'Z') || (*q >= '0' && *q <= '9') ||
                strchr("/._-+@%=", *q) || (*q == ':' && q[1] && q[1] != ' ');
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        plain = plain && !slice_eq_nocase(slice_str(s), slice_str(words[i]));
    if (plain) {
        buf_add_str(out, s);
        return;
    }
    buf_add_byte(out, '"');
    for (struct slice rest = slice_str(s); rest.n;) {
        uint32_t c = 0xFFFD;
        size_t len;
        bool good = slice_utf8(rest, &c, &len);
        /* Characters that YAML does not allow in a file, or reads as the end of a line. */
        bool escape = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE ||
                      c == 0xFFFF;
        if (!good || escape)
            buf_addf(out, "\\u%04" PRIx32, c);
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (char)c);
        else
            buf_add(out, rest.p, len);
        rest = slice_from(rest, len);
    }
    buf_add_byte(out, '"');
}

static void dump_duration(struct buf *out, int64_t ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(units) && (!ms || ms % units[i].ms))
        i++;
    if (ms)
        buf_addf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
    else
        buf_add_str(out, "0");
}

static void dump_size(struct buf *out, int64_t bytes)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(units) && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        i++;
    }
    buf_addf(out, "%" PRId64 "%s", bytes, units[i]);
}

static void dump_scalar(struct buf *out, const struct config_option *o, const void *member)
{
    const char *text;
    switch (o->kind) {
    case CONFIG_STRING:
        memcpy(&text, member, sizeof text);
        if (!text)
            buf_add_str(out, "~");
        else if (o->secret)
            buf_add_str(out, "(hidden)");
        else
            dump_text(out, text);
        return;
    case CONFIG_INT:
        buf_addf(out, "%" PRId64, *(const int64_t *)member);
        return;
    case CONFIG_DOUBLE:
        buf_addf(out, "%g", *(const double *)member);
        return;
    case CONFIG_BOOL:
        buf_add_str(out, *(const bool *)member ? "true" : "false");
        return;
    case CONFIG_DURATION:
        dump_duration(out, *(const int64_t *)member);
        return;
    case CONFIG_SIZE:
        dump_size(out, *(const int64_t *)member);
        return;
    default:
        BUG("option %s of kind %d", o->name, (int)o->kind);
    }
}

static void dump_option(struct buf *out, const struct config_option *o, const void *target, int indent,
                        const char *origin);

static void dump_items(struct buf *out, const struct config_option *o, const struct config_items *items, int indent)
{
    for (size_t i = 0; i < items->n; i++)
        for (size_t k = 0; k < o->items_n; k++) {
            buf_addf(out, "%*s%s", indent, "", k ? "  " : "- ");
            dump_option(out, &o->items[k], (const uint8_t *)items->v + i * o->items_size, indent + 2, NULL);
        }
}

/* "name: value  # origin"; lists below. The caller has written the indentation of the first line. */
static void dump_option(struct buf *out, const struct config_option *o, const void *target, int indent,
                        const char *origin)
{
    const uint8_t *member = (const uint8_t *)target + o->offset;
    const struct config_strings *strings = (const void *)member;
    const struct config_pairs *pairs = (const void *)member;
    const struct config_items *items = (const void *)member;
    bool list = o->kind == CONFIG_STRINGS || o->kind == CONFIG_PAIRS || o->kind == CONFIG_ITEMS;
    size_t n = !list ? 0 : o->kind == CONFIG_STRINGS ? strings->n : o->kind == CONFIG_PAIRS ? pairs->n : items->n;
    buf_addf(out, "%s:", o->name);
    if (list && !n) {
        buf_add_str(out, o->kind == CONFIG_PAIRS ? " {}" : " []");
    } else if (!list) {
        buf_add_byte(out, ' ');
        dump_scalar(out, o, member);
    }
    if (origin)
        buf_addf(out, "  # %s", origin);
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < n && o->kind == CONFIG_STRINGS; i++) {
        buf_addf(out, "%*s- ", indent + 2, "");
        dump_text(out, o->secret ? "(hidden)" : strings->v[i]);
        buf_add_byte(out, '\n');
    }
    for (size_t i = 0; i < n && o->kind == CONFIG_PAIRS; i++) {
        buf_addf(out, "%*s", indent + 2, "");
        dump_text(out, pairs->keys[i]);
        buf_add_str(out, ": ");
        dump_text(out, o->secret ? "(hidden)" : pairs->values[i]);
        buf_add_byte(out, '\n');
    }
    if (o->kind == CONFIG_ITEMS)
        dump_items(out, o, items, indent + 2);
}

void config_dump(const struct config *c, struct buf *out)
{
    for (size_t i = 0; i < c->sets_n; i++) {
        if (c->hidden[i])
            continue;
        buf_addf(out, "%s# %s\n", out->n ? "\n" : "", c->sets[i].title);
        for (size_t k = 0; k < c->sets[i].n; k++) {
            if (c->sets[i].options[k].internal || !config_takes(&c->sets[i], &c->sets[i].options[k]))
                continue;
            dump_option(out, &c->sets[i].options[k], c->sets[i].target, 0,
                        c->origins[i][k] ? c->origins[i][k] : "default");
        }
    }
}
