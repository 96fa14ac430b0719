/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/registries/lister.h"

/* The last one is for every registry. */
static const struct repository_lister *const listers[] = {&lister_named, &lister_catalog};

const struct repository_lister *lister_of(const struct registry_settings *s)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(listers) && !listers[i]->is_for(s))
        i++;
    return listers[i];
}
