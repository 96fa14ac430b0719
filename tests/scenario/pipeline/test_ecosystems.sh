#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A library of every ecosystem, from its real evidence, through careen up on the embedded bus: the affected version is found
# and the fixed one is not, an advisory that changes changes the findings, a malicious package is said as such, and what a new
# digest of the tag has fixed is resolved.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq

MAKE=$HERE/world/make_ecosystems.py
image() { # image REF VERSION [evil]: sets DIGEST
  rm -rf "$WORK/root"
  python3 "$MAKE" image "$WORK/root" "${@:2}"
  DIGEST=$(make_image "$WORK/layout" "$1" amd64 "dir:$WORK/root")
}
start_registry registry
at=127.0.0.1:$PORT
python3 "$MAKE" feeds "$WORK/feeds" 1.10.0
image affected 1.9.0 evil; affected=$DIGEST
image fixed 1.10.0; fixed=$DIGEST
push "$WORK/layout:affected" "$at/shop/app:v1"
push "$WORK/layout:fixed" "$at/shop/fixed:v1"
BUS=embedded:$WORK/state/bus
start up "$CAREEN_BIN/careen" up --bus "$BUS" --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --partitions 2 \
  --listen 127.0.0.1:0 --api 127.0.0.1:0 --schedule.walk '@every 1s' --schedule.feeds '@every 1s'
# found IMAGE: id, type and name of each finding; an image that is not assessed yet has no answer
found() {
  "$CAREEN_BIN/careen" findings "$1" --bus "$BUS" --format json > "$WORK/json" 2> "$WORK/err" || return 1
  jq -r '.status, (.findings[] | "\(.vulnerability) \(.type) \(.package)")' "$WORK/json" | sort
}
every=$(python3 "$MAKE" table | sort)
[ "$(wc -l <<< "$every")" -ge 12 ] || fail "ecosystems: $every"

say "every ecosystem's affected version, and none of its fixed ones"
until_is "findings" "$every
MAL-2026-1 npm evil
complete" found "$at/shop/app:v1"
expect "a malicious one is said as such, first" "malicious critical evil" "$(jq -r '.findings[0] | "\(.kind) \(.severity) \(.package)"' "$WORK/json")"
expect "what fixes them" 1.10.0 "$(jq -r '[.findings[] | select(.kind == "vulnerability").fixed_version] | unique | join(",")' "$WORK/json")"
expect "where they are" 13 "$(jq -r '.findings[].location | select(. != "")' "$WORK/json" | wc -l)"
until_is "none" "complete" found "$at/shop/fixed:v1"

say "the fix moves to a later version"
python3 "$MAKE" feeds "$WORK/feeds" 1.11.0
since=$(date +%s%N)
until_is "all of them are affected now" "$every
complete" found "$at/shop/fixed:v1"
say "after $((($(date +%s%N) - since) / 1000000)) ms"

say "and back"
python3 "$MAKE" feeds "$WORK/feeds" 1.10.0
until_is "none again" "complete" found "$at/shop/fixed:v1"

say "the tag moves to an image with all of them upgraded"
image upgraded 1.12.0
push "$WORK/layout:upgraded" "$at/shop/app:v1"
until_is "resolved" "complete" found "$at/shop/app:v1"
until_is "the old digest keeps its own" "$every
MAL-2026-1 npm evil
complete" found "$at/shop/app@$affected"

alerts() { # alerts DIGEST KIND: the ids that were told so
  "$CAREEN_BIN/careen" tail alerts --no-follow --bus "$BUS" --format json | jq -r --arg digest "$1" --arg kind "$2" \
    'select(.image_digest == $digest and .kind == $kind) | .vulnerability' | sort | uniq -c | awk '{print $2, $1}'
}
say "what was told of it"
expect "appeared once each" "$( (cut -d' ' -f1 <<< "$every"; echo MAL-2026-1) | sed 's/$/ 1/')" "$(alerts "$affected" appeared)"
for kind in appeared resolved; do
  expect "when the advisory changed: $kind" "$(cut -d' ' -f1 <<< "$every" | sed 's/$/ 1/')" "$(alerts "$fixed" "$kind")"
done
expect "a new digest has no old findings" "" "$(alerts "$DIGEST" appeared)"
say "passed"
