#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Registries come and go between two starts: one that is refused beside one that works is told, one that is corrected or
# added is walked at the start, one that is not configured any more leaves no image "ok". And: images that leave an index
# that stays.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl

say "a registry that works, and one that refuses"
start_registry registry
good=127.0.0.1:$PORT
start_proxy door "${good##*:}"
door=127.0.0.1:$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high
deb_image "$WORK/layout" a amd64 openssl=3.0.15-1 > "$WORK/a"
push "$WORK/layout:a" "$good/shop/a:v1"
faults door '[{"match":".","do":"status","status":401,"headers":{"WWW-Authenticate":"Basic realm=\"x\""}}]'
UP=("$CAREEN_BIN/careen" up --state "$WORK/state" --feeds "$WORK/feeds" --partitions 2 --schedule.walk '@every 1h')
BUS=embedded:$WORK/state/bus
rc=0
"${UP[@]}" --registry "http://$good" --registry "http://$door" --once > "$WORK/once" 2>&1 || rc=$?
expect "up --once with one that is refused" 3 "$rc"
expect_match "and why" "1 of 2 registries can't be listed: $door: .*401.*no credentials" "$(tail -1 "$WORK/once")"
expect_match "what works is shown" "shop/a:v1" "$(cat "$WORK/once")"

cat > "$WORK/named.yaml" <<Y
registries:
  - {host: "http://$good", repositories: [shop/a]}
  - {host: "http://$door", repositories: [shop/a, shop/none]}
Y
rc=0
"$CAREEN_BIN/careen" up --state "$WORK/named" --feeds "$WORK/feeds" --partitions 2 --config "$WORK/named.yaml" --once > "$WORK/once" 2>&1 || rc=$?
expect "the same with repositories that are named" 3 "$rc"
expect_match "and why" "1 of 2 registries can't be listed: $door: .*shop/a.*401" "$(tail -1 "$WORK/once")"

up() { start up "${UP[@]}" "$@"; UPPED=$STARTED_PID; }
down() { kill -TERM "$UPPED"; wait "$UPPED" 2>/dev/null || true; }
images() { "$CAREEN_BIN/careen" images --bus "$BUS" --format json | jq -r '"\(.registry) \(.status)\(if .unwatched_at then " unwatched" else "" end)"' | sort | paste -sd, ; }
advised() { "$CAREEN_BIN/careen" recommendations --bus "$BUS" --format json | jq -r 'select(.repository == "shop/a") | .registry + " " + .code' | sort | paste -sd, ; }
both() { printf '%s\n' "$good $1" "$door $2" | sort | paste -sd, ; }
say "corrected, it is walked at the start"
faults door '[]'
up --registry "http://$good" --registry "http://$door"
until_is "images of both" "$(both ok ok)" images
until_is "advice on both" "$(both healthy healthy)" advised
down
expect_match "the one that was well is not walked again" "walked before" "$(grep -F "\"$good\"" "$WORK/state/logs/discover.log" | tail -1)"

say "not configured any more: its images are marked, and not healthy in silence"
up --registry "http://$good"
until_is "images" "$(both ok 'ok unwatched')" images
until_is "advice" "$(both healthy unverified)" advised
expect_match "as a table" "$door.* not watched" "$("$CAREEN_BIN/careen" images --bus "$BUS" --format table | grep "$door")"
down
say "configured again: it is walked and they are as before"
up --registry "http://$good" --registry "http://$door"
until_is "images" "$(both ok ok)" images
until_is "advice" "$(both healthy healthy)" advised
down

say "an index stays, what it names goes"
amd=$(deb_image "$WORK/layout" amd amd64 openssl=3.0.11-1)
arm=$(deb_image "$WORK/layout" arm arm64 openssl=3.0.11-1)
make_index "$WORK/layout" multi amd arm > "$WORK/index"
push "$WORK/layout:multi" "$good/shop/multi:v1"
UP[9]='@every 1s'
up --registry "http://$good"
multi() { "$CAREEN_BIN/careen" images --bus "$BUS" --format json | jq -r 'select(.repository == "shop/multi") | "\(.digest[7:11]) \(.status) \(.tags[0]) \(.reason)"' | sort | paste -sd, ; }
d() { printf %s "${1:7:4}"; }
until_is "both platforms" "$(printf '%s ok v1 \n' "$(d "$amd")" "$(d "$arm")" | sort | paste -sd,)" multi
curl -fsS -o "$WORK/deleted" -X DELETE "http://$good/v2/shop/multi/manifests/$arm"
until_is "one is deleted" "$(d "$amd") ok v1 " multi
curl -fsS -o "$WORK/deleted" -X DELETE "http://$good/v2/shop/multi/manifests/$amd"
gone="$(d "$(cat "$WORK/index")") unreadable v1 the registry has none of the 2 images that it names"
until_is "the other too: the index is told by itself" "$gone" multi
n=$(grep -c 'registry walked' "$WORK/state/logs/discover.log")
until_match "three more walks" yes sh -c "[ \$(grep -c 'registry walked' '$WORK/state/logs/discover.log') -gt $((n + 3)) ] && echo yes"
expect "it stays so" "$gone" "$(multi)"
push "$WORK/layout:amd" "$good/shop/multi:other"
until_match "pushed again, it is found through the index too" "^$(d "$amd") ok other $" multi
say "passed"
