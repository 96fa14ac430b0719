/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files of Python and Ruby: wishes, which count where nothing was installed. */
#include "unit/language_world.h"

#define WISH " declared why=a list of what is to be installed asks for it\n"

static void test_wishes(void **state)
{
    (void)state;
    world_layer();
    world_file(
        "ruby/Gemfile.lock",
        "GIT\n  remote: x\n  specs:\n    mine (0.1)\n\nGEM\n  remote: x\n  specs:\n    nokogiri (1.10.4-x86_64-linux)\n"
        "      mini_portile2 (~> 2.4.0)\n    rack (2.0.7)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack (1.0)!\n");
    world_file("py/requirements.txt",
               "# a==1\ndjango==2.2.3\nrequests[socks] == 2.19.1 ; python_version > '3' # x\n-r other==1\n"
               "x>=1 ; extra == 'y'\nz==1.*\nw===1\nhashed==1.0 \\\n    --hash=sha256:ab==\n");
    world_file("poetry/poetry.lock",
               "[[package]]\nname = \"a\"\nversion = \"1\"\ncategory = \"dev\"\n\n[package.dependencies]\nb = \"*\"\n\n"
               "[[package]]\nname = \"b\"\nversion = \"2\"\n\n[metadata]\nname = \"no\"\nversion = \"9\"\n");
    world_file("uv/uv.lock", "version = 1\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\n"
                             "[[package]]\nname = \"c\"\nversion = \"3\"\nsource = { registry = \"x\" }\n");
    world_file("pipenv/Pipfile.lock",
               "{\"_meta\": {}, \"default\": {\"d\": {\"version\": \"==1.0\", \"hashes\": []}, \"git\": {}},"
               "\"develop\": {\"e\": {\"version\": \"==2\"}}}");
    world_file("bad/Pipfile.lock", "{\"default\": {\"f\": {\"version\": \"==1\"}");
    /* The publishers' own. */
    world_file("app/node_modules/x/requirements.txt", "q==1\n");
    world_file("lib/site-packages/x/poetry.lock", "[[package]]\nname = \"q\"\nversion = \"1\"\n");
    world_file("app/tests/requirements.txt", "q==1\n");
    world_is("pkg:pypi/a@1 poetry/poetry.lock declared development why=a list of what is to be installed asks for it\n"
             "pkg:pypi/b@2 poetry/poetry.lock" WISH "pkg:pypi/c@3 uv/uv.lock" WISH
             "pkg:pypi/d@1.0 pipenv/Pipfile.lock" WISH "pkg:pypi/django@2.2.3 py/requirements.txt" WISH
             "pkg:pypi/e@2 pipenv/Pipfile.lock declared development why=a list of what is to be installed asks for it\n"
             "pkg:pypi/f@1 bad/Pipfile.lock" WISH "pkg:pypi/hashed@1.0 py/requirements.txt" WISH
             "pkg:pypi/requests@2.19.1 py/requirements.txt" WISH
             "pkg:gem/nokogiri@1.10.4 ruby/Gemfile.lock declared architecture=x86_64-linux "
             "why=a list of what is to be installed asks for it\n"
             "pkg:gem/rack@2.0.7 ruby/Gemfile.lock" WISH "bad/Pipfile.lock: not JSON: it is cut, at byte 36, line 1\n");
}

/* The environment is filled in another layer: what was not installed was not wanted. */
static void test_carried_out(void **state)
{
    (void)state;
    world_layer();
    world_file("app/poetry.lock",
               "[[package]]\nname = \"A\"\nversion = \"1\"\n[[package]]\nname = \"pytest\"\nversion = \"7\"\n");
    world_layer();
    world_file("opt/site-packages/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
    world_is("pkg:pypi/a@1 opt/site-packages/a-1.dist-info/METADATA\n");
}

#define TEST(f) cmocka_unit_test_teardown(f, world_clean)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_wishes), TEST(test_carried_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
