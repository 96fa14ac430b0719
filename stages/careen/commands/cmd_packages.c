/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "careen/output.h"
#include "careen/scan/image_options.h"
#include "careen/scan/scan_view.h"
#include "inventory/assemble/sha1_index.h"

#define ARENA_BYTES ((size_t)1 << 30)

static const struct config_option options[] = {
    REPORT_FORMAT_OPTION(IMAGE_OPTION(format), REPORT_PACKAGES),
    IMAGE_OPTIONS,
};

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct image_options *o = own;
    struct arena arena = ARENA_INIT(ARENA_BYTES);
    struct gathered gathered;
    struct assessed_image view;
    struct slice reference;
    struct err e = ERR_INIT;
    if (sha1_index_use(s->java_index, &e))
        return command_usage("packages", e.text);
    int rc = image_gather("packages", o, args, n, &arena, &reference, &gathered);
    if (!rc) {
        scan_view_packages(&gathered, reference, clock_wall_ms(), &view);
        rc = output_report("packages", o->output, o->format, REPORT_PACKAGES, &view);
    }
    arena_done(&arena);
    return rc;
}

static const char *const settings_used[] = {"java-index", NULL};

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
    .uses_settings = true,
    .settings = settings_used,
    .run = run,
};
