/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/tarindex.h"

#include <sys/stat.h>

#include "io/archive/tar_internal.h"

#define MAX_MEMBERS  ((size_t)200000)
#define MAX_EXTENDED ((uint64_t)1 << 20)
#define MAX_LINKS    8

struct walk {
    int fd;
    struct arena *a;
    int64_t at, file_size;
    struct buf pax, name, link, joined; /* of extended headers, for the next member */
    struct tar_pax extended;
};

bool tarindex_clean(struct slice base, struct slice path, char ret_path[TAR_PATH_MAX + 1])
{
    char out[TAR_PATH_MAX + 1];
    size_t n = 0;
    bool root = path.n && path.p[0] == '/';
    ptrdiff_t slash = slice_rfind(base, '/');
    struct slice parts[2] = {slash > 0 && !root ? slice_sub(base, 0, (size_t)slash) : SLICE_NONE, path}, part;
    for (size_t i = 0; i < 2; i++) {
        while (slice_take_token(&parts[i], '/', &part)) {
            if (part.n == 0 || slice_eq_str(part, "."))
                continue;
            if (slice_eq_str(part, "..")) {
                if (n == 0)
                    return false;
                while (n && out[n - 1] != '/')
                    n--;
                n -= n > 0;
                continue;
            }
            if (memchr(part.p, 0, part.n) || n + part.n + 1 > TAR_PATH_MAX)
                return false;
            if (n)
                out[n++] = '/';
            memcpy(out + n, part.p, part.n);
            n += part.n;
        }
    }
    out[n] = 0;
    memcpy(ret_path, out, n + 1);
    return true;
}

