/* SPDX-License-Identifier: Apache-2.0 */
/* The nursery: single-threaded, waits for requests, forks children, reaps them, reports. See sandbox_internal.h. */
#include "io/sandbox/sandbox_internal.h"

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CHILDREN_MAX 256
#define CONTROL      SANDBOX_CONTROL

struct child {
    pid_t pid;
    int pipe;        /* to the parent; -1 once it gave up on the child */
    int stderr_read; /* -1: none */
};

static struct child children[CHILDREN_MAX];
static size_t children_n;
static uint8_t request_bytes[sizeof(struct sandbox_request) + SANDBOX_ARGUMENT_MAX];

static void close_fd(int *fd)
{
    cleanup_close(fd);
    *fd = -1;
}

static void report(int pipe, const struct sandbox_report *r)
{
    (void)!write(pipe, r, sizeof *r);
}

static void start(const struct sandbox_nursery *n, struct sandbox_filter *filter, const struct sandbox_request *q,
                  int fds[3])
{
    int words[2];
    if (pipe2(words, O_CLOEXEC | O_NONBLOCK)) {
        report(fds[2], &(struct sandbox_report){.failed_errno = errno});
        return;
    }
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        sandbox_child_run(n, filter, q->main_index, slice_of(request_bytes + sizeof *q, q->argument_n), self,
                          (int[]){fds[0], fds[1], words[1]});
    close(words[1]);
    if (pid < 0) {
        report(fds[2], &(struct sandbox_report){.failed_errno = errno});
        close(words[0]);
        return;
    }
    children[children_n++] = (struct child){pid, fds[2], words[0]};
    fds[2] = -1;
}

/* False when the parent is gone. */
static bool take_request(const struct sandbox_nursery *n, struct sandbox_filter *filter)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control;
    struct iovec iov = {request_bytes, sizeof request_bytes};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(CONTROL, &m, MSG_CMSG_CLOEXEC);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(3 * sizeof(int)))
        return true; /* out of descriptors: the parent sees its pipe closed */
    int fds[3];
    memcpy(fds, CMSG_DATA(c), sizeof fds);
    struct sandbox_request q;
    memcpy(&q, request_bytes, sizeof q);
    ASSERT((size_t)got == sizeof q + q.argument_n && q.main_index < n->mains_n);
    start(n, filter, &q, fds);
    for (size_t i = 0; i < 3; i++)
        cleanup_close(&fds[i]);
    return true;
}

static void reap(void)
{
    int status;
    struct rusage used;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
        size_t i = 0;
        while (i < children_n && children[i].pid != pid)
            i++;
        if (i == children_n)
            continue;
        struct child *c = &children[i];
        struct sandbox_report r = {.wait_status = status};
        r.cpu_ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
                   (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
        (void)!read(c->stderr_read, r.text, sizeof r.text - 1);
        if (c->pipe >= 0)
            report(c->pipe, &r);
        close_fd(&c->pipe);
        close_fd(&c->stderr_read);
        children[i] = children[--children_n];
    }
}

static void descriptors(int control, int *ret_signals)
{
    if (control != CONTROL && dup2(control, CONTROL) < 0)
        BUG("dup2: %s", strerror(errno));
    close_range(CONTROL + 1, ~0U, 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
        close(null);
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    *ret_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (*ret_signals < 0)
        BUG("signalfd: %s", strerror(errno));
}

static int compare_nothing(const void *a, const void *b)
{
    (void)a, (void)b;
    return 0;
}

/* glibc's qsort of more than a kilobyte asks the kernel once for the memory's size, which a child may not. */
static void warm_up(void)
{
    /* jansson opens /dev/urandom at its first object; 0 says that it is to do so now. */
    json_object_seed(0);
    uint64_t v[256] = {0};
    qsort(v, ARRAY_LEN(v), sizeof *v, compare_nothing);
}

void sandbox_nursery_main(const struct sandbox_nursery *n)
{
    /* The parent ends in its own time on a signal to the whole group, and its end is the nursery's. */
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
    int signals;
    struct sandbox_filter filter;
    struct err e = ERR_INIT;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != n->parent) /* it ended before that */
        _exit(0);
    prctl(PR_SET_NAME, "careen-nursery");
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    warm_up();
    if (n->limits.prepare)
        n->limits.prepare();
    descriptors(n->control, &signals);
    if (sandbox_filter_make(&filter, &e))
        BUG("%s", e.text);
    for (;;) {
        struct pollfd p[2 + CHILDREN_MAX] = {
            {.fd = children_n < CHILDREN_MAX ? CONTROL : -1, .events = POLLIN},
            {.fd = signals, .events = POLLIN},
        };
        for (size_t i = 0; i < children_n; i++)
            p[2 + i].fd = children[i].pipe; /* only for POLLERR: the parent closed its end */
        if (poll(p, 2 + children_n, -1) < 0 && errno != EINTR)
            BUG("poll: %s", strerror(errno));
        for (size_t i = 0; i < children_n; i++) {
            if (p[2 + i].revents && children[i].pipe >= 0) {
                kill(children[i].pid, SIGKILL);
                close_fd(&children[i].pipe);
            }
        }
        if (p[1].revents) {
            struct signalfd_siginfo info;
            (void)!read(signals, &info, sizeof info);
            reap();
        }
        if (p[0].revents && !take_request(n, &filter))
            break;
    }
    for (size_t i = 0; i < children_n; i++)
        kill(children[i].pid, SIGKILL);
    _exit(0);
}
