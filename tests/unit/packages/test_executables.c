/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs say of themselves, from the layer to the inventory, by tiny ones that tests/scenario/world/make_programs.py wrote: Go,
 * Rust, .NET, native images, notes of packages, packed ones.
 */
#include "io/binary/needles.h"
#include "packages/executable/executable_scan.h"
#include "packages/golang/golang.h"

#include "unit/language_world.h"

static void program(const char *name, const char *path)
{
    struct buf b = archive_read_file(TEST_DATA "/fuzz/fuzz_executable", name);
    world_bytes(path, buf_slice(&b));
    buf_done(&b);
}

static void one(const char *name, const char *want)
{
    world_layer();
    program(name, "app/x");
    world_is(want);
    world_clean(NULL);
}

/* ---- Go ---- */

#define MODULES(go)                                                                                                    \
    "pkg:golang/example.com/Shop@v1.4.2 app/x origin=commit abf1bec7722464e2cc94542773840486cbbc86fd "                 \
    "why=the flags of its linker set this version\n"                                                                   \
    "pkg:golang/example.com/local@v1.0.0 app/x parent=example.com/Shop origin=./local not-judged=version-unknown\n"    \
    "pkg:golang/github.com/BurntSushi/toml@v0.4.1 app/x parent=example.com/Shop "                                      \
    "why=built in place of github.com/BurntSushi/toml v0.3.1\n"                                                        \
    "pkg:golang/github.com/docker/docker@v20.10.7%2Bincompatible app/x parent=example.com/Shop\n"                      \
    "pkg:golang/golang.org/x/text@v0.3.6 app/x parent=example.com/Shop\n"                                              \
    "pkg:golang/stdlib@" go " app/x\n"

static void test_go(void **state)
{
    (void)state;
    one("go-inline", MODULES("1.22.5"));
    one("go-pointers-64-little", MODULES("1.16.15"));
    one("go-pointers-32-big", MODULES("1.16.15"));
    one("go-pe", "pkg:golang/stdlib@1.22.5 app/x\n");
    one("go-macho", "pkg:golang/stdlib@1.21.0 app/x\n");
    one("go-release-candidate", "pkg:golang/stdlib@1.23.0-rc.1 app/x\npkg:golang/toolchain@1.23.0-rc.1 app/x\n");
    one("go-fat", MODULES("1.21.0"));
    one("class", "");
}

/* Advisories may be limited to machines; the same module in programs for two of them is listed with both. */
static void test_go_machines(void **state)
{
    static const char *const machines[] = {"GOARCH=arm", "GOARCH=386"};
    struct buf b = archive_read_file(TEST_DATA "/fuzz/fuzz_executable", "go-release-candidate");
    (void)state;
    world_layer();
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        ptrdiff_t at = slice_find_slice(buf_slice(&b), i ? slice_str(machines[i - 1]) : SLICE("GOOS=linux"));
        assert_true(at > 0);
        memcpy(b.p + at, machines[i], strlen(machines[i]));
        world_bytes(machines[i] + strlen("GOARCH="), buf_slice(&b));
    }
    buf_done(&b);
    world_is("pkg:golang/stdlib@1.23.0-rc.1 386 architecture=386\n"
             "pkg:golang/stdlib@1.23.0-rc.1 arm architecture=arm\n"
             "pkg:golang/toolchain@1.23.0-rc.1 386 architecture=386\n"
             "pkg:golang/toolchain@1.23.0-rc.1 arm architecture=arm\n");
}

static void test_go_hidden(void **state)
{
    (void)state;
    one("go-hidden", "app/x: a Go program whose build information was taken out\nunread go 1\n");
}

