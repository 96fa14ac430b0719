/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "io/oci/registry.h"
#include "io/oci/registry_gate.h"
#include "unit/fixture.h"

/* scheme|realm|service|scope of each challenge, one a line. */
static void show(struct slice header, char *text, size_t n)
{
    struct challenge list[4];
    size_t count = registry_challenge_parse(header, list, ARRAY_LEN(list)), used = 0;
    text[0] = 0;
    for (size_t i = 0; i < count && used < n; i++)
        used += (size_t)snprintf(text + used, n - used, "%s|%s|%s|%s\n", list[i].scheme, list[i].realm, list[i].service,
                                 list[i].scope);
}

static void test_challenges(void **state)
{
    (void)state;
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"Bearer realm=\"https://a.example/t\",service=\"s\",scope=\"repository:x/y:pull\"",
         "Bearer|https://a.example/t|s|repository:x/y:pull\n"},
        {"bearer Realm = \"r\" , SERVICE=s", "bearer|r|s|\n"},
        {"Basic realm=\"x\", Bearer realm=\"r\",service=\"s\"", "Basic|x||\nBearer|r|s|\n"},
        {"Negotiate, Basic realm=\"a,b=c\"", "Negotiate|||\nBasic|a,b=c||\n"},
        {"Basic realm=\"say \\\"hi\\\"\"", "Basic|say \"hi\"||\n"},
        {"Bearer realm=https://a.example/t?x=1,service=s", "Bearer|https://a.example/t?x=1|s|\n"},
        {"Bearer scope=\"a b\",error=\"insufficient_scope\",other=1", "Bearer|||a b\n"},
        {"Bearer realm=\"open", ""},
        {"", ""},
        {",,,", ""},
        {"\"x\"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[4096];
        show(slice_str(cases[i].header), text, sizeof text);
        assert_string_equal(text, cases[i].want);
    }
    char *huge = xmalloc(5000);
    memset(huge, 'x', 5000);
    memcpy(huge, "Bearer realm=\"", 14);
    huge[4999] = '"';
    struct challenge one;
    assert_int_equal(registry_challenge_parse(slice_of(huge, 5000), &one, 1), 0);
    free(huge);
}

static void test_links(void **state)
{
    (void)state;
    static const char unreadable[] = "?";
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"</v2/_catalog?last=b&n=2>; rel=\"next\"", "/v2/_catalog?last=b&n=2"},
        {"<https://h.example/x>;rel=next", "https://h.example/x"},
        {"</a>; rel=prev, </b>; title=\"x, <y>; rel=next\"; rel=\"next\"", "/b"},
        {"</a>; REL=NEXT", "/a"},
        {"</a>; rel=\"last next\"", "/a"},
        {"</a>; rel=last", NULL},
        {"</a>; rel=prev, </b>; rel=first", NULL},
        {"</a>", "/a"}, /* no rel at all */
        {"</a>, </b>; rel=next", "/b"},
        {"/v2/_catalog?last=b,c&n=2; rel=\"next\"", "/v2/_catalog?last=b,c&n=2"}, /* Quay, 2016 */
        {"http://h.example/v2/_catalog?n=2;rel=next", "http://h.example/v2/_catalog?n=2"},
        {"</a; rel=next", unreadable},
        {"<>; rel=next", unreadable},
        {"next", unreadable},
        {"</a>; rel=\"next", unreadable},
        {"</a> rel=next", unreadable},
        {"", NULL},
        {" , ", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice got = SLICE_NONE;
        enum link_found found = registry_link_next(slice_str(cases[i].header), &got),
                        want = cases[i].want == unreadable ? LINK_UNREADABLE
                               : cases[i].want             ? LINK_NEXT
                                                           : LINK_NONE;
        if (found != want || (want == LINK_NEXT && !slice_eq_str(got, cases[i].want)))
            fail_msg("%s: %d \"%.*s\"", cases[i].header, found, SLICE_FMT(got));
    }
}

