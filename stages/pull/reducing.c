/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/reducing.h"

static void put(void *arg, const struct package_format *format, struct slice path, struct slice bytes)
{
    struct reducing *r = arg;
    r->told = true;
    writer_put(r->writer, &(struct evidence_entry){.kind = EVIDENCE_FILE,
                                                   .path = path,
                                                   .collector = slice_str(format->name),
                                                   .bytes = bytes,
                                                   .size = bytes.n});
}

static void reason(void *arg, enum reason_code code, const char *text)
{
    struct reducing *r = arg;
    writer_reason(r->writer, code, "%s", text);
}

static struct reducer_out out_of(struct reducing *r, int reducer)
{
    return (struct reducer_out){.put = put, .reason = reason, .arg = r, .format = r->reducers[reducer].format};
}

static bool is_of(const struct reducing *r, size_t i, const struct wanted *w)
{
    return r->reducers[i].reducer == w->rule->reducer &&
           (w->rule->reducer->shared || r->reducers[i].format == w->format);
}

static int reducer_of(struct reducing *r, const struct wanted *w)
{
    size_t i = 0;
    while (i < r->reducers_n && !is_of(r, i, w))
        i++;
    if (i == r->reducers_n) {
        ASSERT(r->reducers_n < REDUCERS_MAX);
        r->reducers[i].format = w->format;
        r->reducers[i].reducer = w->rule->reducer;
        r->reducers[i].state = xcalloc(1, w->rule->reducer->state_size);
        r->reducers_n++;
    }
    return (int)i;
}

static void give(struct reducing *r, const struct wanted *w)
{
    int i = reducer_of(r, w);
    const struct reduced_file file = {.rule = w->rule, .path = slice_of(r->path, r->path_n), .size = r->size};
    const struct reducer_out out = out_of(r, i);
    if (w->rule->reducer->begin(r->reducers[i].state, &file, &out))
        r->fed[r->fed_n++] = (uint8_t)i;
}

void reducing_link(struct reducing *r, const struct wanted *wanted, struct slice path, struct slice target)
{
    if (!wanted || !wanted->rule->reducer)
        return;
    int i = reducer_of(r, wanted);
    const struct reduced_file file = {.rule = wanted->rule, .path = path, .linked = true, .target = target};
    const struct reducer_out out = out_of(r, i);
    wanted->rule->reducer->begin(r->reducers[i].state, &file, &out);
}

bool reducing_begin(struct reducing *r, const struct wanted *wanted, struct slice path, uint64_t size)
{
    ASSERT(path.n <= sizeof r->path);
    memcpy(r->path, path.p, path.n);
    r->path_n = path.n;
    r->size = size;
    r->front_n = 0;
    r->front_max = (size_t)MIN(size, (uint64_t)MAX(r->rules->magic_n, (size_t)PATH_INDEX_FRONT));
    r->looking = !wanted && r->rules->magic_n > 0;
    r->fed_n = 0;
    r->told = false;
    if (wanted && wanted->rule->reducer)
        give(r, wanted);
    return r->front_max || r->fed_n;
}

static void feed(struct reducing *r, uint64_t at, struct slice bytes)
{
    for (size_t i = 0; bytes.n && i < r->fed_n; i++)
        r->reducers[r->fed[i]].reducer->feed(r->reducers[r->fed[i]].state, at, bytes);
}

/* Two rules of one reducer may fit; it gets the file once. */
static bool is_fed(const struct reducing *r, const struct wanted *w)
{
    for (size_t i = 0; i < r->fed_n; i++)
        if (is_of(r, r->fed[i], w))
            return true;
    return false;
}

/* The front is whole. */
static void front_told(struct reducing *r)
{
    struct slice front = slice_of(r->front, r->front_n);
    r->front_max = 0;
    path_index_add_magic(r->index, front);
    if (!r->looking)
        return;
    r->looking = false;
    const struct wanted *w = NULL;
    while ((w = rules_of_content(r->rules, slice_of(r->path, r->path_n), front, w)))
        if (!is_fed(r, w))
            give(r, w);
    feed(r, 0, front);
}

/* False: all of the piece belongs to the front. */
static bool take_front(struct reducing *r, uint64_t *at, struct slice *bytes)
{
    for (; r->front_n < *at && r->front_n < r->front_max; r->front_n++) /* a hole */
        r->front[r->front_n] = 0;
    size_t n = MIN(bytes->n, r->front_max - r->front_n);
    if (n)
        memcpy(r->front + r->front_n, bytes->p, n);
    r->front_n += n;
    if (!r->fed_n) {
        *bytes = slice_from(*bytes, n);
        *at += n;
    }
    if (r->front_n < r->front_max)
        return r->fed_n > 0;
    front_told(r);
    return true;
}

void reducing_data(struct reducing *r, uint64_t at, struct slice bytes)
{
    if (r->front_max && !take_front(r, &at, &bytes))
        return;
    feed(r, at, bytes);
}

void reducing_end(struct reducing *r)
{
    if (r->front_max && r->front_n < r->front_max) { /* it ends in a hole */
        memset(r->front + r->front_n, 0, r->front_max - r->front_n);
        r->front_n = r->front_max;
    }
    if (r->front_max)
        front_told(r);
    for (size_t i = 0; i < r->fed_n; i++) {
        const struct reducer_out out = out_of(r, r->fed[i]);
        r->reducers[r->fed[i]].reducer->end(r->reducers[r->fed[i]].state, &out);
    }
    r->fed_n = 0;
}

void reducing_layer_end(struct reducing *r)
{
    for (size_t i = 0; i < r->reducers_n; i++) {
        const struct reducer_out out = out_of(r, (int)i);
        r->reducers[i].reducer->layer_end(r->reducers[i].state, &out);
    }
}

void reducing_done(struct reducing *r)
{
    for (size_t i = 0; i < r->reducers_n; i++)
        free(r->reducers[i].state);
}
