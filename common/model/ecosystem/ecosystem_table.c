/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem_table.c: the rows. What their fields mean is ecosystem.h. */
#include "model/ecosystem/ecosystem_table.h"

#define VERSIONS(kind) .ordered = true, .version = VERSION_##kind

/* Small letters. */
static struct slice folded(struct slice name, struct arena *arena)
{
    uint8_t *to = arena_alloc(arena, name.n + 1);
    for (size_t i = 0; to && i < name.n; i++)
        to[i] = byte_lower(name.p[i]);
    return to ? slice_of(to, name.n) : SLICE_NONE;
}

/* PEP 503: small letters, and one hyphen for every run of ".", "-" and "_". */
static struct slice folded_python(struct slice name, struct arena *arena)
{
    uint8_t *to = arena_alloc(arena, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < name.n; i++) {
        uint8_t c = name.p[i];
        bool mark = c == '-' || c == '_' || c == '.';
        if (mark && n && to[n - 1] == '-')
            continue;
        to[n++] = mark ? '-' : byte_lower(c);
    }
    return to ? slice_of(to, n) : SLICE_NONE;
}

/* Crates, of which no two differ in case or in "-" for "_" alone. */
static struct slice folded_crate(struct slice name, struct arena *arena)
{
    uint8_t *to = arena_alloc(arena, name.n + 1);
    for (size_t i = 0; to && i < name.n; i++) {
        uint8_t c = name.p[i];
        to[i] = c == '_' ? '-' : byte_lower(c);
    }
    return to ? slice_of(to, name.n) : SLICE_NONE;
}

/* A repository's address without what differs between spellings: "https://GitHub.com/a/B.git" is "github.com/a/b". */
static struct slice folded_repository(struct slice name, struct arena *arena)
{
    static const char *const schemes[] = {"https://", "http://", "git://", "ssh://"};
    name = folded(name, arena);
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (slice_take_prefix(&name, slice_str(schemes[i])))
            break;
    slice_take_prefix(&name, SLICE("git@"));
    while (slice_ends(name, SLICE("/")))
        name.n--;
    if (slice_ends(name, SLICE(".git")))
        name.n -= 4;
    return name;
}

const struct ecosystem ecosystems[PKG_TYPE_MAX] = {
    [PKG_UNKNOWN] = {.purl_type = NULL},
    [PKG_DPKG] = {VERSIONS(DPKG), .purl_type = "deb", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_APK] = {VERSIONS(APK), .purl_type = "apk", .purl = PURL_SYSTEM_NAMESPACE},
    [PKG_RPM] = {VERSIONS(RPM), .purl_type = "rpm",
                 .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH | PURL_EPOCH_APART | PURL_SOURCE_FILE | PURL_MODULE},
    [PKG_OPKG] = {VERSIONS(OPKG), .purl_type = "opkg", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_PACMAN] = {VERSIONS(PACMAN), .purl_type = "alpm", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_PORTAGE] = {VERSIONS(PORTAGE), .purl_type = "ebuild", .purl_system = "gentoo",
                     .purl = PURL_CATEGORY | PURL_EPOCH},
    [PKG_NIX] = {.purl_type = "nix", .purl = PURL_EPOCH, .unpublished = true},
    [PKG_BOTTLEROCKET] = {VERSIONS(BOTTLEROCKET), .purl_type = "generic", .purl_ns = "bottlerocket",
                          .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_WINDOWS] = {VERSIONS(WINDOWS), .purl_type = "generic", .purl_ns = "windows",
                     .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH | PURL_UPDATES},
    [PKG_PYPI] = {VERSIONS(PYPI), .advisories = "PyPI", .normal = folded_python, .purl_type = "pypi",
                  .purl = PURL_NORMAL, .located = true},
    [PKG_NPM] = {VERSIONS(NPM), .advisories = "npm", .purl_type = "npm", .located = true},
    [PKG_MAVEN] = {VERSIONS(MAVEN), .advisories = "Maven", .joint = ":", .purl_type = "maven", .located = true},
    [PKG_GOLANG] = {VERSIONS(GOLANG), .advisories = "Go", .purl_type = "golang", .purl = PURL_PATH | PURL_NO_MACHINE,
                    .located = true},
    [PKG_CARGO] = {VERSIONS(CARGO), .advisories = "crates.io", .normal = folded_crate, .purl_type = "cargo",
                   .located = true},
    [PKG_NUGET] = {VERSIONS(NUGET), .advisories = "NuGet", .normal = folded, .purl_type = "nuget", .located = true},
    [PKG_COMPOSER] = {VERSIONS(COMPOSER), .advisories = "Packagist", .normal = folded, .purl_type = "composer",
                      .located = true},
    [PKG_GEM] = {VERSIONS(GEM), .advisories = "RubyGems", .purl_type = "gem", .purl_arch = "platform", .located = true},
    [PKG_HEX] = {VERSIONS(HEX), .advisories = "Hex", .normal = folded, .purl_type = "hex", .located = true},
    [PKG_OTP] = {VERSIONS(OTP), .purl_type = "otp", .unpublished = true, .located = true},
    [PKG_PUB] = {VERSIONS(PUB), .advisories = "Pub", .purl_type = "pub", .located = true},
    [PKG_SWIFT] = {VERSIONS(SWIFT), .advisories = "SwiftURL", .normal = folded_repository, .purl_type = "swift",
                   .located = true},
    [PKG_CONAN] = {VERSIONS(CONAN), .advisories = "ConanCenter", .normal = folded, .purl_type = "conan",
                   .located = true},
    [PKG_CPAN] = {VERSIONS(CPAN), .purl_type = "cpan", .unpublished = true, .located = true},
    [PKG_CRAN] = {VERSIONS(CRAN), .advisories = "CRAN", .purl_type = "cran", .located = true},
    [PKG_BIOCONDUCTOR] = {VERSIONS(CRAN), .advisories = "Bioconductor", .purl_type = "bioconductor", .located = true},
    [PKG_LUAROCKS] = {VERSIONS(LUAROCKS), .purl_type = "luarocks", .unpublished = true, .located = true},
    [PKG_HACKAGE] = {VERSIONS(HACKAGE), .advisories = "Hackage", .purl_type = "hackage", .located = true},
    [PKG_JULIA] = {VERSIONS(JULIA), .advisories = "Julia", .purl_type = "julia", .located = true},
    [PKG_BITNAMI] = {VERSIONS(BITNAMI), .advisories = "Bitnami", .normal = folded, .purl_type = "bitnami",
                     .located = true},
    [PKG_CONDA] = {.purl_type = "conda", .purl_arch = "subdir", .unpublished = true, .located = true},
    [PKG_PEAR] = {VERSIONS(PHP), .purl_type = "pear", .unpublished = true, .located = true},
    [PKG_WORDPRESS] = {VERSIONS(PHP), .purl_type = "wordpress", .unpublished = true, .located = true},
    [PKG_VCPKG] = {.purl_type = "vcpkg", .unpublished = true, .located = true},
    [PKG_OPAM] = {.advisories = "opam", .purl_type = "opam", .located = true},
    [PKG_JVM] = {VERSIONS(JVM), .purl_type = "generic", .purl_ns = "jvm", .unpublished = true, .located = true,
                 .is_owner = true},
    [PKG_GENERIC] = {VERSIONS(GENERIC), .advisories = "Generic", .also = "Bitnami", .purl_type = "generic",
                     .purl_ns = "", .located = true, .is_owner = true},
};
