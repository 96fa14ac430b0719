/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graalvm.c: native images of GraalVM. Their symbols are "__svm_version_info" and, where they were told to hold one,
 * "sbom" and "sbom_length": CycloneDX in JSON, packed by gzip, among their data. Names of symbols stand between NULs in
 * a table that stripping leaves; the document is known by what it unpacks to.
 */
#include "io/archive/deflated.h"
#include "packages/executable/executable.h"
#include "packages/sbom/sbom.h"

extern const struct package_format format_graalvm;
extern const struct executable_reader executable_reader_graalvm;

#define SBOM_MAX ((size_t)8 << 20)
enum text { TEXT_GZIP, TEXT_LENGTH, TEXT_VERSION };
static const struct slice texts[] = {
    SLICE("\x1f\x8b\x08\0"), SLICE("sbom_length"), SLICE("__svm_version_info"), {NULL, 0}};

enum { DOCUMENTS_MAX = 2 };

struct state {
    struct deflated documents[DOCUMENTS_MAX];
    size_t n;
    struct deflated trial;
    bool image;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    (void)x;
    for (size_t i = 0; i < s->n; i++)
        deflated_done(&s->documents[i]);
    s->n = 0;
    s->image = false;
}

static bool is_symbol(struct slice bytes, size_t n, struct slice before)
{
    /* Mach-O puts a line in front. */
    bool begins = slice_ends(before, SLICE("\0")) || slice_ends(before, SLICE("\0_"));
    return begins && bytes.n > n && !bytes.p[n];
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    if (text != TEXT_GZIP) {
        s->image |= is_symbol(bytes, texts[text].n, before);
    } else if (s->n < DOCUMENTS_MAX && deflated_begins(&s->trial, bytes, DEFLATED_GZIP, '{') &&
               executable_capture(x, (unsigned)s->n, at, SBOM_MAX)) {
        deflated_open(&s->documents[s->n++], DEFLATED_GZIP, SBOM_MAX);
    }
}

static bool is_document(const struct deflated *d)
{
    return d->whole && slice_find_slice(buf_slice(&d->out), SLICE("\"CycloneDX\"")) >= 0;
}

static bool take(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    (void)x;
    (void)at;
    if (deflated_feed(&s->documents[tag], bytes))
        return true;
    if (!is_document(&s->documents[tag]) && tag + 1 == s->n) /* room for the next */
        deflated_done(&s->documents[--s->n]);
    return false;
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    struct state *s = state;
    struct slice document = SLICE("");
    if (!s->image)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (is_document(&s->documents[i]))
            document = buf_slice(&s->documents[i].out);
    out->put(out->arg, out->format, x->path, document);
}

static void done(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    begin(s, NULL);
    deflated_done(&s->trial);
}

const struct executable_reader executable_reader_graalvm = {.format = &format_graalvm,
                                                            .texts = texts,
                                                            .state_size = sizeof(struct state),
                                                            .begin = begin,
                                                            .hit = hit,
                                                            .take = take,
                                                            .end = end,
                                                            .done = done};

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_share_file(p, entry->path, "graalvm-sbom");
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (!file)
        return;
    if (!entry->bytes.n) {
        parse_reason(p, REASON_CONTENTS_UNKNOWN,
                     "a native image of GraalVM without a bill of materials: its libraries "
                     "are unknown");
        return;
    }
    sbom_parse(p, entry->bytes, file);
    for (size_t i = 0; i < file->packages.n; i++) {
        file->packages.v[i].certainty = CERTAINTY_INSTALLED;
        file->packages.v[i].why = SLICE_NONE;
    }
}

static const struct package_rule rules[] = {EXECUTABLE_RULES, {.path = NULL}};
static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_graalvm = {.name = "graalvm",
                                              .keeps_version = 1,
                                              .reads_version = 1,
                                              .tells = TELLS_PACKAGES,
                                              .type = PKG_MAVEN,
                                              .rules = rules,
                                              .not_below = stores,
                                              .read = read_entry};
