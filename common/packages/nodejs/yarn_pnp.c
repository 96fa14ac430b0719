/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yarn_pnp.c: Yarn's Plug'n'Play, which unpacks nothing: packages stay zips in .yarn/cache, and .pnp.cjs or .pnp.data.json is
 * the map by which Node finds them. A zip that no map names is no more than a cached file.
 *
 * Of a map the names of the zips are kept, as facts "zip"; of a zip its manifests, each as "member" and what
 * package_json.h says of it.
 */
#include "io/archive/zip_walk.h"
#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"
#include "packages/nodejs/node_place.h"
#include "packages/nodejs/nodejs.h"
#include "packages/nodejs/package_json.h"

#define FACTS_MAX    ((size_t)4 << 20)
#define MANIFEST_MAX ((size_t)1 << 20) /* of one within a zip */
#define MEMBERS_MAX  4096
#define NOTES_MAX    4

/* ---- the map ---- */

#define LOCATION     "\"packageLocation\""
#define LOCATION_MAX 4096

struct map {
    struct held_file held; /* its path */
    size_t matched;        /* bytes of LOCATION */
    enum { MAP_LOOKS, MAP_BEFORE, MAP_IN } at;
    uint8_t location[LOCATION_MAX];
    size_t location_n;
};

static bool map_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct map *m = state;
    (void)out;
    m->matched = 0;
    m->at = MAP_LOOKS;
    m->held.facts.max = FACTS_MAX;
    return held_file_begin(&m->held, file, 0);
}

/* "./.yarn/cache/lodash-npm-4.17.15-566d9324f7-c029ab2983.zip/node_modules/lodash/" */
static void take_location(struct map *m)
{
    struct slice path = slice_of(m->location, m->location_n), part;
    while (slice_take_token(&path, '/', &part))
        if (slice_ends(part, SLICE(".zip"))) {
            fact_list_add(&m->held.facts, "zip", part);
            return;
        }
}

static void map_feed(void *state, uint64_t at, struct slice bytes)
{
    struct map *m = state;
    (void)at;
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t c = bytes.p[i];
        if (m->at == MAP_LOOKS) {
            m->matched = c == LOCATION[m->matched] ? m->matched + 1 : c == '"';
            if (m->matched == strlen(LOCATION))
                m->at = MAP_BEFORE;
        } else if (m->at == MAP_BEFORE) {
            if (c == '"')
                m->at = MAP_IN;
            m->location_n = 0;
        } else if (c == '"') {
            take_location(m);
            m->matched = 0;
            m->at = MAP_LOOKS;
        } else if (m->location_n < LOCATION_MAX) {
            m->location[m->location_n++] = c;
        }
    }
}

static void map_end(void *state, const struct reducer_out *out)
{
    struct map *m = state;
    char text[400];
    if (m->held.facts.overflow) {
        snprintf(text, sizeof text, "%.*s: it has more packages than are kept",
                 SLICE_FMT(slice_sub(m->held.path, 0, 240)));
        out->reason(out->arg, REASON_TOO_MANY, text);
    }
    held_file_put(&m->held, out);
}

const struct reducer yarn_map_reducer = {.state_size = sizeof(struct map),
                                         .begin = map_begin,
                                         .feed = map_feed,
                                         .end = map_end,
                                         .layer_end = held_file_layer_end};

/* ---- a zip ---- */

struct member {
    uint32_t id;
    size_t from, to; /* in facts */
    bool counts;
};

struct zip {
    struct held_file held; /* its path */
    struct zip_walk *walk;
    uint64_t at; /* what was given to walk */
    struct buf json, kept;
    bool cut; /* the manifest at hand is longer than what is held of it */
    struct member members[MEMBERS_MAX];
    size_t members_n;
    char notes[NOTES_MAX][300];
    size_t notes_n;
};

static void note(struct zip *z, struct slice inside, const char *text)
{
    if (z->notes_n < NOTES_MAX)
        snprintf(z->notes[z->notes_n++], sizeof *z->notes, "%s%.*s: %s", inside.n ? "!/" : "",
                 SLICE_FMT(slice_sub(inside, 0, 150)), text);
}

static enum zip_want zip_wants(void *arg, const struct zip_member *m)
{
    struct node_place place;
    (void)arg;
    return slice_eq_str(slice_path_name(m->name), NODEJS_MANIFEST) && node_place(m->name, &place) ? ZIP_READ : ZIP_SKIP;
}

