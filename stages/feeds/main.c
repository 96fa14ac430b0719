/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/table/families.h"
#include "feeds/feeds_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct feeds_config config;
    struct buf names ATTR_CLEANUP(buf_done) = BUF_INIT(4096);
    for (size_t i = 0; i < s->feeds_only.n; i++)
        buf_addf(&names, "%s%s", i ? "," : "", s->feeds_only.v[i]);
    if (names.overflow)
        return err_set(e, ERR_USAGE, 0, "--feeds-only names more than 4096 bytes of feeds");
    if (feed_names_check(buf_cstr(&names), e))
        return err_wrap(e, "feeds-only");
    config = (struct feeds_config){.state_dir = s->state,
                                   .feeds_dir = s->feeds_dir,
                                   .mirror = s->feeds_mirror,
                                   .names = xstrdup(buf_cstr(&names))};
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &feeds_stage,
        "Fetches published advisories and exploit knowledge and writes what changed.\n"
        "Reads ticks, writes advisories and vulnerabilities.",
        configure,
    };
    return program_main(&p, argc, argv);
}