static void test_tokens(void **state)
{
    (void)state;
    struct registry_token t = {0};
    struct err e = ERR_INIT;
    assert_int_equal(registry_token_parse(SLICE("{\"token\":\"a.b\",\"expires_in\":300}"), 1000, &t, &e), 0);
    assert_string_equal(t.token, "a.b");
    assert_int_equal(t.expires_mono_ms, 1000 + 300000 - 15000);
    free(t.token);
    assert_int_equal(registry_token_parse(SLICE("{\"access_token\":\"c\"}"), 0, &t, &e), 0);
    assert_int_equal(t.expires_mono_ms, 60000 - 15000);
    free(t.token);
    assert_int_equal(registry_token_parse(SLICE("{\"token\":\"c\",\"expires_in\":4}"), 0, &t, &e), 0);
    assert_int_equal(t.expires_mono_ms, 2000);
    free(t.token);
    assert_int_equal(registry_token_parse(SLICE("{\"token\":\"c\\r\\nX: y\"}"), 0, &t, &e), -1);
    assert_int_equal(registry_token_parse(SLICE("{\"token\":\"\"}"), 0, &t, &e), -1);
    assert_int_equal(registry_token_parse(SLICE("[]"), 0, &t, &e), -1);
    assert_int_equal(registry_token_parse(SLICE("<html>"), 0, &t, &e), -1);
}

/* where: "host" or "host/repository" */
static void expect_login(const char *json, const char *where, int rc, const char *user, const char *secret)
{
    struct credentials c = {0};
    struct err e = ERR_INIT;
    struct slice repository = slice_str(where), host;
    slice_take_token(&repository, '/', &host);
    char *name ATTR_CLEANUP(cleanup_free) = slice_dup(host);
    int got = credentials_from_json(slice_str(json), name, repository, &c, &e);
    if (got != rc)
        fail_msg("%s for %s: %d %s", json, where, got, e.text);
    if (rc == 1) {
        assert_string_equal(c.username, user);
        assert_string_equal(c.secret, secret);
        assert_int_equal(c.identity_token, !strcmp(user, "<token>"));
    }
    if (rc < 0)
        assert_null(strstr(e.text, "example")); /* nothing of a secret in an error */
    credentials_done(&c);
}

static void test_config(void **state)
{
    (void)state;
    static const char config[] =
        "{\"auths\":{\"host:5000\":{\"auth\":\"c2NhbjpleGFtcGxl\"},"   /* scan:example */
        "\"https://index.docker.io/v1/\":{\"auth\":\"aHViOnA6dw==\"}," /* hub:p:w */
        "\"https://old.example/v2/\":{\"username\":\"u\",\"password\":\"p\"},"
        "\"team.example/team\":{\"auth\":\"aHViOnA6dw==\"},"
        "\"acr.example\":{\"auth\":\"\",\"identitytoken\":\"r1\"},"
        "\"bad.example\":{\"auth\":\"!!!!\"},\"short.example\":{\"auth\":\"abcde\"},\"empty.example\":{}}}";
    expect_login(config, "host:5000", 1, "scan", "example");
    expect_login(config, "host:5001", 0, NULL, NULL);
    expect_login(config, "host", 0, NULL, NULL);
    expect_login(config, "docker.io", 1, "hub", "p:w");
    expect_login(config, "old.example", 1, "u", "p");
    expect_login(config, "OLD.example", 1, "u", "p");
    expect_login(config, "team.example", 0, NULL, NULL);
    expect_login(config, "acr.example", 1, "<token>", "r1");
    expect_login(config, "bad.example", -1, NULL, NULL);
    expect_login(config, "short.example", -1, NULL, NULL);
    expect_login(config, "empty.example", 0, NULL, NULL);
    expect_login("{\"credHelpers\":{\"h\":\"../../bin/sh\"}}", "h", -1, NULL, NULL);
    expect_login("{\"credHelpers\":{\"h\":\"careen-has-no-such-helper\"}}", "h", -1, NULL, NULL);
    expect_login("nonsense", "h", -1, NULL, NULL);
}

/* The closest key wins: containers-auth.json(5), and Docker's own keys. */
static void test_namespaces(void **state)
{
    (void)state;
    /* Each login is its letter twice: "h:h" … */
    const char *config = fixture("io/auth-namespaces.json");
    expect_login(config, "h.example", 1, "h", "h");
    expect_login(config, "h.example/other/app", 1, "h", "h");
    expect_login(config, "h.example/teams", 1, "h", "h");
    expect_login(config, "h.example/team", 1, "t", "t");
    expect_login(config, "h.example/team/web", 1, "t", "t");
    expect_login(config, "h.example/team/app", 1, "a", "a");
    expect_login(config, "h.example/team/app/deep", 1, "a", "a");
    expect_login(config, "h.example/team/apple", 1, "t", "t");
    expect_login(config, "h.example/team/none", 1, "t", "t"); /* a key without a login leaves it to the next */
    expect_login(config, "u.example", 1, "u", "u");
    expect_login(config, "u.example/x", 1, "u", "u");
    expect_login(config, "u.example/team/x", 1, "v", "v");
    expect_login(config, "docker.io/library/debian", 1, "d", "d");
    expect_login(config, "docker.io/acme/app", 1, "l", "l");
    expect_login(config, "docker.io", 1, "d", "d");
    expect_login(config, "old.example/x", 1, "o", "o"); /* Docker takes the host of a URL alone */
    expect_login(config, "no.example/team", 0, NULL, NULL);
}

