/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: kinds, sources and their order, refusals with the nearest name, secrets, help, dump. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/config/config.h"

struct registry {
    const char *host, *username, *password, *password_file;
    bool plain_http;
    int64_t concurrency;
    double rate;
    struct config_strings repositories;
};
struct settings {
    const char *bus, *state_dir, *level, *token;
    int64_t workers, window, cache;
    bool color, quiet;
    double ratio;
    struct config_strings registry;
    struct config_pairs kafka;
    struct config_items registries;
};
struct other {
    int64_t port;
};

#define O(member) offsetof(struct settings, member)
#define R(member) offsetof(struct registry, member)
static const char *const levels[] = {"debug", "info", "warn", NULL};
static const struct config_option registry_options[] = {
    {.name = "host", .kind = CONFIG_STRING, .offset = R(host), .help = "Host and port."},
    {.name = "username", .kind = CONFIG_STRING, .offset = R(username), .help = "Who."},
    {.name = "password", .kind = CONFIG_STRING, .offset = R(password), .secret = true, .help = "What they know."},
    {.name = "password_file", .kind = CONFIG_STRING, .offset = R(password_file), .value = "FILE", .help = "Or where."},
    {.name = "plain_http", .kind = CONFIG_BOOL, .offset = R(plain_http), .help = "Without TLS."},
    {.name = "concurrency",
     .kind = CONFIG_INT,
     .offset = R(concurrency),
     .fallback = "4",
     .min = 1,
     .max = 64,
     .help = "Pulls at a time."},
    {.name = "rate", .kind = CONFIG_DOUBLE, .offset = R(rate), .fallback = "2.5", .help = "Requests a second."},
    {.name = "repositories", .kind = CONFIG_STRINGS, .offset = R(repositories), .help = "Only these."},
};
static const struct config_option options[] = {
    {.name = "bus",
     .kind = CONFIG_STRING,
     .offset = O(bus),
     .fallback = "embedded:./careen",
     .value = "URL",
     .help = "Where the topics are: kafka://host:9092,host:9092, or embedded:DIR for one machine without a broker."},
    {.name = "state-dir",
     .kind = CONFIG_STRING,
     .offset = O(state_dir),
     .value = "DIR",
     .help = "Where state is kept."},
    {.name = "log.level",
     .kind = CONFIG_STRING,
     .offset = O(level),
     .fallback = "info",
     .choices = levels,
     .help = "The least that is logged."},
    {.name = "token", .kind = CONFIG_STRING, .offset = O(token), .secret = true, .help = "A secret."},
    {.name = "workers",
     .kind = CONFIG_INT,
     .offset = O(workers),
     .fallback = "2",
     .min = 1,
     .max = 99,
     .help = "Threads."},
    {.name = "match.window",
     .kind = CONFIG_DURATION,
     .offset = O(window),
     .fallback = "90d",
     .min = 1000,
     .max = INT64_MAX,
     .help = "How far back."},
    {.name = "cache",
     .kind = CONFIG_SIZE,
     .offset = O(cache),
     .fallback = "64MiB",
     .max = INT64_C(1) << 40,
     .help = "How much is kept."},
    {.name = "color", .kind = CONFIG_BOOL, .offset = O(color), .fallback = "true", .help = "Print colours."},
    {.name = "quiet", .kind = CONFIG_BOOL, .offset = O(quiet), .help = "Say less."},
    {.name = "ratio",
     .kind = CONFIG_DOUBLE,
     .offset = O(ratio),
     .fallback = "0.5",
     .min = 0,
     .max = 1,
     .help = "A share."},
    {.name = "registry", .kind = CONFIG_STRINGS, .offset = O(registry), .value = "HOST", .help = "A registry."},
    {.name = "kafka", .kind = CONFIG_PAIRS, .offset = O(kafka), .secret = true, .help = "For librdkafka."},
    {.name = "registries",
     .kind = CONFIG_ITEMS,
     .offset = O(registries),
     .help = "Registries with their ways.",
     .items = registry_options,
     .items_n = ARRAY_LEN(registry_options),
     .items_size = sizeof(struct registry)},
};
static const struct config_option other_options[] = {
    {.name = "publish.port", .kind = CONFIG_INT, .min = 1, .max = 65535, .help = "Not ours."}};

