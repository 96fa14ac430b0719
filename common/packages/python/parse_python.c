/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_python.c: what the kept files of Python say (python.h). The files of one distribution are joined by their
 * folder, whatever order they come in, and then each distribution that is installed becomes a file with one package.
 */
#include "model/ecosystem/ecosystem.h"
#include "packages/aside/aside.h"
#include "packages/python/python.h"
#include "packages/python/python_dists.h"
#include "packages/python/python_header.h"
#include "packages/python/python_origin.h"
#include "packages/python/python_others.h"

#define LINKS_MAX 8 /* names of names */

void python_read(struct parse *p, const struct evidence_entry *entry)
{
    struct python_dists *d = python_dists_of(p);
    struct slice folder;
    enum python_file file = python_file_of(entry->path, &folder);
    if (!d)
        return;
    if (file == PYTHON_FILES) {
        struct python_other *other = VEC_ADD_MOVING(p->arena, &d->others);
        if (other)
            *other = (struct python_other){.path = entry->path, .facts = entry->bytes};
        return;
    }
    struct python_dist *dist = python_dist_add(p, d, folder);
    /* An egg-info may have both a PKG-INFO and a METADATA: Python reads the latter. */
    if (!dist || (dist->files[file].path.n > entry->path.n && slice_eq_str(slice_path_name(entry->path), "PKG-INFO")))
        return;
    dist->files[file].path = entry->path;
    dist->files[file].facts = entry->bytes;
}

/* ---- what a distribution's files say ---- */

/* The facts of a file, of another name of it those of the file itself. Absent: it isn't in this layer. */
static struct slice facts_of(struct python_dists *d, const struct python_dist *dist, enum python_file file)
{
    struct slice facts = dist->files[file].facts, target, folder;
    for (int i = 0; (target = fact_list_get(facts, "target")).n; i++) {
        enum python_file of = python_file_of(target, &folder);
        const struct python_dist *other = of == file ? python_dist_find(d, folder) : NULL;
        if (!other || i == LINKS_MAX)
            return SLICE_NONE;
        facts = other->files[file].facts;
    }
    return facts;
}

/* "name-version.dist-info", where nothing else says what it is. */
static void take_from_folder(struct python_dist *dist)
{
    struct slice whole = slice_path_name(dist->folder);
    whole.n -= slice_ends(whole, SLICE(".dist-info")) ? strlen(".dist-info") : whole.n;
    ptrdiff_t dash = slice_rfind(whole, '-');
    if (dash <= 0)
        return;
    dist->name = slice_sub(whole, 0, (size_t)dash);
    dist->version = slice_from(whole, (size_t)dash + 1);
}

static void take_identity(struct parse *p, struct python_dists *d, struct python_dist *dist)
{
    struct slice facts = facts_of(d, dist, PYTHON_HEADER);
    if (dist->files[PYTHON_HEADER].path.n) {
        dist->name = python_header_get(facts, "Name");
        dist->version = python_header_get(facts, "Version");
    } else if (dist->files[PYTHON_RECORD].path.n) {
        take_from_folder(dist);
    }
    if (dist->name.n)
        dist->normal = ecosystem_name(ecosystem_of_type(PKG_PYPI), SLICE_NONE, dist->name, p->arena);
}

static bool is_egg_info(const struct python_dist *dist)
{
    return slice_ends(dist->folder, SLICE(".egg-info"));
}

static bool is_egg(const struct python_dist *dist)
{
    return slice_eq_str(slice_path_name(dist->folder), "EGG-INFO");
}

/* A folder beside sources, as building leaves it: not what an installer made. */
static bool is_source_tree(const struct python_dist *dist)
{
    return is_egg_info(dist) && !slice_eq(dist->files[PYTHON_HEADER].path, dist->folder) &&
           dist->place.standing == PYTHON_BARE && !dist->files[PYTHON_RECORD].path.n;
}

/* ---- which of them count ---- */

/* Python 2.7 brought these as parts of its library, with metadata beside its modules. */
static bool is_standard_library(const struct python_dist *dist)
{
    static const char *const parts[] = {"argparse", "wsgiref"};
    if (slice_eq_str(dist->name, "Python") && is_egg_info(dist))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (slice_eq_str(dist->name, parts[i]) && slice_eq_str(slice_path_name(dist->place.root), "python2.7"))
            return true;
    return false;
}

