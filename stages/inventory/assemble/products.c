/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/products.h"

#include "model/distro/redhat.h"
#include "packages/parse.h"

struct finding_products {
    struct arena *arena;
    struct slice version_id;
    slice_vec longer, others; /* rhel_eus:9.2 …, and layered products */
    struct slice own;         /* what stands behind "Red Hat:" in the ecosystem */
};

static void add(struct finding_products *f, struct slice product)
{
    bool longer = slice_starts(product, SLICE("rhel_e")) || slice_starts(product, SLICE("rhel_aus:")) ||
                  slice_starts(product, SLICE("rhel_tus:"));
    slice_vec *to = longer ? &f->longer : &f->others;
    if (!product.n || redhat_is_mainline(product) || slice_eq(product, f->own))
        return;
    slice_vec_add(f->arena, to, product);
}

static void sort_once(slice_vec *v)
{
    size_t kept = 0;
    slice_vec_sort(v);
    for (size_t i = 0; i < v->n; i++)
        if (!kept || !slice_eq(v->v[kept - 1], v->v[i]))
            v->v[kept++] = v->v[i];
    v->n = kept;
}

static void add_fact(struct finding_products *f, const struct fact *fact)
{
    struct slice rest = fact->value, name;
    if (slice_eq_str(fact->name, FACT_CPE) || slice_eq_str(fact->name, "CPE_NAME"))
        add(f, redhat_product_of_cpe(fact->value, f->arena));
    else if (slice_eq_str(fact->name, FACT_CONTENT_SETS))
        while (slice_take_token(&rest, ' ', &name))
            add(f, redhat_product_of_content_set(name, f->version_id, f->arena));
}

bool products_find(const struct merge *m, const fact_vec *facts, struct arena *arena, struct os_info *os)
{
    struct finding_products f = {.arena = arena, .version_id = os->version_id};
    f.own = os->ecosystem;
    if (!slice_take_prefix(&f.own, SLICE("Red Hat:")))
        return true;
    for (size_t i = 0; i < facts->n; i++)
        add_fact(&f, &facts->v[i]);
    for (size_t i = 0; i < m->nodes.n; i++) {
        const struct node *n = &m->nodes.v[i];
        for (size_t j = 0; n->live && n->file && j < n->file->facts.n; j++)
            if (!slice_eq_str(n->file->facts.v[j].name, "CPE_NAME"))
                add_fact(&f, &n->file->facts.v[j]);
    }
    sort_once(&f.longer);
    sort_once(&f.others);
    os->products = f.longer;
    for (size_t i = 0; i < f.others.n && os->products.n < PRODUCTS_MAX; i++)
        slice_vec_add(arena, &os->products, f.others.v[i]);
    bool all = f.longer.n + f.others.n <= PRODUCTS_MAX;
    os->products.n = MIN(os->products.n, (size_t)PRODUCTS_MAX);
    slice_vec_sort(&os->products);
    return all;
}
