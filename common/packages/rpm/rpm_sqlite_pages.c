/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/rpm/rpm_sqlite.h"

#define FILE_HEAD  100u
#define LOG_HEAD   32u
#define FRAME_HEAD 24u
#define LOG_MAGIC  0x377F0682u /* checksums of little-endian words; with the lowest bit big-endian */

/* The pages in a log up to the end of its last complete transaction. */
struct log_scan {
    uint32_t page_size;
    uint32_t frames; /* that count */
    uint32_t pages;  /* of the database after them */
    const char *trouble;
    uint32_t trouble_frame; /* 1 …; 0: the head */
};

static void checksum(const uint8_t *p, size_t n, bool big, uint32_t sum[2])
{
    uint32_t a = sum[0], b = sum[1];
    for (size_t i = 0; i + 8 <= n; i += 8) {
        a += (big ? rpmdb_be32(p + i) : rpmdb_le32(p + i)) + b;
        b += (big ? rpmdb_be32(p + i + 4) : rpmdb_le32(p + i + 4)) + a;
    }
    sum[0] = a;
    sum[1] = b;
}

static bool is_page_size(uint32_t n)
{
    return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

/*
 * Frames go on as long as their salts are the head's. An older log's frames may stand behind them: both of their salts
 * differ (the first is lower). With one that differs, or a wrong sum, it is damage.
 */
static void scan_frames(struct slice log, bool big, uint32_t sum[2], struct log_scan *s)
{
    uint32_t salt1 = rpmdb_be32(log.p + 16), salt2 = rpmdb_be32(log.p + 20), n = 0;
    size_t frame = FRAME_HEAD + s->page_size;
    for (size_t at = LOG_HEAD; at < log.n; at += frame) {
        const uint8_t *p = log.p + at;
        s->trouble_frame = n + 1;
        if (log.n - at < frame) {
            s->trouble = "is cut";
            return;
        }
        bool one = rpmdb_be32(p + 8) == salt1, two = rpmdb_be32(p + 12) == salt2;
        if (!one && !two)
            break;
        checksum(p, 8, big, sum);
        checksum(p + FRAME_HEAD, s->page_size, big, sum);
        if (!one || !two || rpmdb_be32(p + 16) != sum[0] || rpmdb_be32(p + 20) != sum[1] || !rpmdb_be32(p)) {
            s->trouble = "is damaged";
            return;
        }
        n++;
        if (rpmdb_be32(p + 4)) {
            s->frames = n;
            s->pages = rpmdb_be32(p + 4);
        }
    }
    s->trouble = n > s->frames ? "is of a transaction that has no end" : NULL;
    s->trouble_frame = n > s->frames ? s->frames + 1 : 0;
}

static struct log_scan scan_log(struct slice log)
{
    struct log_scan s = {.trouble = NULL};
    uint32_t sum[2] = {0, 0};
    if (!log.n)
        return s;
    uint32_t magic = log.n >= LOG_HEAD ? rpmdb_be32(log.p) : 0;
    s.trouble = "has no sound head";
    if ((magic & ~1u) != LOG_MAGIC || rpmdb_be32(log.p + 4) != 3007000 || !is_page_size(rpmdb_be32(log.p + 8)))
        return s;
    checksum(log.p, 24, magic & 1, sum);
    if (sum[0] != rpmdb_be32(log.p + 24) || sum[1] != rpmdb_be32(log.p + 28))
        return s;
    s.trouble = NULL;
    s.page_size = rpmdb_be32(log.p + 8);
    scan_frames(log, magic & 1, sum, &s);
    return s;
}

bool rpmdb_log_counts(struct slice log)
{
    struct log_scan s = scan_log(log);
    return s.frames || s.trouble;
}

static void apply_log(struct sqlite_pages *s, const struct log_scan *scan, const struct rpmdb_visitor *v)
{
    uint32_t most = (uint32_t)(s->file.n / s->size) + scan->frames;
    if (scan->pages > most)
        rpmdb_trouble(v, "%u of its pages are missing", scan->pages - most);
    s->count = MIN(scan->pages, most);
    s->frames = xcalloc((size_t)s->count + 1, sizeof *s->frames);
    for (uint32_t i = 0; i < scan->frames; i++) {
        uint32_t page = rpmdb_be32(s->log.p + LOG_HEAD + (size_t)i * (FRAME_HEAD + s->size));
        if (page <= s->count)
            s->frames[page - 1] = i + 1;
    }
}

static bool open_file(struct sqlite_pages *s, const struct log_scan *scan, const struct rpmdb_visitor *v)
{
    const uint8_t *p = s->file.p;
    if (!s->file.n && scan->frames) { /* all of it is in the log still */
        s->size = scan->page_size;
        return true;
    }
    if (s->file.n < 512 || memcmp(p, "SQLite format 3", 16) != 0) {
        rpmdb_trouble(v, s->file.n ? "it is no SQLite database" : "it is empty");
        return false;
    }
    s->size = rpmdb_be16(p + 16) == 1 ? 65536 : rpmdb_be16(p + 16);
    if (!is_page_size(s->size)) {
        rpmdb_trouble(v, "its pages can't have %u bytes", s->size);
        return false;
    }
    s->count = (uint32_t)MIN(s->file.n / s->size, (size_t)UINT32_MAX - 1);
    return true;
}

/* The head's own count of pages holds when its two change counters agree (section 1.3.7). */
static void check_size(const struct sqlite_pages *s, const uint8_t *head, const struct rpmdb_visitor *v)
{
    uint32_t pages = rpmdb_be32(head + 28);
    bool holds = pages && rpmdb_be32(head + 24) == rpmdb_be32(head + 92);
    if (!s->frames && (s->file.n % s->size || (holds && pages != s->count)))
        rpmdb_trouble(v, "it has %zu bytes where %" PRIu64 " are to be", s->file.n,
                      (uint64_t)(holds ? pages : s->count + 1) * s->size);
}

bool sqlite_pages_open(struct sqlite_pages *s, struct slice file, struct slice log, const struct rpmdb_visitor *v)
{
    struct log_scan scan = scan_log(log);
    *s = (struct sqlite_pages){.file = file, .log = log};
    if (scan.trouble && scan.trouble_frame)
        rpmdb_trouble(v, "frame %u of its log %s: what is from there on is left out", scan.trouble_frame, scan.trouble);
    else if (scan.trouble)
        rpmdb_trouble(v, "its log %s: it is left out", scan.trouble);
    if (!open_file(s, &scan, v))
        return false;
    if (scan.frames && scan.page_size != s->size)
        rpmdb_trouble(v, "its log has pages of %u bytes where it has %u: it is left out", scan.page_size, s->size);
    else if (scan.frames)
        apply_log(s, &scan, v);
    const uint8_t *head = sqlite_page(s, 1);
    if (!head || memcmp(head, "SQLite format 3", 16) != 0) {
        rpmdb_trouble(v, "its first page is missing");
        return false;
    }
    uint32_t encoding = rpmdb_be32(head + 56);
    s->usable = s->size - head[20];
    if (s->usable < 480 || encoding > 1) {
        rpmdb_trouble(v, "text encoding %u with %u reserved bytes can't be read", encoding, head[20]);
        return false;
    }
    check_size(s, head, v);
    return true;
}

void sqlite_pages_done(struct sqlite_pages *s)
{
    free(s->frames);
    s->frames = NULL;
}

const uint8_t *sqlite_page(const struct sqlite_pages *s, uint32_t number)
{
    if (!number || number > s->count)
        return NULL;
    if (s->frames && s->frames[number - 1])
        return s->log.p + LOG_HEAD + (size_t)(s->frames[number - 1] - 1) * (FRAME_HEAD + s->size) + FRAME_HEAD;
    return (uint64_t)number * s->size <= s->file.n ? s->file.p + (size_t)(number - 1) * s->size : NULL;
}
