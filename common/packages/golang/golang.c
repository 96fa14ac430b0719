/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golang.c: the build information that Go's linker leaves in programs (Go's debug/buildinfo): a marker at a multiple of
 * 16, and behind it, since Go 1.18, two texts: the toolchain's version and the modules that were linked. Before that it has two
 * pointers to strings, whose bytes mostly came before the marker. So what may be such a string is remembered while it
 * passes, and at the end the pointers say which of them are: the modules' text by the words that frame it, the version
 * by its first characters.
 */
#include "packages/golang/golang.h"

#include "io/binary/numbers.h"
#include "packages/reading/fact_list.h"

enum text { TEXT_MARKER, TEXT_MODULES, TEXT_VERSION };
#define FRAME_BEGIN "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define FRAME_END   "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
#define FRAME       16
static const struct slice texts[] = {SLICE("\xff Go buildinf:"), SLICE(FRAME_BEGIN), SLICE("go1."), {NULL, 0}};

enum {
    MARKERS_MAX = 8,
    MODULES_MAX = 4,
    VERSIONS_MAX = 1024,
    MARKER = 32, /* bytes */
    FLAG_BIG = 1,
    FLAG_INLINE = 2,
    VERSION_MAX = 256,
    TAG_MODULES = 100, /* and the number of the text; below it the number of the marker, twice */
    TAG_DATA = 200,
    RING = 1 << 20,           /* bytes of the program's data */
    HELD_MAX = 3 * (4 << 20), /* bytes of all texts of one file */
    BACK = RING / 2,          /* how far before the marker a string's header may lie */
    STEP = RING / 16,
};

struct marker {
    uint64_t at;
    uint8_t pointer, flags;
    struct buf bytes; /* inline: what follows it */
    bool whole;
    uint64_t places[2];     /* pointers: where the headers of the two strings are, 0: nowhere or found */
    uint8_t strings[2][16]; /* and they */
    size_t strings_n[2];
    const struct binary *program;
};

struct version {
    uint64_t at;
    uint8_t text[72];
    uint8_t n;
};

struct state {
    struct marker markers[MARKERS_MAX];
    size_t markers_n;
    struct {
        uint64_t at;
        struct buf bytes;
        bool whole;
    } modules[MODULES_MAX];
    size_t modules_n;
    struct version *versions; /* VERSIONS_MAX; NULL: no file had any yet */
    size_t versions_n;
    size_t held;             /* bytes in markers and modules */
    struct binary_part data; /* of the first program */
    uint8_t *ring;           /* RING bytes of it, the last before ring_end */
    uint64_t ring_end;
    struct buf facts;
};

static void forget(struct state *s)
{
    for (size_t i = 0; i < MARKERS_MAX; i++)
        buf_done(&s->markers[i].bytes);
    for (size_t i = 0; i < MODULES_MAX; i++)
        buf_done(&s->modules[i].bytes);
    s->markers_n = s->modules_n = s->versions_n = s->held = 0;
}

/* Where Go's own reader looks: the first segment or section that is data; NULL: none. */
static const struct binary_part *data_of(const struct binary *p)
{
    for (size_t i = 0; i < p->parts_n; i++) {
        const struct binary_part *part = &p->parts[i];
        bool elf = p->kind == BINARY_ELF && part->kind == PART_SEGMENT &&
                   (part->flags & (PART_WRITE | PART_EXECUTE)) == PART_WRITE;
        bool pe = p->kind == BINARY_PE && part->size &&
                  (part->flags & (PART_WRITE | PART_READ | PART_DATA)) == (PART_WRITE | PART_READ | PART_DATA);
        bool macho = p->kind == BINARY_MACHO && part->kind == PART_SEGMENT && part->size &&
                     part->flags == (PART_READ | PART_WRITE | PART_DATA);
        if (elf || pe || macho)
            return part;
    }
    return NULL;
}

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    const struct binary_part *data = x->programs_n ? data_of(x->programs) : NULL;
    s->data = data ? *data : (struct binary_part){.size = 0};
    s->ring_end = s->data.offset;
    if (s->data.size && !executable_capture(x, TAG_DATA, s->data.offset, s->data.size))
        s->data.size = 0;
    forget(s);
}

/* ---- what passes ---- */

