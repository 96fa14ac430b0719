/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_feeds FEEDS_DIR CACHE_DIR [names]: imports a feeds folder twice into the database of CACHE_DIR and prints per
 * feed the records, what was written and the time, then private memory and sizes.
 */
#include "base/clock.h"
#include "feeds/update.h"
#include "feeds/pipeline/wire.h"

#include <sys/stat.h>

static int64_t began_ms;
static uint64_t total_records, total_written, total_bytes;

static void on_progress(void *arg, const struct feed_report *r)
{
    (void)arg;
    if (!r->feed || r->state < FEED_DONE)
        return;
    int64_t now = clock_mono_ms();
    if (r->state != FEED_ABSENT)
        printf("%-24s %-10s %8" PRIu64 " records %8" PRIu64 " written %6" PRIu64 " removed %4" PRIu64
               " skipped %9" PRIu64 " bytes %6.2f s%s%s\n",
               r->feed->name, feed_state_names[r->state], r->records, r->changed, r->removed, r->skipped, r->bytes,
               (double)(now - began_ms) / 1000, r->text ? ": " : "", r->text ? r->text : "");
    if (r->state == FEED_DONE || r->state == FEED_UNCHANGED) {
        total_records += r->records;
        total_written += r->changed + r->removed;
        total_bytes += r->bytes;
    }
    began_ms = now;
}

static void print_memory(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "VmHWM", 5) || !strncmp(line, "RssAnon", 7) || !strncmp(line, "RssFile", 7))
            printf("%s", line);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s FEEDS_DIR CACHE_DIR [names]\n", argv[0]);
        return 2;
    }
    static const sandbox_main mains[] = {feed_sandbox_main};
    struct sandbox *sandbox;
    struct err started = ERR_INIT;
    if (sandbox_start(mains, 1, &(struct sandbox_limits){.prepare = feed_sandbox_prepare}, &sandbox, &started)) {
        fprintf(stderr, "%s\n", started.text);
        return 3;
    }
    struct feeds_update u = {.feeds_dir = argv[1],
                             .cache_dir = argv[2],
                             .names = argc > 3 ? argv[3] : NULL,
                             .progress = on_progress,
                             .sandbox = sandbox};
    for (int round = 1; round <= 2; round++) {
        struct err e = ERR_INIT;
        int64_t from = began_ms = clock_mono_ms();
        total_records = total_written = total_bytes = 0;
        int rc = feeds_update_database(&u, &e);
        printf("round %d: %s%s, %" PRIu64 " records, %" PRIu64 " written, %" PRIu64 " bytes read, %.2f s\n", round,
               rc ? "failed: " : "good", rc ? e.text : "", total_records, total_written, total_bytes,
               (double)(clock_mono_ms() - from) / 1000);
        print_memory();
    }
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/advisories/data.mdb", argv[2]);
    struct stat st;
    if (!stat(path, &st))
        printf("database: %" PRId64 " bytes on disk\n", (int64_t)st.st_blocks * 512);
    sandbox_stop(sandbox);
    return 0;
}
