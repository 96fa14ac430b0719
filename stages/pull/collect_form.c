/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect_form.h"

#include "model/image/media_type.h"

/* Sources: each format's own specification or the kernel's headers (squashfs_fs.h, erofs_fs.h, ext4.h, magic.h). */
static const struct {
    const char *name;
    size_t at, n;
    const char *magic;
} forms[] = {
    {"a squashfs file system", 0, 4, "hsqs"},
    {"a squashfs file system", 0, 4, "sqsh"},
    {"an EROFS file system", 1024, 4, "\xe2\xe1\xf5\xe0"},
    {"an ext file system", 1080, 2, "\x53\xef"},
    {"a Singularity image", 32, 9, "SIF_MAGIC"},
    {"a virtual machine's disk", 0, 4, "QFI\xfb"},
    {"a virtual machine's disk", 0, 8, "vhdxfile"},
    {"a virtual machine's disk", 510, 2, "\x55\xaa"},
    {"a Nydus image", 0, 4, "SFAR"},
    {"an encrypted disk (LUKS)", 0, 6, "LUKS\xba\xbe"},
    {"a zip archive", 0, 4, "PK\3\4"},
    {"a WebAssembly module", 0, 4, "\0asm"},
};

const char *form_of_head(struct slice head, struct slice media_type)
{
    const char *told = media_type_unread(media_type);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (slice_eq(slice_sub(head, forms[i].at, forms[i].n), slice_of(forms[i].magic, forms[i].n)))
            return forms[i].name;
    if (told || media_type_layer(media_type) != LAYER_OTHER)
        return told;
    const char *artifact = media_type_artifact(media_type);
    return artifact ? artifact : "of a type that is not files";
}

const char *form_of_member(struct slice path)
{
    static const struct {
        const char *path, *name;
    } members[] = {{"overlaybd.commit", "an OverlayBD block device"},
                   {"image/image.boot", "a Nydus image"},
                   {"image.boot", "a Nydus image"}};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (slice_eq_str(path, members[i].path))
            return members[i].name;
    return NULL;
}
