/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/windows/windows.h"

#include "base/hash.h"
#include "model/distro/windows.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/windows/hive.h"

#define TEXT_MAX 1024

/* CBS package states at which a package is in use (Windows' cbs.h): installed, and permanently so. */
enum { STATE_INSTALLED = 0x70, STATE_PERMANENT = 0x80 };

static void copy_text(struct parse *p, struct hive *h, uint32_t key, const char *name, struct parsed_file *file)
{
    char text[TEXT_MAX];
    struct slice value;
    if (!hive_text(h, key, name, text, sizeof text, &value) || !value.n)
        return;
    if (slice_is_text(value))
        parse_set_fact(p, file, slice_str(name), value);
    else
        parse_reason(p, REASON_SYSTEM_FILE_BROKEN, "%s is not text", name);
}

static void read_version(struct parse *p, struct hive *h, struct parsed_file *file)
{
    static const char *const names[] = {"ProductName", "CurrentBuild", "EditionID", "InstallationType",
                                        "DisplayVersion"};
    uint32_t ubr, key = hive_path(h, h->root, SLICE("Microsoft\\Windows NT\\CurrentVersion"));
    char text[16];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        copy_text(p, h, key, names[i], file);
    if (!hive_number(h, key, "UBR", &ubr))
        return;
    snprintf(text, sizeof text, "%" PRIu32, ubr);
    parse_set_fact(p, file, SLICE("UBR"), slice_str(text));
}

/* The updates of a hive by name: a table of their places in the file's packages, plus one. */
struct updates {
    uint32_t *v;
    size_t n, cap; /* a power of two, at most half of it taken */
    bool full;     /* there were more than WINDOWS_UPDATES_MAX */
};

static uint32_t *find_update(const struct updates *u, const package_vec *packages, struct slice name)
{
    size_t at = (size_t)hash64(name) & (u->cap - 1);
    while (u->v[at] && !slice_eq(packages->v[u->v[at] - 1].name, name))
        at = (at + 1) & (u->cap - 1);
    return &u->v[at];
}

static bool make_room(struct updates *u, const package_vec *packages, struct arena *arena)
{
    struct updates more = {.n = u->n, .full = u->full, .cap = u->cap ? u->cap * 2 : 64};
    if (u->n * 2 < u->cap)
        return true;
    if (!(more.v = arena_zalloc(arena, more.cap * sizeof *more.v)))
        return false;
    for (size_t i = 0; i < u->cap; i++)
        if (u->v[i])
            *find_update(&more, packages, packages->v[u->v[i] - 1].name) = u->v[i];
    *u = more;
    return true;
}

static struct slice upper(struct slice update, char to[16])
{
    size_t n = MIN(update.n, (size_t)16);
    for (size_t i = 0; i < n; i++)
        to[i] = update.p[i] >= 'a' && update.p[i] <= 'z' ? (char)(update.p[i] - 32) : (char)update.p[i];
    return slice_of(to, n);
}

static void add_update(struct parse *p, struct parsed_file *file, struct updates *known, struct slice update,
                       const struct windows_identity *id)
{
    char text[16];
    struct slice name = upper(update, text);
    if (!make_room(known, &file->packages, p->arena))
        return;
    uint32_t *place = find_update(known, &file->packages, name);
    known->full |= !*place && known->n >= WINDOWS_UPDATES_MAX;
    if (*place || known->full)
        return;
    parse_add_package(
        p, file,
        &(struct package){.type = PKG_WINDOWS, .name = name, .version = id->version, .architecture = id->architecture});
    if (!p->arena->overflow) {
        *place = (uint32_t)file->packages.n;
        known->n++;
    }
}

struct reading {
    struct parse *p;
    struct parsed_file *file;
    struct updates updates;
};

static bool read_package(void *arg, struct hive *h, uint32_t key, struct slice name)
{
    struct reading *r = arg;
    struct windows_identity id;
    uint32_t state = 0;
    char text[TEXT_MAX];
    struct slice update, location;
    if (!slice_starts(name, SLICE("Package_for_")) || !windows_identity_parse(name, &id))
        return true;
    if (!hive_number(h, key, "CurrentState", &state) || (state != STATE_INSTALLED && state != STATE_PERMANENT))
        return true;
    update = windows_update_in(id.name);
    if (!update.n && hive_text(h, key, "InstallLocation", text, sizeof text, &location))
        update = windows_update_in(location);
    if (update.n)
        add_update(r->p, r->file, &r->updates, update, &id);
    return true;
}

static void parse_hive(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct hive h;
    struct err e = ERR_INIT;
    struct reading r = {.p = p, .file = file};
    if (hive_open(bytes, &h, &e)) {
        parse_reason(p, REASON_DATABASE_BROKEN, "%s", e.text);
        return;
    }
    read_version(p, &h, file);
    hive_each(&h,
              hive_path(&h, h.root, SLICE("Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages")),
              read_package, &r);
    if (r.updates.full)
        parse_reason(p, REASON_TOO_MANY, "it names more than %d updates; the rest is left out", WINDOWS_UPDATES_MAX);
    if (h.broken)
        parse_reason(p, REASON_DATABASE_BROKEN, "%zu places in it can't be read: %s", h.broken, h.trouble);
}

static void parse_store(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct windows_identity id;
    struct updates none = {.v = NULL};
    struct slice name = slice_path_name(p->path);
    (void)bytes;
    if (windows_identity_parse(name, &id) && windows_update_in(id.name).n)
        add_update(p, file, &none, windows_update_in(id.name), &id);
}

/* The hive of a Server Core base layer; of a longer one what is kept still names product and build. */
#define HIVE_MAX ((uint32_t)96 << 20)
#define HIVE(where)                                                                                                    \
    {                                                                                                                  \
        .path = where, .max = HIVE_MAX, .parser = PARSER_WINDOWS_HIVE, .parse = parse_hive                             \
    }

/* Layers of Windows images hold their files below Files and hives below Hives (Microsoft's hcsshim, "ociwclayer"). */
static const struct package_rule rules[] = {
    HIVE("Files/Windows/System32/config/SOFTWARE"),
    HIVE("Hives/Software_Base"),
    HIVE("Hives/Software_Delta"),
    {.path = "Files/Windows/servicing/Packages/Package_for_*.mum",
     .parser = PARSER_WINDOWS_STORE,
     .parse = parse_store},
    {.path = NULL},
};

const struct package_format format_windows = {
    .name = "windows", .keeps_version = 1, .reads_version = 1, .type = PKG_WINDOWS, .rules = rules};
