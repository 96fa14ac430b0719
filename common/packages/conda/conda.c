/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conda.c: what conda, mamba, micromamba and pixi installed into an environment: conda-meta/name-version-build.json, a
 * document a package, which also lists the files that it brought. Nobody publishes advisories for conda's packages; one
 * that is a distribution of Python's is told as that, by the metadata that it brought, with conda's package URL as its
 * origin (python_dists.h).
 *
 * Evidence is one list of facts a document: the texts of the keys below, "brought" for each file that can say which
 * distribution or interpreter this is, and "wrong" where the document can't be read to its end.
 */
#include "io/text/json.h"
#include "model/purl.h"
#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"
#include "packages/parse_internal.h"
#include "packages/python/python_dists.h"

#define DOCUMENT_MAX ((uint32_t)8 << 20)
#define FACTS_MAX    ((size_t)16 << 10)
#define BROUGHT_MAX  16

extern const struct package_format format_conda;

static const char *const keys[] = {"name", "version", "build", "channel", "subdir", "url"};
enum { NAME, VERSION, BUILD, CHANNEL, SUBDIR, URL, KEYS };

/* ---- what is kept ---- */

struct state {
    struct held_file held;
    size_t brought;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    return held_file_begin(&s->held, file, file->rule->max);
}

static bool is_telling(struct slice path)
{
    struct slice name = slice_path_name(path), folder = slice_path_folder(path);
    if (slice_eq_str(name, "METADATA"))
        return slice_ends(folder, SLICE(".dist-info"));
    if (slice_eq_str(name, "PKG-INFO"))
        return slice_ends(folder, SLICE(".egg-info"));
    return slice_eq_str(name, "patchlevel.h") || slice_eq_str(name, "build-details.json") ||
           slice_ends(name, SLICE(".egg-info"));
}

static void reduce_files(struct state *s, struct json_pull *json)
{
    if (!json_pull_array(json))
        return;
    while (json_pull_item(json)) {
        struct slice path = json_pull_string(json);
        if (is_telling(path) && s->brought < BROUGHT_MAX && !fact_list_add(&s->held.facts, "brought", path))
            s->brought++;
    }
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    struct json_pull json;
    struct slice key;
    struct err e = ERR_INIT;
    s->held.facts.max = FACTS_MAX;
    s->brought = 0;
    json_pull_text(&json, s->held.bytes, NULL);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        size_t i = 0;
        while (i < KEYS && !slice_eq_str(key, keys[i]))
            i++;
        if (i < KEYS)
            fact_list_add(&s->held.facts, keys[i], json_pull_string(&json));
        else if (slice_eq_str(key, "files"))
            reduce_files(s, &json);
        else
            json_pull_skip(&json);
    }
    if (json_pull_end(&json, &e) || !object)
        fact_list_add(&s->held.facts, "wrong", object ? slice_str(e.text) : SLICE("it is no object"));
    json_pull_done(&json);
    held_file_put(&s->held, out);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = held_file_feed,
                                       .end = end,
                                       .layer_end = held_file_layer_end};

/* ---- what it says ---- */

struct conda {
    VEC(struct evidence_entry) documents;
};

/* Python's and conda's documents are judged together, when all of both are there. */
static void take(struct parse *p, const struct evidence_entry *entry)
{
    struct conda *c = parse_state(p, &format_conda, sizeof *c);
    struct evidence_entry *to = c ? VEC_ADD_MOVING(p->arena, &c->documents) : NULL;
    if (to)
        *to = *entry;
}

/* "name-version-build.json": neither version nor build has a hyphen. */
static void take_from_name(struct slice path, struct slice texts[KEYS])
{
    struct slice name = slice_path_name(path);
    name.n -= strlen(".json");
    for (int i = BUILD; i >= VERSION; i--) {
        ptrdiff_t dash = slice_rfind(name, '-');
        if (dash <= 0)
            return;
        texts[i] = slice_from(name, (size_t)dash + 1);
        name.n = (size_t)dash;
    }
    texts[NAME] = name;
}

