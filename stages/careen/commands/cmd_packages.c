/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "careen/scan/image_options.h"
#include "careen/scan/scan_print.h"
#include "reports/cyclonedx.h"

#define ARENA_BYTES ((size_t)1 << 30)
#define OUT_BYTES   ((size_t)1 << 30)

static const char *const formats[] = {"table", "json", "cyclonedx", NULL};

static const struct config_option options[] = {
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = IMAGE_OPTION(format),
     .fallback = "table",
     .choices = formats,
     .help = "table for people, json (docs/formats/scan.md), cyclonedx (1.6, JSON)."},
    IMAGE_OPTIONS,
};

static int print(const struct image_options *o, const struct scan_print *s, struct buf *out)
{
    struct err e = ERR_INIT;
    if (strcmp(o->format, "cyclonedx") == 0)
        return cyclonedx_write(&s->gathered->inventory, out, &e);
    return strcmp(o->format, "json") == 0 ? packages_print_json(s, out) : packages_print_table(s, out);
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct image_options *o = own;
    struct arena arena = ARENA_INIT(ARENA_BYTES);
    struct buf out = BUF_INIT(OUT_BYTES);
    struct gathered gathered;
    struct text_terminal terminal;
    struct scan_print p = {.gathered = &gathered, .terminal = &terminal, .now_ms = clock_wall_ms()};
    (void)s;
    text_terminal_open(o->output ? -1 : STDOUT_FILENO, &terminal);
    int rc = image_gather("packages", o, args, n, &arena, &p.reference, &gathered);
    if (!rc && print(o, &p, &out)) {
        command_say("packages", "the list is longer than %zu bytes", OUT_BYTES);
        rc = EXIT_TROUBLE;
    }
    if (!rc)
        rc = image_output("packages", o, buf_slice(&out));
    buf_done(&out);
    arena_done(&arena);
    return rc;
}

const struct command command_packages = {
    .name = "packages",
    .arguments = "IMAGE [options]",
    .summary = "list what is installed in an image",
    .takes_image = true,
    .about = "Exit status 0 also when the list is partial: the reasons are in it.\n\n"
             "    careen packages registry.example/team/app:1.4\n"
             "    careen packages oci:./image --format cyclonedx --output app.cdx.json\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct image_options),
    .run = run,
};
