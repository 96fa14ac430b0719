/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_probe: calls the registry client for scenario tests.
 *
 *   registry_probe [-c ca.pem] [-u user:password] [-a auth.json] [-n page] [-l low-speed-ms] [-t attempts] HOST COMMAND
 *   ping | catalog | tags REPO | head REPO REF | manifest REPO REF | blob REPO DIGEST SIZE
 *
 * Success prints what was asked for. Failure prints "error KIND CODE RETRY-MS TEXT" and exits with 1.
 */
#include "io/digest.h"
#include "io/oci/registry.h"

static int print_name(void *arg, struct slice name, struct err *e)
{
    (void)arg, (void)e;
    printf("%.*s\n", SLICE_FMT(name));
    return 0;
}

struct sum {
    struct digest hash;
    uint64_t bytes;
};

static int add_to_sum(void *arg, struct slice bytes, struct err *e)
{
    (void)e;
    struct sum *s = arg;
    digest_update(&s->hash, bytes);
    s->bytes += bytes.n;
    return 0;
}

static int print_blob(struct registry *r, const char *repository, const char *digest, const char *size, struct err *e)
{
    struct sum s = {0};
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    int64_t n = -1;
    slice_parse_i64(slice_str(size), &n);
    digest_init(&s.hash);
    int rc = registry_blob(r, slice_str(repository), slice_str(digest), n, add_to_sum, &s, e);
    digest_final(&s.hash, raw);
    if (rc == 0)
        printf("%s %" PRIu64 "\n", digest_format(raw, text), s.bytes);
    return rc;
}

static int print_manifest(struct registry *r, bool head, const char *repository, const char *ref, struct err *e)
{
    struct registry_manifest m;
    int rc = head ? registry_head(r, slice_str(repository), slice_str(ref), &m, e)
                  : registry_manifest(r, slice_str(repository), slice_str(ref), &m, e);
    if (rc)
        return rc;
    printf("%s %s %" PRId64 "\n", m.digest, m.media_type, m.size);
    registry_manifest_done(&m);
    return 0;
}

static int run(struct registry *r, int n, char **v, unsigned page, struct err *e)
{
    struct slice command = slice_str(v[0]);
    if (n == 1 && slice_eq_str(command, "ping"))
        return registry_ping(r, e);
    if (n == 1 && slice_eq_str(command, "catalog"))
        return registry_catalog(r, page, print_name, NULL, NULL, e);
    if (n == 2 && slice_eq_str(command, "tags"))
        return registry_tags(r, slice_str(v[1]), page, print_name, NULL, NULL, e);
    if (n == 3 && (slice_eq_str(command, "manifest") || slice_eq_str(command, "head")))
        return print_manifest(r, slice_eq_str(command, "head"), v[1], v[2], e);
    if (n == 4 && slice_eq_str(command, "blob"))
        return print_blob(r, v[1], v[2], v[3], e);
    return err_set(e, ERR_USAGE, 0, "unknown command %s", v[0]);
}

int main(int argc, char **argv)
{
    struct registry_options o = {.low_speed_ms = 2000};
    struct registry *r = NULL;
    struct err e = ERR_INIT;
    unsigned page = 0;
    uint64_t n = 0;
    int c;
    while ((c = getopt(argc, argv, "+c:u:a:n:l:t:")) >= 0) {
        char *colon;
        if (c == 'c') {
            o.ca_file = optarg;
        } else if (c == 'a') {
            o.auth_file = optarg;
        } else if (c == 'u' && (colon = strchr(optarg, ':'))) {
            *colon = 0;
            o.username = optarg;
            o.password = colon + 1;
        } else if (c == 'n' && slice_parse_u64(slice_str(optarg), &n)) {
            page = (unsigned)n;
        } else if (c == 'l' && slice_parse_u64(slice_str(optarg), &n)) {
            o.low_speed_ms = (int64_t)n;
        } else if (c == 't' && slice_parse_u64(slice_str(optarg), &n)) {
            o.attempts = (unsigned)n;
        } else {
            return 2;
        }
    }
    if (argc - optind < 2)
        return 2;
    o.host = argv[optind];
    int rc = registry_open(&o, &r, &e);
    if (rc == 0)
        rc = run(r, argc - optind - 1, argv + optind + 1, page, &e);
    if (rc)
        printf("error %s %d %" PRId64 " %s\n", err_kind_name(e.kind), e.code, e.retry_after_ms, e.text);
    registry_close(r);
    return rc ? 1 : 0;
}
