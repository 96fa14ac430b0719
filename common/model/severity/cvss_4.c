/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss_4.c: scores of CVSS v4.0, Specification Document section 8. The metrics sort a vector into one of 270 macro
 * vectors, whose scores FIRST's experts chose: the table. From that score it goes down towards the next lower macro
 * vectors by how far the vector is from the highest one of its own.
 *
 * Distances are counted in steps of one metric's value. All highest vectors of a level lie the same number of steps
 * from the worst of all, so that the distance is one subtraction, and which of them it is does not matter. All is done
 * on integers: rounding has no binary fractions to guard against.
 */
#include "model/severity/cvss_internal.h"

/* Metrics as they stand in cvss.c's table; from MODIFIED those of AV to SA, in their order. */
enum { AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, E, CR, IR, AR, MODIFIED };

/* Tenths, by levels of EQ1, EQ2, EQ3, EQ4, EQ5, EQ6. EQ3 2 with EQ6 0 can't be. */
static const uint8_t macro_scores[3][2][3][3][3][2] = {
    {
        {
            {{{100, 99}, {98, 95}, {95, 92}}, {{100, 96}, {93, 87}, {91, 81}}, {{93, 90}, {89, 80}, {81, 68}}},
            {{{98, 95}, {95, 92}, {90, 84}}, {{93, 92}, {89, 81}, {81, 65}}, {{88, 80}, {78, 70}, {69, 48}}},
            {{{0, 92}, {0, 82}, {0, 72}}, {{0, 79}, {0, 69}, {0, 50}}, {{0, 69}, {0, 55}, {0, 27}}},
        },
        {
            {{{99, 97}, {95, 92}, {92, 85}}, {{95, 91}, {90, 83}, {84, 71}}, {{92, 81}, {82, 71}, {72, 53}}},
            {{{95, 93}, {92, 85}, {85, 73}}, {{92, 82}, {80, 72}, {70, 59}}, {{84, 70}, {71, 52}, {50, 30}}},
            {{{0, 86}, {0, 75}, {0, 52}}, {{0, 71}, {0, 52}, {0, 29}}, {{0, 63}, {0, 29}, {0, 17}}},
        },
    },
    {
        {
            {{{98, 95}, {94, 87}, {91, 81}}, {{94, 89}, {86, 74}, {77, 64}}, {{87, 75}, {74, 63}, {63, 49}}},
            {{{94, 89}, {88, 77}, {76, 67}}, {{86, 76}, {74, 58}, {59, 50}}, {{72, 57}, {57, 52}, {52, 25}}},
            {{{0, 83}, {0, 70}, {0, 54}}, {{0, 65}, {0, 58}, {0, 26}}, {{0, 53}, {0, 21}, {0, 13}}},
        },
        {
            {{{95, 90}, {88, 76}, {76, 70}}, {{90, 77}, {75, 62}, {61, 53}}, {{77, 66}, {68, 59}, {52, 30}}},
            {{{89, 78}, {76, 67}, {62, 58}}, {{74, 59}, {57, 57}, {47, 23}}, {{61, 52}, {57, 29}, {24, 16}}},
            {{{0, 71}, {0, 59}, {0, 30}}, {{0, 58}, {0, 26}, {0, 15}}, {{0, 23}, {0, 13}, {0, 6}}},
        },
    },
    {
        {
            {{{93, 87}, {86, 72}, {75, 58}}, {{86, 74}, {74, 61}, {56, 34}}, {{70, 54}, {52, 40}, {40, 22}}},
            {{{85, 75}, {74, 55}, {62, 51}}, {{72, 57}, {55, 41}, {46, 19}}, {{53, 36}, {34, 19}, {19, 8}}},
            {{{0, 64}, {0, 51}, {0, 20}}, {{0, 47}, {0, 21}, {0, 11}}, {{0, 24}, {0, 9}, {0, 4}}},
        },
        {
            {{{88, 75}, {73, 53}, {60, 50}}, {{73, 55}, {59, 40}, {41, 20}}, {{54, 43}, {45, 22}, {20, 11}}},
            {{{75, 55}, {58, 45}, {40, 21}}, {{61, 51}, {48, 18}, {20, 9}}, {{46, 18}, {17, 7}, {8, 2}}},
            {{{0, 53}, {0, 24}, {0, 14}}, {{0, 24}, {0, 12}, {0, 5}}, {{0, 10}, {0, 3}, {0, 1}}},
        },
    },
};

