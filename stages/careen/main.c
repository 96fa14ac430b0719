/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/command.h"

#include "base/log.h"
#include "base/terminal/text.h"

#include <locale.h>
#include <signal.h>

char **command_line;
char **command_argv;

static void print_overview(FILE *to)
{
    fputs("Usage: careen COMMAND [options]\n\nCareen finds the vulnerabilities of container images, and keeps them "
          "found.\n\n",
          to);
    for (const struct command *const *c = careen_program.commands; *c; c++)
        fprintf(to, "  %-16s %s\n", (*c)->name, (*c)->summary);
    fputs("\ncareen COMMAND --help tells more. Exit status: 0 fine, 1 findings at or above --fail-on, 2 usage, 3 could "
          "not do it.\n",
          to);
}

void command_elsewhere(void)
{
    char path[PATH_MAX];
    if (!careen_program.larger)
        return;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[MAX(n, 0)] = 0;
    char *slash = strrchr(path, '/');
    char *larger ATTR_CLEANUP(cleanup_free) =
        xasprintf("%.*s%s", slash ? (int)(slash - path + 1) : 0, path, careen_program.larger);
    if (slash)
        execv(larger, command_line);
    fprintf(stderr, "careen: %s can't be run: %s; install it beside careen\n", larger, strerror(errno));
    exit(EXIT_TROUBLE);
}

/* "IMAGE is a, b or c" of the kinds that the program knows. */
static void add_image_kinds(struct buf *out)
{
    const struct image_kind *const *kinds = careen_program.image_kinds;
    buf_add_str(out, "IMAGE is ");
    for (size_t i = 0; kinds[i]; i++)
        buf_addf(out, "%s%s", !i ? "" : kinds[i + 1] ? ", " : " or ", kinds[i]->takes);
    buf_add_str(out, "; ref is a name in it, @7 (its place, from 0) or @sha256:...\n\n");
}

void command_about(const struct command *c, struct buf *out)
{
    if (c->takes_image)
        add_image_kinds(out);
    buf_add_str(out, c->about);
}

static void print_help(const struct command *c, const struct config_set *sets, size_t n)
{
    struct buf out = BUF_INIT(1 << 20), head = BUF_INIT(1 << 16);
    if (c->takes_image)
        command_elsewhere(); /* to tell of every kind */
    buf_addf(&head, "Usage: careen %s %s\n\n", c->name, c->arguments);
    command_about(c, &head);
    config_help(buf_cstr(&head), sets, n, text_columns(STDOUT_FILENO, 100), &out);
    fputs(buf_cstr(&out), stdout);
    buf_done(&head);
    buf_done(&out);
}

static void print_warnings(const struct command *c, const struct config *config)
{
    size_t n;
    const char *const *warnings = config_warnings(config, &n);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "careen %s: note: %s\n", c->name, warnings[i]);
}

static int run(const struct command *c, int argc, char **argv)
{
    struct settings s = {0};
    void *own ATTR_CLEANUP(cleanup_free) = xcalloc(1, c->size);
    struct config_set sets[] = {
        {"Options", c->options, c->options_n, own, c->size, NULL},
        {"Settings", settings_options, settings_options_n, c->uses_settings ? &s : NULL, sizeof s, c->settings},
    };
    struct config *config;
    struct err e = ERR_INIT;
    enum log_level level = LOG_WARN;
    size_t n;
    const struct config_set *first = c->options_n ? sets : sets + 1;
    size_t sets_n = c->options_n ? 2 : 1;
    if (config_load(first, sets_n, &settings_known, argc, (const char *const *)argv, (const char *const *)environ,
                    &config, &e))
        return command_usage(c->name, e.text);
    int rc = 0;
    if (config_asked(config) == CONFIG_HELP) {
        print_help(c, first, sets_n);
    } else if (config_asked(config) == CONFIG_VERSION) {
        printf("careen %s\n", CAREEN_VERSION);
    } else if (config_asked(config) == CONFIG_SHOW) {
        struct buf out = BUF_INIT(1 << 20);
        config_dump(config, &out);
        fputs(buf_cstr(&out), stdout);
        buf_done(&out);
    } else if (c->uses_settings && settings_finish(&s, config, &e)) {
        rc = command_usage(c->name, e.text);
    } else {
        if (s.log_level && strcmp(s.log_level, "info") != 0)
            log_level_parse(slice_str(s.log_level), &level);
        log_setup(level, "careen");
        if (c->uses_settings)
            settings_defaults(&s);
        print_warnings(c, config);
        const char *const *args = config_args(config, &n);
        rc = c->run(&s, own, args, n);
    }
    settings_done(&s);
    config_free(config);
    return rc;
}

static int unknown(const char *name)
{
    static const char *const options[] = {"--help", "--version"};
    const char *names[64];
    size_t n = 0;
    for (const struct command *const *c = careen_program.commands; *c && n < ARRAY_LEN(names); c++)
        names[n++] = (*c)->name;
    bool option = *name == '-';
    const char *nearest = option ? config_nearest_name(options, ARRAY_LEN(options), slice_str(name))
                                 : config_nearest_name(names, n, slice_str(name));
    fprintf(stderr, "careen: there is no %s \"%.100s\"", option ? "option" : "command", name);
    if (nearest)
        fprintf(stderr, "; did you mean %s?", nearest);
    fprintf(stderr, "%s careen --help lists the commands\n", nearest ? "" : ";");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    command_line = argv;
    char *help[] = {(char[]){"--help"}, NULL};
    const char *name = argc > 1 ? argv[1] : "--help";
    bool asked = argc == 3 && strcmp(name, "help") == 0; /* careen help scan */
    if (asked)
        name = argv[2];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        command_elsewhere();
        print_overview(stdout);
        return argc > 1 ? 0 : EXIT_USAGE;
    }
    if (strcmp(name, "--version") == 0) {
        printf("careen %s\n", CAREEN_VERSION);
        return 0;
    }
    for (const struct command *const *c = careen_program.commands; *c; c++)
        if (strcmp((*c)->name, name) == 0) {
            command_argv = asked ? help : argv + 2;
            return run(*c, asked ? 1 : argc - 2, command_argv);
        }
    command_elsewhere();
    return unknown(name);
}
