/* SPDX-License-Identifier: Apache-2.0 */
#include "model/reason.h"

#include "model/records.h"

/* clang-format off */
const struct reason_kind reason_kinds[REASON_MAX] = {
    [REASON_UNSPECIFIED] = {"unspecified", true,
        "The record was written before reasons had codes, or by a later version with a code that this one does not know.",
        "Read the sentence."},
    [REASON_MORE] = {"more-reasons", true,
        "There were more reasons than a record keeps; this one counts the others.",
        NULL},

    [REASON_LAYER_NOT_FETCHED] = {"layer-not-fetched", true,
        "The layer could not be had from its registry or source.",
        "See that the registry can be reached; a stage tries again by itself."},
    [REASON_LAYER_REFUSED] = {"layer-refused", true,
        "The registry refused to give the layer.",
        "Give credentials that may pull from that repository."},
    [REASON_LAYER_MISSING] = {"layer-missing", true,
        "The registry or source does not have a layer that the image names.",
        "Push the image again."},
    [REASON_LAYER_FOREIGN] = {"layer-foreign", true,
        "The layer is held by its publisher only and was not asked for there.",
        "Push the image with its foreign layers."},
    [REASON_LAYER_FORMAT] = {"layer-format", true,
        "The layer is no tar of files but something that cannot be read yet: a file system image, encrypted, on demand.",
        "Push the image with plain layers."},
    [REASON_LAYER_BROKEN] = {"layer-broken", true,
        "The layer's bytes are damaged, cut short or beyond the limits; what came before was read.",
        "Build and push the image again."},
    [REASON_LAYER_UNREAD] = {"layer-unread", true,
        "The layer could not be read, or not wholly, and it is not known why.",
        NULL},
    [REASON_MEMBER_LEFT_OUT] = {"member-left-out", true,
        "A member of the layer has a name, link or whiteout that means nothing within it; it was left out.",
        NULL},
    [REASON_FILE_CUT] = {"file-cut", true,
        "Of a file that was to be read only a part was kept; what the rest says is not known.",
        NULL},
    [REASON_EVIDENCE_FULL] = {"evidence-full", true,
        "The layer has more that was to be kept than is kept of one layer; the rest was left out.",
        NULL},
    [REASON_EVIDENCE_BROKEN] = {"evidence-broken", true,
        "What was kept of the layer is damaged.",
        NULL},
    [REASON_READER_FAILED] = {"reader-failed", true,
        "The process that read foreign bytes ended without an answer, or its answer was too large or malformed.",
        "Report it with the image's name."},

    [REASON_PACKAGE_LEFT_OUT] = {"package-left-out", true,
        "An entry of a package database is not sound; that package was left out.",
        NULL},
    [REASON_PACKAGE_HALF_INSTALLED] = {"package-half-installed", true,
        "A package is half-installed; what is there of it is not known.",
        "Finish the installation where the image is built."},
    [REASON_PACKAGE_CONTRADICTED] = {"package-contradicted", true,
        "Two places say different things of one package.",
        NULL},
    [REASON_VERSION_INVALID] = {"version-invalid", true,
        "A package has a version that is none by its system's rules; advisories cannot be applied to it.",
        NULL},
    [REASON_DATABASE_BROKEN] = {"database-broken", true,
        "A package database, or a part of it, cannot be read.",
        "Repair or rebuild the database where the image is built."},
    [REASON_DATABASE_EMPTY] = {"database-empty", true,
        "A package database has no package in it though it is not empty.",
        NULL},
    [REASON_DATABASE_LOG] = {"database-log", true,
        "A database and the log beside it do not belong together, or the log could not be read.",
        "Install packages and clean up in one step of the build."},
    [REASON_DATABASE_MISSING] = {"database-missing", true,
        "The image names an operating system and has no package database that can be read.",
        "Do not delete the package database from the image."},
    [REASON_LINK_UNRESOLVED] = {"link-unresolved", true,
        "A link leads from where a package database may be to what is not there or was not kept.",
        NULL},
    [REASON_SYSTEM_FILE_BROKEN] = {"system-file-broken", true,
        "A file that says which operating system it is, or a line of it, cannot be read.",
        NULL},
    [REASON_PRODUCTS_UNKNOWN] = {"products-unknown", true,
        "Which of the publisher's products the image was built from cannot be read.",
        NULL},
    [REASON_TOO_MANY] = {"too-many", true,
        "There are more of something than are read; the rest was left out.",
        NULL},
    [REASON_ARCHIVE_UNREAD] = {"archive-unread", true,
        "An archive that holds packages, or something in it, cannot be read: it is damaged, encrypted or beyond a bound.",
        NULL},

    [REASON_SYSTEM_UNKNOWN] = {"system-unknown", true,
        "Nothing says which operating system it is, or it is none that Careen knows.",
        "Keep os-release in the image."},
    [REASON_RELEASE_UNKNOWN] = {"release-unknown", true,
        "The system's publisher is known, and which release it is is not.",
        "Keep VERSION_ID in the image's os-release."},
    [REASON_NOBODY_PUBLISHES] = {"nobody-publishes", true,
        "Nobody is known to publish advisories for this system.",
        "Base the image on a system whose publisher does."},
    [REASON_SYSTEM_NOT_COVERED] = {"system-not-covered", true,
        "No advisories hold for the operating system, so that its packages were not compared with any.",
        NULL},
    [REASON_NO_ADVISORIES] = {"no-advisories", true,
        "The advisory database has no advisories for the system, so that nothing was compared.",
        "Fetch the feeds that speak of it."},
    [REASON_ECOSYSTEM_EMPTY] = {"ecosystem-empty", true,
        "The advisory database has no advisories for an ecosystem that some packages belong to; the rest was compared.",
        "Fetch the feeds that speak of it."},
    [REASON_NO_SYSTEM] = {"no-system", false,
        "No operating system and no library is in the image, so that there are no packages to judge.",
        NULL},
    [REASON_ADVISORIES_BORROWED] = {"advisories-borrowed", false,
        "The advisories of the system that it is made from are used.",
        NULL},
    [REASON_END_OF_LIFE] = {"end-of-life", true,
        "The publisher maintains the release no more: newer vulnerabilities are not told of.",
        "Go to a release that is maintained."},
    [REASON_WINDOWS_BUILD_UNKNOWN] = {"windows-build-unknown", true,
        "Neither the image nor its registry hive says which build of Windows it is.",
        NULL},
    [REASON_WINDOWS_BUILDS_DIFFER] = {"windows-builds-differ", false,
        "The image and its registry hive name different builds of Windows; the hive's is taken.",
        NULL},
    [REASON_UPDATES_UNCHECKED] = {"updates-unchecked", true,
        "Which updates are installed was not read, since what says so is not in the layers that were.",
        NULL},

    [REASON_PACKAGES_NOT_JUDGED] = {"packages-not-judged", true,
        "Some packages are not the distribution's own, so that its advisories do not speak of them.",
        "Ask whoever built these packages for their advisories."},
    [REASON_OTHER_KIND] = {"other-kind", true,
        "The package is of a kind of which the system's advisories do not speak.",
        NULL},
    [REASON_OTHER_VENDOR] = {"other-vendor", true,
        "The package was built by somebody else than the system's publisher.",
        "Ask that vendor for advisories."},
    [REASON_OTHER_REPOSITORY] = {"other-repository", true,
        "The package is from a repository that is not the system's own.",
        "Ask whoever runs that repository for advisories."},
    [REASON_BUILT_LOCALLY] = {"built-locally", true,
        "The package names no vendor or packager: it was built locally.",
        NULL},
    [REASON_OWN_PACKAGE] = {"own-package", false,
        "The package is part of the project itself, or of another one, and was never published: no advisory speaks of it.",
        NULL},
    [REASON_VERSION_UNKNOWN] = {"version-unknown", true,
        "Which version of the package is there is not known; advisories cannot be applied to it.",
        NULL},
    [REASON_IDENTITY_GUESSED] = {"identity-guessed", true,
        "Which published package it is can only be guessed; advisories of what the guess names are not held against it.",
        NULL},
    [REASON_NOT_LOADED] = {"not-loaded", false,
        "The package lies where no program runs it from: in a build tool's cache, among sources or documentation.",
        NULL},
    [REASON_CONTENTS_UNKNOWN] = {"contents-unknown", true,
        "A program is packed, hidden or compiled in a way that leaves nothing of the libraries within.",
        "Build it so that it says what it is made of."},
    [REASON_SOFTWARE_NOT_JUDGED] = {"software-not-judged", true,
        "Software was seen of which no advisories are held here: programs, archives, language packages.",
        "Have it looked at by other means."},
    [REASON_SOFTWARE_OWNER_UNKNOWN] = {"software-owner-unknown", false,
        "Which of the software that is not judged came with the system's own packages is not known.",
        NULL},

    [REASON_ADVISORY_NOT_APPLICABLE] = {"advisory-not-applicable", true,
        "An advisory speaks of the package and cannot be applied to it.",
        NULL},
    [REASON_VERSIONS_NOT_COMPARABLE] = {"versions-not-comparable", true,
        "Versions of this kind of package cannot be compared yet.",
        NULL},
    [REASON_FIPS_BUILD] = {"fips-build", true,
        "The package is a FIPS build, and no advisory of FIPS builds speaks of it.",
        NULL},
    [REASON_MODULE_UNKNOWN] = {"module-unknown", true,
        "Of which module, stream or build the package is is not known, and advisories name that.",
        NULL},
    [REASON_UPDATES_UNKNOWN] = {"updates-unknown", true,
        "Vulnerabilities are fixed by updates, and which of these are installed is not known.",
        NULL},
    [REASON_SOURCE_UNKNOWN] = {"source-unknown", true,
        "From which source packages were built is not said, and advisories go by source.",
        "Make the SBOM with a tool that names sources; a Chisel manifest names none."},
    [REASON_PACKAGE_TOO_LARGE] = {"package-too-large", true,
        "What is said of a package is more than is kept; it was not judged.",
        NULL},
    [REASON_JUDGING_FAILED] = {"judging-failed", true,
        "A package was not judged: its advisories are damaged or more than fit.",
        NULL},

    [REASON_NOT_AN_IMAGE] = {"not-an-image", false,
        "It is something else than an image: a chart, a signature, an attestation, an index of these.",
        NULL},
    [REASON_IMAGE_FORMAT] = {"image-format", true,
        "Its manifest is of a kind that is not known or not read any more.",
        "Push the image again with a current tool."},
    [REASON_IMAGE_BROKEN] = {"image-broken", true,
        "Its manifest or config is damaged, or the two contradict each other.",
        "Push the image again."},
    [REASON_IMAGE_MISSING] = {"image-missing", true,
        "The registry does not have what names the image, or a part of it.",
        "Push the image again."},
    [REASON_INDEX_NOT_READ] = {"index-not-read", true,
        "Images that an index names cannot be read, or there are too many of them.",
        NULL},

    [REASON_WAITS_FOR_LAYERS] = {"waits-for-layers", true,
        "The image waits for its layers to be pulled and read.",
        "Wait."},
    [REASON_WAITS_FOR_MATCH] = {"waits-for-match", true,
        "The inventory is there and waits to be matched with the advisories.",
        "Wait."},
    [REASON_NOT_WATCHED] = {"not-watched", true,
        "The image is in no registry that Careen watches.",
        "Configure the registry that it came from."},
    [REASON_REPOSITORY_NOT_WATCHED] = {"repository-not-watched", true,
        "The configuration does not name the repository any more, so that nobody asks for its state.",
        "Configure the repository again, or delete the image."},
    [REASON_PLATFORM_ASSUMED] = {"platform-assumed", true,
        "For which platform the container runs is not known; one image of several was taken.",
        NULL},

    [REASON_FEEDS_OLD] = {"feeds-old", true,
        "The system's advisories were fetched long ago.",
        "Run careen feeds update."},
    [REASON_FEEDS_STILL] = {"feeds-still", true,
        "Feeds that speak of the system have had nothing new for long.",
        "See whether the publisher or mirror still publishes there."},

    [REASON_SBOM_VERSION] = {"sbom-version", true,
        "The document is of a later version of its format and was read as the last one that is known.",
        NULL},
    [REASON_SBOM_EMPTY] = {"sbom-empty", true,
        "The document names no packages, or none of a kind that can be judged.",
        NULL},
    [REASON_COMPONENTS_LEFT_OUT] = {"components-left-out", true,
        "Components of the document cannot be taken for packages and were left out.",
        NULL},
};
/* clang-format on */