static const struct binary *program_at(const struct executable *x, uint64_t at)
{
    for (size_t i = 0; i < x->programs_n; i++)
        for (size_t k = 0; k < x->programs[i].parts_n; k++) {
            const struct binary_part *part = &x->programs[i].parts[k];
            if (at >= part->offset && at - part->offset < part->size)
                return &x->programs[i];
        }
    return x->programs_n == 1 ? &x->programs[0] : NULL;
}

static void take_marker(struct state *s, struct executable *x, uint64_t at, struct slice bytes)
{
    const struct binary *program = program_at(x, at);
    if (at % 16 || bytes.n < MARKER || !program || s->markers_n == MARKERS_MAX)
        return;
    size_t i = s->markers_n++;
    struct marker *m = &s->markers[i];
    *m = (struct marker){.at = at, .pointer = bytes.p[14], .flags = bytes.p[15], .program = program};
    if (m->flags & FLAG_INLINE) {
        m->bytes = BUF_INIT(GOLANG_MODULES_MAX + 2 * FRAME + VERSION_MAX + 64);
        executable_capture(x, (unsigned)i * 2, at + MARKER, m->bytes.max);
        return;
    }
    for (unsigned k = 0; k < 2 && (m->pointer == 4 || m->pointer == 8); k++) {
        uint64_t place, address = binary_number(bytes, 16 + k * m->pointer, m->pointer, m->flags & FLAG_BIG);
        if (!address || !binary_place(program, address, 2 * m->pointer, &place))
            continue;
        if (place >= s->data.offset && place - s->data.offset < s->data.size && (place >= at || at - place <= BACK))
            m->places[k] = place;
        else if (place >= at)
            executable_capture(x, (unsigned)i * 2 + k, place, 2 * m->pointer);
    }
}

static bool is_line(struct slice s)
{
    return slice_starts(s, SLICE("path\t")) || slice_starts(s, SLICE("mod\t")) || slice_starts(s, SLICE("dep\t")) ||
           slice_starts(s, SLICE("build\t"));
}

static void take_modules_begin(struct state *s, struct executable *x, uint64_t at, struct slice bytes)
{
    /* Of a marker with its texts behind it these are the texts. */
    const struct marker *last = s->markers_n ? &s->markers[s->markers_n - 1] : NULL;
    bool within = last && (last->flags & FLAG_INLINE) && at - last->at < MARKER + VERSION_MAX;
    if (within || s->modules_n == MODULES_MAX || !is_line(slice_from(bytes, FRAME)))
        return;
    size_t i = s->modules_n++;
    s->modules[i].at = at;
    s->modules[i].whole = false;
    s->modules[i].bytes = BUF_INIT(GOLANG_MODULES_MAX + 2 * FRAME);
    executable_capture(x, TAG_MODULES + (unsigned)i, at, GOLANG_MODULES_MAX + 2 * FRAME);
}

static void take_version(struct state *s, uint64_t at, struct slice bytes, struct slice before)
{
    static const char devel[] = "devel ";
    if (s->versions_n == VERSIONS_MAX || bytes.n <= 4 || bytes.p[4] < '0' || bytes.p[4] > '9')
        return;
    if (!s->versions)
        s->versions = xcalloc(VERSIONS_MAX, sizeof *s->versions);
    struct version *v = &s->versions[s->versions_n++];
    size_t front = slice_ends(before, slice_str(devel)) ? strlen(devel) : 0, n = MIN(bytes.n, sizeof v->text - front);
    v->at = at - front;
    memcpy(v->text, devel, front);
    memcpy(v->text + front, bytes.p, n);
    v->n = (uint8_t)(front + n);
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    if (text == TEXT_MARKER) {
        take_marker(s, x, at, bytes);
    } else if (text == TEXT_MODULES) {
        take_modules_begin(s, x, at, bytes);
    } else {
        take_version(s, at, bytes, before);
    }
}

/* How many bytes behind the marker are its texts, as far as can be told from those that came; 0: it is malformed. */
static uint64_t inline_want(struct slice s)
{
    struct slice rest = s;
    uint64_t n;
    for (int i = 0; i < 2; i++) {
        if (!slice_take_varint(&rest, &n))
            return rest.n >= 10 ? 0 : s.n + 1;
        if (n > (i ? GOLANG_MODULES_MAX + 2 * FRAME : VERSION_MAX))
            return 0;
        if (n > rest.n || (i == 0 && n == rest.n))
            return (uint64_t)(rest.p - s.p) + n + (i == 0);
        rest = slice_from(rest, (size_t)n);
    }
    return (uint64_t)(rest.p - s.p);
}

