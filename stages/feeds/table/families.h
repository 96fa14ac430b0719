/* SPDX-License-Identifier: Apache-2.0 */
/*
 * families.h: feeds of which there is one a release. Their publisher has an index (a page of links, a list of files, a
 * catalogue) that names the releases, so a new one needs no row and no new Careen.
 *
 * A family says how its members are spelt: "$1" in the texts of `like` is the release, "$2" one of its variants. A
 * member is its name and nothing more: "alpine-v3.24-main" is made into the same feed in every process (the child that
 * reads it as well) and at any time; an index can only choose names of the given shape, never an address. What is
 * remembered of an index is therefore a set of names, and a name that was remembered is never dropped: an index that
 * can't be had, or is suddenly short, loses nothing.
 *
 * Members that were known when this was written are there without any index. In a feeds folder the folder is the index.
 *
 * Threads: any. Feeds that these functions give live as long as the process.
 */
#ifndef CAREEN_FEEDS_TABLE_FAMILIES_H
#define CAREEN_FEEDS_TABLE_FAMILIES_H

#include "base/arena.h"
#include "feeds/feed.h"
#include "io/store/store.h"

#define FEED_MEMBERS_MAX 2000 /* that a process makes */
#define FEED_RELEASE_MAX 40   /* bytes of "$1" */

struct feed_family {
    struct feed like;     /* url and path: below the member's; parse, kind, rhythm_days: the member's */
    const char *index[2]; /* rows of kind FEED_INDEX that name its members; NULL: no more of them */
    /*
     * What "$1" may be, alternatives separated by '|': '#' one to three digits without a leading zero, '~' one or more
     * letters, digits, '.', '-', '+' (a letter or digit first), anything else itself.
     */
    const char *shape;
    /*
     * What an index says of a member, alternatives separated by '|', '@' for "$1". With a '/' it is the end of a path
     * in a list of files, else a whole word: the last part of a link, a string of a catalogue.
     */
    const char *entry;
    unsigned least;              /* numbers below are no members (systems that ended long ago); 0: all are */
    const char *const *variants; /* of "$2", NULL-ended; those before have a record first. NULL: there is no "$2" */
    const char *const *known;    /* of "$1", NULL-ended */
    const char *const *never;    /* names that are no members, NULL-ended; or NULL */
};

/* The row or the member of that name; NULL when there can be none. */
const struct feed *feed_by_name(struct slice name);
/* True for a member that only an index named: not for rows, nor for members that were known when this was written. */
bool feed_is_discovered(const struct feed *f);
/*
 * The order in which feeds have a record that several of them give: rows as they stand in the table (the demo last),
 * then families, in each its releases from old to new, each with its variants. <0: a goes before b.
 */
int feed_order(const struct feed *a, const struct feed *b);

typedef VEC(const struct feed *) feed_vec;
/* Adds all rows and all members that were known when this was written, indexes first. */
void feed_list_known(struct arena *arena, feed_vec *out);
/* Adds the feed of this name, if there can be one and the list lacks it. */
void feed_list_add(struct arena *arena, feed_vec *out, struct slice name);
/* Adds every feed that names (see feed_wanted) spells out, so that one can ask for what no index named yet. */
void feed_list_add_spelt(struct arena *arena, feed_vec *out, const char *names);
/* Indexes first, then by feed_order. */
void feed_list_sort(feed_vec *out);
/*
 * All feeds: those known anyway, those that have a row in the table of what is remembered (a name that an index gave
 * has one from then on), and those that names spells out.
 */
int feed_list_all(struct store_txn *t, store_table memory, const char *names, struct arena *arena, feed_vec *out,
                  struct err *e);

/* Gives name what one word (or path) of this index names: 0, 1 (name filled), for each family and variant by `nth`. */
bool feed_index_entry(const struct feed *index, struct slice word, size_t nth, char *name, size_t max);
/* Gives the names of the members of this index's families that a feeds folder has. */
int feed_index_folder(const struct feed *index, const char *feeds_dir,
                      int (*named)(void *arg, struct slice name, struct err *e), void *arg, struct err *e);

/* True when names (comma separated; NULL or empty: all) holds the feed's name or a prefix of it that ends before '-'.
 */
bool feed_wanted(const struct feed *f, const char *names);
/* ERR_USAGE, with the names there are, when one of names can be no feed's. */
int feed_names_check(const char *names, struct err *e);

#endif
