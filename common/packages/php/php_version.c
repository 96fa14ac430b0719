/* SPDX-License-Identifier: Apache-2.0 */
/* php_version.c: PHP itself, by the header that is installed with it: #define PHP_VERSION "8.2.15" */
#include "packages/php/php.h"

void php_read_header(struct parse *p, struct parsed_file *file, struct slice bytes)
{
    struct package package = {.type = PKG_GENERIC,
                              .certainty = CERTAINTY_INSTALLED,
                              .name = SLICE("php"),
                              .why = SLICE("its header says which version it is")};
    struct slice line, prefix = file->path;
    while (!package.version.n && slice_take_line(&bytes, &line)) {
        line = slice_trim(line);
        if (!slice_take_prefix(&line, SLICE("#define PHP_VERSION ")))
            continue;
        line = slice_trim(line);
        if (line.n > 2 && line.p[0] == '"' && line.p[line.n - 1] == '"')
            package.version = slice_sub(line, 1, line.n - 2);
    }
    if (!parse_is_token(package.version) || package.version.n > 60) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it does not say which version of PHP it belongs to");
        return;
    }
    parse_add_package(p, file, &package);
    /* PREFIX/include/php/main/php_version.h; Debian's headers have one more folder, and programs of another name. */
    for (int i = 0; i < 4; i++)
        prefix = slice_path_folder(prefix);
    static const char *const programs[] = {"bin/php", "sbin/php-fpm", "lib/libphp.so", "bin/php-cgi"};
    if (slice_ends(file->path, SLICE("/include/php/main/php_version.h")))
        for (size_t i = 0; i < ARRAY_LEN(programs); i++)
            parse_add_fact(p, file, SLICE(FACT_CODE_IN),
                           arena_printf(p->arena, "%.*s/%s", SLICE_FMT(prefix), programs[i]));
}