static void test_auth_forms(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        int rc;
        const char *user, *secret;
    } cases[] = {
        {"\"auth\":\"dXM6cHc=\"", 1, "us", "pw"},
        {"\"auth\":\"dXM6cHc\"", 1, "us", "pw"},        /* without padding */
        {"\"auth\":\"dXM6\\ncHc=\\n\"", 1, "us", "pw"}, /* in lines */
        {"\"auth\":\"dTo_Pz8-\"", 1, "u", "?\?\?>"},    /* the alphabet of URLs */
        {"\"auth\":\"dTpwdwA\"", 1, "u", "pw"},         /* a NUL behind the password */
        {"\"auth\":\"dTo=\"", 1, "u", ""},
        {"\"auth\":\"  \"", 0, NULL, NULL},
        {"\"auth\":\"dXM6c\"", -1, NULL, NULL}, /* no number of bytes has five digits */
        {"\"auth\":\"dX=M6\"", -1, NULL, NULL},
        {"\"auth\":\"dXM\"", -1, NULL, NULL}, /* no colon */
        {"\"auth\":\"dXM6cHc\",\"username\":\"other\",\"password\":\"x\"", 1, "us", "pw"},
        {"\"identitytoken\":\"r1\"", 1, "<token>", "r1"},
        {"\"auth\":\"Z3VpZDo=\",\"identitytoken\":\"r1\"", 1, "guid", "r1"},
        {"\"registrytoken\":\"b1\"", 1, "<token>", "b1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *json ATTR_CLEANUP(cleanup_free) = xasprintf("{\"auths\":{\"h\":{%s}}}", cases[i].entry);
        struct credentials c = {0};
        struct err e = ERR_INIT;
        int rc = credentials_from_json(slice_str(json), "h", SLICE("x"), &c, &e);
        if (rc != cases[i].rc)
            fail_msg("%s: %d %s", json, rc, e.text);
        if (rc == 1) {
            assert_string_equal(c.username, cases[i].user);
            assert_string_equal(c.secret, cases[i].secret);
            assert_int_equal(c.identity_token, strstr(json, "identity") != NULL);
            assert_int_equal(c.bearer, strstr(json, "registrytoken") != NULL);
        }
        credentials_done(&c);
    }
}

static char *helper_folder(const char *script)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/careen-helper.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/docker-credential-unit", dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", script);
    fclose(f);
    assert_int_equal(chmod(path, 0755), 0);
    return dir;
}

static int run_helper(const char *script, struct credentials *c, struct err *e)
{
    char *dir = helper_folder(script);
    char *old = xstrdup(getenv("PATH") ? getenv("PATH") : "");
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s:%s", dir, old);
    char *file ATTR_CLEANUP(cleanup_free) = xasprintf("%s/docker-credential-unit", dir);
    setenv("PATH", path, 1);
    int rc = credentials_from_helper(SLICE("unit"), "registry.example", c, e);
    setenv("PATH", old, 1);
    unlink(file);
    rmdir(dir);
    free(dir);
    free(old);
    return rc;
}

static void test_helper(void **state)
{
    (void)state;
    struct credentials c = {0};
    struct err e = ERR_INIT;
    assert_int_equal(run_helper("read h; test \"$1\" = get && echo "
                                "\"{\\\"Username\\\":\\\"u-$h\\\",\\\"Secret\\\":\\\"s\\\"}\"",
                                &c, &e),
                     1);
    assert_string_equal(c.username, "u-registry.example");
    assert_string_equal(c.secret, "s");
    credentials_done(&c);
    assert_int_equal(run_helper("echo credentials not found in native keychain; exit 1", &c, &e), 0);
    assert_int_equal(run_helper("echo locked; exit 1", &c, &e), -1);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(run_helper("exec 0<&-; echo no json", &c, &e), -1);
    int64_t before = clock_mono_ms();
    assert_int_equal(run_helper("while :; do echo 0123456789012345678901234567890123456789; done", &c, &e), -1);
    assert_true(clock_mono_ms() - before < 10000); /* ended for its size, not by time */
    assert_int_equal(run_helper("kill -9 $$", &c, &e), -1);
}

