/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_images.c: careen images: the catalogue, an image of a repository a row. */
#include "careen/topics/listing.h"

#include "base/clock.h"

static const struct config_option options[] = {LISTING_FORMAT_OPTION};

static const struct text_column image_columns[] = {
    {.title = "IMAGE"},
    {.title = "TAGS", .least = 10},
    {.title = "PLATFORM", .least = 8, .optional = true},
    {.title = "LAYERS", .right = true, .optional = true},
    {.title = "PUSHED", .least = 10, .optional = true},
    {.title = "STATUS"},
};

static int show_image(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct image *im = record;
    (void)key;
    (void)at_ms;
    (void)e;
    struct arena a = ARENA_INIT(1 << 20);
    char when[CLOCK_TEXT_MAX];
    struct buf tags = BUF_INIT(65536);
    for (size_t i = 0; i < im->tags.n; i++)
        buf_addf(&tags, "%s%.*s", i ? "," : "", SLICE_FMT(im->tags.v[i]));
    struct text_cell cells[] = {
        {arena_printf(&a, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository),
                      SLICE_FMT(slice_sub(im->digest, 0, 19))),
         TEXT_PLAIN},
        {buf_slice(&tags), TEXT_PLAIN},
        {arena_printf(&a, "%.*s/%.*s", SLICE_FMT(im->os), SLICE_FMT(im->architecture)), TEXT_PLAIN},
        {arena_printf(&a, "%zu", im->layers.n), TEXT_PLAIN},
        {slice_sub(slice_str(clock_format(im->pushed_ms, when)), 0, 16), TEXT_PLAIN},
        {im->status == IMAGE_OK && im->unwatched_ms ? SLICE("not watched") : slice_str(image_status_names[im->status]),
         im->status == IMAGE_OK && !im->unwatched_ms ? TEXT_GREEN : TEXT_YELLOW},
    };
    text_table_add(l->table, cells);
    buf_done(&tags);
    arena_done(&a);
    return 0;
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    static const struct listing_table table = {"images", TOPIC_IMAGES, image_columns, ARRAY_LEN(image_columns),
                                               show_image};
    (void)args;
    return listing_run(&table, s, own, n);
}

const struct command command_images = {.name = "images",
                                       .arguments = "[--bus URL] [--format FORMAT]",
                                       .summary = "the images that are known",
                                       .about = "Lists the catalogue: every image of every registry, with its tags.\n",
                                       .options = options,
                                       .options_n = ARRAY_LEN(options),
                                       .size = sizeof(struct listing_options),
                                       .uses_settings = true,
                                       .settings = command_reading_settings,
                                       .run = run};
