/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of Node.js: which manifests are installed packages, what they say, who brought whom. */
#include "unit/language_world.h"

#include "packages/nodejs/node_place.h"
#include "unit/zip_writer.h"

static void manifest(const char *folder, const char *name, const char *version)
{
    char path[128], text[256];
    snprintf(path, sizeof path, "%s/package.json", folder);
    snprintf(text, sizeof text, "{\"name\": \"%s\", \"version\": \"%s\", \"scripts\": {\"test\": \"x\"}}", name,
             version);
    world_file(path, text);
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name, *holder; /* name NULL: nothing is installed there */
    } cases[] = {
        {"node_modules/a/package.json", "a", ""},
        {"app/node_modules/@s/b/package.json", "@s/b", ""},
        {"app/node_modules/a/node_modules/c/package.json", "c", "app/node_modules/a"},
        {"app/node_modules/@s/b/node_modules/@t/c/package.json", "@t/c", "app/node_modules/@s/b"},
        {"app/node_modules/.pnpm/d@1.0.0/node_modules/d/package.json", "d", ""},
        {"app/node_modules/.pnpm/@s+d@1.0.0/node_modules/@s/d/package.json", "@s/d", ""},
        {"app/node_modules/.bun/d@1.0.0/node_modules/d/package.json", "d", ""},
        {"app/node_modules/.store/d@1.0.0/node_modules/d/package.json", "d", ""},
        {"app/node_modules/code/lib/vscode/node_modules/e/package.json", "e", "app/node_modules/code"},
        {"usr/lib/node_modules/npm/node_modules/f/package.json", "f", "usr/lib/node_modules/npm"},
        {"app/.yarn/unplugged/g-npm-1.0.0-0123456789/node_modules/g/package.json", "g", ""},
        /* not installed */
        {"app/package.json", NULL, ""},
        {"app/node_modules/package.json", NULL, ""},
        {"app/node_modules/@s/package.json", NULL, ""},
        {"app/node_modules/a/lib/package.json", NULL, ""},
        {"app/node_modules/.bin/package.json", NULL, ""},
        {"app/node_modules/.a-Xy12/package.json", NULL, ""},
        {"app/node_modules/.cache/x/node_modules/a/package.json", NULL, ""},
        {"app/node_modules/a/test/fixtures/node_modules/b/package.json", NULL, ""},
        {"app/node_modules/a/test/node_modules/b/node_modules/c/package.json", NULL, ""},
        {"root/.cache/yarn/v6/npm-left-pad-1.3.0-5b8a3a7765dfe001261dde915589e782f8c94d1e-integrity/node_modules/"
         "left-pad/package.json",
         NULL, ""},
        {"cache/v4/npm-a-1.0.0-5b8a3a7765dfe001261dde915589e782f8c94d1e/node_modules/a/package.json", NULL, ""},
        {"root/.bun/install/cache/npm@9.0.0/node_modules/a/package.json", NULL, ""},
        {"go/pkg/mod/example.com/x@v1.0.0/node_modules/a/package.json", NULL, ""},
        {"usr/lib/ruby/gems/3.1.0/gems/x-1.0/spec/node_modules/a/package.json", NULL, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct node_place place = {.root = SLICE_NONE};
        bool is = node_place(slice_str(cases[i].path), &place);
        if (is != (cases[i].name != NULL) || (is && !slice_eq_str(place.name, cases[i].name)) ||
            !slice_eq_str(place.holder, is ? cases[i].holder : ""))
            fail_msg("%s: %s %.*s in %.*s", cases[i].path, is ? "is" : "is none,", SLICE_FMT(place.name),
                     SLICE_FMT(place.holder));
    }
}

