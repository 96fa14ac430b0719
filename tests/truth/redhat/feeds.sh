#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Red Hat's archive of VEX documents as its publisher lays it out, from the slices in CAREEN_SHARED: the VEX documents as they
# are, and for each CVE that only Red Hat's advisories (RHSA) in the slices speak of, their product trees and statements
# together as the VEX document of that CVE would have them.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in claircore vunnel vuls-data-update-fetch; do
    mkdir "$work/$name"
    tar --zstd -C "$work/$name" -xf "$CAREEN_SHARED/data/fixtures/$name.tar.zst"
done
python3 "$(dirname "$0")/slices.py" "$work" layout "$work/out"
mkdir -p "$OUT/redhat"
tar --zstd --sort=name -C "$work/out" -cf "$OUT/redhat/csaf_vex_2024-08-04.tar.zst" .
