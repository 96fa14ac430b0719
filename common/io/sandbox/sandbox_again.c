/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_again.c: starts the nursery again when it has died. (The nursery is the small process that forks the
 * sandboxed children: sandbox.h.)
 *
 * The first nursery is a fork of the program, made while it is still small. By now the program has threads, whose locks
 * a fork would copy in whatever state they are, and secrets, which children must not have. So the program is executed
 * anew instead, with few variables in its environment. One of them, CAREEN_NURSERY, gives the limits and the place of
 * the table of mains, as a distance from the program's beginning. A constructor sees it and turns the process into the
 * nursery before main() begins; the command line is not used.
 */
#include "io/sandbox/sandbox_internal.h"

#include "base/clock.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define VARIABLE "CAREEN_NURSERY"
/* A nursery that lived shorter than this ended for a reason that may be there still. */
#define SHORT_LIFE_MS 10000
#define WAIT_MOST_MS  30000

extern const char __executable_start[], _end[]; /* the linker's: the program in memory */

static uintptr_t offset_of(const sandbox_main *mains)
{
    return (uintptr_t)mains - (uintptr_t)__executable_start;
}

static uintptr_t program_size(void)
{
    return (uintptr_t)_end - (uintptr_t)__executable_start;
}

void sandbox_check_mains(const sandbox_main *mains, size_t n)
{
    if ((uintptr_t)mains < (uintptr_t)__executable_start || offset_of(mains) >= program_size() ||
        program_size() - offset_of(mains) < n * sizeof *mains)
        BUG("the sandbox's mains are no static table of this program");
}

/* ---- the parent ---- */

static const char *how_ended(int status, char *text, size_t max)
{
    const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    if (name)
        snprintf(text, max, "was ended by SIG%s%s", name,
                 WTERMSIG(status) == SIGKILL ? ", perhaps for lack of memory" : "");
    else
        snprintf(text, max, "ended with code %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return text;
}

/* What the new program needs of the environment: nothing that may hold a secret. */
static size_t environment(const char *how, const char **to, size_t max)
{
    static const char *const kept[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS=", "LD_",
                                       "LC_",           "LANG",           "PATH="};
    size_t n = 0;
    to[n++] = how;
    for (char **v = environ; *v && n + 1 < max; v++)
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
            if (strncmp(*v, kept[i], strlen(kept[i])) == 0) {
                to[n++] = *v;
                break;
            }
    to[n] = NULL;
    return n;
}

static int spawn(struct sandbox *s, int control, pid_t *ret_pid)
{
    const struct sandbox_limits *l = &s->limits;
    char *how ATTR_CLEANUP(cleanup_free) =
        xasprintf(VARIABLE "=%zu %zu %zu %d %d %zu %d %zu", (size_t)offset_of(s->mains), s->mains_n, l->memory,
                  l->cpu_seconds, l->stall_seconds, l->output, getpid(),
                  l->prepare ? (size_t)((uintptr_t)l->prepare - (uintptr_t)__executable_start) : 0);
    const char *env[64];
    static char name[] = "careen-nursery";
    char *argv[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    environment(how, env, ARRAY_LEN(env));
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    rc = posix_spawn_file_actions_adddup2(&actions, control, SANDBOX_CONTROL);
    if (!rc)
        rc = posix_spawn(ret_pid, "/proc/self/exe", &actions, NULL, argv, (char *const *)(uintptr_t)env);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int start_again(struct sandbox *s, struct err *e)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, ERR_RETRY, errno, "sandbox: socketpair");
    pid_t pid;
    int rc = spawn(s, pair[1], &pid);
    close(pair[1]);
    if (rc) {
        close(pair[0]);
        return err_errno(e, ERR_RETRY, rc, "sandbox: the nursery process can't be started again");
    }
    s->control = pair[0];
    s->nursery = pid;
    s->born_ms = clock_mono_ms();
    atomic_fetch_add(&s->restarts, 1);
    return 0;
}

/* Reaps a nursery that ended or must. True when there is none (now). */
static bool buried(struct sandbox *s, bool broken)
{
    if (s->nursery < 0)
        return true;
    if (broken)
        kill(s->nursery, SIGKILL);
    pid_t got;
    while ((got = waitpid(s->nursery, &s->ended, broken ? 0 : WNOHANG)) < 0 && errno == EINTR)
        ;
    if (got == 0)
        return false;
    int64_t now = clock_mono_ms();
    bool soon = now - s->born_ms < SHORT_LIFE_MS;
    s->short_lived = soon ? MIN(s->short_lived + 1, 16u) : 0;
    /* The first accident costs no time. */
    s->not_before = s->short_lived > 1 ? now + MIN((int64_t)1000 << (s->short_lived - 2), WAIT_MOST_MS) : 0;
    cleanup_close(&s->control);
    s->control = s->nursery = -1;
    return true;
}

int sandbox_revive(struct sandbox *s, bool broken, struct err *e)
{
    char text[80];
    if (!buried(s, broken))
        return 0;
    int64_t wait = s->not_before - clock_mono_ms();
    if (wait > 0) {
        err_set(e, ERR_RETRY, 0,
                "sandbox: the nursery process %s, %u times in a row; it is started again in %" PRId64 " s",
                how_ended(s->ended, text, sizeof text), s->short_lived, (wait + 999) / 1000);
        if (e)
            e->retry_after_ms = wait;
        return -1;
    }
    int rc = start_again(s, e);
    if (rc)
        s->not_before = clock_mono_ms() + 1000;
    return rc;
}

/* ---- the program that was executed anew ---- */

enum { OFFSET, MAINS, MEMORY, CPU, STALL, OUTPUT, PARENT, PREPARE, NUMBERS };

static bool numbers(const char *how, uint64_t to[NUMBERS])
{
    struct slice rest = slice_str(how), word;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!slice_take_token(&rest, ' ', &word) || !slice_parse_u64(word, &to[i]))
            return false;
    return !rest.n && to[OFFSET] < program_size() && to[PREPARE] < program_size() &&
           to[MAINS] <= (program_size() - to[OFFSET]) / sizeof(sandbox_main) && to[CPU] <= INT_MAX &&
           to[STALL] <= INT_MAX && to[PARENT] <= INT_MAX;
}

static void become_nursery(const char *how)
{
    uint64_t v[NUMBERS];
    int type = 0;
    socklen_t size = sizeof type;
    if (!numbers(how, v) || getsockopt(SANDBOX_CONTROL, SOL_SOCKET, SO_TYPE, &type, &size) || type != SOCK_SEQPACKET) {
        fprintf(stderr, "careen: the variable " VARIABLE " is for Careen's own helper processes; unset it\n");
        _exit(2);
    }
    sandbox_nursery_main(&(struct sandbox_nursery){
        .mains = (const sandbox_main *)((uintptr_t)__executable_start + v[OFFSET]),
        .mains_n = v[MAINS],
        .limits = {.memory = v[MEMORY],
                   .cpu_seconds = (int)v[CPU],
                   .stall_seconds = (int)v[STALL],
                   .output = v[OUTPUT],
                   .prepare = v[PREPARE] ? (void (*)(void))((uintptr_t)__executable_start + v[PREPARE]) : NULL},
        .control = SANDBOX_CONTROL,
        .parent = (pid_t)v[PARENT],
    });
}

__attribute__((constructor)) static void nursery_if_asked(void)
{
    const char *how = getenv(VARIABLE);
    if (how)
        become_nursery(how);
}
