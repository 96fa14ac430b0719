/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_internal.h: what the parent (sandbox.c), the nursery (sandbox_nursery.c) and the child (sandbox_child.c)
 * share.
 *
 * One run has a ring (memfd, sealed), a SOCK_SEQPACKET pair between parent and child, and a pipe from the nursery to
 * the parent. The child can write anything to ring and socket; the parent believes none of it: head and slot lengths
 * are the parent's own, tail is checked against them. The pipe is the nursery's alone: the report of the child's end.
 * When the parent closes the pipe's other end the nursery kills the child.
 */
#ifndef CAREEN_IO_SANDBOX_SANDBOX_INTERNAL_H
#define CAREEN_IO_SANDBOX_SANDBOX_INTERNAL_H

#include "io/sandbox/sandbox.h"

#include <pthread.h>
#include <stdatomic.h>

#if defined(__has_feature) && !defined(__SANITIZE_ADDRESS__)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* clang's way to say it */
#endif
#endif

/* 8 x 128 KiB: half a ring is one wake-up, and the ring fits into a second-level cache beside the child's output. */
#define RING_SLOTS     8u
#define RING_SLOT_SIZE ((size_t)128 << 10)

struct ring {
    _Atomic uint32_t head;  /* slots sent, by the parent */
    _Atomic uint32_t ended; /* no more will be sent, by the parent */
    _Atomic uint32_t tail;  /* slots consumed, by the child */
    _Atomic uint32_t reader_waits;
    _Atomic uint32_t writer_waits; /* 1 + the tail that the parent waits for, 0: it doesn't */
    uint32_t length[RING_SLOTS];
    _Alignas(4096) uint8_t slots[RING_SLOTS][RING_SLOT_SIZE];
};

/* First byte of messages on the run's socket. */
enum {
    MSG_WAKE = 'w',   /* either way: look at the ring */
    MSG_OUTPUT = 'o', /* child to parent: bytes */
    MSG_STATUS = 's', /* child to parent: int32, what its main returned */
};
#define MSG_OUTPUT_MAX ((size_t)65536)

/* Parent to nursery, with the child's socket end, the ring's memfd and the pipe's write end. */
struct sandbox_request {
    uint32_t main_index;
    uint32_t argument_n;
};

/* Nursery to parent, once. */
struct sandbox_report {
    int32_t wait_status;
    int32_t failed_errno; /* the child could not be set up */
    int64_t cpu_ms;
    char text[512]; /* the end of what it wrote to stderr */
};
_Static_assert(sizeof(struct sandbox_report) <= 4096, "written to the pipe at once");

struct sandbox_nursery {
    const sandbox_main *mains;
    size_t mains_n;
    struct sandbox_limits limits;
    int control;
    pid_t parent; /* of the nursery */
};
ATTR_NORETURN void sandbox_nursery_main(const struct sandbox_nursery *n);
#define SANDBOX_CONTROL 3 /* the nursery's end of the control socket */

/* The parent's side. Everything but limits and restarts is under lock. */
struct sandbox {
    pthread_mutex_t lock;
    int control;   /* -1: there is no nursery now */
    pid_t nursery; /* -1: there is none */
    const sandbox_main *mains;
    size_t mains_n;
    struct sandbox_limits limits;
    int64_t born_ms;      /* on the monotonic clock */
    int64_t not_before;   /* on the monotonic clock: when the next one may be started */
    unsigned short_lived; /* nurseries in a row that ended soon */
    int ended;            /* wait status of the one that ended */
    _Atomic uint64_t restarts;
};

/* sandbox_again.c. */
/*
 * Sees to it that a nursery is there: one that ended is reaped and started again. broken: the one there does not take
 * requests any more. Under s->lock. ERR_RETRY with the least wait when it ended again and again, so that the next start
 * waits.
 */
int sandbox_revive(struct sandbox *s, bool broken, struct err *e);
/* BUG() unless mains is a static table of this program, which is how a program that is started anew finds it. */
void sandbox_check_mains(const sandbox_main *mains, size_t n);

/* A seccomp program, made once in the nursery; the child puts its own process id into it. */
struct sandbox_filter {
    void *program; /* struct sock_filter[] */
    size_t n;
};
int sandbox_filter_make(struct sandbox_filter *ret_filter, struct err *e);
/* Child: everything from fork to the end. fds: socket, ring, stderr. */
ATTR_NORETURN void sandbox_child_run(const struct sandbox_nursery *n, struct sandbox_filter *filter,
                                     uint32_t main_index, struct slice argument, pid_t nursery, const int fds[3]);

#endif
