/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h: foreign bytes are parsed in child processes that can do nothing but compute: no file system, no network,
 * no new processes (seccomp allow list), bounded memory and CPU (rlimits). sandbox_start forks a small nursery process
 * before any thread, Kafka handle or LMDB map exists; the nursery forks one fresh child per run on demand, so a child
 * that hostile bytes took over can spoil nothing but its own answer. A child that dies is that run's error.
 *
 * When the parent dies, however, the nursery and its children end (a closed socket, PR_SET_PDEATHSIG). What a child
 * writes to stderr is kept (512 bytes) and told with its death, so that BUG() in a child has a text.
 *
 * When the nursery dies alone (for lack of memory, say), the runs of that moment fail with ERR_RETRY and it is started
 * again, by the next sandbox_open or sandbox_supervise. By then the process has threads, open files and secrets, so
 * the program is executed anew (/proc/self/exe) with an environment of its own, and becomes the nursery before main().
 * One that ends again and again is started after 1 s, 2 s … 30 s.
 *
 * Threads: sandbox_start on the main thread while it is the only one; sandbox_open and sandbox_supervise from any
 * thread; a run belongs to one thread at a time.
 *
 * Under AddressSanitizer RLIMIT_AS is not set (its shadow needs terabytes of address space); all else holds.
 */
#ifndef CAREEN_IO_SANDBOX_SANDBOX_H
#define CAREEN_IO_SANDBOX_SANDBOX_H

#include "base/buf.h"
#include "base/err.h"

/* The code that runs in children is registered before the start: an index into a table that start gets. */
struct sandbox_child; /* the child's side: its input and output */
typedef int (*sandbox_main)(struct sandbox_child *c, struct slice argument);

/* 0 anywhere is the default in brackets. */
struct sandbox_limits {
    size_t memory;     /* address space beyond what the child has at birth, bytes [256 MiB] */
    int cpu_seconds;   /* CPU time [300] */
    int stall_seconds; /* a child that neither reads nor answers for so long while it is waited for is ended [120] */
    size_t output;     /* most bytes that a run may write [64 MiB] */
    /*
     * What the nursery does before its first child, each time that it is started [nothing]: has libraries open the
     * files that they open at first use, which no child may. A static function of the program.
     */
    void (*prepare)(void);
};

struct sandbox;
/* mains: a static table of the program. */
int sandbox_start(const sandbox_main *mains, size_t n, const struct sandbox_limits *limits,
                  struct sandbox **ret_sandbox, struct err *e);
void sandbox_stop(
    struct sandbox *s); /* NULL is legal; ends running children; runs must have been finished or aborted */

/*
 * Looks after the nursery: one that ended is started again. To be called now and then, so that it is there when it is
 * needed. ERR_RETRY when there is none: e tells why, and since when it is tried.
 */
int sandbox_supervise(struct sandbox *s, struct err *e);
uint64_t sandbox_restarts(struct sandbox *s); /* how often that was done */

/* ---- the parent's side: one run ---- */
struct sandbox_run;
#define SANDBOX_ARGUMENT_MAX ((size_t)65536)
/* argument <= SANDBOX_ARGUMENT_MAX is copied to the child. ERR_RETRY when there is no nursery. */
int sandbox_open(struct sandbox *s, size_t main_index, struct slice argument, struct sandbox_run **ret_run,
                 struct err *e);
/*
 * Input goes through a ring of shared memory without a copy: fill what reserve gives, then send n bytes of it (n may be
 * less than reserved; 0 sends nothing). reserve waits for room; while it waits, output that the child sends is kept in
 * the run's output buffer. ERR_POISON when the child died or answered early (sandbox_finish then tells).
 */
int sandbox_reserve(struct sandbox_run *r, uint8_t **ret_p, size_t *ret_n, struct err *e);
int sandbox_send(struct sandbox_run *r, size_t n, struct err *e);
/*
 * Takes what the child has written so far, without waiting: appended to out, and counted no more against
 * limits.output. For runs whose whole output is large; sandbox_finish then gives the rest. -1 when out is full.
 */
int sandbox_take(struct sandbox_run *r, struct buf *out);
/*
 * Ends the input, waits until the child says something or ends, and takes what it has written: 1 there may be more, 0
 * it has ended, and sandbox_finish tells how; -1 when out is full.
 */
int sandbox_drain(struct sandbox_run *r, struct buf *out);
/*
 * Ends the input, waits for the child's end, gives all that it wrote (appended to out; more than out takes is an error)
 * and what its main returned. The run is freed whatever comes back. ERR_POISON names how the child died: signal,
 * memory, CPU time, forbidden system call, stall, output too long. ERR_RETRY: nothing is known against the input.
 */
int sandbox_finish(struct sandbox_run *r, struct buf *out, int *ret_status, struct err *e);
void sandbox_abort(struct sandbox_run *r); /* kills the child and frees the run; NULL is legal */

/* All at once: input in, output out. */
int sandbox_call(struct sandbox *s, size_t main_index, struct slice argument, struct slice input, struct buf *out,
                 int *ret_status, struct err *e);

/* ---- the child's side ---- */
/* The next piece of input, valid until the next call; 0 at the end. */
size_t sandbox_child_read(struct sandbox_child *c, const uint8_t **ret_p);
/* -1 when the parent does not listen any more: give up. */
int sandbox_child_write(struct sandbox_child *c, struct slice bytes);

#endif
