/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/wire.h"

#include "base/clock.h"
#include "feeds/table/families.h"
#include "feeds/reading.h"

#include <iconv.h>

#define FRAME_MAX ((size_t)8 << 20)
#define FLUSH_AT  ((size_t)128 << 10)
#define STATS_N   11

/* ---- writing ---- */

struct writer {
    struct codec *codec;
    feed_wire_sink sink;
    void *arg;
    struct buf out, key, value;
    bool broken;
};

static int flush(struct writer *w, size_t at)
{
    if (w->out.n < at)
        return 0;
    if (w->sink(w->arg, buf_slice(&w->out)))
        w->broken = true;
    buf_clear(&w->out);
    return w->broken ? -1 : 0;
}

static int write_record(struct writer *w, enum feed_record_kind kind, enum topic t, const void *record, struct err *e)
{
    buf_clear(&w->value);
    if (codec_encode(w->codec, t, record, &w->value, e))
        return -1;
    buf_add_byte(&w->out, (uint8_t)kind);
    buf_add_prefixed(&w->out, buf_slice(&w->key));
    if (w->key.overflow || w->value.overflow || buf_add_prefixed(&w->out, buf_slice(&w->value)))
        return err_set(e, ERR_POISON, 0, "a record is too big");
    return flush(w, FLUSH_AT) ? err_set(e, ERR_RETRY, 0, "nobody takes the records any more") : 0;
}

static int write_advisory(void *arg, const struct advisory *a, struct err *e)
{
    struct writer *w = arg;
    buf_clear(&w->key);
    feed_advisory_key(a, &w->key);
    return write_record(w, FEED_RECORD_ADVISORY, TOPIC_ADVISORIES, a, e);
}

static int write_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    struct writer *w = arg;
    buf_clear(&w->key);
    feed_vulnerability_key(v, &w->key);
    return write_record(w, FEED_RECORD_VULNERABILITY, TOPIC_VULNERABILITIES, v, e);
}

static int write_skipped(void *arg, struct slice id, const char *reason, struct err *e)
{
    struct writer *w = arg;
    buf_add_byte(&w->out, FEED_FRAME_SKIPPED);
    buf_add_prefixed(&w->out, slice_sub(id, 0, 200));
    buf_add_prefixed(&w->out, slice_sub(slice_str(reason), 0, 400));
    return flush(w, FLUSH_AT) ? err_set(e, ERR_RETRY, 0, "nobody takes the records any more") : 0;
}

static int write_name(void *arg, struct slice name, struct err *e)
{
    struct writer *w = arg;
    buf_add_byte(&w->out, FEED_FRAME_NAME);
    buf_add_prefixed(&w->out, name);
    buf_add_prefixed(&w->out, SLICE("-"));
    return flush(w, FLUSH_AT) ? err_set(e, ERR_RETRY, 0, "nobody takes the names any more") : 0;
}

int feed_wire_write(const struct feed *f, struct byte_source source, int64_t now_ms, struct codec *codec,
                    feed_wire_sink sink, void *arg)
{
    struct writer w = {.codec = codec,
                       .sink = sink,
                       .arg = arg,
                       .out = BUF_INIT(4 * FRAME_MAX),
                       .key = BUF_INIT(FEED_KEY_MAX),
                       .value = BUF_INIT(FRAME_MAX)};
    struct feed_sink to = {.arg = &w,
                           .now_ms = now_ms,
                           .advisory = write_advisory,
                           .vulnerability = write_vulnerability,
                           .skipped = write_skipped,
                           .named = write_name};
    struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
    struct feed_stats s;
    struct err e = ERR_INIT;
    if (feed_parse(f, source, &to, &arena, &s, &e)) {
        buf_add_byte(&w.out, FEED_FRAME_REFUSED);
        buf_add_varint(&w.out, (uint64_t)e.kind);
        buf_add_varint(&w.out, e.code > 0 ? (uint64_t)e.code : 0);
        buf_add_prefixed(&w.out, slice_str(e.text));
    } else {
        const uint64_t numbers[STATS_N] = {
            s.documents,      s.skipped,  s.withdrawn, s.advisories,          s.vulnerabilities, s.bytes,
            s.unpacked_bytes, s.left_out, s.names,     (uint64_t)s.newest_ms, s.containers,
        };
        buf_add_byte(&w.out, FEED_FRAME_END);
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
            buf_add_varint(&w.out, numbers[i]);
    }
    flush(&w, 0);
    arena_done(&arena);
    buf_done(&w.out);
    buf_done(&w.key);
    buf_done(&w.value);
    return w.broken ? -1 : 0;
}

