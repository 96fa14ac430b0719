/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/parse.h"

#include "base/hash.h"
#include "io/text/json.h"
#include "packages/layer_files.h"
#include "packages/parse_internal.h"
#include "packages/rules.h"

/* Results were counted on from here when versions became one a format: they never go back. */
#define VERSION_BEFORE 63

int parser_version(void)
{
    int sum = VERSION_BEFORE;
    for (const struct package_format *const *f = package_formats; *f; f++)
        sum += (*f)->reads_version;
    return sum;
}

static void keep_reason(struct parse *p, struct reason reason)
{
    p->out->status = PULL_PARTIAL;
    reason.text = arena_slice(p->arena, reason.text);
    if (p->out->reasons.texts.n < PARSE_REASONS_MAX - 1)
        reasons_add_one(p->arena, &p->out->reasons, reason);
    else
        p->reasons_left_out++;
}

void parse_reason(struct parse *p, enum reason_code code, const char *fmt, ...)
{
    char text[512];
    /* One broken file must not crowd out the others' reasons. */
    if (p->reasons_of_file++ >= PARSE_REASONS_MAX / 4) {
        p->out->status = PULL_PARTIAL;
        p->reasons_left_out++;
        return;
    }
    int n = snprintf(text, sizeof text, "%.*s: ", (int)MIN(p->path.n, (size_t)200), (const char *)p->path.p);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    va_end(ap);
    keep_reason(p, reason_make(code, slice_str(text)));
}

/* Whether there is room for one more; tells once a file that there is none. */
static bool has_room(struct parse *p, const struct parsed_file *file)
{
    if (file->packages.n < PARSE_PACKAGES_OF_FILE && p->packages < PARSE_PACKAGES_OF_LAYER)
        return true;
    if (p->over.p && slice_eq(p->over, file->path))
        return false;
    p->over = file->path;
    struct slice path = p->path;
    p->path = file->path;
    if (file->packages.n >= PARSE_PACKAGES_OF_FILE)
        parse_reason(p, REASON_TOO_MANY, "it names more than %d packages; the rest is left out",
                     PARSE_PACKAGES_OF_FILE);
    else
        parse_reason(p, REASON_TOO_MANY, "the layer has more than %d packages; those of this file are left out",
                     PARSE_PACKAGES_OF_LAYER);
    p->path = path;
    return false;
}

void parse_add_package(struct parse *p, struct parsed_file *file, const struct package *package)
{
    size_t n = 0;
    if (!has_room(p, file))
        return;
    p->packages++;
    for (size_t i = 0; i < PACKAGE_TEXTS; i++)
        n += package_text_of(package, i).n;
    /* Databases of many files have a package a file: room for one before the usual steps. */
    if (!file->packages.cap && (file->packages.v = arena_alloc(p->arena, sizeof *package)))
        file->packages.cap = 1;
    struct package *to = VEC_ADD_MOVING(p->arena, &file->packages);
    uint8_t *texts = to ? arena_alloc(p->arena, n) : NULL; /* one piece: there are many packages */
    if (!texts) {
        file->packages.n -= to != NULL;
        return;
    }
    *to = *package;
    for (size_t i = 0; i < PACKAGE_TEXTS; i++) {
        struct slice *text = package_text(to, i);
        if (!text->p)
            continue;
        memcpy(texts, text->p, text->n);
        *text = slice_of(texts, text->n);
        texts += text->n;
    }
    if (!slice_starts(to->location, file->path))
        to->location = file->path;
}

void parse_add_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value)
{
    struct fact *to = VEC_ADD(p->arena, &file->facts);
    if (to)
        *to = (struct fact){arena_slice(p->arena, name), arena_slice(p->arena, value)};
}

void parse_set_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value)
{
    struct fact *to = NULL;
    for (size_t i = 0; i < file->facts.n && !to; i++)
        if (slice_eq(file->facts.v[i].name, name))
            to = &file->facts.v[i];
    if (to)
        to->value = arena_slice(p->arena, value);
    else
        parse_add_fact(p, file, name, value);
}

bool parse_json_end(struct parse *p, struct json_pull *json)
{
    struct err e = ERR_INIT;
    bool sound = !json_pull_end(json, &e);
    json_pull_done(json);
    if (!sound)
        parse_reason(p, REASON_DATABASE_BROKEN, "%s", e.text);
    return sound;
}

bool parse_is_token(struct slice s)
{
    uint8_t all = 0;
    if (!s.n || s.n > 1024)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= ' ' || s.p[i] == 0x7F)
            return false;
        all |= s.p[i];
    }
    return all < 0x80 || slice_is_text(s);
}

void *parse_state(struct parse *p, const struct package_format *format, size_t size)
{
    for (size_t i = 0; i < p->states.n; i++)
        if (p->states.v[i].format == format)
            return p->states.v[i].state;
    void *state = arena_zalloc(p->arena, size);
    struct parse_state *to = state ? VEC_ADD(p->arena, &p->states) : NULL;
    if (to)
        *to = (struct parse_state){format, state};
    return to ? state : NULL;
}

struct parsed_file *parse_add_file(struct parse *p, struct slice path, const char *parser)
{
    struct parsed_file *file = VEC_ADD(p->arena, &p->out->files);
    if (file) {
        file->path = arena_slice(p->arena, path);
        file->parser = slice_str(parser);
    }
    return file;
}

