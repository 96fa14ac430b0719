/* SPDX-License-Identifier: Apache-2.0 */
/* executable.c: the scan of executables as the reducer that all formats which have a reader share. */
#include "packages/executable/executable_scan.h"

struct state {
    bool ready;
    struct executable_scan scan;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    if (!s->ready)
        executable_scan_init(&s->scan, executable_readers);
    s->ready = true;
    return executable_scan_begin(&s->scan, file->path, file->size) && !file->linked;
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    executable_scan_data(&s->scan, at, bytes);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    executable_scan_end(&s->scan, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    if (!s->ready)
        return;
    executable_scan_layer_end(&s->scan, out);
    executable_scan_done(&s->scan);
    s->ready = false;
}

const struct reducer executable_reducer = {.state_size = sizeof(struct state),
                                           .shared = true,
                                           .begin = begin,
                                           .feed = feed,
                                           .end = end,
                                           .layer_end = layer_end};