/* ---- taking ---- */

struct taking {
    const struct feed_taker *taker;
    struct buf pending;
    struct feed_stats stats;
    struct err err; /* what ended it, here or at the writer */
    bool ended;
    int64_t now_ms;
    uint64_t names;
};

static int take_end(struct taking *t, struct slice *in)
{
    uint64_t numbers[STATS_N];
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (!slice_take_varint(in, &numbers[i]))
            return 0;
    t->stats = (struct feed_stats){.documents = numbers[0],
                                   .skipped = numbers[1],
                                   .withdrawn = numbers[2],
                                   .advisories = numbers[3],
                                   .vulnerabilities = numbers[4],
                                   .bytes = numbers[5],
                                   .unpacked_bytes = numbers[6],
                                   .left_out = numbers[7],
                                   .names = numbers[8],
                                   .newest_ms = (int64_t)numbers[9],
                                   .containers = numbers[10]};
    /* What a child says of dates is as foreign as its records. */
    if (t->stats.newest_ms < 0 || t->stats.newest_ms > t->now_ms + INT64_C(86400000))
        t->stats.newest_ms = 0;
    t->ended = true;
    return 1;
}

static int take_refusal(struct taking *t, struct slice *in)
{
    uint64_t kind, code;
    struct slice text;
    if (!slice_take_varint(in, &kind) || !slice_take_varint(in, &code) || !slice_take_prefixed(in, &text))
        return 0;
    t->ended = true;
    /* A source that failed is told by the reader's own error; whatever a child says beside is about the bytes. */
    return err_set(&t->err, kind == ERR_RETRY || kind == ERR_FULL ? (enum err_kind)kind : ERR_POISON,
                   code == FEED_IS_EMPTY ? FEED_IS_EMPTY : 0, "%.*s", SLICE_FMT(text));
}

static int take_name(struct taking *t, struct slice name)
{
    if (!name.n || name.n > FEED_KEY_MAX || !slice_is_text(name) || ++t->names > LIST_DOCUMENTS_MAX)
        return err_set(&t->err, ERR_POISON, 0, "a name that is none");
    return t->taker->named ? t->taker->named(t->taker->arg, name, &t->err) : 0;
}

static int take_record(struct taking *t, enum feed_record_kind kind, struct slice key, struct slice value)
{
    if (!key.n || key.n > FEED_KEY_MAX || !value.n || !t->taker->record)
        return err_set(&t->err, ERR_POISON, 0, "a record without a fitting key");
    return t->taker->record(t->taker->arg, kind, key, value, &t->err);
}

/* A frame of two texts: 1 it was taken, 0 it is not whole yet, -1 t->err. */
static int take_pair(struct taking *t, uint8_t kind, struct slice *in)
{
    struct slice at = *in, first, second;
    int rc = 0;
    if (!slice_take_prefixed(&at, &first) || !slice_take_prefixed(&at, &second))
        return in->n > FRAME_MAX + 1024 ? err_set(&t->err, ERR_POISON, 0, "a frame without an end") : 0;
    if (kind == FEED_FRAME_NAME)
        rc = take_name(t, first);
    else if (kind != FEED_FRAME_SKIPPED)
        rc = take_record(t, (enum feed_record_kind)kind, first, second);
    else if (t->taker->skipped)
        rc = t->taker->skipped(t->taker->arg, first, second, &t->err);
    *in = at;
    return rc ? -1 : 1;
}

