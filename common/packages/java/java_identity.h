/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java_identity.h: which published artifact an archive is, where no pom of its own says so: by its manifest, by its
 * file's name, and by the folders of its classes, which prove a group that the two suggest.
 *
 * What is stated may be held against advisories; a guess may not: many an application has a spring-web of its own. Pure,
 * any thread; results are slices of the input, static, or in the arena.
 */
#ifndef CAREEN_PACKAGES_JAVA_JAVA_IDENTITY_H
#define CAREEN_PACKAGES_JAVA_JAVA_IDENTITY_H

#include "base/arena.h"

/* A file's name taken apart: "netty-codec-4.1.94.Final-linux-x86_64.jar" has the version "4.1.94.Final-linux-x86_64". */
struct java_name {
    struct slice stem; /* without extension */
    struct slice artifact;
    struct slice version; /* empty: the name has none */
    const char *no_code;  /* "sources", "javadoc", "tests": what it is instead of code that runs; NULL: it is code */
};

struct java_identity {
    struct slice ns, name, version; /* empty: not known; name is not */
    bool stated;
    const char *why; /* half a sentence, where it is not plain */
};

struct java_name java_name_of(struct slice file);
/* Whether an archive of this name may be this artifact: "netty-codec" or "netty-codec-4.1". */
bool java_name_fits(const struct java_name *n, struct slice artifact);
/* The header's value in a kept manifest (java.h), absent where it has none. */
struct slice java_header(struct slice manifest, const char *name);
/* The first word of a version, empty where it stands for one that was never put in: "${project.version}". */
struct slice java_version(struct slice text);
struct java_identity java_identify(const struct java_name *n, struct slice manifest, struct slice packages,
                                   struct arena *arena);

/* java_known.c: the group, and maybe another artifact, of a well-known name, if the archive has the classes for it. */
bool java_known(struct slice artifact, struct slice version, struct slice packages, struct slice *ret_group,
                struct slice *ret_artifact);
/* Whether a class of the archive lies in or below a folder. */
bool java_has_package(struct slice packages, struct slice folder);

#endif
