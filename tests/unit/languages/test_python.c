/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's distributions from layers to inventories. What pip itself says of the odd folders here (pip 23.2 and
 * importlib.metadata of Python 3.11) was looked at; where Careen says more it is told why.
 */
#include "unit/language_world.h"

#include "unit/zip_writer.h"

#define SITE "usr/local/lib/python3.11/site-packages/"
#define HEAD "Metadata-Version: 2.1\n"

static void test_installed(void **state)
{
    (void)state;
    world_layer();
    world_file(SITE "Flask_Login-0.6.3.dist-info/METADATA",
               HEAD "Name: Flask-Login\nVersion: 0.6.3\nSummary: x\n\nName: not-this\nVersion: 9\n");
    world_file(SITE "zope.interface-6.0.dist-info/METADATA", HEAD "name:Zope.Interface\nVERSION :  6.0 \n");
    world_file(SITE "six-1.16.0.egg-info", HEAD "Name: six\r\nVersion: 1.16.0\r\n\r\nName: z\r\n");
    world_file(SITE "old.egg-info/PKG-INFO", HEAD "Name: old\nVersion: 1.0-final dev\n");
    world_file(SITE "older.egg-info/PKG-INFO", HEAD "Name: older\nVersion: 2004d\nDescription: a\n        Name: b\n");
    world_file(SITE "PasteDeploy-3.0-py3.11.egg/EGG-INFO/PKG-INFO", HEAD "Name: PasteDeploy\nVersion: 3.0\n");
    world_file("var/task/boto3-1.26.0.dist-info/METADATA", HEAD "Name: boto3\nVersion: 1.26.0\n\n");
    world_file("home/tests/venv/lib/python3.9/site-packages/torch-2.0.0+cu118.dist-info/METADATA",
               HEAD "Name: torch\nVersion: 2.0.0+cu118\n\n");
    world_is("pkg:pypi/flask-login@0.6.3 " SITE "Flask_Login-0.6.3.dist-info/METADATA\n"
             "pkg:pypi/pastedeploy@3.0 " SITE "PasteDeploy-3.0-py3.11.egg/EGG-INFO/PKG-INFO\n"
             "pkg:pypi/zope-interface@6.0 " SITE "zope.interface-6.0.dist-info/METADATA\n"
             "pkg:pypi/boto3@1.26.0 var/task/boto3-1.26.0.dist-info/METADATA\n"
             "pkg:pypi/older@2004d " SITE "older.egg-info/PKG-INFO\n"
             "pkg:pypi/six@1.16.0 " SITE "six-1.16.0.egg-info\n"
             "pkg:pypi/torch@2.0.0%2Bcu118 home/tests/venv/lib/python3.9/site-packages/torch-2.0.0+cu118.dist-info/"
             "METADATA\n" SITE "old.egg-info/PKG-INFO: it has no sound name and version\n");
}

static void test_headers(void **state)
{
    (void)state;
    world_layer();
    world_file(SITE "bad_line-1.0.dist-info/METADATA", HEAD "no header\nName: bad-line\nVersion: 1.0\n");
    world_file(SITE "folded-1.0.dist-info/METADATA",
               HEAD "Summary: x\n  Name: no\nNAME: folded\n\tVersion: 3\nVersion: 1.0\n");
    world_file(SITE "twice-1.0.dist-info/METADATA", HEAD "Name: twice\nName: thrice\nVersion: 1.0\nVersion: 2.0\n");
    world_file(SITE "latin-1.0.dist-info/METADATA", "Author: \xe9\nName: latin\nVersion: 1.0\n");
    world_file(SITE "mark-1.0.dist-info/METADATA", "\xef\xbb\xbfName: mark\nVersion: 1.0\n");
    world_file(SITE "nameless-1.0.dist-info/METADATA", HEAD "Version: 1.0\n\nName: body\n");
    world_file(SITE "blank-1.0.dist-info/METADATA", HEAD "Name: bl ank\nVersion: 1.0\n");
    world_file(SITE "none-1.0.dist-info/METADATA", HEAD "Name: none\n\n");
    world_file(SITE "empty-1.0.dist-info/METADATA", "");
    world_file(SITE "bytes-1.0.dist-info/METADATA", "Name: by\xfftes\nVersion: 1.0\n");
    world_is("pkg:pypi/bad-line@1.0 " SITE "bad_line-1.0.dist-info/METADATA\n"
             "pkg:pypi/folded@1.0 " SITE "folded-1.0.dist-info/METADATA\n"
             "pkg:pypi/latin@1.0 " SITE "latin-1.0.dist-info/METADATA\n"
             "pkg:pypi/mark@1.0 " SITE "mark-1.0.dist-info/METADATA\n"
             "pkg:pypi/twice@1.0 " SITE "twice-1.0.dist-info/METADATA\n" SITE
             "blank-1.0.dist-info/METADATA: it has no sound name and version\n" SITE
             "bytes-1.0.dist-info/METADATA: it has no sound name and version\n" SITE
             "empty-1.0.dist-info/METADATA: it has no sound name and version\n" SITE
             "nameless-1.0.dist-info/METADATA: it has no sound name and version\n" SITE
             "none-1.0.dist-info/METADATA: it has no sound name and version\n");
}

