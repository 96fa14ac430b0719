#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The package databases of real images, one layer each: the packages as their own package managers list them, and the same
# findings by a scan, by the stages, and by the stages again once their states were deleted.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need docker-registry skopeo python3
SHARED=${CAREEN_SHARED:-$CAREEN_SOURCE/../shared}
[ -d "$SHARED/images/db" ] && [ -d "$SHARED/data" ] || skip "no databases in $SHARED/images/db; set CAREEN_SHARED"

mkdir -p "$WORK/corpus/expect"
start_registry registry
HOST=127.0.0.1:$PORT
for layer in "$SHARED"/images/db/*.tar.gz; do
  ref=$(basename "$layer" .tar.gz)
  case $ref in *-s390x) arch=s390x ;; *-aarch64) arch=arm64 ;; *) arch=amd64 ;; esac
  digest=$(make_image "$WORK/corpus/oci" "$ref" "$arch" "blob:$layer")
  skopeo copy -q --dest-tls-verify=false "oci:$WORK/corpus/oci:$ref" "docker://$HOST/db:$ref"
  printf '%s\t%s\n' "$ref" "$digest" >> "$WORK/corpus/images.tsv"
  [ ! -f "$SHARED/images/expect/$ref.txt" ] || cp "$SHARED/images/expect/$ref.txt" "$WORK/corpus/expect/"
done

export CAREEN_CACHE=$WORK/cache
FEEDS=osv-debian,osv-ubuntu,osv-alpine,osv-almalinux,alpine,azurelinux
"$CAREEN_BIN/careen" feeds update --quiet --feeds "$SHARED/data" --only "$FEEDS" || fail "feeds update"
assess() {
  "$CAREEN_BIN/careen" up --once --registry "http://$HOST" --state "$WORK/state" --feeds "$SHARED/data" --feeds-only "$FEEDS" \
    > "$WORK/up.out" 2>&1 || fail "careen up: $(tail -n 5 "$WORK/up.out")"
  python3 "$HERE/corpus_compare.py" "$CAREEN_BIN/careen" "$WORK/corpus" "embedded:$WORK/state/bus" >&2 || fail "lists differ"
}
assess
say "as their own package managers list them; the same findings by scan and by the stages"
find "$WORK/state" -mindepth 1 -maxdepth 1 ! -name bus -exec rm -rf {} +
assess
say "the same once the states were deleted"
