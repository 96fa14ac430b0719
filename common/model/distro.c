/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro.h"

/* Debian, Ubuntu, Alpine and Wolfi publish advisories by source package (Alpine calls it origin). */
#define DEB .type = PKG_DPKG, .versions = VERSION_DPKG, .names = NAME_SOURCE
#define APK .type = PKG_APK, .versions = VERSION_APK, .names = NAME_SOURCE

static const struct distro distros[] = {
    {"debian", "Debian", NULL, RELEASE_MAJOR, DEB},
    {"ubuntu", "Ubuntu", NULL, RELEASE_UBUNTU, DEB},
    {"alpine", "Alpine", NULL, RELEASE_ALPINE, APK},
    {"wolfi", "Wolfi", NULL, RELEASE_NONE, APK},
    {"chainguard", "Chainguard", NULL, RELEASE_NONE, APK},
    {"minimos", "MinimOS", NULL, RELEASE_NONE, APK},
    {"raspbian", .parent = "debian", .parent_numbers = true, DEB},
    {"devuan", .parent = "debian", DEB},
    {"kali", .parent = "debian", DEB},
    {"parrot", .parent = "debian", DEB},
    {"pureos", .parent = "debian", DEB},
    {"linuxmint", .parent = "ubuntu", DEB},
    {"pop", .parent = "ubuntu", .parent_numbers = true, DEB},
    {"neon", .parent = "ubuntu", .parent_numbers = true, DEB},
    {"elementary", .parent = "ubuntu", DEB},
    {"zorin", .parent = "ubuntu", DEB},
};

/* Releases by codename: of a row with an ecosystem its own, of a derivative the parent's that it is made of. */
static const struct codename {
    const char *id, *codename, *release;
} codenames[] = {
    {"debian", "squeeze", "6"},    {"debian", "wheezy", "7"},       {"debian", "jessie", "8"},
    {"debian", "stretch", "9"},    {"debian", "buster", "10"},      {"debian", "bullseye", "11"},
    {"debian", "bookworm", "12"},  {"debian", "trixie", "13"},      {"debian", "forky", "14"},
    {"debian", "testing", "14"},   {"debian", "sid", "14"},         {"debian", "unstable", "14"},
    {"debian", "duke", "15"},      {"ubuntu", "precise", "12.04"},  {"ubuntu", "quantal", "12.10"},
    {"ubuntu", "raring", "13.04"}, {"ubuntu", "saucy", "13.10"},    {"ubuntu", "trusty", "14.04"},
    {"ubuntu", "utopic", "14.10"}, {"ubuntu", "vivid", "15.04"},    {"ubuntu", "wily", "15.10"},
    {"ubuntu", "xenial", "16.04"}, {"ubuntu", "yakkety", "16.10"},  {"ubuntu", "zesty", "17.04"},
    {"ubuntu", "artful", "17.10"}, {"ubuntu", "bionic", "18.04"},   {"ubuntu", "cosmic", "18.10"},
    {"ubuntu", "disco", "19.04"},  {"ubuntu", "eoan", "19.10"},     {"ubuntu", "focal", "20.04"},
    {"ubuntu", "groovy", "20.10"}, {"ubuntu", "hirsute", "21.04"},  {"ubuntu", "impish", "21.10"},
    {"ubuntu", "jammy", "22.04"},  {"ubuntu", "kinetic", "22.10"},  {"ubuntu", "lunar", "23.04"},
    {"ubuntu", "mantic", "23.10"}, {"ubuntu", "noble", "24.04"},    {"ubuntu", "oracular", "24.10"},
    {"ubuntu", "plucky", "25.04"}, {"ubuntu", "questing", "25.10"}, {"ubuntu", "resolute", "26.04"},
    {"devuan", "jessie", "8"},     {"devuan", "ascii", "9"},        {"devuan", "beowulf", "10"},
    {"devuan", "chimaera", "11"},  {"devuan", "daedalus", "12"},    {"devuan", "excalibur", "13"},
    {"devuan", "freia", "14"},     {"devuan", "ceres", "14"},       {"kali", "kali-rolling", "14"},
    {"parrot", "ara", "11"},       {"parrot", "lory", "12"},        {"parrot", "echo", "13"},
    {"pureos", "amber", "10"},     {"pureos", "byzantium", "11"},   {"pureos", "crimson", "12"},
};

