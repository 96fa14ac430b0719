/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_codec: the first byte picks the topic; the rest is a framed record, and again the body behind that topic's own
 * frame, so that mutations reach the fields. What decodes must encode, and the JSON of it must be writable.
 */
#include "bus/codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct codec *codec;
static struct buf frames[TOPIC_MAX]; /* an encoded empty record of each topic, cut to its frame */

static void stop(void)
{
    codec_close(codec);
    for (int t = 0; t < TOPIC_MAX; t++)
        buf_done(&frames[t]);
}

static void start(void)
{
    struct err e = ERR_INIT;
    uint64_t record[CODEC_RECORD_SIZE_MAX / 8] = {0};
    if (codec_open(NULL, &codec, &e))
        BUG("%s", e.text);
    for (int t = 0; t < TOPIC_MAX; t++) {
        frames[t] = BUF_INIT(TOPIC_RECORD_MAX);
        if (codec_encode(codec, (enum topic)t, record, &frames[t], &e))
            BUG("%s", e.text);
        frames[t].n = 10;
    }
    atexit(stop);
}

static void try_decode(enum topic t, struct slice value)
{
    struct err e = ERR_INIT;
    struct arena arena = ARENA_INIT((size_t)64 << 20);
    struct buf out = BUF_INIT(TOPIC_RECORD_MAX), json = BUF_INIT((size_t)64 << 20);
    uint64_t record[CODEC_RECORD_SIZE_MAX / 8];
    if (!codec_decode(codec, t, value, &arena, record, &e)) {
        if (codec_encode(codec, t, record, &out, &e) && e.kind != ERR_POISON)
            BUG("decoded, but: %s", e.text);
        if (codec_to_json(codec, t, record, &json, &e))
            BUG("decoded, but: %s", e.text);
    } else if (e.kind != ERR_POISON) {
        BUG("not poison: %s", e.text);
    }
    buf_done(&out);
    buf_done(&json);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!codec)
        start();
    if (!size)
        return 0;
    enum topic t = (enum topic)(data[0] % TOPIC_MAX);
    struct slice rest = slice_of(data + 1, size - 1);
    try_decode(t, rest);
    frames[t].n = 10;
    buf_add_slice(&frames[t], rest);
    try_decode(t, buf_slice(&frames[t]));
    return 0;
}
