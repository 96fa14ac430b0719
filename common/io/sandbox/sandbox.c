/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sandbox/sandbox_internal.h"

#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum ended { RUNNING, REPORTED, LOST /* the nursery is gone */, STALLED, OUTPUT_OVER, LIED };

struct sandbox_run {
    struct sandbox *s;
    int sock, pipe; /* -1: at its end */
    struct ring *ring;
    uint32_t head;
    struct buf out;
    enum ended ended;
    bool answered;
    int32_t status;
    struct sandbox_report report;
    int64_t deadline; /* while it is waited for */
    uint32_t seen_tail;
    size_t seen_out;
    bool input_ended;
};

/* ---- start and stop ---- */

int sandbox_start(const sandbox_main *mains, size_t n, const struct sandbox_limits *limits,
                  struct sandbox **ret_sandbox, struct err *e)
{
    int pair[2];
    struct sandbox_limits l = limits ? *limits : (struct sandbox_limits){0};
    l.memory = l.memory ? l.memory : (size_t)256 << 20;
    l.cpu_seconds = l.cpu_seconds ? l.cpu_seconds : 300;
    l.stall_seconds = l.stall_seconds ? l.stall_seconds : 120;
    l.output = l.output ? l.output : (size_t)64 << 20;
    sandbox_check_mains(mains, n);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, ERR_FATAL, errno, "sandbox: socketpair");
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        int errnum = errno;
        close(pair[0]);
        close(pair[1]);
        return err_errno(e, ERR_FATAL, errnum, "sandbox: fork");
    }
    if (pid == 0) {
        close(pair[0]);
        sandbox_nursery_main(&(struct sandbox_nursery){mains, n, l, pair[1], parent});
    }
    close(pair[1]);
    struct sandbox *s = xcalloc(1, sizeof *s);
    *s = (struct sandbox){
        .control = pair[0], .nursery = pid, .mains = mains, .mains_n = n, .limits = l, .born_ms = clock_mono_ms()};
    pthread_mutex_init(&s->lock, NULL);
    *ret_sandbox = s;
    return 0;
}

