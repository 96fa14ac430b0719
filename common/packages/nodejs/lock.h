/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock.h: lock files of npm, Yarn, pnpm and Bun: what a project wishes to have installed. Each reader adds to facts, of
 * every package, "package", "version", where it is for development alone "dev", and where no registry has it "resolved".
 * NULL, or why the file could not be read to its end. Pure.
 */
#ifndef CAREEN_PACKAGES_NODEJS_LOCK_H
#define CAREEN_PACKAGES_NODEJS_LOCK_H

#include "base/buf.h"

/* package-lock.json and npm-shrinkwrap.json of all versions; bun.lock. */
const char *lock_reduce_npm(struct slice text, struct buf *facts);
const char *lock_reduce_bun(struct slice text, struct buf *facts);
/* yarn.lock of Yarn 1 and later; pnpm-lock.yaml. */
const char *lock_reduce_yarn(struct slice text, struct buf *facts);
const char *lock_reduce_pnpm(struct slice text, struct buf *facts);

/* The reader for a file of this name; NULL: it is no lock. */
typedef const char *lock_reduce_fn(struct slice text, struct buf *facts);
lock_reduce_fn *lock_reducer(struct slice name);

#endif
