/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua.c: LuaRocks' tree of installed rocks: lib/luarocks/rocks-5.4/NAME/VERSION-REVISION/NAME-VERSION-REVISION.rockspec.
 * The path says all of it; the file is a program in Lua, which is never run. Rockspecs elsewhere are sources.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"

static void parse_rockspec(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice folder = slice_path_folder(p->path), name = slice_path_name(slice_path_folder(folder)),
                 version = slice_path_name(folder);
    struct slice want = arena_printf(p->arena, "%.*s-%.*s.rockspec", SLICE_FMT(name), SLICE_FMT(version));
    (void)bytes;
    if (!slice_eq(slice_path_name(p->path), want))
        return;
    if (!parse_is_token(name) || !parse_is_token(version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its path has no sound name and version");
        return;
    }
    parse_add_package(p, file, &(struct package){.type = PKG_LUAROCKS, .name = name, .version = version});
}

static const struct package_rule rules[] = {
    {.path = "**/rocks-5.*/*/*/*.rockspec", .parser = "rockspec", .parse = parse_rockspec},
    {.path = "**/luarocks/rocks/*/*/*.rockspec", .parser = "rockspec", .parse = parse_rockspec},
    {.path = NULL},
};

const struct package_format format_lua = {
    .name = "lua", .keeps_version = 1, .reads_version = 1, .type = PKG_LUAROCKS, .rules = rules};
