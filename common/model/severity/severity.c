/* SPDX-License-Identifier: Apache-2.0 */
#include "model/severity/severity.h"

#include "model/severity/cvss.h"

/* Ranks: nothing 0, vectors by their version, words above all. */
enum { RANK_WORD_IN_SCORES = CVSS_VERSION_MAX, RANK_OWN_WORD };

enum severity severity_of_word(struct slice word)
{
    static const struct {
        const char *word;
        enum severity severity;
    } known[] = {
        {"unimportant", SEVERITY_NEGLIGIBLE},
        {"negligible", SEVERITY_NEGLIGIBLE},
        {"none", SEVERITY_NEGLIGIBLE},
        {"low", SEVERITY_LOW},
        {"minor", SEVERITY_LOW},
        {"medium", SEVERITY_MEDIUM},
        {"normal", SEVERITY_MEDIUM}, /* Gentoo's */
        {"moderate", SEVERITY_MEDIUM},
        {"high", SEVERITY_HIGH},
        {"important", SEVERITY_HIGH},
        {"critical", SEVERITY_CRITICAL},
        {"urgent", SEVERITY_CRITICAL},
    };
    word = slice_trim(word);
    while (word.n && word.p[word.n - 1] == '*')
        word.n--;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (slice_eq_nocase(word, slice_str(known[i].word)))
            return known[i].severity;
    return SEVERITY_UNKNOWN;
}

struct severity_choice severity_better(struct severity_choice a, struct severity_choice b)
{
    if (a.rank != b.rank)
        return a.rank > b.rank ? a : b;
    if (a.severity != b.severity)
        return a.severity > b.severity ? a : b;
    return slice_cmp(a.source, b.source) <= 0 ? a : b;
}

static struct severity_choice of_score(const struct score *s)
{
    struct cvss c;
    enum severity word = severity_of_word(s->vector);
    if (word != SEVERITY_UNKNOWN)
        return (struct severity_choice){word, s->source.n ? s->source : s->kind, RANK_WORD_IN_SCORES};
    if (cvss_read(s->vector, &c, NULL))
        return (struct severity_choice){0};
    return (struct severity_choice){c.severity, slice_str(cvss_version_names[c.version]), (int)c.version};
}

struct severity_choice severity_of_scores(const score_vec *scores)
{
    struct severity_choice best = {0};
    for (size_t i = 0; i < scores->n; i++)
        best = severity_better(best, of_score(&scores->v[i]));
    return best;
}

/* 0: not a general one. */
static int general_rank(struct slice source)
{
    if (slice_starts(source, SLICE(SCORE_CNA)))
        return 3;
    if (slice_eq_str(source, SCORE_CISA) || slice_starts(source, SLICE(SCORE_ADP)))
        return 2;
    return slice_eq_str(source, SCORE_NVD);
}

bool severity_score_is_general(struct slice source)
{
    return general_rank(source) > 0;
}

const struct score *severity_of_vulnerability(const score_vec *scores, struct severity_choice *ret_choice)
{
    const struct score *best = NULL;
    struct severity_choice choice = {0};
    for (size_t i = 0; i < scores->n; i++) {
        const struct score *s = &scores->v[i];
        struct severity_choice c = of_score(s);
        if (!general_rank(s->source) || c.severity == SEVERITY_UNKNOWN)
            continue;
        c.rank += general_rank(s->source) * (RANK_OWN_WORD + 1);
        c.source = s->source;
        bool same = best && c.rank == choice.rank && c.severity == choice.severity;
        if (!best || (same ? slice_cmp(s->vector, best->vector) < 0
                           : c.rank > choice.rank || (c.rank == choice.rank && c.severity > choice.severity))) {
            best = s;
            choice = c;
        }
    }
    if (best)
        *ret_choice = choice;
    return best;
}

struct severity_choice severity_of_advisory(const struct advisory *a)
{
    enum severity own = severity_of_word(a->severity);
    if (own == SEVERITY_UNKNOWN)
        return severity_of_scores(&a->scores);
    /* "Debian:12" speaks as Debian; others than an ecosystem's own publisher speak for many. */
    static const char *const others[][2] = {{"GHSA-", "GitHub"}, {"RUBYSEC/", "RubySec"}, {"NSWG/", "Node.js"}};
    ptrdiff_t colon = slice_find(a->ecosystem, ':');
    struct slice source = colon < 0 ? a->ecosystem : slice_sub(a->ecosystem, 0, (size_t)colon);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (slice_starts(a->id, slice_str(others[i][0])))
            source = slice_str(others[i][1]);
    return (struct severity_choice){own, source, RANK_OWN_WORD};
}
