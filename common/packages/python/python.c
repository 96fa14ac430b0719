/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python.c: Python's installed distributions, by the metadata that installers leave beside the code (PEP 376, "Recording
 * installed projects" of packaging.python.org), the list of what pip carries inside of it, and the interpreter by the files of its own that say its version.
 */
#include "packages/python/python.h"

#define HEADER(path_)                                                                                                  \
    {                                                                                                                  \
        .path = path_, .reducer = &python_header_reducer                                                               \
    }
#define RECORD(path_)                                                                                                  \
    {                                                                                                                  \
        .path = path_, .reducer = &python_record_reducer                                                               \
    }
#define LINES(path_)                                                                                                   \
    {                                                                                                                  \
        .path = path_, .reducer = &python_lines_reducer                                                                \
    }
#define SMALL(path_)                                                                                                   \
    {                                                                                                                  \
        .path = path_, .reducer = &python_small_reducer                                                                \
    }

#define ZIP(path_)                                                                                                     \
    {                                                                                                                  \
        .path = path_, .reducer = &python_zip_reducer                                                                  \
    }

static const struct package_rule rules[] = {
    HEADER("**/*.dist-info/METADATA"),
    RECORD("**/*.dist-info/RECORD"),
    SMALL("**/*.dist-info/INSTALLER"),
    SMALL("**/*.dist-info/direct_url.json"),
    HEADER("**/*.egg-info/PKG-INFO"),
    HEADER("**/*.egg-info/METADATA"),
    RECORD("**/*.egg-info/installed-files.txt"),
    HEADER("**/*.egg-info"),
    HEADER("**/EGG-INFO/PKG-INFO"),
    SMALL("**/*.egg-link"),
    LINES("**/pip/_vendor/vendor.txt"),
    LINES("**/include/python*/patchlevel.h"),
    LINES("**/include/pypy*/patchlevel.h"),
    SMALL("**/build-details.json"),
    ZIP("**/*.egg"),
    ZIP("**/.deps/*.whl"),
    ZIP("**/*.pex"),
    ZIP("**/*.pyz"),
    ZIP("**/*.pyzw"),
    ZIP("**/*.shiv"),
    {.magic = "#!", .reducer = &python_zip_reducer},
    {.magic = "\177ELF", .reducer = &python_frozen_reducer},
    {.magic = "MZ", .reducer = &python_frozen_reducer},
    {.path = NULL},
};

/* What is below is there a second time under its true name. */
static const char *const not_below[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_python = {.name = "python",
                                             .keeps_version = 1,
                                             .reads_version = 1,
                                             .type = PKG_PYPI,
                                             .rules = rules,
                                             .not_below = not_below,
                                             .read = python_read,
                                             .read_end = python_read_end};