static void test_installed(void **state)
{
    (void)state;
    world_layer();
    manifest("app", "shop", "1.0.0");
    manifest("app/node_modules/a", "a", "1.0.0");
    manifest("app/node_modules/alias", "@real/name", "2.0.0-rc.1+build");
    manifest("app/node_modules/a/node_modules/c", "c", "3.0.0");
    manifest("app/node_modules/a/test/node_modules/fixture", "fixture", "6.6.6");
    manifest("app/node_modules/a/lib", "a/lib", "6.6.6");
    manifest("app/node_modules/.pnpm/d@1.0.0/node_modules/d", "d", "1.0.0");
    world_symlink("app/node_modules/d", ".pnpm/d@1.0.0/node_modules/d");
    manifest("app/node_modules/code/lib/node_modules/e", "e", "5.0.0");
    manifest("usr/share/nodejs/f", "f", "6.0.0");
    manifest("usr/share/nodejs/f/lib", "f-lib", "6.0.0");
    manifest("usr/share/doc/x/node_modules/g", "g", "7.0.0");
    manifest("root/.cache/deno/npm/registry.example.org/h/8.0.0", "h", "8.0.0");
    manifest("root/.cache/deno/npm/registry.example.org/@s/i/9.0.0", "@s/i", "9.0.0");
    manifest("srv/npm/lib/utils/x", "x", "1.0.0");
    world_is("pkg:npm/a@1.0.0 app/node_modules/a/package.json\n"
             "pkg:npm/c@3.0.0 app/node_modules/a/node_modules/c/package.json\n"
             "pkg:npm/d@1.0.0 app/node_modules/.pnpm/d@1.0.0/node_modules/d/package.json\n"
             "pkg:npm/e@5.0.0 app/node_modules/code/lib/node_modules/e/package.json parent=code"
             " why=among the files of the package that it lies in\n"
             "pkg:npm/f@6.0.0 usr/share/nodejs/f/package.json\n"
             "pkg:npm/h@8.0.0 root/.cache/deno/npm/registry.example.org/h/8.0.0/package.json\n"
             "pkg:npm/%40real/name@2.0.0-rc.1%2Bbuild app/node_modules/alias/package.json\n"
             "pkg:npm/%40s/i@9.0.0 root/.cache/deno/npm/registry.example.org/@s/i/9.0.0/package.json\n");
}

/* What a manifest may say, and what it gives. */
static void test_manifests(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"\xef\xbb\xbf{\"name\":\"x\",\r\n\"version\":\"1.0.0\"}\r\n",
         "pkg:npm/x@1.0.0 m/node_modules/x/package.json\n"},
        {"{\"name\":\"a\",\"version\":\"1\",\"name\":\"x\",\"version\":\"2\"}",
         "pkg:npm/x@2 m/node_modules/x/package.json\n"},
        {"{\"name\":\"x\",\"version\":1.0,}", "pkg:npm/x@1.0 m/node_modules/x/package.json\n"},
        {"{\"name\":\"x\",\"version\":\" v1.2 \"}", "pkg:npm/x@v1.2 m/node_modules/x/package.json\n"},
        {"{\"name\":[\"y\"],\"version\":\"1\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json why=its manifest has no sound name: this is its folder's\n"},
        {"{\"name\":\"../y\",\"version\":\"1\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json why=its manifest has no sound name: this is its folder's\n"},
        {"{\"name\":\"x\",\"version\":{}}", "pkg:npm/x m/node_modules/x/package.json not-judged=version-unknown\n"},
        {"{\"name\":\"x\"}", "pkg:npm/x m/node_modules/x/package.json not-judged=version-unknown\n"},
        {"{\"type\":\"module\"}", ""},
        {"{\"name\":\"x\",\"version\":\"1\",\"unity\":\"2019.1\"}", ""},
        {"{\"name\":\"x\",\"version\":\"1\",\"engines\":{\"vscode\":\"*\"}}",
         "pkg:npm/x@1 m/node_modules/x/package.json why=an extension of VS Code not-judged=own-package\n"},
        {"{\"name\":\"x\",\"version\":\"1\",\"_resolved\":\"git+https://example.org/x.git#abc\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json origin=git+https://example.org/x.git#abc\n"},
        {"{\"name\":\"x\",\"version\":\"1\",\"_resolved\":\"https://registry.example.org/x/-/x-1.tgz\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json\n"},
        {"{\"name\":\"x\",\"version\":\"1\",\"n\":99999999999999999999999,\"m\":1e999,\"s\":\"\\ud800\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json\n"},
        {"{\"name\":\"x\",\"version\":\"1\"}{\"name\":\"y\",\"version\":\"2\"}",
         "pkg:npm/x@1 m/node_modules/x/package.json\n"
         "m/node_modules/x/package.json: something stands behind its end, which was not read\n"},
        {"{\"name\":\"x\",\"version\":\"1\",\"a\":[1,", "pkg:npm/x@1 m/node_modules/x/package.json\n"
                                                        "m/node_modules/x/package.json: it is cut\n"},
        {"", "m/node_modules/x/package.json: it is no JSON object\n"},
        {"[]", "m/node_modules/x/package.json: it is no JSON object\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        world_clean(NULL);
        world_layer();
        world_file("m/node_modules/x/package.json", cases[i].text);
        if (strcmp(world_tell(), cases[i].says) != 0)
            fail_msg("%s\n gives\n%s", cases[i].text, world_tell());
    }
}