void sandbox_stop(struct sandbox *s)
{
    if (!s)
        return;
    cleanup_close(&s->control);
    while (s->nursery > 0 && waitpid(s->nursery, NULL, 0) < 0 && errno == EINTR)
        ;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- open ---- */

static int ring_make(struct ring **ret_ring, int *ret_fd, struct err *e)
{
    int fd = memfd_create("sandbox-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return err_errno(e, ERR_RETRY, errno, "sandbox: memfd_create");
    struct ring *ring = MAP_FAILED;
    if (ftruncate(fd, sizeof *ring) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring == MAP_FAILED) {
        int errnum = errno;
        close(fd);
        return err_errno(e, ERR_RETRY, errnum, "sandbox: ring of shared memory");
    }
    *ret_ring = ring;
    *ret_fd = fd;
    return 0;
}

static bool request_sent(const struct sandbox *s, size_t main_index, struct slice argument, const int fds[3])
{
    struct sandbox_request q = {(uint32_t)main_index, (uint32_t)argument.n};
    struct iovec iov[2] = {{&q, sizeof q}, {(void *)(uintptr_t)argument.p, argument.n}};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {0};
    struct msghdr m = {
        .msg_iov = iov, .msg_iovlen = 2, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(3 * sizeof(int));
    memcpy(CMSG_DATA(c), fds, 3 * sizeof(int));
    ssize_t n;
    while ((n = sendmsg(s->control, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n >= 0;
}

/* A nursery that ended is started again, once for a request: what ends that one as well is no accident. */
static int request_send(struct sandbox *s, size_t main_index, struct slice argument, const int fds[3], struct err *e)
{
    int rc = -1;
    pthread_mutex_lock(&s->lock);
    for (int tries = 0; rc && tries < 2; tries++) {
        if (sandbox_revive(s, tries > 0, e))
            break;
        rc = request_sent(s, main_index, argument, fds) ? 0 : -1;
    }
    if (rc && e && e->kind == ERR_NONE)
        err_set(e, ERR_RETRY, 0, "sandbox: the nursery process ends as soon as it is started");
    pthread_mutex_unlock(&s->lock);
    return rc;
}

int sandbox_supervise(struct sandbox *s, struct err *e)
{
    /* Whoever holds the lock is sending a request, and so looks after the nursery itself. */
    if (pthread_mutex_trylock(&s->lock))
        return 0;
    int rc = sandbox_revive(s, false, e);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

uint64_t sandbox_restarts(struct sandbox *s)
{
    return atomic_load(&s->restarts);
}

int sandbox_open(struct sandbox *s, size_t main_index, struct slice argument, struct sandbox_run **ret_run,
                 struct err *e)
{
    if (argument.n > SANDBOX_ARGUMENT_MAX)
        return err_set(e, ERR_USAGE, 0, "sandbox: an argument of %zu bytes, %zu at most", argument.n,
                       SANDBOX_ARGUMENT_MAX);
    int sock ATTR_CLEANUP(cleanup_close) = -1, sock_child ATTR_CLEANUP(cleanup_close) = -1;
    int pipe_read ATTR_CLEANUP(cleanup_close) = -1, pipe_write ATTR_CLEANUP(cleanup_close) = -1;
    int fd ATTR_CLEANUP(cleanup_close) = -1, pair[2];
    struct ring *ring = NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, ERR_RETRY, errno, "sandbox: socketpair");
    sock = pair[0];
    sock_child = pair[1];
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK))
        return err_errno(e, ERR_RETRY, errno, "sandbox: pipe");
    pipe_read = pair[0];
    pipe_write = pair[1];
    if (ring_make(&ring, &fd, e))
        return -1;
    if (request_send(s, main_index, argument, (int[]){sock_child, fd, pipe_write}, e)) {
        munmap(ring, sizeof *ring);
        return -1;
    }
    struct sandbox_run *r = xcalloc(1, sizeof *r);
    r->s = s;
    r->sock = sock;
    r->pipe = pipe_read;
    sock = pipe_read = -1;
    r->ring = ring;
    r->out = BUF_INIT(s->limits.output);
    *ret_run = r;
    return 0;
}

/* ---- talking ---- */

/* Ends the run for a reason of the parent's: closing the pipe makes the nursery kill the child. */
static void give_up(struct sandbox_run *r, enum ended why)
{
    if (r->ended == RUNNING)
        r->ended = why;
    cleanup_close(&r->sock);
    cleanup_close(&r->pipe);
    r->sock = r->pipe = -1;
}

/* Takes one message of the child. False when there is none now or ever again. */
static bool take_message(struct sandbox_run *r)
{
    uint8_t type = 0;
    size_t room = MIN(MSG_OUTPUT_MAX, r->out.max - r->out.n);
    uint8_t *to = buf_reserve(&r->out, room), spill[16];
    if (room < sizeof spill)
        to = spill, room = sizeof spill;
    struct iovec iov[2] = {{&type, 1}, {to, room}};
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};
    ssize_t n = recvmsg(r->sock, &m, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        cleanup_close(&r->sock);
        r->sock = -1;
        return false;
    }
    if (type == MSG_OUTPUT) {
        if (to == spill || (m.msg_flags & MSG_TRUNC)) {
            give_up(r, OUTPUT_OVER);
            return false;
        }
        r->out.n += (size_t)n - 1;
    } else if (type == MSG_STATUS && n == 1 + (ssize_t)sizeof r->status) {
        memcpy(&r->status, to, sizeof r->status);
        r->answered = true;
    }
    return true;
}

static void take_report(struct sandbox_run *r)
{
    ssize_t n = read(r->pipe, &r->report, sizeof r->report);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    while (r->sock >= 0 && take_message(r))
        ;
    give_up(r, n == sizeof r->report ? REPORTED : LOST);
}

static void wait_begin(struct sandbox_run *r)
{
    r->deadline = clock_mono_ms() + (int64_t)r->s->limits.stall_seconds * 1000;
}

static bool progressed(struct sandbox_run *r)
{
    uint32_t tail = atomic_load(&r->ring->tail);
    bool moved = tail != r->seen_tail || r->out.n != r->seen_out;
    r->seen_tail = tail;
    r->seen_out = r->out.n;
    return moved;
}

/* Waits until the child says something, or ends the run when it neither reads nor answers. */
static void pump(struct sandbox_run *r)
{
    struct pollfd p[2] = {{.fd = r->pipe, .events = POLLIN}, {.fd = r->sock, .events = POLLIN}};
    int64_t wait = r->deadline - clock_mono_ms();
    int n = poll(p, 2, (int)MAX(wait, 0));
    if (progressed(r))
        wait_begin(r);
    else if (n == 0 && clock_mono_ms() >= r->deadline)
        give_up(r, STALLED);
    if (n <= 0)
        return;
    if (p[1].revents)
        take_message(r);
    else if (p[0].revents)
        take_report(r);
}

int sandbox_reserve(struct sandbox_run *r, uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    while (r->ended == RUNNING) {
        uint32_t used = r->head - atomic_load(&r->ring->tail);
        if (used > RING_SLOTS) {
            give_up(r, LIED);
        } else if (used < RING_SLOTS) {
            *ret_p = r->ring->slots[r->head % RING_SLOTS];
            *ret_n = RING_SLOT_SIZE;
            return 0;
        } else {
            /* Wait for half a ring, not for a slot: fewer switches between the processes. */
            uint32_t target = r->head - RING_SLOTS / 2;
            atomic_store(&r->ring->writer_waits, target + 1);
            wait_begin(r);
            while (r->ended == RUNNING && (int32_t)(atomic_load(&r->ring->tail) - target) < 0)
                pump(r);
            atomic_store(&r->ring->writer_waits, 0);
        }
    }
    return err_set(e, ERR_POISON, 0, "sandbox: the child ended before it had read all of its input");
}

static void wake_child(struct sandbox_run *r)
{
    if (r->sock >= 0 && atomic_exchange(&r->ring->reader_waits, 0))
        (void)!send(r->sock, &(uint8_t){MSG_WAKE}, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int sandbox_send(struct sandbox_run *r, size_t n, struct err *e)
{
    if (r->ended != RUNNING)
        return err_set(e, ERR_POISON, 0, "sandbox: the child ended before it had read all of its input");
    ASSERT(n <= RING_SLOT_SIZE);
    if (!n)
        return 0;
    r->ring->length[r->head % RING_SLOTS] = (uint32_t)n;
    atomic_store(&r->ring->head, ++r->head);
    wake_child(r);
    return 0;
}

int sandbox_take(struct sandbox_run *r, struct buf *out)
{
    while (r->sock >= 0 && take_message(r))
        ;
    if (buf_add_slice(out, buf_slice(&r->out)))
        return -1;
    buf_clear(&r->out);
    r->seen_out = 0; /* the next bytes are progress, however many */
    return 0;
}

static void end_input(struct sandbox_run *r)
{
    atomic_store(&r->ring->ended, 1);
    wake_child(r);
    wait_begin(r);
}

int sandbox_drain(struct sandbox_run *r, struct buf *out)
{
    if (!r->input_ended) {
        r->input_ended = true;
        end_input(r);
    }
    if (r->ended == RUNNING)
        pump(r);
    if (sandbox_take(r, out))
        return -1;
    return r->ended == RUNNING;
}

/* ---- the end ---- */

static void run_free(struct sandbox_run *r)
{
    give_up(r, LOST);
    munmap(r->ring, sizeof *r->ring);
    buf_done(&r->out);
    free(r);
}

void sandbox_abort(struct sandbox_run *r)
{
    if (r)
        run_free(r);
}

/* The first line of what the child wrote to stderr, printable. */
static const char *last_words(struct sandbox_report *report)
{
    report->text[sizeof report->text - 1] = 0;
    char *p = report->text;
    for (; *p && *p != '\n'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    *p = 0;
    return report->text;
}

static int died_by_signal(struct sandbox_run *r, int sig, struct err *e)
{
    const struct sandbox_limits *l = &r->s->limits;
    const char *words = last_words(&r->report), *name = sigabbrev_np(sig);
    if (sig == SIGXCPU || (sig == SIGKILL && r->report.cpu_ms >= (int64_t)l->cpu_seconds * 1000))
        return err_set(e, ERR_POISON, sig, "sandboxed child used more than its %d s of CPU time", l->cpu_seconds);
    if (sig == SIGSYS)
        return err_set(e, ERR_POISON, sig, "sandboxed child did a forbidden system call (SIGSYS)");
    if (sig == SIGKILL)
        return err_set(e, ERR_POISON, sig, "sandboxed child was killed (SIGKILL), perhaps for lack of memory");
    if (sig == SIGABRT && strstr(words, "out of memory"))
        return err_set(e, ERR_POISON, sig, "sandboxed child wanted more than its %zu MiB of memory: %s",
                       l->memory >> 20, words);
    return err_set(e, ERR_POISON, sig, "sandboxed child crashed (SIG%s)%s%s", name ? name : "?", *words ? ": " : "",
                   words);
}

static int verdict(struct sandbox_run *r, struct err *e)
{
    const struct sandbox_limits *l = &r->s->limits;
    int wait_status = r->report.wait_status;
    switch (r->ended) {
    case LOST:
        return err_set(e, ERR_RETRY, 0, "sandbox: the nursery process ended, and this run with it");
    case STALLED:
        return err_set(e, ERR_POISON, 0, "sandboxed child made no progress for %d s", l->stall_seconds);
    case OUTPUT_OVER:
        return err_set(e, ERR_POISON, 0, "sandboxed child wrote more than %zu bytes", l->output);
    case LIED:
        return err_set(e, ERR_POISON, 0, "sandboxed child broke its input ring");
    default:
        break;
    }
    if (r->report.failed_errno)
        return err_errno(e, ERR_RETRY, r->report.failed_errno, "sandbox: fork");
    if (WIFSIGNALED(wait_status))
        return died_by_signal(r, WTERMSIG(wait_status), e);
    if (WEXITSTATUS(wait_status) || !r->answered)
        return err_set(e, ERR_POISON, 0, "sandboxed child ended with code %d and no answer%s%s",
                       WEXITSTATUS(wait_status), r->report.text[0] ? ": " : "", last_words(&r->report));
    return 0;
}

int sandbox_finish(struct sandbox_run *r, struct buf *out, int *ret_status, struct err *e)
{
    end_input(r);
    while (r->ended == RUNNING)
        pump(r);
    int result = verdict(r, e);
    if (!result) {
        if (!out->n && !out->p && r->out.n <= out->max) {
            size_t max = out->max;
            *out = r->out;
            out->max = max;
            r->out = BUF_INIT(0);
        } else if (buf_add_slice(out, buf_slice(&r->out))) {
            result = err_set(e, ERR_POISON, 0, "sandboxed child wrote more than %zu bytes", out->max);
        }
        if (!result)
            *ret_status = r->status;
    }
    run_free(r);
    return result;
}

static int call_once(struct sandbox *s, size_t main_index, struct slice argument, struct slice input, struct buf *out,
                     int *ret_status, struct err *e)
{
    struct sandbox_run *r;
    if (sandbox_open(s, main_index, argument, &r, e))
        return -1;
    while (input.n) {
        uint8_t *p;
        size_t n;
        if (sandbox_reserve(r, &p, &n, NULL))
            break; /* finish tells why */
        n = MIN(n, input.n);
        memcpy(p, input.p, n);
        input = slice_from(input, n);
        sandbox_send(r, n, NULL);
    }
    return sandbox_finish(r, out, ret_status, e);
}

int sandbox_call(struct sandbox *s, size_t main_index, struct slice argument, struct slice input, struct buf *out,
                 int *ret_status, struct err *e)
{
    struct err why;
    int rc = -1;
    /* All of the input is at hand: a run that was lost with its nursery is run again. */
    for (int tries = 0; rc && tries < 3; tries++) {
        why = ERR_INIT;
        rc = call_once(s, main_index, argument, input, out, ret_status, &why);
        if (why.kind != ERR_RETRY || why.retry_after_ms)
            break;
    }
    if (rc && e)
        *e = why;
    return rc;
}
