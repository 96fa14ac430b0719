#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Slices of SUSE's OVAL and VEX under the names that it publishes them by.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in vunnel vuls-data-update-fetch; do
    zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/$archive.tar.zst" | tar -x -C "$work" --wildcards '*suse*oval*' '*suse*csaf-vex.tar.bz2' '*sles*' 2> /dev/null || true
done
mkdir -p "$OUT/suse"
cp "$(find "$work" -name suse_truncated.xml)" "$OUT/suse/suse.linux.enterprise.15-affected.xml"
cp "$(find "$work" -path '*happy*' -name 'suse.linux.enterprise.16-affected.xml.gz')" "$OUT/suse/"
cp "$(find "$work" -path '*happy*' -name 'suse.linux.enterprise.micro.5-affected.xml.gz')" "$OUT/suse/"
cp "$(find "$work" -path '*happy*' -name 'suse.linux.micro.6-affected.xml.gz')" "$OUT/suse/"
cp "$(find "$work" -path '*happy*' -name opensuse.tumbleweed.xml.gz)" "$OUT/suse/opensuse.tumbleweed-affected.xml.gz"
cp "$(find "$work" -path '*happy*' -name opensuse.leap.15.2.xml.gz)" "$OUT/suse/opensuse.leap.15.2-affected.xml.gz"
cp "$(find "$work" -name csaf-vex.tar.bz2)" "$OUT/suse/"
