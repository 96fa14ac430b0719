#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Oracle publishes one file of all its definitions; here are slices of it. They are put into one file, each unchanged.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in vunnel vuls-data-update-fetch; do
    zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/$archive.tar.zst" | tar -x -C "$work" --wildcards '*oracle*'
done
mkdir -p "$OUT/oracle"
python3 "$(dirname "$0")/slices.py" "$work" > "$OUT/oracle/com.oracle.elsa-all.xml"
