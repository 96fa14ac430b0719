/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: children that behave, and children that do everything they must not; after each the next run works. */
#include "io/sha1.h"
#include "io/sandbox/sandbox.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "io/sandbox/sandbox_internal.h"

#include <fcntl.h>
#include <jansson.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- mains ---- */

static int echo(struct sandbox_child *c, struct slice argument)
{
    const uint8_t *p;
    size_t n;
    int sum = 0;
    sandbox_child_write(c, argument);
    while ((n = sandbox_child_read(c, &p)) > 0) {
        sandbox_child_write(c, slice_of(p, n));
        sum += p[0];
    }
    return sum;
}

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void forbidden(uint8_t what)
{
    static const char *const argv[] = {"/bin/true", NULL};
    switch (what) {
    case 'o':
        (void)!open("/etc/passwd", O_RDONLY);
        break;
    case 'f':
        fork();
        break;
    case 'n':
        socket(AF_INET, SOCK_STREAM, 0);
        break;
    case 'x':
        execve(argv[0], (char **)(uintptr_t)argv, NULL);
        break;
    case 'p':
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        break;
    case 'k':
        kill(getppid(), SIGKILL);
        break;
    case 't':
        syscall(SYS_tgkill, 1, 1, SIGABRT);
        break;
    default:
        break;
    }
}

static int misbehave(struct sandbox_child *c, struct slice argument)
{
    struct ring *ring = *(struct ring **)c; /* its first member */
    uint8_t what = argument.n ? argument.p[0] : 0;
    const uint8_t *p;
    static int word;
    static volatile uintptr_t nowhere = 8;
    switch (what) {
    case 'S':
        *(volatile int *)nowhere = 1;
        break;
    case 'L':
        spin();
        break;
    case 'A':
        for (size_t n = 0;; n += 4096)
            ((volatile char *)xmalloc((size_t)1 << 20))[n % 4096] = 1;
    case 'E':
        _exit(7);
    case 'B':
        BUG("a broken invariant\nsecond line");
    case 'O':
        for (;;)
            if (sandbox_child_write(c, slice_of(ring->slots[0], 65536)))
                _exit(1);
    case 'R': /* answers without reading */
        sandbox_child_write(c, SLICE("early"));
        return 42;
    case 'T':
        sandbox_child_read(c, &p);
        atomic_store(&ring->tail, 1000);
        atomic_store(&ring->writer_waits, 0);
        send(3, "w", 1, MSG_NOSIGNAL);
        spin();
        break;
    case 'Z': /* sleeps */
        for (;;)
            syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
    default:
        forbidden(what);
    }
    return 0;
}

/* Tells what it finds of its parent's secret. */
static int secret(struct sandbox_child *c, struct slice argument)
{
    const char *value = getenv("SECRET_OF_THE_PARENT");
    (void)argument;
    if (value)
        sandbox_child_write(c, slice_str(value));
    return 0;
}

/* jansson would open a file at a process's first object. */
static int object(struct sandbox_child *c, struct slice argument)
{
    json_t *o = json_pack("{s:s}", "key", "value");
    (void)argument;
    sandbox_child_write(c, slice_str(json_string_value(json_object_get(o, "key"))));
    json_decref(o);
    return 0;
}

static bool prepared;

static void prepare(void)
{
    prepared = true;
}

static int tells_prepared(struct sandbox_child *c, struct slice argument)
{
    (void)argument;
    sandbox_child_write(c, prepared ? SLICE("yes") : SLICE("no"));
    return 0;
}

/* A library that opens a file when it is first used can't be used there. */
static int hash(struct sandbox_child *c, struct slice argument)
{
    struct sha1 s;
    char hex[SHA1_HEX + 1];
    sha1_begin(&s);
    sha1_update(&s, argument);
    sha1_end(&s, hex);
    sandbox_child_write(c, slice_str(hex));
    return 0;
}

static const sandbox_main mains[] = {echo, misbehave, secret, object, tells_prepared, hash};
static struct sandbox *sb;

static int setup(void **state)
{
    struct sandbox_limits limits = {
        .memory = (size_t)64 << 20, .cpu_seconds = 1, .stall_seconds = 90, .output = (size_t)16 << 20};
    struct err e = ERR_INIT;
    (void)state;
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &sb, &e))
        BUG("%s", e.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sandbox_stop(sb);
    return 0;
}