static void test_go_versions(void **state)
{
    (void)state;
    static const struct {
        const char *go, *release;
    } cases[] = {{"go1.22.5", "1.22.5"},
                 {"go1.21", "1.21.0"},
                 {"go1.22rc1", "1.22.0-rc.1"},
                 {"go1.9beta2", "1.9.0-beta.2"},
                 {"go1.20.12 (Red Hat 1.20.12-2.el9)", "1.20.12"},
                 {"go1.25.1 X:boringcrypto", "1.25.1"},
                 {"go1.26.0-X:synctest", "1.26.0"},
                 {"go1.22.5-fips", "1.22.5"},
                 {"go1.16.5b7", "1.16.5"},
                 {"go1.22.5+dirty", "1.22.5"},
                 {"devel go1.23-abc Tue", NULL},
                 {"go1", NULL},
                 {"go1.", NULL},
                 {"go1.22.", NULL},
                 {"go1.22rc", NULL},
                 {"", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice got = golang_release(slice_str(cases[i].go), &arena);
        if (!slice_eq(got, slice_str(cases[i].release)))
            fail_msg("%s: %.*s", cases[i].go, SLICE_FMT(got));
    }
}

static void test_go_flags(void **state)
{
    (void)state;
    static const struct {
        const char *flags, *version;
    } cases[] = {{"-s -w -X main.version=1.2.3", "1.2.3"},
                 {"-X=main.Version=v1.2.3 -w", "v1.2.3"},
                 {"-X 'main.version=1.2.3'", "1.2.3"},
                 {"-X \"a.b/c/internal/v.gitVersion=v2.0.1\"", "v2.0.1"},
                 {"-X main.version='1.2.3'", "1.2.3"},
                 {"-X main.version=dev", NULL},
                 {"-X main.version=20240102", NULL},
                 {"-X main.commit=1.2.3", NULL},
                 {"-X other.org/lib.Version=1.2.3", NULL},
                 {"-X a.b/cc.Version=1.2.3", NULL},
                 {"-X main.version=1.2.3 -X main.version=1.2.4", NULL},
                 {"-X main.version=1.2.3 -X a.b/c/cmd/d.version=1.2.4", "1.2.4"},
                 {"-X main.version=1.2.3 -X a.b/c/version.Version=v1.2.3", "v1.2.3"},
                 {"-X", NULL},
                 {"-X main.version", NULL},
                 {"-X 'main.version=1.2.3", "1.2.3"},
                 {"", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice got = golang_flags_version(slice_str(cases[i].flags), SLICE("a.b/c"));
        if (!slice_eq(got, slice_str(cases[i].version)))
            fail_msg("%s: %.*s", cases[i].flags, SLICE_FMT(got));
    }
}

/* ---- the others ---- */

#define CRATES                                                                                                         \
    "pkg:cargo/ours@2.0.0 app/x parent=shop origin=git not-judged=other-repository\n"                                  \
    "pkg:cargo/serde@1.0.188 app/x parent=shop\n"                                                                      \
    "pkg:cargo/shop@0.3.1 app/x origin=local not-judged=own-package\n"                                                 \
    "pkg:cargo/theirs@3.0.0 app/x parent=shop origin=registry why=from a registry that is not crates.io\n"

static void test_rust(void **state)
{
    (void)state;
    one("rust-audit", CRATES);
}

static void test_rust_forms(void **state)
{
    (void)state;
    one("rust-pe", CRATES);
    one("rust-traces",
        "pkg:cargo/foo-2@1.0.0 app/x guessed why=paths of its sources in the program's text say so; others leave none "
        "not-judged=identity-guessed\n"
        "pkg:cargo/serde@1.0.188 app/x guessed why=paths of its sources in the program's text say so; others leave "
        "none "
        "not-judged=identity-guessed\nunread rust 1\n");
}

static void test_elf_notes(void **state)
{
    (void)state;
    one("note", "pkg:rpm/coreutils@9.3-4.fc39 app/x why=a note in a program says so not-judged=other-repository\n"
                "unread program 1\n");
}

/* A note makes no package database, and hides no package that is installed. */
static void test_notes_in_systems(void **state)
{
    (void)state;
    world_layer();
    world_file("etc/os-release", "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\"\n");
    program("note-big", "usr/local/bin/hello");
    world_is("pkg:deb/debian/hello@2.10-3 usr/local/bin/hello why=a note in a program says so "
             "not-judged=other-repository\n"
             "Debian 12 without a package database that can be read: its packages are not known\n"
             "unread program 1\n");
    world_clean(NULL);
    world_layer();
    world_file("etc/os-release", "ID=debian\nVERSION_ID=12\n");
    world_file("var/lib/dpkg/status", "Package: hello\nStatus: install ok installed\nVersion: 2.10-3\n\n");
    world_file("var/lib/dpkg/info/hello.list", "/usr/bin/hello\n");
    world_layer();
    program("note-big", "usr/local/bin/hello");
    world_is("pkg:deb/debian/hello@2.10-3 var/lib/dpkg/status\nunread program 1\n");
}

static void test_graalvm(void **state)
{
    (void)state;
    one("graalvm", "pkg:maven/io.netty/netty-codec@4.1.100.Final app/x\n");
    one("graalvm-bare", "app/x: a native image of GraalVM without a bill of materials: its libraries are unknown\n"
                        "unread program 1\n");
}

static void test_packed(void **state)
{
    (void)state;
    one("upx", "app/x: packed by UPX, its contents are unknown\nunread program 1\n");
}

#define DECLARED " declared why=a deps.json asks for it, and none of its assemblies was found"

static void test_dotnet(void **state)
{
    (void)state;
    world_layer();
    program("deps.json", "app/shop.deps.json");
    program("assembly", "app/shop.dll");
    program("assembly", "app/Newtonsoft.Json.dll");
    program("assembly", "app/de/Humanizer.resources.dll");
    program("assembly", "app/plugins/Some.Thing.dll");
    program("deps.json", "root/.nuget/packages/x/x.deps.json");
    world_is("pkg:nuget/Gone@1.0.0 app/shop.deps.json" DECLARED "\n"
             "pkg:nuget/Humanizer@2.14.1 app/shop.deps.json\n"
             "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.3 app/shop.deps.json" DECLARED "\n"
             "pkg:nuget/Native.Only@3.0.0 app/shop.deps.json\n"
             "pkg:nuget/Newtonsoft.Json@12.0.1 app/shop.deps.json\n"
             "pkg:nuget/Some.Thing@4.5.6 app/plugins/Some.Thing.dll guessed why=the assembly's version resource says "
             "so, and "
             "no deps.json names it not-judged=identity-guessed\n"
             "pkg:nuget/shop@1.0.0 app/shop.deps.json not-judged=own-package\n");
}

static void test_dotnet_bundles(void **state)
{
    (void)state;
    static const char *const forms[] = {"bundle", "bundle-1"};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        one(forms[i], "pkg:nuget/Gone@1.0.0 app/x" DECLARED "\npkg:nuget/Humanizer@2.14.1 app/x\n"
                      "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.3 app/x\n"
                      "pkg:nuget/Native.Only@3.0.0 app/x\npkg:nuget/Newtonsoft.Json@12.0.1 app/x\n"
                      "pkg:nuget/shop@1.0.0 app/x not-judged=own-package\n");
    one("bundle-none", "unread program 1\n");
    one("native-aot", "app/x: a .NET program that was compiled ahead of time: its libraries are unknown\n"
                      "unread program 1\n");
}

static void test_framework(void **state)
{
    (void)state;
    world_layer();
    world_file("usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.3/Microsoft.AspNetCore.App.deps.json",
               "{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v8.0/linux-musl-x64\"},\"targets\":{}}");
    world_is("pkg:nuget/Microsoft.AspNetCore.App.Runtime.linux-musl-x64@8.0.3 "
             "usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.3/Microsoft.AspNetCore.App.deps.json "
             "why=the folder of a shared framework says so\n");
}

/* ---- how the bytes come ---- */

static void count_puts(void *arg, const struct package_format *format, struct slice path, struct slice bytes)
{
    size_t *n = arg;
    (void)path;
    *n += slice_eq_str(slice_str(format->name), "rust") && slice_find_slice(bytes, SLICE("foo-2-1.0.0")) >= 0;
}

/* Zeros that nobody stored: three gigabytes of them between a program's headers and its text. */
static void test_holes(void **state)
{
    (void)state;
    const uint64_t hole = (uint64_t)3 << 30;
    struct buf b = archive_read_file(TEST_DATA "/fuzz/fuzz_executable", "rust-traces");
    struct slice front = slice_sub(buf_slice(&b), 0, 1024), text = slice_from(buf_slice(&b), 1024);
    size_t puts_n = 0;
    const struct reducer_out out = {.put = count_puts, .arg = &puts_n};
    const struct reduced_file file = {.path = SLICE("x"), .size = hole + text.n};
    void *reading = xcalloc(1, executable_reducer.state_size);
    assert_true(executable_reducer.begin(reading, &file, &out));
    executable_reducer.feed(reading, 0, front);
    executable_reducer.feed(reading, hole, text);
    executable_reducer.end(reading, &out);
    executable_reducer.layer_end(reading, &out);
    free(reading);
    buf_done(&b);
    assert_int_equal(puts_n, 1);
}

/* ---- texts ---- */

struct found {
    size_t number[64], at[64], n;
};

static void on_hit(void *arg, size_t number, size_t at)
{
    struct found *f = arg;
    f->number[f->n] = number;
    f->at[f->n++] = at;
}

/* Every text at every place of a buffer, near both of its ends too, and none where a byte differs. */
static void test_needles(void **state)
{
    (void)state;
    static const struct slice texts[] = {SLICE("\x78\x9c"), SLICE("/rustc/"),        SLICE("\xff Go buildinf:"),
                                         SLICE("abc"),      SLICE("/registry/src/"), SLICE("abcd")};
    static struct needles set;
    needles_init(&set, texts, ARRAY_LEN(texts));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        for (size_t at = 0; at + texts[i].n <= 200; at++) {
            struct found f = {.n = 0};
            uint8_t *bytes = xcalloc(1, 200);
            memcpy(bytes + at, texts[i].p, texts[i].n);
            needles_find(&set, slice_of(bytes, 200), 0, 200, on_hit, &f);
            assert_int_equal(f.n, i == 5 ? 2 : 1);
            assert_true((f.number[0] == i || f.number[1] == i) && f.at[0] == at);
            f.n = 0;
            needles_find(&set, slice_of(bytes, 200), at + 1, 200, on_hit, &f);
            needles_find(&set, slice_of(bytes, 200), 0, at, on_hit, &f);
            needles_find(&set, slice_of(bytes, at + texts[i].n - 1), 0, 200, on_hit, &f);
            assert_int_equal(f.n, i == 5 ? 1 : 0);
            bytes[at + texts[i].n - 1] ^= 1;
            f.n = 0;
            needles_find(&set, slice_of(bytes, 200), 0, 200, on_hit, &f);
            assert_int_equal(f.n, i == 5 ? 1 : 0);
            free(bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_go, world_clean),
                                       cmocka_unit_test_teardown(test_go_machines, world_clean),
                                       cmocka_unit_test_teardown(test_go_hidden, world_clean),
                                       cmocka_unit_test_teardown(test_go_versions, world_clean),
                                       cmocka_unit_test(test_go_flags),
                                       cmocka_unit_test_teardown(test_rust, world_clean),
                                       cmocka_unit_test_teardown(test_rust_forms, world_clean),
                                       cmocka_unit_test_teardown(test_elf_notes, world_clean),
                                       cmocka_unit_test_teardown(test_graalvm, world_clean),
                                       cmocka_unit_test_teardown(test_notes_in_systems, world_clean),
                                       cmocka_unit_test_teardown(test_packed, world_clean),
                                       cmocka_unit_test_teardown(test_dotnet, world_clean),
                                       cmocka_unit_test_teardown(test_dotnet_bundles, world_clean),
                                       cmocka_unit_test_teardown(test_framework, world_clean),
                                       cmocka_unit_test(test_holes),
                                       cmocka_unit_test(test_needles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
