/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dotnet.c: .NET: deps.json files, kept as they are; and what programs tell. An application in a single file holds a
 * marker with the place of a list of its files, which comes last (dotnet/runtime, corehost/bundle); its deps.json
 * comes before and is known by its first member, until the list says where it is. Of managed assemblies the version
 * resource is looked at. Programs that were compiled ahead of time hold nothing but the name of a symbol.
 */
#include "packages/dotnet/dotnet.h"

#include "io/binary/numbers.h"
#include "packages/reading/fact_list.h"

#define MARKER                                                                                                         \
    "\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce" \
    "\x24\xb3\x6a\xae"
enum text { TEXT_MARKER, TEXT_DEPS, TEXT_NATIVE };
static const struct slice texts[] = {
    SLICE(MARKER), SLICE("\"runtimeTarget\""), SLICE("DotNetRuntimeDebugHeader"), {NULL, 0}};

enum {
    DEPS_MAX = 2,
    TAG_HEADER = DEPS_MAX,
    TAG_RESOURCES,
    RESOURCES_MAX = 256 << 10,
};

/* A deps.json as it passes: up to the bracket that closes the first. */
struct deps {
    uint64_t at;
    struct buf bytes;
    int depth;
    bool text, escaped, whole;
};

struct state {
    struct deps deps[DEPS_MAX];
    size_t deps_n;
    uint64_t header_at; /* 0: no marker of a bundle */
    bool native;
    struct buf header, resources, facts;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    for (size_t i = 0; i < DEPS_MAX; i++)
        buf_done(&s->deps[i].bytes);
    s->deps_n = 0;
    s->header_at = 0;
    s->native = false;
    s->header.max = DOTNET_HEADER_MAX;
    s->resources.max = RESOURCES_MAX;
    s->facts.max = DOTNET_DEPS_MAX + DOTNET_HEADER_MAX + 4096;
    buf_clear(&s->header);
    buf_clear(&s->resources);
    const struct binary_part *part = x && x->programs_n ? binary_section(&x->programs[0], ".rsrc") : NULL;
    if (part && x->programs[0].clr)
        executable_capture(x, TAG_RESOURCES, part->offset, MIN(part->size, (uint64_t)RESOURCES_MAX));
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    if (text == TEXT_NATIVE) {
        s->native |= slice_ends(before, SLICE("\0")) && bytes.n > texts[text].n && !bytes.p[texts[text].n];
    } else if (text == TEXT_MARKER) {
        uint64_t to = before.n >= 8 ? binary_number(slice_from(before, before.n - 8), 0, 8, false) : 0;
        if (to && !s->header_at && executable_capture(x, TAG_HEADER, to, DOTNET_HEADER_MAX))
            s->header_at = to;
    } else if (s->deps_n < DEPS_MAX) {
        ptrdiff_t open = slice_rfind(before, '{');
        size_t i = s->deps_n;
        if (open < 0 || slice_trim(slice_from(before, (size_t)open + 1)).n)
            return;
        uint64_t from = at - (before.n - (size_t)open);
        if (!executable_capture(x, (unsigned)i, from, DOTNET_DEPS_MAX))
            return;
        s->deps[i] = (struct deps){.at = from, .bytes = BUF_INIT(DOTNET_DEPS_MAX)};
        s->deps_n++;
    }
}

static bool take_deps(struct deps *d, struct slice bytes)
{
    size_t n = 0;
    for (; n < bytes.n && !d->whole; n++) {
        uint8_t c = bytes.p[n];
        if (d->text) {
            d->text = d->escaped || c != '"';
            d->escaped = !d->escaped && c == '\\';
        } else if (c == '"') {
            d->text = true;
        } else if (c == '{') {
            d->depth++;
        } else if (c == '}') {
            d->whole = --d->depth == 0;
        } else if (!c) {
            return false;
        }
    }
    return !buf_add(&d->bytes, bytes.p, n) && !d->whole;
}

static bool take(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    (void)x;
    (void)at;
    if (tag < DEPS_MAX)
        return take_deps(&s->deps[tag], bytes);
    struct buf *to = tag == TAG_HEADER ? &s->header : &s->resources;
    return !buf_add(to, bytes.p, MIN(bytes.n, to->max - to->n)) && to->n < to->max;
}

/* ---- version resources ---- */

/*
 * The value of a key in a version resource: both are UTF-16, padded to 32 bits (VS_VERSIONINFO, StringFileInfo). Only
 * ASCII counts: names of files and versions are.
 */
static struct slice resource_text(struct slice resources, const char *key, char *to, size_t max)
{
    uint8_t wide[64];
    size_t n = strlen(key), out = 0;
    ASSERT(2 * n + 2 <= sizeof wide);
    memset(wide, 0, sizeof wide);
    for (size_t i = 0; i < n; i++)
        wide[2 * i] = (uint8_t)key[i];
    ptrdiff_t at = slice_find_slice(resources, slice_of(wide, 2 * n + 2));
    if (at < 0)
        return SLICE("");
    struct slice rest = slice_from(resources, (size_t)at + 2 * n + 2);
    if (rest.n >= 2 && !rest.p[0] && !rest.p[1]) /* padding */
        rest = slice_from(rest, 2);
    for (; rest.n >= 2 && out < max && !rest.p[1] && rest.p[0] >= ' ' && rest.p[0] < 0x7f; rest = slice_from(rest, 2))
        to[out++] = (char)rest.p[0];
    return slice_of(to, out);
}

