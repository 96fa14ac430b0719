/* SPDX-License-Identifier: Apache-2.0 */
/* cyclonedx_internal.h: what the readers of a document's parts share. Everything lives in the reader's arena. */
#ifndef CAREEN_IMAGES_SBOM_CYCLONEDX_INTERNAL_H
#define CAREEN_IMAGES_SBOM_CYCLONEDX_INTERNAL_H

#include "images/sbom/cyclonedx_read.h"
#include "io/text/json_tree.h"
#include "model/cyclonedx_names.h"

/* Why components could not be used: how often, and the first. */
struct cyclonedx_cause {
    struct slice what, first;
    size_t n;
};

struct cyclonedx_reader {
    struct arena *arena;
    struct inventory out;
    VEC(struct os_info) systems; /* of each package, by its purl */
    VEC(struct cyclonedx_cause) causes;
    struct os_info stated; /* by an operating-system component */
    enum inventory_status status;
    bool components_unread;
    bool own;          /* one of Careen's own documents */
    bool sources_told; /* some package's source is named: then one without is its own */
};

/* A member's text, copied; SLICE_NONE when it is not there or no string. */
struct slice cyclonedx_text(struct cyclonedx_reader *r, const json_t *object, const char *key);
/* Whether the member of that name is the text `value`. */
bool cyclonedx_is(const json_t *object, const char *key, const char *value);
/* The value of the first property of that name, and the values of all of them. */
struct slice cyclonedx_property(struct cyclonedx_reader *r, const json_t *object, const char *name);
void cyclonedx_take_properties(struct cyclonedx_reader *r, const json_t *object, const char *name, slice_vec *to);

/* The document is not known whole, for this reason. */
ATTR_PRINTF(3, 4)
void cyclonedx_add_reason(struct cyclonedx_reader *r, enum reason_code code, const char *fmt, ...);
/* A component can't be used; `what` is why, in the words of the reason that counts them. */
void cyclonedx_left_out(struct cyclonedx_reader *r, const json_t *component, struct slice what);

void cyclonedx_take_package(struct cyclonedx_reader *r, const json_t *component);
void cyclonedx_take_system(struct cyclonedx_reader *r, const json_t *component);
/* Once every component was taken: one system for the document, and the packages that are of it. */
void cyclonedx_settle_system(struct cyclonedx_reader *r);

#endif
