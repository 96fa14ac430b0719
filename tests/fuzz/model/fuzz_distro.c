/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any lines, "NAME=value", as the facts of a system, and the values as what advisories and Red Hat's build system call
 * systems and products.
 */
#include "model/distro/distro.h"
#include "model/distro/eol.h"
#include "model/distro/redhat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FACTS_MAX 32

/* `sound`: it was made here; then all of its spellings are of one system. */
static void check_ecosystem(struct slice ecosystem, bool sound, struct arena *arena)
{
    struct distro_spelling spelling[DISTRO_SPELLINGS_MAX];
    size_t n = distro_spellings(ecosystem, arena, spelling);
    struct slice base = distro_ecosystem_base(ecosystem, arena);
    ASSERT(n <= DISTRO_SPELLINGS_MAX && (n > 0) == (ecosystem.n > 0));
    for (size_t i = 0; i < n && !arena->overflow; i++) {
        struct slice other = distro_ecosystem_base(spelling[i].name, arena);
        ASSERT(spelling[i].name.n && (other.n || arena->overflow));
        ASSERT(!sound || slice_eq(other, base) || arena->overflow);
    }
    distro_product_ecosystem(ecosystem, arena);
}

static void check_redhat(struct slice value, struct slice version_id, struct arena *arena)
{
    struct slice products[] = {redhat_product_of_cpe(value, arena),
                               redhat_product_of_content_set(value, version_id, arena)};
    for (size_t i = 0; i < ARRAY_LEN(products); i++) {
        redhat_is_mainline(products[i]);
        struct slice generals[REDHAT_GENERALS_MAX];
        size_t n = redhat_general_products(products[i], arena, generals);
        for (size_t k = 0; k < n; k++)
            ASSERT(generals[k].n < products[i].n);
    }
    struct redhat_stream a = redhat_stream_of(value), b = redhat_stream_of(version_id);
    ASSERT(!redhat_same_stream(a, b) || !redhat_other_stream(a, b));
    struct slice longer[REDHAT_LONGER_MAX];
    redhat_longer_products(value, arena, longer);
    struct redhat_module m = redhat_module_of(value);
    ASSERT(m.stream.n + m.version.n <= value.n);
    redhat_module_began(m.version, value, arena);
    struct slice began = redhat_release_began(version_id, value, arena);
    ASSERT(!began.n || slice_is_text(began) || !slice_is_text(value) || !slice_is_text(version_id));
}

static void check_os(const struct os_info *os, struct arena *arena)
{
    struct reasons notes = {0};
    distro_notes(os, DISTRO_BY_DOCUMENT, arena, &notes);
    struct slice end = eol_date(os);
    ASSERT(!end.n || eol_is_date(end));
    eol_sentence(os, 1795000000000, arena);
    const struct distro *d = distro_of(os);
    ASSERT(!os->ecosystem.n || d);
    check_ecosystem(os->ecosystem, true, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct fact facts[FACTS_MAX];
    struct slice rest = slice_of(data, size), line, before = SLICE_NONE;
    struct os_info os;
    size_t n = 0;
    while (n < FACTS_MAX && slice_take_line(&rest, &line)) {
        struct slice name = SLICE_NONE, value = line;
        slice_take_token(&value, '=', &name);
        facts[n++] = (struct fact){name, value};
        check_ecosystem(value, false, &arena);
        check_redhat(value, before, &arena);
        before = value;
    }
    distro_identify(facts, n, &arena, &os);
    if (!arena.overflow)
        check_os(&os, &arena);
    arena_done(&arena);
    return 0;
}