static struct settings s;
static const struct config_set sets[] = {
    {"Options", options, ARRAY_LEN(options), &s, sizeof s, NULL},
    {"Others", other_options, ARRAY_LEN(other_options), NULL, sizeof(struct other), NULL},
};
static struct config *c;
static struct err e;

static int setup(void **state)
{
    (void)state;
    c = NULL;
    e = ERR_INIT;
    return 0;
}

static const char *const commands_options[] = {"api",  "fail-on", "fail-on-partial", "listen",
                                               "once", "only",    "platform"};
static const char *const variables[] = {"BIN", "SHARED", "KAFKA-DIR", "LONG-TESTS", "TEST-", "CRASH-AT", "UNTIL-IDLE"};
static const struct config_known known = {.options = commands_options,
                                          .options_n = ARRAY_LEN(commands_options),
                                          .variables = variables,
                                          .variables_n = ARRAY_LEN(variables)};

static int teardown(void **state)
{
    (void)state;
    config_free(c);
    return 0;
}

static int load_all(const char *const *argv, const char *const *environment)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    config_free(c);
    c = NULL;
    e = ERR_INIT;
    return config_load(sets, ARRAY_LEN(sets), &known, argc, argv, environment, &c, &e);
}
/* clang-format off */
#define ARGS(...) ((const char *[]){__VA_ARGS__, NULL})
/* clang-format on */
#define NO_ARGS ((const char *[]){NULL})

static int load_yaml(const char *yaml)
{
    config_free(c);
    c = NULL;
    e = ERR_INIT;
    return config_load_text(sets, ARRAY_LEN(sets), &known, "careen.yaml", slice_str(yaml), &c, &e);
}

static void ok(int rc)
{
    if (rc)
        fail_msg("%s", e.text);
}

static void refused(int rc, const char *text)
{
    assert_int_equal(rc, -1);
    assert_null(c);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_string_equal(e.text, text);
}

static void test_defaults(void **state)
{
    (void)state;
    memset(&s, 0xA5, sizeof s);
    ok(load_all(NO_ARGS, NULL));
    assert_string_equal(s.bus, "embedded:./careen");
    assert_null(s.state_dir);
    assert_string_equal(s.level, "info");
    assert_true(s.workers == 2 && s.window == INT64_C(90) * 86400000 && s.cache == 64 << 20 && s.color && !s.quiet);
    assert_true(s.ratio > 0.49 && s.ratio < 0.51 && !s.registry.n && !s.kafka.n && !s.registries.n);
    assert_string_equal(config_origin(c, "bus"), "default");
    assert_null(config_origin(c, "no-such"));
    assert_int_equal(config_asked(c), CONFIG_RUN);
}

static void test_flags(void **state)
{
    size_t n;
    (void)state;
    ok(load_all(ARGS("--bus", "kafka://k:9092", "scan", "--workers=7", "--no-color", "--quiet", "--registry", "a,b",
                     "--registry=c", "-", "--match-window", "1h", "--log_level=debug", "--kafka", "x=1=2",
                     "--kafka=y=", "--", "--bus", "z"),
                NULL));
    assert_string_equal(s.bus, "kafka://k:9092");
    assert_true(s.workers == 7 && !s.color && s.quiet && s.window == 3600000);
    assert_string_equal(s.level, "debug");
    assert_int_equal(s.registry.n, 2);
    assert_string_equal(s.registry.v[0], "a,b");
    assert_string_equal(s.registry.v[1], "c");
    assert_int_equal(s.kafka.n, 2);
    assert_string_equal(s.kafka.values[0], "1=2");
    assert_string_equal(s.kafka.values[1], "");
    const char *const *args = config_args(c, &n);
    assert_int_equal(n, 4);
    assert_string_equal(args[0], "scan");
    assert_string_equal(args[1], "-");
    assert_string_equal(args[2], "--bus");
    assert_string_equal(args[3], "z");
    assert_string_equal(config_origin(c, "match.window"), "--match-window");
    ok(load_all(ARGS("--quiet=no", "--color=off"), NULL));
    assert_true(!s.quiet && !s.color);
}

