/* SPDX-License-Identifier: Apache-2.0 */
/*
 * products.h: which products of its system's publisher an image holds: os_info.products. Only Red Hat's advisories
 * speak of products (model/distro/redhat.h): they come from content manifests, labels and os-release's CPE_NAME of all
 * layers together, since the files of a base image stay in what is built on it. An image that says nothing has the
 * mainline's advisories alone.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_PRODUCTS_H
#define CAREEN_INVENTORY_ASSEMBLE_PRODUCTS_H

#include "inventory/assemble/merge.h"

#define PRODUCTS_MAX 24

/*
 * Fills os->products, sorted and without repeats, when os's ecosystem is Red Hat's. facts: the system's own. False when
 * there are more than PRODUCTS_MAX: those that support a release longer are kept first.
 */
bool products_find(const struct merge *m, const fact_vec *facts, struct arena *arena, struct os_info *os);

#endif