/* A header and a line that have no end; a description of any length is none of the header. */
static void test_long(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    const size_t n = (size_t)3 << 20;
    uint8_t *p = buf_reserve(&b, n);
    assert_non_null(p);
    world_layer();
    for (int i = 0; i < 4; i++) {
        static const char *const starts[] = {"Name: a\nVersion: 1\n\n", "Name: ", "Summary: ", "X: y\n"};
        static const char *const paths[] = {SITE "a.dist-info/METADATA", SITE "b.dist-info/METADATA",
                                            SITE "c.dist-info/METADATA", SITE "d.dist-info/METADATA"};
        memset(p, 'x', n);
        for (size_t j = 0; i == 3 && j < n; j += 4)
            memcpy(p + j, "X:\r\n", 4);
        memcpy(p, starts[i], strlen(starts[i]));
        static const char tail[] = "\nName: late\nVersion: 1\n";
        memcpy(p + n - sizeof tail, tail, sizeof tail - 1);
        p[n - 1] = '\n';
        world_bytes(paths[i], slice_of(p, n));
    }
    world_is("pkg:pypi/a@1 " SITE "a.dist-info/METADATA\n"
             "pkg:pypi/late@1 " SITE "c.dist-info/METADATA\n" SITE
             "b.dist-info/METADATA: a line of its header is too long\n" SITE
             "d.dist-info/METADATA: its header is too long\n");
    buf_done(&b);
}