static void test_flag_refusals(void **state)
{
    (void)state;
    refused(load_all(ARGS("--regsitry", "x"), NULL), "unknown option --regsitry; did you mean --registry?");
    refused(load_all(ARGS("--regsitry=x"), NULL), "unknown option --regsitry; did you mean --registry?");
    refused(load_all(ARGS("--zzzzzzzz"), NULL), "unknown option --zzzzzzzz");
    refused(load_all(ARGS("-x"), NULL), "unknown option -x; long options begin with --, and --help lists them");
    refused(load_all(ARGS("--bus"), NULL), "--bus needs a value: --bus=URL");
    refused(load_all(ARGS("--bus", "--quiet"), NULL), "--bus needs a value: --bus=URL");
    refused(load_all(ARGS("--no-bus"), NULL), "unknown option --no-bus");
    refused(load_all(ARGS("--workers", "many"), NULL), "--workers: \"many\" is not a whole number");
    refused(load_all(ARGS("--workers", "100"), NULL), "--workers: 100 is not between 1 and 99");
    refused(load_all(ARGS("--match.window", "5"), NULL),
            "--match.window: \"5\" is not a duration like 500ms, 90s, 15m, 1h30m or 7d");
    refused(load_all(ARGS("--match.window", "5ms"), NULL), "--match.window: 5ms is less than 1s");
    refused(load_all(ARGS("--cache=1X"), NULL), "--cache: \"1X\" is not a size like 4096, 64KiB, 64MiB or 2GiB");
    refused(load_all(ARGS("--log.level=loud"), NULL), "--log.level: \"loud\" is not one of debug, info, warn");
    refused(load_all(ARGS("--ratio=2"), NULL), "--ratio: 2 is not between 0 and 1");
    refused(load_all(ARGS("--quiet=maybe"), NULL), "--quiet: \"maybe\" is not true or false");
    refused(load_all(ARGS("--kafka=x"), NULL), "--kafka: the value is not key=value");
    refused(load_all(ARGS("--registries=x"), NULL),
            "--registries is a list of maps: set registries in the configuration file");
    refused(load_all(ARGS("--publish.port=80"), NULL), /* another program's */
            "--publish.port is not an option of this command; the configuration file and the environment may hold it");
    refused(load_all(ARGS("x"), ARGS("CAREEN_PUBLISH_PORT=0")), "CAREEN_PUBLISH_PORT: 0 is not between 1 and 65535");
}

static void test_environment(void **state)
{
    static const char *const environment[] = {"PATH=/bin",
                                              "CAREEN_BUS=b",
                                              "CAREEN_MATCH_WINDOW=2d",
                                              "CAREEN_REGISTRY=x, y",
                                              "CAREEN_KAFKA=k=v",
                                              "CAREEN_BIN=/x",
                                              "CAREEN_SHARED=/y",
                                              "CAREEN_SOMETHING_ELSE=1",
                                              "CAREEN_STATE_DIR=/s",
                                              "CAREEN_PUBLISH_PORT=80",
                                              "CAREENER=1",
                                              "CAREEN_API=127.0.0.1:1",
                                              "CAREEN_FAIL_ON=high",
                                              "CAREEN_KAFKA_DIR=/k",
                                              "CAREEN_LONG_TESTS=1",
                                              "CAREEN_TEST_CLOCK=9",
                                              "CAREEN_CRASH_AT=here",
                                              "CAREEN_UNTIL_IDLE=1",
                                              NULL};
    size_t n;
    (void)state;
    ok(load_all(ARGS("--registry=z", "--kafka=l=w"), environment));
    assert_string_equal(s.bus, "b");
    assert_string_equal(s.state_dir, "/s");
    assert_int_equal(s.window, 2 * 86400000);
    assert_int_equal(s.registry.n, 1); /* a flag's list replaces the environment's */
    assert_int_equal(s.kafka.n, 2);    /* pairs come together */
    const char *const *warnings = config_warnings(c, &n);
    assert_int_equal(n, 1);
    assert_string_equal(warnings[0], "environment: CAREEN_SOMETHING_ELSE is not an option of this program");
    assert_string_equal(config_origin(c, "bus"), "CAREEN_BUS");
    ok(load_all(NO_ARGS, environment));
    assert_int_equal(s.registry.n, 2);
    assert_string_equal(s.registry.v[1], "y");
    refused(load_all(NO_ARGS, ARGS("CAREEN_STAET_DIR=/s")),
            "environment: unknown CAREEN_STAET_DIR; did you mean CAREEN_STATE_DIR?");
    refused(load_all(NO_ARGS, ARGS("CAREEN_WORKERS=x")), "CAREEN_WORKERS: \"x\" is not a whole number");
}

