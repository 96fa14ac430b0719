/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/rpm/rpm_header.h"

#include "packages/rpm/rpmdb.h"

/* rpm's own bounds (headerVerifyInfo): more than these is damage, not a package. */
#define ENTRIES_MAX 65536u
#define ENTRY_BYTES 16
#define STRING_MAX  ((size_t)4096) /* of a name, version … */
#define FOLDERS_MAX (1u << 20)

enum {
    TAG_NAME = 1000,
    TAG_VERSION = 1001,
    TAG_RELEASE = 1002,
    TAG_EPOCH = 1003,
    TAG_VENDOR = 1011,
    TAG_ARCH = 1022,
    TAG_OLD_FILE_NAMES = 1027,
    TAG_SOURCE_RPM = 1044,
    TAG_DIR_INDEXES = 1116,
    TAG_BASE_NAMES = 1117,
    TAG_DIR_NAMES = 1118,
    TAG_MODULARITY_LABEL = 5096,
};
enum { TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRINGS = 8, TYPE_I18N = 9 };

struct entry {
    uint32_t tag, type, offset, count;
};

/* Takes the NUL-terminated string at the front. */
static bool take_string(struct slice *s, struct slice *ret)
{
    const uint8_t *end = s->n ? memchr(s->p, 0, s->n) : NULL;
    if (!end)
        return false;
    *ret = slice_of(s->p, (size_t)(end - s->p));
    *s = slice_from(*s, ret->n + 1);
    return true;
}

static bool one_string(const struct entry *t, struct slice data, struct slice *to)
{
    struct slice s = slice_sub(data, t->offset, STRING_MAX);
    if ((t->type != TYPE_STRING && t->type != TYPE_STRINGS && t->type != TYPE_I18N) || !t->count)
        return false;
    return take_string(&s, to);
}

/* A list's bytes are kept to the data's end: where it ends is known by walking it. */
static bool list(const struct entry *t, struct slice data, uint32_t type, struct slice *to, uint32_t *n)
{
    if (t->type != type || t->count > data.n - t->offset)
        return false;
    *to = slice_from(data, t->offset);
    if (n)
        *n = t->count;
    return type != TYPE_INT32 || (uint64_t)t->count * 4 <= to->n;
}

static const char *take_entry(const struct entry *t, struct slice data, struct rpm_header *h, uint32_t *indexes)
{
    switch (t->tag) {
    case TAG_NAME:
        return one_string(t, data, &h->name) ? NULL : "its NAME is not sound";
    case TAG_VERSION:
        return one_string(t, data, &h->version) ? NULL : "its VERSION is not sound";
    case TAG_RELEASE:
        return one_string(t, data, &h->release) ? NULL : "its RELEASE is not sound";
    case TAG_EPOCH:
        h->has_epoch = t->type == TYPE_INT32 && t->count == 1 && data.n - t->offset >= 4;
        h->epoch = h->has_epoch ? rpmdb_be32(data.p + t->offset) : 0;
        return h->has_epoch ? NULL : "its EPOCH is not sound";
    case TAG_VENDOR:
        return one_string(t, data, &h->vendor) ? NULL : "its VENDOR is not sound";
    case TAG_ARCH:
        return one_string(t, data, &h->architecture) ? NULL : "its ARCH is not sound";
    case TAG_SOURCE_RPM:
        return one_string(t, data, &h->source_rpm) ? NULL : "its SOURCERPM is not sound";
    case TAG_MODULARITY_LABEL:
        return one_string(t, data, &h->module_label) ? NULL : "its MODULARITYLABEL is not sound";
    case TAG_BASE_NAMES:
        return list(t, data, TYPE_STRINGS, &h->base_names, &h->files) ? NULL : "its BASENAMES are not sound";
    case TAG_DIR_NAMES:
        return list(t, data, TYPE_STRINGS, &h->folders, &h->folders_n) ? NULL : "its DIRNAMES are not sound";
    case TAG_DIR_INDEXES:
        return list(t, data, TYPE_INT32, &h->folder_indexes, indexes) ? NULL : "its DIRINDEXES are not sound";
    case TAG_OLD_FILE_NAMES:
        return list(t, data, TYPE_STRINGS, &h->old_names, &h->old_files) ? NULL : "its OLDFILENAMES are not sound";
    default:
        return NULL;
    }
}

const char *rpm_header_read(struct slice bytes, struct rpm_header *ret)
{
    struct rpm_header h = {0};
    uint32_t indexes = 0;
    if (bytes.n < 8 + ENTRY_BYTES)
        return "it is too short for a header";
    uint32_t entries = rpmdb_be32(bytes.p), data_n = rpmdb_be32(bytes.p + 4);
    if (!entries || entries > ENTRIES_MAX || bytes.n != (uint64_t)8 + (uint64_t)entries * ENTRY_BYTES + data_n)
        return "its lengths are not those of a header";
    struct slice data = slice_from(bytes, 8 + (size_t)entries * ENTRY_BYTES);
    for (uint32_t i = 0; i < entries; i++) {
        const uint8_t *at = bytes.p + 8 + (size_t)i * ENTRY_BYTES;
        struct entry t = {rpmdb_be32(at), rpmdb_be32(at + 4), rpmdb_be32(at + 8), rpmdb_be32(at + 12)};
        if (t.offset > data.n)
            return "a tag lies outside of it";
        const char *why = take_entry(&t, data, &h, &indexes);
        if (why)
            return why;
    }
    if (indexes != h.files)
        return "its file list is not sound";
    *ret = h;
    return NULL;
}

/* The folders one by one, since files name them in any order. */
static struct slice *folders_of(const struct rpm_header *h)
{
    if (h->folders_n > FOLDERS_MAX)
        return NULL;
    struct slice *folders = xcalloc((size_t)h->folders_n + 1, sizeof *folders), rest = h->folders;
    for (uint32_t i = 0; i < h->folders_n; i++)
        if (!take_string(&rest, &folders[i])) {
            free(folders);
            return NULL;
        }
    return folders;
}

int rpm_header_files(const struct rpm_header *h, rpm_file_fn *fn, void *ctx, const char **ret_why)
{
    struct slice names = h->base_names, old = h->old_names, name;
    int r = 0;
    for (uint32_t i = 0; !r && i < h->old_files; i++)
        r = take_string(&old, &name) ? fn(ctx, SLICE(""), name) : -1;
    struct slice *folders ATTR_CLEANUP(cleanup_free) = h->files ? folders_of(h) : NULL;
    if (!r && h->files && !folders)
        r = -1;
    for (uint32_t i = 0; !r && i < h->files; i++) {
        uint32_t index = rpmdb_be32(h->folder_indexes.p + (size_t)i * 4);
        r = take_string(&names, &name) && index < h->folders_n ? fn(ctx, folders[index], name) : -1;
    }
    if (r < 0)
        *ret_why = "its file list is not sound";
    return r;
}

bool rpm_source_name(struct slice file, struct slice *ret_name, struct slice *ret_version)
{
    struct slice s = file;
    if (slice_ends(s, SLICE(".src.rpm")))
        s.n -= 8;
    else if (slice_ends(s, SLICE(".nosrc.rpm")))
        s.n -= 10;
    else
        return false;
    ptrdiff_t release = slice_rfind(s, '-');
    ptrdiff_t version = release > 0 ? slice_rfind(slice_sub(s, 0, (size_t)release), '-') : -1;
    if (version <= 0 || version + 1 == release || (size_t)release + 1 == s.n)
        return false;
    *ret_name = slice_sub(s, 0, (size_t)version);
    *ret_version = slice_from(s, (size_t)version + 1);
    return true;
}
