/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_findings.c: careen findings: the vulnerabilities of one image, joined with what is known of their exploitation,
 * as scan shows them.
 */
#include "careen/command.h"

#include "base/clock.h"
#include "careen/output.h"
#include "careen/topics/image_findings.h"
#include "careen/topics/image_lookup.h"

#define ARENA_BYTES ((size_t)512 << 20)

struct findings_options {
    const char *format;
};
static const struct config_option options[] = {
    REPORT_FORMAT_OPTION(offsetof(struct findings_options, format), REPORT_FINDINGS),
};

/* Shows it. *ret_status: the exit status once it was shown; then 0 is returned. */
static int show(struct reader *r, const char *image, const char *format, struct assessed_image *a, struct arena *arena,
                int *ret_status, struct err *e)
{
    struct image_lookup k;
    bool found;
    if (image_lookup(r, "findings", image, arena, &k, e))
        return -1;
    /* Records of other images that can't be read take nothing from this one. */
    size_t others = reader_skipped(r);
    if (image_findings_read(r, k.digest, arena, a, &found, e))
        return -1;
    if (found)
        *ret_status = output_report("findings", NULL, format, REPORT_FINDINGS, a);
    if (reader_skipped(r) > others)
        return reader_check(r, e);
    return found ? 0 : err_set(e, ERR_RETRY, 0, "%s %s", image, k.why[0] ? k.why : "is not assessed yet");
}

static int run_findings(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct findings_options *o = own;
    struct arena arena = ARENA_INIT(ARENA_BYTES);
    struct reader *reader = NULL;
    struct err e = ERR_INIT;
    int status = 0;
    if (n != 1 || !args[0][0])
        return command_usage("findings", "name one image; " IMAGE_LOOKUP_TAKES);
    struct assessed_image a = {.reference = slice_str(args[0]),
                               .policy = policy_of(s->unhealthy_from, s->unhealthy_unfixed),
                               .now_ms = clock_wall_ms()};
    int rc = reader_open(s, &reader, &e);
    if (!rc)
        rc = show(reader, args[0], o->format, &a, &arena, &status, &e);
    reader_close(reader);
    arena_done(&arena);
    return rc ? command_failed("findings", &e) : status;
}

const struct command command_findings = {
    .name = "findings",
    .arguments = "IMAGE [--bus URL] [--format FORMAT]",
    .summary = "the vulnerabilities of one image",
    .about =
        "IMAGE is repository:tag, repository@sha256:…, repository alone when it has one image, or a digest or its\n"
        "beginning (sha256:… or at least 8 hexadecimal digits); the registry in front may be left out. Where a name\n"
        "fits several images they are listed, and none is shown.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct findings_options),
    .uses_settings = true,
    .settings = command_reading_settings,
    .run = run_findings,
};
