#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tracker's JSON is only at hand in slices: joined into one file.
set -eu
mkdir -p "$OUT/osv" "$OUT/debian"
ln -s "$CAREEN_SHARED/data/osv/Debian" "$OUT/osv/Debian"
ln -s "$CAREEN_SHARED"/data/debian/elts-osv-*.tar.zst "$OUT/debian/"
slice() { tar --zstd -xOf "$CAREEN_SHARED/data/fixtures/$1.tar.zst" --wildcards "*$2"; }
{ slice vunnel tests/unit/providers/debian/test-fixtures/input/debian.json
  slice vuls-data-update-fetch pkg/fetch/debian/tracker/api/testdata/fixtures/advisory.json; } |
  python3 -c '
import json, sys
decoder, text, out = json.JSONDecoder(), sys.stdin.read(), {}
while text.strip():
    one, end = decoder.raw_decode(text.lstrip())
    text = text.lstrip()[end:]
    for package, cves in one.items():
        out.setdefault(package, {}).update(cves)
json.dump(out, sys.stdout)' > "$OUT/debian/tracker.json"
