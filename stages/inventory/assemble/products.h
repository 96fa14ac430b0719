/* SPDX-License-Identifier: Apache-2.0 */
/*
 * products.h: which products of its system's publisher an image holds (os_info.products). Only Red Hat's advisories are
 * about products (model/distro/redhat.h). The products come from content manifests, labels and CPE_NAME in os-release,
 * of all layers together, since the files of a base image stay in the images built on it. For an image without any of
 * these only the mainline's advisories count.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_PRODUCTS_H
#define CAREEN_INVENTORY_ASSEMBLE_PRODUCTS_H

#include "inventory/assemble/merge.h"

#define PRODUCTS_MAX 24

/*
 * Fills os->products, sorted and without repeats, when os's ecosystem is Red Hat's. facts: those of the system itself.
 * False when there are more than PRODUCTS_MAX; then those that support a release longer are preferred.
 */
bool products_find(const struct merge *m, const fact_vec *facts, struct arena *arena, struct os_info *os);

#endif