/* Too deep, too long, and a broken one where nothing is installed. */
static void test_bounds(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)32 << 20);
    buf_add_str(&b, "{\"name\":\"deep\",\"version\":\"1\",\"x\":");
    for (int i = 0; i < 10000; i++)
        buf_add_byte(&b, '[');
    world_layer();
    world_bytes("m/node_modules/deep/package.json", buf_slice(&b));
    buf_clear(&b);
    buf_add_str(&b, "{\"name\":\"long\",\"version\":\"1\",\"x\":\"");
    memset(buf_reserve(&b, (size_t)9 << 20), 'x', (size_t)9 << 20);
    b.n += (size_t)9 << 20;
    buf_add_str(&b, "\"}");
    world_bytes("m/node_modules/long/package.json", buf_slice(&b));
    world_file("m/node_modules/a/test/node_modules/b/package.json", "{");
    world_is("pkg:npm/deep@1 m/node_modules/deep/package.json\n"
             "pkg:npm/long@1 m/node_modules/long/package.json\n"
             "m/node_modules/deep/package.json: it nests too deep\n"
             "m/node_modules/long/package.json: only the first 8388608 of its 9437220 bytes were read\n");
    buf_done(&b);
}

static void test_bundled(void **state)
{
    (void)state;
    world_layer();
    world_file("usr/lib/node_modules/npm/package.json",
               "{\"name\":\"npm\",\"version\":\"10.0.0\",\"bundleDependencies\":[\"abbrev\",\"tar\"]}");
    manifest("usr/lib/node_modules/npm/node_modules/abbrev", "abbrev", "2.0.0");
    manifest("usr/lib/node_modules/npm/node_modules/tar/node_modules/minipass", "minipass", "5.0.0");
    manifest("usr/lib/node_modules/npm/node_modules/tar", "tar", "6.0.0");
    /* In a project its lock knows what came in which archive, and what it is for. */
    world_file("app/node_modules/.package-lock.json",
               "{\"lockfileVersion\":3,\"packages\":{"
               "\"node_modules/b\":{\"version\":\"1.0.0\",\"resolved\":\"https://registry.example.org/b/-/b.tgz\"},"
               "\"node_modules/b/node_modules/in\":{\"version\":\"1.0.0\",\"inBundle\":true,\"optional\":true},"
               "\"node_modules/b/node_modules/own\":{\"version\":\"1.0.0\",\"dev\":true},"
               "\"node_modules/g\":{\"version\":\"1.0.0\",\"resolved\":\"git+ssh://git@example.org/g.git#123\"}}}");
    world_file("app/node_modules/b/package.json",
               "{\"name\":\"b\",\"version\":\"1.0.0\",\"bundledDependencies\":[\"in\"]}");
    manifest("app/node_modules/b/node_modules/in", "in", "1.0.0");
    manifest("app/node_modules/b/node_modules/own", "own", "1.0.0");
    manifest("app/node_modules/g", "g", "1.0.0");
    world_is("pkg:npm/abbrev@2.0.0 usr/lib/node_modules/npm/node_modules/abbrev/package.json parent=npm\n"
             "pkg:npm/b@1.0.0 app/node_modules/b/package.json\n"
             "pkg:npm/g@1.0.0 app/node_modules/g/package.json origin=git+ssh://git@example.org/g.git#123\n"
             "pkg:npm/in@1.0.0 app/node_modules/b/node_modules/in/package.json optional parent=b\n"
             "pkg:npm/minipass@5.0.0 usr/lib/node_modules/npm/node_modules/tar/node_modules/minipass/package.json "
             "parent=npm\n"
             "pkg:npm/npm@10.0.0 usr/lib/node_modules/npm/package.json\n"
             "pkg:npm/own@1.0.0 app/node_modules/b/node_modules/own/package.json development\n"
             "pkg:npm/tar@6.0.0 usr/lib/node_modules/npm/node_modules/tar/package.json parent=npm\n");
}

