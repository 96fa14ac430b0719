/* SPDX-License-Identifier: Apache-2.0 */
/* registry_helper.c: credential helpers: programs named docker-credential-<name> that are asked who we are. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "io/text/json_tree.h"
#include "io/oci/registry_auth.h"

#define HELPER_MS  30000
#define HELPER_MAX ((size_t)64 << 10)
#define KEPT_MAX   32

extern char **environ;

static bool helper_name_valid(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              (c == '.' && i)))
            return false;
    }
    return s.n > 0 && s.n <= 100;
}

static int helper_spawn(const char *program, int in, int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "get", NULL};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setpgroup(&attr, 0); /* so that what it starts ends with it */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    int rc = posix_spawnp(ret_pid, program, &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc;
}

/* Reads until the end; false past the time or the size. */
static bool helper_read(int fd, struct buf *out, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0)
            return false;
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        uint8_t *to = buf_reserve(out, 4096);
        ssize_t n = to ? read(fd, to, 4096) : -1;
        if (n <= 0)
            return n == 0;
        out->n += (size_t)n;
    }
}

static bool helper_wait(pid_t pid, int64_t deadline, int *ret_status)
{
    for (;;) {
        pid_t got = waitpid(pid, ret_status, WNOHANG);
        if (got == pid)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (clock_mono_ms() >= deadline)
            break;
        clock_sleep_ms(5);
    }
    return false;
}

static int helper_run(const char *program, const char *host, struct buf *out, int *ret_status, struct err *e)
{
    int in[2] = {-1, -1}, from[2] = {-1, -1};
    pid_t pid = -1;
    int64_t deadline = clock_mono_ms() + HELPER_MS;
    /* A socket, because a helper that ends early must not raise SIGPIPE here. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in))
        return err_errno(e, ERR_RETRY, errno, "%s", program);
    int rc = pipe2(from, O_CLOEXEC) ? errno : helper_spawn(program, in[1], from[1], &pid);
    close(in[1]);
    if (from[1] >= 0)
        close(from[1]);
    bool ended = false;
    if (rc == 0) {
        /* A helper may end without reading: what it says counts. */
        if (send(in[0], host, strlen(host), MSG_NOSIGNAL) >= 0)
            shutdown(in[0], SHUT_WR);
        ended = helper_read(from[0], out, deadline) && helper_wait(pid, deadline, ret_status);
        if (!ended) {
            kill(-pid, SIGKILL);
            waitpid(pid, ret_status, 0);
        }
    }
    close(in[0]);
    if (from[0] >= 0)
        close(from[0]);
    if (rc)
        return err_errno(e, ERR_USAGE, rc, "credential helper %s can't be run", program);
    if (!ended)
        return err_set(e, ERR_RETRY, 0, "credential helper %s did not end within %d s or wrote too much", program,
                       HELPER_MS / 1000);
    return 0;
}

int credentials_from_helper(struct slice name, const char *host, struct credentials *ret, struct err *e)
{
    struct buf out = BUF_INIT(HELPER_MAX);
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    int status = 0, rc;
    if (!helper_name_valid(name))
        return err_set(e, ERR_USAGE, 0, "a credential helper has an impossible name");
    char *program ATTR_CLEANUP(cleanup_free) = xasprintf("docker-credential-%.*s", SLICE_FMT(name));
    rc = helper_run(program, host, &out, &status, e);
    struct slice said = slice_trim(buf_slice(&out));
    if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status))) {
        /* The protocol's way to say that it has none. */
        bool unknown = slice_find_slice(said, SLICE("credentials not found")) >= 0;
        rc = unknown ? 0 : err_set(e, ERR_REFUSED, 0, "credential helper %s failed for %s", program, host);
        buf_done(&out);
        return rc;
    }
    if (rc == 0 && json_tree_read(said, HELPER_MAX, 100, &root, e)) {
        rc = err_wrap(e, "credential helper %s", program);
    } else if (rc == 0) {
        struct slice user = json_tree_view(root, "Username"), secret = json_tree_view(root, "Secret");
        if (secret.n) {
            ret->identity_token = slice_eq_str(user, "<token>");
            ret->username = slice_dup(user);
            ret->secret = slice_dup(secret);
            rc = 1;
        }
    }
    if (out.p)
        OPENSSL_cleanse(out.p, out.n);
    buf_done(&out);
    return rc;
}

/* ---- answers, kept for a moment ---- */

/* One helper serves every repository of a registry: it is not run anew for each of them. */
struct kept_answer {
    char *name, *host;
    struct credentials c;
    int rc;
    int64_t at_ms;
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_answer kept[KEPT_MAX];

static void kept_drop(struct kept_answer *k)
{
    free(k->name);
    free(k->host);
    credentials_done(&k->c);
    *k = (struct kept_answer){0};
}

static void copy_credentials(const struct credentials *from, struct credentials *to)
{
    *to = *from;
    to->username = from->username ? xstrdup(from->username) : NULL;
    to->secret = from->secret ? xstrdup(from->secret) : NULL;
}

static bool kept_find(struct slice name, const char *host, struct credentials *ret, int *ret_rc)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < KEPT_MAX && !found; i++) {
        struct kept_answer *k = &kept[i];
        if (k->name && clock_mono_ms() - k->at_ms >= CREDENTIALS_FRESH_MS)
            kept_drop(k);
        found = k->name && slice_eq_str(name, k->name) && slice_eq_str(slice_str(host), k->host);
        if (found) {
            copy_credentials(&k->c, ret);
            *ret_rc = k->rc;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void keep(struct slice name, const char *host, const struct credentials *c, int rc)
{
    pthread_mutex_lock(&lock);
    struct kept_answer *to = &kept[0];
    for (size_t i = 1; i < KEPT_MAX && to->name; i++)
        if (!kept[i].name || kept[i].at_ms < to->at_ms)
            to = &kept[i];
    kept_drop(to);
    *to = (struct kept_answer){slice_dup(name), xstrdup(host), {0}, rc, clock_mono_ms()};
    copy_credentials(c, &to->c);
    pthread_mutex_unlock(&lock);
}

int credentials_from_kept_helper(struct slice name, const char *host, struct credentials *ret, struct err *e)
{
    int rc;
    if (kept_find(name, host, ret, &rc))
        return rc;
    rc = credentials_from_helper(name, host, ret, e);
    if (rc >= 0)
        keep(name, host, ret, rc);
    return rc;
}
