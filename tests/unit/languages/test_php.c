/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of Composer and PEAR, and PHP itself. */
#include "unit/language_world.h"

#include "packages/php/php_text.h"

static void test_composer_2(void **state)
{
    (void)state;
    world_layer();
    world_file(
        "app/vendor/composer/installed.json",
        "{\"packages\": ["
        "{\"name\": \"monolog/monolog\", \"version\": \"1.25.1\", \"version_normalized\": \"1.25.1.0\","
        " \"source\": {\"type\": \"git\", \"url\": \"https://example.org/m.git\", \"reference\": \"70e\"},"
        " \"autoload\": {\"psr-4\": {\"Monolog\\\\\": \"src/\"}}},"
        "{\"name\": \"phpunit/phpunit\", \"version\": \"4.8.19\"},"
        "{\"name\": \"acme/branch\", \"version\": \"dev-main\","
        " \"source\": {\"type\": \"git\", \"url\": \"https://example.org/b.git\", \"reference\": \"abc\"}},"
        "{\"name\": \"acme/line\", \"version\": \"2.x-dev\", \"dist\": {\"type\": \"zip\", \"reference\": \"d\"}},"
        "{\"name\": \"acme/own\", \"version\": \"1.0.0\", \"dist\": {\"type\": \"path\", \"url\": \"../own\"}},"
        "{\"name\": \"acme/meta\", \"version\": \"v1.0.0\", \"type\": \"metapackage\", \"install-path\": null},"
        "{\"name\": \"nameless\", \"version\": \"1\"}, 7],"
        "\"dev\": true, \"dev-package-names\": [\"phpunit/phpunit\"]}");
    /* The same told again, and more that is not so. */
    world_file("app/vendor/composer/installed.php",
               "<?php return array('versions' => array('monolog/monolog' => array('pretty_version' => '1.25.1'),"
               "'stale/stale' => array('pretty_version' => '1.0.0')));");
    world_file("app/vendor/a/b/tests/fixtures/vendor/composer/installed.json",
               "[{\"name\":\"fixture/fixture\",\"version\":\"1.0.0\"}]");
    world_is("pkg:composer/acme/branch@dev-main app/vendor/composer/installed.json"
             " origin=git+https://example.org/b.git@abc not-judged=version-unknown\n"
             "pkg:composer/acme/line@2.x-dev app/vendor/composer/installed.json origin=commit d"
             " not-judged=version-unknown\n"
             "pkg:composer/acme/meta@v1.0.0 app/vendor/composer/installed.json\n"
             "pkg:composer/acme/own@1.0.0 app/vendor/composer/installed.json origin=file:../own"
             " not-judged=own-package\n"
             "pkg:composer/monolog/monolog@1.25.1 app/vendor/composer/installed.json\n"
             "pkg:composer/phpunit/phpunit@4.8.19 app/vendor/composer/installed.json development\n"
             "app/vendor/composer/installed.json: a package is named \"nameless\", which no package can be\n");
}

static void test_composer_1(void **state)
{
    (void)state;
    world_layer();
    world_file("a/vendor/composer/installed.json", "\xef\xbb\xbf[{\"name\":\"twig/twig\",\"version\":\"v1.0\"}]");
    world_file("b/vendor/composer/installed.json", "{\"packages\":[{\"name\":\"twig/twig\",\"version\":\"v2.0\"},");
    world_file("c/vendor/composer/installed.json", "nothing");
    world_is("pkg:composer/twig/twig@v1.0 a/vendor/composer/installed.json\n"
             "pkg:composer/twig/twig@v2.0 b/vendor/composer/installed.json\n"
             "b/vendor/composer/installed.json: it is cut\n"
             "c/vendor/composer/installed.json: it is no JSON\n");
}

