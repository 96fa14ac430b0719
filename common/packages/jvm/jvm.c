/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jvm.c: runtimes of Java by the file "release" in their folder: KEY="value" lines of which JAVA_VERSION makes it one,
 * since others have files of that name. A runtime that was linked of modules (jlink) has that and MODULES alone. Versions
 * stay as the vendor spells them; no feed speaks of them yet.
 */
#include "packages/reading/held_file.h"
#include "packages/parse_internal.h"

#define FILE_MAX ((uint32_t)64 << 10) /* the modules' names are most of it */

/* ---- keeping ---- */

struct state {
    struct held_file held;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    return held_file_begin(&s->held, file, FILE_MAX);
}

/* The lines that count, and of a runtime's modules how many there are. */
static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    struct slice text = s->held.bytes, line, module;
    struct buf kept = BUF_INIT(FILE_MAX + 100);
    bool is_one = false;
    while (slice_take_line(&text, &line)) {
        size_t modules = 0;
        is_one |= slice_starts(line, SLICE("JAVA_VERSION="));
        if (slice_starts(line, SLICE("MODULES="))) {
            while (slice_take_token(&line, ' ', &module))
                modules++;
            buf_addf(&kept, "modules=%zu\n", modules);
        } else if (line.n < 1024) {
            buf_add_slice(&kept, line);
            buf_add_byte(&kept, '\n');
        }
    }
    if (is_one)
        out->put(out->arg, out->format, s->held.path, buf_slice(&kept));
    buf_done(&kept);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = held_file_feed,
                                       .end = end,
                                       .layer_end = held_file_layer_end};

/* ---- reading ---- */

static struct slice value_of(struct slice text, const char *key)
{
    struct slice line, name;
    while (slice_take_line(&text, &line)) {
        if (!slice_take_token(&line, '=', &name) || !slice_eq_str(name, key))
            continue;
        line = slice_trim(line);
        if (line.n >= 2 && line.p[0] == '"' && line.p[line.n - 1] == '"')
            line = slice_sub(line, 1, line.n - 2);
        return slice_trim(line);
    }
    return SLICE_NONE;
}

/* What a vendor calls its builds; a name of nobody's is a build of OpenJDK. */
static const char *product_of(struct slice text)
{
    static const struct {
        const char *implementor, *name;
    } vendors[] = {
        {"Eclipse Adoptium", "temurin"},
        {"Eclipse Foundation", "temurin"},
        {"AdoptOpenJDK", "adoptopenjdk"},
        {"Amazon.com Inc.", "corretto"},
        {"Azul Systems, Inc.", "zulu"},
        {"BellSoft", "liberica"},
        {"SAP SE", "sapmachine"},
        {"Microsoft", "microsoft"},
        {"Alibaba", "dragonwell"},
        {"IBM Corporation", "semeru"},
        {"International Business Machines Corporation", "semeru"},
        {"JetBrains s.r.o.", "jetbrains"},
    };
    struct slice implementor = value_of(text, "IMPLEMENTOR");
    if (value_of(text, "GRAALVM_VERSION").n || slice_starts(implementor, SLICE("GraalVM")))
        return "graalvm";
    if (slice_eq_str(implementor, "Oracle Corporation") && slice_eq_str(value_of(text, "BUILD_TYPE"), "commercial"))
        return "oracle";
    for (size_t i = 0; i < ARRAY_LEN(vendors); i++)
        if (slice_eq_str(implementor, vendors[i].implementor))
            return vendors[i].name;
    return "openjdk";
}

static void parse_release(struct parse *p, struct slice text, struct parsed_file *file)
{
    static const char *const versions[] = {"JAVA_RUNTIME_VERSION", "FULL_VERSION", "SEMANTIC_VERSION", "JAVA_VERSION"};
    struct package package = {.type = PKG_JVM,
                              .ns = SLICE("jvm"),
                              .name = slice_str(product_of(text)),
                              .vendor = value_of(text, "IMPLEMENTOR")};
    struct slice folder = slice_path_folder(p->path), image = value_of(text, "IMAGE_TYPE");
    for (size_t i = 0; i < ARRAY_LEN(versions) && !parse_is_token(package.version); i++)
        package.version = value_of(text, versions[i]);
    if (!parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a runtime of Java without a sound version");
        return;
    }
    if (!slice_is_text(package.vendor))
        package.vendor = SLICE_NONE;
    if (!package.vendor.n && value_of(text, "modules").n)
        package.why = SLICE("linked of a runtime's modules");
    else if (slice_eq_str(image, "JDK") || slice_eq_str(image, "JRE"))
        package.why = image;
    parse_add_package(p, file, &package);
    /* A later layer may remove the runtime and leave this file. */
    parse_add_fact(p, file, SLICE(FACT_CODE_IN), arena_printf(p->arena, "%.*s/lib", SLICE_FMT(folder)));
    parse_add_fact(p, file, SLICE(FACT_CODE_IN), arena_printf(p->arena, "%.*s/jre", SLICE_FMT(folder)));
}

static const struct package_rule rules[] = {
    {.path = "**/release", .max = FILE_MAX, .reducer = &reducer, .parser = "jvm-release", .parse = parse_release},
    {.path = NULL},
};

const struct package_format format_jvm = {
    .name = "jvm", .keeps_version = 1, .reads_version = 1, .type = PKG_JVM, .rules = rules};
