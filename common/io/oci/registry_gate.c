/* SPDX-License-Identifier: Apache-2.0 */
#include "io/oci/registry_gate.h"

#include <pthread.h>

#include "base/clock.h"

#define MAX_TOKENS 4096

struct kept_token {
    struct kept_token *next;
    char *key;
    struct registry_token t;
};

struct gate {
    struct gate *next;
    char *key;
    unsigned users, active, concurrent;
    double per_second, bucket;
    int64_t filled_ms, pause_until_ms;
    unsigned strikes, good;
    size_t n_tokens;
    struct kept_token *tokens;
    pthread_cond_t change;
};

/* One lock for all gates: they are few, and held for moments. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gate *gates;

struct gate *gate_get(const char *key, unsigned concurrent, double per_second)
{
    pthread_mutex_lock(&lock);
    struct gate *g = gates;
    while (g && !slice_eq_str(slice_str(g->key), key))
        g = g->next;
    if (!g) {
        pthread_condattr_t attr;
        g = xcalloc(1, sizeof *g);
        g->key = xstrdup(key);
        g->bucket = 1;
        g->filled_ms = clock_mono_ms();
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&g->change, &attr);
        pthread_condattr_destroy(&attr);
        g->next = gates;
        gates = g;
    }
    g->users++;
    g->concurrent = concurrent ? concurrent : 8;
    g->per_second = per_second;
    pthread_mutex_unlock(&lock);
    return g;
}

static void kept_free(struct kept_token *k)
{
    free(k->key);
    free(k->t.token);
    free(k);
}

void gate_put(struct gate *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&lock);
    /* A pause outlives its users: whoever opens the registry again must keep it. */
    bool keep = g->pause_until_ms > clock_mono_ms();
    if (--g->users == 0 && !keep) {
        struct gate **at = &gates;
        while (*at != g)
            at = &(*at)->next;
        *at = g->next;
        while (g->tokens) {
            struct kept_token *k = g->tokens;
            g->tokens = k->next;
            kept_free(k);
        }
        pthread_cond_destroy(&g->change);
        free(g->key);
        free(g);
    }
    pthread_mutex_unlock(&lock);
}

/* How long until the bucket holds a request; takes it when it does. */
static int64_t bucket_wait(struct gate *g, int64_t now)
{
    if (g->per_second <= 0)
        return 0;
    double burst = MAX(1.0, g->per_second);
    g->bucket = MIN(burst, g->bucket + (double)(now - g->filled_ms) * g->per_second / 1000);
    g->filled_ms = now;
    if (g->bucket >= 1) {
        g->bucket -= 1;
        return 0;
    }
    return 1 + (int64_t)((1 - g->bucket) * 1000 / g->per_second);
}

static void gate_wait(struct gate *g, int64_t ms)
{
    struct timespec t;
    int64_t until = clock_mono_ms() + MIN(ms, 500); /* *stop is looked at this often */
    t.tv_sec = until / 1000;
    t.tv_nsec = (until % 1000) * 1000000;
    pthread_cond_timedwait(&g->change, &lock, &t);
}

int gate_enter(struct gate *g, int64_t longest_wait_ms, const _Atomic bool *stop, struct err *e)
{
    int64_t wait = 0;
    int rc = 0;
    pthread_mutex_lock(&lock);
    for (;;) {
        int64_t now = clock_mono_ms();
        if (stop && *stop) {
            rc = err_set(e, ERR_RETRY, 0, "stopped");
            break;
        }
        wait = g->pause_until_ms - now;
        if (wait > longest_wait_ms) {
            rc =
                err_set(e, ERR_RETRY, 429, "it asked for a pause, which lasts %" PRId64 " s more", (wait + 999) / 1000);
            if (e)
                e->retry_after_ms = wait;
            break;
        }
        if (wait <= 0 && g->active >= g->concurrent)
            wait = 500;
        else if (wait <= 0)
            wait = bucket_wait(g, now);
        if (wait <= 0) {
            g->active++;
            break;
        }
        gate_wait(g, wait);
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void gate_leave(struct gate *g)
{
    pthread_mutex_lock(&lock);
    g->active--;
    pthread_cond_signal(&g->change);
    pthread_mutex_unlock(&lock);
}

int64_t gate_pause(struct gate *g, int64_t wait_ms)
{
    pthread_mutex_lock(&lock);
    if (wait_ms <= 0)
        wait_ms = INT64_C(500) << MIN(g->strikes, 7u);
    g->strikes = MIN(g->strikes + 1, 7u);
    g->good = 0;
    int64_t until = clock_mono_ms() + wait_ms;
    g->pause_until_ms = MAX(g->pause_until_ms, until);
    pthread_mutex_unlock(&lock);
    return wait_ms;
}

void gate_success(struct gate *g)
{
    pthread_mutex_lock(&lock);
    if (g->strikes && ++g->good >= 5) {
        g->strikes--;
        g->good = 0;
    }
    pthread_mutex_unlock(&lock);
}

/* ---- tokens ---- */

/* Unlinks the token of key and all that are over. */
static struct kept_token *take(struct gate *g, const char *key)
{
    struct kept_token **at = &g->tokens, *found = NULL;
    int64_t now = clock_mono_ms();
    while (*at) {
        struct kept_token *k = *at;
        bool same = slice_eq_str(slice_str(k->key), key);
        if (!same && k->t.expires_mono_ms > now) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        g->n_tokens--;
        if (same && k->t.expires_mono_ms > now)
            found = k;
        else
            kept_free(k);
    }
    return found;
}

static void put(struct gate *g, struct kept_token *k)
{
    k->next = g->tokens;
    g->tokens = k;
    g->n_tokens++;
}

char *gate_token(struct gate *g, const char *key)
{
    pthread_mutex_lock(&lock);
    struct kept_token *k = take(g, key);
    char *copy = k ? xstrdup(k->t.token) : NULL;
    if (k)
        put(g, k);
    pthread_mutex_unlock(&lock);
    return copy;
}

void gate_token_keep(struct gate *g, const char *key, struct registry_token *t)
{
    struct kept_token *k = xcalloc(1, sizeof *k);
    k->key = xstrdup(key);
    k->t = *t;
    t->token = NULL;
    pthread_mutex_lock(&lock);
    struct kept_token *old = take(g, key);
    if (old)
        kept_free(old);
    if (g->n_tokens >= MAX_TOKENS) {
        struct kept_token *victim = g->tokens;
        g->tokens = victim->next;
        g->n_tokens--;
        kept_free(victim);
    }
    put(g, k);
    pthread_mutex_unlock(&lock);
}

void gate_token_drop(struct gate *g, const char *key)
{
    pthread_mutex_lock(&lock);
    struct kept_token *k = take(g, key);
    if (k)
        kept_free(k);
    pthread_mutex_unlock(&lock);
}
