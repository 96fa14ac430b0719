/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h: foreign bytes are parsed in child processes that can do nothing but compute: no file system, no network,
 * no new processes (a seccomp allow list), bounded memory and CPU time (rlimits). sandbox_start forks a small process,
 * the nursery, before any thread, Kafka handle or LMDB map exists. The nursery forks a fresh child for every run, so
 * that a child which hostile bytes took over can spoil nothing but its own answer. A child that dies is an error of
 * that run.
 *
 * In whatever way the parent dies, the nursery and its children end too (a closed socket, PR_SET_PDEATHSIG). The last
 * 512 bytes that a child wrote to stderr are part of the error when it dies, so that a BUG() in a child is not silent.
 *
 * When the nursery alone dies (for lack of memory, say), the runs of that moment fail with ERR_RETRY, and the next
 * sandbox_open or sandbox_supervise starts it again. By then the process has threads, open files and secrets, so the
 * program is executed anew (/proc/self/exe) with an environment of its own and becomes the nursery before main(). A
 * nursery that ends again and again is restarted after 1 s, 2 s … 30 s.
 *
 * Threads: sandbox_start runs on the main thread while it is the only one; sandbox_open and sandbox_supervise may be
 * called from any thread; a run belongs to one thread at a time.
 *
 * Under AddressSanitizer, whose shadow needs terabytes of address space, RLIMIT_AS is not set; everything else holds.
 */
#ifndef CAREEN_IO_SANDBOX_SANDBOX_H
#define CAREEN_IO_SANDBOX_SANDBOX_H

#include "base/buf.h"
#include "base/err.h"

/* The functions that run in children are registered at the start, as a table; a run names one by its index. */
struct sandbox_child; /* the child's side: its input and output */
typedef int (*sandbox_main)(struct sandbox_child *c, struct slice argument);

/* A member that is 0 has the default in brackets. */
struct sandbox_limits {
    size_t memory;     /* address space beyond what the child has at birth, bytes [256 MiB] */
    int cpu_seconds;   /* CPU time [300] */
    int stall_seconds; /* a child that neither reads nor answers for so long while the parent waits is killed [120] */
    size_t output;     /* most bytes that a run may write [64 MiB] */
    /*
     * Runs in the nursery before it forks its first child [nothing]. For libraries that open files at first use, which
     * a child may not do. Must be a function of the program itself.
     */
    void (*prepare)(void);
};

struct sandbox;
/* mains must be a static table of the program: the restarted nursery finds it at the same place. */
int sandbox_start(const sandbox_main *mains, size_t n, const struct sandbox_limits *limits,
                  struct sandbox **ret_sandbox, struct err *e);
/* Ends the nursery. Runs must have been finished or aborted before. NULL is legal. */
void sandbox_stop(struct sandbox *s);

/*
 * Starts a nursery that ended again. To be called now and then, so that one is there when it is needed. ERR_RETRY when
 * there is none: e says why, and for how long it has been tried.
 */
int sandbox_supervise(struct sandbox *s, struct err *e);
uint64_t sandbox_restarts(struct sandbox *s); /* how often a nursery was started again */

/* ---- the parent's side: one run ---- */
struct sandbox_run;
#define SANDBOX_ARGUMENT_MAX ((size_t)65536)
/* argument <= SANDBOX_ARGUMENT_MAX is copied to the child. ERR_RETRY when there is no nursery. */
int sandbox_open(struct sandbox *s, size_t main_index, struct slice argument, struct sandbox_run **ret_run,
                 struct err *e);
/*
 * Input goes through a ring of shared memory without a copy: fill the memory that reserve gives, then send n bytes of
 * it (n may be less than was reserved; 0 sends nothing). reserve waits for room, and meanwhile keeps the child's output
 * in the run's output buffer. ERR_POISON when the child died or answered early; sandbox_finish then says which.
 */
int sandbox_reserve(struct sandbox_run *r, uint8_t **ret_p, size_t *ret_n, struct err *e);
int sandbox_send(struct sandbox_run *r, size_t n, struct err *e);
/*
 * Appends what the child has written so far to out, without waiting; it no longer counts against limits.output. For
 * runs whose whole output is large: sandbox_finish then gives the rest. -1 when out is full.
 */
int sandbox_take(struct sandbox_run *r, struct buf *out);
/*
 * Ends the input, waits until the child writes something or ends, and appends what it has written to out. 1: there may
 * be more; 0: the child has ended, and sandbox_finish says how; -1: out is full.
 */
int sandbox_drain(struct sandbox_run *r, struct buf *out);
/*
 * Ends the input, waits for the child's end, appends the rest of its output to out (it is an error when out can't hold
 * it) and gives what its main returned. The run is freed whatever the result. ERR_POISON says how the child died:
 * signal, memory, CPU time, forbidden system call, stall, too much output. ERR_RETRY: the input was not at fault as far
 * as is known.
 */
int sandbox_finish(struct sandbox_run *r, struct buf *out, int *ret_status, struct err *e);
void sandbox_abort(struct sandbox_run *r); /* kills the child and frees the run; NULL is legal */

/* A whole run in one call: open, send the input, finish. */
int sandbox_call(struct sandbox *s, size_t main_index, struct slice argument, struct slice input, struct buf *out,
                 int *ret_status, struct err *e);

/* ---- the child's side ---- */
/* The next piece of input, valid until the next call; 0 at the end. */
size_t sandbox_child_read(struct sandbox_child *c, const uint8_t **ret_p);
/* -1 when the parent no longer listens; the child should then give up. */
int sandbox_child_write(struct sandbox_child *c, struct slice bytes);

#endif
