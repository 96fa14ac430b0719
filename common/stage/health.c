/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/health.h"

#include "base/clock.h"
#include "base/jsonw.h"

#include <pthread.h>

#define BEAT_MAX_MS 60000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char trouble_text[256];
static int64_t last_beat;

void health_set(const char *trouble)
{
    pthread_mutex_lock(&lock);
    snprintf(trouble_text, sizeof trouble_text, "%s", trouble ? trouble : "");
    pthread_mutex_unlock(&lock);
}

void health_beat(void)
{
    pthread_mutex_lock(&lock);
    last_beat = clock_mono_ms();
    pthread_mutex_unlock(&lock);
}

bool health_json(struct buf *out)
{
    pthread_mutex_lock(&lock);
    bool late = last_beat && clock_mono_ms() - last_beat > BEAT_MAX_MS;
    bool healthy = !trouble_text[0] && !late;
    struct jsonw w;
    jsonw_init(&w, out, 0);
    jsonw_object(&w);
    jsonw_pair_bool(&w, "healthy", healthy);
    jsonw_pair_str(&w, "trouble", trouble_text[0] ? trouble_text : late ? "the loop has not come by for a minute" : NULL);
    jsonw_end(&w);
    pthread_mutex_unlock(&lock);
    return healthy;
}
