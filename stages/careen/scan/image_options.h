/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_options.h: what commands about one image have in common: how it is named and fetched, where things are kept,
 * and how trouble is reported. struct image_options must be the first member of their own struct.
 */
#ifndef CAREEN_CAREEN_SCAN_IMAGE_OPTIONS_H
#define CAREEN_CAREEN_SCAN_IMAGE_OPTIONS_H

#include "careen/command.h"
#include "careen/scan/gather.h"

struct image_options {
    const char *cache, *platform, *username, *password_file, *ca_file, *format, *output;
    bool no_cache, plain_http, quiet;
};

#define IMAGE_OPTION(member) offsetof(struct image_options, member)
/* Rows of a config_option table. */
#define IMAGE_OPTIONS                                                                                                  \
    {.name = "platform",                                                                                               \
     .kind = CONFIG_STRING,                                                                                            \
     .offset = IMAGE_OPTION(platform),                                                                                 \
     .value = "OS/ARCH[/VARIANT]",                                                                                     \
     .help = "Which image of an index: linux/arm64, linux/arm/v7. Without it this machine's, or the only one."},       \
        {.name = "cache",                                                                                              \
         .kind = CONFIG_STRING,                                                                                        \
         .offset = IMAGE_OPTION(cache),                                                                                \
         .value = "DIR",                                                                                               \
         .help = "Where advisories and known layers are kept; without it $XDG_CACHE_HOME/careen or ~/.cache/careen."}, \
        {.name = "no-cache",                                                                                           \
         .kind = CONFIG_BOOL,                                                                                          \
         .offset = IMAGE_OPTION(no_cache),                                                                             \
         .help = "Read every layer anew and remember none."},                                                          \
        {.name = "plain-http",                                                                                         \
         .kind = CONFIG_BOOL,                                                                                          \
         .offset = IMAGE_OPTION(plain_http),                                                                           \
         .help = "Talk to the registry without TLS."},                                                                 \
        {.name = "ca-file",                                                                                            \
         .kind = CONFIG_STRING,                                                                                        \
         .offset = IMAGE_OPTION(ca_file),                                                                              \
         .value = "FILE",                                                                                              \
         .help = "PEM file of the authority that signed the registry's certificate."},                                 \
        {.name = "username",                                                                                           \
         .kind = CONFIG_STRING,                                                                                        \
         .offset = IMAGE_OPTION(username),                                                                             \
         .value = "NAME",                                                                                              \
         .help = "Login at the registry; without one Docker's config.json and its helpers are asked."},                \
        {.name = "password-file",                                                                                      \
         .kind = CONFIG_STRING,                                                                                        \
         .offset = IMAGE_OPTION(password_file),                                                                        \
         .value = "FILE",                                                                                              \
         .help = "File that holds the password."},                                                                     \
        {.name = "output",                                                                                             \
         .kind = CONFIG_STRING,                                                                                        \
         .offset = IMAGE_OPTION(output),                                                                               \
         .value = "FILE",                                                                                              \
         .help = "Write there instead of to standard output; the file appears once it is whole."},                     \
    {                                                                                                                  \
        .name = "quiet", .kind = CONFIG_BOOL, .offset = IMAGE_OPTION(quiet), .help = "No progress on standard error."  \
    }

/*
 * The cache folder, or with what = "layers" or "advisories" a folder in it; malloc'd. ERR_USAGE: there is no home
 * folder.
 */
int image_options_cache_path(const char *cache, const char *what, char **ret_path, struct err *e);

/*
 * Checks that args[0] is the name of an image and fits these options, and if it names a file, that this exists. 0, or
 * the exit status after the trouble was reported. To be called before anything else that the command needs is looked
 * for.
 */
int image_check(const char *name, const struct image_options *o, const char *const *args, size_t args_n);

/*
 * Gathers args[0]. 0, or the exit status after the trouble was reported on standard error as "careen NAME: …".
 * *ret_reference, in arena, is the image's full name.
 */
int image_gather(const char *name, const struct image_options *o, const char *const *args, size_t args_n,
                 struct arena *arena, struct slice *ret_reference, struct gathered *ret);

#endif
