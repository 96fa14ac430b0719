/* SPDX-License-Identifier: Apache-2.0 */
/* What was kept of a record is all there when what it was read from is gone: a field that is not copied fails here. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "bus/codec/codec_tables.h"
#include "reports/keep.h"
#include "unit/codec_fill.h"

enum { ROUNDS = 20 };

/* The same record for the same seed. */
static void filled(struct arena *a, uint64_t seed, const struct codec_table *table, void *record)
{
    struct fill f = {.arena = a, .state = seed, .list_max = 4, .bytes_max = 40};
    fill_record(&f, table, record);
}

static const struct codec_table *finding_table(void)
{
    const struct codec_table *findings = codec_tables[TOPIC_FINDINGS];
    for (size_t i = 0; i < findings->n; i++)
        if (strcmp(findings->fields[i].name, "findings") == 0)
            return findings->fields[i].sub;
    return NULL;
}

static void test_finding(void **state)
{
    const struct codec_table *table = finding_table();
    (void)state;
    assert_non_null(table);
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct arena gone = ARENA_INIT(1 << 20), stays = ARENA_INIT(1 << 20);
        struct finding from = {0}, want = {0}, kept;
        filled(&gone, seed, table, &from);
        filled(&stays, seed, table, &want);
        assert_true(keep_finding(&stays, &from, &kept));
        arena_reset(&gone);
        memset(arena_alloc(&gone, 1 << 12), 'x', 1 << 12);
        const char *field = fill_differs(table, &kept, &want);
        if (field)
            fail_msg("%s of a finding is not kept", field);
        arena_done(&gone);
        arena_done(&stays);
    }
}

/* Of a vulnerability what people are shown, as keep.h says. */
static void test_vulnerability(void **state)
{
    const struct codec_table *table = codec_tables[TOPIC_VULNERABILITIES];
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct arena gone = ARENA_INIT(1 << 20), stays = ARENA_INIT(1 << 20);
        struct vulnerability from = {0}, want = {0}, kept;
        filled(&gone, seed, table, &from);
        filled(&stays, seed, table, &want);
        assert_true(keep_vulnerability(&stays, &from, &kept));
        arena_reset(&gone);
        memset(arena_alloc(&gone, 1 << 12), 'x', 1 << 12);
        want.details = SLICE_NONE;
        want.aliases = want.references = want.cwes = (slice_vec){0};
        const char *field = fill_differs(table, &kept, &want);
        if (field)
            fail_msg("%s of a vulnerability is not kept", field);
        arena_done(&gone);
        arena_done(&stays);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_finding), cmocka_unit_test(test_vulnerability)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
