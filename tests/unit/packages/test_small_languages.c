/* SPDX-License-Identifier: Apache-2.0 */
/* The ecosystems whose evidence is a small text file: what is installed, what is only wished for, and look-alikes. */
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"

#include "unit/make_evidence.h"

static struct arena arena = {.max = (size_t)128 << 20};
static struct buf evidence, told = {.max = 1 << 20};

static int setup(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&evidence);
    buf_clear(&told);
    evidence = ev_begin();
    return 0;
}

static int done(void **state)
{
    (void)state;
    buf_done(&evidence);
    buf_done(&told);
    arena_done(&arena);
    return 0;
}

/* A line a package: type, namespace/name, version, certainty, then parent and origin where they are known; then reasons. */
static void assert_image(const char *want)
{
    struct layer_packages layer;
    struct inventory image;
    struct err e = ERR_INIT;
    ev_end(&evidence);
    if (parse_layer(buf_slice(&evidence), &arena, &layer, &e) ||
        assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &arena, &image, &e))
        fail_msg("%s", e.text);
    for (size_t i = 0; i < image.packages.n; i++) {
        const struct package *p = &image.packages.v[i];
        buf_addf(&told, "%s %.*s%s%.*s %.*s %s", package_type_names[p->type], SLICE_FMT(p->ns), p->ns.n ? "/" : "",
                 SLICE_FMT(p->name), SLICE_FMT(p->version), package_certainty_names[p->certainty]);
        if (p->parent.n)
            buf_addf(&told, " in %.*s", SLICE_FMT(p->parent));
        if (p->origin.n)
            buf_addf(&told, " from %.*s", SLICE_FMT(p->origin));
        if (p->scope)
            buf_addf(&told, " %s", package_scope_names[p->scope]);
        if (p->not_judged.text.n)
            buf_addf(&told, " (%.*s)", SLICE_FMT(p->not_judged.code));
        buf_add_str(&told, "\n");
    }
    for (size_t i = 0; i < layer.reasons.texts.n; i++)
        buf_addf(&told, "%.*s\n", SLICE_FMT(reasons_at(&layer.reasons, i).text));
    assert_string_equal(buf_cstr(&told), want);
}

static void test_r(void **state)
{
    (void)state;
    ev_file(&evidence, "usr/lib/R/library/stats/DESCRIPTION",
            "Package: stats\nVersion: 4.2.2\nPriority: base\nBuilt: R 4.2.2; x86_64; 2022; unix\n");
    ev_file(
        &evidence, "opt/rlibs/jsonlite/DESCRIPTION",
        "Package: jsonlite\nVersion: 1.8.4\nTitle: A\n  Built: no, a continued line\nRepository: CRAN\nBuilt: R 4.2\n");
    ev_file(&evidence, "usr/local/lib/R/site-library/limma/DESCRIPTION",
            "Package: limma\nVersion: 3.54.0\nbiocViews: ExonArray,\n  Genetics\nBuilt: R 4.2.2\n");
    ev_file(&evidence, "usr/local/lib/R/site-library/own/DESCRIPTION",
            "Package: own\nVersion: 0.1-2\nRemoteType: github\nRemoteHost: api.github.com\nRemoteUsername: you\n"
            "RemoteRepo: own\nRemoteSha: ab12\nBuilt: R 4.2.2\n");
    /* A source tree. */
    ev_file(&evidence, "src/mine/DESCRIPTION", "Package: mine\nVersion: 1.0\n  Built: R\n");
    ev_file(&evidence, "x/DESCRIPTION", "Package: no version\nBuilt: R 4.2.2\n");
    assert_image("cran jsonlite 1.8.4 installed\n"
                 "cran own 0.1-2 installed from api.github.com:you/own@ab12\n"
                 "cran stats 4.2.2 installed in R\n"
                 "bioconductor limma 3.54.0 installed\n"
                 "x/DESCRIPTION: it has no sound Package and Version\n");
}

