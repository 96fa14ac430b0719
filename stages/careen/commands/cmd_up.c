/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_up.c: careen up: all stages as child processes, kept running, with what they achieve on the screen. The
 * supervisor does none of the work and holds none of the state: killing it ends its children and loses nothing.
 */
#include "careen/command.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/terminal/text.h"
#include "careen/up/registry_trouble.h"
#include "careen/up/stage_list.h"
#include "careen/up/state_lock.h"
#include "careen/up/watching.h"
#include "io/http/httpd.h"
#include "io/text/json_tree.h"
#include "io/store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define STAGES_MAX       16
#define LOG_VALUES_MAX   1000 /* JSON values of one line of a log */
#define RESTART_MOST_MS  30000
#define END_MS           15000
#define GIVE_UP_AFTER    4     /* failures in a row, with --once */
#define LISTED_WITHIN_MS 60000 /* a registry that says nothing */

struct up_options {
    bool once;
    const char *discover_http, *publish_http, *hint, *passing;
};

static const struct config_option options[] = {
    {.name = "once",
     .kind = CONFIG_BOOL,
     .offset = offsetof(struct up_options, once),
     .help = "End after the first complete result: every image that a walk found is assessed."},
    {.name = "listen",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct up_options, discover_http),
     .value = "HOST:PORT",
     .help = "Where discover takes the registries' notifications: POST /notifications/HOST. Without it images are "
             "found by listing alone."},
    {.name = "api",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct up_options, publish_http),
     .value = "HOST:PORT",
     .help = "Where publish serves its API."},
    {.name = "hint",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct up_options, hint),
     .value = "TEXT",
     .internal = true,
     .help = "Shown once the first images are assessed: what to try next."},
    {.name = "passing",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct up_options, passing),
     .value = "DIR",
     .internal = true,
     .help = "Of scripts/run: the demo's folder, which goes when this ends, so that nothing points into it."},
};

struct child {
    const struct stage_def *def;
    pid_t pid;
    int64_t started_ms, restart_ms;
    unsigned failures;
    bool lived;    /* once, for long enough to be more than a bad start */
    uint64_t told; /* hash of what was said of its end */
};

struct up {
    const struct settings *s;
    const struct up_options *o;
    char *bus, *state, *logs, *bin;
    struct child children[STAGES_MAX];
    size_t n;
    struct watching *w;
    struct registry_trouble *trouble;
    int64_t began_ms, watched_ms;
    int lock; /* of the state folder, as long as this runs */
};

static atomic_bool stop;

static void on_signal(int sig)
{
    (void)sig;
    stop = true;
}

static char *own_folder(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return xstrdup(".");
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    return xstrdup(path);
}

/* True when nobody will find it there once this has ended. */
static bool passes(const struct up *u, const char *path)
{
    size_t n = u->o->passing ? strlen(u->o->passing) : 0;
    return n && strncmp(path, u->o->passing, n) == 0 && (!path[n] || path[n] == '/');
}

/* ---- children ---- */

/* True for flags of up itself; *ret_value tells whether the next word is its value. */
static bool own_flag(const char *word, bool *ret_value)
{
    static const char *const valued[] = {"--listen", "--api",   "--hint", "--passing",
                                         "--bus",    "--state", "--http", "--member"};
    *ret_value = false;
    if (strcmp(word, "--once") == 0 || strcmp(word, "--no-once") == 0 || strncmp(word, "--once=", 7) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(valued); i++) {
        size_t n = strlen(valued[i]);
        if (strncmp(word, valued[i], n) == 0 && (!word[n] || word[n] == '=')) {
            *ret_value = !word[n];
            return true;
        }
    }
    return false;
}

/*
 * The arguments of stages: up's flags except its own, then what up decides. The file and the environment reach them
 * anyway.
 */
static size_t child_args(struct up *u, const struct stage_def *def, char **argv, size_t max)
{
    size_t n = 0;
    bool value;
    argv[n++] = xasprintf("%s/%s", u->bin, def->name);
    for (char **a = command_argv; *a && n + 8 < max; a++) {
        if (!own_flag(*a, &value))
            argv[n++] = xstrdup(*a);
        else if (value && a[1])
            a++;
    }
    argv[n++] = xasprintf("--bus=%s", u->bus);
    argv[n++] = xasprintf("--state=%s", u->state);
    const char *http = strcmp(def->name, "discover") == 0  ? u->o->discover_http
                       : strcmp(def->name, "publish") == 0 ? u->o->publish_http
                                                           : NULL;
    /* The file's or the environment's would be one address for all of them. */
    argv[n++] = xasprintf("--http=%s", http ? http : "");
    argv[n] = NULL;
    return n;
}