/* Whether the folder of packages has another distribution that stands for this one. */
static bool is_hidden(struct python_dists *d, const struct python_dist *dist)
{
    const struct python_dist *other = NULL;
    if (!is_egg_info(dist))
        return false;
    while ((other = python_dist_in_root(d, dist->place.root, other)))
        if (other != dist && slice_ends(other->folder, SLICE(".dist-info")) && slice_eq(other->normal, dist->normal))
            return true;
    return false;
}

/* An editable installation of the sources that this lies beside is told by itself. */
static bool is_told(struct python_dists *d, const struct python_dist *dist)
{
    for (size_t i = 0; is_source_tree(dist) && i < d->all.n && python_dists_look(d); i++) {
        const struct python_dist *other = &d->all.v[i];
        if (slice_ends(other->folder, SLICE(".dist-info")) && slice_eq(other->normal, dist->normal) &&
            slice_eq(other->version, dist->version))
            return true;
    }
    return false;
}

/* Whether the distribution installed the folder `first` into its own folder of packages. */
static bool brought(struct python_dists *d, const struct python_dist *dist, struct slice first)
{
    struct slice facts = facts_of(d, dist, PYTHON_RECORD), name, code, part;
    struct slice egg = slice_path_folder(dist->folder);
    if (is_egg(dist) && slice_eq(slice_path_name(egg), first))
        return true;
    while (python_dists_look(d) && fact_list_take(&facts, &name, &code))
        if (slice_eq_str(name, "code") && slice_take_token(&code, '/', &part) && slice_eq(part, first))
            return true;
    return false;
}

static const struct python_dist *owner_in(struct python_dists *d, struct slice root, struct slice first)
{
    const struct python_dist *other = NULL;
    while ((other = python_dist_in_root(d, root, other)))
        if (brought(d, other, first))
            return other;
    return NULL;
}

/* The distribution that bundles what lies at path, whose folder of packages isn't known by its name. */
static const struct python_dist *owner_above(struct python_dists *d, struct slice path, struct slice *ret_root)
{
    for (struct slice root = slice_path_folder(path); root.n; root = slice_path_folder(root)) {
        struct slice rest = slice_from(path, root.n + 1), first = SLICE_NONE;
        slice_take_token(&rest, '/', &first);
        const struct python_dist *owner = rest.n ? owner_in(d, root, first) : NULL;
        if (owner) {
            *ret_root = root;
            return owner;
        }
    }
    return NULL;
}

/* Which distribution bundles what lies at path; absent: none. *ret_sample: it lies among that one's tests or examples. */
static struct slice bundler_of(struct python_dists *d, const struct python_place *place, struct slice path,
                               bool *ret_sample)
{
    struct slice root;
    *ret_sample = place->standing == PYTHON_SAMPLE;
    if (place->standing == PYTHON_BELOW) {
        const struct python_dist *owner = owner_in(d, place->root, place->top);
        return owner && owner->name.n ? owner->name : place->top;
    }
    const struct python_dist *owner = place->standing == PYTHON_BARE ? owner_above(d, path, &root) : NULL;
    if (!owner)
        return SLICE_NONE;
    *ret_sample = path_is_aside(slice_path_folder(slice_from(path, root.n + 1)));
    return owner->name;
}

/* ---- what is told ---- */

static void tell_code(struct parse *p, struct python_dists *d, const struct python_dist *dist, struct parsed_file *file)
{
    struct slice facts = facts_of(d, dist, PYTHON_RECORD), name, code;
    while (fact_list_take(&facts, &name, &code)) {
        struct slice path = code;
        if (!slice_eq_str(name, "code") || !slice_is_text(code))
            continue;
        path.n -= slice_ends(path, SLICE("/"));
        parse_add_fact(p, file, SLICE(FACT_CODE_IN),
                       dist->place.root.n
                           ? arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(dist->place.root), SLICE_FMT(path))
                           : path);
    }
}

static const char *parser_of(const struct python_dist *dist)
{
    if (slice_ends(dist->folder, SLICE(".dist-info")))
        return "python-dist-info";
    return is_egg_info(dist) ? "python-egg-info" : "python-egg";
}