static void echo_works(size_t n, size_t step)
{
    struct buf out = BUF_INIT((size_t)16 << 20);
    struct err e = ERR_INIT;
    struct sandbox_run *r;
    uint8_t *bytes = xmalloc(n + 1);
    int status = -1;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    assert_int_equal(sandbox_open(sb, 0, SLICE("argument:"), &r, &e), 0);
    for (size_t at = 0; at < n;) {
        uint8_t *p;
        size_t room;
        assert_int_equal(sandbox_reserve(r, &p, &room, &e), 0);
        room = MIN(MIN(room, step), n - at);
        memcpy(p, bytes + at, room);
        assert_int_equal(sandbox_send(r, room, &e), 0);
        at += room;
    }
    if (sandbox_finish(r, &out, &status, &e))
        fail_msg("%s", e.text);
    assert_int_equal(out.n, n + 9);
    assert_memory_equal(out.p, "argument:", 9);
    assert_memory_equal(out.p + 9, bytes, n);
    free(bytes);
    buf_done(&out);
}

static void test_hash(void **state)
{
    struct buf out = BUF_INIT((size_t)1 << 10);
    struct err e = ERR_INIT;
    int status = -1;
    (void)state;
    if (sandbox_call(sb, 5, SLICE("abc"), SLICE_NONE, &out, &status, &e))
        fail_msg("%s", e.text);
    assert_string_equal(buf_cstr(&out), "a9993e364706816aba3e25717850c26c9cd0d89d");
    buf_done(&out);
}

static void test_echo(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 65536, 131072, 131073, 5000000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        echo_works(sizes[i], SIZE_MAX);
    echo_works(30000, 7);
    uint8_t *argument = xcalloc(1, SANDBOX_ARGUMENT_MAX + 1);
    struct buf out = BUF_INIT((size_t)1 << 20);
    struct err e = ERR_INIT;
    int status = -1;
    assert_int_equal(sandbox_call(sb, 0, slice_of(argument, SANDBOX_ARGUMENT_MAX), SLICE("\7x"), &out, &status, &e), 0);
    assert_int_equal(out.n, SANDBOX_ARGUMENT_MAX + 2);
    assert_int_equal(status, 7);
    /* A second answer goes behind the first. */
    assert_int_equal(sandbox_call(sb, 0, SLICE("tail"), SLICE_NONE, &out, &status, &e), 0);
    assert_int_equal(out.n, SANDBOX_ARGUMENT_MAX + 6);
    assert_int_equal(status, 0);
    assert_int_equal(sandbox_call(sb, 0, slice_of(argument, SANDBOX_ARGUMENT_MAX + 1), SLICE_NONE, &out, &status, &e),
                     -1);
    assert_int_equal(e.kind, ERR_USAGE);
    free(argument);
    buf_done(&out);
}

static void dies(const char *what, size_t input, const char *text)
{
    struct buf out = BUF_INIT((size_t)32 << 20);
    struct err e = ERR_INIT;
    uint8_t *bytes = xcalloc(1, input + 1);
    int status = 77;
    int r = sandbox_call(sb, 1, slice_str(what), slice_of(bytes, input), &out, &status, &e);
    free(bytes);
    if (r != -1 || e.kind != ERR_POISON || !strstr(e.text, text))
        fail_msg("\"%s\": wanted \"%s\", got %d, %s \"%s\"", what, text, r, err_kind_name(e.kind), e.text);
    assert_int_equal(status, 77);
    assert_int_equal(out.n, 0);
    buf_done(&out);
    echo_works(100000, SIZE_MAX);
}

static void test_deaths(void **state)
{
    (void)state;
    dies("S", 0, "SIGSEGV");
    dies("S", 8 << 20, "SIGSEGV");
    dies("E", 0, "code 7 and no answer");
    dies("B", 0, "a broken invariant");
    dies("O", 0, "more than 16777216 bytes");
    dies("L", 0, "more than its 1 s of CPU time");
    dies("L", 8 << 20, "more than its 1 s of CPU time");
    dies("T", 8 << 20, "broke its input ring");
#ifndef __SANITIZE_ADDRESS__
    dies("A", 0, "more than its 64 MiB of memory");
#endif
}

/* A sandbox of its own: under load an honest child may take long too. */
static void test_stall(void **state)
{
    (void)state;
    struct sandbox *patient = sb;
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    int status;
    assert_int_equal(sandbox_start(mains, ARRAY_LEN(mains), &(struct sandbox_limits){.stall_seconds = 1}, &sb, &e), 0);
    assert_int_equal(sandbox_call(sb, 1, SLICE("Z"), SLICE_NONE, &out, &status, &e), -1);
    assert_non_null(strstr(e.text, "no progress for 1 s"));
    sandbox_stop(sb);
    sb = patient;
    buf_done(&out);
}

