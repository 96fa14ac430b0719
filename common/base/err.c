/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

static const char *const kind_names[ERR_KIND_MAX] = {
    [ERR_NONE] = "none",       [ERR_RETRY] = "retry",         [ERR_POISON] = "poison",
    [ERR_PARTIAL] = "partial", [ERR_NOT_FOUND] = "not found", [ERR_REFUSED] = "refused",
    [ERR_USAGE] = "usage",     [ERR_FULL] = "full",           [ERR_FATAL] = "fatal",
};

const char *err_kind_name(enum err_kind kind)
{
    return (unsigned)kind < ERR_KIND_MAX ? kind_names[kind] : "unknown";
}

static void err_fill(struct err *e, enum err_kind kind, int code, const char *fmt, va_list ap)
{
    /* The format's arguments may point into e->text. */
    char text[sizeof e->text];
    vsnprintf(text, sizeof text, fmt, ap);
    e->kind = kind;
    e->code = code;
    e->retry_after_ms = 0;
    memcpy(e->text, text, sizeof text);
}

int err_set(struct err *e, enum err_kind kind, int code, const char *fmt, ...)
{
    if (!e)
        return -1;
    va_list ap;
    va_start(ap, fmt);
    err_fill(e, kind, code, fmt, ap);
    va_end(ap);
    return -1;
}

int err_errno(struct err *e, enum err_kind kind, int errnum, const char *fmt, ...)
{
    if (!e)
        return -1;
    if (err_is_full(errnum))
        kind = ERR_FULL;
    va_list ap;
    va_start(ap, fmt);
    err_fill(e, kind, errnum, fmt, ap);
    va_end(ap);
    size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, ": %s", strerror(errnum));
    return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -1;
    char text[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, ": %s", e->text);
    memcpy(e->text, text, sizeof text);
    return -1;
}

bool err_kind_passes(enum err_kind kind)
{
    return kind == ERR_RETRY || kind == ERR_FULL;
}

bool err_is_full(int errnum)
{
    return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}
