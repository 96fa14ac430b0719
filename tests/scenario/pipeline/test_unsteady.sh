#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test_unsteady.sh: what a stage stands on gives way while it runs: records with keys that no stage would write, the helper
# processes that fork its sandboxed children, and the machine's clock. Every stage goes on as the process it was, and
# images that are pushed afterwards are found and assessed.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq
mkdir -p "$WORK/feeds/osv"
start_registry registry
host=127.0.0.1:$PORT
image() { # image NAME: pushes an image of that name
  deb_image "$WORK/$1" one amd64 "$1=1.0-1" >/dev/null
  push "$WORK/$1:one" "$host/$1:1.0"
}
echo 0 > "$WORK/clock"
export CAREEN_TEST_CLOCK=$WORK/clock
bus=embedded:$WORK/state/bus

image first
start up "$CAREEN_BIN/careen" up --registry "http://$host" --feeds "$WORK/feeds" --state "$WORK/state" --partitions 2 \
  --schedule.walk '@every 1s' --schedule.feeds '@every 2s'
up=$STARTED_PID
packages() { "$PROBES/topic_probe" "$bus" show inventories | jq -Rr 'split("\t")[2] | fromjson | .packages[]?.name'; }
inventoried() { packages | grep -qx "$1"; }
wait_for 'the first inventory' inventoried first

stages() { pgrep -P "$up" | sort -n | tr '\n' ' '; }
nurseries() { local p; for p in $(stages); do pgrep -P "$p" -x careen-nursery || true; done; }
before=$(stages)
[ "$(wc -w <<< "$before")" -ge 7 ] || fail "up runs \"$before\", not all stages"
same_stages() { expect "the stages' processes after $1" "$before" "$(stages)"; }

# ---- keys that no stage would write ----

# shellcheck disable=SC2046 # words
long=$(printf 'k%.0s' $(seq 600)) longest=$(printf 'k%.0s' $(seq 5000))
topics='registry-events ticks images workloads layers pulls layer-contents layer-packages inventories advisories
  vulnerabilities findings exemptions recommendations alerts dead-letters'
for topic in $topics; do
  for key in '' ',' "$long" "$longest" "sha256:$long,x" "x,$long" "$long,$long"; do
    "$PROBES/topic_probe" "$bus" put "$topic" "$key" || fail "can't put a record into $topic"
  done
done
image second
wait_for 'the inventory after foreign keys' inventoried second
same_stages 'foreign keys'
letters=$("$PROBES/topic_probe" "$bus" show dead-letters | wc -l)
[ "$letters" -ge 100 ] || fail "only $letters dead letters of foreign keys"

# ---- helper processes ----

mapfile -t killed < <(nurseries)
expect 'the number of nurseries' 3 "${#killed[@]}"
kill -KILL "${killed[@]}"
anew() { [ "$(nurseries | wc -l)" = 3 ] && [ "$(nurseries | sort)" != "$(printf '%s\n' "${killed[@]}" | sort)" ]; }
wait_for 'the nurseries started anew' anew
image third
wait_for 'the inventory after the nurseries were killed' inventoried third
# What libraries open at first use must be open in the new ones too: JSON of images and of feeds.
make_image "$WORK/ubi" one amd64 $'etc/os-release=ID=rhel\nVERSION_ID="9.4"\n' \
  'usr/share/buildinfo/labels.json={"cpe": "cpe:/a:redhat:x:9::el9", "name": "x"}' \
  'root/buildinfo/content_manifests/x-1-1.json={"metadata": {"icm_version": 1}, "image_contents": [], "content_sets": ["rhel-9-for-x86_64-baseos-rpms"]}' >/dev/null
push "$WORK/ubi:one" "$host/ubi:1.0"
ubi() { "$PROBES/topic_probe" "$bus" show inventories | grep '"Red Hat:9"' | grep -v SIGSYS; }
wait_for 'an inventory with Red Hat'"'"'s manifests' ubi
make_advisories "$WORK/feeds" debian:CVE-2026-1001,third,2.0-1,high
advised() { "$PROBES/topic_probe" "$bus" show advisories | grep -q CVE-2026-1001; }
wait_for 'advisories after the nurseries were killed' advised
same_stages 'their nurseries were killed'

# ---- the clock ----

# ticked FROM TO: a walk was asked for at a moment between the two, which date(1) understands
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S; }
ticked() {
  "$PROBES/topic_probe" "$bus" show ticks | jq -Rre --arg from "$(at "$1")" --arg to "$(at "$2")" \
    'split("\t")[2] | fromjson | select(.kind == "walk" and .at >= $from and .at < $to)'
}
echo $((400 * 86400 * 1000)) > "$WORK/clock"
wait_for 'a tick of the future' ticked '399 days' '401 days'
echo 0 > "$WORK/clock"
right=$(at now)
wait_for 'a tick of today' ticked "$right UTC" '1 day'
image fourth
wait_for 'the inventory after the clock was ahead' inventoried fourth
same_stages 'the clock was ahead'

# And after everything was lost but the topics, with ticks of the future among them.
kill -TERM "$up"; wait "$up" || true
find "$WORK/state" -mindepth 1 -maxdepth 1 ! -name bus -exec rm -rf {} +
start again "$CAREEN_BIN/careen" up --registry "http://$host" --feeds "$WORK/feeds" --state "$WORK/state" --partitions 2 \
  --schedule.walk '@every 1s' --schedule.feeds '@every 2s'
right=$(at now)
wait_for 'a tick after the state was deleted' ticked "$right UTC" '1 day'
image fifth
wait_for 'the inventory after the state was deleted' inventoried fifth
