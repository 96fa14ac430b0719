/* SPDX-License-Identifier: Apache-2.0 */
/* distro_identify.c: from the facts of its files to which system this is and whose advisories hold. */
#include "model/distro/distro_table.h"
#include "model/distro/eol.h"

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
            to[n++] = byte_lower(s.p[i]);
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

/* The files of which the first line names the system; Oracle's redhat-release names the system that it rebuilds. */
static const char *const release_files[] = {"oracle-release", "system-release", "redhat-release", "centos-release",
                                            "fedora-release", "SuSE-release",   "mageia-release", "photon-release",
                                            "gentoo-release", "arch-release"};
/* Who wrote such a file, by how its line starts. */
static const struct {
    const char *start, *id;
} release_lines[] = {
    {"CentOS", "centos"},
    {"Red Hat Enterprise", "rhel"},
    {"Fedora", "fedora"},
    {"Rocky Linux", "rocky"},
    {"AlmaLinux", "almalinux"},
    {"Oracle Linux", "ol"},
    {"Amazon Linux", "amzn"},
    {"Scientific Linux", "scientific"},
    {"SUSE Linux Enterprise Server", "sles"},
    {"SUSE Linux Enterprise Desktop", "sled"},
    {"openSUSE", "opensuse"},
    {"Mageia", "mageia"},
    {"VMware Photon", "photon"},
    {"Gentoo", "gentoo"},
    {"Arch Linux", "arch"},
};

/* The system that a release file names; false when none is there. */
static bool identify_release_file(const struct facts *f, struct os_info *os)
{
    struct slice line = SLICE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(release_files) && !line.n; i++)
        line = fact(f, release_files[i]);
    for (size_t i = 0; i < ARRAY_LEN(release_lines) && !os->id.n; i++)
        if (slice_starts(line, slice_str(release_lines[i].start)))
            os->id = slice_str(release_lines[i].id);
    if (!line.n)
        return false;
    os->version_id = either(os->version_id, either(fact(f, "SuSE-version"), number_in(line)));
    os->name = either(os->name, line);
    return true;
}

/* Fills what os-release did not say from the files before it. */
static void identify_older(const struct facts *f, struct arena *arena, struct os_info *os)
{
    struct slice lsb = fact(f, "DISTRIB_ID"), debian = fact(f, "debian_version"), alpine = fact(f, "alpine-release");
    if (lsb.n) {
        os->id = lowered(lsb, arena);
        os->version_id = either(os->version_id, fact(f, "DISTRIB_RELEASE"));
        os->codename = either(os->codename, fact(f, "DISTRIB_CODENAME"));
        os->name = either(os->name, either(fact(f, "DISTRIB_DESCRIPTION"), lsb));
    } else if (alpine.n) {
        os->id = SLICE("alpine");
        os->version_id = either(os->version_id, alpine);
        os->name = either(os->name, arena_printf(arena, "Alpine Linux %.*s", SLICE_FMT(alpine)));
    } else if (identify_release_file(f, os)) {
        return;
    } else if (debian.n) {
        os->id = SLICE("debian");
        if (!debian_version_codename(debian).n)
            os->version_id = either(os->version_id, debian);
        os->codename = either(os->codename, debian_version_codename(debian));
        os->name = either(os->name, arena_printf(arena, "Debian %.*s", SLICE_FMT(debian)));
    }
}

/* openEuler tells its service packs in VERSION alone: 22.03, "22.03 (LTS-SP4)" -> 22.03-LTS-SP4. */
static struct slice whole_version(const struct facts *f, struct slice version_id, struct arena *arena)
{
    struct slice version = fact(f, "VERSION");
    ptrdiff_t open = slice_find(version, '('), close = slice_rfind(version, ')');
    if (open < 0 || close < open || close - open > 16 || !version_id.n || slice_find(version_id, '-') >= 0)
        return version_id;
    struct slice tail = slice_sub(version, (size_t)open + 1, (size_t)(close - open - 1));
    for (size_t i = 0; i < tail.n; i++)
        if ((tail.p[i] < 'A' || tail.p[i] > 'Z') && (tail.p[i] < '0' || tail.p[i] > '9') && tail.p[i] != '-')
            return version_id;
    return tail.n ? arena_printf(arena, "%.*s-%.*s", SLICE_FMT(version_id), SLICE_FMT(tail)) : version_id;
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
    if (parent->release == RELEASE_NONE)
        return distro_ecosystem(parent, SLICE_NONE, arena);
    if (distro_codename_release(os->id, os->codename, &release) ||
        distro_codename_release(os->id, os->version_id, &release) ||
        distro_codename_release(slice_str(parent->id), os->codename, &release))
        return distro_ecosystem(parent, release, arena);
    if (self && self->parent_numbers)
        ecosystem = distro_ecosystem(parent, os->version_id, arena);
    if (ecosystem.n)
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

/* Among rows with the same id, the one that ID_LIKE names; NULL: it names none of them. */
static const struct distro *row_by_likeness(const struct distro *self, struct slice id_like)
{
    struct slice word = SLICE_NONE;
    if (!self || !self->like)
        return self;
    while (slice_take_token(&id_like, ' ', &word))
        for (size_t i = 0; i < distros_n; i++)
            if (strcmp(distros[i].id, self->id) == 0 && slice_eq_str(word, distros[i].like))
                return &distros[i];
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
    const struct distro *self = distro_by_name(os.id);
    if (self)
        os.id = slice_str(self->id);
    bool shared = self && self->like;
    self = row_by_likeness(self, os.id_like);
    if (self && self->release == RELEASE_OPENEULER)
        os.version_id = whole_version(&f, os.version_id, arena);
    if (self && self->ecosystem)
        os.ecosystem = own_ecosystem(&f, self, &os, arena);
    else if (os.id.n && !shared)
        os.ecosystem = parent_ecosystem(
            &f, self, self ? distro_by_id(slice_str(self->parent)) : parent_by_likeness(os.id_like), &os, arena);
    os.end_of_life = eol_date(&os);
    if (!os.end_of_life.n && eol_is_date(fact(&f, "SUPPORT_END")))
        os.end_of_life = fact(&f, "SUPPORT_END");
    *ret = (struct os_info){.end_of_life = arena_slice(arena, os.end_of_life)};
    ret->id = arena_slice(arena, os.id);
    ret->version_id = arena_slice(arena, os.version_id);
    ret->codename = arena_slice(arena, os.codename);
    ret->name = arena_slice(arena, os.name);
    ret->id_like = arena_slice(arena, os.id_like);
    ret->ecosystem = arena_slice(arena, os.ecosystem);
}
