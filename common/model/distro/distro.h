/* SPDX-License-Identifier: Apache-2.0 */
/*
 * distro.h: the table of distributions: whose advisories hold for a system, and how these name packages. Adding a
 * distribution is one row in distro_table.c (and one line for each release where its codenames matter).
 *
 * A system is identified by facts from its files: the keys of os-release(5) under their own names, the DISTRIB_… keys
 * of lsb-release and openwrt_release, and the first lines of debian_version, alpine-release, redhat-release and the
 * like under the files' names; the fact SuSE-version is what stands behind SuSE-release's first line.
 *
 * The ecosystem is spelt as OSV spells it: "Debian:12", "Ubuntu:22.04:LTS", "Alpine:v3.20", "Alpine:edge", "Wolfi".
 * Debian's testing and unstable count as the release that they will become. A system that is not in the table keeps its
 * facts and has an empty ecosystem: nobody's advisories hold for it, which is reported and never guessed away.
 *
 * Pure; any thread. Rows are static.
 */
#ifndef CAREEN_MODEL_DISTRO_DISTRO_H
#define CAREEN_MODEL_DISTRO_DISTRO_H

#include "model/records.h"

/* How VERSION_ID becomes what stands behind the ecosystem's colon. */
enum distro_release {
    RELEASE_NONE,      /* rolling: the ecosystem has no release */
    RELEASE_MAJOR,     /* 9.4 -> 9 */
    RELEASE_MINOR,     /* 5.0 -> 5.0 */
    RELEASE_DEBIAN,    /* 12.5 -> 12 */
    RELEASE_UBUNTU,    /* 22.04 -> 22.04:LTS, 23.10 -> 23.10 */
    RELEASE_ALPINE,    /* 3.20.3 -> v3.20; 3.21.0_alpha20240923 -> edge */
    RELEASE_WINDOWS,   /* 10.0.20348.2340 -> 10.0.20348 */
    RELEASE_AMAZON,    /* 2018.03 -> 1, 2 -> 2, 2023.5.20240708 -> 2023 */
    RELEASE_SLE,       /* 15.5, 15-SP5 -> 15 SP5, 15 -> 15, 16.0 -> 16.0 */
    RELEASE_STREAM,    /* stream -> stream, 23 -> 23 */
    RELEASE_OPENEULER, /* 22.03 (LTS-SP4) -> 22.03-LTS-SP4 */
};

struct distro {
    const char *id;        /* os-release ID */
    const char *ecosystem; /* the publisher, as OSV spells it; NULL: its parent's advisories hold, or nobody's */
    const char *prefix;    /* what stands between the ecosystem's colon and the release: "Leap " */
    const char *parent;    /* id of the row whose packages it ships; NULL when it has an ecosystem of its own */
    enum distro_release release;
    bool parent_numbers; /* its VERSION_ID is its parent's */
    bool products;       /* its publisher has products beside the releases, which share packages */
    enum package_type type;
    enum name_kind names;       /* what the advisories name */
    const char *const *vendors; /* how the vendor tags of its rpms begin, NULL-terminated; NULL: not known */
    const char *like; /* of several rows with the same id: the one whose ID_LIKE says this; NULL: the id is enough */
};

/* Fills *ret but for its products; slices lie in arena. Without any facts every field is absent. */
void distro_identify(const struct fact *facts, size_t n, struct arena *arena, struct os_info *ret);

/*
 * A system as something else than its own files names it: an SBOM of another producer, a package URL, a CPE. name is
 * any spelling that distro_table.c knows ("redhat", "Debian GNU/Linux"), perhaps with the release behind it. version
 * may have words around its number ("22.04.5 LTS", "2 (Karoo)", "AMI release 2018.03") or be a codename ("jammy"). What
 * name and version don't say is taken from cpe, a CPE 2.2 or 2.3 of an operating system. Fields may be absent.
 */
struct distro_said {
    struct slice name, version, codename, description, like, cpe;
};
void distro_identify_said(const struct distro_said *said, struct arena *arena, struct os_info *ret);

/* What a system was identified by: it decides how the sentences below say what is missing. */
enum distro_witness { DISTRO_BY_FILES, DISTRO_BY_DOCUMENT };
/*
 * Adds notes on whose advisories are used: those of a derivative's parent, or nobody's. Adds nothing for a system that
 * is judged by its own publisher's advisories, nor where there is no system at all.
 */