static bool read_at(const struct walk *w, int64_t at, void *to, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(w->fd, (uint8_t *)to + done, n - done, at + (int64_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static struct slice keep(struct arena *a, const char *text)
{
    struct slice s = slice_str(text);
    char *p = arena_cstr(a, s);
    return p ? slice_of(p, s.n) : SLICE_NONE;
}

static void forget_extended(struct walk *w)
{
    buf_clear(&w->pax);
    buf_clear(&w->name);
    buf_clear(&w->link);
    buf_clear(&w->joined);
    w->extended = (struct tar_pax){0};
}

/* pax and GNU headers that tell of the next member. False when broken. */
static bool take_extended(struct walk *w, uint8_t type, uint64_t size)
{
    struct buf *b = type == 'L' ? &w->name : type == 'K' ? &w->link : &w->pax;
    if (type == 'g')
        return true;
    if (size > MAX_EXTENDED)
        return false;
    buf_clear(b);
    uint8_t *to = buf_reserve(b, (size_t)size);
    if (!to || !read_at(w, w->at, to, (size_t)size))
        return false;
    b->n = (size_t)size;
    return type != 'x' || !tar_pax_parse(buf_slice(b), &w->extended, &w->joined);
}

static enum tar_kind kind_of(uint8_t type)
{
    switch (type) {
    case '0':
    case 0:
    case '7':
        return TAR_FILE;
    case '1':
        return TAR_HARD_LINK;
    case '2':
        return TAR_SYMLINK;
    case '5':
        return TAR_FOLDER;
    default:
        return TAR_OTHER;
    }
}

static int add_member(struct walk *w, const uint8_t *block, uint64_t size, tar_member_vec *members, struct err *e)
{
    uint8_t composed[256];
    char path[TAR_PATH_MAX + 1], link[TAR_PATH_MAX + 1] = "";
    struct slice name = tar_name(block, tar_format(block), composed), target = tar_text(block + 157, 100);
    enum tar_kind kind = kind_of(block[156]);
    if (w->name.n)
        name = tar_text(w->name.p, w->name.n);
    else if (w->extended.path.n)
        name = w->extended.path;
    if (w->link.n)
        target = tar_text(w->link.p, w->link.n);
    else if (w->extended.link.n)
        target = w->extended.link;
    bool sparse = block[156] == 'S' || w->extended.has_sparse_size || w->extended.sparse_map.p;
    if (sparse || !tarindex_clean(SLICE_NONE, name, path) || !path[0])
        return 0;
    bool links = kind == TAR_HARD_LINK || kind == TAR_SYMLINK;
    /* A hard link names its target from the root, a symbolic one from its own folder. */
    if (links && !tarindex_clean(kind == TAR_SYMLINK ? slice_str(path) : SLICE_NONE, target, link))
        return 0;
    struct tar_member *m = members->n < MAX_MEMBERS ? VEC_ADD(w->a, members) : NULL;
    if (!m)
        return err_set(e, ERR_POISON, 0, "the archive has too many members");
    *m = (struct tar_member){.path = keep(w->a, path), .kind = kind, .offset = w->at, .size = (int64_t)size};
    if (links)
        m->link = keep(w->a, link);
    return w->a->overflow ? err_set(e, ERR_POISON, 0, "the archive's names are too long") : 0;
}

/* One header and what belongs to it. 1: go on, 0: the end, -1: over a limit. */
static int walk_step(struct walk *w, tar_member_vec *members, struct err *e)
{
    uint8_t block[TAR_BLOCK];
    uint64_t size;
    if (!read_at(w, w->at, block, sizeof block) || !tar_checksum_fits(block) || !tar_number(block + 124, 12, &size))
        return 0;
    w->at += (int64_t)TAR_BLOCK;
    uint8_t type = block[156];
    bool extended = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    if (!extended && w->extended.has_size)
        size = w->extended.size;
    if (!extended && kind_of(type) != TAR_FILE && kind_of(type) != TAR_OTHER)
        size = 0;
    if (size > (uint64_t)(w->file_size - w->at))
        return 0;
    if (extended && !take_extended(w, type, size))
        return 0;
    if (!extended) {
        if (add_member(w, block, size, members, e))
            return -1;
        forget_extended(w);
    }
    w->at += (int64_t)((size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
    return 1;
}

static const char *compression_of(const uint8_t *p)
{
    if (p[0] == 0x1f && p[1] == 0x8b)
        return "gzip";
    if (!memcmp(p, "\x28\xb5\x2f\xfd", 4))
        return "zstd";
    if (!memcmp(p,
                "\xfd"
                "7zXZ",
                5))
        return "xz";
    return !memcmp(p, "BZh", 3) ? "bzip2" : NULL;
}

int tarindex_read(int fd, struct arena *a, tar_member_vec *ret_members, struct err *e)
{
    struct walk w = {.fd = fd,
                     .a = a,
                     .pax = BUF_INIT(MAX_EXTENDED),
                     .name = BUF_INIT(MAX_EXTENDED),
                     .link = BUF_INIT(MAX_EXTENDED),
                     .joined = BUF_INIT(MAX_EXTENDED)};
    tar_member_vec members = {0};
    struct stat st;
    uint8_t head[TAR_BLOCK] = {0};
    if (fstat(fd, &st))
        return err_errno(e, ERR_RETRY, errno, "archive");
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_USAGE, 0, "it is no file");
    w.file_size = st.st_size;
    const char *compression = read_at(&w, 0, head, sizeof head) ? compression_of(head) : NULL;
    if (compression)
        return err_set(e, ERR_USAGE, 0, "it is compressed with %s; unpack it first", compression);
    int rc = 1;
    while (rc == 1)
        rc = walk_step(&w, &members, e);
    buf_done(&w.pax);
    buf_done(&w.name);
    buf_done(&w.link);
    buf_done(&w.joined);
    if (rc < 0)
        return -1;
    if (members.n == 0)
        return err_set(e, ERR_USAGE, 0, "it is no tar archive, or an empty one");
    *ret_members = members;
    return 0;
}

const struct tar_member *tarindex_find(const tar_member_vec *members, struct slice path)
{
    for (int hops = 0; hops <= MAX_LINKS; hops++) {
        const struct tar_member *m = NULL;
        for (size_t i = members->n; i > 0 && !m; i--)
            if (slice_eq(members->v[i - 1].path, path))
                m = &members->v[i - 1];
        if (!m || m->kind == TAR_FILE)
            return m;
        if (!m->link.n)
            return NULL;
        path = m->link;
    }
    return NULL;
}