static void test_look_alikes(void **state)
{
    (void)state;
    world_layer();
    world_file("root/.cache/uv/archive-v0/x1/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file("opt/conda/pkgs/a-1-py_0/site-packages/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file("root/.local/share/virtualenv/wheel/3.11/image/1/C/a/a-1.dist-info/METADATA",
               HEAD "Name: a\nVersion: 1\n");
    world_file("app/.eggs/a-1-py3.8.egg/EGG-INFO/PKG-INFO", HEAD "Name: a\nVersion: 1\n");
    world_file(SITE "~a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file(SITE "b/tests/data/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file(SITE "pkg_resources/tests/data/u/a-1-py3.7.egg/EGG-INFO/PKG-INFO", HEAD "Name: a\nVersion: 1\n");
    world_file("src/app/tests/data/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file("src/sdist/PKG-INFO", HEAD "Name: a\nVersion: 1\n");
    world_file(SITE "gone-1.dist-info/INSTALLER", "pip\n");
    world_file("usr/lib/python2.7/lib-dynload/Python-2.7.egg-info", HEAD "Name: Python\nVersion: 2.7.18\n");
    world_file("usr/lib/python2.7/argparse.egg-info", HEAD "Name: argparse\nVersion: 1.2.1\n");
    world_file("usr/lib/python2.7/wsgiref.egg-info", HEAD "Name: wsgiref\nVersion: 0.1.2\n");
    world_file("usr/lib/python3/ensurepip/_bundled/pip-23.2.1-py3-none-any.whl", "PK");
    /* These are what they look like. */
    world_file("usr/lib/python2.7/dist-packages/argparse-1.4.0.egg-info", HEAD "Name: argparse\nVersion: 1.4.0\n");
    world_file("home/test/x-1.dist-info/METADATA", HEAD "Name: x\nVersion: 1\n");
    world_file("home/test/x-1.dist-info/INSTALLER", "pip\n");
    world_is("pkg:pypi/argparse@1.4.0 usr/lib/python2.7/dist-packages/argparse-1.4.0.egg-info\n"
             "pkg:pypi/x@1 home/test/x-1.dist-info/METADATA\n");
}

static void test_bundled(void **state)
{
    (void)state;
    world_layer();
    world_file(SITE "setuptools-75.0.dist-info/METADATA", HEAD "Name: setuptools\nVersion: 75.0\n");
    world_file(SITE "setuptools-75.0.dist-info/RECORD",
               "pkg_resources/__init__.py,sha256=x,1\nsetuptools/a.py,,\n../../../bin/easy_install,,\n"
               "setuptools/_vendor/wheel-0.43.0.dist-info/RECORD,,\n");
    world_file(SITE "setuptools/_vendor/wheel-0.43.0.dist-info/RECORD", "wheel/a.py,,\n");
    world_file(SITE "pkg_resources/_vendor/zipp-3.0.dist-info/METADATA", HEAD "Name: zipp\nVersion: 3.0\n");
    world_file(SITE "nobodys/_vendor/y-3.0.dist-info/METADATA", HEAD "Name: y\nVersion: 3.0\n");
    world_file(SITE "pip/_vendor/vendor.txt",
               "requests==2.31.0\n    certifi==2023.7.22  # x\n# urllib3==1\n"
               "rich[x]==13.4.2 ; python_version > '3'\nsetuptools==68.0.0\nx>=1\ny==*\n");
    world_file("var/task/awscli-1.0.dist-info/METADATA", HEAD "Name: awscli\nVersion: 1.0\n");
    world_file("var/task/awscli-1.0.dist-info/RECORD", "awscli/__init__.py,,\n");
    world_file("var/task/awscli/bundled/rsa-4.0.dist-info/METADATA", HEAD "Name: rsa\nVersion: 4.0\n");
    world_file("var/task/awscli/tests/rsb-4.0.dist-info/METADATA", HEAD "Name: rsb\nVersion: 4.0\n");
    world_is("pkg:pypi/awscli@1.0 var/task/awscli-1.0.dist-info/METADATA\n"
             "pkg:pypi/certifi@2023.7.22 " SITE "pip/_vendor/vendor.txt parent=pip "
             "why=pip's list of what it bundles names it\n"
             "pkg:pypi/requests@2.31.0 " SITE "pip/_vendor/vendor.txt parent=pip "
             "why=pip's list of what it bundles names it\n"
             "pkg:pypi/rich@13.4.2 " SITE "pip/_vendor/vendor.txt parent=pip "
             "why=pip's list of what it bundles names it\n"
             "pkg:pypi/rsa@4.0 var/task/awscli/bundled/rsa-4.0.dist-info/METADATA parent=awscli\n"
             "pkg:pypi/setuptools@75.0 " SITE "setuptools-75.0.dist-info/METADATA\n"
             "pkg:pypi/wheel@0.43.0 " SITE "setuptools/_vendor/wheel-0.43.0.dist-info/RECORD parent=setuptools "
             "why=it has no METADATA: the name of its folder says so\n"
             "pkg:pypi/y@3.0 " SITE "nobodys/_vendor/y-3.0.dist-info/METADATA parent=nobodys\n"
             "pkg:pypi/zipp@3.0 " SITE "pkg_resources/_vendor/zipp-3.0.dist-info/METADATA parent=setuptools\n");
}

static void test_origin(void **state)
{
    (void)state;
    static const struct {
        const char *name, *direct, *installer;
    } cases[] = {
        {"archive", "{\"url\": \"file:///wheels/a.whl\", \"archive_info\": {\"hashes\": {\"sha256\": \"ab\"}}}",
         "pip\n"},
        {"broken", "{\"url\": ", "pip"},
        {"conda", "{\"url\": \"file:///build/work\", \"dir_info\": {}}", "conda"},
        {"editable", "{\"dir_info\": {\"editable\": true}, \"url\": \"file:///app\"}", "uv"},
        {"local", "{\"dir_info\": {}, \"url\": \"file:///app\"}", "pip\n"},
        {"vcs",
         "{\"url\": \"https://you:secret@git.example/a.git\", \"vcs_info\": {\"vcs\": \"git\", \"commit_id\": "
         "\"ab12\"}}",
         "pip\n"},
    };
    char path[128], text[128];
    world_layer();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(path, sizeof path, SITE "%s-1.dist-info/direct_url.json", cases[i].name);
        world_file(path, cases[i].direct);
        snprintf(path, sizeof path, SITE "%s-1.dist-info/INSTALLER", cases[i].name);
        world_file(path, cases[i].installer);
        snprintf(path, sizeof path, SITE "%s-1.dist-info/METADATA", cases[i].name);
        snprintf(text, sizeof text, "Name: %s\nVersion: 1\n\n", cases[i].name);
        world_file(path, text);
    }
    world_is("pkg:pypi/archive@1 " SITE "archive-1.dist-info/METADATA origin=file:///wheels/a.whl\n"
             "pkg:pypi/broken@1 " SITE "broken-1.dist-info/METADATA\n"
             "pkg:pypi/conda@1 " SITE "conda-1.dist-info/METADATA origin=file:///build/work\n"
             "pkg:pypi/editable@1 " SITE "editable-1.dist-info/METADATA origin=file:///app "
             "why=editable installation not-judged=own-package\n"
             "pkg:pypi/local@1 " SITE "local-1.dist-info/METADATA origin=file:///app "
             "why=installed from a folder not-judged=own-package\n"
             "pkg:pypi/vcs@1 " SITE "vcs-1.dist-info/METADATA origin=git+https://git.example/a.git@ab12\n" SITE
             "broken-1.dist-info/direct_url.json: not JSON: it is cut, at byte 8, line 1\n");
}

static void test_egg_info(void **state)
{
    (void)state;
    world_layer();
    /* The newer form stands for the older one in one folder; in another one both are there. */
    world_file(SITE "A_b-2.dist-info/METADATA", HEAD "Name: A.b\nVersion: 2\n");
    world_file(SITE "a.b.egg-info/PKG-INFO", HEAD "Name: a-b\nVersion: 1\n");
    world_file("opt/x/site-packages/a.b.egg-info/PKG-INFO", HEAD "Name: a-b\nVersion: 1\n");
    /* Sources; what was installed into a folder of its own; what is also installed as editable. */
    world_file("app/src/mine.egg-info/PKG-INFO", HEAD "Name: mine\nVersion: 0.1\n");
    world_file("srv/lib/dev.egg-info/PKG-INFO", HEAD "Name: dev\nVersion: 0.2\n");
    world_file(SITE "dev.egg-link", "/srv/lib\n../\n");
    world_file("var/task/y.egg-info/PKG-INFO", HEAD "Name: y\nVersion: 1\n");
    world_file("var/task/y.egg-info/installed-files.txt", "../y/__init__.py\nPKG-INFO\n");
    world_file("app2/edit.egg-info/PKG-INFO", HEAD "Name: edit\nVersion: 1\n");
    world_file(SITE "edit-1.dist-info/METADATA", HEAD "Name: edit\nVersion: 1\n");
    world_is("pkg:pypi/a-b@2 " SITE "A_b-2.dist-info/METADATA\n"
             "pkg:pypi/a-b@1 opt/x/site-packages/a.b.egg-info/PKG-INFO\n"
             "pkg:pypi/dev@0.2 srv/lib/dev.egg-info/PKG-INFO why=editable installation not-judged=own-package\n"
             "pkg:pypi/edit@1 " SITE "edit-1.dist-info/METADATA\n"
             "pkg:pypi/mine@0.1 app/src/mine.egg-info/PKG-INFO declared why=it lies beside its sources "
             "not-judged=own-package\n"
             "pkg:pypi/y@1 var/task/y.egg-info/PKG-INFO\n");
}

static void test_links(void **state)
{
    (void)state;
    world_layer();
    world_file("cache/uv/archive-v0/k/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_hardlink(SITE "a-1.dist-info/METADATA", "cache/uv/archive-v0/k/a-1.dist-info/METADATA");
    world_hardlink("opt/lib/site-packages/a-1.dist-info/METADATA", SITE "a-1.dist-info/METADATA");
    world_symlink("srv/site-packages/a-1.dist-info/METADATA", "../../../cache/uv/archive-v0/k/a-1.dist-info/METADATA");
    world_symlink("srv/site-packages/c-1.dist-info/METADATA", "../../../../../c-1.dist-info/METADATA");
    world_hardlink(SITE "b-1.dist-info/METADATA", "cache/b-1.dist-info/METADATA");
    world_is("pkg:pypi/a@1 opt/lib/site-packages/a-1.dist-info/METADATA\n"
             "pkg:pypi/a@1 srv/site-packages/a-1.dist-info/METADATA\n"
             "pkg:pypi/a@1 " SITE "a-1.dist-info/METADATA\n"
             "srv/site-packages/c-1.dist-info/METADATA: it is a link to c-1.dist-info/METADATA, which the layer "
             "doesn't have\n" SITE
             "b-1.dist-info/METADATA: it is a link to cache/b-1.dist-info/METADATA, which the layer doesn't have\n");
}

static void test_interpreter(void **state)
{
    (void)state;
    world_layer();
    world_file("usr/local/include/python3.11/patchlevel.h",
               "#define PY_MAJOR_VERSION 3\n/* Version as a string */\n#define PY_VERSION      \t\"3.11.7\"\n");
    world_file("opt/pypy/include/pypy3.9/patchlevel.h",
               "#define PY_VERSION \"3.9.18\"\n#define PYPY_VERSION \"7.3.13\"\n");
    world_file("opt/py/include/python3.14/patchlevel.h", "#define PY_VERSION \"3.14.0rc1\"\n");
    world_file("opt/py/lib/python3.14/build-details.json",
               "{\"implementation\": {\"name\": \"cpython\", \"version\": {\"major\": 3, \"minor\": 14, \"micro\": 0,"
               "\"releaselevel\": \"candidate\", \"serial\": 1}}}");
    world_file("src/build-details.json", "{\"implementation\": 3}");
    world_is("pkg:generic/pypy@7.3.13 opt/pypy/include/pypy3.9/patchlevel.h\n"
             "pkg:generic/python@3.11.7 usr/local/include/python3.11/patchlevel.h\n"
             "pkg:generic/python@3.14.0rc1 opt/py/lib/python3.14/build-details.json\n");
}

/* METADATA left behind, modules gone; an upgrade in a later layer. */
static void test_later_layers(void **state)
{
    (void)state;
    world_layer();
    world_file(SITE "a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n");
    world_file(SITE "a-1.dist-info/RECORD", "a/__init__.py,,\na/b/c.py,,\n\"a,b.py\",,\na-1.dist-info/METADATA,,\n");
    world_file(SITE "b-1.dist-info/METADATA", HEAD "Name: b\nVersion: 1\n");
    world_file(SITE "b-1.dist-info/RECORD", "zope/b/__init__.py,,\nzope/b/x.py,,\n__pycache__/b.pyc,,\n");
    world_file(SITE "c-1.dist-info/METADATA", HEAD "Name: c\nVersion: 1\n");
    world_file(SITE "c-1.dist-info/RECORD", "c.py,,\nd/__init__.py,,\n");
    world_layer();
    world_gone(SITE "d");
    world_gone(SITE "a");
    world_gone(SITE "a,b.py");
    world_gone(SITE "b-1.dist-info");
    world_file(SITE "b-2.dist-info/METADATA", HEAD "Name: b\nVersion: 2\n");
    world_is("pkg:pypi/b@2 " SITE "b-2.dist-info/METADATA\n"
             "pkg:pypi/c@1 " SITE "c-1.dist-info/METADATA\n");
}

static struct slice zip_of(const char *const (*members)[2], const char *stub)
{
    static struct zip_writer w;
    static struct buf whole = {.max = 1 << 20};
    zip_done(&w);
    w = (struct zip_writer)ZIP_WRITER;
    for (; (*members)[0]; members++)
        zip_add(&w, &(struct zip_made){.name = (*members)[0], .bytes = slice_str((*members)[1]), .deflate = true});
    struct slice zip = zip_finish(&w);
    buf_clear(&whole);
    buf_add_str(&whole, stub);
    buf_add_slice(&whole, zip);
    zip_done(&w);
    w = (struct zip_writer)ZIP_WRITER;
    return buf_slice(&whole);
}

static void test_zips(void **state)
{
    (void)state;
    static const char *const egg[][2] = {{"EGG-INFO/PKG-INFO", HEAD "Name: egg\nVersion: 1\n"},
                                         {"egg/x-1.dist-info/METADATA", "Name: x\nVersion: 1\n"},
                                         {NULL, NULL}};
    static const char *const wheel[][2] = {{"w-1.dist-info/METADATA", HEAD "Name: w\nVersion: 1\n"}, {NULL, NULL}};
    static const char *const pex[][2] = {
        {"__main__.py", ""},
        {".deps/a-1-py3-none-any.whl/a-1.dist-info/METADATA", HEAD "Name: a\nVersion: 1\n\nName: z\n"},
        {".deps/a-1-py3-none-any.whl/a/tests/t-1.dist-info/METADATA", HEAD "Name: t\nVersion: 1\n"},
        {"b-1.dist-info/METADATA", HEAD "Name: b\nVersion: 1\n"},
        {"site-packages/c-1.dist-info/METADATA", HEAD "Name: c\nVersion: 1\n"},
        {"site-packages/c/_vendor/d-1.dist-info/METADATA", HEAD "Name: d\nVersion: 1\n"},
        {"e-1.dist-info/METADATA", HEAD "Name: e\n"},
        {NULL, NULL}};
    world_layer();
    world_bytes(SITE "egg-1-py3.8.egg", zip_of(egg, ""));
    world_bytes("src/dist/egg-1-py3.8.egg", zip_of(egg, ""));
    world_bytes("app/egg-1-py3.8.egg", zip_of(egg, ""));
    world_bytes("app/bin/tool", zip_of(pex, "#!/usr/bin/env python3\n"));
    world_bytes("app/bin/booted", zip_of(pex + 3, "#!/bin/sh\n# a script\nexec python3 \"$0\"\nexit\n"));
    world_bytes("app/packed/.deps/b-1-py3-none-any.whl", zip_of(wheel, ""));
    world_bytes("wheels/b-1-py3-none-any.whl", zip_of(pex + 3, ""));
    world_file("app/bin/script", "#!/bin/sh\necho PK\3\4\n");
    world_file("app/broken.pyz", "PK\3\4 and no zip");
    world_is(
        "pkg:pypi/a@1 app/bin/tool!/.deps/a-1-py3-none-any.whl/a-1.dist-info/METADATA parent=app/bin/tool\n"
        "pkg:pypi/b@1 app/bin/booted!/b-1.dist-info/METADATA parent=app/bin/booted\n"
        "pkg:pypi/b@1 app/bin/tool!/b-1.dist-info/METADATA parent=app/bin/tool\n"
        "pkg:pypi/c@1 app/bin/booted!/site-packages/c-1.dist-info/METADATA parent=app/bin/booted\n"
        "pkg:pypi/c@1 app/bin/tool!/site-packages/c-1.dist-info/METADATA parent=app/bin/tool\n"
        "pkg:pypi/d@1 app/bin/booted!/site-packages/c/_vendor/d-1.dist-info/METADATA parent=c\n"
        "pkg:pypi/d@1 app/bin/tool!/site-packages/c/_vendor/d-1.dist-info/METADATA parent=c\n"
        "pkg:pypi/egg@1 app/egg-1-py3.8.egg!/EGG-INFO/PKG-INFO guessed why=an egg that lies in no folder of packages\n"
        "pkg:pypi/egg@1 " SITE "egg-1-py3.8.egg!/EGG-INFO/PKG-INFO\n"
        "pkg:pypi/w@1 app/packed/.deps/b-1-py3-none-any.whl!/w-1.dist-info/METADATA parent=app/packed\n"
        "app/bin/booted: e-1.dist-info/METADATA in it has no sound name and version\n"
        "app/bin/tool: e-1.dist-info/METADATA in it has no sound name and version\n"
        "app/broken.pyz: it is no zip\n");
}

static void test_conda(void **state)
{
    (void)state;
    world_layer();
    world_file("opt/conda/conda-meta/numpy-1.26.4-py311_0.json",
               "{\"build\": \"py311_0\", \"channel\": \"https://conda.example/conda-forge/linux-64\", \"files\": ["
               "\"lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA\", \"bin/f2py\"],"
               "\"name\": \"numpy\", \"subdir\": \"linux-64\", \"version\": \"1.26.4\"}");
    world_file("opt/conda/lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA",
               "Name: numpy\nVersion: 1.26.4\n");
    world_file("opt/conda/conda-meta/python-3.11.7-hab_0.json",
               "{\"build\": \"hab_0\", \"files\": [\"include/python3.11/patchlevel.h\"], \"name\": \"python\","
               "\"version\": \"3.11.7\"}");
    world_file("opt/conda/include/python3.11/patchlevel.h", "#define PY_VERSION \"3.11.7\"\n");
    world_file("opt/conda/conda-meta/openssl-1!3.2.0-hd_1.json",
               "{\"name\": \"openssl\", \"version\": \"1!3.2.0\", \"build\": \"hd_1\", \"subdir\": \"linux-64\"}");
    world_file("opt/conda/conda-meta/a-b-1.0-0.json", "{\"name\": ");
    world_file("opt/conda/conda-meta/x.json", "[]");
    world_is("pkg:pypi/numpy@1.26.4 opt/conda/lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA "
             "origin=pkg:conda/numpy@1.26.4?build=py311_0&channel=conda-forge&subdir=linux-64\n"
             "pkg:conda/a-b@1.0 opt/conda/conda-meta/a-b-1.0-0.json not-judged=nobody-publishes\n"
             "pkg:conda/openssl@1%213.2.0 opt/conda/conda-meta/openssl-1!3.2.0-hd_1.json architecture=linux-64 "
             "not-judged=nobody-publishes\n"
             "pkg:generic/python@3.11.7 opt/conda/include/python3.11/patchlevel.h "
             "origin=pkg:conda/python@3.11.7?build=hab_0\n"
             "opt/conda/conda-meta/a-b-1.0-0.json: not JSON: it is cut, at byte 9, line 1; its name and version are "
             "those of "
             "the file's name\n"
             "opt/conda/conda-meta/x.json: it has no sound name and version: it is no object\n");
}

/* The cookie stands at the end, or before the table of sections; one in the middle is the tool's own. */
static void test_frozen(void **state)
{
    (void)state;
    static const char cookie[] = "MEI\014\013\012\013\016";
    static uint8_t bytes[40000];
    memcpy(bytes, "\177ELF\2\1\1", 7);
    world_layer();
    memcpy(bytes + 20000, cookie, sizeof cookie - 1);
    world_bytes("app/tool", slice_of(bytes, sizeof bytes));
    world_bytes("app/short", slice_of(bytes, 20050));
    world_bytes("app/frozen", slice_of(bytes, 23000));
    world_is("app/frozen: a Python program frozen by PyInstaller; which libraries are in it is not known\n"
             "app/short: a Python program frozen by PyInstaller; which libraries are in it is not known\n");
}

#define TEST(f) cmocka_unit_test_teardown(f, world_clean)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_installed), TEST(test_headers),  TEST(test_long),   TEST(test_look_alikes), TEST(test_bundled),
        TEST(test_origin),    TEST(test_egg_info), TEST(test_links),  TEST(test_interpreter), TEST(test_later_layers),
        TEST(test_conda),     TEST(test_zips),     TEST(test_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