static const char full_yaml[] = "# a comment\n"
                                "bus: kafka://k:9092\n"
                                "match:\n"
                                "  window: 30d\n"
                                "log.level: warn\n"
                                "state_dir: ~\n"
                                "workers: 5\n"
                                "color: no\n"
                                "registry: [one, 'two,three']\n"
                                "kafka:\n"
                                "  sasl.username: me\n"
                                "  sasl.password: '@/run/secret'\n"
                                "registries:\n"
                                "  - localhost:5000\n"
                                "  - host: ghcr.io\n"
                                "    username: bob\n"
                                "    password: hunter2\n"
                                "    plain-http: true\n"
                                "    concurrency: 9\n"
                                "    repositories:\n"
                                "      - a\n"
                                "      - b\n"
                                "publish: {port: 8080}\n";

static void test_yaml(void **state)
{
    (void)state;
    ok(load_yaml(full_yaml));
    assert_string_equal(s.bus, "kafka://k:9092");
    assert_int_equal(s.window, INT64_C(30) * 86400000);
    assert_string_equal(s.level, "warn");
    assert_null(s.state_dir);
    assert_true(s.workers == 5 && !s.color);
    assert_int_equal(s.registry.n, 2);
    assert_string_equal(s.registry.v[1], "two,three");
    assert_int_equal(s.kafka.n, 2);
    assert_string_equal(s.kafka.keys[1], "sasl.password");
    assert_int_equal(s.registries.n, 2);
    const struct registry *r = s.registries.v;
    assert_string_equal(r[0].host, "localhost:5000");
    assert_true(r[0].concurrency == 4 && r[0].rate > 2.4 && !r[0].username && !r[0].plain_http);
    assert_string_equal(r[1].password, "hunter2");
    assert_true(r[1].plain_http && r[1].concurrency == 9 && r[1].repositories.n == 2);
    assert_string_equal(config_origin(c, "match.window"), "careen.yaml:4");
    for (const char *const *empty = ARGS("", "# nothing\n", "---\n", "~\n", "{}\n", "match:\n"); *empty; empty++)
        ok(load_yaml(*empty));
    assert_int_equal(s.workers, 2);
}

/* One file for every program: what is an option of another is passed over, whatever its value. */
static void test_yaml_of_others(void **state)
{
    (void)state;
    ok(load_yaml("listen: 127.0.0.1:8081\napi: ~\nonce: true\nworkers: 7\n"));
    assert_int_equal(s.workers, 7);
    ok(load_yaml("only: [a, {b: [c]}, d]\nfail: {on: {e: f}, on-partial: [[g]]}\nplatform: {}\nbus: after\n"));
    assert_string_equal(s.bus, "after");
    assert_null(config_origin(c, "only"));
    refused(load_yaml("lisetn: x\n"), "careen.yaml:1: unknown key lisetn; did you mean listen?");
    refused(load_yaml("listen: *x\n"), "careen.yaml:1: aliases (*name) are not supported: write the value again");
    refused(load_yaml("only: [[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]\n"), "careen.yaml:1: too many levels");
    refused(load_all(NO_ARGS, ARGS("CAREEN_LISTNE=x")),
            "environment: unknown CAREEN_LISTNE; did you mean CAREEN_LISTEN?");
    refused(load_all(ARGS("--api=x"), NULL), "unknown option --api");
}

