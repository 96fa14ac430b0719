/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h: output for people at a terminal: foreign text made harmless, widths, sizes and durations in words, tables
 * that fit, progress bars. Machines get JSON (jsonw.h) and logs (log.h) instead.
 *
 * Everything that comes from outside (image names, package names, error texts of servers) must go through
 * text_add_safe; tables and progress bars do that themselves. Otherwise an image could move the cursor, set the
 * terminal's title or colour its own finding green.
 */
#ifndef CAREEN_BASE_TERMINAL_TEXT_H
#define CAREEN_BASE_TERMINAL_TEXT_H

#include "base/buf.h"

/* ---- text ---- */

/*
 * Appends s, with U+FFFD in place of every control character, escape sequence, bidirectional override and byte that is
 * not UTF-8. Tabs and line ends become one blank each; with `lines`, line feeds and tabs are kept.
 */
void text_add_safe(struct buf *out, struct slice s, bool lines);
/* The columns that s takes: 2 for wide characters (East Asian, emoji), 0 for combining ones. s must have gone through
 * text_add_safe. */
size_t text_width(struct slice s);
/* The columns of the terminal behind fd; `otherwise` when fd is no terminal. */
int text_columns(int fd, int otherwise);
/* Appends at most `width` columns of s, the last of them "…" when something was cut; `pad` fills up with blanks. */
void text_add_cut(struct buf *out, struct slice s, size_t width, bool pad);

#define TEXT_HUMAN_MAX 32                    /* the bytes that `text` must have below; each function returns it */
char *text_size(int64_t bytes, char *text);  /* "0 B", "1.5 KiB", "27 MiB" */
char *text_duration(int64_t ms, char *text); /* "850 ms", "12.3 s", "4m 05s", "2h 03m", "3d 4h" */
char *text_count(int64_t n, char *text);     /* "1,234,567" */

/* ---- terminal ---- */

enum text_style {
    TEXT_PLAIN,
    TEXT_BOLD,
    TEXT_DIM,
    TEXT_RED,
    TEXT_GREEN,
    TEXT_YELLOW,
    TEXT_BLUE,
    TEXT_MAGENTA,
    TEXT_CYAN,
    TEXT_BOLD_RED,
    TEXT_STYLE_MAX
};

struct text_terminal {
    int fd;
    bool tty;
    bool color;   /* tty, and neither NO_COLOR nor TERM=dumb in the environment */
    size_t width; /* columns; 0: not a terminal, nothing is cut */
    size_t height;
};
void text_terminal_open(int fd, struct text_terminal *ret_terminal);
/* What to write before and after styled text; "" without colours. */
const char *text_style_on(const struct text_terminal *t, enum text_style style);
const char *text_style_off(const struct text_terminal *t, enum text_style style);
/* Writes all of s, whatever signals come. Failures are ignored: there is nobody left to tell. */
void text_write(int fd, struct slice s);

/* ---- tables ---- */

struct text_column {
    const char *title;
    bool right;    /* align to the right: numbers */
    size_t least;  /* columns it may shrink to when the terminal is narrow; 0: it is never cut */
    bool optional; /* left out, last one first, when shrinking is not enough */
};
/*
 * Columns that tell a row from others or that somebody acts on should be neither cut (least 0) nor optional: where they
 * are too wide for the terminal, a row takes several lines.
 */
struct text_cell {
    struct slice text; /* copied and made safe */
    enum text_style style;
};
struct text_table;
struct text_table *text_table_new(const struct text_column *columns, size_t n);
void text_table_free(struct text_table *t);
void text_table_add(struct text_table *t, const struct text_cell *cells); /* one for each column */
/* Title line and rows. Two blanks between columns, none at the end of lines. */
void text_table_print(const struct text_table *t, const struct text_terminal *terminal, struct buf *out);

/* ---- progress ---- */

/*
 * Named bars at the bottom of a terminal, redrawn at most 10 times a second. Where the output is no terminal: a plain
 * line when a bar begins, when its note changes, when it ends, and every 10 s while it moves. Any thread. Whoever
 * prints to the same terminal meanwhile must use text_progress_line.
 */
struct text_progress;
enum text_unit { TEXT_COUNT, TEXT_BYTES };

/* now: a monotonic clock in milliseconds; NULL: clock_mono_ms. */
struct text_progress *text_progress_new(const struct text_terminal *terminal, int64_t (*now)(void));
void text_progress_free(struct text_progress *p); /* removes the bars from the terminal */
/* Returns a bar for the calls below. total 0: unknown. */
int text_progress_begin(struct text_progress *p, const char *name, int64_t total, enum text_unit unit);
void text_progress_set(struct text_progress *p, int bar, int64_t done, int64_t total);
void text_progress_note(struct text_progress *p, int bar, const char *note); /* what it is doing: "layer 3 of 9" */
/* The bar becomes a line that stays: name and result. */
void text_progress_end(struct text_progress *p, int bar, const char *result);
void text_progress_line(struct text_progress *p, struct slice line); /* one line above the bars; made safe */
void text_progress_tick(struct text_progress *p);  /* redraws when it is time; for a caller that waits */
void text_progress_clear(struct text_progress *p); /* removes the bars until they change; before other output */

#endif
