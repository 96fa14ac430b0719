#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The package databases of real images, one layer each, and real advisories: the packages as their own package managers list
# them, their systems, the same findings by a scan, by the stages, and by the stages again once their states were deleted.
# test_databases.sh does the same with databases made here.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need docker-registry skopeo python3 jq
SHARED=${CAREEN_SHARED:-$CAREEN_SOURCE/../shared}
[ -d "$SHARED/images/db" ] && [ -d "$SHARED/data" ] || skip "the databases of real images are not here: CAREEN_SHARED"
. "$HERE/databases/databases.sh"
CAREEN=$CAREEN_BIN/careen
careen() { "$CAREEN" "$@" 2> "$WORK/err" || fail "careen $*: $(cat "$WORK/err")"; }

corpus_begin
for layer in "$SHARED"/images/db/*.tar.gz; do
  ref=$(basename "$layer" .tar.gz)
  case $ref in *-s390x) arch=s390x ;; *-aarch64) arch=arm64 ;; *) arch=amd64 ;; esac
  corpus_image "$ref" "$arch" "blob:$layer"
  [ ! -f "$SHARED/images/expect/$ref.txt" ] || cp "$SHARED/images/expect/$ref.txt" "$WORK/corpus/expect/"
done

say "all their own"
for layer in "$SHARED"/images/db/*.tar.gz; do
  name=$(basename "$layer" .tar.gz)
  careen packages "oci:$WORK/corpus/oci:$name" --format json > "$WORK/real.json"
  # That one is of nginx's makers, who bring their own packages.
  expect "$name: not its own" "" "$(jq -r --arg image "$name" '.packages[] | select(.not_judged) | select($image != "debian-11" or (.name | startswith("nginx") | not)) | .name + ": " + .not_judged' "$WORK/real.json")"
  [ "$name" != debian-11 ] || expect "nginx's own packages" 5 "$(jq '[.packages[] | select(.not_judged)] | length' "$WORK/real.json")"
  [ "$(jq -r '.os.ecosystem' "$WORK/real.json")" != null ] || fail "$name: nobody's advisories hold for it"
  case $name in
    alpine-* | debian-* | ubuntu-*) expect "status of $name: $(jq -c .reasons "$WORK/real.json")" complete "$(jq -r .status "$WORK/real.json")" ;;
  esac
done

say "real advisories"
real() { careen scan "oci:$WORK/corpus/oci:$1" --cache "$WORK/realcache" "${@:2}" --format json > "$WORK/real.json"; }
real debian-12 --feeds "$SHARED/data" --only osv-debian,kev,alpine-v3.17
expect "debian-12" complete "$(jq -r .status "$WORK/real.json")"
[ "$(jq '.findings | length' "$WORK/real.json")" -gt 0 ] || fail "nothing found in debian-12"
jq -e '[.findings[] | (.rule | length > 0) and (.sources | length > 0)] | all' "$WORK/real.json" > /dev/null || fail "findings without rule or source"
real alpine-3.17
expect "alpine-3.17" complete "$(jq -r .status "$WORK/real.json")"

corpus_compare "$SHARED/data" osv-debian,osv-ubuntu,osv-alpine,osv-almalinux,alpine,azurelinux
