/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "images/image_kind.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA   "sha256:" HEX64

struct vector {
    const char *text;
    const char *whole; /* as imageref_format gives it; NULL: refused */
    const char *error; /* part of the refusal */
};

static const struct vector vectors[] = {
    {"alpine", "docker.io/library/alpine:latest", NULL},
    {"alpine:3.20", "docker.io/library/alpine:3.20", NULL},
    {"docker.io/alpine", "docker.io/library/alpine:latest", NULL},
    {"index.docker.io/alpine", "docker.io/library/alpine:latest", NULL},
    {"docker://alpine", "docker.io/library/alpine:latest", NULL},
    {"http://host:5000/app:1", "host:5000/app:1", NULL},
    {"http://host/app", "http://host/app:latest", NULL},
    {"Host/app", "Host/app:latest", NULL},
    {"http://app", NULL, "no repository"},
    {"http://docker://r.example/app", NULL, "registry \"docker:\""},
    {"team/app", "docker.io/team/app:latest", NULL},
    {"localhost/app", "localhost/app:latest", NULL},
    {"host:5000/app", "host:5000/app:latest", NULL},
    {"Registry.Example:5000/a/b/c:v1", "registry.example:5000/a/b/c:v1", NULL},
    {"[::1]:5000/app:x", "[::1]:5000/app:x", NULL},
    {"r.example/app@" SHA, "r.example/app@" SHA, NULL},
    {"r.example/app:v2@" SHA, "r.example/app:v2@" SHA, NULL},
    {"r.example/a.b_c__d--e", "r.example/a.b_c__d--e:latest", NULL},
    {"oci:/srv/layout", "oci:/srv/layout", NULL},
    {"oci:/srv/layout:v1", "oci:/srv/layout:v1", NULL},
    {"oci-archive:x.tar:v1", "oci-archive:x.tar:v1", NULL},
    {"docker-archive:x.tar:team/app:v1", "docker-archive:x.tar:team/app:v1", NULL},
    {"sbom:a:b.json", "sbom:a:b.json", NULL},
    {"oci:/srv/layout:@1", "oci:/srv/layout:@1", NULL},
    {"oci:/srv/layout:@" SHA, "oci:/srv/layout:@" SHA, NULL},
    {"oci:/srv/layout@" SHA, "oci:/srv/layout:@" SHA, NULL},
    {"oci:/srv/layout@sha256:12", "oci:/srv/layout@sha256:12", NULL},
    /* other tools' names of places; what really is a repository of Docker Hub is written out */
    {"docker:24", NULL, "Docker Hub's repository is docker.io/library/docker:24"},
    {"docker:alpine:3", NULL, "docker: names the store of a Docker daemon"},
    {"docker-daemon:app:v1", NULL, "docker-daemon: names"},
    {"podman:alpine", NULL, "podman: names the store of Podman"},
    {"containers-storage:[overlay@/x]localhost/app", NULL, "containers-storage: names"},
    {"containerd:alpine", NULL, "containerd: names"},
    {"dir:/srv/x", NULL, "dir: names a folder"},
    {"rootfs:/", NULL, "rootfs: names a folder"},
    {"fs:.", NULL, "fs: names a folder"},
    {"file:x.tar", NULL, "file: names a file"},
    {"oci-dir:/srv/x", NULL, "an OCI layout, written oci:DIR"},
    {"tarball:x.tar", NULL, "written docker-archive:FILE"},
    {"singularity:x.sif", NULL, "singularity: names"},
    {"ostree:x", NULL, "ostree: names"},
    {"docker.io/library/docker:24", "docker.io/library/docker:24", NULL},
    {"docker://docker:24", "docker.io/library/docker:24", NULL},
    {"library/docker:24", "docker.io/library/docker:24", NULL},
    {"docker:5000/team/app", "docker:5000/team/app:latest", NULL},
    {"docker@" SHA, "docker.io/library/docker@" SHA, NULL},
    {"docker", "docker.io/library/docker:latest", NULL},
    {"registry:2", "docker.io/library/registry:2", NULL},
    {"registry:2.8.3", "docker.io/library/registry:2.8.3", NULL},
    {"registry:5000/app:v1", "registry:5000/app:v1", NULL},
    {"registry:alpine:3.20", "docker.io/library/alpine:3.20", NULL},
    {"registry:r.example/app", "r.example/app:latest", NULL},
    {"registry:alpine", NULL, "docker.io/library/alpine or docker.io/library/registry:alpine"},
    {"", NULL, "empty"},
    {"Alpine", NULL, "repository \"Alpine\""},
    {"a//b", NULL, "repository"},
    {"a/", NULL, "repository"},
    {"/a", NULL, "repository"},
    {"a..b", NULL, "repository"},
    {"a___b", NULL, "repository"},
    {"r.example/-a", NULL, "repository"},
    {"alpine:", NULL, "tag \"\""},
    {"alpine:.x", NULL, "tag \".x\""},
    {"alpine:x/y", NULL, "registry \"alpine:x\""},
    {"alpine@sha256:12", NULL, "digest \"sha256:12\""},
    {"alpine@md5:" HEX64, NULL, "digest"},
    {"alpine@SHA256:" HEX64, NULL, "digest"},
    {"host:99999/app", NULL, "registry \"host:99999\""},
    {"host..x/app", NULL, "registry"},
    {"[::1/app", NULL, "registry"},
    {"oci:", NULL, "path"},
    {"oci:dir:", NULL, "reference"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct arena a = ARENA_INIT(1 << 16);
        struct imageref r;
        struct err e = ERR_INIT;
        int rc = image_kind_parse(image_kinds, &a, slice_str(v->text), &r, &e);
        if ((rc == 0) != (v->whole != NULL))
            fail_msg("\"%s\": %s", v->text, rc ? e.text : "taken");
        if (rc == 0) {
            struct slice whole = imageref_format(&a, &r);
            if (!slice_eq_str(whole, v->whole))
                fail_msg("\"%s\" reads as %.*s", v->text, SLICE_FMT(whole));
        } else {
            assert_int_equal(e.kind, ERR_USAGE);
            if (!strstr(e.text, v->error))
                fail_msg("\"%s\": \"%s\" says nothing of %s", v->text, e.text, v->error);
        }
        arena_done(&a);
    }
}

