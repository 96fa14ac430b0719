/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/output.h"

#include "careen/command.h"

#include <fcntl.h>
#include <sys/stat.h>

#define AT_ONCE ((size_t)1 << 30) /* a table has to be known whole before its first line is printed */

struct output {
    const char *path; /* NULL: standard output */
    char *fresh;      /* beside it, so that nobody ever reads half of it; NULL: path is no plain file */
    int fd;
};

static int output_open(const char *path, struct output *o, struct err *e)
{
    struct stat st;
    *o = (struct output){.path = path, .fd = STDOUT_FILENO};
    if (!path)
        return 0;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) /* not so: /dev/stdout, a fifo */
        o->fresh = xasprintf("%s.new-%ld", path, (long)getpid());
    o->fd = open(o->fresh ? o->fresh : path, O_WRONLY | O_CLOEXEC | (o->fresh ? O_CREAT | O_TRUNC : 0), 0666);
    if (o->fd >= 0)
        return 0;
    free(o->fresh);
    return err_errno(e, ERR_USAGE, errno, "cannot write %s", path);
}

static int cannot_write(const struct output *o, struct err *e)
{
    return err_errno(e, ERR_FATAL, errno, "cannot write %s%s", o->path ? "" : "to ",
                     o->path ? o->path : "standard output");
}

static int output_write(void *arg, struct slice text, struct err *e)
{
    const struct output *o = arg;
    while (text.n) {
        ssize_t n = write(o->fd, text.p, text.n);
        if (n >= 0)
            text = slice_from(text, (size_t)n);
        else if (errno != EINTR)
            return cannot_write(o, e);
    }
    return 0;
}

/* rc: whether all of it was written. */
static int output_close(struct output *o, int rc, struct err *e)
{
    if (o->path && close(o->fd) && !rc)
        rc = cannot_write(o, e);
    if (o->fresh && !rc && rename(o->fresh, o->path))
        rc = cannot_write(o, e);
    if (o->fresh && rc)
        unlink(o->fresh);
    free(o->fresh);
    return rc;
}

static int told(const char *name, const struct output *o, int rc, const struct err *e)
{
    if (!rc)
        return 0;
    if (!o->path && e->code == EPIPE) /* whoever reads has seen enough */
        return EXIT_TROUBLE;
    return command_trouble(name, e);
}

int output_text(const char *name, const char *path, struct slice text)
{
    struct output o;
    struct err e = ERR_INIT;
    if (output_open(path, &o, &e))
        return command_trouble(name, &e);
    return told(name, &o, output_close(&o, output_write(&o, text, &e), &e), &e);
}

/*
 * What is true of the whole image and stands in no row: without it an empty table would be read as "no
 * vulnerabilities".
 */
static void tell_whole(const char *name, enum report_subject subject, const struct assessed_image *a)
{
    struct slice why = a->reasons.texts.n ? a->reasons.texts.v[0] : SLICE("no reason is known");
    if (a->extent == REPORT_NOT_ASSESSED) {
        if (subject != REPORT_SCAN) /* scan says so whatever the format, and fails */
            command_say(name, "nothing in it could be judged, so nothing is known of its vulnerabilities: %.*s",
                        SLICE_FMT(why));
    } else if (a->status != INVENTORY_COMPLETE) {
        command_say(name, "not everything could be assessed, so there may be more than these rows: %.*s%s",
                    SLICE_FMT(why), a->reasons.texts.n > 1 ? " …" : "");
    } else if (!a->findings.n && a->code_reason.text.n) {
        command_say(name, "there are no rows, and the image is %s: %.*s", assessment_code_names[a->code],
                    SLICE_FMT(a->code_reason.text));
    }
}

int output_report(const char *name, const char *path, const char *format, enum report_subject subject,
                  const struct assessed_image *a)
{
    const struct report_format *f = report_format_by_name(subject, slice_str(format));
    struct text_terminal terminal;
    struct output o;
    struct err e = ERR_INIT;
    struct buf buf ATTR_CLEANUP(buf_done) = BUF_INIT(AT_ONCE);
    struct report_out out = {.buf = &buf, .write = output_write, .arg = &o, .terminal = &terminal};
    ASSERT(f);
    if (output_open(path, &o, &e))
        return command_trouble(name, &e);
    text_terminal_open(path ? -1 : STDOUT_FILENO, &terminal);
    int rc = told(name, &o, output_close(&o, report_write(f, subject, a, &out, &e), &e), &e);
    if (!rc && f->rows_only)
        tell_whole(name, subject, a);
    return rc;
}