static uint32_t *share_slot(struct parse *p, struct slice path)
{
    size_t i = (size_t)hash64(path) & (p->shared.cap - 1);
    while (p->shared.slots[i] && !slice_eq(p->out->files.v[p->shared.slots[i] - 1].path, path))
        i = (i + 1) & (p->shared.cap - 1);
    return &p->shared.slots[i];
}

static bool share_grow(struct parse *p)
{
    uint32_t *old = p->shared.slots;
    size_t n = p->shared.cap, cap = n ? 2 * n : 64;
    uint32_t *slots = arena_zalloc(p->arena, cap * sizeof *slots);
    if (!slots)
        return false;
    p->shared.slots = slots;
    p->shared.cap = cap;
    for (size_t i = 0; i < n; i++)
        if (old[i])
            *share_slot(p, p->out->files.v[old[i] - 1].path) = old[i];
    return true;
}

struct parsed_file *parse_share_file(struct parse *p, struct slice path, const char *parser)
{
    const struct owning_place *at = owning_of(&p->owning, path);
    if (2 * p->shared.n >= p->shared.cap && !share_grow(p))
        return NULL;
    uint32_t *slot = share_slot(p, path);
    if (*slot)
        return &p->out->files.v[*slot - 1];
    if (at && at->file) {
        *slot = at->file;
        p->shared.n++;
        return &p->out->files.v[at->file - 1];
    }
    struct parsed_file *file = parse_add_file(p, path, parser);
    if (file) {
        *slot = (uint32_t)p->out->files.n;
        p->shared.n++;
    }
    return file;
}

bool parse_wants(struct slice path)
{
    const struct wanted *w = rules_of_entry(rules_all(), path);
    return w && w->rule->parse;
}

static void take_file(struct parse *p, const struct evidence_entry *entry)
{
    const struct wanted *w = rules_of_entry(rules_all(), entry->path);
    if (!w || !w->rule->parse)
        return;
    struct parsed_file *file = parse_add_file(p, entry->path, w->rule->parser);
    if (!file)
        return;
    p->path = entry->path;
    p->reasons_of_file = 0;
    p->cut = entry->size > entry->bytes.n;
    if (p->cut)
        parse_reason(p, REASON_FILE_CUT, "only %zu of its %" PRIu64 " bytes were kept", entry->bytes.n, entry->size);
    w->rule->parse(p, entry->bytes, file);
}

static void take_link(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, entry->hard ? PARSER_HARDLINK : PARSER_SYMLINK);
    if (file)
        parse_set_fact(p, file, SLICE(FACT_TARGET), entry->bytes);
}

/* Most entries are of the same format as the one before. */
static const struct package_format *format_of(struct parse *p, struct slice name)
{
    if (!p->format || !slice_eq_str(name, p->format->name))
        p->format = format_by_name(name);
    return p->format;
}

static void take_entry(struct parse *p, const struct evidence_entry *entry)
{
    const struct package_format *format;
    struct removal *removal;
    switch (entry->kind) {
    case EVIDENCE_FILE:
        format = format_of(p, entry->collector);
        if (format && format->read)
            format->read(p, entry);
        else
            take_file(p, entry);
        break;
    case EVIDENCE_LINK:
        take_link(p, entry);
        break;
    case EVIDENCE_WHITEOUT:
    case EVIDENCE_OPAQUE:
        removal = VEC_ADD(p->arena, &p->out->removed);
        if (removal)
            *removal = (struct removal){arena_slice(p->arena, entry->path), entry->kind == EVIDENCE_OPAQUE};
        break;
    case EVIDENCE_REASON:
        keep_reason(p, (struct reason){entry->bytes, reason_word(reason_of_word(entry->code))});
        break;
    case EVIDENCE_END:
        break;
    }
}

int parse_layer(struct slice evidence, struct arena *arena, struct layer_packages *ret, struct err *e)
{
    struct layer_packages out = {.parser_version = parser_version(), .status = PULL_GOOD, .final = true};
    struct parse p = {.arena = arena, .out = &out};
    struct layer_files files ATTR_CLEANUP(layer_files_done) = {.last = NULL};
    struct evidence_entry entry;
    struct err why = ERR_INIT;
    struct slice whole = evidence;
    int r;
    if (evidence_open(&evidence, e))
        return -1;
    layer_files_init(&files, evidence);
    p.files = &files;
    p.owning.arena = arena;
    while ((r = evidence_next(&evidence, &entry, &why)) == 1)
        take_entry(&p, &entry);
    if (r < 0)
        keep_reason(&p, reason_make(REASON_EVIDENCE_BROKEN, slice_str(why.text)));
    for (const struct package_format *const *f = package_formats; *f; f++)
        if ((*f)->read_end)
            (*f)->read_end(&p, whole);
    owning_find(&p, whole);
    for (const struct package_format *const *f = package_formats; *f; f++)
        if ((*f)->read_owned)
            (*f)->read_owned(&p);
    owning_done(&p.owning);
    if (p.reasons_left_out)
        reasons_addf(arena, &out.reasons, REASON_MORE, "and %zu more reasons", p.reasons_left_out);
    reasons_sort(&out.reasons);
    if (arena->overflow)
        return err_set(e, ERR_POISON, 0, "what the layer says of its packages takes more than %zu MiB of memory",
                       arena->max >> 20);
    *ret = out;
    return 0;
}
