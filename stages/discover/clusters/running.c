/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/clusters/running.h"

static bool fits(const struct candidate *c, struct slice os, struct slice architecture)
{
    return slice_eq(c->platform.os, os) && slice_eq(c->platform.architecture, architecture);
}

/* "10.0.20348" of 10.0.20348.2322 */
static bool same_build(struct slice os_version, struct slice build)
{
    return build.n && slice_starts(os_version, build) && (os_version.n == build.n || os_version.p[build.n] == '.');
}

/*
 * Of one platform's images, what a usual node takes: of arm the newest variant, of the others the one without a variant
 * or with the lowest, which every node can run; of Windows the node's build, else the newest.
 */
static bool better(const struct candidate *a, const struct candidate *b, struct slice build)
{
    bool a_build = same_build(a->platform.os_version, build), b_build = same_build(b->platform.os_version, build);
    int c = slice_cmp(a->platform.variant, b->platform.variant);
    if (a_build != b_build)
        return a_build;
    if (c)
        return slice_eq_str(a->platform.architecture, "arm") ? c > 0 : c < 0;
    c = slice_cmp(a->platform.os_version, b->platform.os_version);
    return c ? c > 0 : slice_cmp(a->digest, b->digest) < 0;
}

static bool best_of(const candidate_vec *all, struct slice os, struct slice architecture, struct slice build,
                    size_t *ret_index)
{
    bool found = false;
    for (size_t i = 0; i < all->n; i++)
        if (fits(&all->v[i], os, architecture) && (!found || better(&all->v[i], &all->v[*ret_index], build))) {
            *ret_index = i;
            found = true;
        }
    return found;
}

bool running_choose(const candidate_vec *all, struct slice platform, size_t *ret_index, bool *ret_assumed)
{
    struct slice os, architecture, build = platform;
    *ret_assumed = false;
    *ret_index = 0;
    if (all->n <= 1)
        return all->n == 1;
    if (slice_take_token(&build, '/', &os) && slice_take_token(&build, '/', &architecture))
        return best_of(all, os, architecture, build, ret_index);
    *ret_assumed = true;
    return best_of(all, SLICE("linux"), SLICE("amd64"), SLICE_NONE, ret_index) ||
           best_of(all, all->v[0].platform.os, all->v[0].platform.architecture, SLICE_NONE, ret_index);
}