/* "https://host/conda-forge/linux-64" and the like: the channel is what stands before the platform. */
static struct slice channel_of(const struct slice texts[KEYS])
{
    struct slice channel = texts[CHANNEL];
    if (slice_ends(channel, SLICE("/")))
        channel.n--;
    if (texts[SUBDIR].n && slice_eq(slice_path_name(channel), texts[SUBDIR]))
        channel = slice_path_folder(channel);
    channel = slice_path_name(channel);
    return parse_is_token(channel) && channel.n <= 128 ? channel : SLICE_NONE;
}

static struct slice purl_of(struct parse *p, const struct slice texts[KEYS])
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(PURL_MAX);
    struct purl_qualifier more[] = {
        {SLICE("build"), texts[BUILD]}, {SLICE("channel"), channel_of(texts)}, {SLICE("subdir"), texts[SUBDIR]}};
    struct purl purl = {.type = SLICE("conda"),
                        .name = texts[NAME],
                        .version = texts[VERSION],
                        .qualifiers = {.v = more, .n = ARRAY_LEN(more)}};
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (!parse_is_token(more[i].value))
            more[i].value = SLICE_NONE;
    return purl_build(&purl, &b, &e) ? SLICE_NONE : arena_slice(p->arena, buf_slice(&b));
}

/* Whether something else that was found in the layer is this package. */
static bool is_told(struct parse *p, struct slice path, struct slice facts, struct slice purl)
{
    struct slice prefix = slice_path_folder(slice_path_folder(path)), fact, value;
    bool told = false;
    while (purl.n && fact_list_take(&facts, &fact, &value)) {
        if (!slice_eq_str(fact, "brought"))
            continue;
        struct slice file = prefix.n ? arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(prefix), SLICE_FMT(value)) : value;
        told |= python_dist_is_conda(p, file, purl);
    }
    return told;
}

static void read_document(struct parse *p, const struct evidence_entry *entry)
{
    struct slice texts[KEYS], wrong = fact_list_get(entry->bytes, "wrong");
    p->path = entry->path;
    p->reasons_of_file = 0;
    for (size_t i = 0; i < KEYS; i++)
        texts[i] = fact_list_get(entry->bytes, keys[i]);
    if (!texts[NAME].n || !texts[VERSION].n)
        take_from_name(entry->path, texts);
    if (!parse_is_token(texts[NAME]) || !parse_is_token(texts[VERSION])) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version%s%.*s", wrong.n ? ": " : "",
                     SLICE_FMT(wrong));
        return;
    }
    if (wrong.n)
        parse_reason(p, REASON_DATABASE_BROKEN, "%.*s; its name and version are those of the file's name",
                     SLICE_FMT(wrong));
    if (is_told(p, entry->path, entry->bytes, purl_of(p, texts)))
        return;
    struct package package = {.type = PKG_CONDA, .name = texts[NAME], .version = texts[VERSION]};
    if (parse_is_token(texts[SUBDIR]))
        package.architecture = texts[SUBDIR];
    if (texts[URL].n <= 2048 && slice_is_text(texts[URL]) && slice_find(texts[URL], '@') < 0)
        package.origin = texts[URL];
    struct parsed_file *file = parse_add_file(p, entry->path, "conda-meta");
    if (file)
        parse_add_package(p, file, &package);
}

static void take_all(struct parse *p, struct slice whole)
{
    struct conda *c = parse_state(p, &format_conda, sizeof *c);
    (void)whole;
    for (size_t i = 0; c && i < c->documents.n; i++)
        read_document(p, &c->documents.v[i]);
}

/* ---- the format ---- */

static const struct package_rule rules[] = {
    {.path = "**/conda-meta/*.json", .max = DOCUMENT_MAX, .reducer = &reducer},
    {.path = NULL},
};

static const char *const not_below[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_conda = {.name = "conda",
                                            .keeps_version = 1,
                                            .reads_version = 1,
                                            .type = PKG_CONDA,
                                            .rules = rules,
                                            .not_below = not_below,
                                            .read = take,
                                            .read_end = take_all};
