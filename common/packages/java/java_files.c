/* SPDX-License-Identifier: Apache-2.0 */
/* java_files.c: what is kept of the three files by which Java archives say who they are; see java.h. */
#include "io/text/xml.h"
#include "packages/java/java.h"
#include "packages/reading/text_fields.h"

#define LINE_MAX_KEPT ((size_t)512)
#define FILE_MAX_KEPT ((size_t)4096)

/* ---- pom.properties ---- */

bool java_take_properties(struct slice text, struct buf *out)
{
    struct slice line;
    size_t before = out->n;
    while (slice_take_line(&text, &line) && out->n - before < FILE_MAX_KEPT) {
        line = slice_trim(line);
        if (!line.n || line.n > LINE_MAX_KEPT || line.p[0] == '#' || line.p[0] == '!')
            continue;
        buf_add_slice(out, line);
        buf_add_byte(out, '\n');
    }
    return out->n > before;
}

/* ---- pom.xml ---- */

static void add_child(const struct xml_node *n, const char *name, const char *as, struct arena *arena, struct buf *out)
{
    struct slice value = xml_child_text(n, name, arena);
    if (!value.n || value.n > LINE_MAX_KEPT || !slice_is_text(value))
        return;
    buf_addf(out, "%s=%.*s\n", as, SLICE_FMT(value));
}

/* The property that a text like "${revision}" names, so that it can be put in its place. */
static void add_property(const struct xml_node *root, struct slice value, struct arena *arena, struct buf *out)
{
    char name[200], as[220];
    ptrdiff_t from = slice_find_slice(value, SLICE("${"));
    ptrdiff_t to = from < 0 ? -1 : slice_find(slice_from(value, (size_t)from), '}');
    if (to <= 2 || to - 2 >= (ptrdiff_t)sizeof name)
        return;
    snprintf(name, sizeof name, "%.*s", (int)(to - 2), (const char *)value.p + from + 2);
    snprintf(as, sizeof as, "property.%s", name);
    add_child(xml_child(root, "properties"), name, as, arena, out);
}

bool java_take_pom(struct slice text, struct arena *arena, struct buf *out)
{
    const struct xml_node *root, *parent;
    size_t before = out->n;
    struct err e = ERR_INIT;
    if (xml_document(text, arena, &root, &e) || !slice_eq_str(root->name, "project"))
        return false;
    parent = xml_child(root, "parent");
    add_child(root, "groupId", "groupId", arena, out);
    add_child(root, "artifactId", "artifactId", arena, out);
    add_child(root, "version", "version", arena, out);
    add_child(parent, "groupId", "parent.groupId", arena, out);
    add_child(parent, "version", "parent.version", arena, out);
    add_property(root, xml_child_text(root, "version", arena), arena, out);
    return out->n > before;
}

/* ---- MANIFEST.MF ---- */

static bool is_kept(struct slice name)
{
    static const char *const names[] = {
        "Bundle-SymbolicName",
        "Bundle-Version",
        "Bundle-Vendor",
        "Implementation-Vendor-Id",
        "Implementation-Title",
        "Implementation-Version",
        "Implementation-Vendor",
        "Specification-Title",
        "Specification-Version",
        "Group-Id",
        "Short-Name",
        "Extension-Name",
        "Plugin-Version",
        "Automatic-Module-Name",
        "Weave-Classes",
        "Multi-Release",
        "Jenkins-Version",
        "Start-Class",
        "Spring-Boot-Version",
        "Premain-Class",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_eq_nocase(name, slice_str(names[i])))
            return true;
    return false;
}

static void add_header(struct slice name, struct slice value, struct buf *out)
{
    value = slice_trim(value);
    if (!is_kept(name) || !value.n || !slice_is_text(value))
        return;
    buf_add_slice(out, name);
    buf_add_str(out, ": ");
    buf_add_slice(out, slice_sub(value, 0, LINE_MAX_KEPT));
    buf_add_byte(out, '\n');
}

/* A line that begins with a blank goes on with the one before, without that blank. The main section ends at an empty line. */
bool java_take_manifest(struct slice text, struct buf *out)
{
    struct slice line, name = SLICE_NONE;
    struct buf value = BUF_INIT(2 * LINE_MAX_KEPT);
    size_t before = out->n;
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    while (text.n && (text.p[0] == '\r' || text.p[0] == '\n'))
        text = slice_from(text, 1);
    while (text_take_line(&text, &line) && line.n) {
        if (line.p[0] == ' ') {
            if (name.n)
                buf_add_slice(&value, slice_from(line, 1)); /* past the maximum the rest doesn't count */
            continue;
        }
        add_header(name, buf_slice(&value), out);
        buf_clear(&value);
        name = SLICE_NONE;
        if (slice_find(line, ':') > 0) {
            slice_take_token(&line, ':', &name);
            buf_add_slice(&value, slice_sub(line, 0, LINE_MAX_KEPT));
        }
    }
    add_header(name, buf_slice(&value), out);
    buf_done(&value);
    return out->n > before;
}