static void test_paths_alone(void **state)
{
    (void)state;
    ev_file(&evidence, "usr/local/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec", "");
    ev_file(&evidence, "usr/local/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/other.rockspec", "");
    ev_file(&evidence, "home/you/.opam/default/.opam-switch/packages/ocaml-base-compiler.4.14.0/opam", "");
    ev_file(&evidence, "home/you/.opam/default/.opam-switch/packages/nothing/opam", "");
    assert_image("luarocks lpeg 1.0.2-1 installed (nobody-publishes)\n"
                 "opam ocaml-base-compiler 4.14.0 installed\n"
                 "home/you/.opam/default/.opam-switch/packages/nothing/opam: its folder has no name and version\n");
}

static void test_haskell(void **state)
{
    (void)state;
    ev_file(&evidence, "opt/ghc/lib/package.conf.d/text-2.0.1.conf",
            "name:   text\nversion:   2.0.1\nid: text-2.0.1\n");
    ev_file(&evidence, "root/.cabal/store/ghc-9.4.7/package.db/aeson.conf",
            "name:\n    aeson\nversion:\n    2.1.0.0\n");
    ev_file(&evidence, "etc/nginx/package.db/x.conf", "server {}\n");
    assert_image("hackage aeson 2.1.0.0 installed\n"
                 "hackage text 2.0.1 installed\n"
                 "etc/nginx/package.db/x.conf: it has no sound name and version\n");
}

static void test_julia(void **state)
{
    (void)state;
    ev_file(&evidence, "root/.julia/packages/JSON/93Ea8/Project.toml",
            "name = \"JSON\"\nuuid = \"682c06a0\"\nversion = \"0.21.4\"\n\n[compat]\nversion = \"9\"\n");
    ev_file(&evidence, "root/.julia/packages/JSON/93Ea8/Manifest.toml", "[[deps.Stranger]]\nversion = \"1.0.0\"\n");
    ev_file(&evidence, "usr/share/julia/stdlib/v1.10/OpenSSL_jll/Project.toml",
            "name = \"OpenSSL_jll\"\nuuid = \"458c\"\nversion = \"3.0.8+0\"\n");
    ev_file(&evidence, "usr/share/julia/stdlib/v1.10/Dates/Project.toml", "name = \"Dates\"\nuuid = \"ade2\"\n");
    ev_file(&evidence, "node/packages/web/src/Project.toml", "name = \"web\"\nversion = \"1.0.0\"\n");
    ev_file(&evidence, "app/Manifest.toml",
            "julia_version = \"1.9.0\"\n[[deps.HTTP]]\nversion = \"1.9.1\"\n[deps.HTTP.extensions]\nversion = \"7\"\n"
            "[[deps.Dates]]\nuuid = \"x\"\n[[deps.URIs]]\nversion = \"1.4.2\"\n");
    assert_image("julia HTTP 1.9.1 declared\n"
                 "julia JSON 0.21.4 installed\n"
                 "julia OpenSSL_jll 3.0.8+0 installed in Julia\n"
                 "julia URIs 1.4.2 declared\n");
}

#define SPDX(purls) "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"x\",\"externalRefs\":[" purls "]}]}"
#define PURL(text)                                                                                                     \
    "{\"referenceCategory\":\"PACKAGE-MANAGER\",\"referenceType\":\"purl\",\"referenceLocator\":\"" text "\"}"

static void test_bitnami(void **state)
{
    (void)state;
    ev_file(&evidence, "opt/bitnami/.bitnami_components.json",
            "{\"redis\":{\"arch\":\"amd64\",\"version\":\"7.0.5-2\"},\"yq\":{\"version\":\"4.1.0-0\"},\"bad\":{}}");
    ev_file(&evidence, "opt/bitnami/redis/.spdx-redis.spdx",
            SPDX(PURL("pkg:bitnami/redis@7.0.5-2?arch=amd64&distro=debian-11") "," PURL("pkg:bitnami/redis@7.0.5-2")));
    ev_file(&evidence, "opt/bitnami/x/.spdx-x.spdx", "{\"spdxVersion\":\"SPDX-2.3\"}");
    assert_image("bitnami redis 7.0.5-2 installed\n"
                 "bitnami yq 4.1.0-0 installed\n"
                 "opt/bitnami/.bitnami_components.json: a component without a sound name and version\n"
                 "opt/bitnami/x/.spdx-x.spdx: it has no list of packages\n");
}

