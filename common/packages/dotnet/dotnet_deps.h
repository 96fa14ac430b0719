/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dotnet_deps.h: one deps.json, held against the assemblies that are there. For parse_dotnet.c and tests. Slices of what is
 * given live as long as its bytes.
 */
#ifndef CAREEN_PACKAGES_DOTNET_DOTNET_DEPS_H
#define CAREEN_PACKAGES_DOTNET_DOTNET_DEPS_H

#include "packages/dotnet/dotnet.h"

/* Assemblies by their paths, without regard to case. */
struct dotnet_files {
    struct {
        uint64_t hash; /* 0: nothing */
        struct slice path, folder;
        bool claimed; /* by a library of a deps.json */
    } * v;
    size_t n, cap; /* cap: a power of two */
};

/* folder: what the path stands in beside what it says itself; absent: nothing. */
void dotnet_files_add(struct dotnet_files *f, struct slice path, struct slice folder, struct arena *arena);
bool dotnet_files_claimed(const struct dotnet_files *f, struct slice path);

/* Of a path below a shared framework's folder: the framework's name; SLICE_NONE: of no other. */
struct slice dotnet_framework_of(struct slice path);

/* Adds the libraries of the deps.json that stands at path. */
void dotnet_deps_parse(struct parse *p, struct slice text, struct slice path, struct dotnet_files *files,
                       struct parsed_file *file);

#endif
