/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_health.c: careen health: what a stage's /healthz says, as an exit status: for containers, which hold no curl. */
#include "careen/command.h"

#include "base/terminal/text.h"
#include "io/http/http.h"

#define HEALTH_TIMEOUT_MS 5000
#define HEALTH_URL        "http://127.0.0.1:8080/healthz"

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct err e = ERR_INIT;
    struct http_request q = {.url = n ? args[0] : HEALTH_URL, .total_ms = HEALTH_TIMEOUT_MS};
    struct http_response r = HTTP_RESPONSE_INIT(65536);
    struct http_options o = {.connect_ms = HEALTH_TIMEOUT_MS};
    (void)s;
    (void)own;
    if (n > 1)
        return command_usage("health", "one URL at most");
    if (n && !strstr(args[0], "://")) {
        char why[400];
        bool path = strchr(args[0], '/') != NULL;
        snprintf(why, sizeof why, "\"%.150s\" is no URL; did you mean http://%.150s%s?", args[0], args[0],
                 path ? "" : "/healthz");
        return command_usage("health", why);
    }
    struct http_client *c = http_client_new(&o);
    int rc = http_fetch(c, &q, &r, &e);
    struct buf said = BUF_INIT(1 << 17);
    text_add_safe(&said, buf_slice(&r.body), false);
    if (said.n)
        printf("%s\n", buf_cstr(&said));
    buf_done(&said);
    http_response_done(&r);
    http_client_free(c);
    return rc ? command_failed("health", &e) : 0;
}

const struct command command_health = {
    .name = "health",
    .arguments = "[URL]",
    .summary = "ask a running stage how it is",
    .about = "Prints what the URL says, by default " HEALTH_URL ", and ends with 0 when\n"
             "it is well and with 3 when it is not or does not answer within five seconds.\n",
    .run = run,
};
