/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/command.h"

#include "base/terminal/text.h"

const char *const command_reading_settings[] = {"bus", "state", "schema-registry", "kafka", "log-level", NULL};

int command_usage(const char *name, const char *why)
{
    fprintf(stderr, "careen %s: %s\nRun careen %s --help for what it takes.\n", name, why, name);
    return EXIT_USAGE;
}

int command_failed(const char *name, const struct err *e)
{
    if (e->kind == ERR_USAGE)
        return command_usage(name, e->text);
    fprintf(stderr, "careen %s: %s\n", name, e->text);
    return EXIT_TROUBLE;
}

void command_say(const char *name, const char *fmt, ...)
{
    struct buf text = BUF_INIT(1 << 16), safe = BUF_INIT(1 << 18);
    char line[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    buf_addf(&text, "careen %s: %s", name, line);
    text_add_safe(&safe, buf_slice(&text), false);
    buf_add_byte(&safe, '\n');
    text_write(STDERR_FILENO, buf_slice(&safe));
    buf_done(&text);
    buf_done(&safe);
}

int command_trouble(const char *name, const struct err *e)
{
    command_say(name, "%s", e->text);
    return EXIT_TROUBLE;
}