void distro_notes(const struct os_info *os, enum distro_witness by, struct arena *arena, struct reasons *notes);
/* "no advisories for debian 99x: …", for a system whose publisher is known and whose release is not. */
struct slice distro_no_release(const struct os_info *os, enum distro_witness by, struct arena *arena);
/*
 * The system's PRETTY_NAME, else its id and version; absent when it has neither. The slice lies in os or in the arena.
 */
struct slice distro_in_words(const struct os_info *os, struct arena *arena);

/* Whether anybody's advisories can hold for the packages of a system, beside those with an ecosystem of their own. */
enum distro_judged {
    DISTRO_JUDGED,
    DISTRO_NOBODYS,         /* it is in the table, but nobody publishes advisories for it or its kind of packages */
    DISTRO_RELEASE_UNKNOWN, /* its publisher is known, but its files don't say which release it is */
    DISTRO_SYSTEM_UNKNOWN   /* nothing says which system it is, or it is not in the table */
};
enum distro_judged distro_judged(const struct os_info *os, const package_vec *packages);
/* Whether somebody publishes advisories for the row, or for the system that it is made from. False for NULL. */
bool distro_published(const struct distro *d);
/* The reason why nothing can be judged where the system is not known. Static, or in the arena. */
#define DISTRO_NOT_KNOWN "the operating system is not known: "
struct slice distro_not_known(const struct os_info *os, struct arena *arena);

/*
 * Adds the reason why nothing was compared (REASON_NO_ADVISORIES): the database has no advisories of that ecosystem.
 * False past the arena's maximum.
 */
bool distro_no_advisories(struct slice ecosystem, struct arena *arena, struct reasons *reasons);
/* REASON_NO_ADVISORIES of a system's; of an ecosystem that has packages on any system REASON_ECOSYSTEM_EMPTY. */
enum reason_code distro_no_advisories_code(struct slice ecosystem);

/* The row of os's ecosystem, or without one the row of its id; NULL: it is not in the table. */
const struct distro *distro_of(const struct os_info *os);
/* "Debian:12" and "Debian" -> debian's row; "SUSE:Linux Micro 6.0" -> sl-micro's. */
const struct distro *distro_of_ecosystem(struct slice ecosystem);
const struct distro *distro_by_id(struct slice id);
/* The row by its id or another name, ignoring case, blanks and punctuation: "opensuse.leap", "Red Hat". */
const struct distro *distro_by_name(struct slice name);
/* "debian", "bookworm" -> "12"; "ubuntu", "jammy" -> "22.04". False when unknown. */
bool distro_codename_release(struct slice id, struct slice codename, struct slice *ret_release);
/* "ubuntu", "22.04" -> "Ubuntu:22.04:LTS". SLICE_NONE: the row has no ecosystem, or version_id names no release. */
struct slice distro_ecosystem(const struct distro *d, struct slice version_id, struct arena *arena);

/*
 * All spellings under which advisories for a system are kept, its own first: those for "Ubuntu:22.04:LTS" may also be
 * under "Ubuntu:22.04", and under "Ubuntu:Pro:22.04:LTS" where a fix is for subscribers. Any of the spellings gives
 * them all.
 */
#define DISTRO_SPELLINGS_MAX 4
struct distro_spelling {
    struct slice name; /* absent when the arena is full */
    bool subscription; /* fixes under it need a subscription: Ubuntu Pro, Debian's ELTS, SUSE's LTSS, Red Hat's ELS */
};
size_t distro_spellings(struct slice ecosystem, struct arena *arena, struct distro_spelling to[DISTRO_SPELLINGS_MAX]);
/*
 * One name for all spellings of an ecosystem: "Ubuntu:Pro:22.04:LTS" -> "Ubuntu:22.04". It is "Red Hat" for all of Red
 * Hat's releases and products, since they share packages.
 */
struct slice distro_ecosystem_base(struct slice ecosystem, struct arena *arena);

/*
 * SUSE's advisories are about products. Gives the ecosystem to which a product's packages belong, with "-LTSS" where
 * only subscribers get them: "SUSE Linux Enterprise Module for Basesystem 15 SP5" -> "SUSE:Linux Enterprise Server 15
 * SP5". SLICE_NONE: it belongs to no system in the table. OSV's spelling ("SUSE:Linux …") is understood too.
 */
struct slice distro_product_ecosystem(struct slice product, struct arena *arena);

#endif
