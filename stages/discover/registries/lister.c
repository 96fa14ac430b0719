/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/registries/lister.h"

#define ROW(name) &lister_##name,
static const struct repository_lister *const listers[] = {REPOSITORY_LISTERS(ROW)};

const struct repository_lister *lister_of(const struct registry_settings *s)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(listers) && !listers[i]->is_for(s))
        i++;
    return listers[i];
}