static void test_yaml_refusals(void **state)
{
    (void)state;
    refused(load_yaml("\nregistres:\n  - x\n"), "careen.yaml:2: unknown key registres; did you mean registries?");
    refused(load_yaml("match: {windoww: 1d}"), "careen.yaml:1: unknown key match.windoww; did you mean match.window?");
    refused(load_yaml("registries:\n- host: x\n  pasword: y\n"),
            "careen.yaml:3: unknown key of registries: pasword; did you mean password?");
    refused(load_yaml("registries:\n- host: x\n  host: y\n"), "careen.yaml:3: host is there twice");
    refused(load_yaml("registries: x\n"),
            "careen.yaml:1: registries is a list: each item on a line that begins with -");
    refused(load_yaml("registries:\n- [x]\n"), "careen.yaml:2: registries: each item is a map that begins with host");
    refused(load_yaml("registries:\n- concurrency: 0\n"), "careen.yaml:2: concurrency: 0 is not between 1 and 64");
    refused(load_yaml("bus: a\nbus: b\n"), "careen.yaml:2: bus is there twice, first at careen.yaml:1");
    refused(load_yaml("bus: [a]\n"), "careen.yaml:1: bus has one value, not a list");
    refused(load_yaml("workers: {a: b}\n"), "careen.yaml:1: workers has one value, not a map");
    refused(load_yaml("match: 7\n"), "careen.yaml:1: a group of options is a map");
    refused(load_yaml("registry: [[a]]\n"), "careen.yaml:1: registry: each item is one text");
    refused(load_yaml("kafka: x\n"), "careen.yaml:1: kafka is a map of key: value");
    refused(load_yaml("kafka: {a: [b]}\n"), "careen.yaml:1: kafka.a: the value is one text");
    refused(load_yaml("bus: &x a\nstate-dir: *x\n"),
            "careen.yaml:2: aliases (*name) are not supported: write the value again");
    refused(load_yaml("bus: !!str a\n"), "careen.yaml:1: tags (!name) are not supported");
    refused(load_yaml("bus: a\n---\nbus: b\n"), "careen.yaml:2: only one document (---) is read");
    refused(load_yaml("- a\n"), "careen.yaml:1: the file is not a map of option: value");
    refused(load_yaml("[a]: b\n"), "careen.yaml:1: a key must be a word");
    refused(load_yaml("bus: \"a\\0b\"\n"), "careen.yaml:1: bus: \"text with a NUL byte\" is not allowed");
    assert_int_equal(load_yaml("bus: 'open\n"), -1);
    assert_ptr_equal(strstr(e.text, "careen.yaml:"), e.text);
    assert_int_equal(load_yaml("\tbus: a\n"), -1);
    assert_int_equal(load_yaml("bus: \xFF\n"), -1);
}

static void test_yaml_depth(void **state)
{
    struct buf deep = BUF_INIT(1 << 20);
    (void)state;
    buf_add_str(&deep, "match: ");
    for (int i = 0; i < 5000; i++)
        buf_add_str(&deep, "{match: ");
    assert_int_equal(load_yaml(buf_cstr(&deep)), -1);
    buf_clear(&deep);
    buf_add_str(&deep, "registry:\n");
    for (int i = 0; i < 100001; i++)
        buf_add_str(&deep, "- a\n");
    assert_int_equal(load_yaml(buf_cstr(&deep)), -1);
    assert_non_null(strstr(e.text, "too many parts"));
    buf_done(&deep);
}

