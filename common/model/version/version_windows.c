/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_windows.c: numbers between dots, as in an image's os.version and in Microsoft's fixed builds:
 * 10.0.20348.2340. A number that one of them lacks is 0.
 */
#include "model/version/version_internal.h"

const char *version_windows_check(struct slice v)
{
    struct slice rest = v;
    while (version_take_digits(&rest).n) {
        if (!rest.n)
            return NULL;
        if (rest.p[0] != '.')
            break;
        rest = slice_from(rest, 1);
    }
    return "it is not numbers with dots between them";
}

int version_windows_compare(struct slice a, struct slice b)
{
    while (a.n || b.n) {
        struct slice x = version_take_digits(&a), y = version_take_digits(&b);
        int c = version_compare_digits(x, y);
        if (c)
            return c;
        a = slice_from(a, 1);
        b = slice_from(b, 1);
    }
    return 0;
}
