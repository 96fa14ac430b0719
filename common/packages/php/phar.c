/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phar.c: PHP's archives, which programs such as Composer are published as. Behind a stub that ends with
 * __HALT_COMPILER(); comes a list of the members, then what is in them, in that order, plain or deflated. What Composer put
 * into one its vendor/composer/installed.json says, as anywhere. It is read while it streams by; no more is held than the list
 * and one such file.
 */
#include "packages/reading/held_file.h"
#include "packages/php/php.h"

#include <isa-l/igzip_lib.h>

#define HALT        "__HALT_COMPILER();"
#define LIST_MAX    ((size_t)4 << 20)
#define MEMBER_MAX  ((size_t)8 << 20)
#define MEMBERS_MAX 8
#define IS_DEFLATED 0x1000u
#define IS_BZIP2    0x2000u
#define WANTED      "composer/installed.json"

struct wanted_member {
    uint64_t from, to; /* in the file */
    uint32_t flags;
    uint8_t name[256];
    size_t name_n;
};

struct phar {
    struct held_file held; /* its path */
    enum { PHAR_STUB, PHAR_LIST, PHAR_CONTENT, PHAR_OVER } state;
    uint64_t at;    /* behind what was looked at */
    size_t matched; /* bytes of HALT */
    uint64_t list_at;
    struct buf list, body, plain;
    struct wanted_member members[MEMBERS_MAX];
    size_t members_n, next;
    const char *why; /* it can't be read */
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct phar *s = state;
    (void)out;
    s->state = PHAR_STUB;
    s->at = s->matched = s->members_n = s->next = 0;
    s->why = NULL;
    s->list.max = LIST_MAX;
    s->body.max = s->plain.max = MEMBER_MAX;
    s->held.facts.max = PHP_FACTS_MAX;
    buf_clear(&s->list);
    buf_clear(&s->body);
    return held_file_begin(&s->held, file, 0);
}

static void over(struct phar *s, const char *why)
{
    s->state = PHAR_OVER;
    s->why = why;
}

/* ---- the list ---- */

static bool take_bytes(struct slice *s, struct slice *ret)
{
    uint32_t n;
    struct slice rest = *s;
    if (!slice_take_u32(&rest, &n) || n > rest.n)
        return false;
    *ret = slice_sub(rest, 0, n);
    *s = slice_from(rest, n);
    return true;
}

/* What may stand between the stub and the list: " ?>" and the end of a line. */
static size_t behind_stub(struct slice s)
{
    size_t n = 0;
    if (slice_starts(s, SLICE(" ?>")) || slice_starts(s, SLICE("\n?>")))
        n = 3;
    if (slice_starts(slice_from(s, n), SLICE("\r\n")))
        return n + 2;
    return n + slice_starts(slice_from(s, n), SLICE("\n"));
}

static void want(struct phar *s, struct slice name, uint64_t from, uint32_t packed, uint32_t flags)
{
    if (!slice_ends(name, SLICE(WANTED)) || name.n > sizeof s->members->name || s->members_n == MEMBERS_MAX)
        return;
    struct wanted_member *m = &s->members[s->members_n++];
    *m = (struct wanted_member){.from = from, .to = from + packed, .flags = flags, .name_n = name.n};
    memcpy(m->name, name.p, name.n);
}

/* False: it is malformed. */
static bool read_list(struct phar *s, struct slice list, uint64_t content_at)
{
    uint32_t count, number, packed, flags;
    struct slice skipped, name;
    if (!slice_take_u32(&list, &count) || list.n < 6)
        return false;
    list = slice_from(list, 6); /* version and flags */
    if (!take_bytes(&list, &skipped) || !take_bytes(&list, &skipped))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!take_bytes(&list, &name) || !slice_take_u32(&list, &number) || !slice_take_u32(&list, &number) ||
            !slice_take_u32(&list, &packed) || !slice_take_u32(&list, &number) || !slice_take_u32(&list, &flags) ||
            !take_bytes(&list, &skipped))
            return false;
        want(s, name, content_at, packed, flags);
        content_at += packed;
    }
    return true;
}

/* What stands behind the stub is gathered until the list is whole. */
static void feed_list(struct phar *s, struct slice *bytes)
{
    struct slice have;
    uint32_t size;
    size_t need = 16, skip = 0;
    for (;;) {
        have = buf_slice(&s->list);
        if (have.n >= 16) {
            skip = behind_stub(have);
            struct slice number = slice_from(have, skip);
            slice_take_u32(&number, &size);
            if (size > LIST_MAX - 64) {
                over(s, "its list of members is too long");
                return;
            }
            need = skip + 4 + size;
        }
        if (have.n >= need || !bytes->n)
            break;
        size_t n = MIN(bytes->n, need - have.n);
        buf_add(&s->list, bytes->p, n);
        *bytes = slice_from(*bytes, n);
        s->at += n;
    }
    if (have.n < need || need == 16)
        return;
    s->state = PHAR_CONTENT;
    if (!read_list(s, slice_sub(have, skip + 4, size), s->list_at + need))
        over(s, "its list of members is malformed");
}

/* ---- members ---- */

