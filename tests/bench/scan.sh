#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scan.sh LAYOUT REF [RUNS]: careen scan of an image in an OCI layout, nothing remembered, against igzip -dc of its largest layer
# and of half of all its layers, taken in turn within each run; then with everything remembered. Medians. Uses
# $CAREEN_BIN and the advisories of $CAREEN_CACHE (an empty database is made without one).
#
# scan.sh make FOLDER: the images to measure: small (one layer of some 60 MB) and big (two, some 300 MB), by mmdebstrap, and
# languages (make_languages.py).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
careen=${CAREEN_BIN:?set CAREEN_BIN to the folder of the programs}/careen

if [ "${1:-}" = make ]; then
  out=${2:?scan.sh make FOLDER}; mkdir -p "$out"
  export SOURCE_DATE_EPOCH=1700000000
  mmdebstrap --quiet --variant=minbase bookworm "$out/base.tar"
  mmdebstrap --quiet --variant=minbase --include=python3,perl,git,gcc,g++,golang-go,ruby bookworm "$out/full.tar"
  python3 - "$out" <<'P'
import sys, tarfile
out = sys.argv[1]
with tarfile.open(out + '/base.tar') as t:
    seen = {m.name: (m.size, m.mode, m.linkname) for m in t}
with tarfile.open(out + '/full.tar') as full, tarfile.open(out + '/upper.tar', 'w') as upper:
    for m in full:
        if seen.get(m.name) != (m.size, m.mode, m.linkname) or m.name.startswith('./var/lib/dpkg/'):
            upper.addfile(m, full.extractfile(m) if m.isreg() else None)
P
  gzip -f "$out/base.tar"; gzip -f "$out/upper.tar"; rm "$out/full.tar"
  python3 "$here/../scenario/world/make_image.py" image "$out/oci" small amd64 "blob:$out/base.tar.gz"
  python3 "$here/../scenario/world/make_image.py" image "$out/oci" big amd64 "blob:$out/base.tar.gz" "blob:$out/upper.tar.gz"
  python3 "$here/make_languages.py" "$out/languages.tar.gz"
  python3 "$here/../scenario/world/make_image.py" image "$out/oci" languages amd64 "blob:$out/languages.tar.gz"
  exit
fi

exec python3 "$here/scan_measure.py" "$careen" "$@"