struct levels {
    int eq[6];
};

static int score_of(const struct levels *l)
{
    const int *q = l->eq;
    return macro_scores[q[0]][q[1]][q[2]][q[3]][q[4]][q[5]];
}

/* Steps from the worst value: 0 is the worst. Of the subsequent system that is Safety, which only MSI and MSA have. */
static void steps_of(const int *value, int steps[AR + 1])
{
    for (int m = AV; m <= SA; m++) {
        int modified = value[MODIFIED + m];
        bool subsequent = m >= SC;
        if (modified <= 0) /* absent or X */
            steps[m] = value[m] + subsequent;
        else if (subsequent)
            steps[m] = modified % 4; /* H 1, L 2, N 3, S 4 */
        else
            steps[m] = modified - 1;
    }
    for (int m = E; m <= AR; m++)
        steps[m] = MAX(value[m] - 1, 0); /* X stands for the worst */
}

static struct levels levels_of(const int *s)
{
    int worst = !s[AV] + !s[PR] + !s[UI];
    bool required = (!s[CR] && !s[VC]) || (!s[IR] && !s[VI]) || (!s[AR] && !s[VA]);
    return (struct levels){{
        worst == 3            ? 0
        : worst && s[AV] != 3 ? 1
                              : 2,
        s[AC] || s[AT],
        !s[VC] && !s[VI]             ? 0
        : !s[VC] || !s[VI] || !s[VA] ? 1
                                     : 2,
        !s[SI] || !s[SA]                         ? 0
        : s[SC] == 1 || s[SI] == 1 || s[SA] == 1 ? 1
                                                 : 2,
        s[E],
        !required,
    }};
}

/* The part of a score's way down to `lower` that is `at` of `depth` steps, in 840ths of a tenth: depths divide 840. */
struct way {
    int sum, n;
};

static void go_down(struct way *w, int score, int lower, int at, int depth)
{
    w->n++;
    w->sum += (score - lower) * at * (840 / depth);
}

static int lower_score(struct levels l, int eq)
{
    l.eq[eq]++;
    return score_of(&l);
}

/* EQ3 and EQ6 go down together, since not all their pairs can be. */
static void go_down_36(struct way *w, int score, const struct levels *l, const int *s)
{
    static const int top[3][2] = {{0, 3}, {1, 3}, {0, 3}}, depth[3][2] = {{7, 6}, {8, 8}, {1, 10}};
    int eq3 = l->eq[2], eq6 = l->eq[5], lower;
    if (eq3 == 2)
        return;
    if (!eq3 && !eq6)
        lower = MAX(lower_score(*l, 2), lower_score(*l, 5));
    else
        lower = lower_score(*l, eq6 ? 2 : 5);
    go_down(w, score, lower, s[VC] + s[VI] + s[VA] + s[CR] + s[IR] + s[AR] - top[eq3][eq6], depth[eq3][eq6]);
}

int cvss_4_score(const int *value)
{
    static const int top_1[] = {0, 1, 3}, depth_1[] = {1, 4, 5}, top_4[] = {1, 3, 6}, depth_4[] = {6, 5, 4};
    int s[AR + 1];
    steps_of(value, s);
    if (s[VC] == 2 && s[VI] == 2 && s[VA] == 2 && s[SC] == 3 && s[SI] == 3 && s[SA] == 3)
        return 0;
    struct levels l = levels_of(s);
    struct way w = {0};
    const int *q = l.eq, score = score_of(&l);
    if (q[0] < 2)
        go_down(&w, score, lower_score(l, 0), s[AV] + s[PR] + s[UI] - top_1[q[0]], depth_1[q[0]]);
    if (q[1] < 1)
        go_down(&w, score, lower_score(l, 1), s[AC] + s[AT], 1);
    go_down_36(&w, score, &l, s);
    if (q[3] < 2)
        go_down(&w, score, lower_score(l, 3), s[SC] + s[SI] + s[SA] - top_4[q[3]], depth_4[q[3]]);
    if (q[4] < 2)
        w.n++; /* a level of EQ5 is one vector: no way down within it */
    if (!w.n)
        return score;
    int unit = 840 * w.n;
    return MIN(MAX((2 * score * unit - 2 * w.sum + unit) / (2 * unit), 0), 100);
}