/* Who wrote redhat-release, by how its line starts. */
static const struct {
    const char *start, *id;
} redhat_releases[] = {
    {"CentOS", "centos"},     {"Red Hat Enterprise", "rhel"},     {"Fedora", "fedora"},
    {"Rocky Linux", "rocky"}, {"AlmaLinux", "almalinux"},         {"Oracle Linux", "ol"},
    {"Amazon Linux", "amzn"}, {"Scientific Linux", "scientific"},
};

const struct distro *distro_by_id(struct slice id)
{
    for (size_t i = 0; i < ARRAY_LEN(distros); i++)
        if (slice_eq_str(id, distros[i].id))
            return &distros[i];
    return NULL;
}

const struct distro *distro_of_ecosystem(struct slice ecosystem)
{
    struct slice name = SLICE_NONE;
    if (!slice_take_token(&ecosystem, ':', &name))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(distros); i++)
        if (distros[i].ecosystem && slice_eq_str(name, distros[i].ecosystem))
            return &distros[i];
    return NULL;
}

const struct distro *distro_of(const struct os_info *os)
{
    const struct distro *d = distro_of_ecosystem(os->ecosystem);
    return d ? d : distro_by_id(os->id);
}

bool distro_codename_release(struct slice id, struct slice codename, struct slice *ret_release)
{
    for (size_t i = 0; i < ARRAY_LEN(codenames); i++)
        if (slice_eq_str(id, codenames[i].id) && slice_eq_str(codename, codenames[i].codename)) {
            *ret_release = slice_str(codenames[i].release);
            return true;
        }
    return false;
}

/* The first count dot-separated numbers of s ("3.20.3", 2 -> "3.20"); empty when there are fewer. */
static struct slice leading_numbers(struct slice s, int count)
{
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        size_t start = i ? n + 1 : 0, end = start;
        if (i && (n >= s.n || s.p[n] != '.'))
            return SLICE("");
        while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
            end++;
        if (end == start || end - start > 4)
            return SLICE("");
        n = end;
    }
    return slice_sub(s, 0, n);
}

/* Ubuntu's April releases of even years are its LTS releases; 6.06 came late. */
static bool ubuntu_lts(struct slice release)
{
    struct slice rest = release, year = SLICE_NONE;
    uint64_t y;
    slice_take_token(&rest, '.', &year);
    return slice_eq_str(release, "6.06") || (slice_parse_u64(year, &y) && y % 2 == 0 && slice_eq_str(rest, "04"));
}

struct slice distro_ecosystem(const struct distro *d, struct slice version_id, struct arena *arena)
{
    struct slice r;
    if (!d || !d->ecosystem)
        return SLICE_NONE;
    switch (d->release) {
    case RELEASE_NONE:
        return slice_str(d->ecosystem);
    case RELEASE_MAJOR:
        r = leading_numbers(version_id, 1);
        return r.n ? arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)) : SLICE_NONE;
    case RELEASE_UBUNTU:
        r = leading_numbers(version_id, 2);
        return r.n ? arena_printf(arena, "%s:%.*s%s", d->ecosystem, SLICE_FMT(r), ubuntu_lts(r) ? ":LTS" : "")
                   : SLICE_NONE;
    case RELEASE_ALPINE:
        if (slice_eq_str(version_id, "edge") || slice_find_slice(version_id, SLICE("_alpha")) >= 0)
            return arena_printf(arena, "%s:edge", d->ecosystem);
        slice_take_prefix(&version_id, SLICE("v"));
        r = leading_numbers(version_id, 2);
        return r.n ? arena_printf(arena, "%s:v%.*s", d->ecosystem, SLICE_FMT(r)) : SLICE_NONE;
    }
    BUG("release form %d", (int)d->release);
}

