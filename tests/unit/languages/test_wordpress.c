/* SPDX-License-Identifier: Apache-2.0 */
/* WordPress: itself, plugins and themes by their headers. */
#include "unit/language_world.h"

#include "packages/wordpress/wordpress_header.h"

static void test_header(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version;
    } cases[] = {
        {"<?php\n/**\n * Plugin Name: X\n * Version: 1.2\n */", "1.2"},
        {"<?php /* Version: 1.2 */", "1.2"},
        {"<?php\r/*\rVERSION:1.2\r*/", "1.2"},
        {"<?php\n# @version:  1.2 ?>", "1.2"},
        {"// Requires Version: 3\n// Version: 1.2", "1.2"},
        {"<?php $x = 'Version: 3';", NULL},
        {"Version", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice s = wordpress_field(slice_str(cases[i].text), "Version");
        if ((s.p != NULL) != (cases[i].version != NULL) || !slice_eq_str(s, cases[i].version ? cases[i].version : ""))
            fail_msg("%s: %.*s", cases[i].text, SLICE_FMT(s));
    }
    struct buf far = BUF_INIT(1 << 20);
    for (int i = 0; i < WORDPRESS_HEADER_MAX; i++)
        buf_add_byte(&far, '\n');
    buf_add_str(&far, "Version: 1.2");
    assert_null(wordpress_field(buf_slice(&far), "Version").p);
    buf_done(&far);
}

static void test_image(void **state)
{
    (void)state;
    world_layer();
    world_file("var/www/wp-includes/version.php",
               "<?php\n/** the $wp_version */\n$wp_version = '6.4.2';\n$wp_db_version = 56657;\n");
    world_file("srv/wp-includes/version.php", "<?php $wp = 1;");
    world_file("var/www/wp-content/plugins/akismet/akismet.php",
               "<?php\n/*\nPlugin Name: Akismet Anti-spam\nVersion: 5.3\n*/\n");
    world_file("var/www/wp-content/plugins/akismet/class.akismet.php", "<?php\nclass Akismet {}\n");
    world_file("var/www/wp-content/plugins/akismet/views/x.php", "<?php /* Plugin Name: X\nVersion: 1 */");
    world_file("var/www/wp-content/plugins/akismet/readme.txt", "Stable tag: 9.9\nPlugin Name: X\nVersion: 9.9");
    world_file("var/www/wp-content/plugins/hello.php", "<?php\n/*\nPlugin Name: Hello Dolly\nVersion: 1.7.2\n*/\n");
    world_file("var/www/wp-content/plugins/index.php", "<?php // Silence is golden.");
    world_file("var/www/wp-content/mu-plugins/must.php", "<?php /* Plugin Name: Must */");
    world_file("var/www/wp-content/themes/twenty/style.css", "/*\nTheme Name: Twenty\nVersion: 2.0\n*/\nbody {}");
    world_file("var/www/wp-content/themes/twenty/css/style.css", "/*\nTheme Name: Twenty\nVersion: 2.0\n*/");
    world_layer();
    world_gone("var/www/wp-content/plugins/akismet");
    world_file("var/www/wp-content/plugins/hello.php", "<?php // nothing any more");
    world_file("var/www/wp-content/themes/twenty/style.css", "/*\nTheme Name: Twenty\nVersion: 2.1\n*/");
    world_is("pkg:wordpress/plugin/must var/www/wp-content/mu-plugins/must.php not-judged=version-unknown\n"
             "pkg:wordpress/theme/twenty@2.1 var/www/wp-content/themes/twenty/style.css not-judged=nobody-publishes\n"
             "pkg:generic/wordpress@6.4.2 var/www/wp-includes/version.php\n"
             "srv/wp-includes/version.php: it does not say which version of WordPress it belongs to\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),
        cmocka_unit_test_teardown(test_image, world_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
