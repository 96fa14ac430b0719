/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_internal.h: what judge.c (what an advisory says), judge_group.c (what several say together), judge_names.c
 * (what they are looked up by) and judge_rule.c (the text of a rule) share.
 */
#ifndef CAREEN_MATCH_JUDGE_JUDGE_INTERNAL_H
#define CAREEN_MATCH_JUDGE_JUDGE_INTERNAL_H

#include "match/judge/judge_family.h"
#include "model/version/version_bound.h"

enum opinion_kind {
    OPINION_NONE,         /* is not about this version */
    OPINION_FIXED,        /* this version is at or past a fix */
    OPINION_HIT,          /* affected, or one of the verdicts without a fix */
    OPINION_NOT_AFFECTED, /* the publisher says so */
    OPINION_UNKNOWN,      /* fixed by updates, and it is not known which are installed */
};

/* What one advisory says of one package. */
struct opinion {
    const struct advisory *advisory;
    enum opinion_kind kind;
    bool source_name; /* it was matched by source name and version */
    bool module;      /* by the package's module and its version */
    bool subscription;
    bool by_updates; /* its advisory names updates and no version */
    int rank;        /* judge_ecosystem's */
    struct slice name, version;
    const struct version_range *range; /* the range that hit; NULL: the version is listed, or all versions are hit */
};
typedef VEC(struct opinion) opinion_vec;

/* An opinion on one vulnerability; an advisory about three CVEs gives three. */
struct vote {
    struct slice vulnerability;
    const struct opinion *opinion;
    bool specific; /* a record about this vulnerability alone */
};
typedef VEC(struct vote) vote_vec;

struct judge {
    const struct package *package;
    const struct judge_family *family;
    struct slice ecosystem;             /* whose advisories judge it, without products */
    struct slice source_name, own_name; /* the names under which advisories speak of its source and of itself */
    struct slice platform;              /* what its programs run on, as advisories spell it: "linux", "windows" */
    const struct advisory_source *source;
    enum version_kind version_kind;
    struct arena *arena;
    finding_vec *out;
    struct reasons *reasons;
    size_t reasons_before;
    size_t unknown;       /* vulnerabilities about which there are only OPINION_UNKNOWN */
    bool stream_unknown;  /* an advisory about a module was not applied, as the package's stream is not known */
    bool version_unknown; /* or as it is not known which build of its module the package belongs to */
};

/* The name under which advisories speak of the package itself: namespace and name, as its ecosystem joins them. */
struct slice judge_own_name(const struct package *p, struct arena *arena);

/* Whether an advisory names updates and no version. */
bool judge_by_updates(const struct advisory *a);
/* Forms the opinions of such advisories. */
void judge_form_by_updates(struct judge *j, opinion_vec *opinions);
/* Among votes about one vulnerability, drops those by updates where a version decides. Returns how many are left. */
size_t judge_builds_first(struct judge *j, struct vote *votes, size_t n);

int judge_full(const struct judge *j, struct err *e); /* ERR_PARTIAL, -1 */
/* How versions of one opinion compare. */
struct judge_order {
    const struct judge_family *family;
    enum version_kind kind;
    bool source; /* the version is of a source package */
};
struct judge_order judge_order(const struct judge *j, const struct opinion *o);
/* version against an advisory's bound, without what the family leaves out where only one of them states it. */
int judge_compare(struct judge_order k, struct slice version, enum version_bound what, struct slice bound, int *ret_cmp,
                  struct err *e);

/* Fills the opinion's kind and range. 0, or 1 when a reason was given instead. */
int judge_form_opinion(struct judge *j, struct opinion *o, struct err *e);
/* For qsort of votes: those of one vulnerability stand together, who is heard first before others. */
int judge_vote_order(const void *a, const void *b);
/* Says why something can't be told of the package; past JUDGE_REASONS_MAX that there is more. */
ATTR_PRINTF(4, 5)
int judge_reason(struct judge *j, struct err *e, enum reason_code code, const char *fmt, ...);

/* 1: in the range, 0: not, <0: not comparable. */
int judge_in_range(struct judge_order k, const struct version_range *r, struct slice version, struct err *e);
/* Whether the advisory's ranges or versions hold this version. */
int judge_affects(struct judge_order k, const struct advisory *a, struct slice version,
                  const struct version_range **ret_range, struct err *e);
/* Sorted votes about one vulnerability: adds one finding, or none. */
int judge_group(struct judge *j, const struct vote *votes, size_t n, struct err *e);
struct slice judge_rule(const struct judge *j, const struct opinion *o);
/* "source", "binary", "module", or of a family without sources "package" */
const char *judge_matched(const struct judge *j, const struct opinion *o);

#endif
