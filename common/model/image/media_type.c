/* SPDX-License-Identifier: Apache-2.0 */
#include "model/image/media_type.h"

#define DOCKER_SCHEMA1 "application/vnd.docker.distribution.manifest.v1+"

struct slice media_type_essence(struct slice s)
{
    ptrdiff_t semicolon = slice_find(s, ';');
    if (semicolon >= 0)
        s.n = (size_t)semicolon;
    return slice_trim(s);
}

static bool is_among(struct slice s, const char *const *names)
{
    for (; *names; names++)
        if (slice_eq_str(s, *names))
            return true;
    return false;
}

static bool has_part(struct slice s, const char *part)
{
    return slice_find_slice(s, slice_str(part)) >= 0;
}

/* What servers and clients write when they don't know the type. */
static bool says_nothing(struct slice s)
{
    static const char *const names[] = {
        "application/octet-stream", "application/json", "binary/octet-stream", "text/html", "text/plain", NULL};
    return !s.n || is_among(s, names);
}

bool media_type_schema1(struct slice s)
{
    return slice_starts(s, SLICE(DOCKER_SCHEMA1));
}

/* The image specification's index: "an encountered mediaType that is unknown to the implementation MUST be ignored". */
enum entry_kind media_type_entry(struct slice s)
{
    static const char *const indexes[] = {MEDIA_OCI_INDEX, MEDIA_DOCKER_LIST, NULL}, *const images[] = {
                                                                                         MEDIA_OCI_MANIFEST,
                                                                                         MEDIA_DOCKER_MANIFEST, NULL};
    s = media_type_essence(s);
    if (is_among(s, indexes))
        return ENTRY_INDEX;
    return is_among(s, images) || media_type_schema1(s) || says_nothing(s) ? ENTRY_IMAGE : ENTRY_NO_IMAGE;
}

enum config_media media_type_config(struct slice s)
{
    static const char *const images[] = {MEDIA_OCI_CONFIG, MEDIA_DOCKER_CONFIG, NULL};
    s = media_type_essence(s);
    return is_among(s, images) ? CONFIG_OF_IMAGE : says_nothing(s) ? CONFIG_UNSAID : CONFIG_OF_ARTIFACT;
}

const char *media_type_unread(struct slice s)
{
    static const struct {
        const char *part, *name;
    } forms[] = {
        {"+encrypted", "encrypted"},
        {"squashfs", "a squashfs file system"},
        {"erofs", "an EROFS file system"},
        {"nydus", "a Nydus blob"},
        {"overlaybd", "an OverlayBD block device"},
        {"puzzlefs", "a PuzzleFS file system"},
        {"vnd.sylabs.sif", "a Singularity image"},
        {"qcow2", "a virtual machine's disk"},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (has_part(s, forms[i].part))
            return forms[i].name;
    return NULL;
}

enum layer_kind media_type_layer(struct slice s)
{
    static const char *const tars[] = {
        "application/x-tar", "application/tar",    "application/tar+gzip", "application/x-tar+gzip",
        "application/gzip",  "application/x-gzip", "application/zstd",     NULL};
    s = media_type_essence(s);
    if (media_type_unread(s))
        return LAYER_UNREAD;
    if (slice_starts(s, SLICE("application/vnd.oci.image.layer.")) ||
        slice_starts(s, SLICE("application/vnd.docker.image.rootfs.")) ||
        slice_starts(s, SLICE("application/vnd.docker.container.image.rootfs.")) || is_among(s, tars))
        return LAYER_FILES;
    return says_nothing(s) ? LAYER_GENERIC : LAYER_OTHER;
}

const char *media_type_artifact(struct slice s)
{
    static const struct {
        const char *part, *name;
    } names[] = {
        {"vnd.dev.cosign.simplesigning", "a cosign signature"},
        {"vnd.dev.cosign.artifact.sig", "a cosign signature"},
        {"vnd.dev.sigstore.bundle", "a Sigstore bundle"},
        {"vnd.cncf.notary.signature", "a Notary Project signature"},
        {"vnd.dsse.envelope", "an attestation"},
        {"vnd.in-toto", "an attestation"},
        {"vnd.dev.cosign.artifact.sbom", "a list of packages (SBOM)"},
        {"spdx", "a list of packages (SBOM)"},
        {"cyclonedx", "a list of packages (SBOM)"},
        {"vnd.syft", "a list of packages (SBOM)"},
        {"vnd.cncf.helm", "a Helm chart"},
        {"vnd.wasm", "a WebAssembly module"},
        {"vnd.module.wasm", "a WebAssembly module"},
        {"vnd.bytecodealliance.wasm", "a WebAssembly module"},
        {"vnd.docker.plugin", "a Docker plugin"},
        {"vnd.buildkit.cacheconfig", "a BuildKit cache"},
        {"vnd.docker.compose", "a Compose application"},
        {"vnd.cncf.flux", "a Flux source"},
        {"vnd.cncf.openpolicyagent", "a policy of Open Policy Agent"},
        {"vnd.amazon.soci", "a SOCI index"},
        {"vnd.cncf.model", "a machine learning model"},
        {"vnd.docker.ai", "a machine learning model"},
        {"vnd.ollama", "a machine learning model"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (has_part(s, names[i].part))
            return names[i].name;
    return NULL;
}

bool media_type_foreign(struct slice s)
{
    return has_part(s, ".foreign.") || has_part(s, ".nondistributable.");
}
