/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_folder.h: what tests that run stages on the embedded bus begin with: a folder of their own with a bus of two
 * partitions and a place for state. folder_setup and folder_teardown are of cmocka's form; one folder at a time.
 */
#ifndef CAREEN_TESTS_UNIT_RUNNER_FOLDER_H
#define CAREEN_TESTS_UNIT_RUNNER_FOLDER_H

#include "stage/stage.h"

#include <ftw.h>

static char dir[100], url[140], state_dir[140];
static struct codec *codec;

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static inline int folder_setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%.60s/runner-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(url, sizeof url, "embedded:%s/bus", dir);
    snprintf(state_dir, sizeof state_dir, "%s/state", dir);
    struct bus *b;
    if (codec_open(NULL, &codec, &e) || bus_open(url, NULL, &b, &e) || bus_topics_create(b, 2, &e))
        return -1;
    bus_close(b);
    return 0;
}

static inline int folder_teardown(void **state)
{
    (void)state;
    codec_close(codec);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

#endif
