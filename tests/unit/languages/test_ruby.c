/* SPDX-License-Identifier: Apache-2.0 */
/* Ruby's gems from layers to inventories. */
#include "unit/language_world.h"

#define GEMS "usr/local/bundle/"
#define LIB  "usr/local/lib/ruby/gems/3.1.0/"
#define SPEC "# -*- encoding: utf-8 -*-\n"

static void test_installed(void **state)
{
    (void)state;
    world_layer();
    world_file(GEMS "specifications/rack-2.2.4.gemspec",
               SPEC "# stub: rack 2.2.4 ruby lib\n\nGem::Specification.new do |s|\n  s.name = \"other\"\n");
    world_file(GEMS "specifications/nokogiri-1.13.6-x86_64-linux.gemspec",
               SPEC "# stub: nokogiri 1.13.6 x86_64-linux lib\n# stub: ext/nokogiri/extconf.rb\n");
    world_file(GEMS "specifications/old-1.0.gemspec",
               "Gem::Specification.new do |s|\n  s.name = %q{old}\n  s.name = 'older'\n");
    world_file(
        GEMS "specifications/plain-1.0.rc1.gemspec",
        "Gem::Specification.new do |s|\n  s.name = \"plain\".freeze\n  s.version = Gem::Version.new(\"1.0.rc1\")\n"
        "  s.rubygems_version = \"3.3\"\n  s.platform = \"java\".freeze\n  s.version = \"9\"\n");
    world_file(LIB "specifications/default/json-2.6.1.gemspec", SPEC "# stub: json 2.6.1 ruby lib\n");
    world_file(LIB "specifications/json-2.7.1.gemspec", SPEC "# stub: json 2.7.1 ruby lib\n");
    world_file("app/vendor/bundle/ruby/3.1.0/specifications/puma-6.0.gemspec", SPEC "# stub: puma 6.0 ruby lib\n");
    world_file("opt/jruby/lib/ruby/gems/shared/specifications/rake-13.0.gemspec", SPEC "# stub: rake 13.0 ruby lib\n");
    world_file("home/test/.gem/ruby/3.1.0/specifications/tilt-2.0.gemspec", SPEC "# stub: tilt 2.0 ruby lib\n");
    world_file("usr/share/rubygems-integration/all/specifications/misnamed-1.0.gemspec",
               SPEC "# stub: named 1.1 ruby lib\n");
    world_is("pkg:gem/json@2.6.1 " LIB "specifications/default/json-2.6.1.gemspec "
             "why=a default gem: a part of Ruby's library\n"
             "pkg:gem/json@2.7.1 " LIB "specifications/json-2.7.1.gemspec\n"
             "pkg:gem/named@1.1 usr/share/rubygems-integration/all/specifications/misnamed-1.0.gemspec "
             "why=the name of its file says something else than the specification in it\n"
             "pkg:gem/nokogiri@1.13.6 " GEMS "specifications/nokogiri-1.13.6-x86_64-linux.gemspec "
             "architecture=x86_64-linux\n"
             "pkg:gem/plain@1.0.rc1 " GEMS "specifications/plain-1.0.rc1.gemspec architecture=java "
             "why=the name of its file says something else than the specification in it\n"
             "pkg:gem/puma@6.0 app/vendor/bundle/ruby/3.1.0/specifications/puma-6.0.gemspec\n"
             "pkg:gem/rack@2.2.4 " GEMS "specifications/rack-2.2.4.gemspec\n"
             "pkg:gem/rake@13.0 opt/jruby/lib/ruby/gems/shared/specifications/rake-13.0.gemspec\n"
             "pkg:gem/tilt@2.0 home/test/.gem/ruby/3.1.0/specifications/tilt-2.0.gemspec\n" GEMS
             "specifications/old-1.0.gemspec: it says no name and version that can be read without running it\n");
}

static void test_look_alikes(void **state)
{
    (void)state;
    world_layer();
    world_file(GEMS "gems/a-1.0/a.gemspec", SPEC "# stub: a 1.0 ruby lib\n");
    world_file(GEMS "gems/a-1.0/specifications/b-1.gemspec", SPEC "# stub: b 1 ruby lib\n");
    world_file(GEMS "gems/a-1.0/test/gems/3.1.0/specifications/b-1.gemspec", SPEC "# stub: b 1 ruby lib\n");
    world_file(GEMS "bundler/gems/a-0123456789ab/spec/x/specifications/b-1.gemspec", SPEC "# stub: b 1 ruby lib\n");
    world_file("app/spec/fixtures/specifications/b-1.gemspec", SPEC "# stub: b 1 ruby lib\n");
    world_file(GEMS "cache/a-1.0.gem", "gem");
    world_file("app/mine.gemspec", SPEC "# stub: mine 1 ruby lib\n");
    world_file(GEMS "gems/rubygems-update-3.4/lib/rubygems.rb", "  VERSION = \"3.4\"\n");
    world_file("usr/lib/ruby/3.1.0/bundler/source/rubygems.rb", "  VERSION = \"1\"\n");
    world_file(GEMS "gems/a-1.0/rbconfig.rb",
               "  CONFIG[\"MAJOR\"] = \"3\"\n  CONFIG[\"MINOR\"] = \"1\"\n  CONFIG[\"TEENY\"] = \"2\"\n");
    world_is("");
}