static void test_layers(void **state)
{
    (void)state;
    world_layer();
    manifest("app/node_modules/a", "a", "1.0.0");
    manifest("app/node_modules/b", "b", "1.0.0");
    manifest("app/node_modules/c", "c", "1.0.0");
    world_layer();
    manifest("app/node_modules/a", "a", "1.0.1");
    world_gone("app/node_modules/b");
    world_file("app/node_modules/c/package.json", "{\"type\":\"commonjs\"}");
    world_is("pkg:npm/a@1.0.1 app/node_modules/a/package.json\n");
}

/* pnpm's packages are hard links to its store; the store has no names, and may come before them or after. */
static void test_hard_links(void **state)
{
    (void)state;
    world_layer();
    world_file("root/.local/share/pnpm/store/v3/files/0a/1b2c", "{\"name\":\"a\",\"version\":\"1.0.0\"}");
    world_hardlink("srv/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
                   "root/.local/share/pnpm/store/v3/files/0a/1b2c");
    world_hardlink("var/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
                   "root/.local/share/pnpm/store/v3/files/0a/1b2c");
    manifest("srv/node_modules/b", "b", "2.0.0");
    world_hardlink("var/node_modules/b/package.json", "srv/node_modules/b/package.json");
    world_hardlink("var/store/v3/files/0d/1b2c", "srv/node_modules/b/package.json");
    world_layer();
    world_gone("srv/node_modules");
    world_is("pkg:npm/a@1.0.0 var/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json\n"
             "pkg:npm/b@2.0.0 var/node_modules/b/package.json\n");
}

/* A zip of Yarn's cache with one package. */
static void yarn_zip(const char *path, const char *name, const char *version)
{
    struct zip_writer w = ZIP_WRITER;
    char member[128], text[256];
    snprintf(member, sizeof member, "node_modules/%s/package.json", name);
    snprintf(text, sizeof text, "{\"name\":\"%s\",\"version\":\"%s\"}", name, version);
    zip_add(&w, &(struct zip_made){.name = "node_modules/", .bytes = SLICE("")});
    zip_add(&w, &(struct zip_made){.name = member, .bytes = slice_str(text), .deflate = true});
    zip_add(&w, &(struct zip_made){.name = "node_modules/x/lib/package.json", .bytes = SLICE("{}")});
    world_bytes(path, zip_finish(&w));
    zip_done(&w);
}