static bool unpack(struct phar *s)
{
    struct inflate_state *z = xmalloc(sizeof *z);
    buf_clear(&s->plain);
    isal_inflate_init(z);
    z->crc_flag = ISAL_DEFLATE;
    z->next_in = s->body.p;
    z->avail_in = (uint32_t)s->body.n;
    bool fine = true;
    while (fine && z->block_state != ISAL_BLOCK_FINISH) {
        uint8_t *to = buf_reserve(&s->plain, 65536);
        if (!to)
            break;
        z->next_out = to;
        z->avail_out = 65536;
        fine = isal_inflate(z) == ISAL_DECOMP_OK;
        s->plain.n += 65536 - z->avail_out;
        fine = fine && (z->avail_out < 65536 || z->block_state == ISAL_BLOCK_FINISH);
    }
    fine = fine && z->block_state == ISAL_BLOCK_FINISH;
    free(z);
    return fine;
}

static void member_ended(struct phar *s, const struct wanted_member *m)
{
    const char *why;
    if (m->flags & IS_BZIP2 || s->body.overflow) {
        s->why = "a list of Composer's in it is packed in a way that is not read, or too long";
    } else if (m->flags & IS_DEFLATED && !unpack(s)) {
        s->why = "a list of Composer's in it can't be unpacked";
    } else {
        fact_list_add(&s->held.facts, FACT_MEMBER, slice_of(m->name, m->name_n));
        why = composer_json_reduce(buf_slice(m->flags & IS_DEFLATED ? &s->plain : &s->body), &s->held.facts);
        s->why = why ? why : s->why;
    }
    buf_clear(&s->body);
}

static void feed_content(struct phar *s, struct slice *bytes)
{
    if (s->next == s->members_n) {
        s->state = PHAR_OVER;
        return;
    }
    const struct wanted_member *m = &s->members[s->next];
    size_t skip = s->at < m->from ? (size_t)MIN(m->from - s->at, (uint64_t)bytes->n) : 0;
    *bytes = slice_from(*bytes, skip);
    s->at += skip;
    if (s->at < m->from)
        return;
    size_t n = (size_t)MIN(m->to - s->at, (uint64_t)bytes->n);
    buf_add(&s->body, bytes->p, n);
    *bytes = slice_from(*bytes, n);
    s->at += n;
    if (s->at == m->to) {
        s->next++;
        member_ended(s, m);
    }
}

static void feed_stub(struct phar *s, struct slice *bytes)
{
    size_t i = 0;
    while (i < bytes->n && s->matched < strlen(HALT)) {
        uint8_t c = bytes->p[i++];
        if (c == HALT[s->matched])
            s->matched++;
        else if (c == '_')
            s->matched = s->matched == 2 ? 2 : 1;
        else
            s->matched = 0;
    }
    s->at += i;
    *bytes = slice_from(*bytes, i);
    if (s->matched == strlen(HALT)) {
        s->state = PHAR_LIST;
        s->list_at = s->at;
    }
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct phar *s = state;
    if (at != s->at && s->state != PHAR_OVER)
        over(s, "it has holes"); /* nobody packs such a one */
    while (bytes.n && s->state != PHAR_OVER)
        if (s->state == PHAR_STUB)
            feed_stub(s, &bytes);
        else if (s->state == PHAR_LIST)
            feed_list(s, &bytes);
        else
            feed_content(s, &bytes);
}

static void end(void *state, const struct reducer_out *out)
{
    struct phar *s = state;
    char text[400];
    if (!s->why && s->state != PHAR_OVER && s->next < s->members_n)
        s->why = "it is cut";
    else if (!s->why && s->state == PHAR_LIST)
        s->why = "it is cut in its list of members";
    else if (s->state == PHAR_STUB && slice_ends(s->held.path, SLICE(".phar")))
        s->why = "it is no archive of PHP's own form";
    if (s->why) {
        snprintf(text, sizeof text, "%.*s: %s", SLICE_FMT(slice_sub(s->held.path, 0, 240)), s->why);
        out->reason(out->arg, REASON_ARCHIVE_UNREAD, text);
    }
    held_file_put(&s->held, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct phar *s = state;
    (void)out;
    held_file_done(&s->held);
    buf_done(&s->list);
    buf_done(&s->body);
    buf_done(&s->plain);
}

const struct reducer phar_reducer = {
    .state_size = sizeof(struct phar), .begin = begin, .feed = feed, .end = end, .layer_end = layer_end};

void phar_read(struct parse *p, struct parsed_file *file, struct slice facts)
{
    struct slice list = facts, name, member;
    while (fact_list_take(&list, &name, &member)) {
        if (!slice_eq_str(name, FACT_MEMBER))
            continue;
        struct slice rest = list, end = list, value;
        while (fact_list_take(&rest, &name, &value) && !slice_eq_str(name, FACT_MEMBER))
            end = rest;
        size_t before = file->packages.n;
        composer_read(p, file, slice_sub(list, 0, (size_t)(end.p - list.p)), CERTAINTY_INSTALLED);
        for (size_t i = before; i < file->packages.n; i++) {
            file->packages.v[i].location =
                arena_printf(p->arena, "%.*s!/%.*s", SLICE_FMT(file->path), SLICE_FMT(member));
            file->packages.v[i].parent = file->path;
        }
        list = end;
    }
}