static bool take_inline(struct state *s, struct marker *m, struct slice bytes)
{
    for (;;) {
        uint64_t want = inline_want(buf_slice(&m->bytes));
        if (want <= m->bytes.n) {
            m->whole = want != 0;
            return false;
        }
        if (!bytes.n)
            return true;
        size_t n = (size_t)MIN((uint64_t)bytes.n, want - m->bytes.n);
        if ((s->held += n) > HELD_MAX || buf_add(&m->bytes, bytes.p, n))
            return false;
        bytes = slice_from(bytes, n);
    }
}

/* Until the words that end the text, or a byte that no such text has. */
static bool take_modules(struct state *s, size_t i, struct slice bytes)
{
    struct buf *b = &s->modules[i].bytes;
    size_t from = b->n > FRAME ? b->n - FRAME : 0;
    if ((s->held += bytes.n) > HELD_MAX || buf_add_slice(b, bytes))
        return false;
    struct slice fresh = slice_from(buf_slice(b), from);
    ptrdiff_t end = slice_find_slice(fresh, SLICE(FRAME_END));
    if (end < 0)
        return fresh.n < FRAME || slice_find(slice_sub(fresh, 0, fresh.n - FRAME), 0) < 0;
    b->n = from + (size_t)end + FRAME;
    s->modules[i].whole = true;
    return false;
}

/* Headers of strings that are in the ring by now. */
static void take_headers(struct state *s)
{
    uint64_t from = s->ring_end - MIN((uint64_t)RING, s->ring_end - s->data.offset);
    for (size_t i = 0; i < s->markers_n; i++)
        for (size_t k = 0; k < 2; k++) {
            struct marker *m = &s->markers[i];
            uint64_t place = m->places[k], n = 2u * m->pointer;
            if (!place || place < from || s->ring_end < n || place > s->ring_end - n)
                continue;
            for (uint64_t b = 0; b < n; b++)
                m->strings[k][b] = s->ring[(place + b) % RING];
            m->strings_n[k] = (size_t)n;
            m->places[k] = 0;
        }
}

/* A header that lies behind the marker comes in time to be found in a later step. */
static void take_data(struct state *s, struct slice bytes)
{
    if (!s->ring)
        s->ring = xmalloc(RING);
    take_headers(s);
    while (bytes.n) {
        size_t at = (size_t)(s->ring_end % RING), n = MIN(MIN(bytes.n, (size_t)STEP), RING - at);
        memcpy(s->ring + at, bytes.p, n);
        s->ring_end += n;
        bytes = slice_from(bytes, n);
        if (s->markers_n)
            take_headers(s);
    }
}

static bool take(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    (void)x;
    (void)at;
    if (tag == TAG_DATA) {
        take_data(s, bytes);
        return true;
    }
    if (tag >= TAG_MODULES)
        return take_modules(s, tag - TAG_MODULES, bytes);
    struct marker *m = &s->markers[tag / 2];
    if (m->flags & FLAG_INLINE)
        return take_inline(s, m, bytes);
    size_t *n = &m->strings_n[tag % 2], more = MIN(bytes.n, sizeof m->strings[0] - *n);
    memcpy(m->strings[tag % 2] + *n, bytes.p, more);
    *n += more;
    return *n < 2u * m->pointer;
}

/* ---- which marker is the program's ---- */

static bool in_data(const struct marker *m)
{
    const struct binary_part *data = data_of(m->program);
    return data && m->at >= data->offset && m->at - data->offset < data->size;
}

static bool in_section(const struct executable *x, const struct marker *m)
{
    uint64_t size;
    bool known;
    const struct binary_part *part = binary_section(m->program, "__go_buildinfo");
    if (m->program->kind == BINARY_ELF)
        return executable_section(x, m->at, &size, &known);
    return part && part->offset == m->at;
}

