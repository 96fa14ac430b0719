/* SPDX-License-Identifier: Apache-2.0 */
/* ELF headers of both widths and byte orders, by hand after the System V ABI, and what is none. */
#include "io/binary/elf.h"

#include <setjmp.h>
#include <cmocka.h>

static uint8_t file[4096];

static void put(size_t at, size_t n, uint64_t value, bool big)
{
    for (size_t i = 0; i < n; i++)
        file[at + i] = (uint8_t)(value >> 8 * (big ? n - 1 - i : i));
}

/* Two program headers from 100 on: a writable segment of 0x300 bytes at 0x200, and an interpreter. */
static void make(bool wide, bool big)
{
    memset(file, 0, sizeof file);
    memcpy(file, ELF_MAGIC, 4);
    file[4] = wide ? 2 : 1;
    file[5] = big ? 2 : 1;
    put(16, 2, ELF_SHARED, big);
    put(wide ? 32 : 28, wide ? 8 : 4, 100, big);
    put(wide ? 54 : 42, 2, wide ? 56 : 32, big);
    put(wide ? 56 : 44, 2, 2, big);
    size_t second = wide ? 156 : 132;
    put(100, 4, ELF_LOAD, big);
    put(wide ? 104 : 124, 4, ELF_READ | ELF_WRITE, big);
    put(wide ? 108 : 104, wide ? 8 : 4, 0x200, big);
    put(wide ? 132 : 116, wide ? 8 : 4, 0x300, big);
    put(second, 4, ELF_INTERPRETER, big);
}

static void test_headers(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct elf f;
        make(i & 1, i & 2);
        assert_true(elf_open(slice_of(file, sizeof file), &f));
        assert_int_equal(f.wide, i & 1);
        assert_int_equal(f.big, (i & 2) != 0);
        assert_int_equal(f.type, ELF_SHARED);
        assert_int_equal(f.headers_n, 2);
        struct elf_segment s = elf_segment(&f, 0);
        assert_int_equal(s.type, ELF_LOAD);
        assert_int_equal(s.flags, ELF_READ | ELF_WRITE);
        assert_int_equal(s.offset, 0x200);
        assert_int_equal(s.size, 0x300);
        assert_int_equal(elf_segment(&f, 1).type, ELF_INTERPRETER);
        /* Where the front ends within them, those before count. */
        assert_true(elf_open(slice_of(file, 160), &f));
        assert_int_equal(f.headers_n, 1);
    }
}

static void test_none(void **state)
{
    (void)state;
    struct elf f;
    make(true, false);
    assert_false(elf_open(slice_of(file, ELF_HEADER_MAX - 1), &f));
    assert_false(elf_open(SLICE_NONE, &f));
    /* Headers that lie elsewhere, are too small, or too many. */
    put(32, 8, UINT64_MAX, false);
    assert_true(elf_open(slice_of(file, sizeof file), &f));
    assert_int_equal(f.headers_n, 0);
    make(true, false);
    put(54, 2, 55, false);
    assert_true(elf_open(slice_of(file, sizeof file), &f));
    assert_int_equal(f.headers_n, 0);
    make(true, false);
    put(56, 2, 0xffff, false);
    assert_true(elf_open(slice_of(file, sizeof file), &f));
    assert_int_equal(f.headers_n, (sizeof file - 100) / 56);
    file[0] = '#';
    assert_false(elf_open(slice_of(file, sizeof file), &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headers), cmocka_unit_test(test_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