/* 1 a frame was taken, 0 it is not whole yet, -1 t->err. */
static int take_frame(struct taking *t, struct slice *in)
{
    if (!in->n)
        return 0;
    struct slice at = slice_from(*in, 1);
    int rc;
    switch (in->p[0]) {
    case FEED_FRAME_END:
        rc = take_end(t, &at);
        break;
    case FEED_FRAME_REFUSED:
        rc = take_refusal(t, &at);
        break;
    case FEED_FRAME_ADVISORY:
    case FEED_FRAME_VULNERABILITY:
    case FEED_FRAME_SKIPPED:
    case FEED_FRAME_NAME:
        rc = take_pair(t, in->p[0], &at);
        break;
    default:
        return err_set(&t->err, ERR_POISON, 0, "a frame of an unknown kind");
    }
    if (rc == 1)
        *in = at;
    return rc;
}

static int take_bytes(void *arg, struct slice bytes)
{
    struct taking *t = arg;
    if (t->err.kind != ERR_NONE)
        return -1;
    if (t->ended)
        return bytes.n ? err_set(&t->err, ERR_POISON, 0, "frames behind the end") : 0;
    if (buf_add_slice(&t->pending, bytes))
        return err_set(&t->err, ERR_POISON, 0, "a frame without an end");
    struct slice in = buf_slice(&t->pending);
    int rc;
    while (!t->ended && (rc = take_frame(t, &in)) != 0)
        if (rc < 0)
            return -1;
    size_t taken = t->pending.n - in.n;
    memmove(t->pending.p, t->pending.p + taken, in.n);
    t->pending.n = in.n;
    return 0;
}

/* ---- here ---- */

static int read_here(const struct feed *f, struct byte_source source, struct taking *t, struct err *e)
{
    struct codec *codec;
    if (codec_open(NULL, &codec, e))
        return -1;
    feed_wire_write(f, source, t->now_ms, codec, take_bytes, t);
    codec_close(codec);
    return 0;
}

/* ---- in a child ---- */

static int child_source(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    (void)e;
    *ret_n = sandbox_child_read(arg, ret_p);
    return 0;
}

static int child_sink(void *arg, struct slice bytes)
{
    return sandbox_child_write(arg, bytes);
}

void feed_sandbox_prepare(void)
{
    /* libarchive's dates of a zip would look for /etc/localtime, its names for the tables of iconv. */
    setenv("TZ", "UTC0", 1);
    tzset();
    static const char *const charsets[][2] = {{"UTF-8", "ANSI_X3.4-1968"}, {"ANSI_X3.4-1968", "UTF-8"}};
    for (size_t i = 0; i < ARRAY_LEN(charsets); i++) {
        iconv_t c = iconv_open(charsets[i][0], charsets[i][1]);
        if (c != (iconv_t)-1)
            iconv_close(c);
    }
}

int feed_sandbox_main(struct sandbox_child *c, struct slice argument)
{
    struct err e = ERR_INIT;
    struct codec *codec;
    struct slice name = SLICE_NONE;
    uint64_t now = 0;
    slice_take_token(&argument, ' ', &name);
    const struct feed *f = feed_by_name(name);
    if (!f || !slice_parse_u64(argument, &now) || codec_open(NULL, &codec, &e))
        return -1;
    struct byte_source source = {.read = child_source, .arg = c};
    int rc = feed_wire_write(f, source, (int64_t)now, codec, child_sink, c);
    codec_close(codec);
    return rc;
}

/* Copies what the source gives into the child's input, and takes what the child has written in between. */
static int feed_child(struct byte_source source, struct sandbox_run *run, struct taking *t, struct buf *out,
                      struct err *e)
{
    for (;;) {
        const uint8_t *p;
        size_t n;
        if (source.read(source.arg, &p, &n, e))
            return -1;
        if (!n)
            return 0;
        while (n) {
            uint8_t *to;
            size_t room;
            if (sandbox_reserve(run, &to, &room, NULL))
                return 0; /* the child ended early: its answer or its death tells why */
            room = MIN(room, n);
            memcpy(to, p, room);
            if (sandbox_send(run, room, NULL))
                return 0;
            p += room;
            n -= room;
            buf_clear(out);
            sandbox_take(run, out);
            if (take_bytes(t, buf_slice(out)))
                return 0;
        }
    }
}

