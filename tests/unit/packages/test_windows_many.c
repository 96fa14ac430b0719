/* SPDX-License-Identifier: Apache-2.0 */
/* Hives that name more updates than any Windows has. */
#include "unit/feeds_support.h"
#include "packages/windows/hive.h"
#include "packages/windows/windows.h"
#include "unit/windows_world.h"
#include "model/distro/windows.h"

#define SOFTWARE "Files/Windows/System32/config/SOFTWARE"

static struct arena arena = {.max = (size_t)64 << 20};

static uint32_t put_cell(struct buf *b, const void *p, size_t n)
{
    uint32_t at = (uint32_t)b->n - 4096, size = (uint32_t)(n + 4 + 7) & ~7u, less = 0u - size;
    buf_add(b, &less, sizeof less);
    buf_add(b, p, n);
    for (size_t i = n + 4; i < size; i++)
        buf_add_byte(b, 0);
    return at;
}

static void set_u16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void set_u32(uint8_t *p, uint32_t v)
{
    set_u16(p, v & 0xFFFF);
    set_u16(p + 2, v >> 16);
}

static uint32_t put_key(struct buf *b, const char *name, const uint32_t *children, uint32_t n, uint32_t values)
{
    uint8_t nk[76 + 80] = {'n', 'k', 0x20}, *list = xcalloc(4 + (size_t)n * 4, 1);
    memcpy(list, "li", 2);
    set_u16(list + 2, n);
    for (uint32_t i = 0; i < n; i++)
        set_u32(list + 4 + (size_t)i * 4, children[i]);
    set_u32(nk + 20, n);
    set_u32(nk + 28, n ? put_cell(b, list, 4 + (size_t)n * 4) : HIVE_NONE);
    set_u32(nk + 36, values ? 1 : 0);
    set_u32(nk + 40, values ? values : HIVE_NONE);
    set_u16(nk + 72, (uint32_t)strlen(name));
    memcpy(nk + 76, name, strlen(name));
    free(list);
    return put_cell(b, nk, 76 + strlen(name));
}

/* A hive that says of `updates` updates, each named by `times` keys, that they are installed. */
static void hive_of_updates(struct buf *b, uint32_t updates, uint32_t times)
{
    static const char *const above[] = {
        "Packages", "Component Based Servicing", "CurrentVersion", "Windows", "Microsoft", "ROOT"};
    uint8_t vk[32] = {'v', 'k', 12}, values[4];
    uint32_t *keys = xcalloc(updates * times, sizeof *keys), n = updates * times, key = 0;
    for (int i = 0; i < 4096; i++)
        buf_add_byte(b, 0);
    buf_add(b, "hbin\0\0\0", 8);
    set_u32(vk + 4, 0x80000004u);
    set_u32(vk + 8, 0x70);
    set_u32(vk + 12, HIVE_DWORD);
    vk[16] = 1;
    memcpy(vk + 20, "CurrentState", 12);
    set_u32(values, put_cell(b, vk, sizeof vk));
    uint32_t list = put_cell(b, values, sizeof values);
    for (uint32_t i = 0; i < n; i++) {
        char name[80];
        snprintf(name, sizeof name, "Package_for_KB%u~31bf3856ad364e35~amd64~~20348.%u.1.1", 1000000 + i % updates, i);
        keys[i] = put_key(b, name, NULL, 0, list);
    }
    for (size_t i = 0; i < ARRAY_LEN(above); i++)
        key = i ? put_key(b, above[i], &key, 1, 0) : put_key(b, above[i], keys, n, 0);
    assert_false(b->overflow);
    memcpy(b->p, "regf", 4);
    set_u32(b->p + 36, key);
    free(keys);
}

static void test_many_updates(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    hive_of_updates(&b, WINDOWS_UPDATES_MAX, 2);
    struct layer_packages layers[2] = {windows_layer_of(&arena, "b", SOFTWARE, buf_slice(&b))};
    assert_int_equal(layers[0].status, PULL_GOOD);
    assert_int_equal(layers[0].files.v[0].packages.n, WINDOWS_UPDATES_MAX);
    buf_clear(&b);
    hive_of_updates(&b, WINDOWS_UPDATES_MAX + 1, 1);
    layers[1] = windows_layer_of(&arena, "c", SOFTWARE, buf_slice(&b));
    buf_done(&b);
    assert_int_equal(layers[1].files.v[0].packages.n, WINDOWS_UPDATES_MAX);
    assert_int_equal(layers[1].reasons.texts.n, 1);
    assert_true(
        slice_ends(layers[1].reasons.texts.v[0], SLICE("it names more than 4000 updates; the rest is left out")));
    /* Another name in the later layer, so that together there is one more. */
    layers[1] = layers[0];
    struct package more = {.type = PKG_WINDOWS, .name = SLICE("KB9999999"), .version = SLICE("1")};
    struct parsed_file delta = {.path = SLICE("Hives/Software_Delta"), .parser = slice_str(PARSER_WINDOWS_HIVE)};
    delta.packages.v = &more;
    delta.packages.n = 1;
    layers[1].files.v = &delta;
    layers[1].files.n = 1;
    struct inventory inv = windows_assemble(&arena, "10.0.20348.2340", layers, 2);
    assert_int_equal(inv.packages.n, WINDOWS_UPDATES_MAX + 2);
    assert_int_equal(inv.status, INVENTORY_PARTIAL);
    assert_true(
        slice_eq_str(inv.reasons.texts.v[0], "it names more than 4000 updates; the rest counts as not installed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_updates)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
