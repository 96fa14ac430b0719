#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One real GLSA, in a tar as they are published.
set -eu
mkdir -p "$OUT/gentoo" "$OUT/tmp"
tar --zstd -xf "$CAREEN_SHARED/data/fixtures/vuls-data-update-fetch.tar.zst" -C "$OUT/tmp" --wildcards '*gentoo/testdata/fixtures/glsa/data/*'
tar -czf "$OUT/gentoo/glsa.tar.gz" -C "$OUT/tmp" .
