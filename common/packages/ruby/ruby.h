/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruby.h: what the files of this folder share. Evidence of the format is one list of facts a file (fact_list.h):
 *
 *     line     a line of a gemspec that says something of its name, version or platform, of rubygems.rb or rbconfig.rb
 *              one that says a version; as it stands
 *     wrong    why the file is not read to its end
 *     target   another name of a file: the path of the file with the content
 */
#ifndef CAREEN_PACKAGES_RUBY_RUBY_H
#define CAREEN_PACKAGES_RUBY_RUBY_H

#include "packages/format.h"
#include "packages/parse_internal.h"

extern const struct package_format format_ruby;

void ruby_read(struct parse *p, const struct evidence_entry *entry);
void ruby_read_end(struct parse *p, struct slice whole);

/* ---- ruby_place.c ---- */

enum ruby_file {
    RUBY_GEM,         /* a gem installed into a folder of gems */
    RUBY_DEFAULT_GEM, /* a part of Ruby's library, which has no folder of its own in gems/ */
    RUBY_CHECKOUT,    /* a gem that bundler checked out of a repository */
    RUBY_RUBYGEMS,
    RUBY_INTERPRETER,
    RUBY_NOTHING, /* what a gem carries: its tests, templates, sources */
};

struct ruby_place {
    enum ruby_file file;
    struct slice home;     /* of a gem: where specifications/ and gems/ are */
    struct slice checkout; /* "name-0123456789ab" */
};

struct ruby_place ruby_place(struct slice path);

/* ---- ruby_spec.c ---- */

struct ruby_spec {
    struct slice name, version, platform; /* platform absent: any */
    bool stub;                            /* RubyGems itself wrote the first lines */
};

/* What the facts of a gemspec say without running it; what is computed stays absent. */
struct ruby_spec ruby_spec_read(struct slice facts);
/* The text of Ruby's literal: "x", 'x', either with .freeze, or Gem::Version.new of one. Absent: it is none. */
struct slice ruby_literal(struct slice value);

#endif
