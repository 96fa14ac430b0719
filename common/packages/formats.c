/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/format.h"

#include "base/hash.h"
#include "io/store/store.h"
#include "packages/rules.h"

/*
 * A line a format, named as its constant: format_dpkg. Of two that want a file the first has it, so that the kinds of
 * software which nobody reads come last.
 */
#define FORMATS(X)                                                                                                     \
    X(os_release)                                                                                                      \
    X(dpkg)                                                                                                            \
    X(chisel)                                                                                                          \
    X(apk)                                                                                                             \
    X(windows)                                                                                                         \
    X(rpm)                                                                                                             \
    X(redhat)                                                                                                          \
    X(opkg)                                                                                                            \
    X(pacman)                                                                                                          \
    X(portage)                                                                                                         \
    X(nix)                                                                                                             \
    X(bottlerocket)                                                                                                    \
    X(conda)                                                                                                           \
    X(python)                                                                                                          \
    X(ruby)                                                                                                            \
    X(jvm)                                                                                                             \
    X(locks)                                                                                                           \
    X(java)                                                                                                            \
    X(erlang)                                                                                                          \
    X(dart)                                                                                                            \
    X(swift)                                                                                                           \
    X(conan)                                                                                                           \
    X(perl)                                                                                                            \
    X(r)                                                                                                               \
    X(lua)                                                                                                             \
    X(haskell)                                                                                                         \
    X(julia)                                                                                                           \
    X(opam)                                                                                                            \
    X(bitnami)                                                                                                         \
    X(sbom)                                                                                                            \
    X(nodejs)                                                                                                          \
    X(program)                                                                                                         \
    X(php)                                                                                                             \
    X(wordpress)                                                                                                       \
    X(golang)                                                                                                          \
    X(rust)                                                                                                            \
    X(dotnet)                                                                                                          \
    X(graalvm)                                                                                                         \
    X(packed)                                                                                                          \
    X(elf_note)                                                                                                        \
    X(software)

#define DECLARE(name) extern const struct package_format format_##name;
#define ROW(name)     &format_##name,

FORMATS(DECLARE)

const struct package_format *const package_formats[] = {FORMATS(ROW) NULL};

const struct package_format *format_by_name(struct slice name)
{
    for (const struct package_format *const *f = package_formats; *f; f++)
        if (slice_eq_str(name, (*f)->name))
            return *f;
    return NULL;
}

static bool has_run(const struct pull *receipt, const struct package_format *format)
{
    for (size_t i = 0; i < receipt->collectors.n; i++)
        if (slice_eq_str(receipt->collectors.v[i].name, format->name))
            return receipt->collectors.v[i].version >= format->keeps_version;
    return false;
}

bool formats_grew(const struct package_format *const *list, const struct pull *receipt)
{
    for (; *list; list++)
        if (!has_run(receipt, *list) && rules_may_hold(*list, receipt->path_index))
            return true;
    return false;
}

uint64_t formats_identity(const struct package_format *const *list)
{
    uint64_t h = 0;
    for (; *list; list++) {
        uint8_t row[20];
        key_u64(row, h);
        key_u64(row + 8, hash64(slice_str((*list)->name)));
        key_u32(row + 16, (uint32_t)(*list)->keeps_version);
        h = hash64(slice_of(row, sizeof row));
    }
    return h;
}
