/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem_table.h: what ecosystem_table.c (the rows) gives to ecosystem.c (how they are found). The rows stand in a
 * file of their own so that a test can be linked with others. Static, any thread.
 */
#ifndef CAREEN_MODEL_ECOSYSTEM_ECOSYSTEM_TABLE_H
#define CAREEN_MODEL_ECOSYSTEM_ECOSYSTEM_TABLE_H

#include "model/ecosystem/ecosystem.h"

extern const struct ecosystem ecosystems[PKG_TYPE_MAX]; /* by package type */

#endif
