/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem.h: the one table of kinds of packages. A row, one for each package type, says what differs between them:
 * whose advisories judge such packages and by which names, how their versions order, and how their package URLs look.
 * How their databases are read is common/packages, how versions are compared is model/version. A new kind of package is
 * a value of enum package_type (at its end), its name in records.c, and a row here.
 *
 * Packages of an operating system are judged by the advisories of the system that they are installed on
 * (model/distro/distro.h says which these are). Others, such as those of a language, have one publisher wherever they
 * are: their row names it, and an image may hold packages of any number of ecosystems.
 *
 * Pure, any thread. Rows are static.
 */
#ifndef CAREEN_MODEL_ECOSYSTEM_ECOSYSTEM_H
#define CAREEN_MODEL_ECOSYSTEM_ECOSYSTEM_H

#include "model/records.h"
#include "model/version/version.h"

/* What a package URL of the kind is made of, beside name and version. */
enum purl_form {
    PURL_SYSTEM_NAMESPACE = 1, /* its namespace is the system's id; else it is the package's own (package.ns) */
    PURL_CATEGORY = 2,         /* its namespace is what stands before the name's slash: Portage's category */
    PURL_EPOCH = 4,            /* versions have epochs, and the qualifier "epoch" is one */
    PURL_EPOCH_APART = 8,      /* an epoch is never in the URL's version, only in that qualifier */
    PURL_SOURCE_FILE = 16,     /* its upstream is the source package's file: openssl-3.0.7-27.el9.src.rpm */
    PURL_MODULE = 32,          /* the qualifiers "rpmmod" and "modularitylabel" name its module */
    PURL_UPDATES = 64,         /* the qualifier "updates" has what is installed into it */
    PURL_PATH = 128,           /* its name is a path, of which all but the last part is the URL's namespace */
    PURL_NORMAL = 256,         /* the URL has the normal form of its name */
    PURL_NO_MACHINE = 512      /* the URL is the same for all machines: it names what a program was built from */
};

struct ecosystem {
    /* Whose advisories judge such packages, as OSV spells it: "PyPI". NULL: those of the system that they are on. */
    const char *advisories;
    const char *also;  /* another ecosystem whose advisories speak of such packages by the same names; NULL: none */
    const char *joint; /* what stands between namespace and name in advisories' names, "/" or ":"; NULL: "/" */
    /* The form of a name under which advisories and packages are held together; NULL: as it is written. */
    struct slice (*normal)(struct slice name, struct arena *arena);
    bool ordered; /* version says how versions order; else nothing here orders them */
    enum version_kind version;
    const char *purl_type;   /* NULL: no package URL can say it */
    const char *purl_ns;     /* of kinds that share a purl type, the one that makes it this kind; "": none */
    const char *purl_arch;   /* the qualifier that says its architecture; NULL: "arch" */
    const char *purl_system; /* the system whose packages such URLs are, where neither namespace nor qualifier says */
    unsigned purl;           /* of enum purl_form */
    bool unpublished;        /* nobody publishes advisories that name such packages */
    bool is_owner; /* a program by itself: where a system's package brought it, it is that package, and listed once */
    /* Each is where its location says, so two locations are two packages; else one that two databases name is one. */
    bool located;
};

/* The row of a package type. */
const struct ecosystem *ecosystem_of_type(enum package_type type);
/* The row of what such advisories speak of ("Debian:12", "PyPI"); NULL: of an ecosystem that no table knows. */
const struct ecosystem *ecosystem_of_advisories(struct slice ecosystem);
/* The package type whose package URLs have this type and namespace; PKG_UNKNOWN: none has. */
enum package_type ecosystem_type_of_purl(struct slice purl_type, struct slice ns);

/*
 * Whose advisories judge a package of an image with this system: what it says itself, else its row's, else the
 * system's; nobody's, which is empty, of a type that is no system's. Records from before packages had an ecosystem, and those of SBOMs, say nothing. Of p, of os or static.
 */
struct slice ecosystem_of_package(const struct package *p, const struct os_info *os);
/*
 * Whether packages of this type are an operating system's: what a package manager of one lists. Others are judged wherever
 * they are, or by nobody.
 */
bool ecosystem_of_systems(enum package_type type);
/* The name under which advisories of the row speak of a name: namespace and name, joined and normalised. In the arena
 * or as it is. */
struct slice ecosystem_name(const struct ecosystem *e, struct slice ns, struct slice name, struct arena *arena);

#endif
