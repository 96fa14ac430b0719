/* SPDX-License-Identifier: Apache-2.0 */
/* The settings that all programs share: what is refused before anything starts, and every way to leave them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "stage/settings.h"

static struct settings s;
static struct config *c;
static struct err e;

static void load(const struct config_set *set, const char *const *argv, const char *const *environment)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    e = ERR_INIT;
    if (config_load(set, 1, &settings_known, argc, argv, environment, &c, &e))
        fail_msg("%s", e.text);
}

static const struct config_set all = {"Options", NULL, 0, &s, sizeof s, NULL};

static struct config_set settings_set(void)
{
    struct config_set set = all;
    set.options = settings_options;
    set.n = settings_options_n;
    return set;
}

static void done(void)
{
    settings_done(&s);
    config_free(c);
}

/* clang-format off */
#define WORDS(...) ((const char *[]){__VA_ARGS__, NULL})
/* clang-format on */
#define NONE ((const char *[]){NULL})

static void expect_refused(const char *const *argv, const char *const *environment, const char *why)
{
    struct config_set set = settings_set();
    load(&set, argv, environment);
    assert_int_equal(settings_finish(&s, c, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    if (!strstr(e.text, why))
        fail_msg("want \"%s\", got \"%s\"", why, e.text);
    done();
}

static void test_hosts(void **state)
{
    static const char *const bad[] = {"a b",  " a",      "a ",      "",    "a:0",     "a:65536",
                                      "a:b",  "-a",      "a..b",    "a?b", "me@host", "[::1",
                                      "a\tb", "http://", "ftp://a", "a,b", "a\x7F",   "ä.example"};
    static const char *const good[] = {"localhost",          "a.example:5000",   "http://127.0.0.1:5000",
                                       "https://a.example/", "[2001:db8::1]:50", "docker.io",
                                       "REGISTRY.example"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_refused(WORDS("--registry", bad[i]), NONE, "is not a host with an optional port");
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct config_set set = settings_set();
        load(&set, WORDS("--registry", good[i]), NONE);
        if (settings_finish(&s, c, &e))
            fail_msg("%s", e.text);
        assert_int_equal(s.registries.n, 1);
        done();
    }
    expect_refused(WORDS("--registry=ok", "--registry=a b"), NONE, "--registry: \"a b\" is not a host");
    expect_refused(NONE, WORDS("CAREEN_REGISTRY=ok,x y"), "CAREEN_REGISTRY: \"x y\" is not a host");
    expect_refused(WORDS("--registry", "a.example/team"), NONE, "what follows it is a repository's name");
}

static void test_urls_and_folders(void **state)
{
    (void)state;
    expect_refused(WORDS("--feeds-mirror", "mirror.example"), NONE,
                   "--feeds-mirror: \"mirror.example\" is not an http");
    expect_refused(NONE, WORDS("CAREEN_SCHEMA_REGISTRY=http://a b"), "CAREEN_SCHEMA_REGISTRY: \"http://a b\"");
    expect_refused(WORDS("--feeds", "/no/such/folder"), NONE, "--feeds: there is no folder /no/such/folder");
}

/* Lists of the file live in the configuration, joined ones in settings: both are given back once, whoever ends early.
 */
static void test_every_way_out(void **state)
{
    static const char yaml[] = "registries:\n  - host: a.example\n  - host: b c\nclusters:\n  - {name: x, pods: y}\n";
    (void)state;
    struct config_set set = settings_set();
    e = ERR_INIT;
    assert_int_equal(config_load_text(&set, 1, &settings_known, "careen.yaml", slice_str(yaml), &c, &e), 0);
    done(); /* --show-config, --help */
    assert_int_equal(config_load_text(&set, 1, &settings_known, "careen.yaml", slice_str(yaml), &c, &e), 0);
    assert_int_equal(settings_finish(&s, c, &e), -1);
    assert_string_equal(e.text, "careen.yaml:1: registries: \"b c\" is not a host with an optional port");
    done();
    assert_int_equal(
        config_load_text(&set, 1, &settings_known, "careen.yaml", SLICE("registries: [{username: me}]"), &c, &e), 0);
    assert_int_equal(settings_finish(&s, c, &e), -1);
    assert_string_equal(e.text, "careen.yaml:1: registries: entry 1 has no host");
    done();
    s = (struct settings){0};
    settings_done(&s);
}

/* A program that takes some of them: no flag, no help and no dump of the others, which files and variables may hold. */
static void test_only_some(void **state)
{
    static const char *const only[] = {"bus", "state", NULL};
    (void)state;
    struct config_set set = settings_set();
    set.only = only;
    load(&set, WORDS("--bus=x"), WORDS("CAREEN_WORKERS=7", "CAREEN_UNHEARD_OF=1"));
    assert_int_equal(s.workers, 7);
    struct buf out = BUF_INIT(1 << 20);
    config_dump(c, &out);
    assert_non_null(strstr(buf_cstr(&out), "bus: x"));
    assert_null(strstr(buf_cstr(&out), "workers"));
    buf_clear(&out);
    config_help("", &set, 1, 100, &out);
    assert_non_null(strstr(buf_cstr(&out), "--state"));
    assert_null(strstr(buf_cstr(&out), "--workers"));
    assert_null(strstr(buf_cstr(&out), "registries"));
    buf_done(&out);
    done();
    assert_int_equal(config_load(&set, 1, &settings_known, 1, WORDS("--workers=7"), NONE, &c, &e), -1);
    assert_non_null(strstr(e.text, "--workers is not an option of this command"));
    assert_int_equal(config_load(&set, 1, &settings_known, 1, WORDS("--stat=7"), NONE, &c, &e), -1);
    assert_non_null(strstr(e.text, "did you mean --state?"));
    assert_int_equal(config_load(&set, 1, &settings_known, 1, WORDS("--worker=7"), NONE, &c, &e), -1);
    assert_string_equal(e.text, "unknown option --worker");
    assert_int_equal(config_load(&set, 1, &settings_known, 1, WORDS("--show-confg"), NONE, &c, &e), -1);
    assert_non_null(strstr(e.text, "did you mean --show-config?"));
}

static void test_nearest_name(void **state)
{
    static const char *const names[] = {"scan", "status", "up"};
    (void)state;
    assert_string_equal(config_nearest_name(names, 3, SLICE("sacn")), "scan");
    assert_string_equal(config_nearest_name(names, 3, SLICE("stats")), "status");
    assert_null(config_nearest_name(names, 3, SLICE("deploy")));
    assert_null(config_nearest_name(names, 3, SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),     cmocka_unit_test(test_urls_and_folders), cmocka_unit_test(test_every_way_out),
        cmocka_unit_test(test_only_some), cmocka_unit_test(test_nearest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
