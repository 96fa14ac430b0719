/* SPDX-License-Identifier: Apache-2.0 */
#include "base/terminal/text.h"

#include <sys/ioctl.h>

#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS    "\xE2\x80\xA6"

/* ---- text ---- */

/* Characters that act instead of being shown: C1, zero-width marks, line separators, direction overrides, tags. */
static bool is_active(uint32_t c)
{
    return (c >= 0x80 && c < 0xA0) || (c >= 0x200B && c <= 0x200F && c != 0x200C && c != 0x200D) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x061C || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/* Length of "ESC [ parameters final" (ECMA-48, 5.4), or 1: the ESC alone. */
static size_t escape_length(struct slice s)
{
    size_t i = 2;
    if (s.n < 3 || s.p[1] != '[')
        return 1;
    while (i < s.n && i < 64 && s.p[i] >= 0x20 && s.p[i] <= 0x3F)
        i++;
    return i < s.n && s.p[i] >= 0x40 && s.p[i] <= 0x7E ? i + 1 : 1;
}

void text_add_safe(struct buf *out, struct slice s, bool lines)
{
    while (s.n) {
        uint32_t c = 0;
        size_t len;
        bool good = slice_utf8(s, &c, &len);
        if (good && (c == '\n' || c == '\t')) {
            buf_add_byte(out, lines ? (uint8_t)c : ' ');
        } else if (good && c == '\r') {
            /* The end of a line on some systems; alone it would write over the line's beginning. */
            if (!(s.n > 1 && s.p[1] == '\n'))
                buf_add_byte(out, ' ');
        } else if (!good || c < 0x20 || c == 0x7F || is_active(c)) {
            buf_add_str(out, REPLACEMENT);
            len = good && c == 0x1B ? escape_length(s) : len;
        } else {
            buf_add(out, s.p, len);
        }
        s = slice_from(s, len);
    }
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n && c >= r[i].first; i++)
        if (c <= r[i].last)
            return true;
    return false;
}

/*
 * The blocks that matter among Unicode 15's wide characters (East Asian Width W, F) and combining and format
 * characters.
 */
static size_t char_width(uint32_t c)
{
    static const struct range none[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                                        {0x064B, 0x065F}, {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948},
                                        {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},
                                        {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                        {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF}};
    static const struct range wide[] = {{0x1100, 0x115F},  {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},
                                        {0x26A1, 0x26A1},  {0x2705, 0x2705},   {0x274C, 0x274C},   {0x2E80, 0x303E},
                                        {0x3041, 0x33FF},  {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97C},
                                        {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                                        {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF},
                                        {0x20000, 0x3FFFD}};
    if (c < 0x300)
        return 1;
    return in_ranges(c, none, ARRAY_LEN(none)) ? 0 : in_ranges(c, wide, ARRAY_LEN(wide)) ? 2 : 1;
}

size_t text_width(struct slice s)
{
    size_t width = 0;
    while (s.n) {
        uint32_t c = 0xFFFD;
        size_t len;
        slice_utf8(s, &c, &len);
        width += char_width(c);
        s = slice_from(s, len);
    }
    return width;
}

void text_add_cut(struct buf *out, struct slice s, size_t width, bool pad)
{
    size_t full = text_width(s), used = 0;
    size_t room = full <= width ? width : width ? width - 1 : 0;
    while (s.n) {
        uint32_t c = 0xFFFD;
        size_t len;
        slice_utf8(s, &c, &len);
        size_t w = char_width(c);
        if (used + w > room)
            break;
        buf_add(out, s.p, len);
        used += w;
        s = slice_from(s, len);
    }
    if (full > width && width) {
        buf_add_str(out, ELLIPSIS);
        used++;
    }
    for (; pad && used < width; used++)
        buf_add_byte(out, ' ');
}

char *text_size(int64_t bytes, char *text)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double v = (double)bytes;
    size_t i = 0;
    /* 1023.95 would print as 1024.0: go on to the next unit. */
    for (; (v >= 1023.95 || v <= -1023.95) && i + 1 < ARRAY_LEN(units); i++)
        v /= 1024;
    int decimals = i && v < 99.95 && v > -99.95;
    snprintf(text, TEXT_HUMAN_MAX, "%.*f %s", decimals, v, units[i]);
    return text;
}

char *text_duration(int64_t ms, char *text)
{
    long long s = ms / 1000;
    if (ms < 0)
        snprintf(text, TEXT_HUMAN_MAX, "?");
    else if (ms < 1000)
        snprintf(text, TEXT_HUMAN_MAX, "%d ms", (int)ms);
    else if (ms < 60000)
        snprintf(text, TEXT_HUMAN_MAX, "%d.%d s", (int)s, (int)(ms % 1000 / 100));
    else if (s < 3600)
        snprintf(text, TEXT_HUMAN_MAX, "%lldm %02llds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, TEXT_HUMAN_MAX, "%lldh %02lldm", s / 3600, s % 3600 / 60);
    else
        snprintf(text, TEXT_HUMAN_MAX, "%lldd %lldh", s / 86400, s % 86400 / 3600);
    return text;
}

char *text_count(int64_t n, char *text)
{
    char digits[24];
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, u), to = 0;
    if (n < 0)
        text[to++] = '-';
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[i];
    }
    text[to] = 0;
    return text;
}

/* ---- terminal ---- */

static size_t environment_number(const char *name)
{
    uint64_t v;
    return slice_parse_u64(slice_str(getenv(name)), &v) && v < 10000 ? (size_t)v : 0;
}

void text_terminal_open(int fd, struct text_terminal *ret_terminal)
{
    struct text_terminal t = {.fd = fd, .tty = isatty(fd) == 1};
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    struct winsize size = {0};
    if (t.tty) {
        if (ioctl(fd, TIOCGWINSZ, &size))
            size = (struct winsize){0};
        t.width = size.ws_col ? size.ws_col : environment_number("COLUMNS");
        t.width = t.width ? MAX(20u, MIN(t.width, 1000u)) : 80;
        t.height = size.ws_row ? size.ws_row : 24;
        t.color = !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
    }
    *ret_terminal = t;
}

int text_columns(int fd, int otherwise)
{
    struct text_terminal t;
    text_terminal_open(fd, &t);
    return t.width ? (int)t.width : otherwise;
}

const char *text_style_on(const struct text_terminal *t, enum text_style style)
{
    static const char *const codes[TEXT_STYLE_MAX] = {"",         "\x1b[1m",  "\x1b[2m",  "\x1b[31m", "\x1b[32m",
                                                      "\x1b[33m", "\x1b[34m", "\x1b[35m", "\x1b[36m", "\x1b[1;31m"};
    return t->color ? codes[style] : "";
}

const char *text_style_off(const struct text_terminal *t, enum text_style style)
{
    return t->color && style != TEXT_PLAIN ? "\x1b[0m" : "";
}

void text_write(int fd, struct slice s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        s = slice_from(s, (size_t)n);
    }
}
