/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/replacing.h"

/* Folders below which neither packages of languages nor programs are installed. */
static const char *const elsewhere[] = {
    "usr/share/man/",
    "usr/share/doc/",
    "usr/share/info/",
    "usr/share/locale/",
    "usr/share/zoneinfo/",
    "usr/share/terminfo/",
    "usr/share/icons/",
    "usr/share/licenses/",
    "usr/share/fonts/",
    "usr/share/bash-completion/",
    "usr/lib/terminfo/",
    "usr/lib/systemd/",
    "usr/lib/.build-id/",
    "usr/lib/firmware/",
    "lib/terminfo/",
    "lib/systemd/",
    "lib/firmware/",
    "etc/alternatives/",
    "etc/ssl/",
    "etc/pki/",
    "etc/systemd/",
    "etc/fonts/",
    "etc/rc",
    "etc/init.d/",
    "etc/cron.",
    "dev/",
    "proc/",
    "sys/",
    "run/",
    "nix/store/",
    "gnu/store/",
    "sysroot/ostree/",
    "ostree/repo/",
};

/* Endings of files, of which a folder's name has none unless it is a package's: chart.js. */
static const char *const file_endings[] = {
    "a",   "bash",   "bz2", "c",      "cfg",   "cjs", "cmake", "conf", "cpp", "crt", "css",     "gif",
    "gz",  "h",      "hpp", "html",   "jpg",   "js",  "ko",    "la",   "md",  "mjs", "mo",      "o",
    "otf", "pc",     "pem", "pl",     "pm",    "png", "py",    "pyc",  "rb",  "rst", "service", "sh",
    "so",  "socket", "svg", "target", "timer", "ts",  "ttf",   "txt",  "xz",  "zst",
};

static bool is_elsewhere(struct slice path)
{
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
        if (slice_starts(path, slice_str(elsewhere[i])))
            return true;
    return false;
}

static bool has_file_ending(struct slice name)
{
    ptrdiff_t dot = slice_rfind(name, '.');
    struct slice ending = dot > 0 ? slice_from(name, (size_t)dot + 1) : SLICE_NONE;
    for (size_t i = 0; ending.n && i < ARRAY_LEN(file_endings); i++)
        if (slice_eq_str(ending, file_endings[i]))
            return true;
    return slice_find_slice(name, SLICE(".so.")) > 0;
}

bool replacing_by_link(struct slice path, struct slice target)
{
    struct slice folder = slice_path_name(slice_path_folder(path)), name = slice_path_name(path);
    if (slice_eq_str(folder, "node_modules") || slice_starts(folder, SLICE("@")))
        return true;
    return !slice_eq_str(folder, ".bin") && !has_file_ending(name) && !is_elsewhere(path) &&
           !slice_starts(target, SLICE("/etc/alternatives/"));
}

/* "python3.11" is called by its version, "setup.py" by what it is. */
static bool has_ending(struct slice name)
{
    ptrdiff_t dot = slice_rfind(name, '.');
    return dot >= 0 && (size_t)dot + 1 < name.n && (name.p[dot + 1] < '0' || name.p[dot + 1] > '9');
}

bool replacing_by_file(struct slice path, bool executable)
{
    struct slice folder = slice_path_name(slice_path_folder(path)), name = slice_path_name(path);
    return executable && !slice_eq_str(folder, ".bin") && !has_ending(name) && !is_elsewhere(path);
}

bool replacing_merged(struct slice path)
{
    static const char *const folders[] = {"bin",    "sbin",     "lib",       "lib32",     "lib64",
                                          "libx32", "usr/sbin", "usr/lib32", "usr/lib64", "usr/libx32"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (slice_eq_str(path, folders[i]))
            return true;
    return false;
}
