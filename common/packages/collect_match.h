/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_match.h: does a collector want this path? Made for layers of a million paths: the length of the path's folder
 * (of as many parts less as a rule's folder ends in stars) indexes a bitmap, which nearly every path fails; then one
 * comparison a rule folder of that length. No allocation.
 */
#ifndef CAREEN_PACKAGES_COLLECT_MATCH_H
#define CAREEN_PACKAGES_COLLECT_MATCH_H

#include "packages/collectors.h"

#define MATCH_FOLDERS_MAX 64
#define MATCH_RULES_MAX   128
#define MATCH_NAMES_MAX   4

struct match_rule {
    const struct collector *collector;
    const struct collect_rule *rule;
    struct slice folder, name, ending; /* folder: without its stars */
    size_t stars;
};

struct collect_match {
    uint64_t folder_lengths[COLLECT_STARS_MAX + 1], above_lengths; /* bit n: there is one of n bytes */
    struct match_rule rules[MATCH_RULES_MAX];
    size_t rules_n;
    struct slice above[MATCH_FOLDERS_MAX]; /* rule folders and every folder above them */
    size_t above_n;
    const struct match_rule *names[MATCH_NAMES_MAX]; /* rules that want names */
    size_t names_n;
};

void collect_match_init(struct collect_match *m, const struct collector *const *list);
/* The rule that wants a file of this canonical path, or NULL. */
const struct match_rule *collect_match_file(const struct collect_match *m, struct slice path);
/* The rule that wants the names in a folder, where path is in or below one: *ret_name is the name's path. Or NULL. */
const struct match_rule *collect_match_name(const struct collect_match *m, struct slice path, struct slice *ret_name);
/* True when a wanted path may lie below this one. */
bool collect_match_above(const struct collect_match *m, struct slice path);

#endif
