/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c: a registry's catalogue, read to its end, becomes one registry-events record a repository, so that
 * whoever owns the repository lists it; a known repository that the catalogue lacks is asked about as well.
 */
#include "discover/discover_internal.h"

#include "base/log.h"
#include "discover/registries/lister.h"
#include "model/image/imageref.h"

#define PARTIAL_MAX 10000 /* repositories that are listed although the catalogue is not whole */

struct walk_job {
    struct arena arena;
    struct registries *registries;
    struct slice registry;
    const struct registry_settings *settings;
    slice_vec names;
    struct registry_listed listed;
    size_t impossible; /* names that no repository can have */
    struct slice example;
    int rc;
    struct err error;
};

void discover_walk_discard(void *data)
{
    struct walk_job *j = data;
    arena_done(&j->arena);
    free(j);
}

int discover_walk_prepare(struct step *s, struct slice registry, void **ret_data, struct err *e)
{
    struct discover_process *p = s->stage;
    const struct registry_settings *settings = discover_registry_of(p, registry);
    (void)e;
    if (!settings)
        return 0;
    struct walk_job *j = xcalloc(1, sizeof *j);
    j->arena = ARENA_INIT((size_t)512 << 20);
    j->registries = p->registries;
    j->settings = settings;
    j->registry = arena_slice(&j->arena, registry);
    *ret_data = j;
    return 1;
}

static int take_name(void *arg, struct slice name, struct err *e)
{
    struct walk_job *j = arg;
    if (!imageref_repository_valid(name)) {
        if (!j->impossible++)
            j->example = arena_slice(&j->arena, slice_sub(name, 0, 100));
        return 0;
    }
    if (!slice_vec_add(&j->arena, &j->names, arena_slice(&j->arena, name)))
        return err_set(e, ERR_POISON, 0, "the catalogue of %.*s is too long", SLICE_FMT(j->registry));
    return 0;
}

void discover_walk_run(struct runner *runner, void *data)
{
    struct walk_job *j = data;
    struct registry *r = NULL;
    (void)runner;
    for (size_t i = 0; i < j->settings->repositories.n; i++)
        slice_vec_add(&j->arena, &j->names, slice_str(j->settings->repositories.v[i]));
    j->rc = registries_take(j->registries, j->registry, &r, &j->error);
    if (!j->rc)
        j->rc = lister_of(j->settings)->list(r, j->settings, take_name, j, &j->listed, &j->error);
    registries_give(j->registries, r);
}

static int tell(struct step *s, struct slice registry, struct slice repository, enum registry_action action,
                struct err *e)
{
    struct registry_event ev = {.registry = registry, .repository = repository, .action = action, .at_ms = s->now_ms};
    return step_emit(s, TOPIC_REGISTRY_EVENTS, discover_full_name(s->arena, registry, repository), &ev, e);
}

/* Repositories of the whole view that the catalogue does not name. */
static int tell_missing(struct step *s, struct walk_job *j, struct err *e)
{
    struct store_iter it;
    struct slice key, value, last = SLICE_NONE, prefix = arena_printf(s->arena, "%.*s/", SLICE_FMT(j->registry));
    int got;
    size_t at = 0;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_IMAGES), prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice repository = slice_from(key, prefix.n);
        ptrdiff_t nul = slice_find(repository, 0);
        if (nul < 0 || slice_eq(last, repository = slice_sub(repository, 0, (size_t)nul)))
            continue;
        last = arena_slice(s->arena, repository);
        /* Both are in byte order: NUL ends a name in the view and is below every byte of a name. */
        while (at < j->names.n && slice_cmp(j->names.v[at], repository) < 0)
            at++;
        if ((at == j->names.n || !slice_eq(j->names.v[at], repository)) && tell(s, j->registry, last, ACTION_GONE, e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

static bool is_known(struct step *s, struct slice name)
{
    struct store_iter it;
    struct slice key, value;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_IMAGES), arena_printf(s->arena, "%.*s%c", SLICE_FMT(name), 0),
                    SLICE_NONE);
    int got = store_iter_next(&it, &key, &value, NULL);
    store_iter_done(&it);
    return got == 1;
}

/* What came before the catalogue broke off is there: all of it is listed once, and what is new each time that it fails
 * again. Of an endless one nothing is. */
static int tell_partial(struct step *s, struct walk_job *j, struct err *e)
{
    bool again = discover_is_failing(s, WORK_WALK, j->registry) && !j->settings->repositories.n;
    for (size_t i = 0; i < j->names.n && j->names.n <= PARTIAL_MAX; i++)
        if ((!again || !is_known(s, discover_full_name(s->arena, j->registry, j->names.v[i]))) &&
            tell(s, j->registry, j->names.v[i], ACTION_WALK, e))
            return -1;
    return 0;
}

/* One line a walk, however many there are. */
static void tell_left_out(const struct walk_job *j)
{
    size_t n = j->impossible + j->listed.left_out;
    if (!n)
        return;
    metric_add(&discover_left_out, (int64_t)n);
    log_warn("names in the catalogue are left out: they can't be repositories", LOG("registry", j->registry),
             LOG_I("names", n), LOG("example", j->example));
}

int discover_walk_finish(struct step *s, struct slice registry, void *data, struct err *e)
{
    struct walk_job *j = data;
    tell_left_out(j);
    slice_vec_sort(&j->names);
    discover_walk_told(s->stage, registry, j->rc ? j->error.text : NULL);
    if (j->rc)
        return tell_partial(s, j, e) ||
                       discover_retry_later(s, WORK_WALK, registry, DISCOVER_PRIORITY_TICK, registry, &j->error, e)
                   ? -1
                   : 0;
    for (size_t i = 0; i < j->names.n; i++)
        if (tell(s, j->registry, j->names.v[i], ACTION_WALK, e))
            return -1;
    if (tell_missing(s, j, e))
        return -1;
    metric_add(&discover_walks, 1);
    log_info("registry walked", LOG("registry", registry), LOG_S("listing", "well"), LOG_I("repositories", j->names.n));
    return discover_retry_clear(s, WORK_WALK, registry, e);
}
