/* SPDX-License-Identifier: Apache-2.0 */
#include "images/image_kind.h"

#define FORMS_MAX 32

const struct image_kind *image_kind_of(const struct image_kind *const *kinds, const struct imageref *ref)
{
    for (size_t i = 0; kinds[i]; i++)
        if (ref->form ? ref->form == &kinds[i]->form : !kinds[i]->form.scheme)
            return kinds[i];
    return NULL;
}

int image_kind_parse(const struct image_kind *const *kinds, struct arena *a, struct slice text,
                     struct imageref *ret_ref, struct err *e)
{
    const struct imageref_form *forms[FORMS_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; kinds[i]; i++) {
        ASSERT(n < FORMS_MAX);
        if (kinds[i]->form.scheme)
            forms[n++] = &kinds[i]->form;
    }
    forms[n] = NULL;
    return imageref_parse(a, text, forms, ret_ref, e);
}
