/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h: one error object. The kind says what the caller should do, the text says what happened and, for people, what
 * to do about it; each caller on the way up may put its own context in front. Libraries never log; they return errors.
 * A struct err lives on the caller's stack and nothing is allocated. A caller that needs no error may pass NULL.
 */
#ifndef CAREEN_BASE_ERR_H
#define CAREEN_BASE_ERR_H

#include "base/base.h"

enum err_kind {
    ERR_NONE,
    ERR_RETRY,     /* may work later; retry_after_ms says how long to wait at least, 0 when unknown */
    ERR_POISON,    /* this input will never work: record that, write a dead letter, go on */
    ERR_PARTIAL,   /* usable, but something is missing */
    ERR_NOT_FOUND, /* what was asked for does not exist */
    ERR_REFUSED,   /* credentials missing or refused */
    ERR_USAGE,     /* the person or the configuration asked for something wrong */
    ERR_FULL,      /* no space: disk or map */
    ERR_FATAL,     /* the process cannot go on */
    ERR_KIND_MAX
};

struct err {
    enum err_kind kind;
    int code;               /* the errno, HTTP status or library code behind it; 0 when there is none */
    int64_t retry_after_ms; /* with ERR_RETRY */
    char text[1024];
};

#define ERR_INIT ((struct err){.kind = ERR_NONE})

/* Fills e and returns -1, so that `return err_set(...)` is one line. */
ATTR_PRINTF(4, 5) int err_set(struct err *e, enum err_kind kind, int code, const char *fmt, ...);
/*
 * The same, with ": " and strerror(errnum) behind the text. Where err_is_full(errnum) the kind is ERR_FULL,
 * whatever was passed.
 */
ATTR_PRINTF(4, 5) int err_errno(struct err *e, enum err_kind kind, int errnum, const char *fmt, ...);
/* Puts "context: " in front of the text and returns -1. A text that grows too long is cut at its end. */
ATTR_PRINTF(2, 3) int err_wrap(struct err *e, const char *fmt, ...);
const char *err_kind_name(enum err_kind kind);
/* Whether the same may work later although nothing of it changes: after an outage, or when a disk has room again. */
bool err_kind_passes(enum err_kind kind);
/* Whether an errno says that there is no room: a full disk, a spent quota, a file at its limit. */
bool err_is_full(int errnum);

#endif
