/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_recommendations.c: careen recommendations: the state of each image and each running container. */
#include "careen/topics/listing.h"

static const struct config_option options[] = {LISTING_FORMAT_OPTION};

static const struct text_column recommendation_columns[] = {
    {.title = "RESOURCE"},
    {.title = "TAGS", .least = 8, .optional = true},
    {.title = "STATE"},
    {.title = "CRIT", .right = true},
    {.title = "HIGH", .right = true},
    {.title = "MED", .right = true},
    {.title = "LOW", .right = true},
    {.title = "NEGL", .right = true, .optional = true},
    {.title = "?", .right = true, .optional = true},
    {.title = "FIXABLE", .right = true},
    {.title = "EXPLOITED", .right = true},
    {.title = "NOTE", .least = 10},
};

static int show_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct recommendation *r = record;
    (void)key;
    (void)at_ms;
    (void)e;
    struct arena a = ARENA_INIT(1 << 20);
    enum text_style state = r->code == ASSESSED_HEALTHY     ? TEXT_GREEN
                            : r->code == ASSESSED_UNHEALTHY ? TEXT_RED
                                                            : TEXT_YELLOW;
    ptrdiff_t at = slice_find(r->resource_id, '@');
    struct text_cell cells[] = {
        {at < 0 ? r->resource_id : slice_sub(r->resource_id, 0, (size_t)at + 20), TEXT_PLAIN},
        {r->tags.n ? r->tags.v[0] : SLICE(""), TEXT_PLAIN},
        {slice_str(assessment_code_names[r->code]), state},
        {arena_printf(&a, "%d", r->critical), r->critical ? TEXT_BOLD_RED : TEXT_DIM},
        {arena_printf(&a, "%d", r->high), r->high ? TEXT_RED : TEXT_DIM},
        {arena_printf(&a, "%d", r->medium), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->low), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->negligible), TEXT_DIM},
        {arena_printf(&a, "%d", r->unknown), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->fixable), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->known_exploited), r->known_exploited ? TEXT_BOLD_RED : TEXT_DIM},
        {r->ended ? arena_printf(&a, "past its end of life since %.*s", SLICE_FMT(r->end_of_life)) : SLICE(""),
         TEXT_YELLOW},
    };
    text_table_add(l->table, cells);
    arena_done(&a);
    return 0;
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    static const struct listing_table table = {"recommendations", TOPIC_RECOMMENDATIONS, recommendation_columns,
                                               ARRAY_LEN(recommendation_columns), show_recommendation};
    (void)args;
    return listing_run(&table, s, own, n);
}

const struct command command_recommendations = {
    .name = "recommendations",
    .arguments = "[--bus URL] [--format FORMAT]",
    .summary = "what is to be done, image by image",
    .about = "Lists the recommendations: each image and each running container, its state and its counts.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct listing_options),
    .uses_settings = true,
    .settings = command_reading_settings,
    .run = run};
