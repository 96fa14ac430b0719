/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_form.h: says what a layer is that is no tar of files: an image of a file system, encrypted data, the content
 * of an artifact, a layer of a lazy-loading format. Read as a tar these would be broken or, since file systems begin
 * with zeros, which end a tar, empty. Pure.
 */
#ifndef CAREEN_PULL_COLLECT_FORM_H
#define CAREEN_PULL_COLLECT_FORM_H

#include "base/slice.h"

#define FORM_HEAD ((size_t)2048) /* unpacked bytes that are looked at */

/* For a layer without a single member: "an EROFS file system" …; NULL: an empty tar, or an unknown form. */
const char *form_of_head(struct slice head, struct slice media_type);
/* For a member whose name shows that the tar holds another form: "a Nydus image" …; NULL for all other names. */
const char *form_of_member(struct slice path);

#endif