enum reason_code reason_of_word(struct slice word)
{
    for (int i = 0; i < REASON_MAX; i++)
        if (slice_eq_str(word, reason_kinds[i].word))
            return (enum reason_code)i;
    return REASON_UNSPECIFIED;
}

struct slice reason_word(enum reason_code code)
{
    ASSERT((unsigned)code < REASON_MAX);
    return slice_str(reason_kinds[code].word);
}

struct reason reason_make(enum reason_code code, struct slice text)
{
    return (struct reason){text, reason_word(code)};
}

enum reason_code reason_code(struct reason r)
{
    return reason_of_word(r.code);
}

/* ---- lists ---- */

bool reasons_add_one(struct arena *a, struct reasons *list, struct reason one)
{
    /* A record of an older version has fewer codes than texts. */
    while (list->codes.n < list->texts.n)
        if (!slice_vec_add(a, &list->codes, reason_word(REASON_UNSPECIFIED)))
            return false;
    list->codes.n = list->texts.n;
    if (!one.text.p || !slice_vec_add(a, &list->texts, one.text))
        return false;
    if (slice_vec_add(a, &list->codes, one.code.n ? one.code : reason_word(REASON_UNSPECIFIED)))
        return true;
    list->texts.n--;
    return false;
}

bool reasons_add(struct arena *a, struct reasons *list, enum reason_code code, struct slice text)
{
    return reasons_add_one(a, list, reason_make(code, text));
}