static void test_secrets_not_told(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1 << 16);
    ok(load_yaml("token: tell-nobody\nkafka: {sasl.password: tell-nobody}\n"
                 "registries: [{host: h, password: tell-nobody}]\n"));
    config_dump(c, &out);
    assert_null(strstr(buf_cstr(&out), "tell-nobody"));
    assert_non_null(strstr(buf_cstr(&out), "token: (hidden)  # careen.yaml:1\n"));
    assert_non_null(strstr(buf_cstr(&out), "\n  sasl.password: \"(hidden)\"\n"));
    assert_non_null(strstr(buf_cstr(&out), "\n    password: (hidden)\n"));
    assert_int_equal(load_all(ARGS("--kafka=tell-nobody"), NULL), -1);
    assert_null(strstr(e.text, "tell-nobody"));
    buf_done(&out);
}

/* A dump without secrets, read again, gives the same dump but for the origins. */
static void strip_origins(struct buf *dump)
{
    struct buf bare = BUF_INIT(1 << 16);
    struct slice rest = buf_slice(dump), line;
    while (slice_take_line(&rest, &line)) {
        ptrdiff_t at = slice_find_slice(line, SLICE("  # "));
        buf_add_slice(&bare, at < 0 ? line : slice_of(line.p, (size_t)at));
        buf_add_byte(&bare, '\n');
    }
    buf_clear(dump);
    buf_add_slice(dump, buf_slice(&bare));
    buf_done(&bare);
}

static void test_dump_reads_back(void **state)
{
    struct buf first = BUF_INIT(1 << 16), second = BUF_INIT(1 << 16);
    (void)state;
    ok(load_yaml(
        "bus: 'a: b #c'\nstate-dir: \"tab\\there \\\"q\\\"\\u0085\\L\"\nmatch.window: 36h\ncache: 3MiB\nratio: 0.25\n"
        "registry: ['', 'true', '- x', '*y', '{z}', gr\xC3\xBC\xC3\x9F"
        "e]\nregistries: [h, {host: i, username: ': '}]\n"));
    config_dump(c, &first);
    assert_non_null(strstr(buf_cstr(&first), "match.window: 36h  # careen.yaml:3\n"));
    assert_non_null(strstr(buf_cstr(&first), "cache: 3MiB  # careen.yaml:4\n"));
    assert_non_null(strstr(buf_cstr(&first), "workers: 2  # default\n"));
    assert_null(strstr(buf_cstr(&first), "publish"));
    ok(load_yaml(buf_cstr(&first)));
    assert_string_equal(s.bus, "a: b #c");
    assert_string_equal(s.state_dir, "tab\there \"q\"\xC2\x85\xE2\x80\xA8");
    assert_string_equal(s.registry.v[3], "*y");
    config_dump(c, &second);
    strip_origins(&first);
    strip_origins(&second);
    assert_string_equal(buf_cstr(&first), buf_cstr(&second));
    buf_done(&first);
    buf_done(&second);
}

static char folder[64];

static const char *write_file(const char *name, const char *text)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static int setup_folder(void **state)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/config-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? setup(state) : -1;
}

static int teardown_folder(void **state)
{
    static const char *const names[] = {"careen.yaml", "secret"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder) || teardown(state);
}

static void test_order_of_sources(void **state)
{
    (void)state;
    const char *path = write_file("careen.yaml", "bus: file\nworkers: 3\ncache: 1MiB\nregistry: [f]\n");
    char variable[160];
    snprintf(variable, sizeof variable, "CAREEN_CONFIG=%s", path);
    const char *const environment[] = {variable, "CAREEN_WORKERS=4", "CAREEN_CACHE=2MiB", NULL};
    ok(load_all(ARGS("--cache", "3MiB"), environment));
    assert_string_equal(s.bus, "file");
    assert_true(s.workers == 4 && s.cache == 3 << 20 && s.registry.n == 1);
    assert_string_equal(config_origin(c, "workers"), "CAREEN_WORKERS");
    assert_string_equal(config_origin(c, "cache"), "--cache");
    assert_non_null(strstr(config_origin(c, "bus"), "careen.yaml:1"));
    ok(load_all(ARGS("--config", path, "--bus=flag"), NULL));
    assert_string_equal(s.bus, "flag");
    assert_int_equal(s.workers, 3);
    assert_int_equal(load_all(ARGS("--config=/nonexistent/careen.yaml"), environment), -1); /* the flag's file wins */
    assert_int_equal(e.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "--config: /nonexistent/careen.yaml: "));
    assert_int_equal(load_all(ARGS("--config", folder), NULL), -1);
    assert_int_equal(e.kind, ERR_USAGE);
}

