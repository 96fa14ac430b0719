#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A slice of Anolis OS 23's OVAL.
set -eu
mkdir -p "$OUT/anolis"
zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/vuls-data-update-fetch.tar.zst" |
    tar -x -C "$OUT/anolis" --wildcards --transform 's#.*/##' '*happy/anolis-23.oval.xml'
