/* SPDX-License-Identifier: Apache-2.0 */
/* image_findings.h: everything that the topics say of one image, joined as reports tell it. */
#ifndef CAREEN_CAREEN_TOPICS_IMAGE_FINDINGS_H
#define CAREEN_CAREEN_TOPICS_IMAGE_FINDINGS_H

#include "careen/topics/reader.h"
#include "reports/assessed_image.h"

/*
 * Adds to *a, whose reference, policy and now_ms are the caller's; all that is read goes to the arena. *ret_found: whether
 * the image was assessed, by then or not at all.
 */
int image_findings_read(struct reader *r, struct slice digest, struct arena *arena, struct assessed_image *a,
                        bool *ret_found, struct err *e);

#endif
