/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is a member and who owns what is nothing but locks of the kernel (flock) on files below DIR/groups/GROUP, so that
 * a killed process has left the moment it is dead:
 *   NAME.member   held by the member; one that nobody holds is a dead member's and is removed by whoever sees it
 *   pN.lock       held by the owner of partition N; never removed
 * Nobody decides for others. Each member works out its own share from the sorted names, lets go of what is not in it
 * and takes what is in it and free, until all agree.
 *
 * A member's file may be removed only by somebody who holds its lock and has seen that the name still leads to the
 * locked file: otherwise a member that just joined could lose its own.
 */
#include "bus/embedded/embedded.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/clock.h"

#define MEMBERS_MAX 1024u
#define JOIN_TRIES  50 /* of 20 ms: somebody may just be looking whether the member lives */

bool embedded_name_ok(const char *name)
{
    size_t n = 0;
    for (; name && name[n]; n++) {
        char c = name[n];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                  (c == '.' && n > 0);
        if (!ok || n >= EMBEDDED_NAME_MAX)
            return false;
    }
    return n > 0;
}

/* ---- files ---- */

/* The open file of path with its lock held, or -1 with errno: EWOULDBLOCK when somebody else holds it. */
static int open_locked(const char *path, bool create)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            int keep = errno;
            close(fd);
            errno = keep;
            return -1;
        }
        struct stat held, named;
        if (fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
            held.st_dev == named.st_dev)
            return fd;
        /* Removed or replaced between open and flock. */
        close(fd);
        if (!create) {
            errno = ENOENT;
            return -1;
        }
    }
}

static bool still_named(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int member_lock(struct embedded_group *g, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.member", g->folder, g->member);
    if (store_make_dirs(g->folder, e))
        return -1;
    for (int i = 0; i < JOIN_TRIES; i++) {
        g->member_fd = open_locked(path, true);
        if (g->member_fd >= 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != ENOENT)
            return err_errno(e, ERR_FATAL, errno, "cannot lock %s", path);
        clock_sleep_ms(20);
    }
    return err_set(e, ERR_USAGE, 0, "member %s of group %s is already running on this bus: give this one another name",
                   g->member, g->name);
}

/* ---- joining ---- */

static char *made_up_member(const struct embedded *b)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint32_t)clock_mono_ms();
    return xasprintf("%s-%ld-%08" PRIx32, embedded_name_ok(b->client) && strlen(b->client) < 64 ? b->client : "member",
                     (long)getpid(), random);
}

static int joined_partitions(struct embedded *b, const enum topic *joined, size_t n, uint32_t *ret_partitions,
                             struct err *e)
{
    uint32_t partitions = 0;
    for (size_t i = 0; i < n; i++) {
        const struct embedded_topic *topic;
        if (embedded_topic(b, joined[i], 0, &topic, e))
            return -1;
        if (partitions && topic->partitions != partitions)
            return err_set(e, ERR_USAGE, 0,
                           "topic %s has %" PRIu32 " partitions, topic %s %" PRIu32 ": they cannot be joined",
                           topics[joined[i]].name, topic->partitions, topics[joined[0]].name, partitions);
        partitions = topic->partitions;
    }
    if (!partitions)
        return err_set(e, ERR_USAGE, 0, "no topic to join");
    *ret_partitions = partitions;
    return 0;
}

int embedded_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
                  const struct bus_group_callbacks *callbacks, void *arg, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    struct embedded_group *g = &b->group;
    uint32_t partitions = 0;
    if (g->name)
        return err_set(e, ERR_USAGE, 0, "this bus is already a member of group %s", g->name);
    if (!embedded_name_ok(group) || (member && !embedded_name_ok(member)))
        return err_set(e, ERR_USAGE, 0,
                       "%s name \"%s\" cannot be used on the embedded bus: letters, digits, '.', '_' and '-', not "
                       "beginning with '.', at most %u",
                       embedded_name_ok(group) ? "member" : "group", embedded_name_ok(group) ? member : group,
                       EMBEDDED_NAME_MAX);
    if (joined_partitions(b, joined, n, &partitions, e))
        return -1;
    struct embedded_group made = {.name = xstrdup(group),
                                  .member = member ? xstrdup(member) : made_up_member(b),
                                  .folder = xasprintf("%s/groups/%s", b->env->dir, group),
                                  .partitions = partitions,
                                  .member_fd = -1,
                                  .callbacks = *callbacks,
                                  .arg = arg};
    if (member_lock(&made, e)) {
        free(made.name);
        free(made.member);
        free(made.folder);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        made.joined[joined[i]] = true;
    made.locks = xmalloc(partitions * sizeof *made.locks);
    for (uint32_t p = 0; p < partitions; p++)
        made.locks[p] = -1;
    *g = made;
    embedded_wake_all(b->env, &b->env->wake->members);
    return 0;
}

/* ---- members ---- */

struct names {
    char *v[MEMBERS_MAX];
    size_t n;
};

static void names_done(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i]);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Removes the file of a member that is dead; true when it lives. */
static bool member_lives(const struct embedded_group *g, const char *file)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", g->folder, file);
    int fd = open_locked(path, false);
    if (fd < 0)
        return errno == EWOULDBLOCK;
    unlink(path);
    close(fd);
    return false;
}

static int list_members(const struct embedded_group *g, struct names *names, struct err *e)
{
    DIR *d = opendir(g->folder);
    if (!d)
        return err_errno(e, ERR_FATAL, errno, "cannot list %s", g->folder);
    const struct dirent *entry;
    while ((entry = readdir(d)) && names->n < MEMBERS_MAX) {
        struct slice name = slice_str(entry->d_name);
        if (!slice_ends(name, SLICE(".member")))
            continue;
        name.n -= SLICE(".member").n;
        /* This member's own file is held by itself, and asking would only disturb others who ask. */
        if (slice_eq_str(name, g->member) || member_lives(g, entry->d_name))
            names->v[names->n++] = slice_dup(name);
    }
    closedir(d);
    qsort(names->v, names->n, sizeof names->v[0], by_name);
    return 0;
}