/* In the child, with the signals that end it blocked: one that came since the fork ends it here. */
static void become_stage(char **argv, pid_t parent, int log, const sigset_t *unblocked)
{
    /* A supervisor that dies takes its children along; they lose nothing. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0);
    dup2(log, STDERR_FILENO);
    dup2(log, STDOUT_FILENO);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    sigprocmask(SIG_SETMASK, unblocked, NULL);
    execv(argv[0], argv);
    fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static int start_child(struct up *u, struct child *c, struct err *e)
{
    char *argv[256];
    sigset_t ends, before;
    size_t n = child_args(u, c->def, argv, ARRAY_LEN(argv));
    char *log ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.log", u->logs, c->def->name);
    int fd = open(log, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    /* Until it is another program the child has this one's handlers, which would swallow what is to end it. */
    sigprocmask(SIG_BLOCK, &ends, &before);
    pid_t parent = getpid(), pid = fd < 0 ? -1 : fork();
    if (pid == 0)
        become_stage(argv, parent, fd, &before);
    int errnum = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    for (size_t i = 0; i < n; i++)
        free(argv[i]);
    cleanup_close(&fd);
    if (pid < 0)
        return err_errno(e, ERR_FATAL, errnum, "cannot start %s (log %s)", c->def->name, log);
    c->pid = pid;
    c->started_ms = clock_mono_ms();
    return 0;
}

/*
 * What went wrong according to a line of a log: the reason of a warning or an error, or a usage text as it is;
 * otherwise nothing.
 */
static bool wrong_words(struct slice line, struct buf *out)
{
    if (!line.n || slice_starts(line, SLICE("Run ")))
        return false;
    if (line.p[0] != '{') {
        buf_add_slice(out, slice_sub(line, 0, 600));
        return true;
    }
    json_t *j ATTR_CLEANUP(cleanup_json) = NULL;
    json_tree_read(line, line.n, LOG_VALUES_MAX, &j, NULL);
    const char *level = json_string_value(json_object_get(j, "level")),
               *reason = json_string_value(json_object_get(j, "reason"));
    bool wrong = level && reason && (strcmp(level, "warn") == 0 || strcmp(level, "error") == 0);
    if (wrong)
        buf_add_str(out, reason);
    return wrong;
}

/* The last thing that a child's log says went wrong. */
static void last_words(struct up *u, const char *stage, struct buf *out)
{
    char *log ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.log", u->logs, stage);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(log, "r");
    char tail[8192];
    if (!f || fseek(f, 0, SEEK_END))
        return;
    long size = ftell(f);
    if (size < 0 || fseek(f, MAX(size - (long)sizeof tail, 0), SEEK_SET))
        return;
    struct slice rest = slice_of(tail, fread(tail, 1, sizeof tail, f)), line;
    while (slice_take_line(&rest, &line)) {
        struct buf words = BUF_INIT(4096);
        if (wrong_words(line, &words)) {
            buf_clear(out);
            buf_add_slice(out, buf_slice(&words));
        }
        buf_done(&words);
    }
}

/* Says it once for each new reason, however often the child is started again. */
static void tell_end(struct up *u, struct child *c, int status)
{
    struct buf line = BUF_INIT(8192), words = BUF_INIT(4096);
    if (WIFSIGNALED(status)) {
        buf_addf(&line, "%s was ended by signal %d; it is started again and goes on where it was", c->def->name,
                 WTERMSIG(status));
    } else {
        last_words(u, c->def->name, &words);
        buf_addf(&line, "%s ended: %s", c->def->name, words.n ? buf_cstr(&words) : "its log does not say why");
    }
    if (hash64(buf_slice(&line)) != c->told)
        watching_line(u->w, buf_slice(&line));
    c->told = hash64(buf_slice(&line));
    buf_done(&line);
    buf_done(&words);
}

/* -1 when a child ended in a way that starting it again can't mend. */
static int child_ended(struct up *u, struct child *c, int status, struct err *e)
{
    int64_t lived = clock_mono_ms() - c->started_ms;
    c->pid = 0;
    tell_end(u, c, status);
    c->failures = lived > RESTART_MOST_MS ? 0 : c->failures + 1;
    c->lived |= lived > RESTART_MOST_MS;
    c->restart_ms = clock_mono_ms() + MIN((int64_t)100 << MIN(c->failures, 9u), RESTART_MOST_MS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_USAGE)
        return err_set(e, ERR_USAGE, 0, "%s does not accept its settings, as said above", c->def->name);
    /* One that never ran has a reason that stays; one that did is waited for, unless this is to end anyway. */
    bool never = !c->lived && WIFEXITED(status) && clock_mono_ms() - u->began_ms > RESTART_MOST_MS;
    if (c->failures < GIVE_UP_AFTER || !(u->o->once || never))
        return 0;
    err_set(e, ERR_FATAL, 0, "%s can't run, as said above", c->def->name);
    return passes(u, u->logs) ? -1 : err_set(e, e->kind, 0, "%s; its log is %s/%s.log", e->text, u->logs, c->def->name);
}