/* A wish, which counts where it was not carried out. */
static void test_lock(void **state)
{
    (void)state;
    world_layer();
    world_file("a/composer.lock", "{\"packages\":[{\"name\":\"a/b\",\"version\":\"1.0\"}],"
                                  "\"packages-dev\":[{\"name\":\"c/d\",\"version\":\"2.0\"}]}");
    world_file("b/composer.lock", "{\"packages\":[{\"name\":\"e/f\",\"version\":\"1.0\"}],"
                                  "\"packages-dev\":[{\"name\":\"g/h\",\"version\":\"2.0\"}]}");
    world_file("b/vendor/composer/installed.json", "[{\"name\":\"e/f\",\"version\":\"1.0\"}]");
    world_file("b/vendor/e/f/composer.lock", "{\"packages\":[{\"name\":\"i/j\",\"version\":\"1.0\"}]}");
    world_is("pkg:composer/a/b@1.0 a/composer.lock declared why=its lock file asks for it\n"
             "pkg:composer/c/d@2.0 a/composer.lock declared development why=its lock file asks for it\n"
             "pkg:composer/e/f@1.0 b/vendor/composer/installed.json\n");
}

static void test_installed_php(void **state)
{
    (void)state;
    world_layer();
    world_file(
        "app/vendor/composer/installed.php",
        "<?php return array(\n"
        "    'root' => array(\n"
        "        'name' => 'acme/shop',\n        'pretty_version' => 'dev-main',\n"
        "        'install_path' => __DIR__ . '/../../',\n        'aliases' => array(),\n        'dev' => true,\n"
        "    ),\n"
        "    'versions' => array(\n"
        "        'acme/shop' => array('pretty_version' => 'dev-main', 'dev_requirement' => false),\n"
        "        'psr/log' => array(\n"
        "            'pretty_version' => '3.0.0', 'version' => '3.0.0.0', 'reference' => 'fe5',\n"
        "            'aliases' => array(0 => '3.x-dev', 1 => \"x\\n\"), /* a remark */ 'dev_requirement' => false,\n"
        "        ),\n"
        "        'psr/log-implementation' => array('dev_requirement' => false, 'provided' => array(0 => '1.0')),\n"
        "        'acme/tool' => ['pretty_version' => 'dev-x', 'reference' => 'abc', 'dev_requirement' => true],\n"
        "    ),\n"
        ");\n");
    world_file("b/vendor/composer/installed.php", "<?php return array('versions' => array('a/b' => system('x')));");
    world_is("pkg:composer/acme/tool@dev-x app/vendor/composer/installed.php development origin=commit abc"
             " not-judged=version-unknown\n"
             "pkg:composer/psr/log@3.0.0 app/vendor/composer/installed.php\n"
             "b/vendor/composer/installed.php: it has a value that only PHP can tell\n");
}

static void test_pear(void **state)
{
    (void)state;
    world_layer();
    world_file("usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg",
               "a:4:{s:4:\"name\";s:5:\"redis\";s:7:\"channel\";s:12:\"pecl.php.net\";"
               "s:7:\"version\";a:2:{s:7:\"release\";s:5:\"6.0.2\";s:3:\"api\";s:5:\"6.0.0\";}"
               "s:8:\"filelist\";a:1:{s:8:\"redis.so\";a:2:{i:0;d:0.5;i:1;b:1;}}}");
    world_file("usr/share/php/.registry/old.reg", "a:2:{s:7:\"package\";s:3:\"Old\";s:7:\"version\";s:3:\"1.0\";}");
    world_file("usr/share/php/.registry/none.reg", "a:1:{s:7:\"package\";s:3:\"Non\";}");
    world_file("usr/share/php/.registry/bad.reg", "a:1:{s:7:\"pack");
    world_file("usr/share/php/.channels/pear.php.net.reg", "a:1:{s:4:\"name\";s:12:\"pear.php.net\";}");
    world_is("pkg:pear/pear.php.net/Old@1.0 usr/share/php/.registry/old.reg not-judged=nobody-publishes\n"
             "pkg:pear/pecl.php.net/redis@6.0.2 usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg"
             " not-judged=nobody-publishes\n"
             "usr/share/php/.registry/bad.reg: a string is malformed\n"
             "usr/share/php/.registry/none.reg: it has no sound name and version\n");
}

