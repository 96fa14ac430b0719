/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_form.h: names what a layer is that is no tar of files: a file system's image, encrypted, an artifact's
 * content, a layer of a lazy-loading format. Read as a tar these are broken, or (file systems begin with zeros, which
 * end a tar) empty. Pure.
 */
#ifndef CAREEN_PULL_COLLECT_FORM_H
#define CAREEN_PULL_COLLECT_FORM_H

#include "base/slice.h"

#define FORM_HEAD ((size_t)2048) /* unpacked bytes that tell */

/* Of a layer without a single member: "an EROFS file system" …; NULL: an empty tar, or nothing that has a name. */
const char *form_of_head(struct slice head, struct slice media_type);
/* Of a tar's member that says that the tar holds another form: "a Nydus image" …; NULL for any other name. */
const char *form_of_member(struct slice path);

#endif