static int reap(struct up *u, struct err *e)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < u->n; i++)
            if (u->children[i].pid == pid && child_ended(u, &u->children[i], status, e))
                return -1;
    return 0;
}

static int restart_due(struct up *u, struct err *e)
{
    for (size_t i = 0; i < u->n; i++)
        if (!u->children[i].pid && clock_mono_ms() >= u->children[i].restart_ms && start_child(u, &u->children[i], e))
            return -1;
    return 0;
}

static void end_children(struct up *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->children[i].pid)
            kill(u->children[i].pid, SIGTERM);
    for (int64_t until = clock_mono_ms() + END_MS; clock_mono_ms() < until;) {
        bool any = false;
        for (size_t i = 0; i < u->n; i++) {
            struct child *c = &u->children[i];
            if (c->pid && waitpid(c->pid, NULL, WNOHANG) == c->pid)
                c->pid = 0;
            any |= c->pid != 0;
        }
        if (!any)
            return;
        clock_sleep_ms(10);
    }
    for (size_t i = 0; i < u->n; i++)
        if (u->children[i].pid) {
            kill(u->children[i].pid, SIGKILL);
            waitpid(u->children[i].pid, NULL, 0);
        }
}

/* ---- the run ---- */

static int make_topics(struct up *u, struct err *e)
{
    struct bus *b;
    uint32_t partitions;
    struct bus_options o = {.client = "careen",
                            .kafka_keys = u->s->kafka.keys,
                            .kafka_values = u->s->kafka.values,
                            .kafka_n = u->s->kafka.n};
    if (bus_open(u->bus, &o, &b, e))
        return -1;
    int rc = bus_topics_create(b, (uint32_t)u->s->partitions, e);
    if (!rc)
        rc = bus_topics_check(b, &partitions, e);
    bus_close(b);
    return rc;
}

static void show_results(struct up *u)
{
    char *careen ATTR_CLEANUP(cleanup_free) = xasprintf("%s/careen", u->bin);
    bool stays = !u->o->once || !passes(u, u->state);
    watching_results(u->w, stays ? careen : NULL, u->s->feeds_dir && passes(u, u->s->feeds_dir));
    struct buf line = BUF_INIT(8192);
    if (u->o->publish_http && !u->o->once)
        buf_addf(&line, "API         http://%s/api/v1/recommendations\n", u->o->publish_http);
    if (stays)
        buf_addf(&line, "Logs        %s\n", u->logs);
    text_write(STDOUT_FILENO, buf_slice(&line));
    buf_done(&line);
    if (u->o->once)
        return;
    if (u->o->hint)
        watching_line(u->w, slice_str(u->o->hint));
    watching_line(u->w, SLICE("Watching; Ctrl-C ends it."));
}

static void tell_trouble(void *arg, struct slice line)
{
    struct up *u = arg;
    watching_line(u->w, line);
}

/*
 * A registry that can't be listed beside others that can: what is shown is not everything. A cluster that can't be
 * asked: nobody knows what runs there.
 */
static int check_sources(struct up *u, struct err *e)
{
    struct buf registries = BUF_INIT(2048), clusters = BUF_INIT(2048), words = BUF_INIT(8192);
    size_t n = registry_trouble_failing(u->trouble, &registries), m = registry_trouble_clusters(u->trouble, &clusters);
    if (n)
        buf_addf(&words, "%zu of %zu registries can't be listed: %s", n, u->s->registries.n, buf_cstr(&registries));
    if (m)
        buf_addf(&words, "%sthe pods of %zu of %zu clusters can't be read: %s", n ? "; " : "", m, u->s->clusters.n,
                 buf_cstr(&clusters));
    int rc = words.n && u->o->once ? err_set(e, ERR_PARTIAL, 0, "%s", buf_cstr(&words)) : 0;
    buf_done(&registries);
    buf_done(&clusters);
    buf_done(&words);
    return rc;
}

static int first_result(struct up *u, struct err *e)
{
    if (watching_found(u->w)) {
        show_results(u);
        return check_sources(u, e);
    }
    struct buf words = BUF_INIT(4096);
    registry_trouble_failing(u->trouble, &words);
    err_set(e, ERR_NOT_FOUND, 0, "no image was found: %s",
            words.n ? buf_cstr(&words) : "the registry's catalogue is empty, or this login may not list it");
    buf_done(&words);
    if (u->o->once)
        return -1;
    watching_line(u->w, slice_str(e->text));
    return 0;
}

