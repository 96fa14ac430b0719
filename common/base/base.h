/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h: the first include of every file: standard headers, attributes, allocation, BUG(), and the C functions that
 * are banned here.
 *
 * Conventions that hold everywhere:
 *  - a function that can fail returns int: 0 (or a count) on success, negative on failure, and then describes the
 *    failure in its last parameter, a struct err *. Out parameters are called ret_… and are left untouched on failure;
 *  - bytes from outside are passed as struct slice, never as NUL-terminated strings;
 *  - foo_free() returns nothing and accepts NULL; foo_done() releases what foo_init() took.
 */
#ifndef CAREEN_BASE_BASE_H
#define CAREEN_BASE_BASE_H

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CAREEN_VERSION "0.1.0"

#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define ATTR_NORETURN           __attribute__((noreturn))
#define ATTR_UNUSED             __attribute__((unused))
#define ATTR_CLEANUP(fn)        __attribute__((cleanup(fn)))
#define ATTR_NONSTRING          __attribute__((nonstring))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

/* For a violated invariant: prints where and why, then aborts. State is transactional, so a restart is safe. */
#define BUG(...)     bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define ASSERT(cond) ((cond) ? (void)0 : bug_at(__FILE__, __LINE__, "assertion failed: %s", #cond))
ATTR_NORETURN ATTR_PRINTF(3, 4) void bug_at(const char *file, int line, const char *fmt, ...);

/* These never return NULL: running out of memory is BUG(). */
void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t n);
void *xmemdup(const void *p, size_t n);
char *xstrdup(const char *s);
ATTR_PRINTF(1, 2) char *xasprintf(const char *fmt, ...);

/*
 * For ATTR_CLEANUP: free() of any pointer variable, close() of an fd variable (negative is skipped), fclose() (NULL
 * too).
 */
void cleanup_free(void *pp);
void cleanup_close(int *fd);
void cleanup_fclose(FILE **f);

/* Takes a pointer out of a variable and leaves NULL, so that cleanup skips it. */
#define STEAL(p)                                                                                                       \
    __extension__({                                                                                                    \
        __typeof__(p) stolen = p;                                                                                      \
        p = NULL;                                                                                                      \
        stolen;                                                                                                        \
    })

/* Banned: each has a bounded replacement (snprintf, struct buf, slice_parse_u64, time_format_utc, posix_spawn). */
#ifndef CAREEN_ALLOW_BANNED
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll gets localtime gmtime ctime   \
    asctime rand srand system popen sscanf
#endif

#endif
