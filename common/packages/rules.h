/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: the one interpreter of the formats' rules (format.h). It is made for layers of a million paths:
 *  - a rule with a folder is looked for by the length of the path's folder, which indexes a bitmap that nearly every
 *    path fails; behind it lies a chain of the folders of that length;
 *  - a rule for any depth is looked for by a hash of the path's last part, or of what follows its last dot;
 *  - a rule by content is looked for by its first byte.
 *
 * A set of rules is compiled once and constant from then on, for any thread. It allocates nothing and points into the
 * formats.
 */
#ifndef CAREEN_PACKAGES_RULES_H
#define CAREEN_PACKAGES_RULES_H

#include "packages/format.h"

#define RULES_MAX         512
#define RULES_FOLDERS_MAX 256
#define RULES_BUCKETS     256
#define RULES_NAMES_MAX   8

struct wanted {
    const struct package_format *format;
    const struct package_rule *rule;
    /* The pattern taken apart. */
    struct slice folder; /* before the first part with a star, without the slash; of a rule for any depth absent */
    struct slice tail;   /* the parts behind it: at least the name */
    struct slice name;   /* the last of them */
    uint8_t stars;       /* parts of the tail before the name */
    bool anywhere, exact;
    int16_t next; /* in the same chain, -1: none */
};

struct rules_folder {
    struct slice path;
    int16_t first[RULE_STARS_MAX + 1]; /* of the rules with so many stars, -1: none */
    int16_t next;                      /* of the same length */
    bool above;                        /* what is kept lies in it or below it */
};

struct rules {
    struct wanted v[RULES_MAX];
    size_t n;
    struct rules_folder folders[RULES_FOLDERS_MAX];
    size_t folders_n;
    int16_t by_length[RULE_FOLDER_MAX + 1];
    uint64_t lengths[RULE_STARS_MAX + 1]; /* bit n: of a folder of n bytes there is a rule with so many stars */
    uint64_t above_lengths, starred_lengths[RULE_STARS_MAX + 1];
    int16_t by_name[RULES_BUCKETS], by_extension[RULES_BUCKETS], others; /* of rules for any depth */
    uint64_t other_starts[4];                                            /* bits: first bytes of what others want */
    int16_t magic_first;
    uint64_t magic_starts[4];
    size_t magic_n;                 /* bytes of the longest */
    int16_t names[RULES_NAMES_MAX]; /* rules that want names */
    size_t names_n;
};

void rules_init(struct rules *r, const struct package_format *const *formats);
/* Of package_formats. */
const struct rules *rules_all(void);

/* The rule that wants a file of this canonical path, NULL: none does by its path. Rules that want names don't count. */
const struct wanted *rules_of_file(const struct rules *r, struct slice path);
/* The same of an entry of the evidence, where rules that want names count too. */
const struct wanted *rules_of_entry(const struct rules *r, struct slice path);
/*
 * The next rule behind one (NULL: the first) that wants a file of this path by how it begins; NULL: no other. front has the
 * file's first magic_n bytes or all of it.
 */
const struct wanted *rules_of_content(const struct rules *r, struct slice path, struct slice front,
                                      const struct wanted *behind);
/* The rule that wants the names in a folder that path is in or below: *ret_name is the name's path. Or NULL. */
const struct wanted *rules_of_name(const struct rules *r, struct slice path, struct slice *ret_name);
/*
 * True when a file that a rule with a folder keeps as it is may lie below this path: what is no folder there hides the
 * file of a lower layer. Files for any depth may lie below every path, so for them only the layer's own whiteouts tell.
 */
bool rules_above(const struct rules *r, struct slice path);

/* Whether the format's rules for any depth and by content reach this path (not_below). */
bool rules_reach(const struct package_format *format, struct slice path);
/* False only if no file of a layer with this path index (path_index.h) is wanted by a rule of the format. */
bool rules_may_hold(const struct package_format *format, struct slice index);

#endif
