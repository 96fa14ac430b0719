/* SPDX-License-Identifier: Apache-2.0 */
/* events_probe: reads one notification a line from stdin; prints action, registry, repository, digest, tag of each
 * event. */
#include "base/clock.h"
#include "discover/events/events.h"

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct arena a = ARENA_INIT((size_t)8 << 20);
        registry_event_vec events = {0};
        struct events_told told;
        struct err e = ERR_INIT;
        if (events_parse(&a, slice_of(line, (size_t)n), SLICE_NONE, clock_wall_ms(), &events, &told, &e)) {
            printf("error %s\n", e.text);
            rc = 1;
        }
        for (size_t i = 0; i < events.n; i++)
            printf("%s %.*s %.*s %.*s %.*s\n", registry_action_names[events.v[i].action],
                   SLICE_FMT(events.v[i].registry), SLICE_FMT(events.v[i].repository), SLICE_FMT(events.v[i].digest),
                   SLICE_FMT(events.v[i].tag));
        if (told.malformed)
            printf("malformed %zu\n", told.malformed);
        arena_done(&a);
    }
    free(line);
    return rc;
}
