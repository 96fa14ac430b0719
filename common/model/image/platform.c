/* SPDX-License-Identifier: Apache-2.0 */
/* platform.c: platforms as manifest.h declares them. */
#include "model/image/manifest.h"

#include <sys/utsname.h>

int platform_parse(struct arena *a, struct slice text, struct platform *ret_platform, struct err *e)
{
    struct platform p = {.os = SLICE(""), .architecture = SLICE(""), .variant = SLICE(""), .os_version = SLICE("")};
    struct slice rest = text;
    slice_take_token(&rest, '/', &p.os);
    slice_take_token(&rest, '/', &p.architecture);
    slice_take_token(&rest, '/', &p.variant);
    if (!p.os.n || !p.architecture.n || rest.n || text.n > 100 || !slice_is_text(text))
        return err_set(e, ERR_USAGE, 0, "platform \"%.*s\" is not os/architecture or os/architecture/variant",
                       (int)MIN(text.n, (size_t)100), (const char *)(text.p ? text.p : (const uint8_t *)""));
    p.os = arena_slice(a, p.os);
    p.architecture = arena_slice(a, p.architecture);
    p.variant = arena_slice(a, p.variant);
    *ret_platform = p;
    return 0;
}

struct platform platform_here(void)
{
    static const struct {
        const char *machine, *architecture, *variant;
    } names[] = {{"x86_64", "amd64", ""}, {"aarch64", "arm64", ""},   {"armv7l", "arm", "v7"},
                 {"armv6l", "arm", "v6"}, {"i686", "386", ""},        {"ppc64le", "ppc64le", ""},
                 {"s390x", "s390x", ""},  {"riscv64", "riscv64", ""}, {"loongarch64", "loong64", ""}};
    struct utsname u;
    struct platform p = {
        .os = SLICE("linux"), .architecture = SLICE("amd64"), .variant = SLICE(""), .os_version = SLICE("")};
    for (size_t i = 0; uname(&u) == 0 && i < ARRAY_LEN(names); i++) {
        if (!slice_eq_str(slice_str(u.machine), names[i].machine))
            continue;
        p.architecture = slice_str(names[i].architecture);
        p.variant = slice_str(names[i].variant);
    }
    return p;
}

struct slice platform_format(struct arena *a, const struct platform *p)
{
    return arena_printf(a, "%.*s/%.*s%s%.*s", SLICE_FMT(p->os), SLICE_FMT(p->architecture), p->variant.n ? "/" : "",
                        SLICE_FMT(p->variant));
}

static struct slice variant_of(const struct platform *p)
{
    if (p->variant.n)
        return p->variant;
    if (slice_eq_str(p->architecture, "arm64"))
        return SLICE("v8");
    if (slice_eq_str(p->architecture, "amd64"))
        return SLICE("v1");
    return slice_eq_str(p->architecture, "arm") ? SLICE("v7") : SLICE("");
}

bool platform_matches(const struct platform *want, const struct platform *have)
{
    return slice_eq(want->os, have->os) && slice_eq(want->architecture, have->architecture) &&
           slice_eq(variant_of(want), variant_of(have));
}

static int none_fits(struct arena *a, const descriptor_vec *list, const struct platform *want, struct err *e)
{
    char there[400] = "";
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].kind != ENTRY_IMAGE || n + 64 > sizeof there)
            continue;
        struct slice text = platform_format(a, &list->v[i].platform);
        n += (size_t)snprintf(there + n, sizeof there - n, "%s%.*s", n ? ", " : "", (int)MIN(text.n, (size_t)60),
                              (const char *)(text.p ? text.p : (const uint8_t *)""));
    }
    struct slice text = platform_format(a, want);
    return err_set(e, ERR_USAGE, 0, "no image for %.*s; choose a platform of: %s", (int)MIN(text.n, (size_t)60),
                   (const char *)(text.p ? text.p : (const uint8_t *)""), n ? there : "(none)");
}

int platform_choose(struct arena *a, const descriptor_vec *list, const struct platform *want, size_t *ret_index,
                    struct err *e)
{
    struct platform here = platform_here();
    size_t images = 0, last = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].kind != ENTRY_IMAGE)
            continue;
        if (platform_matches(want ? want : &here, &list->v[i].platform)) {
            *ret_index = i;
            return 0;
        }
        images++;
        last = i;
    }
    bool unsaid = images == 1 && !list->v[last].platform.os.n; /* then the config tells; the caller compares */
    if ((want && !unsaid) || images != 1)
        return none_fits(a, list, want ? want : &here, e);
    *ret_index = last;
    return 0;
}