struct facts {
    const struct fact *v;
    size_t n;
};

/* The first fact of that name that says something. */
static struct slice fact(const struct facts *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].value.n && slice_eq_str(f->v[i].name, name))
            return f->v[i].value;
    return SLICE_NONE;
}

static struct slice either(struct slice a, struct slice b)
{
    return a.n ? a : b;
}

static struct slice lowered(struct slice s, struct arena *arena)
{
    uint8_t *to = arena_alloc(arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < s.n; i++)
        if (s.p[i] != ' ')
            to[n++] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (uint8_t)(s.p[i] + 32) : s.p[i];
    return to && s.n ? slice_of(to, n) : SLICE_NONE;
}

/* "jessie/sid", what testing's debian_version says, -> "jessie". */
static struct slice debian_version_codename(struct slice line)
{
    struct slice word = SLICE_NONE;
    if (line.n && (line.p[0] < '0' || line.p[0] > '9'))
        slice_take_token(&line, '/', &word);
    return word;
}

/* VERSION="7 (wheezy)" -> "wheezy", for the releases before VERSION_CODENAME. */
static struct slice version_codename(struct slice version)
{
    ptrdiff_t open = slice_find(version, '('), close = slice_rfind(version, ')');
    if (open < 0 || close < open)
        return SLICE_NONE;
    struct slice word = slice_sub(version, (size_t)open + 1, (size_t)(close - open - 1));
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] < 'a' || word.p[i] > 'z')
            return SLICE_NONE;
    return word;
}

/* The first number with its dots in a line such as "CentOS release 6.10 (Final)". */
static struct slice number_in(struct slice line)
{
    size_t at = 0, n = 0;
    while (at < line.n && (line.p[at] < '0' || line.p[at] > '9'))
        at++;
    while (at + n < line.n && ((line.p[at + n] >= '0' && line.p[at + n] <= '9') || line.p[at + n] == '.'))
        n++;
    return slice_sub(line, at, n);
}

/* Fills what os-release did not say from the files before it. */
static void identify_older(const struct facts *f, struct arena *arena, struct os_info *os)
{
    struct slice lsb = fact(f, "DISTRIB_ID"), debian = fact(f, "debian_version"), alpine = fact(f, "alpine-release"),
                 redhat = fact(f, "redhat-release");
    if (lsb.n) {
        os->id = lowered(lsb, arena);
        os->version_id = either(os->version_id, fact(f, "DISTRIB_RELEASE"));
        os->codename = either(os->codename, fact(f, "DISTRIB_CODENAME"));
        os->name = either(os->name, either(fact(f, "DISTRIB_DESCRIPTION"), lsb));
    } else if (alpine.n) {
        os->id = SLICE("alpine");
        os->version_id = either(os->version_id, alpine);
        os->name = either(os->name, arena_printf(arena, "Alpine Linux %.*s", SLICE_FMT(alpine)));
    } else if (redhat.n) {
        for (size_t i = 0; i < ARRAY_LEN(redhat_releases) && !os->id.n; i++)
            if (slice_starts(redhat, slice_str(redhat_releases[i].start)))
                os->id = slice_str(redhat_releases[i].id);
        os->version_id = either(os->version_id, number_in(redhat));
        os->name = either(os->name, redhat);
    } else if (debian.n) {
        os->id = SLICE("debian");
        if (!debian_version_codename(debian).n)
            os->version_id = either(os->version_id, debian);
        os->codename = either(os->codename, debian_version_codename(debian));
        os->name = either(os->name, arena_printf(arena, "Debian %.*s", SLICE_FMT(debian)));
    }
}

