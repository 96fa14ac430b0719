/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/program.h"

#include "base/log.h"
#include "base/terminal/text.h"

#include <locale.h>

static int usage(const char *name, const struct err *e)
{
    fprintf(stderr, "%s: %s\nRun %s --help for what it takes.\n", name, e->text, name);
    return EXIT_USAGE;
}

static void print_help(const struct program *p, const struct config_set *set)
{
    struct buf out = BUF_INIT(1 << 20);
    char *head ATTR_CLEANUP(cleanup_free) =
        xasprintf("Usage: %s --bus URL --state DIR [options]\n\n%s\n", p->def->name, p->about);
    config_help(head, set, 1, text_columns(STDOUT_FILENO, 100), &out);
    fputs(buf_cstr(&out), stdout);
    buf_done(&out);
}

static int run(const struct program *p, const struct settings *s, struct err *e)
{
    struct runner_config rc = {
        .bus_url = s->bus,
        .state_dir = s->state,
        .registry_url = s->schema_registry,
        .member = s->member,
        .kafka_keys = s->kafka.keys,
        .kafka_values = s->kafka.values,
        .kafka_n = s->kafka.n,
        .workers = (unsigned)s->workers,
        .http = s->http,
        .until_idle = getenv("CAREEN_UNTIL_IDLE") != NULL,
    };
    if (!s->bus || !s->state)
        return err_set(e, ERR_USAGE, 0, "--%s is missing", s->bus ? "state" : "bus");
    if (p->configure && p->configure(s, &rc.stage_config, e))
        return -1;
    return runner_run(p->def, &rc, e);
}

/* What --help, --version and --show-config print; -1 when the program is to run. */
static int answer(const struct program *p, const struct config *c, const struct config_set *set)
{
    struct buf out = BUF_INIT(1 << 20);
    switch (config_asked(c)) {
    case CONFIG_HELP:
        print_help(p, set);
        return 0;
    case CONFIG_VERSION:
        printf("%s of careen %s\n", p->def->name, CAREEN_VERSION);
        return 0;
    case CONFIG_SHOW:
        config_dump(c, &out);
        fputs(buf_cstr(&out), stdout);
        buf_done(&out);
        return 0;
    default:
        return -1;
    }
}

static void log_warnings(const struct config *c)
{
    size_t n;
    const char *const *warnings = config_warnings(c, &n);
    for (size_t i = 0; i < n; i++)
        log_warn("a setting is not used", LOG_S("reason", warnings[i]));
}

int program_main(const struct program *p, int argc, char **argv)
{
    struct settings s = {0};
    struct config_set set = {"Options", settings_options, settings_options_n, &s, sizeof s, NULL};
    struct config *c;
    struct err e = ERR_INIT;
    enum log_level level = LOG_INFO;
    size_t n;
    setlocale(LC_CTYPE, "C.UTF-8");
    if (config_load(&set, 1, &settings_known, argc - 1, (const char *const *)argv + 1, (const char *const *)environ, &c,
                    &e))
        return usage(p->def->name, &e);
    int rc = answer(p, c, &set);
    const char *const *words = config_args(c, &n);
    if (rc < 0 && n)
        rc = (err_set(&e, ERR_USAGE, 0, "nothing is expected beside options, not \"%s\"", words[0]),
              usage(p->def->name, &e));
    else if (rc < 0 && !log_level_parse(slice_str(s.log_level), &level))
        rc = (err_set(&e, ERR_USAGE, 0, "--log-level %s: debug, info, warn, error or off", s.log_level),
              usage(p->def->name, &e));
    else if (rc < 0 && settings_finish(&s, c, &e))
        rc = usage(p->def->name, &e);
    if (rc < 0) {
        log_setup(level, p->def->name);
        log_warnings(c);
        if (!s.workers)
            s.workers = 2 * MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
        rc = run(p, &s, &e) ? (e.kind == ERR_USAGE ? usage(p->def->name, &e) : EXIT_TROUBLE) : 0;
        if (rc == EXIT_TROUBLE)
            log_error("the process ends", LOG_S("reason", e.text));
    }
    settings_done(&s);
    config_free(c);
    return rc;
}
