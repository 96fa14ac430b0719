/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/topics/listing.h"

const char *const listing_formats[] = {"table", "json", NULL};

bool listing_wants_json(const struct listing_options *o)
{
    return o->format ? strcmp(o->format, "json") == 0 : !isatty(STDOUT_FILENO);
}

void listing_flush(struct listing *l)
{
    text_write(STDOUT_FILENO, buf_slice(&l->out));
    buf_clear(&l->out);
}

int listing_json(struct listing *l, const void *record, struct err *e)
{
    if (codec_to_json(l->reader ? reader_codec(l->reader) : NULL, l->topic, record, &l->out, e))
        return -1;
    buf_add_byte(&l->out, '\n');
    listing_flush(l);
    return 0;
}

int listing_end(const char *name, struct listing *l, int rc, struct err *e)
{
    if (!rc && l->table && !l->json) {
        struct text_terminal t;
        text_terminal_open(STDOUT_FILENO, &t);
        text_table_print(l->table, &t, &l->out);
        listing_flush(l);
    }
    if (!rc)
        rc = reader_check(l->reader, e);
    text_table_free(l->table);
    buf_done(&l->out);
    reader_close(l->reader);
    return rc ? command_failed(name, e) : 0;
}

static int show_record(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    return l->json ? listing_json(l, record, e) : l->show(l, key, record, at_ms, e);
}

int listing_run(const struct listing_table *t, const struct settings *s, const struct listing_options *o, size_t args_n)
{
    struct err e = ERR_INIT;
    if (args_n)
        return command_usage(t->name, "it takes no arguments");
    struct listing l = {.topic = t->topic,
                        .json = listing_wants_json(o),
                        .out = BUF_INIT((size_t)256 << 20),
                        .table = text_table_new(t->columns, t->columns_n),
                        .show = t->show};
    int rc = reader_open(s, &l.reader, &e);
    if (!rc)
        rc = reader_all(l.reader, t->topic, show_record, &l, &e);
    return listing_end(t->name, &l, rc, &e);
}
