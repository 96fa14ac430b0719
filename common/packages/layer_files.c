/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/layer_files.h"

#include "packages/parse.h"

void layer_files_init(struct layer_files *f, struct slice evidence)
{
    *f = (struct layer_files){.evidence = evidence};
}

void layer_files_done(struct layer_files *f)
{
    free(f->last);
    f->last = NULL;
}

static ptrdiff_t index_of(struct slice path)
{
    const char *wanted;
    for (size_t i = 0; (wanted = parse_wanted_path(i)); i++)
        if (slice_eq_str(path, wanted))
            return (ptrdiff_t)i;
    return -1;
}

static void read_all(struct layer_files *f)
{
    struct slice rest = f->evidence;
    struct evidence_entry entry;
    size_t n = 0;
    while (parse_wanted_path(n))
        n++;
    f->last = xcalloc(n + 1, sizeof *f->last);
    while (evidence_next(&rest, &entry, NULL) == 1) {
        ptrdiff_t at = entry.kind == EVIDENCE_FILE || entry.kind == EVIDENCE_LINK ? index_of(entry.path) : -1;
        if (at >= 0)
            f->last[at] = entry;
    }
}

const struct evidence_entry *layer_file(struct layer_files *f, struct slice path)
{
    ptrdiff_t at = index_of(path);
    if (at < 0)
        return NULL;
    if (!f->last)
        read_all(f);
    return f->last[at].kind ? &f->last[at] : NULL;
}
