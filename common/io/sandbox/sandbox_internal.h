/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_internal.h: what the parent (sandbox.c), the nursery (sandbox_nursery.c) and the child (sandbox_child.c)
 * share.
 *
 * A run has a ring (a sealed memfd), a SOCK_SEQPACKET pair between parent and child, and a pipe from the nursery to the
 * parent. The child can write anything into ring and socket, so the parent trusts none of it: it keeps head and the
 * slots' lengths itself and checks tail against them. Only the nursery writes to the pipe: it reports how the child
 * ended. When the parent closes its end of the pipe, the nursery kills the child.
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
    _Atomic uint32_t writer_waits; /* 1 + the tail that the parent waits for; 0: it does not wait */
    uint32_t length[RING_SLOTS];
    _Alignas(4096) uint8_t slots[RING_SLOTS][RING_SLOT_SIZE];
};

/* The first byte of every message on the run's socket. */
enum {
    MSG_WAKE = 'w',   /* in both directions: look at the ring */
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
    int32_t failed_errno; /* not 0: the child could not be set up */
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

/* The parent's side. `lock` guards everything but limits and restarts. */
struct sandbox {
    pthread_mutex_t lock;
    int control;   /* -1: there is no nursery now */
    pid_t nursery; /* -1: there is none */
    const sandbox_main *mains;
    size_t mains_n;
    struct sandbox_limits limits;
    int64_t born_ms;      /* on the monotonic clock */
    int64_t not_before;   /* on the monotonic clock: the next nursery is not started before */
    unsigned short_lived; /* how many nurseries in a row ended soon after they were started */
    int ended;            /* wait status of the latest nursery that ended */
    _Atomic uint64_t restarts;
};

/*
 * sandbox_again.c. Makes sure that there is a nursery: one that ended is reaped and started again. broken: the present
 * one takes no requests any more. The caller holds s->lock. ERR_RETRY with retry_after_ms when nurseries ended again
 * and again and the next start has to wait.
 */
int sandbox_revive(struct sandbox *s, bool broken, struct err *e);
/* BUG() unless mains is a static table of this program: the program that is executed anew finds it by its place. */
void sandbox_check_mains(const sandbox_main *mains, size_t n);

/* A seccomp program, made once in the nursery; every child writes its own process id into it. */
struct sandbox_filter {
    void *program; /* struct sock_filter[] */
    size_t n;
};
int sandbox_filter_make(struct sandbox_filter *ret_filter, struct err *e);
/* All that a child does from the fork to its end. fds: socket, ring, stderr. */
ATTR_NORETURN void sandbox_child_run(const struct sandbox_nursery *n, struct sandbox_filter *filter,
                                     uint32_t main_index, struct slice argument, pid_t nursery, const int fds[3]);

#endif
