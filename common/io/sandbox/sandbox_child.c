/* SPDX-License-Identifier: Apache-2.0 */
/* The child: locks itself in, then runs the main it was asked for. */
#include "io/sandbox/sandbox_internal.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define SOCKET 3
/* Stands for the child's process id in the filter made by the nursery. */
#define PID_MARK 0x5ca1ab1eU

struct sandbox_child {
    struct ring *ring;
    uint32_t tail;
    bool holds; /* the slot at tail was given and not yet returned */
};

/* ---- the filter ---- */

static const int allowed[] = {
    SCMP_SYS(read),           SCMP_SYS(write),
    SCMP_SYS(recvfrom),       SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),        SCMP_SYS(brk),
    SCMP_SYS(munmap),         SCMP_SYS(mremap),
    SCMP_SYS(madvise),        SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),         SCMP_SYS(gettid),
    SCMP_SYS(rt_sigreturn),   SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),
    SCMP_SYS(sched_yield),    SCMP_SYS(exit),
    SCMP_SYS(exit_group),     SCMP_SYS(restart_syscall),
#ifdef __SANITIZE_ADDRESS__
    SCMP_SYS(sigaltstack),    SCMP_SYS(getrusage),
    SCMP_SYS(prctl),
#endif
};

int sandbox_filter_make(struct sandbox_filter *ret_filter, struct err *e)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r = ctx ? 0 : -ENOMEM;
    for (size_t i = 0; i < ARRAY_LEN(allowed) && !r; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    if (!r) /* memory yes, code no */
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!r)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!r) /* abort() of its own */
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2, SCMP_A0(SCMP_CMP_EQ, PID_MARK),
                             SCMP_A2(SCMP_CMP_EQ, SIGABRT));
    int fd ATTR_CLEANUP(cleanup_close) = memfd_create("filter", MFD_CLOEXEC);
    if (!r)
        r = seccomp_export_bpf(ctx, fd);
    seccomp_release(ctx);
    if (r)
        return err_errno(e, ERR_FATAL, -r, "sandbox: the seccomp filter can't be made");
    off_t n = lseek(fd, 0, SEEK_END);
    struct sock_filter *program = xmalloc((size_t)n);
    if (pread(fd, program, (size_t)n, 0) != n) {
        free(program);
        return err_set(e, ERR_FATAL, 0, "sandbox: the seccomp filter can't be read");
    }
    *ret_filter = (struct sandbox_filter){program, (size_t)n / sizeof *program};
    return 0;
}

static bool filter_apply(struct sandbox_filter *filter)
{
    struct sock_filter *f = filter->program;
    for (size_t i = 0; i < filter->n; i++)
        if (f[i].k == PID_MARK)
            f[i].k = (uint32_t)getpid();
    struct sock_fprog program = {(unsigned short)filter->n, f};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return false;
    /* Without this flag older kernels turn off store bypass for the process, which makes inflate slow. */
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ||
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

/* ---- limits ---- */

static bool limit(int what, rlim_t soft, rlim_t hard)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){soft, hard}) == 0;
}

#ifndef __SANITIZE_ADDRESS__
static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%lu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
#endif

static bool limits_apply(const struct sandbox_limits *l)
{
#ifndef __SANITIZE_ADDRESS__
    size_t birth = address_space();
    if (!birth || !limit(RLIMIT_AS, birth + l->memory, birth + l->memory))
        return false;
#endif
    return limit(RLIMIT_CPU, (rlim_t)l->cpu_seconds, (rlim_t)l->cpu_seconds + 1) && limit(RLIMIT_FSIZE, 0, 0) &&
           limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) && limit(RLIMIT_NOFILE, SOCKET + 1, SOCKET + 1);
}

static void signals_default(void)
{
    static const int mine[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU, SIGTRAP};
    /* Not signal(): AddressSanitizer would keep its own handlers, which open files. All zero is SIG_DFL. */
    static const uint64_t action[4];
    sigset_t none;
    for (size_t i = 0; i < ARRAY_LEN(mine); i++)
        syscall(SYS_rt_sigaction, mine[i], action, NULL, 8);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void sandbox_child_run(const struct sandbox_nursery *n, struct sandbox_filter *filter, uint32_t main_index,
                       struct slice argument, pid_t nursery, const int fds[3])
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "careen-sandbox");
    signals_default();
    struct ring *ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED, fds[1], 0);
    /* Descriptor 3 is the nursery's control socket, so none of the three. */
    if (ring == MAP_FAILED || dup2(fds[2], 2) < 0 || dup2(fds[0], SOCKET) < 0 || close_range(SOCKET + 1, ~0U, 0))
        BUG("sandboxed child: %s", strerror(errno));
    if (getppid() != nursery) /* it ended before PR_SET_PDEATHSIG */
        _exit(1);
    if (!limits_apply(&n->limits) || !filter_apply(filter))
        BUG("sandboxed child can't be locked in: %s", strerror(errno));
    struct sandbox_child c = {.ring = ring};
    int32_t status = n->mains[main_index](&c, argument);
    uint8_t message[1 + sizeof status] = {MSG_STATUS};
    memcpy(message + 1, &status, sizeof status);
    ssize_t sent = send(SOCKET, message, sizeof message, MSG_NOSIGNAL);
    _exit(sent == sizeof message ? 0 : 1);
}

/* ---- for mains ---- */

size_t sandbox_child_read(struct sandbox_child *c, const uint8_t **ret_p)
{
    struct ring *r = c->ring;
    if (c->holds) {
        c->holds = false;
        atomic_store(&r->tail, ++c->tail);
        uint32_t wanted = atomic_load(&r->writer_waits);
        if (wanted && (int32_t)(c->tail - (wanted - 1)) >= 0 && atomic_exchange(&r->writer_waits, 0))
            send(SOCKET, &(uint8_t){MSG_WAKE}, 1, MSG_NOSIGNAL);
    }
    while (atomic_load(&r->head) == c->tail) {
        if (atomic_load(&r->ended) && atomic_load(&r->head) == c->tail)
            return 0;
        atomic_store(&r->reader_waits, 1);
        if (atomic_load(&r->head) != c->tail || atomic_load(&r->ended))
            continue;
        uint8_t message[16];
        ssize_t got = recv(SOCKET, message, sizeof message, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            _exit(1); /* the parent gave up */
    }
    atomic_store(&r->reader_waits, 0);
    c->holds = true;
    *ret_p = r->slots[c->tail % RING_SLOTS];
    return MIN((size_t)r->length[c->tail % RING_SLOTS], RING_SLOT_SIZE);
}

int sandbox_child_write(struct sandbox_child *c, struct slice bytes)
{
    (void)c;
    while (bytes.n) {
        uint8_t type = MSG_OUTPUT;
        size_t n = MIN(bytes.n, MSG_OUTPUT_MAX);
        struct iovec iov[2] = {{&type, 1}, {(void *)(uintptr_t)bytes.p, n}};
        struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};
        ssize_t sent = sendmsg(SOCKET, &m, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        bytes = slice_from(bytes, n);
    }
    return 0;
}