static void phar_text(struct buf *b, const char *text)
{
    buf_add_u32(b, (uint32_t)strlen(text));
    buf_add_str(b, text);
}

/* An archive with a stub, an entry before the list of Composer's, and that list as it is given. */
static struct buf phar(const char *behind_stub, const char *list, uint32_t flags)
{
    struct buf all = BUF_INIT(1 << 20), head = BUF_INIT(1 << 16);
    const char *const names[] = {"src/x.php", "vendor/composer/installed.json"}, *const bodies[] = {"<?php", list};
    buf_add_u32(&head, 2);
    buf_add(&head, "\x11\x00\x00\x00\x01\x00", 6);
    phar_text(&head, "tool.phar");
    buf_add_u32(&head, 0);
    for (size_t i = 0; i < 2; i++) {
        phar_text(&head, names[i]);
        buf_add_u32(&head, (uint32_t)strlen(bodies[i]));
        buf_add_u32(&head, 1700000000);
        buf_add_u32(&head, (uint32_t)strlen(bodies[i]));
        buf_add_u32(&head, 0);
        buf_add_u32(&head, i ? flags : 0644);
        buf_add_u32(&head, 0);
    }
    buf_addf(&all, "#!/usr/bin/env php\n<?php ___HALT_; __HALT_COMPILER();%s", behind_stub);
    buf_add_u32(&all, (uint32_t)head.n);
    buf_add_slice(&all, buf_slice(&head));
    buf_add_str(&all, bodies[0]);
    buf_add_str(&all, bodies[1]);
    buf_done(&head);
    return all;
}

static void test_phar(void **state)
{
    (void)state;
    static const char list[] = "{\"packages\":[{\"name\":\"a/b\",\"version\":\"1.0\"}]}";
    struct buf made[] = {phar(" ?>\r\n", list, 0644), phar("\n", list, 0644), phar(" ?>\n", list, 0x2000),
                         phar(" ?>\n", list, 0x1000)};
    world_layer();
    world_bytes("usr/local/bin/composer", buf_slice(&made[0]));
    world_bytes("opt/tool.phar", buf_slice(&made[1]));
    world_bytes("opt/bzip.phar", buf_slice(&made[2]));
    world_bytes("opt/wrong.phar", buf_slice(&made[3]));
    world_bytes("opt/cut.phar", slice_sub(buf_slice(&made[1]), 0, made[1].n - 3));
    world_bytes("opt/list.phar", slice_sub(buf_slice(&made[1]), 0, 90));
    world_file("opt/none.phar", "<?php");
    world_file("usr/bin/composer", "<?php");
    world_is(
        "pkg:composer/a/b@1.0 opt/tool.phar!/vendor/composer/installed.json parent=opt/tool.phar\n"
        "pkg:composer/a/b@1.0 usr/local/bin/composer!/vendor/composer/installed.json parent=usr/local/bin/composer\n"
        "opt/bzip.phar: a list of Composer's in it is packed in a way that is not read, or too long\n"
        "opt/cut.phar: it is cut\n"
        "opt/list.phar: it is cut in its list of members\n"
        "opt/none.phar: it is no archive of PHP's own form\n"
        "opt/wrong.phar: a list of Composer's in it can't be unpacked\n");
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        buf_done(&made[i]);
}

static void test_runtime(void **state)
{
    (void)state;
    world_layer();
    world_file(
        "usr/local/include/php/main/php_version.h",
        "/* automatically generated by configure */\n#define PHP_MAJOR_VERSION 8\n#define PHP_VERSION \"8.2.15\"\n");
    world_file("usr/include/php/20220829/main/php_version.h", "#define PHP_VERSION \"8.2.0RC1\"\n");
    world_is(
        "pkg:generic/php@8.2.0RC1 usr/include/php/20220829/main/php_version.h"
        " why=its header says which version it is\n"
        "pkg:generic/php@8.2.15 usr/local/include/php/main/php_version.h why=its header says which version it is\n");
}

