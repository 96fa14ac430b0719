/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_match.h: does a collector want this path? Made for layers of a million paths: the length of the path's folder
 * indexes a bitmap, which nearly every path fails; then one comparison a rule folder of that length. No allocation.
 */
#ifndef CAREEN_COLLECT_MATCH_H
#define CAREEN_COLLECT_MATCH_H

#include "pull/collectors.h"

#define MATCH_FOLDERS_MAX 64
#define MATCH_RULES_MAX   128

struct match_rule {
    const struct collector *collector;
    const struct collect_rule *rule;
    struct slice folder, name, ending;
};

struct collect_match {
    uint64_t folder_lengths, above_lengths; /* bit n: there is one of n bytes */
    struct match_rule rules[MATCH_RULES_MAX];
    size_t rules_n;
    struct slice above[MATCH_FOLDERS_MAX]; /* rule folders and every folder above them */
    size_t above_n;
};

void collect_match_init(struct collect_match *m, const struct collector *const *list);
/* The rule that wants a file of this canonical path, or NULL. */
const struct match_rule *collect_match_file(const struct collect_match *m, struct slice path);
/* True when a wanted path may lie below this one. */
bool collect_match_above(const struct collect_match *m, struct slice path);

#endif
