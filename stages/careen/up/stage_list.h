/* SPDX-License-Identifier: Apache-2.0 */
/* stage_list.h: the stages, in the order in which a person thinks of them. */
#ifndef CAREEN_CAREEN_UP_STAGE_LIST_H
#define CAREEN_CAREEN_UP_STAGE_LIST_H

#include "stage/stage.h"

extern const struct stage_def *const stage_list[]; /* ends with NULL */

#endif
