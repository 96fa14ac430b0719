/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_code.h: of the files that a distribution installed the few folders and modules that hold its code, for who asks
 * later whether they are still there. Of files that lie together the folder that all of them are in: of
 * "zope/interface/a.py" and "zope/interface/b/c.py" it is "zope/interface/", since "zope/" belongs to others too.
 * What lies outside of the folder of packages (commands, data) and the metadata itself is no code.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_CODE_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_CODE_H

#include "packages/python/python.h"

#define PYTHON_CODE_PATH 255

struct python_code {
    size_t n;
    bool many; /* than can be kept: then none of them says anything */
    struct {
        uint8_t text[PYTHON_CODE_PATH + 1];
        size_t n;
    } at[PYTHON_CODE_MAX];
};

void python_code_begin(struct python_code *c);
/* A line of RECORD ("path,hash,size", the path quoted where it must be) or of installed-files.txt ("../path"). */
void python_code_add(struct python_code *c, struct slice line);
/* A folder with its slash, or a file. */
struct slice python_code_at(const struct python_code *c, size_t i);

#endif
