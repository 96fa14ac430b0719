/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_family.h: what judging asks of a package's family: of a package manager, or of what else orders versions and
 * names packages in its own way. The general rules (judge.c, judge_group.c) know no family. A new one is a file with a
 * struct judge_family and a row in judge_family.c; one without particular rules needs neither.
 *
 * Every member may be NULL, and then what its comment says of that holds. Pure; slices of the package or in the arena.
 */
#ifndef CAREEN_MATCH_JUDGE_JUDGE_FAMILY_H
#define CAREEN_MATCH_JUDGE_JUDGE_FAMILY_H

#include "match/judge/judge.h"

/* Whether an advisory speaks of the module, or the line of builds, that a package belongs to. */
enum judge_module { MODULE_SAME, MODULE_OTHER, MODULE_UNSURE };

/* For which release of a system a fix was made, seen from a build. */
enum judge_release {
    RELEASE_UNSAID, /* one of the two doesn't say */
    RELEASE_OWN,    /* for the build's own minor release */
    RELEASE_OTHER,  /* for another one */
    RELEASE_OLDER   /* for an older one of the same major release */
};

struct judge;
struct opinion;

struct judge_family {
    /* Packages are what their publisher publishes: there are no sources that other packages are built from. */
    bool sourceless;
    /*
     * Makes findings of the opinions, which are not formed yet. NULL: the general rules do, by which a finding is about
     * one CVE.
     */
    int (*decide)(struct judge *j, struct opinion *opinions, size_t n, struct err *e);
    /* The source that advisories name where it isn't the package's own source name; absent or NULL: it is that. */
    struct slice (*source_name)(const struct package *p, struct arena *arena);
    /* The version that advisories by source mean; NULL: the source's, or the package's where it has none. */
    struct slice (*source_version)(const struct package *p, struct arena *arena);
    /* Nothing of its source runs in it, so that advisories by source don't speak of it; NULL: something does. */
    bool (*without_code)(const struct package *p);
    /* Leaves out of two versions what only one of them states; source: the first is a source's. NULL: nothing. */
    void (*comparable)(bool source, struct slice *version, struct slice *bound);
    /* Whether an advisory is about builds of the package's kind; NULL: it is. */
    bool (*same_build)(const struct package *p, const struct advisory *a);
    /* NULL: judge_module_by_label. */
    enum judge_module (*module)(const struct package *p, const struct advisory *a);
    /* The module that advisories may name instead of the package; its version is absent where it is not known. */
    bool (*own_module)(const struct package *p, struct slice *ret_name, struct slice *ret_version);
    /* The package is of a module, and nothing says of which. NULL: it is not. */
    bool (*module_unknown)(const struct package *p, struct slice ecosystem);
    /*
     * Changes under which ecosystems advisories are looked up; returns how many there are then. *ret_apart is set where
     * these builds are judged by nothing else, so that it is a reason if none of those advisories speaks of them.
     */
    size_t (*ecosystems)(const struct package *p, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX],
                         size_t n, bool *ret_apart);
    /* For which release a fix was made, seen from a build's version; NULL: RELEASE_UNSAID. */
    enum judge_release (*release)(struct slice build, struct slice fix);
    /* The number of the build that a version names, and of its revision; 0: none. NULL: versions name no builds. */
    unsigned (*build_of)(struct slice version, unsigned *ret_revision);
};

extern const struct judge_family judge_dpkg, judge_rpm, judge_windows, judge_language;
/* Never NULL. */
const struct judge_family *judge_family_of(enum package_type type);

/* "name:stream" of both is the same, or the advisory names no module. */
enum judge_module judge_module_by_label(const struct package *p, const struct advisory *a);
/* Whether the package's source has the name, or begins with it and a hyphen. */
bool judge_of_source(const struct package *p, const char *name);
/* Headers, documentation, sources: built from the kernel's source of that name, with nothing in them that runs. */
bool judge_kernel_without_code(const struct package *p, const char *source);
/* Adds an ecosystem once; a higher rank goes before a lower one. Returns how many there are then. */
size_t judge_add_ecosystem(struct slice name, int rank, size_t n, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX]);

#endif