/* Kafka's range assignor: contiguous shares over the sorted names, the first ones one partition larger. */
static void range_share(uint32_t partitions, size_t members, size_t index, uint32_t *ret_first, uint32_t *ret_n)
{
    uint32_t m = (uint32_t)members, i = (uint32_t)index;
    uint32_t each = partitions / m, larger = partitions % m;
    *ret_first = each * i + MIN(i, larger);
    *ret_n = each + (i < larger ? 1 : 0);
}

static int own_share(const struct embedded_group *g, uint32_t *ret_first, uint32_t *ret_n, struct err *e)
{
    struct names *names = xcalloc(1, sizeof *names);
    int rc = list_members(g, names, e);
    size_t index = 0;
    while (!rc && index < names->n && strcmp(names->v[index], g->member) != 0)
        index++;
    *ret_first = *ret_n = 0;
    if (!rc && index < names->n)
        range_share(g->partitions, names->n, index, ret_first, ret_n);
    names_done(names);
    free(names);
    return rc;
}

/* ---- owning ---- */

static void release(struct embedded *b, uint32_t partition)
{
    embedded_readers_drop(b, partition);
    cleanup_close(&b->group.locks[partition]);
    b->group.locks[partition] = -1;
}

/* Calls revoked for the marked partitions, then lets go of them. */
static void give_up(struct embedded *b, const bool *marked, bool lost)
{
    struct embedded_group *g = &b->group;
    uint32_t *list ATTR_CLEANUP(cleanup_free) = xcalloc(g->partitions, sizeof *list);
    size_t n = 0;
    for (uint32_t p = 0; p < g->partitions; p++)
        if (marked[p] && g->locks[p] >= 0)
            list[n++] = p;
    if (!n)
        return;
    g->callbacks.revoked(g->arg, list, n, lost);
    embedded_commits_write(b);
    for (size_t i = 0; i < n; i++)
        release(b, list[i]);
    embedded_wake_all(b->env, &b->env->wake->members);
}

static int take(struct embedded *b, uint32_t first, uint32_t share, struct err *e)
{
    struct embedded_group *g = &b->group;
    uint32_t *list ATTR_CLEANUP(cleanup_free) = xcalloc(g->partitions, sizeof *list);
    size_t n = 0;
    for (uint32_t p = first; p < first + share; p++) {
        if (g->locks[p] >= 0)
            continue;
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/p%" PRIu32 ".lock", g->folder, p);
        int fd = open_locked(path, true);
        if (fd < 0 && errno != EWOULDBLOCK) {
            int failed = errno;
            for (size_t i = 0; i < n; i++)
                release(b, list[i]);
            return err_errno(e, ERR_FATAL, failed, "cannot lock %s", path);
        }
        g->locks[p] = fd;
        if (fd >= 0)
            list[n++] = p;
    }
    if (!n && (g->told || share))
        return 0;
    g->told = true;
    if (g->callbacks.assigned(g->arg, list, n, e) == 0)
        return 0;
    /* Partitions that the caller could not take are free again, for the next poll or for other members. */
    for (size_t i = 0; i < n; i++)
        release(b, list[i]);
    return -1;
}

/* Somebody removed files below the folder: locks on them hold nothing any more. */
static int check_lost(struct embedded *b, bool *marked, struct err *e)
{
    struct embedded_group *g = &b->group;
    bool lost = !still_named(g->member_fd), any = false;
    for (uint32_t p = 0; p < g->partitions; p++) {
        marked[p] = g->locks[p] >= 0 && (lost || !still_named(g->locks[p]));
        any = any || marked[p];
    }
    if (any)
        give_up(b, marked, true);
    if (!lost)
        return 0;
    cleanup_close(&g->member_fd);
    g->member_fd = -1;
    return member_lock(g, e);
}

int embedded_group_check(struct embedded *b, int64_t now_ms, struct err *e)
{
    struct embedded_group *g = &b->group;
    if (!g->name)
        return 0;
    uint32_t seen = atomic_load(&b->env->wake->members);
    if (now_ms < g->next_check_ms && seen == g->members_seen)
        return 0;
    g->next_check_ms = now_ms + EMBEDDED_MEMBERS_MS;
    g->members_seen = seen;
    bool *marked ATTR_CLEANUP(cleanup_free) = xcalloc(g->partitions, sizeof *marked);
    uint32_t first = 0, share = 0;
    if (check_lost(b, marked, e) || own_share(g, &first, &share, e))
        return -1;
    for (uint32_t p = 0; p < g->partitions; p++)
        marked[p] = g->locks[p] >= 0 && (p < first || p >= first + share);
    give_up(b, marked, false);
    return take(b, first, share, e);
}

void embedded_leave(struct embedded *b)
{
    struct embedded_group *g = &b->group;
    if (!g->name)
        return;
    bool *marked ATTR_CLEANUP(cleanup_free) = xcalloc(g->partitions, sizeof *marked);
    memset(marked, 1, g->partitions * sizeof *marked);
    give_up(b, marked, false);
    embedded_commits_write(b);
    if (g->member_fd >= 0 && still_named(g->member_fd)) {
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.member", g->folder, g->member);
        unlink(path);
    }
    cleanup_close(&g->member_fd);
    embedded_wake_all(b->env, &b->env->wake->members);
    free(g->locks);
    free(g->name);
    free(g->member);
    free(g->folder);
    *g = (struct embedded_group){.member_fd = -1};
}