/* ---- bundles ---- */

static bool take_number(struct slice *s, size_t n, uint64_t *ret)
{
    if (s->n < n)
        return false;
    *ret = binary_number(*s, 0, n, false);
    *s = slice_from(*s, n);
    return true;
}

static bool take_text(struct slice *s, struct slice *ret)
{
    struct slice rest = *s;
    uint64_t n;
    if (!slice_take_varint(&rest, &n) || n > rest.n || n > 4096)
        return false;
    *ret = slice_sub(rest, 0, (size_t)n);
    *s = slice_from(rest, (size_t)n);
    return true;
}

bool dotnet_bundle_open(struct slice header, struct dotnet_bundle *ret)
{
    struct dotnet_bundle b = {.rest = header};
    uint64_t minor, other;
    struct slice id;
    if (!take_number(&b.rest, 4, &b.major) || !take_number(&b.rest, 4, &minor) || !take_number(&b.rest, 4, &b.files) ||
        !take_text(&b.rest, &id) || !b.major || b.major > 64 || b.files > DOTNET_FILES_MAX)
        return false;
    if (b.major >= 2 &&
        (!take_number(&b.rest, 8, &b.deps_at) || !take_number(&b.rest, 8, &b.deps_size) ||
         !take_number(&b.rest, 8, &other) || !take_number(&b.rest, 8, &other) || !take_number(&b.rest, 8, &other)))
        return false;
    *ret = b;
    return true;
}

bool dotnet_bundle_next(struct dotnet_bundle *b, struct slice *ret_path)
{
    uint64_t at, size, packed, type;
    if (!b->files || !take_number(&b->rest, 8, &at) || !take_number(&b->rest, 8, &size) ||
        (b->major >= 6 && !take_number(&b->rest, 8, &packed)) || !take_number(&b->rest, 1, &type) ||
        !take_text(&b->rest, ret_path))
        return false;
    b->files--;
    if (type == 3 && !b->deps_at) { /* deps.json, of bundles whose header does not say */
        b->deps_at = at;
        b->deps_size = size;
    }
    return true;
}

static void put_bundle(struct state *s, const struct executable *x, const struct reducer_out *out)
{
    struct dotnet_bundle b;
    struct slice path;
    const struct deps *found = NULL;
    if (!dotnet_bundle_open(buf_slice(&s->header), &b)) {
        fact_list_add(&s->facts, DOTNET_PROBLEM, SLICE("the list of its files is none that is known"));
        out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
        return;
    }
    while (dotnet_bundle_next(&b, &path))
        ;
    for (size_t i = 0; i < s->deps_n; i++)
        if (s->deps[i].whole && b.deps_at <= s->deps[i].at && s->deps[i].at - b.deps_at < 16)
            found = &s->deps[i];
    size_t listed = s->header.n - b.rest.n;
    fact_list_add(&s->facts, DOTNET_HEADER, slice_sub(buf_slice(&s->header), 0, listed));
    if (found)
        fact_list_add(&s->facts, DOTNET_DEPS, buf_slice(&found->bytes));
    else
        fact_list_add(&s->facts, DOTNET_PROBLEM,
                      b.deps_at ? SLICE("its deps.json could not be read") : SLICE("it has no deps.json"));
    out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    struct state *s = state;
    char name[256], version[128];
    buf_clear(&s->facts);
    if (s->header_at) {
        put_bundle(s, x, out);
    } else if (x->programs_n && x->programs[0].clr) {
        struct slice resources = buf_slice(&s->resources);
        fact_list_add(&s->facts, DOTNET_ASSEMBLY, resource_text(resources, "OriginalFilename", name, sizeof name));
        fact_list_add(&s->facts, DOTNET_VERSION, resource_text(resources, "ProductVersion", version, sizeof version));
        out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
    } else if (s->native) {
        fact_list_add(&s->facts, DOTNET_NATIVE, SLICE("1"));
        out->put(out->arg, out->format, x->path, buf_slice(&s->facts));
    }
}

static void done(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    begin(s, NULL);
    buf_done(&s->header);
    buf_done(&s->resources);
    buf_done(&s->facts);
}

const struct executable_reader executable_reader_dotnet = {.format = &format_dotnet,
                                                           .texts = texts,
                                                           .state_size = sizeof(struct state),
                                                           .begin = begin,
                                                           .hit = hit,
                                                           .take = take,
                                                           .end = end,
                                                           .done = done};

static const struct package_rule rules[] = {
    {.path = "**/*.deps.json", .max = DOTNET_DEPS_MAX}, EXECUTABLE_RULES, {.path = NULL}};

static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_dotnet = {.name = "dotnet",
                                             .keeps_version = 1,
                                             .reads_version = 1,
                                             .tells = TELLS_PACKAGES,
                                             .type = PKG_NUGET,
                                             .rules = rules,
                                             .not_below = stores,
                                             .read = dotnet_read,
                                             .read_end = dotnet_read_end};