static void test_checkouts(void **state)
{
    (void)state;
    world_layer();
    world_file(GEMS "bundler/gems/rails-0123456789ab/activerecord/activerecord.gemspec",
               "version = File.read('x')\nGem::Specification.new do |s|\n  s.name = \"activerecord\"\n  s.version = "
               "version\n");
    world_file(GEMS "bundler/gems/own-tool-abcdef012345/tool.gemspec",
               "Gem::Specification.new do |spec|\n  spec.name        = 'tool' # x\n  spec.version = \"1.2#{x}\"\n");
    world_file(GEMS "bundler/gems/own-tool-abcdef012345/test/x.gemspec", "s.name = 'x'\ns.version = '1'\n");
    world_file(GEMS "bundler/gems/lit-abcdef012345/lit.gemspec", "s.name = 'lit'\n s.version = '0.3'\n");
    world_is("pkg:gem/activerecord " GEMS "bundler/gems/rails-0123456789ab/activerecord/activerecord.gemspec "
             "origin=git:rails@0123456789ab why=a checkout of its repository not-judged=version-unknown\n"
             "pkg:gem/lit@0.3 " GEMS "bundler/gems/lit-abcdef012345/lit.gemspec origin=git:lit@abcdef012345 "
             "why=a checkout of its repository\n"
             "pkg:gem/tool " GEMS "bundler/gems/own-tool-abcdef012345/tool.gemspec origin=git:own-tool@abcdef012345 "
             "why=a checkout of its repository not-judged=version-unknown\n");
}

static void test_runtime(void **state)
{
    (void)state;
    world_layer();
    world_file("usr/local/lib/ruby/3.1.0/rubygems.rb", "module Gem\n  VERSION = \"3.3.7\".freeze\nend\n");
    world_file("usr/local/lib/ruby/3.1.0/x86_64-linux/rbconfig.rb",
               "  CONFIG[\"MAJOR\"] = \"3\"\n  CONFIG[\"MINOR\"] = \"1\"\n  CONFIG[\"TEENY\"] = \"2\"\n"
               "  CONFIG[\"PATCHLEVEL\"] = \"20\"\n");
    world_file("opt/1/rbconfig.rb", "CONFIG[\"MAJOR\"] = \"1\"\nCONFIG[\"MINOR\"] = \"9\"\nCONFIG[\"TEENY\"] = \"3\"\n"
                                    "CONFIG[\"PATCHLEVEL\"] = \"551\"\n");
    world_file("opt/2/rbconfig.rb", "CONFIG[\"MAJOR\"] = \"2\"\nCONFIG[\"MINOR\"] = \"0\"\nCONFIG[\"TEENY\"] = \"0\"\n"
                                    "CONFIG[\"PATCHLEVEL\"] = \"-1\"\n");
    world_file("opt/x/rbconfig.rb", "  CONFIG[\"MAJOR\"] = major\n");
    world_is("pkg:gem/rubygems-update@3.3.7 usr/local/lib/ruby/3.1.0/rubygems.rb "
             "why=RubyGems itself, as a part of Ruby's library\n"
             "pkg:generic/ruby@1.9.3.551 opt/1/rbconfig.rb\n"
             "pkg:generic/ruby@2.0.0 opt/2/rbconfig.rb\n"
             "pkg:generic/ruby@3.1.2 usr/local/lib/ruby/3.1.0/x86_64-linux/rbconfig.rb\n");
}

/* "gem cleanup" in a later layer took the code, a specification stayed; a default gem never had a folder. */
static void test_removed(void **state)
{
    (void)state;
    world_layer();
    world_file(LIB "specifications/a-1.0.gemspec", SPEC "# stub: a 1.0 ruby lib\n");
    world_file(LIB "specifications/b-1.0.gemspec", SPEC "# stub: b 1.0 ruby lib\n");
    world_hardlink(LIB "specifications/default/c-1.0.gemspec", LIB "specifications/c-1.0.gemspec");
    world_file(LIB "specifications/c-1.0.gemspec", SPEC "# stub: c 1.0 ruby lib\n");
    world_layer();
    world_gone(LIB "specifications/b-1.0.gemspec");
    world_gone(LIB "gems/a-1.0");
    world_gone(LIB "gems/c-1.0");
    world_is("pkg:gem/c@1.0 " LIB "specifications/default/c-1.0.gemspec why=a default gem: a part of Ruby's library\n");
}

#define TEST(f) cmocka_unit_test_teardown(f, world_clean)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_installed), TEST(test_look_alikes), TEST(test_checkouts), TEST(test_runtime), TEST(test_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