/* What stands next, as far as it goes, as text. */
static void tell(struct php_text *p, struct buf *out)
{
    struct slice key;
    while (php_text_key(p, &key)) {
        buf_addf(out, "%.*s=", SLICE_FMT(key));
        if (slice_starts(key, SLICE("in")) && php_text_array(p)) {
            buf_add_str(out, "{");
            tell(p, out);
            buf_add_str(out, "}");
        } else if (!slice_starts(key, SLICE("in"))) {
            struct slice s = php_text_string(p);
            buf_addf(out, "%s%.*s,", s.p ? "" : "-", SLICE_FMT(s));
        }
    }
}

static void test_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        bool serialized;
    } cases[] = {
        {"<?php return ['a' => 1, 'b' => -1.5e3, 'c' => TRUE, 'd' => null];", "a=1,b=-1.5e3,c=TRUE,d=,", false},
        {"<?php\n// x\nreturn array ( 0 => 'it''s' );", "0=-,bad: a comma or the end of an array was expected", false},
        {"<?php return ['a' => 'it\\'s \\\\ \\n', 'b' => \"\\t\\x\"];", "a=it's \\ \\n,b=\t\\x,", false},
        {"<?php return ['x', ['y', 'z'], 'a' => 'b',];", "=x,=-,a=b,", false},
        {"<?php return ['in' => ['a' => ['b' => [1, 2]], 'in' => []], 'c' => 'd'];", "in={a=-,in={}}c=d,", false},
        {"<?php return ['a' => \"$x\"];", "a=-,bad: it has a variable in a text", false},
        {"<?php return f();", "bad: it has a value that only PHP can tell", false},
        {"<?php return ['a' => 'b'", "a=-,bad: a comma or the end of an array was expected", false},
        {"a:3:{i:0;s:1:\"a\";s:1:\"b\";N;s:1:\"c\";a:1:{i:0;O:1:\"X\":1:{s:1:\"y\";b:0;}}}", "0=a,b=-,c=-,", true},
        {"a:2:{i:0;s:1:\"a\";}", "0=a,bad: it is cut", true},
        {"a:1:{s:9:\"a\";N;}", "bad: a string is malformed", true},
        {"a:1:{i:0;s:1:\"a\";i:1;N;}", "0=a,bad: an array does not end where it should", true},
        {"s:1:\"a\";", "", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT(4096);
        struct php_text p;
        if (cases[i].serialized)
            php_text_serialized(&p, slice_str(cases[i].text));
        else
            php_text_source(&p, slice_str(cases[i].text));
        if (php_text_array(&p))
            tell(&p, &out);
        if (p.bad)
            buf_addf(&out, "bad: %s", p.bad);
        if (strcmp(buf_cstr(&out), cases[i].says) != 0)
            fail_msg("%s: %s", cases[i].text, buf_cstr(&out));
        buf_done(&out);
    }
}

static void test_depth(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    struct php_text p;
    buf_add_str(&b, "<?php return ");
    for (int i = 0; i < 10000; i++)
        buf_add_str(&b, "array(");
    php_text_source(&p, buf_slice(&b));
    php_text_skip(&p);
    assert_string_equal(p.bad, "it nests too deep");
    buf_clear(&b);
    for (int i = 0; i < 10000; i++)
        buf_add_str(&b, "a:1:{i:0;");
    php_text_serialized(&p, buf_slice(&b));
    php_text_skip(&p);
    assert_string_equal(p.bad, "it nests too deep");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_composer_2, world_clean),
        cmocka_unit_test_teardown(test_composer_1, world_clean),
        cmocka_unit_test_teardown(test_lock, world_clean),
        cmocka_unit_test_teardown(test_installed_php, world_clean),
        cmocka_unit_test_teardown(test_pear, world_clean),
        cmocka_unit_test_teardown(test_phar, world_clean),
        cmocka_unit_test_teardown(test_runtime, world_clean),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