bool reasons_addf(struct arena *a, struct reasons *list, enum reason_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct slice text = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return reasons_add(a, list, code, text);
}

bool reasons_add_all(struct arena *a, struct reasons *to, const struct reasons *from)
{
    for (size_t i = 0; i < from->texts.n; i++)
        if (!reasons_add_one(a, to, reasons_at(from, i)))
            return false;
    return true;
}

bool reasons_copy_all(struct arena *a, struct reasons *to, const struct reasons *from)
{
    for (size_t i = 0; i < from->texts.n; i++) {
        struct reason r = reasons_at(from, i);
        struct slice code = arena_slice(a, r.code);
        if (!code.p || !reasons_add_one(a, to, (struct reason){arena_slice(a, r.text), code}))
            return false;
    }
    return true;
}

struct reason reasons_at(const struct reasons *list, size_t i)
{
    struct slice code = i < list->codes.n ? list->codes.v[i] : SLICE_NONE;
    return (struct reason){list->texts.v[i], code.n ? code : reason_word(REASON_UNSPECIFIED)};
}

struct slice reasons_text(const struct reasons *list, enum reason_code code)
{
    for (size_t i = 0; i < list->texts.n; i++)
        if (reason_code(reasons_at(list, i)) == code)
            return list->texts.v[i];
    return SLICE_NONE;
}

