/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crashpoint.h"

#include "base/slice.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#ifdef CAREEN_CRASH_POINTS
void crash_point(const char *name)
{
    static uint64_t passages;
    const char *at = getenv("CAREEN_CRASH_AT"), *once = getenv("CAREEN_CRASH_ONCE");
    if (!at)
        return;
    struct slice wanted, rest = slice_str(at);
    uint64_t nth = 1;
    if (!slice_take_token(&rest, ':', &wanted) || !slice_eq_str(wanted, name))
        return;
    if (rest.n && !slice_parse_u64(rest, &nth))
        return;
    if (++passages != nth)
        return;
    if (once) {
        int fd = open(once, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0)
            return;
        close(fd);
    }
    kill(getpid(), SIGKILL);
}
#else
extern int crash_points_are_off;
int crash_points_are_off = 1;
#endif
