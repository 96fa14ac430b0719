/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spdx.h: the package URLs in the list of packages of an SPDX 2 document in JSON: externalRefs of the type "purl". Pure, any
 * thread.
 */
#ifndef CAREEN_PACKAGES_READING_SPDX_H
#define CAREEN_PACKAGES_READING_SPDX_H

#include "io/text/json.h"

typedef void spdx_purl_fn(void *arg, struct slice purl);

/* Takes the value of "packages". False, having skipped it, where it is no list. */
bool spdx_take_packages(struct json_pull *json, spdx_purl_fn *take, void *arg);

#endif
