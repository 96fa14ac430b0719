/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/java/java_identity.h"

#include "packages/reading/text_fields.h"

/* ---- the file's name ---- */

/* Whether a version begins here: at a digit, or "r9", "rc1", "build7". */
static bool begins_version(struct slice s)
{
    static const char *const words[] = {"build", "rc", "r"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_take_prefix(&s, slice_str(words[i])))
            break;
    return s.n && byte_is_digit(s.p[0]);
}

struct java_name java_name_of(struct slice file)
{
    static const char *const without[] = {"test-sources", "sources", "javadoc", "tests", "test"};
    struct java_name n = {.stem = file};
    ptrdiff_t dot = slice_rfind(file, '.');
    if (dot > 0)
        n.stem.n = (size_t)dot;
    struct slice s = n.stem;
    for (size_t i = 0; i < ARRAY_LEN(without) && !n.no_code; i++) {
        struct slice word = slice_str(without[i]);
        if (s.n <= word.n + 1 || !slice_ends(s, word) || s.p[s.n - word.n - 1] != '-')
            continue;
        s.n -= word.n + 1;
        n.no_code = without[i];
    }
    n.artifact = s;
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] != '-' || !begins_version(slice_from(s, i + 1)))
            continue;
        n.artifact = slice_sub(s, 0, i);
        n.version = slice_from(s, i + 1);
        break;
    }
    if (!n.version.n && slice_eq_str(slice_str(n.no_code), "test"))
        n.no_code = NULL; /* "my-test.jar" is a name as any */
    return n;
}

bool java_name_fits(const struct java_name *n, struct slice artifact)
{
    struct slice rest = n->stem;
    if (!artifact.n || !slice_take_prefix(&rest, artifact))
        return false;
    /* Scala's artifacts end in a version of Scala: kafka_2.13. */
    return !rest.n || (rest.p[0] == '-' && (slice_eq(artifact, n->artifact) || begins_version(slice_from(rest, 1)))) ||
           (rest.p[0] == '_' && slice_starts(n->artifact, artifact) && begins_version(slice_from(rest, 1)));
}

/* ---- texts ---- */

struct slice java_header(struct slice manifest, const char *name)
{
    return text_field(manifest, name);
}

struct slice java_version(struct slice text)
{
    static const char *const nothing[] = {"unspecified", "unknown", "undefined", "null", "none", "dev", "version"};
    struct slice v = slice_trim(text), word;
    if (!slice_take_token(&v, ' ', &word))
        return SLICE("");
    if (slice_find_slice(word, SLICE("${")) >= 0 || slice_find(word, '@') >= 0 || !slice_is_text(word) || word.n > 200)
        return SLICE("");
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        if (slice_eq_nocase(word, slice_str(nothing[i])))
            return SLICE("");
    return word;
}

/* Whether it can be a groupId or an artifactId. */
static bool is_id(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!(byte_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= 200;
}

static bool has_group(struct slice packages, struct slice group)
{
    uint8_t folder[200];
    if (group.n > sizeof folder)
        return false;
    for (size_t i = 0; i < group.n; i++)
        folder[i] = group.p[i] == '.' ? '/' : group.p[i];
    return java_has_package(packages, slice_of(folder, group.n));
}

/* ---- the manifest ---- */

static struct slice manifest_version(struct slice manifest)
{
    static const char *const names[] = {"Plugin-Version", "Implementation-Version", "Bundle-Version",
                                        "Specification-Version"};
    struct slice v = SLICE("");
    for (size_t i = 0; i < ARRAY_LEN(names) && !v.n; i++)
        v = java_version(java_header(manifest, names[i]));
    return v;
}

/* A plugin of Jenkins. */
static bool by_plugin(struct slice manifest, struct java_identity *id)
{
    struct slice name = java_header(manifest, "Short-Name"), group = java_header(manifest, "Group-Id");
    if (!name.n)
        name = java_header(manifest, "Extension-Name");
    if (!is_id(group) || !is_id(name))
        return false;
    id->ns = group;
    id->name = name;
    struct slice version = java_version(java_header(manifest, "Plugin-Version"));
    id->version = version.n ? version : manifest_version(manifest);
    return true;
}

static struct slice bundle_name(struct slice manifest)
{
    struct slice text = java_header(manifest, "Bundle-SymbolicName"), name = SLICE_NONE;
    slice_take_token(&text, ';', &name);
    return slice_trim(name);
}

/* Maven writes its groupId as the vendor's id; the artifact is the file's, unless the title names another one. */
static bool by_vendor(struct slice manifest, struct slice packages, struct java_identity *id)
{
    struct slice group = java_header(manifest, "Implementation-Vendor-Id");
    struct slice title = java_header(manifest, "Implementation-Title");
    struct slice bundle = bundle_name(manifest), rest = bundle;
    if (!is_id(group) || !has_group(packages, group))
        return false;
    if (slice_ends(bundle, id->name) && slice_take_prefix(&rest, group) && rest.n != id->name.n + 1)
        return false; /* org.hibernate's org.hibernate.common.x is of another group */
    if (is_id(title) && slice_find(title, '.') < 0 && !slice_eq(title, id->name))
        return false;
    id->ns = group;
    return true;
}

/*
 * Maven's bundle plugin makes the symbolic name of group and artifact, and drops what is twice: org.apache.commons and
 * commons-lang3 are org.apache.commons.lang3. Where only one group can have given the name, it is that one.
 */
static bool by_bundle(struct slice manifest, struct slice packages, struct java_identity *id, struct arena *arena)
{
    struct slice bundle = bundle_name(manifest), group, word;
    ptrdiff_t hyphen = slice_find(id->name, '-');
    if (!is_id(bundle) || hyphen <= 0)
        return false;
    struct slice head = slice_sub(id->name, 0, (size_t)hyphen), tail = slice_from(id->name, (size_t)hyphen + 1);
    word = arena_printf(arena, "%.*s.%.*s", SLICE_FMT(head), SLICE_FMT(tail));
    if (slice_ends(bundle, word) && (bundle.n == word.n || bundle.p[bundle.n - word.n - 1] == '.'))
        group = slice_sub(bundle, 0, bundle.n - tail.n - 1);
    else if (bundle.n > id->name.n + 1 && slice_ends(bundle, id->name) && bundle.p[bundle.n - id->name.n - 1] == '.')
        group = slice_sub(bundle, 0, bundle.n - id->name.n - 1);
    else
        return false;
    if (slice_find(group, '.') < 0 || !has_group(packages, group))
        return false;
    id->ns = group;
    return true;
}

struct java_identity java_identify(const struct java_name *n, struct slice manifest, struct slice packages,
                                   struct arena *arena)
{
    struct slice title = java_header(manifest, "Implementation-Title");
    struct java_identity id = {.ns = SLICE(""), .name = n->artifact, .version = n->version};
    bool named = id.version.n > 0;
    id.stated = true;
    if (by_plugin(manifest, &id))
        return id;
    if (!named)
        id.version = manifest_version(manifest);
    if (java_header(manifest, "Weave-Classes").n) {
        id.stated = false;
        id.why = "instrumentation of what its name says";
        return id;
    }
    id.why = "its name and its classes say so";
    if (java_known(n->artifact, id.version, packages, &id.ns, &id.name) ||
        (!named && is_id(title) && java_known(title, id.version, packages, &id.ns, &id.name)))
        return id;
    id.why = "its manifest says so";
    if (by_bundle(manifest, packages, &id, arena) || by_vendor(manifest, packages, &id))
        return id;
    id.stated = false;
    id.why = named ? "the file's name alone says so" : "its name and manifest say no group";
    return id;
}
