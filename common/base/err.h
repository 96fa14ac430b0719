/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h: one error object. The kind says what the caller should do, the text says what happened and, for people, what
 * to do about it; each caller on the way up may put its own context in front. Libraries never log; they return errors.
 * A struct err lives on the caller's stack; no allocation. Passing NULL is legal everywhere (the text is dropped).
 */
#ifndef CAREEN_BASE_ERR_H
#define CAREEN_BASE_ERR_H

#include "base/base.h"

enum err_kind {
    ERR_NONE,
    ERR_RETRY,     /* may work later; retry_after_ms is the least wait, 0 when unknown */
    ERR_POISON,    /* this input will never work: record it, dead-letter it, go on */
    ERR_PARTIAL,   /* usable, but something is missing */
    ERR_NOT_FOUND, /* what was asked for does not exist */
    ERR_REFUSED,   /* credentials missing or refused */
    ERR_USAGE,     /* the person or the configuration asked for something wrong */
    ERR_FULL,      /* no space: disk or map */
    ERR_FATAL,     /* the process can't go on */
    ERR_KIND_MAX
};

struct err {
    enum err_kind kind;
    int code;               /* errno, HTTP status or library code behind it, 0 when none */
    int64_t retry_after_ms; /* with ERR_RETRY */
    char text[1024];
};

#define ERR_INIT ((struct err){.kind = ERR_NONE})

/* Fills e and returns -1, so that `return err_set(...)` is one line. */
ATTR_PRINTF(4, 5) int err_set(struct err *e, enum err_kind kind, int code, const char *fmt, ...);
/* The same with ": strerror(errnum)" behind the text. ENOSPC and EDQUOT become ERR_FULL whatever kind says. */
ATTR_PRINTF(4, 5) int err_errno(struct err *e, enum err_kind kind, int errnum, const char *fmt, ...);
/* Puts "context: " in front of the text and returns -1. Cuts from the end when it grows too long. */
ATTR_PRINTF(2, 3) int err_wrap(struct err *e, const char *fmt, ...);
const char *err_kind_name(enum err_kind kind);

#endif