static void test_yarn(void **state)
{
    (void)state;
    world_layer();
    yarn_zip("app/.yarn/cache/a-npm-1.0.0-0123456789-0123456789.zip", "a", "1.0.0");
    yarn_zip("app/.yarn/cache/@s-b-npm-2.0.0-0123456789-0123456789.zip", "@s/b", "2.0.0");
    yarn_zip("app/.yarn/cache/c-patch-0123456789-0123456789.zip", "c", "3.0.0");
    yarn_zip("app/.yarn/cache/stale-npm-1.0.0-0123456789-0123456789.zip", "stale", "1.0.0");
    manifest("app/.yarn/unplugged/e-npm-5.0.0-0123456789/node_modules/e", "e", "5.0.0");
    world_file("app/.pnp.cjs",
               "const RAW_RUNTIME_STATE =\n'{\\\n"
               "  \"packageRegistryData\": [[null, [[null, {\"packageLocation\": \"./\"}]]],\\\n"
               "    [\"a\", [[\"npm:1.0.0\", {\\\n        \"packageLocation\": "
               "\"./.yarn/cache/a-npm-1.0.0-0123456789-0123456789.zip/node_modules/a/\",\\\n }]]],\\\n"
               "    [\"@s/b\", [[\"virtual:0#npm:2.0.0\", {\"packageLocation\":\"./.yarn/__virtual__/b/0/cache/"
               "@s-b-npm-2.0.0-0123456789-0123456789.zip/node_modules/@s/b/\"}]]],\\\n"
               "    [\"c\", [[\"patch:c\", {\"packageLocation\": "
               "\"./.yarn/cache/c-patch-0123456789-0123456789.zip/node_modules/c/\"}]]]}';\n");
    world_layer();
    yarn_zip("srv/.yarn/cache/d-npm-4.0.0-0123456789-0123456789.zip", "d", "4.0.0");
    yarn_zip("srv/.yarn/cache/a-npm-9.0.0-0123456789-0123456789.zip", "a", "9.0.0"); /* installed elsewhere */
    world_file("srv/.yarn/cache/bad-npm-1.0.0-0123456789-0123456789.zip", "PK");
    world_is("pkg:npm/a@1.0.0 app/.yarn/cache/a-npm-1.0.0-0123456789-0123456789.zip!/node_modules/a/package.json\n"
             "pkg:npm/c@3.0.0 app/.yarn/cache/c-patch-0123456789-0123456789.zip!/node_modules/c/package.json"
             " why=patched before it was installed\n"
             "pkg:npm/d@4.0.0 srv/.yarn/cache/d-npm-4.0.0-0123456789-0123456789.zip!/node_modules/d/package.json"
             " declared why=in Yarn's cache; whether it is used, nothing in its layer says\n"
             "pkg:npm/e@5.0.0 app/.yarn/unplugged/e-npm-5.0.0-0123456789/node_modules/e/package.json\n"
             "pkg:npm/%40s/b@2.0.0"
             " app/.yarn/cache/@s-b-npm-2.0.0-0123456789-0123456789.zip!/node_modules/@s/b/package.json\n"
             "srv/.yarn/cache/bad-npm-1.0.0-0123456789-0123456789.zip: it is no zip\n");
}

/* What only a lock wishes for; where it was carried out it says nothing more. */
static void test_locks(void **state)
{
    (void)state;
    world_layer();
    world_file(
        "a/package-lock.json",
        "{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"shop\",\"version\":\"1.0.0\"},"
        "\"packages/own\":{\"version\":\"1.0.0\"},\"node_modules/own\":{\"link\":true,\"resolved\":\"packages/own\"},"
        "\"node_modules/x/node_modules/@s/b\":{\"version\":\"2.0.0\",\"dev\":true},"
        "\"node_modules/alias\":{\"name\":\"real\",\"version\":\"3.0.0\"},"
        "\"node_modules/g\":{\"version\":\"4.0.0\",\"resolved\":\"git+ssh://example.org/g.git#1\"}}}");
    world_file("b/package-lock.json",
               "{\"lockfileVersion\":1,\"dependencies\":{\"old\":{\"version\":\"1.0.0\",\"requires\":{\"z\":\"1\"},"
               "\"dependencies\":{\"older\":{\"version\":\"0.1.0\"}}}}}");
    world_file("c/yarn.lock", "# yarn lockfile v1\n\n\"@s/c@^1.0.0\", \"@s/c@^1.1.0\":\n  version \"1.2.0\"\n"
                              "  resolved \"https://example.org/c.tgz#1\"\n  dependencies:\n    version \"9\"\n\n"
                              "left@~1:\n  version \"1.3.0\"\n");
    world_file("d/yarn.lock", "__metadata:\n  version: 8\n\n\"berry@npm:^2.0.0\":\n  version: 2.1.0\n"
                              "  resolution: \"berry@npm:2.1.0\"\n\n\"own@workspace:.\":\n  version: 0.0.0-use.local\n"
                              "  resolution: \"own@workspace:.\"\n");
    world_file("e/pnpm-lock.yaml",
               "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies: {}\n\npackages:\n\n"
               "  '@s/p@1.0.0':\n    resolution: {integrity: x}\n\n  q@2.0.0(react@18.0.0):\n    x: y\n\n"
               "  /r/3.0.0_react@18.0.0:\n    x: y\n\n  /@s/t@4.0.0:\n    x: y\n\nsnapshots:\n\n  s@9.0.0: {}\n");
    world_file("f/bun.lock", "{\n  \"packages\": {\n    \"u\": [\"u@5.0.0\", \"\", {}, \"sha512-x\"],\n"
                             "    \"own\": [\"own@workspace:packages/own\"],\n  },\n}\n");
    /* The publisher's, and one that was carried out without what is for development. */
    world_file("g/node_modules/done/yarn.lock", "inner@1:\n  version \"1.0.0\"\n");
    manifest("g/node_modules/done", "done", "1.0.0");
    world_file("g/yarn.lock", "done@1:\n  version \"1.0.0\"\n\ndev@1:\n  version \"1.0.0\"\n");
    world_file("h/package-lock.json", "{");
#define ASKED " declared why=its lock file asks for it\n"
    world_is("pkg:npm/berry@2.1.0 d/yarn.lock" ASKED "pkg:npm/done@1.0.0 g/node_modules/done/package.json\n"
             "pkg:npm/g@4.0.0 a/package-lock.json declared origin=git+ssh://example.org/g.git#1"
             " why=its lock file asks for it\n"
             "pkg:npm/left@1.3.0 c/yarn.lock" ASKED "pkg:npm/old@1.0.0 b/package-lock.json" ASKED
             "pkg:npm/older@0.1.0 b/package-lock.json" ASKED "pkg:npm/q@2.0.0 e/pnpm-lock.yaml" ASKED
             "pkg:npm/r@3.0.0 e/pnpm-lock.yaml" ASKED "pkg:npm/real@3.0.0 a/package-lock.json" ASKED
             "pkg:npm/u@5.0.0 f/bun.lock" ASKED
             "pkg:npm/%40s/b@2.0.0 a/package-lock.json declared development why=its lock file asks for it\n"
             "pkg:npm/%40s/c@1.2.0 c/yarn.lock" ASKED "pkg:npm/%40s/p@1.0.0 e/pnpm-lock.yaml" ASKED
             "pkg:npm/%40s/t@4.0.0 e/pnpm-lock.yaml" ASKED "h/package-lock.json: it is cut\n");
}

