/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_place.h: what the place of a distribution's metadata says of it. Python finds distributions in the folders of
 * sys.path: site-packages of the interpreter and of environments, whatever folder "pip install --target" was given. The
 * same files lie elsewhere too: in caches from which environments are filled, inside of packages that bundle others,
 * and in the data of tests.
 *
 * Pure, any thread.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_PLACE_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_PLACE_H

#include "base/slice.h"

enum python_standing {
    PYTHON_IN_SITE, /* directly in site-packages or a folder of that kind */
    PYTHON_BELOW,   /* in a folder of a package in such a folder: bundled */
    PYTHON_BARE,    /* in another folder */
    PYTHON_COPY,    /* in a cache, or half of what an interrupted pip left behind: not installed here */
    PYTHON_SAMPLE,  /* in a package's tests, examples or documentation */
};

struct python_place {
    enum python_standing standing;
    struct slice root; /* the folder that sys.path would name; IN_SITE and BARE: where the metadata lies */
    struct slice top;  /* BELOW: the first folder below the root */
};

/* info is the path of "x.dist-info", "x.egg-info" or "x.egg/EGG-INFO". */
struct python_place python_place(struct slice info);
#endif