static void test_erlang(void **state)
{
    (void)state;
    ev_file(&evidence, "app/lib/jason-1.4.0/ebin/jason.app",
            "%% a comment with {vsn,\"0\"}\n{application,jason,\n [{modules,['Elixir.Jason']},\n"
            "  {description,\"Parses \\\"{vsn,\\\" and {vsn,\"},{vsn,\"1.4.0\"},\n  {env,[{vsn,\"7\"}]}]}.\n");
    ev_file(&evidence, "app/lib/ssl-10.9/ebin/ssl.app", "{application, ssl, [{vsn, \"10.9\"}]}.\n");
    ev_file(&evidence, "app/lib/logger-1.14.0/ebin/logger.app", "{application,logger,[{vsn,\"1.14.0\"}]}.\n");
    ev_file(&evidence, "app/_build/test/lib/mox/ebin/mox.app", "{application,mox,[{vsn,\"1.0.2\"}]}.\n");
    ev_file(&evidence, "usr/lib/erlang/releases/25/OTP_VERSION", "25.3.2.8**\n");
    ev_file(&evidence, "src/deps/plug_crypto/hex_metadata.config",
            "{<<\"app\">>,<<\"plug_crypto\">>}.\n{<<\"name\">>,<<\"plug_crypto\">>}.\n"
            "{<<\"requirements\">>,[]}.\n{<<\"version\">>,<<\"1.2.5\">>}.\n");
    ev_file(&evidence, "x/ebin/template.app", "{application, template, [{vsn, git}]");
    ev_file(&evidence, "y/ebin/nothing.app", "{application, nothing, []}.");
    assert_image("hex jason 1.4.0 installed\n"
                 "hex plug_crypto 1.2.5 declared\n"
                 "hex template git installed\n"
                 "otp logger 1.14.0 installed in Elixir (nobody-publishes)\n"
                 "otp otp 25.3.2.8 installed (nobody-publishes)\n"
                 "otp ssl 10.9 installed in Erlang/OTP (nobody-publishes)\n"
                 "y/ebin/nothing.app: it has no sound application and vsn\n");
}

static void test_dart(void **state)
{
    (void)state;
    ev_file(&evidence, "app/.dart_tool/package_config.json",
            "{\"configVersion\":2,\"packages\":[{\"name\":\"args\",\"rootUri\":\"file:///r/.pub-cache/hosted/pub.dev/"
            "args-2.4.2\",\"packageUri\":\"lib/\"},{\"name\":\"shop\",\"rootUri\":\"../\"},"
            "{\"name\":\"build\",\"rootUri\":\"file:///r/.pub-cache/hosted/pub.dev/other-1.0.0\"},"
            "{\"name\":\"meta\",\"rootUri\":\"file:///r/.pub-cache/hosted/pub.dev/meta-1.9.1+hotfix.1/\"}]}");
    ev_file(&evidence, "old/pubspec.lock",
            "packages:\n  args:\n    dependency: transitive\n    description:\n      name: args\n      version: no\n"
            "    source: hosted\n    version: \"2.4.1\"\n  lints:\n    dependency: \"direct dev\"\n    source: hosted\n"
            "    version: \"2.0.0\"\n  own:\n    source: path\n    version: \"0.0.1\"\nsdks:\n  dart:\n    version: "
            "\"3\"\n");
    /* What is installed has the last word on what is only wished for. */
    assert_image("pub args 2.4.2 installed\n"
                 "pub lints 2.0.0 declared development\n"
                 "pub meta 1.9.1+hotfix.1 installed\n"
                 "app/.dart_tool/package_config.json: a package whose folder has no sound name and version\n");
}

