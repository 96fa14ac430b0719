/* SPDX-License-Identifier: Apache-2.0 */
/* runner_publish.c: records from other threads ride along with the batches of the runner's thread. */
#include "stage/runner/runner_internal.h"

int runner_publish(struct runner *r, enum topic t, struct slice key, const void *record, struct err *e)
{
    struct publication p = {.topic = t, .key = key, .record = record, .error = ERR_INIT};
    pthread_mutex_lock(&r->lock);
    if (r->quit) {
        pthread_mutex_unlock(&r->lock);
        return err_set(e, ERR_RETRY, 0, "the process is ending");
    }
    struct publication **at = &r->to_publish;
    while (*at)
        at = &(*at)->next;
    *at = &p;
    bus_wake(r->bus);
    while (!p.done)
        pthread_cond_wait(&r->published, &r->lock);
    pthread_mutex_unlock(&r->lock);
    if (p.result && e)
        *e = p.error;
    return p.result;
}

static void finish(struct publication *p, int result, const struct err *error)
{
    p->result = result;
    if (error)
        p->error = *error;
    p->done = true;
}

int runner_publications_produce(struct runner *r, struct err *e)
{
    pthread_mutex_lock(&r->lock);
    struct publication *list = STEAL(r->to_publish);
    pthread_mutex_unlock(&r->lock);
    if (!list)
        return 0;
    struct step s = {.runner = r, .arena = &r->arena, .now_ms = r->now_ms, .partitions = r->partitions};
    int rc = 0;
    while (list) {
        struct publication *p = list;
        struct err mine = ERR_INIT;
        list = p->next;
        rc = rc ? rc : step_emit(&s, p->topic, p->key, p->record, &mine);
        pthread_mutex_lock(&r->lock);
        if (rc && mine.kind == ERR_POISON) {
            finish(p, rc, &mine);
            pthread_cond_broadcast(&r->published);
            rc = 0;
        } else {
            p->next = r->publishing;
            r->publishing = p;
        }
        pthread_mutex_unlock(&r->lock);
        if (rc && mine.kind)
            *e = mine;
    }
    return rc;
}

void runner_publications_end(struct runner *r, bool delivered)
{
    if (!r->publishing)
        return;
    pthread_mutex_lock(&r->lock);
    while (r->publishing) {
        struct publication *p = r->publishing;
        r->publishing = p->next;
        if (delivered) {
            finish(p, 0, NULL);
        } else {
            p->next = r->to_publish;
            r->to_publish = p;
        }
    }
    pthread_cond_broadcast(&r->published);
    pthread_mutex_unlock(&r->lock);
}

void runner_publications_refuse(struct runner *r)
{
    if (!r->threads)
        return;
    struct err ending;
    err_set(&ending, ERR_RETRY, 0, "the process is ending");
    runner_publications_end(r, false);
    pthread_mutex_lock(&r->lock);
    r->quit = true;
    while (r->to_publish) {
        struct publication *p = r->to_publish;
        r->to_publish = p->next;
        finish(p, -1, &ending);
    }
    pthread_cond_broadcast(&r->published);
    pthread_cond_broadcast(&r->wanted);
    pthread_mutex_unlock(&r->lock);
}
