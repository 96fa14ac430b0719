/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h: the read-only API, docs/formats/api.md. A path is one function that fills an answer, in a file of its subject,
 * and one row of the table in api.c, which has its help too: `GET /api` lists them.
 *
 * Every answer is one read transaction of the whole tables. Threads: the server's; answers are made one at a time, under
 * the process's api_lock.
 */
#ifndef CAREEN_PUBLISH_API_API_H
#define CAREEN_PUBLISH_API_API_H

#include "base/jsonw.h"
#include "io/http/httpd.h"
#include "publish/assess.h"
#include "publish/publish_stage.h"

#define API_ANSWER_MAX ((size_t)64 << 20)

struct api_answer {
    struct publish_process *p;
    const struct httpd_request *q;
    struct httpd_response *r;
    struct store_txn *txn;
    struct arena arena; /* what the answer is made of; ends with it */
    struct jsonw w;     /* into the response's body */
    /* Of lists: how many rows at most, and the key of the last row of the page before. */
    uint64_t limit;
    uint8_t from[STEP_KEY_MAX];
    size_t from_n;
};

/* Fills the answer or calls httpd_fail and gives 0; negative: it can't be had, which is answered with 500. */
typedef int (*api_fill)(struct api_answer *a, struct err *e);

int api_status(struct api_answer *a, struct err *e);
int api_images(struct api_answer *a, struct err *e);
int api_recommendations(struct api_answer *a, struct err *e);
int api_reasons(struct api_answer *a, struct err *e);
int api_image(struct api_answer *a, struct err *e);
int api_findings(struct api_answer *a, struct err *e);
int api_packages(struct api_answer *a, struct err *e);

/* ---- for those ---- */

/* "next" of a list, and its end: last_key absent: there is no more. */
void api_page_end(struct api_answer *a, struct slice last_key);
/* A record as its schema has it. */
void api_record(struct api_answer *a, enum topic t, const void *record);
int api_join(const struct api_answer *a, struct slice digest, struct arena *arena, struct known_image *ret,
             struct err *e);

#endif
