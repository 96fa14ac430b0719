/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/command.h"

#include "model/version/version.h"

#define LINE_MAX_BYTES 65536
#define KINDS                                                                                                          \
    "dpkg, apk, rpm, opkg, pacman, portage, bottlerocket, windows, pypi, npm, maven, golang, cargo, nuget, composer, " \
    "gem, hex, otp, pub, swift, conan, cpan, cran, luarocks, hackage, julia, bitnami, jvm, php, generic"

static const char *sign(int c)
{
    return c < 0 ? "<" : c > 0 ? ">" : "=";
}

static int compare(struct slice kind, struct slice a, struct slice b, const char **ret_sign, struct err *e)
{
    enum version_kind k;
    int c;
    if (!version_kind_by_name(kind, &k))
        return err_set(e, ERR_USAGE, 0, "there is no version order \"%.*s\"; there are " KINDS,
                       SLICE_FMT(slice_sub(kind, 0, 100)));
    if (version_compare(k, a, b, &c, e))
        return -1;
    *ret_sign = sign(c);
    return 0;
}

/* One answer a line; a line that can't be answered says why and the others go on. */
static int compare_lines(void)
{
    char *line ATTR_CLEANUP(cleanup_free) = xmalloc(LINE_MAX_BYTES);
    int status = 0;
    while (fgets(line, LINE_MAX_BYTES, stdin)) {
        struct slice rest = slice_str(line), f[3];
        struct err e = ERR_INIT;
        const char *answer = "";
        if (rest.n && rest.p[rest.n - 1] == '\n')
            rest.n--;
        else if (rest.n == LINE_MAX_BYTES - 1)
            return command_usage("version", "a line is over 65535 bytes");
        int n = 0;
        while (n < 3 && slice_take_token(&rest, '\t', &f[n]))
            n++;
        if (n < 3 || rest.n)
            err_set(&e, ERR_USAGE, 0, "a line is KIND, A and B with tabs between them");
        else
            compare(f[0], f[1], f[2], &answer, &e);
        if (e.kind)
            status = EXIT_TROUBLE;
        puts(e.kind ? e.text : answer);
    }
    return status;
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct err e = ERR_INIT;
    const char *answer;
    (void)s;
    (void)own;
    if (n == 0) {
        printf("careen %s\n", CAREEN_VERSION);
        return 0;
    }
    if (strcmp(args[0], "compare") != 0 || (n != 4 && !(n == 2 && strcmp(args[1], "-") == 0)))
        return command_usage("version", "say compare KIND A B, or compare - with lines on standard input");
    if (n == 2)
        return compare_lines();
    if (compare(slice_str(args[1]), slice_str(args[2]), slice_str(args[3]), &answer, &e))
        return command_failed("version", &e);
    puts(answer);
    return 0;
}

const struct command command_version = {
    .name = "version",
    .arguments = "[compare KIND A B | compare -]",
    .words = "compare",
    .summary = "compare package versions as their package managers do",
    .about = "Prints <, = or >, or says why the versions can't be compared. KIND: " KINDS ".\n"
             "With - reads lines of KIND, A and B separated by tabs and prints one answer a line.\n\n"
             "    careen version compare dpkg 1.0~rc1-1 1.0-1\n",
    .run = run,
};
