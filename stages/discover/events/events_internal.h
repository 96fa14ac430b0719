/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events_internal.h: what the notification formats share, and their table. A format is a file with a constant
 * events_<name>, and a line in the list below.
 */
#ifndef CAREEN_DISCOVER_EVENTS_EVENTS_INTERNAL_H
#define CAREEN_DISCOVER_EVENTS_EVENTS_INTERNAL_H

#include "discover/events/events.h"
#include "io/text/json_tree.h"

struct events_reading {
    struct arena *a;
    struct slice registry; /* SLICE_NONE: as the event says */
    int64_t now_ms;
    registry_event_vec *events;
    struct events_told *told;
};

struct events_format {
    bool (*is)(const json_t *root); /* whether a document is of this format: asked in the list's order */
    void (*read)(struct events_reading *r, const json_t *root);
};

/*
 * X(name): the format is events_<name>. The first one that a document is of reads it. A single event comes last, since
 * it is known by the least.
 */
#define EVENTS_FORMATS(X)                                                                                              \
    X(distribution)                                                                                                    \
    X(envelopes)                                                                                                       \
    X(envelope)                                                                                                        \
    X(ecr)                                                                                                             \
    X(harbor)                                                                                                          \
    X(single)
#define EVENTS_FORMAT_DECLARE(name) extern const struct events_format events_##name;
EVENTS_FORMATS(EVENTS_FORMAT_DECLARE)
#undef EVENTS_FORMAT_DECLARE

/* Takes an event, or counts it as malformed. What ev views into is copied. */
void events_keep(struct events_reading *r, struct registry_event ev);
/* The action that a format calls by one of names: push, pull, delete. False: it is none of them. */
bool events_action(struct slice word, const char *const names[3], enum registry_action *ret);

/* distribution.c: one event; time is taken when the event tells none. */
void events_read_distribution(struct events_reading *r, const json_t *o, struct slice time);
/* harbor.c: the data of one webhook; at_ms 0: no time is told. */
void events_read_harbor(struct events_reading *r, const json_t *data, enum registry_action action, int64_t at_ms,
                        struct slice id);

#endif