static int read_in_child(const struct feed *f, struct byte_source source, struct sandbox *sandbox, size_t main_index,
                         struct taking *t, struct err *e)
{
    struct sandbox_run *run;
    struct buf out = BUF_INIT((size_t)1 << 30);
    int status = 0;
    /* The child has no clock. */
    char *argument ATTR_CLEANUP(cleanup_free) = xasprintf("%s %" PRId64, f->name, t->now_ms);
    if (sandbox_open(sandbox, main_index, slice_str(argument), &run, e))
        return -1;
    if (feed_child(source, run, t, &out, e)) {
        sandbox_abort(run);
        buf_done(&out);
        return -1;
    }
    /* A feed unpacks to many times its bytes: most of what the child says comes when its input has ended. */
    int more;
    do {
        buf_clear(&out);
        more = sandbox_drain(run, &out);
    } while (more == 1 && !take_bytes(t, buf_slice(&out)));
    if (more == 0)
        take_bytes(t, buf_slice(&out));
    buf_clear(&out);
    struct err died = ERR_INIT;
    int rc = sandbox_finish(run, &out, &status, &died);
    if (t->err.kind == ERR_NONE && !t->ended)
        take_bytes(t, buf_slice(&out));
    buf_done(&out);
    if (rc && t->err.kind == ERR_NONE && !t->ended)
        t->err = died;
    return 0;
}

int feed_read(const struct feed *f, struct byte_source source, struct sandbox *sandbox, size_t main_index,
              const struct feed_taker *taker, struct feed_stats *ret_stats, struct err *e)
{
    struct taking t = {
        .taker = taker, .pending = BUF_INIT((size_t)1 << 30), .err = ERR_INIT, .now_ms = clock_wall_ms()};
    int rc = sandbox ? read_in_child(f, source, sandbox, main_index, &t, e) : read_here(f, source, &t, e);
    buf_done(&t.pending);
    if (rc)
        return -1;
    if (t.err.kind != ERR_NONE) {
        if (e)
            *e = t.err;
        return -1;
    }
    if (!t.ended)
        return err_set(e, ERR_POISON, 0, "feed %s: its reader ended without an answer", f->name);
    *ret_stats = t.stats;
    return 0;
}

/* ---- records ---- */

int feed_record_decode(const struct feed *f, struct codec *codec, enum feed_record_kind kind, struct slice key,
                       struct slice value, struct arena *arena, struct feed_record *ret_record, struct err *e)
{
    struct feed_record r = {.kind = kind};
    struct buf own = BUF_INIT(FEED_KEY_MAX);
    bool advisory = kind == FEED_RECORD_ADVISORY;
    void *record = advisory ? (void *)&r.advisory : (void *)&r.vulnerability;
    if (codec_decode(codec, advisory ? TOPIC_ADVISORIES : TOPIC_VULNERABILITIES, value, arena, record, e))
        return -1;
    bool fits = true;
    if (advisory) {
        fits = feed_advisory_key(&r.advisory, &own) == 0 && slice_eq_str(r.advisory.feed, f->name) &&
               (!f->ecosystem || slice_starts(r.advisory.ecosystem, slice_str(f->ecosystem)));
    } else {
        fits = feed_vulnerability_key(&r.vulnerability, &own) == 0 && slice_eq_str(r.vulnerability.feed, f->name);
    }
    fits = fits && slice_eq(buf_slice(&own), key);
    buf_done(&own);
    if (!fits)
        return err_set(e, ERR_POISON, 0, "feed %s gave a record that is not its own: %.*s", f->name,
                       SLICE_FMT(slice_sub(key, 0, 120)));
    *ret_record = r;
    return 0;
}

struct hash128 feed_record_hash(struct slice value)
{
    if (slice_starts(value, SLICE("\xC3\x01")))
        value = slice_from(value, 10);
    else if (slice_starts(value, slice_of("\0", 1)))
        value = slice_from(value, 5);
    return hash128(value);
}
