/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replacing.h: members that take the place of what a lower layer has there, without a whiteout: who writes a layer from
 * an overlay writes just the symbolic link that a folder became, or the script that a program became. What was there
 * may be evidence for rules of any depth or by content, so the evidence gets a whiteout for each such member
 * that has none of its own. Most links and files can't be one: these are left out by where they lie and what they are
 * called, since a layer may have tens of thousands. Pure.
 */
#ifndef CAREEN_PULL_REPLACING_H
#define CAREEN_PULL_REPLACING_H

#include "base/slice.h"

#define REPLACING_MAX 20000 /* such whiteouts in one layer */

/* Whether a folder, a program or another file that is evidence may have been where this symbolic link is. */
bool replacing_by_link(struct slice path, struct slice target);
/* Whether a program may have been where this file is, of which only its bits say that it can be started. */
bool replacing_by_file(struct slice path, bool executable);
/* Whether distributions make this a link to another folder of commands or libraries, so that files have two names. */
bool replacing_merged(struct slice path);

#endif
