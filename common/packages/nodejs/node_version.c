/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_version.c: Node itself, by the header that is installed with it: #define NODE_MAJOR_VERSION 20 and so on. Headers
 * alone, which addons are built with, lie in node-gyp's cache and in packages.
 */
#include "packages/nodejs/nodejs.h"

static bool number_of(struct slice bytes, const char *macro, uint64_t *ret)
{
    struct slice line, word;
    while (slice_take_line(&bytes, &line)) {
        if (!slice_take_prefix(&line, SLICE("#define ")))
            continue;
        line = slice_trim(line);
        if (!slice_take_token(&line, ' ', &word) || !slice_eq_str(word, macro))
            continue;
        if (slice_parse_u64(slice_trim(line), ret) && *ret < 100000)
            return true;
    }
    return false;
}

/* NODE_TAG is "-pre", "-rc.1" or "", of builds that are no release. */
static struct slice tag_of(struct slice bytes)
{
    struct slice line;
    while (slice_take_line(&bytes, &line)) {
        line = slice_trim(line);
        if (!slice_take_prefix(&line, SLICE("#define NODE_TAG ")))
            continue;
        line = slice_trim(line);
        if (line.n > 2 && line.n < 40 && line.p[0] == '"' && line.p[1] == '-' && line.p[line.n - 1] == '"' &&
            parse_is_token(line))
            return slice_sub(line, 1, line.n - 2);
    }
    return SLICE("");
}

void nodejs_read_header(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, "runtime-header");
    struct slice prefix = slice_path_folder(slice_path_folder(slice_path_folder(entry->path)));
    struct slice program = SLICE("bin/node");
    uint64_t major, minor, patch;
    if (!file || slice_find_slice(entry->path, SLICE("node_modules/")) >= 0 ||
        slice_find_slice(entry->path, SLICE("node-gyp/")) >= 0)
        return;
    if (!number_of(entry->bytes, "NODE_MAJOR_VERSION", &major) ||
        !number_of(entry->bytes, "NODE_MINOR_VERSION", &minor) ||
        !number_of(entry->bytes, "NODE_PATCH_VERSION", &patch)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it does not say which version of Node it belongs to");
        return;
    }
    struct package package = {.type = PKG_GENERIC,
                              .certainty = CERTAINTY_INSTALLED,
                              .name = SLICE("node"),
                              .why = SLICE("its header says which version it is")};
    package.version = arena_printf(p->arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 "%.*s", major, minor, patch,
                                   SLICE_FMT(tag_of(entry->bytes)));
    parse_add_package(p, file, &package);
    if (prefix.n)
        program = arena_printf(p->arena, "%.*s/bin/node", SLICE_FMT(prefix));
    parse_add_fact(p, file, SLICE(FACT_CODE_IN), program);
}
