/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_image_archive: an OCI layout in a tar or an archive of docker save, and how an image of it is asked for.
 * Whatever it is, an answer is one image, or a refusal with a reason. First byte: which of the two, and what is asked
 * for.
 */
#include "images/image_source.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const asked[] = {"", "@1", "db:v1", "v1",
                                        "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
    struct arena a = ARENA_INIT((size_t)16 << 20);
    struct image_source *s = NULL;
    struct image image = {0};
    struct err e = ERR_INIT;
    char path[64];
    int fd = size ? memfd_create("archive", MFD_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ASSERT(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *which = asked[(data[0] & 0x7f) % ARRAY_LEN(asked)];
    struct slice name = arena_printf(&a, "%s:%s%s%s", data[0] & 0x80 ? "docker-archive" : "oci-archive", path,
                                     *which ? ":" : "", which);
    struct imageref ref;
    ASSERT(image_kind_parse(image_kinds, &a, name, &ref, &e) == 0);
    if (image_source_open(image_kinds, &ref, NULL, &s, &e) == 0) {
        if (image_source_image(s, &a, NULL, &image, &e) == 0)
            ASSERT(image.status == IMAGE_OK ? image.digest.n > 0 : image.reason.text.n > 0);
        else
            ASSERT(e.kind != ERR_NONE && e.text[0]);
        image_source_close(s);
    }
    close(fd);
    arena_done(&a);
    return 0;
}