/* What a long list keeps is more than is held of it at once. */
static void test_long_lock(void **state)
{
    (void)state;
    struct buf lock = BUF_INIT((size_t)4 << 20);
    for (int i = 0; i < 10000; i++)
        buf_addf(&lock, "package-%05d@^1.0.0:\n  version \"1.0.%d\"\n\n", i, i);
    world_layer();
    world_bytes("app/yarn.lock", buf_slice(&lock));
    const char *told_of = world_tell();
    size_t lines = 0;
    for (const char *at = told_of; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 10000);
    assert_non_null(strstr(told_of, "pkg:npm/package-09999@1.0.9999 app/yarn.lock declared"));
    buf_done(&lock);
}

static void test_runtime(void **state)
{
    (void)state;
    static const char header[] = "#ifndef SRC_NODE_VERSION_H_\n"
                                 "#define NODE_MAJOR_VERSION 20\n"
                                 "#define NODE_MINOR_VERSION 11\r\n"
                                 "#define  NODE_PATCH_VERSION  1\n"
                                 "#ifndef NODE_TAG\n"
                                 "# define NODE_TAG \"\"\n";
    world_layer();
    world_file("usr/local/include/node/node_version.h", header);
    world_file("root/.cache/node-gyp/20.11.1/include/node/node_version.h", header);
    world_file("app/node_modules/node-api-headers/include/node/node_version.h", header);
    world_file("opt/x/include/node/node_version.h", "#define NODE_MAJOR_VERSION 20\n");
    world_is("pkg:generic/node@20.11.1 usr/local/include/node/node_version.h why=its header says which version it is\n"
             "opt/x/include/node/node_version.h: it does not say which version of Node it belongs to\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test_teardown(test_installed, world_clean),
        cmocka_unit_test_teardown(test_manifests, world_clean),
        cmocka_unit_test_teardown(test_bounds, world_clean),
        cmocka_unit_test_teardown(test_bundled, world_clean),
        cmocka_unit_test_teardown(test_layers, world_clean),
        cmocka_unit_test_teardown(test_hard_links, world_clean),
        cmocka_unit_test_teardown(test_yarn, world_clean),
        cmocka_unit_test_teardown(test_locks, world_clean),
        cmocka_unit_test_teardown(test_long_lock, world_clean),
        cmocka_unit_test_teardown(test_runtime, world_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
