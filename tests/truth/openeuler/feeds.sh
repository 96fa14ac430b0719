#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# openEuler's OSV documents as OSV's bucket has them: a zip; its CSAF documents in a tar.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/vuls-data-update-fetch.tar.zst" | tar -x -C "$work" --wildcards '*openeuler*OESA*' '*openeuler/csaf/*'
mkdir -p "$OUT/osv/openEuler" "$OUT/openeuler"
happy=$(find "$work" -path '*openeuler/csaf/*happy' -type d)
tar -c -f "$OUT/openeuler/csaf.tar" -C "$happy" advisories cve
python3 - "$work" "$OUT/osv/openEuler/all.zip" << 'END'
import glob
import os
import sys
import zipfile

with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as z:
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "**", "OESA*.json"), recursive=True)):
        z.write(path, os.path.basename(path))
END