static void zip_begin(void *arg, const struct zip_member *m)
{
    struct zip *z = arg;
    buf_clear(&z->json);
    z->cut = false;
    if (z->members_n == MEMBERS_MAX) {
        note(z, m->path, "more packages than are read in one archive");
        return;
    }
    z->members[z->members_n++] = (struct member){.id = m->id, .from = z->held.facts.n};
    fact_list_add(&z->held.facts, "member", m->path);
}

static bool is_at(const struct zip *z, uint32_t id)
{
    return z->members_n && z->members[z->members_n - 1].id == id;
}

static void zip_data(void *arg, uint32_t id, struct slice bytes)
{
    struct zip *z = arg;
    size_t room = MANIFEST_MAX - z->json.n;
    if (!is_at(z, id))
        return;
    z->cut |= bytes.n > room;
    buf_add_slice(&z->json, slice_sub(bytes, 0, room));
}

static void zip_end_member(void *arg, uint32_t id, bool whole)
{
    struct zip *z = arg;
    if (!is_at(z, id))
        return;
    struct member *m = &z->members[z->members_n - 1];
    struct slice list = slice_from(buf_slice(&z->held.facts), m->from), name, path = SLICE_NONE;
    fact_list_take(&list, &name, &path);
    /* How much came of a damaged one hangs on the pieces that the file came in. */
    const char *why =
        whole ? package_json_read(buf_slice(&z->json), z->cut, &z->held.facts) : "it can't be unpacked to its end";
    if (why)
        note(z, path, why);
    m->to = z->held.facts.n;
}

static void zip_confirm(void *arg, uint32_t id, bool counts)
{
    struct zip *z = arg;
    for (size_t i = z->members_n; i-- > 0;)
        if (z->members[i].id == id) {
            z->members[i].counts = counts;
            return;
        }
}

static void zip_noted(void *arg, enum zip_note kind, struct slice path, const char *text)
{
    (void)kind;
    note(arg, path, text);
}

static const struct zip_visitor visitor = {zip_wants, zip_begin, zip_data, zip_end_member, zip_confirm, zip_noted};

static bool archive_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct zip *z = state;
    (void)out;
    if (!held_file_begin(&z->held, file, 0))
        return false;
    if (z->walk)
        zip_walk_reset(z->walk);
    else
        z->walk = zip_walk_new(&visitor, z);
    zip_walk_size(z->walk, file->size);
    z->at = z->members_n = z->notes_n = 0;
    z->json.max = MANIFEST_MAX;
    z->held.facts.max = z->kept.max = FACTS_MAX;
    return true;
}

static void archive_feed(void *state, uint64_t at, struct slice bytes)
{
    static const uint8_t zeros[4096];
    struct zip *z = state;
    for (; z->at < at; z->at += MIN(at - z->at, sizeof zeros)) /* a hole */
        zip_walk_feed(z->walk, slice_of(zeros, (size_t)MIN(at - z->at, sizeof zeros)));
    zip_walk_feed(z->walk, bytes);
    z->at += bytes.n;
}

static void archive_end(void *state, const struct reducer_out *out)
{
    struct zip *z = state;
    char text[600];
    zip_walk_end(z->walk);
    buf_clear(&z->kept);
    for (size_t i = 0; i < z->members_n; i++)
        if (z->members[i].counts)
            buf_add(&z->kept, z->held.facts.p + z->members[i].from, z->members[i].to - z->members[i].from);
    out->put(out->arg, out->format, z->held.path, buf_slice(&z->kept));
    for (size_t i = 0; i < z->notes_n; i++) {
        snprintf(text, sizeof text, "%.*s%s", SLICE_FMT(slice_sub(z->held.path, 0, 200)), z->notes[i]);
        out->reason(out->arg, REASON_ARCHIVE_UNREAD, text);
    }
}

static void archive_layer_end(void *state, const struct reducer_out *out)
{
    struct zip *z = state;
    (void)out;
    zip_walk_free(z->walk);
    buf_done(&z->json);
    buf_done(&z->kept);
    held_file_done(&z->held);
}

const struct reducer yarn_zip_reducer = {.state_size = sizeof(struct zip),
                                         .begin = archive_begin,
                                         .feed = archive_feed,
                                         .end = archive_end,
                                         .layer_end = archive_layer_end};
