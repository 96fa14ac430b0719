/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h: test data that stands in files of tests/data. For one thread. */
#ifndef CAREEN_TESTS_UNIT_FIXTURE_H
#define CAREEN_TESTS_UNIT_FIXTURE_H

#include "base/base.h"

/* The content of a file by its path below tests/data. It is kept until the program ends. */
ATTR_UNUSED static const char *fixture(const char *name)
{
    static struct {
        const char *name;
        char *text;
    } read[64];
    size_t i = 0;
    while (i < ARRAY_LEN(read) && read[i].name && strcmp(read[i].name, name) != 0)
        i++;
    if (i == ARRAY_LEN(read))
        BUG("more than %zu fixtures", i);
    if (read[i].name)
        return read[i].text;
    char path[4096], *text = NULL;
    size_t room = 0;
    snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
    FILE *f = fopen(path, "r");
    if (!f || getdelim(&text, &room, 0, f) < 0)
        BUG("%s can't be read", path);
    fclose(f);
    read[i].name = name;
    read[i].text = text;
    return text;
}

#endif
