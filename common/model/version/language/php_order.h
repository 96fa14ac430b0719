/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php_order.h: the order of php's version_compare over tokens, which PEAR and WordPress use as it is and Composer on
 * versions that it has brought into a form of its own. Pure; any thread.
 */
#ifndef CAREEN_MODEL_VERSION_LANGUAGE_PHP_ORDER_H
#define CAREEN_MODEL_VERSION_LANGUAGE_PHP_ORDER_H

#include "base/slice.h"

/* In their order. Words that php doesn't know are equal to each other. */
enum php_rank { PHP_UNKNOWN, PHP_DEV, PHP_ALPHA, PHP_BETA, PHP_RC, PHP_END, PHP_NUMBER, PHP_PATCH };

struct php_token {
    enum php_rank rank;
    struct slice digits; /* of a number */
};

/* -1, 0, 1; 0 at the end of both too. */
int php_token_compare(struct php_token a, struct php_token b);

#endif