bool reasons_has(const struct reasons *list, enum reason_code code)
{
    for (size_t i = 0; i < list->texts.n; i++)
        if (reason_code(reasons_at(list, i)) == code)
            return true;
    return false;
}

bool reasons_has_text(const struct reasons *list, struct slice text)
{
    for (size_t i = 0; i < list->texts.n; i++)
        if (slice_eq(list->texts.v[i], text))
            return true;
    return false;
}

/* Of equal texts the one without a code comes last, the others by their words. */
static int order(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    struct slice none = reason_word(REASON_UNSPECIFIED);
    int c = slice_cmp(x->text, y->text);
    if (!c)
        c = slice_eq(x->code, none) - slice_eq(y->code, none);
    return c ? c : slice_cmp(x->code, y->code);
}

void reasons_sort(struct reasons *list)
{
    size_t n = list->texts.n, kept = 0;
    if (n < 2)
        return;
    struct reason *all = xcalloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = reasons_at(list, i);
    qsort(all, n, sizeof *all, order);
    /* A list without all its codes has no room for them: it stays without. */
    bool coded = list->codes.n >= n;
    for (size_t i = 0; i < n; i++) {
        if (kept && slice_eq(list->texts.v[kept - 1], all[i].text))
            continue;
        list->texts.v[kept] = all[i].text;
        if (coded)
            list->codes.v[kept] = all[i].code;
        kept++;
    }
    list->texts.n = kept;
    list->codes.n = coded ? kept : 0;
    free(all);
}

bool reasons_cap(struct arena *a, struct reasons *list, size_t max, struct slice more)
{
    if (list->texts.n <= max)
        return true;
    size_t left_out = list->texts.n - (max - 1);
    list->texts.n = max - 1;
    list->codes.n = MIN(list->codes.n, max - 1);
    return more.p ? reasons_add(a, list, REASON_MORE, more)
                  : reasons_addf(a, list, REASON_MORE, "and %zu more reasons", left_out);
}
