/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruby_place.c: what a file of Ruby's is by where it lies. Folders of gems are called anything, but have
 * specifications/ and gems/ in them; what lies in a gem's own folder below gems/ is the gem's matter.
 */
#include "packages/ruby/ruby.h"

#include "packages/aside/aside.h"

/* The version of Ruby's library that a folder is for: "3.1.0", "3.5.0+0". */
static bool is_abi(struct slice part)
{
    size_t n = 0;
    while (n < part.n && byte_is_digit(part.p[n]))
        n++;
    return n > 0 && n < part.n && part.p[n] == '.';
}

/* "name-1.2": a hyphen with a digit behind it. */
static bool is_gem_folder(struct slice part)
{
    for (size_t i = 1; i + 1 < part.n; i++)
        if (part.p[i] == '-' && byte_is_digit(part.p[i + 1]))
            return !is_abi(part);
    return false;
}

/* Whether folder lies in, or is, the folder of a gem or of a checkout. */
static bool in_gem(struct slice folder)
{
    struct slice part, before = SLICE_NONE, before_that = SLICE_NONE;
    while (slice_take_token(&folder, '/', &part)) {
        if (slice_eq_str(before, "gems") && (is_gem_folder(part) || slice_eq_str(before_that, "bundler")))
            return true;
        before_that = before;
        before = part;
    }
    return false;
}

/* A folder of gems that stands for a version of Ruby's is one whatever stands above it. */
static bool is_home(struct slice home)
{
    return !in_gem(home) && (is_abi(slice_path_name(home)) || !path_is_aside(home));
}

/* "…/bundler/gems/name-0123456789ab", and what of the path stands behind that. */
static struct ruby_place checkout_of(struct slice path)
{
    struct ruby_place place = {.file = RUBY_NOTHING};
    struct slice folder = slice_path_folder(path), inner = SLICE_NONE;
    if (!slice_eq_str(slice_path_name(slice_path_folder(folder)), "gems")) {
        inner = slice_path_name(folder);
        folder = slice_path_folder(folder);
    }
    struct slice above = slice_path_folder(folder);
    if (!slice_eq_str(slice_path_name(above), "gems") ||
        !slice_eq_str(slice_path_name(slice_path_folder(above)), "bundler"))
        return place;
    place.checkout = slice_path_name(folder);
    if (!path_is_aside(inner) && !in_gem(slice_path_folder(slice_path_folder(above))))
        place.file = RUBY_CHECKOUT;
    return place;
}

static bool is_library(struct slice folder)
{
    static const char *const names[] = {"vendor_ruby", "site_ruby", "stdlib", "shared"};
    struct slice name = slice_path_name(folder);
    bool known = is_abi(name);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        known |= slice_eq_str(name, names[i]);
    return known && !in_gem(folder);
}

struct ruby_place ruby_place(struct slice path)
{
    struct ruby_place place = {.file = RUBY_NOTHING};
    struct slice name = slice_path_name(path), folder = slice_path_folder(path);
    if (slice_eq_str(name, "rubygems.rb") || slice_eq_str(name, "rbconfig.rb")) {
        bool rubygems = slice_eq_str(name, "rubygems.rb");
        if (rubygems ? is_library(folder) : !in_gem(folder) && !path_is_aside(folder))
            place.file = rubygems ? RUBY_RUBYGEMS : RUBY_INTERPRETER;
        return place;
    }
    bool builtin = slice_eq_str(slice_path_name(folder), "default");
    if (builtin)
        folder = slice_path_folder(folder);
    if (!slice_eq_str(slice_path_name(folder), "specifications"))
        return checkout_of(path);
    place.home = slice_path_folder(folder);
    if (is_home(place.home))
        place.file = builtin ? RUBY_DEFAULT_GEM : RUBY_GEM;
    return place;
}