static void test_swift(void **state)
{
    (void)state;
    ev_file(&evidence, "a/Package.resolved",
            "{\"object\":{\"pins\":[{\"package\":\"nio\",\"repositoryURL\":\"git@GitHub.com:apple/swift-nio.git\","
            "\"state\":{\"branch\":null,\"version\":\"2.40.0\"}}]},\"version\":1}");
    ev_file(
        &evidence, "b/Package.resolved",
        "{\"pins\":[{\"identity\":\"vapor\",\"location\":\"https://github.com/vapor/vapor.git\",\"state\":"
        "{\"revision\":\"ab\",\"version\":\"4.1.0\"}},{\"location\":\"https://x/y\",\"state\":{\"branch\":\"main\"}},"
        "{\"location\":\"nowhere\",\"state\":{\"version\":\"1.0.0\"}}],\"version\":2}");
    assert_image("swift github.com/apple/swift-nio 2.40.0 declared\n"
                 "swift github.com/vapor/vapor 4.1.0 declared\n"
                 "b/Package.resolved: a pin without a sound location and version\n");
}

static void test_conan(void **state)
{
    (void)state;
    ev_file(&evidence, "root/.conan/data/zlib/1.2.11/_/_/package/19729b/conaninfo.txt", "");
    ev_file(&evidence, "root/.conan/data/own/1.0/you/stable/package/19729b/conaninfo.txt", "");
    ev_file(&evidence, "else/x/1/_/_/package/19729b/conaninfo.txt", "");
    ev_file(&evidence, "a/conan.lock",
            "{\"version\":\"0.5\",\"requires\":[\"openssl/1.1.1w#rev%16\"],\"build_requires\":[\"cmake/3.25.0@u/c\"]}");
    ev_file(&evidence, "b/conan.lock",
            "{\"graph_lock\":{\"nodes\":{\"0\":{\"ref\":\"app/None\"},\"1\":{\"ref\":\"fmt/"
            "8.0.0#0\"},\"2\":{\"ref\":\"x/\"}}}}");
    ev_file(&evidence, "opt/vcpkg/installed/vcpkg/status",
            "Package: curl\nVersion: 8.4.0\nPort-Version: 2\nArchitecture: x64-linux\nStatus: install ok installed\n\n"
            "Package: curl\nFeature: ssl\nArchitecture: x64-linux\nStatus: install ok installed\n\n"
            "Package: zlib\nVersion: 1.3\nStatus: purge ok not-installed\n");
    assert_image("conan cmake 3.25.0 declared development\n"
                 "conan fmt 8.0.0 declared\n"
                 "conan openssl 1.1.1w declared\n"
                 "conan own 1.0 installed from you/stable\n"
                 "conan zlib 1.2.11 installed\n"
                 "vcpkg curl 8.4.0#2 installed (nobody-publishes)\n"
                 "b/conan.lock: a reference without a sound name and version\n");
}

/* A list without end is cut, told, and leaves the others their place. */
static void test_without_end(void **state)
{
    struct buf text = BUF_INIT((size_t)16 << 20);
    struct layer_packages layer;
    struct err e = ERR_INIT;
    size_t n[2] = {0, 0};
    (void)state;
    for (int i = 0; i < PARSE_PACKAGES_OF_FILE + 10; i++)
        buf_addf(&text, "[[deps.P%d]]\nversion = \"1.0.0\"\n", i);
    ev_write(&evidence, EVIDENCE_FILE, "a/Manifest.toml", buf_slice(&text), text.n, false);
    ev_file(&evidence, "b/Manifest.toml", "[[deps.HTTP]]\nversion = \"1.9.1\"\n");
    ev_end(&evidence);
    if (parse_layer(buf_slice(&evidence), &arena, &layer, &e))
        fail_msg("%s", e.text);
    assert_int_equal(layer.status, PULL_PARTIAL);
    assert_int_equal(layer.reasons.texts.n, 1);
    assert_true(slice_eq_str(reasons_at(&layer.reasons, 0).text,
                             "a/Manifest.toml: it names more than 50000 packages; the rest is left out"));
    for (size_t i = 0; i < layer.files.n; i++)
        n[slice_eq_str(layer.files.v[i].path, "b/Manifest.toml")] += layer.files.v[i].packages.n;
    assert_int_equal(n[0], PARSE_PACKAGES_OF_FILE);
    assert_int_equal(n[1], 1);
    buf_done(&text);
}

