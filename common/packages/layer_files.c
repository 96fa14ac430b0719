/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/layer_files.h"

#include "packages/rules.h"

void layer_files_init(struct layer_files *f, struct slice evidence)
{
    *f = (struct layer_files){.evidence = evidence};
}

void layer_files_done(struct layer_files *f)
{
    free(f->last);
    f->last = NULL;
}

/* Among the rules; -1: none names this one file. */
static ptrdiff_t index_of(struct slice path)
{
    const struct rules *all = rules_all();
    const struct wanted *w = rules_of_entry(all, path);
    return w && w->exact && w->rule->parse ? w - all->v : -1;
}

static void read_all(struct layer_files *f)
{
    struct slice rest = f->evidence;
    struct evidence_entry entry;
    f->last = xcalloc(rules_all()->n, sizeof *f->last);
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