/* False: it can't be said which package this is. */
static bool is_sound(struct parse *p, struct python_dists *d, const struct python_dist *dist)
{
    struct slice facts = facts_of(d, dist, PYTHON_HEADER), wrong = fact_list_get(facts, "wrong");
    if (parse_is_token(dist->name) && parse_is_token(dist->version))
        return true;
    if (fact_list_get(dist->files[PYTHON_HEADER].facts, "target").n && !facts.p)
        parse_reason(p, REASON_LINK_UNRESOLVED, "it is a link to %.*s, which the layer doesn't have",
                     SLICE_FMT(fact_list_get(dist->files[PYTHON_HEADER].facts, "target")));
    else if (wrong.n)
        parse_reason(p, REASON_FILE_CUT, "%.*s", SLICE_FMT(wrong));
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version");
    return false;
}

/* "/app/src", the first line of an egg-link in a folder of packages: setuptools' old form of an editable installation. */
static bool is_linked(struct python_dists *d, const struct python_dist *dist)
{
    for (size_t i = 0; i < d->others.n && python_dists_look(d); i++) {
        struct slice text = fact_list_get(d->others.v[i].facts, "text"), line = SLICE_NONE;
        if (slice_ends(d->others.v[i].path, SLICE(".egg-link")) && slice_take_line(&text, &line) &&
            slice_take_prefix(&line, SLICE("/")) && slice_eq(slice_trim(line), dist->place.root))
            return true;
    }
    return false;
}

static void tell(struct parse *p, struct python_dists *d, const struct python_dist *dist, struct slice bundler)
{
    bool headed = dist->files[PYTHON_HEADER].path.n > 0;
    struct package package = {.type = PKG_PYPI, .name = dist->name, .version = dist->version, .parent = bundler};
    p->path = headed ? dist->files[PYTHON_HEADER].path : dist->files[PYTHON_RECORD].path;
    p->reasons_of_file = 0;
    struct parsed_file *file = is_sound(p, d, dist) ? parse_add_file(p, p->path, parser_of(dist)) : NULL;
    if (!file)
        return;
    if (!headed)
        package.why = SLICE("it has no METADATA: the name of its folder says so");
    if (is_source_tree(dist)) {
        bool linked = is_linked(d, dist);
        package.certainty = linked ? CERTAINTY_INSTALLED : CERTAINTY_DECLARED;
        package.why = linked ? SLICE("editable installation") : SLICE("it lies beside its sources");
        package.not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("it is a project of the image, not a release"));
    } else {
        python_origin(p, dist->files[PYTHON_DIRECT_URL].path, facts_of(d, dist, PYTHON_DIRECT_URL),
                      facts_of(d, dist, PYTHON_INSTALLER), &package);
    }
    if (dist->conda.n)
        package.origin = dist->conda;
    parse_add_package(p, file, &package);
    tell_code(p, d, dist, file);
}

/* The folders that a sample lies in; what stands above them is anybody's name for anything. */
static struct slice last_parts(struct slice path)
{
    struct slice above = path;
    for (int i = 0; i < 3; i++)
        above = slice_path_folder(above);
    return slice_from(path, above.n);
}

static void tell_one(struct parse *p, struct python_dists *d, const struct python_dist *dist)
{
    bool sample;
    struct slice bundler = SLICE_NONE;
    if (!dist->files[PYTHON_HEADER].path.n && !dist->files[PYTHON_RECORD].path.n)
        return; /* what an uninstallation left */
    if (dist->place.standing == PYTHON_COPY || is_standard_library(dist) || is_hidden(d, dist) || is_told(d, dist))
        return;
    bundler = bundler_of(d, &dist->place, is_egg(dist) ? slice_path_folder(dist->folder) : dist->folder, &sample);
    /* A folder that an installer filled is none of samples, whatever it is called. */
    if (!sample && dist->place.standing == PYTHON_BARE && !dist->files[PYTHON_INSTALLER].path.n)
        sample = path_is_aside(last_parts(dist->place.root));
    if (!sample)
        tell(p, d, dist, bundler);
}

void python_read_end(struct parse *p, struct slice whole)
{
    struct python_dists *d = python_dists_of(p);
    (void)whole;
    if (!d)
        return;
    for (size_t i = 0; i < d->all.n; i++)
        take_identity(p, d, &d->all.v[i]);
    python_dists_by_root(p, d);
    for (size_t i = 0; i < d->all.n; i++)
        tell_one(p, d, &d->all.v[i]);
    for (size_t i = 0; i < d->others.n; i++)
        python_other_tell(p, d, &d->others.v[i]);
}
