/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java.c: archives of Java's and of what is packed like them, by their names and, of whatever name, by their content
 * where that holds a manifest or classes. How they are read while they stream by is java_reduce.c, who they are
 * parse_java.c.
 */
#include "packages/java/java.h"

/* The extensions stand twice: as rules, and for archives in archives. */
#define EXTENSIONS(X)                                                                                                  \
    X("jar")                                                                                                           \
    X("war")                                                                                                           \
    X("ear")                                                                                                           \
    X("par")                                                                                                           \
    X("sar")                                                                                                           \
    X("rar")                                                                                                           \
    X("nar")                                                                                                           \
    X("hpi")                                                                                                           \
    X("jpi")                                                                                                           \
    X("kar")                                                                                                           \
    X("far")                                                                                                           \
    X("lpkg")                                                                                                          \
    X("zap")                                                                                                           \
    X("aar")                                                                                                           \
    X("jmod")

bool java_is_archive(struct slice name)
{
    static const char *const extensions[] = {
#define X(extension) extension,
        EXTENSIONS(X) "zip"
#undef X
    };
    ptrdiff_t dot = slice_rfind(name, '.');
    for (size_t i = 0; dot >= 0 && i < ARRAY_LEN(extensions); i++)
        if (slice_eq_nocase(slice_from(name, (size_t)dot + 1), slice_str(extensions[i])))
            return true;
    return false;
}

bool java_is_archive_surely(struct slice name)
{
    static const char *const endings[] = {".jar", ".war", ".ear", ".hpi", ".jpi", ".lpkg", ".aar", ".jmod"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (slice_ends(name, slice_str(endings[i])))
            return true;
    return false;
}

static const struct package_rule rules[] = {
#define X(extension) {.path = "**/*." extension, .kind = "java", .reducer = &java_reducer},
    EXTENSIONS(X)
#undef X
        {.magic = "PK\3\4", .reducer = &java_reducer},
    {.path = NULL},
};

/* Objects of a store of file systems are there a second time under their true names. */
static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_java = {.name = "java",
                                           .keeps_version = 1,
                                           .reads_version = 1,
                                           .type = PKG_MAVEN,
                                           .rules = rules,
                                           .not_below = stores,
                                           .read = java_read,
                                           .read_end = java_read_end};
