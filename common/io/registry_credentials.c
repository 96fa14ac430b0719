/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "io/jsonin.h"
#include "io/registry_auth.h"

#define HELPER_MS  30000
#define HELPER_MAX ((size_t)64 << 10)
#define FILE_MAX   ((size_t)4 << 20)

extern char **environ;

void credentials_done(struct credentials *c)
{
    free(c->username);
    if (c->secret)
        OPENSSL_cleanse(c->secret, strlen(c->secret));
    free(c->secret);
    *c = (struct credentials){0};
}

static char *base64(struct slice s)
{
    char *text = xmalloc(s.n / 3 * 4 + 8);
    EVP_EncodeBlock((unsigned char *)text, s.p, (int)s.n);
    return text;
}

char *credentials_basic(const struct credentials *c)
{
    char *pair ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s:%s", c->username ? c->username : "", c->secret ? c->secret : "");
    char *code ATTR_CLEANUP(cleanup_free) = base64(slice_str(pair));
    return xasprintf("Basic %s", code);
}

/* ---- helpers ---- */

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
    if (rc == 0 && jsonin_load(said, HELPER_MAX, 100, &root, e)) {
        rc = err_wrap(e, "credential helper %s", program);
    } else if (rc == 0) {
        struct slice user = jsonin_view(root, "Username"), secret = jsonin_view(root, "Secret");
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

/* ---- config.json ---- */

static bool is_docker_hub(struct slice host)
{
    return slice_eq_str(host, "docker.io") || slice_eq_str(host, "index.docker.io") ||
           slice_eq_str(host, "registry-1.docker.io");
}

/* Keys are hosts, or URLs as old clients wrote them. */
static bool key_is_host(struct slice key, const char *host)
{
    struct slice h;
    if (!slice_take_prefix(&key, SLICE("https://")))
        slice_take_prefix(&key, SLICE("http://"));
    if (!slice_take_token(&key, '/', &h))
        return false;
    /* A path may only be the API's: "host/team" is another namespace's entry. */
    if (key.n && !slice_eq_str(key, "v1/") && !slice_eq_str(key, "v2/") && !slice_eq_str(key, "v1") &&
        !slice_eq_str(key, "v2"))
        return false;
    return slice_eq_nocase(h, slice_str(host)) || (is_docker_hub(h) && is_docker_hub(slice_str(host)));
}

static const json_t *find_entry(const json_t *map, const char *host)
{
    const char *key;
    json_t *value;
    /* jansson's iteration does not change the map; its signature lacks the const. */
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        if (key_is_host(slice_str(key), host))
            return value;
    }
    return NULL;
}

/* auth: base64 of user:password. */
static int from_auth(struct slice code, struct credentials *ret, struct err *e)
{
    if (code.n == 0)
        return 0;
    if (code.n > (size_t)64 << 10 || code.n % 4)
        return err_set(e, ERR_USAGE, 0, "its auth is not base64");
    uint8_t *raw = xcalloc(1, code.n / 4 * 3 + 1);
    int n = EVP_DecodeBlock(raw, code.p, (int)code.n);
    for (size_t i = code.n; n > 0 && i > code.n - 2 && code.p[i - 1] == '='; i--)
        n--; /* EVP_DecodeBlock counts the padding */
    struct slice pair = slice_of(raw, n > 0 ? (size_t)n : 0);
    ptrdiff_t colon = slice_find(pair, ':');
    int rc = 1;
    if (n < 0 || colon < 0) {
        rc = err_set(e, ERR_USAGE, 0, "its auth is not base64 of user:password");
    } else {
        ret->username = slice_dup(slice_sub(pair, 0, (size_t)colon));
        struct slice secret = slice_from(pair, (size_t)colon + 1);
        while (secret.n && !secret.p[secret.n - 1])
            secret.n--;
        ret->secret = slice_dup(secret);
    }
    OPENSSL_cleanse(raw, code.n / 4 * 3);
    free(raw);
    return rc;
}

static int from_entry(const json_t *entry, struct credentials *ret, struct err *e)
{
    struct slice token = jsonin_view(entry, "identitytoken");
    if (token.n) {
        ret->username = xstrdup("<token>");
        ret->secret = slice_dup(token);
        ret->identity_token = true;
        return 1;
    }
    struct slice user = jsonin_view(entry, "username"), password = jsonin_view(entry, "password");
    if (user.n && password.n) {
        ret->username = slice_dup(user);
        ret->secret = slice_dup(password);
        return 1;
    }
    return from_auth(jsonin_view(entry, "auth"), ret, e);
}

int credentials_from_json(struct slice json, const char *host, struct credentials *ret, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (jsonin_load(json, FILE_MAX, 100000, &root, e))
        return -1;
    const json_t *helper = find_entry(jsonin_object(root, "credHelpers"), host);
    /* Helpers know Docker Hub by its old address. */
    const char *name = is_docker_hub(slice_str(host)) ? "https://index.docker.io/v1/" : host;
    if (helper)
        return credentials_from_helper(jsonin_string(helper), name, ret, e);
    const json_t *entry = find_entry(jsonin_object(root, "auths"), host);
    int rc = entry ? from_entry(entry, ret, e) : 0;
    struct slice store = jsonin_view(root, "credsStore");
    if (rc == 0 && store.n)
        rc = credentials_from_helper(store, name, ret, e);
    return rc;
}

/* 0 when the file is not there. */
static int from_file(const char *path, bool must, const char *host, struct credentials *ret, struct err *e)
{
    struct stat st;
    struct buf text = BUF_INIT(FILE_MAX);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "rce");
    if (!f && !must && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (!f || fstat(fileno(f), &st))
        return err_errno(e, ERR_USAGE, errno, "credentials file %s", path);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FILE_MAX)
        return err_set(e, ERR_USAGE, 0, "credentials file %s is no file or longer than %zu bytes", path, FILE_MAX);
    uint8_t *to = buf_reserve(&text, (size_t)st.st_size);
    text.n = to ? fread(to, 1, (size_t)st.st_size, f) : 0;
    int rc = credentials_from_json(buf_slice(&text), host, ret, e);
    if (text.p)
        OPENSSL_cleanse(text.p, text.n);
    buf_done(&text);
    if (rc >= 0)
        return rc;
    if (e && e->kind == ERR_POISON)
        e->kind = ERR_USAGE;
    return err_wrap(e, "credentials file %s", path);
}

int credentials_find(const char *host, const char *auth_file, struct credentials *ret, struct err *e)
{
    static const struct {
        const char *variable, *rest;
        bool must;
    } places[] = {{"REGISTRY_AUTH_FILE", "", true},
                  {"XDG_RUNTIME_DIR", "/containers/auth.json", false},
                  {"DOCKER_CONFIG", "/config.json", false},
                  {"HOME", "/.docker/config.json", false},
                  {"HOME", "/.config/containers/auth.json", false}};
    struct credentials c = {0};
    int rc = 0;
    if (auth_file) {
        rc = *auth_file ? from_file(auth_file, true, host, &c, e) : 0;
    } else {
        for (size_t i = 0; i < ARRAY_LEN(places) && rc == 0; i++) {
            const char *v = getenv(places[i].variable);
            char *path ATTR_CLEANUP(cleanup_free) = v && *v ? xasprintf("%s%s", v, places[i].rest) : NULL;
            if (path)
                rc = from_file(path, places[i].must, host, &c, e);
        }
    }
    if (rc < 0) {
        credentials_done(&c);
        return -1;
    }
    *ret = c;
    return 0;
}
