/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wordpress_header.h: the comment at the front of a plugin's or theme's file in which WordPress finds its name and version:
 * lines "Plugin Name: …" and "Version: …" within the first 8 KiB, however the comment is drawn around them. Pure.
 */
#ifndef CAREEN_PACKAGES_WORDPRESS_WORDPRESS_HEADER_H
#define CAREEN_PACKAGES_WORDPRESS_WORDPRESS_HEADER_H

#include "base/slice.h"

#define WORDPRESS_HEADER_MAX 8192

/* The value of the first line with that field, "Version"; absent: there is none. */
struct slice wordpress_field(struct slice text, const char *field);
/* $wp_version = '6.4.2'; of wp-includes/version.php; absent: it does not say so. */
struct slice wordpress_version(struct slice text);

#endif
