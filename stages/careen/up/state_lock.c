/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/up/state_lock.h"

#include "base/slice.h"

#include <fcntl.h>
#include <sys/file.h>

static int tell_other(const char *state, int fd, struct err *e)
{
    char text[32], process[64] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[MAX(n, 0)] = 0;
    long pid = strtol(text, NULL, 10);
    if (pid > 0)
        snprintf(process, sizeof process, " (process %ld)", pid);
    return err_set(e, ERR_FATAL, 0, "another careen up uses %s%s; end that one or give this one a --state of its own",
                   state, process);
}

int state_lock(const char *state, int *ret_fd, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/up.lock", state);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), rc;
    *ret_fd = -1;
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(e, ERR_FATAL, errno, "cannot open %s", path);
    do
        rc = flock(fd, LOCK_EX | LOCK_NB);
    while (rc && errno == EINTR);
    if (rc) {
        rc = errno == EWOULDBLOCK ? tell_other(state, fd, e) : err_errno(e, ERR_FATAL, errno, "cannot lock %s", path);
        close(fd);
        return rc;
    }
    /* For the other's words alone: on a full disk the lock holds all the same. */
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
        errno = 0;
    *ret_fd = fd;
    return 0;
}