static const struct marker *marker_of(const struct state *s, const struct executable *x, const struct binary *p)
{
    for (int step = 0; step < 2; step++)
        for (size_t i = 0; i < s->markers_n; i++)
            if (s->markers[i].program == p && (step ? in_data(&s->markers[i]) : in_section(x, &s->markers[i])))
                return &s->markers[i];
    return NULL;
}

/* ---- the evidence ---- */

static struct slice unframed(struct slice modules)
{
    bool framed = modules.n > 2 * FRAME && modules.p[modules.n - FRAME - 1] == '\n';
    return framed ? slice_sub(modules, FRAME, modules.n - 2 * FRAME) : SLICE("");
}

/* Where the string k of a marker with pointers lies. */
static bool string_place(const struct marker *m, size_t k, uint64_t *ret_at, uint64_t *ret_n)
{
    bool big = m->flags & FLAG_BIG;
    struct slice header = slice_of(m->strings[k], m->strings_n[k]);
    if (header.n < 2u * m->pointer)
        return false;
    *ret_n = binary_number(header, m->pointer, m->pointer, big);
    return binary_place(m->program, binary_number(header, 0, m->pointer, big), *ret_n, ret_at);
}

static void put_pointers(struct state *s, const struct marker *m)
{
    uint64_t at, n;
    struct slice version = SLICE_NONE, modules = SLICE_NONE;
    if (string_place(m, 0, &at, &n))
        for (size_t i = 0; i < s->versions_n; i++)
            if (s->versions[i].at == at && n <= s->versions[i].n)
                version = slice_of(s->versions[i].text, (size_t)n);
    bool placed = string_place(m, 1, &at, &n);
    for (size_t i = 0; i < s->modules_n; i++)
        if (placed && s->modules[i].whole && s->modules[i].at == at && s->modules[i].bytes.n == n)
            modules = buf_slice(&s->modules[i].bytes);
    /* Pointers that are only filled in when the program is loaded: the text of the modules is known by its frame. */
    if (!placed && s->modules_n == 1 && s->modules[0].whole)
        modules = buf_slice(&s->modules[0].bytes);
    fact_list_add(&s->facts, GOLANG_VERSION, version.n ? version : SLICE(""));
    fact_list_add(&s->facts, GOLANG_MODULES, unframed(modules));
    if (!modules.p && placed && n)
        fact_list_add(&s->facts, GOLANG_CUT, SLICE("its list of modules was not found where it points to"));
}

static void put(struct state *s, const struct marker *m)
{
    buf_clear(&s->facts);
    if (!(m->flags & FLAG_INLINE)) {
        put_pointers(s, m);
        return;
    }
    struct slice rest = buf_slice(&m->bytes), version = SLICE(""), modules = SLICE("");
    if (m->whole) {
        slice_take_prefixed(&rest, &version);
        slice_take_prefixed(&rest, &modules);
    }
    fact_list_add(&s->facts, GOLANG_VERSION, version);
    fact_list_add(&s->facts, GOLANG_MODULES, unframed(modules));
    if (!m->whole)
        fact_list_add(&s->facts, GOLANG_CUT, SLICE("it is malformed, or longer than is read"));
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    struct state *s = state;
    if (s->data.size && s->ring)
        take_headers(s);
    s->facts.max = GOLANG_MODULES_MAX + ((size_t)64 << 10);
    for (size_t i = 0; i < x->programs_n; i++) {
        const struct marker *m = marker_of(s, x, &x->programs[i]);
        if (!m)
            continue;
        put(s, m);
        out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
    }
}

static void done(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    forget(s);
    free(s->ring);
    free(s->versions);
    s->ring = NULL;
    s->versions = NULL;
    buf_done(&s->facts);
}

const struct executable_reader executable_reader_golang = {.format = &format_golang,
                                                           .texts = texts,
                                                           .state_size = sizeof(struct state),
                                                           .begin = begin,
                                                           .hit = hit,
                                                           .take = take,
                                                           .end = end,
                                                           .done = done};

static const struct package_rule rules[] = {EXECUTABLE_RULES, {.path = NULL}};

/* Below it programs lie a second time under their true names. */
static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_golang = {.name = "golang",
                                             .keeps_version = 1,
                                             .reads_version = 1,
                                             .tells = TELLS_PACKAGES,
                                             .type = PKG_GOLANG,
                                             .rules = rules,
                                             .not_below = stores,
                                             .read = golang_read};
