#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What registries hold beside plain images: careen scan and the pipeline say of each what it is, and assess what is one.
. "$(dirname "$0")/../lib.sh"
need python3 jq

CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high
"$CAREEN" feeds update --feeds "$WORK/feeds" > "$WORK/feeds.log" 2>&1 || true
deb_image "$WORK/layout" good amd64 openssl=3.0.11-1 > /dev/null
python3 "$HERE/world/make_forms.py" "$WORK/layout"
images='good octet html untyped no-platform sha512 ostree chain'
artifacts='sig att sbom chart oras cache referrers'
unread='schema1 sha512-only encrypted squashfs erofs'

scan() { RC=0; "$CAREEN" scan --format json --platform linux/amd64 "$@" > "$WORK/out" 2> "$WORK/err" || RC=$?; ERR=$(cat "$WORK/err"); }

say "careen scan"
for tag in $images; do
  scan "oci:$WORK/layout:$tag"
  expect "$tag" "0 complete CVE-2026-1001" "$RC $(jq -r '.status + " " + .findings[0].vulnerability' "$WORK/out")"
done
# refused TAG WHY
refused() {
  scan "oci:$WORK/layout:$1"
  expect "$1" 3 "$RC"
  expect "$1 prints nothing" "" "$(cat "$WORK/out")"
  expect_match "$1" "$2" "$ERR"
}
refused sig 'layout:sig: not an image: a cosign signature \(application/vnd.dev.cosign.simplesigning'
refused att 'not an image: an attestation'
refused sbom 'not an image: a list of packages \(SBOM\) \(text/spdx\)'
refused chart 'not an image: a Helm chart'
refused oras 'not an image: an artifact of type application/vnd.example.thing'
refused cache 'not an image: a BuildKit cache'
refused referrers 'not an image: a cosign signature'
refused schema1 "it can't be assessed: its manifest is of Docker's schema 1"
refused sha512-only 'sha512, which can.t be read yet'
refused encrypted 'the layer is encrypted, media type'
refused squashfs 'the layer is a squashfs file system'
refused erofs 'the layer is an EROFS file system'

say "careen scan of a registry"
start_python registry layout_registry.py "$WORK/layout" team/app "$WORK/registry.port"
at=127.0.0.1:$PORT
for tag in $images; do
  scan --no-cache "http://$at/team/app:$tag"
  expect "$tag" "0 complete CVE-2026-1001" "$RC $(jq -r '.status + " " + .findings[0].vulnerability' "$WORK/out")"
done
for tag in $artifacts; do scan "http://$at/team/app:$tag"; expect_match "$tag" "^3 .*: not an image: " "$RC $ERR"; done
for tag in $unread; do scan "http://$at/team/app:$tag"; expect_match "$tag" "^3 .*can't be read" "$RC $ERR"; done

say "the pipeline"
start up "$CAREEN" up --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --partitions 2
told() { "$CAREEN" recommendations --bus "embedded:$WORK/state/bus" --format json; }
# codes: "tag code", each once
codes() { told | jq -r 'select((.reasons // []) | any(test("waits")) | not) | .code as $c | .tags[] | . + " " + $c' | sort -u | tr '\n' ' '; }
want=$({ printf '%s unhealthy\n' $images; printf '%s not_applicable\n' $artifacts; printf '%s unverified\n' $unread sha512
  echo "no-platform unhealthy"; } | sort -u | tr '\n' ' ')
until_is "every tag" "$want" codes
reasons() { told | jq -r --arg t "$1" 'select(.tags | index($t)) | .reasons[]'; }
expect_match "a signature" 'not an image: a cosign signature' "$(reasons sig)"
expect_match "a cache, once" '^not an image: a BuildKit cache .*$' "$(reasons cache)"
expect "and nothing of its layers" 1 "$(told | jq -r 'select(.tags | index("cache")) | .code' | wc -l)"
expect_match "schema 1" "schema 1" "$(reasons schema1)"
expect_match "beside what can be read" "1 of the images that it names can't be read: .*sha512" "$(reasons sha512)"
expect_match "encrypted" 'the layer is encrypted' "$(reasons encrypted)"
pulls() { "$CAREEN" tail pulls --bus "embedded:$WORK/state/bus" --format json --no-follow; }
expect "passes over the layers of linked files" "2 4" "$(pulls | jq -r '.. | .passes? // empty' | sort -un | grep -v '^1$' | xargs)"
expect "no crash" "" "$(cat "$WORK"/state/logs/*.log | grep -E 'Sanitizer|runtime error|"level":"error"' || true)"
say "passed"