/* A registry or a cluster that answers nothing at all does not hold the others' results for ever. */
static bool all_listed(const struct up *u)
{
    return !registry_trouble_waiting(u->trouble) || clock_mono_ms() - u->watched_ms > LISTED_WITHIN_MS;
}

static int watch(struct up *u, struct err *e)
{
    bool told = false;
    while (!stop) {
        if (reap(u, e) || restart_due(u, e) || watching_poll(u->w, 100, e))
            return -1;
        registry_trouble_poll(u->trouble, tell_trouble, u);
        if (told || !watching_settled(u->w) || !all_listed(u))
            continue;
        if (first_result(u, e))
            return -1;
        told = true;
        if (u->o->once)
            return 0;
    }
    return 0;
}

static void say_places(struct up *u)
{
    struct buf line = BUF_INIT(8192);
    if (u->o->once && passes(u, u->state))
        return;
    buf_addf(&line, "State and logs: %s   Bus: %s", u->state, u->bus);
    if (u->o->publish_http && !u->o->once)
        buf_addf(&line, "   API: http://%s/api/v1/status", u->o->publish_http);
    watching_line(u->w, buf_slice(&line));
    buf_done(&line);
}

/* Each port is asked for before anything starts: a stage without its own would leave a half that looks whole. */
static int check_ports(struct up *u, struct err *e)
{
    const struct {
        const char *flag, *address;
    } all[] = {{"--listen", u->o->discover_http}, {"--api", u->o->publish_http}};
    const char *listens[ARRAY_LEN(all)];
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (httpd_can_listen(&all[i].address, 1, e))
            return err_wrap(e, "%s", all[i].flag);
        else
            listens[i] = all[i].address;
    return httpd_can_listen(listens, ARRAY_LEN(all), e) ? err_wrap(e, "--listen and --api together") : 0;
}

static int go(struct up *u, struct err *e)
{
    /* Before the ports: whoever has the folder has them too. What can't start makes no folder. */
    if (state_lock(u->state, &u->lock, e) || check_ports(u, e) || store_make_dirs(u->logs, e) ||
        (u->lock < 0 && state_lock(u->state, &u->lock, e)) || make_topics(u, e))
        return -1;
    struct settings seen = *u->s;
    seen.bus = u->bus;
    if (watching_open(&seen, &u->w, e))
        return -1;
    say_places(u);
    char *log ATTR_CLEANUP(cleanup_free) = xasprintf("%s/discover.log", u->logs);
    u->trouble = registry_trouble_open(log, u->s);
    u->watched_ms = clock_mono_ms();
    for (size_t i = 0; stage_list[i]; i++) {
        u->children[u->n].def = stage_list[i];
        if (start_child(u, &u->children[u->n++], e))
            return -1;
    }
    return watch(u, e);
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct up u = {.s = s, .o = own, .began_ms = clock_mono_ms(), .lock = -1};
    struct err e = ERR_INIT;
    struct sigaction sa = {.sa_handler = on_signal};
    (void)args;
    if (n)
        return command_usage("up", "it takes no arguments");
    if (!s->registries.n)
        return command_usage("up", "no registry to watch: --registry HOST, or registries: in the file that --config "
                                   "names; scripts/run shows a demo");
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    u.state = xstrdup(s->state);
    u.bus = xstrdup(s->bus);
    u.logs = xasprintf("%s/logs", u.state);
    u.bin = own_folder();
    int rc = go(&u, &e);
    end_children(&u);
    cleanup_close(&u.lock);
    watching_close(u.w);
    registry_trouble_close(u.trouble);
    free(u.state);
    free(u.bus);
    free(u.logs);
    free(u.bin);
    return rc ? command_failed("up", &e) : 0;
}

const struct command command_up = {
    .name = "up",
    .arguments = "--registry HOST [options]",
    .summary = "run every stage on this machine and watch",
    .about = "Starts all stages, keeps them running, shows what they find. Without --bus they talk through a durable "
             "log in the\n"
             "state folder (--state; by default ~/.local/share/careen); nothing has to be installed. Ctrl-C ends it; "
             "started\n"
             "again, it goes on where it was. One state folder serves one careen up at a time. The other commands look "
             "in the\n"
             "same folder by themselves.\n\n"
             "    careen up --registry registry.example --listen 127.0.0.1:8081 --api 127.0.0.1:8080\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct up_options),
    .uses_settings = true,
    .run = run,
};
