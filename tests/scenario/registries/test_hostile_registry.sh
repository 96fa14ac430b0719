#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A registry that answers wrong, lies or asks for endless work: every image that can be read is assessed all the same.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl

say "one tag that answers 500, a bomb of indexes, sizes that lie, names that are none"
start_registry registry
origin=$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high
deb_image "$WORK/layout" good amd64 openssl=3.0.11-1 > "$WORK/good"
deb_image "$WORK/layout" other amd64 openssl=3.0.12-1 > /dev/null
leaf=$(deb_image "$WORK/layout" leaf amd64 openssl=3.0.13-1)
push "$WORK/layout:good" "127.0.0.1:$origin/shop/a:zgood"
push "$WORK/layout:other" "127.0.0.1:$origin/shop/a:bad"
push "$WORK/layout:leaf" "127.0.0.1:$origin/shop/bomb:leaf"
push "$WORK/layout:good" "127.0.0.1:$origin/shop/lies:good"
# put REPOSITORY TAG TYPE: a manifest from standard input
put() {
  curl -sSf -X PUT -H "Content-Type: $3" --data-binary @- "http://127.0.0.1:$origin/v2/$1/manifests/$2" > /dev/null || fail "put $1:$2"
}
index=application/vnd.oci.image.index.v1+json image=application/vnd.oci.image.manifest.v1+json
# Three indexes that each name the next 100 times: 10^6 reads for whoever follows every name.
inner=$leaf type=$image
for depth in 1 2 3; do
  jq -nc --arg t $type --arg d "$inner" --arg i $index \
    '{schemaVersion: 2, mediaType: $i, manifests: [range(100) | {mediaType: $t, digest: $d, size: 10, platform: {os: "linux", architecture: "amd64"}}]}' > "$WORK/index"
  put shop/bomb "bomb$depth" $index < "$WORK/index"
  inner=sha256:$(sha256sum < "$WORK/index" | cut -c1-64) type=$index
done
curl -sSf -H "Accept: $image" "http://127.0.0.1:$origin/v2/shop/lies/manifests/good" > "$WORK/manifest"
for size in 1 2 3 4 5 6; do jq -c --argjson s $size '.layers |= map(.size = $s)' "$WORK/manifest" | put shop/lies "lie$size" $image; done

start_proxy door "$origin"
at=127.0.0.1:$PORT
faults door '[{"match": "(HEAD|GET) .*/manifests/bad", "do": "status", "status": 500},
  {"match": "_catalog", "do": "status", "status": 200, "body": "{\"repositories\":[\"../etc\",\"a\\nb\",\"shop/a\",\"\\u001b[31mred\",\"shop/bomb\",\"shop/lies\"]}"}]'
start up "$CAREEN_BIN/careen" up --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --partitions 2
logs() { cat "$WORK"/state/logs/*.log; }
advised() { "$CAREEN_BIN/careen" recommendations --bus "embedded:$WORK/state/bus" --format json | jq -r "select(.resource_id | startswith(\"$at/$1@\")) | .code" | sort | uniq -c | tr -s ' \n' ' '; }
until_is "the tags beside one that answers 500" " 1 unhealthy " advised shop/a
until_is "the image in the bomb" " 1 unhealthy " advised shop/bomb
until_is "images whose layers have another size, they say" " 7 unhealthy " advised shop/lies
expect "what the lies hinder" 0 "$(count_of 'could not be pulled' logs)"
until_match "what is tried again, by name" "\"subject\":\"$at/shop/a\".*status 500" grep 'tried again' "$WORK/state/logs/discover.log"
expect_match "names that are none, in a line" '"names":3,"example":"../etc"' "$(grep 'left out' "$WORK/state/logs/discover.log")"
expect "none of them is asked for" 0 "$(requests door | grep -cE 'etc|red|a%0Ab' || true)"
n=$(requests door | grep -c 'GET /v2/shop/bomb/manifests')
[ "$n" -le 20 ] || fail "$n manifests are read for four"
faults door '[]'
until_is "the tag once it answers" " 2 unhealthy " advised shop/a
expect "no crash" "" "$(logs | grep -E 'Sanitizer|runtime error|"level":"error"' || true)"
say "passed"