static void test_forbidden(void **state)
{
    (void)state;
    static const char *const calls[] = {"o", "f", "n", "x", "p", "k", "t"};
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        dies(calls[i], 0, "forbidden system call");
}

static void test_early_answer(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    uint8_t *bytes = xcalloc(1, 8 << 20);
    int status = 0;
    assert_int_equal(sandbox_call(sb, 1, SLICE("R"), slice_of(bytes, 8 << 20), &out, &status, &e), 0);
    assert_int_equal(status, 42);
    assert_true(slice_eq(buf_slice(&out), SLICE("early")));
    free(bytes);
    buf_done(&out);
}

static void test_small_output_buffer(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(3);
    struct err e = ERR_INIT;
    int status = 0;
    assert_int_equal(sandbox_call(sb, 0, SLICE("four"), SLICE_NONE, &out, &status, &e), -1);
    assert_non_null(strstr(e.text, "more than 3 bytes"));
    buf_done(&out);
}

static bool gone(pid_t pid)
{
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return true;
    bool read = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    const char *behind = strrchr(line, ')'); /* a zombie whom nobody waits for is as good as gone */
    return !read || (behind && behind[2] == 'Z');
}

static pid_t first_child(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f))
        line[0] = 0;
    if (f)
        fclose(f);
    line[strcspn(line, " \n")] = 0;
    uint64_t child = 0;
    slice_parse_u64(slice_str(line), &child);
    return (pid_t)child;
}

static bool waits_until_gone(pid_t pid)
{
    for (int i = 0; i < 500 && !gone(pid); i++)
        clock_sleep_ms(10);
    return gone(pid);
}

static void test_abort(void **state)
{
    (void)state;
    struct sandbox_run *r;
    struct err e = ERR_INIT;
    pid_t nursery = first_child(getpid()), child = 0;
    assert_true(nursery > 0);
    assert_int_equal(sandbox_open(sb, 1, SLICE("Z"), &r, &e), 0);
    for (int i = 0; i < 500 && !child; i++, clock_sleep_ms(2))
        child = first_child(nursery);
    assert_true(child > 0);
    sandbox_abort(r);
    assert_true(waits_until_gone(child));
    echo_works(10, SIZE_MAX);
}

/* The parent is killed: the nursery and a child that sleeps end. */
static void test_parent_killed(void **state)
{
    (void)state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox *mine;
        struct sandbox_run *r;
        if (sandbox_start(mains, 2, NULL, &mine, NULL) || sandbox_open(mine, 1, SLICE("Z"), &r, NULL))
            _exit(1);
        pid_t nursery = first_child(getpid()), child = 0;
        while (!child)
            child = first_child(nursery);
        pid_t told[2] = {nursery, child};
        (void)!write(ready[1], told, sizeof told);
        for (;;)
            pause();
    }
    pid_t told[2];
    assert_int_equal(read(ready[0], told, sizeof told), sizeof told);
    assert_false(gone(told[0]));
    assert_false(gone(told[1]));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(waits_until_gone(told[0]));
    assert_true(waits_until_gone(told[1]));
    close(ready[0]);
    close(ready[1]);
}

/* The one child of this process that is not the common sandbox's nursery. */
static pid_t other_child(pid_t common)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    FILE *f = fopen(path, "r");
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    struct slice rest = slice_str(line), word;
    while (slice_take_token(&rest, ' ', &word)) {
        uint64_t v;
        if (slice_parse_u64(slice_trim(word), &v) && (pid_t)v != common)
            return (pid_t)v;
    }
    return 0;
}

static void call_works(struct sandbox *s, struct slice input)
{
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    int status = -1;
    if (sandbox_call(s, 0, SLICE("a"), input, &out, &status, &e))
        fail_msg("%s", e.text);
    assert_int_equal(out.n, 1 + input.n);
    buf_done(&out);
}

static void says(struct sandbox *s, size_t which, const char *wanted)
{
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    int status;
    if (sandbox_call(s, which, SLICE_NONE, SLICE_NONE, &out, &status, &e))
        fail_msg("%s", e.text);
    assert_true(slice_eq_str(buf_slice(&out), wanted));
    buf_done(&out);
}