static void test_gate(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gate *g = gate_get("https://unit.example", 2, 0), *same = gate_get("https://unit.example", 2, 0);
    assert_ptr_equal(g, same);
    assert_int_equal(gate_enter(g, 1000, NULL, &e), 0);
    assert_int_equal(gate_enter(same, 1000, NULL, &e), 0);
    _Atomic bool stop = true;
    assert_int_equal(gate_enter(g, 1000, &stop, &e), -1); /* full, and told to stop */
    gate_leave(g);
    gate_leave(g);
    assert_int_equal(gate_pause(g, 0), 500);
    assert_int_equal(gate_pause(g, 0), 1000);
    assert_int_equal(gate_pause(g, 60000), 60000);
    assert_int_equal(gate_enter(same, 2000, NULL, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_true(e.retry_after_ms > 55000 && e.retry_after_ms <= 60000);
    gate_put(same);
    gate_put(g);
    g = gate_get("https://unit.example", 2, 0); /* the pause outlives its users */
    assert_int_equal(gate_enter(g, 2000, NULL, &e), -1);
    gate_put(g);
}

static void test_rate(void **state)
{
    (void)state;
    struct gate *g = gate_get("https://rate.example", 8, 50);
    int64_t before = clock_mono_ms();
    for (int i = 0; i < 11; i++) {
        assert_int_equal(gate_enter(g, 0, NULL, NULL), 0);
        gate_leave(g);
    }
    int64_t took = clock_mono_ms() - before;
    assert_true(took >= 180); /* the first at once, ten more at 50 a second */
    gate_put(g);
}

struct crowd {
    struct gate *g;
    atomic_int now, most, done;
};

static void *pass(void *arg)
{
    struct crowd *c = arg;
    for (int i = 0; i < 50; i++) {
        if (gate_enter(c->g, 0, NULL, NULL))
            continue;
        int n = atomic_fetch_add(&c->now, 1) + 1, most = atomic_load(&c->most);
        while (n > most && !atomic_compare_exchange_weak(&c->most, &most, n))
            ;
        clock_sleep_ms(1);
        struct registry_token t = {xstrdup("shared"), clock_mono_ms() + 60000};
        gate_token_keep(c->g, "shared", &t);
        free(gate_token(c->g, "shared"));
        atomic_fetch_sub(&c->now, 1);
        atomic_fetch_add(&c->done, 1);
        gate_leave(c->g);
    }
    return NULL;
}

static void test_crowd(void **state)
{
    (void)state;
    struct crowd c = {.g = gate_get("https://crowd.example", 3, 0)};
    pthread_t threads[12];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pass, &c), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(c.done, 600);
    assert_int_equal(c.most, 3);
    gate_put(c.g);
}

static void test_kept_tokens(void **state)
{
    (void)state;
    struct gate *g = gate_get("https://kept.example", 1, 0);
    struct registry_token t = {xstrdup("one"), clock_mono_ms() + 60000};
    gate_token_keep(g, "a", &t);
    assert_null(t.token);
    t = (struct registry_token){xstrdup("old"), clock_mono_ms() - 1};
    gate_token_keep(g, "b", &t);
    char *got = gate_token(g, "a");
    assert_string_equal(got, "one");
    free(got);
    assert_null(gate_token(g, "b"));
    gate_token_drop(g, "a");
    assert_null(gate_token(g, "a"));
    gate_put(g);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *host, *want; /* NULL: refused */
    } cases[] = {{"Registry.Example:5000", "registry.example:5000"},
                 {"http://127.0.0.1:5000/", "127.0.0.1:5000"},
                 {"index.docker.io", "docker.io"},
                 {"[::1]:5000", "[::1]:5000"},
                 {"", NULL},
                 {"host/path", NULL},
                 {"user@host", NULL},
                 {"host:port", NULL},
                 {"ho st", NULL},
                 {"host?x", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct registry_options o = {.host = cases[i].host, .auth_file = ""};
        struct registry *r = NULL;
        struct err e = ERR_INIT;
        int rc = registry_open(&o, &r, &e);
        if ((rc == 0) != (cases[i].want != NULL))
            fail_msg("\"%s\": %s", cases[i].host, rc ? e.text : "taken");
        if (rc == 0)
            assert_string_equal(registry_host(r), cases[i].want);
        else
            assert_int_equal(e.kind, ERR_USAGE);
        registry_close(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_challenges), cmocka_unit_test(test_links),      cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_config),     cmocka_unit_test(test_helper),     cmocka_unit_test(test_gate),
        cmocka_unit_test(test_rate),       cmocka_unit_test(test_crowd),      cmocka_unit_test(test_kept_tokens),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_namespaces), cmocka_unit_test(test_auth_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