static void test_secret_file(void **state)
{
    (void)state;
    char *secret = NULL;
    assert_int_equal(config_read_secret(write_file("secret", "s3cret\r\n"), &secret, &e), 0);
    assert_string_equal(secret, "s3cret");
    free(secret);
    assert_int_equal(config_read_secret("/nonexistent/x", &secret, &e), -1);
    assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void test_asked(void **state)
{
    (void)state;
    ok(load_all(ARGS("--config=/nonexistent", "--nonsense", "--help"), NULL));
    assert_int_equal(config_asked(c), CONFIG_HELP);
    ok(load_all(ARGS("-h"), NULL));
    assert_int_equal(config_asked(c), CONFIG_HELP);
    ok(load_all(ARGS("--version"), NULL));
    assert_int_equal(config_asked(c), CONFIG_VERSION);
    ok(load_all(ARGS("--show-config", "--workers=9"), NULL));
    assert_int_equal(config_asked(c), CONFIG_SHOW);
    assert_int_equal(s.workers, 9);
    ok(load_all(ARGS("--", "--help"), NULL));
    assert_int_equal(config_asked(c), CONFIG_RUN);
}

/* Line breaks and indentation as one blank. */
static void collapse(struct buf *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->n; i++) {
        uint8_t ch = text->p[i] == '\n' ? ' ' : text->p[i];
        if (ch != ' ' || !to || text->p[to - 1] != ' ')
            text->p[to++] = ch;
    }
    text->n = to;
}

static void test_help(void **state)
{
    (void)state;
    for (int width = 40; width <= 200; width += 40) {
        struct buf out = BUF_INIT(1 << 16);
        config_help("Usage: try [options]\n\nTries.", sets, ARRAY_LEN(sets), width, &out);
        struct slice rest = buf_slice(&out), line;
        while (slice_take_line(&rest, &line))
            assert_true(line.n <= (size_t)MAX(80, MIN(width, 120)));
        assert_ptr_equal(strstr(buf_cstr(&out), "Usage: try [options]\n\nTries.\n"), buf_cstr(&out));
        assert_non_null(strstr(buf_cstr(&out), "\n  --[no-]color "));
        assert_non_null(strstr(buf_cstr(&out), "\n  --bus URL                   Where the topics are:"));
        collapse(&out);
        for (size_t i = 0; i < ARRAY_LEN(options); i++)
            assert_non_null(strstr(buf_cstr(&out), options[i].help));
        assert_non_null(strstr(buf_cstr(&out), "--match.window TIME How far back. Default: 90d."));
        assert_non_null(strstr(buf_cstr(&out), "Between 1 and 99."));
        assert_non_null(strstr(buf_cstr(&out), "One of debug, info, warn. Default: info."));
        assert_non_null(strstr(buf_cstr(&out), "registries: Registries with their ways."));
        assert_null(strstr(buf_cstr(&out), "publish.port")); /* another program's */
        buf_done(&out);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define F(name) cmocka_unit_test_setup_teardown(name, setup_folder, teardown_folder)
    const struct CMUnitTest tests[] = {

        T(test_defaults),
        T(test_flags),
        T(test_flag_refusals),
        T(test_environment),
        T(test_yaml),
        T(test_yaml_of_others),
        T(test_yaml_refusals),
        T(test_yaml_depth),
        T(test_secrets_not_told),
        T(test_dump_reads_back),
        F(test_order_of_sources),
        F(test_secret_file),
        T(test_asked),
        T(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