/* The ecosystem of a row that has one. */
static struct slice own_ecosystem(const struct facts *f, const struct distro *d, const struct os_info *os,
                                  struct arena *arena)
{
    struct slice id = slice_str(d->id), release;
    struct slice ecosystem = distro_ecosystem(d, os->version_id, arena);
    if (!ecosystem.n && (distro_codename_release(id, os->codename, &release) ||
                         distro_codename_release(id, debian_version_codename(fact(f, "debian_version")), &release)))
        ecosystem = distro_ecosystem(d, release, arena);
    return ecosystem;
}

/* The ecosystem of a derivative: by the parent's codename that it states, else by what the parent's row can make of it.
 */
static struct slice parent_ecosystem(const struct facts *f, const struct distro *self, const struct distro *parent,
                                     const struct os_info *os, struct arena *arena)
{
    static const struct {
        const char *fact, *id;
    } stated[] = {{"UBUNTU_CODENAME", "ubuntu"}, {"DEBIAN_CODENAME", "debian"}};
    struct slice release, ecosystem = SLICE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(stated); i++)
        if (distro_codename_release(slice_str(stated[i].id), fact(f, stated[i].fact), &release))
            return distro_ecosystem(distro_by_id(slice_str(stated[i].id)), release, arena);
    if (!parent)
        return SLICE_NONE;
    if (distro_codename_release(os->id, os->codename, &release) ||
        distro_codename_release(slice_str(parent->id), os->codename, &release))
        return distro_ecosystem(parent, release, arena);
    if (self && self->parent_numbers)
        ecosystem = distro_ecosystem(parent, os->version_id, arena);
    if (ecosystem.n || parent->release == RELEASE_NONE)
        return ecosystem;
    if (slice_eq_str(slice_str(parent->id), "alpine"))
        return distro_ecosystem(parent, fact(f, "alpine-release"), arena);
    struct slice debian = fact(f, "debian_version");
    if (!slice_eq_str(slice_str(parent->id), "debian") || !debian.n)
        return SLICE_NONE;
    if (distro_codename_release(slice_str("debian"), debian_version_codename(debian), &release))
        debian = release;
    return distro_ecosystem(parent, debian, arena);
}

/* The first word of ID_LIKE that has an ecosystem. */
static const struct distro *parent_by_likeness(struct slice id_like)
{
    struct slice word = SLICE_NONE;
    while (slice_take_token(&id_like, ' ', &word)) {
        const struct distro *d = distro_by_id(word);
        if (d && d->ecosystem)
            return d;
    }
    return NULL;
}

void distro_identify(const struct fact *facts, size_t n, struct arena *arena, struct os_info *ret)
{
    struct facts f = {facts, n};
    struct os_info os = {
        .id = lowered(fact(&f, "ID"), arena),
        .version_id = fact(&f, "VERSION_ID"),
        .codename = either(fact(&f, "VERSION_CODENAME"), version_codename(fact(&f, "VERSION"))),
        .name = either(fact(&f, "PRETTY_NAME"), fact(&f, "NAME")),
        .id_like = fact(&f, "ID_LIKE"),
    };
    if (!os.id.n)
        identify_older(&f, arena, &os);
    if (!os.name.n)
        os.name = os.id;
    const struct distro *self = distro_by_id(os.id);
    if (self && self->ecosystem)
        os.ecosystem = own_ecosystem(&f, self, &os, arena);
    else if (os.id.n)
        os.ecosystem = parent_ecosystem(
            &f, self, self ? distro_by_id(slice_str(self->parent)) : parent_by_likeness(os.id_like), &os, arena);
    ret->id = arena_slice(arena, os.id);
    ret->version_id = arena_slice(arena, os.version_id);
    ret->codename = arena_slice(arena, os.codename);
    ret->name = arena_slice(arena, os.name);
    ret->id_like = arena_slice(arena, os.id_like);
    ret->ecosystem = arena_slice(arena, os.ecosystem);
}