/* The nursery is killed alone: the run of that moment is lost for no fault of its input, and the next one works. */
static void test_nursery_killed(void **state)
{
    (void)state;
    struct sandbox *mine;
    struct sandbox_run *r;
    struct err e = ERR_INIT;
    struct buf out = BUF_INIT(4096);
    int status;
    pid_t common = first_child(getpid());
    assert_int_equal(sandbox_start(mains, ARRAY_LEN(mains), &(struct sandbox_limits){.prepare = prepare}, &mine, &e),
                     0);
    says(mine, 3, "value");
    says(mine, 4, "yes");
    assert_int_equal(sandbox_open(mine, 1, SLICE("Z"), &r, &e), 0);
    pid_t nursery = other_child(common);
    assert_true(nursery > 0);
    kill(nursery, SIGKILL);
    assert_int_equal(sandbox_finish(r, &out, &status, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_non_null(strstr(e.text, "nursery"));
    call_works(mine, SLICE("bytes"));
    assert_int_equal(sandbox_restarts(mine), 1);
    /* It is not a fork of this process, but the program anew: children know nothing that was learned since. */
    setenv("SECRET_OF_THE_PARENT", "s3cret", 1);
    assert_int_equal(sandbox_call(mine, 2, SLICE_NONE, SLICE_NONE, &out, &status, &e), 0);
    assert_int_equal(out.n, 0);
    unsetenv("SECRET_OF_THE_PARENT");
    says(mine, 3, "value");
    says(mine, 4, "yes");
    sandbox_stop(mine);
    buf_done(&out);
}

/* Nobody asks for a run: whoever looks after the sandbox has the nursery started again all the same. */
static void test_nursery_supervised(void **state)
{
    (void)state;
    struct sandbox *mine;
    struct err e = ERR_INIT;
    pid_t common = first_child(getpid());
    assert_int_equal(sandbox_start(mains, ARRAY_LEN(mains), NULL, &mine, &e), 0);
    pid_t first = other_child(common);
    assert_int_equal(sandbox_supervise(mine, &e), 0);
    assert_int_equal(other_child(common), first);
    kill(first, SIGKILL);
    while (!sandbox_restarts(mine)) {
        assert_int_equal(sandbox_supervise(mine, &e), 0);
        clock_sleep_ms(1);
    }
    pid_t second = other_child(common);
    assert_true(second > 0 && second != first);
    /* One that ends again at once is not started in a circle: it is told, with the reason and the wait. */
    kill(second, SIGKILL);
    for (int i = 0; i < 5000 && !sandbox_supervise(mine, &e); i++)
        clock_sleep_ms(1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_non_null(strstr(e.text, "SIGKILL"));
    assert_non_null(strstr(e.text, "2 times in a row"));
    assert_in_range(e.retry_after_ms, 1, 1000);
    struct sandbox_run *r;
    assert_int_equal(sandbox_open(mine, 0, SLICE_NONE, &r, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    for (int i = 0; i < 5000 && sandbox_supervise(mine, &e); i++)
        clock_sleep_ms(1);
    assert_int_equal(sandbox_restarts(mine), 2);
    call_works(mine, SLICE("bytes"));
    sandbox_stop(mine);
}

static void *echo_thread(void *arg)
{
    size_t n = *(size_t *)arg;
    for (size_t i = 0; i < 15; i++) {
        struct buf out = BUF_INIT((size_t)4 << 20);
        struct err e = ERR_INIT;
        int status;
        uint8_t *bytes = xmalloc(n);
        memset(bytes, (int)i, n);
        if (sandbox_call(sb, 0, SLICE_NONE, slice_of(bytes, n), &out, &status, &e) || out.n != n ||
            memcmp(out.p, bytes, n) != 0)
            BUG("%s", e.text);
        /* And one that dies meanwhile. */
        buf_clear(&out);
        if (sandbox_call(sb, 1, SLICE("E"), slice_of(bytes, n), &out, &status, &e) != -1)
            BUG("a dying child answered");
        free(bytes);
        buf_done(&out);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    static size_t sizes[] = {1, 1000, 131072, 1000000, 3000000};
    pthread_t threads[ARRAY_LEN(sizes)];
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, echo_thread, &sizes[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        pthread_join(threads[i], NULL);
}

/* Nothing is left open after hundreds of runs. */
static void test_descriptors(void **state)
{
    (void)state;
    int before = dup(0);
    close(before);
    for (size_t i = 0; i < 100; i++) {
        struct buf out = BUF_INIT(4096);
        int status;
        sandbox_call(sb, i % 2, SLICE("E"), SLICE("x"), &out, &status, NULL);
        buf_done(&out);
    }
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_deaths),
        cmocka_unit_test(test_stall),
        cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_early_answer),
        cmocka_unit_test(test_small_output_buffer),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_parent_killed),
        cmocka_unit_test(test_nursery_killed),
        cmocka_unit_test(test_nursery_supervised),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_descriptors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
