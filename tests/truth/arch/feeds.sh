#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tracker's groups are only at hand in slices: joined into one list.
set -eu
mkdir -p "$OUT/arch"
slice() { tar --zstd -xOf "$CAREEN_SHARED/data/fixtures/$1.tar.zst" --wildcards "*$2"; }
{ slice vunnel tests/unit/providers/arch/test-fixtures/input/arch-advisories/all.json; echo
  slice vuls-data-update-fetch pkg/fetch/arch/testdata/fixtures/advisory.json; } |
  python3 -c '
import json, sys
decoder, text, out = json.JSONDecoder(), sys.stdin.read(), []
while text.strip():
    one, end = decoder.raw_decode(text.lstrip())
    text = text.lstrip()[end:]
    out += one
json.dump(out, sys.stdout)' > "$OUT/arch/all.json"