static void test_perl(void **state)
{
    (void)state;
    ev_file(&evidence, "usr/local/share/perl/5.36.0/.meta/Mojolicious-9.31/install.json",
            "{\"name\":\"Mojolicious\",\"version\":\"9.31\",\"dist\":\"Mojolicious-9.31\",\"pathname\":"
            "\"S/SR/SRI/Mojolicious-9.31.tar.gz\",\"provides\":{\"Mojo\":{\"file\":\"x\"}}}");
    ev_file(&evidence, "usr/local/lib/perl/5.36.0/perllocal.pod",
            "=head2 Tue Jan  1: C<Module> L<Try::Tiny|Try::Tiny>\n\nC<LINKTYPE: dynamic>\n\nC<VERSION: 0.30>\n\n"
            "=head2 Wed Jan  2: C<Module> L<Try::Tiny|Try::Tiny>\n\nC<VERSION: 0.31>\n\n"
            "=head2 Wed Jan  2: C<Module> L<Mojolicious|Mojolicious>\n\nC<VERSION: 9.0>\n");
    ev_file(&evidence, "usr/local/lib/perl/5.36.0/auto/Try/Tiny/.packlist", "");
    ev_file(&evidence, "usr/local/lib/perl/5.36.0/auto/JSON/XS/.packlist", "");
    ev_file(&evidence, "usr/local/lib/perl5/5.36.0/x86_64-linux/.packlist", "");
    assert_image("cpan JSON-XS  installed (version-unknown)\n"
                 "cpan Try-Tiny 0.31 installed (nobody-publishes)\n"
                 "cpan SRI/Mojolicious 9.31 installed (nobody-publishes)\n");
}

static void test_sbom(void **state)
{
    (void)state;
    ev_file(&evidence, "app/bom.json",
            "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"component\":{\"name\":\"shop\"}},"
            "\"components\":[{\"purl\":\"pkg:npm/%40a/b@1.0\",\"components\":[{\"purl\":\"pkg:maven/g/a@2\"}]},"
            "{\"purl\":\"pkg:deb/debian/openssl@3.0\"},{\"purl\":\"no purl\"},{\"name\":\"x\"}]}");
    ev_file(&evidence, "app/x.spdx.json", SPDX(PURL("pkg:pypi/flask@2.0.0")));
    ev_file(&evidence, "app/y.syft.json", "{\"artifacts\":[{\"purl\":\"pkg:gem/rack@2.0.7\"}]}");
    /* Not what its name says. */
    ev_file(&evidence, "game/bom.json", "{\"components\":[{\"purl\":\"pkg:npm/none@1.0\"}]}");
    ev_file(&evidence, "game/sbom.json", "[]");
    assert_image("pypi flask 2.0.0 declared\n"
                 "npm @a/b 1.0 declared in shop\n"
                 "maven g/a 2 declared in shop\n"
                 "gem rack 2.0.7 declared\n"
                 "app/bom.json: \"no purl\" is no package URL\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_r, setup),       cmocka_unit_test_setup(test_paths_alone, setup),
        cmocka_unit_test_setup(test_haskell, setup), cmocka_unit_test_setup(test_julia, setup),
        cmocka_unit_test_setup(test_bitnami, setup), cmocka_unit_test_setup(test_erlang, setup),
        cmocka_unit_test_setup(test_dart, setup),    cmocka_unit_test_setup(test_swift, setup),
        cmocka_unit_test_setup(test_conan, setup),   cmocka_unit_test_setup(test_perl, setup),
        cmocka_unit_test_setup(test_sbom, setup),    cmocka_unit_test_setup(test_without_end, setup),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