/* Pods and tags in files name registries only. */
static void test_names(void **state)
{
    static const char *const names[][2] = {{"docker:24-dind", "docker.io/library/docker:24-dind"},
                                           {"registry:edge", "docker.io/library/registry:edge"},
                                           {"oci:x", "docker.io/library/oci:x"},
                                           {"r.example/app", "r.example/app:latest"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct arena a = ARENA_INIT(1 << 16);
        struct imageref r;
        assert_int_equal(imageref_parse_name(&a, slice_str(names[i][0]), &r, NULL), 0);
        assert_true(slice_eq_str(imageref_format(&a, &r), names[i][1]));
        arena_done(&a);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'a', sizeof text);
    assert_true(imageref_repository_valid(slice_of(text, 255)));
    assert_false(imageref_repository_valid(slice_of(text, 256)));
    assert_true(imageref_tag_valid(slice_of(text, 128)));
    assert_false(imageref_tag_valid(slice_of(text, 129)));
    assert_true(imageref_digest_valid(SLICE(SHA)));
    assert_false(imageref_digest_valid(SLICE(SHA "0")));
    assert_false(imageref_digest_valid(SLICE_NONE));
    struct arena a = ARENA_INIT(1 << 16);
    struct imageref r;
    assert_int_equal(image_kind_parse(image_kinds, &a, slice_of(text, 248), &r, NULL),
                     -1); /* library/ would make it 256 */
    assert_int_equal(image_kind_parse(image_kinds, &a, slice_of(text, 247), &r, NULL), 0);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
