#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Slices of Amazon's updateinfo, laid out as the repositories are.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/vuls-data-update-fetch.tar.zst" | tar -x -C "$work" --wildcards '*amazon*updateinfo_*'
lay() {
    mkdir -p "$OUT/amazon/$2"
    cp "$(find "$work" -name "updateinfo_$1.xml.gz")" "$OUT/amazon/$2/updateinfo.xml.gz"
}
lay 1 1
lay 2 2/core
lay 2_kernel-5.15 2/extras/kernel-5.15
lay 2023 2023/core
lay 2023_kernel-livepatch 2023/kernel-livepatch
lay 2023_nvidia 2023/nvidia
