#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test_early_event.sh: registries tell of a push before they have written its tag. The image must get its tag all the same,
# both when the tag comes a moment later and when it comes much later than the event.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 curl jq
mkdir -p "$WORK/feeds/osv"
start_registry registry
upstream=$PORT
start_proxy proxy "$upstream"
host=127.0.0.1:$PORT
listen=$((20000 + RANDOM % 10000))
while (exec 3<>"/dev/tcp/127.0.0.1/$listen") 2>/dev/null; do listen=$((listen + 1)); done
make_image "$WORK/image" one amd64 'etc/os-release=ID=debian' >/dev/null
digest=$(jq -r '.manifests[0].digest' "$WORK/image/index.json")

start up "$CAREEN_BIN/careen" up --registry "http://$host" --feeds "$WORK/feeds" --state "$WORK/state" --partitions 2 \
  --listen "127.0.0.1:$listen" --schedule.walk '0 0 1 1 *'
listening() { (exec 3<>"/dev/tcp/127.0.0.1/$listen") 2>/dev/null; }
wait_for 'the listener' listening

tell() { # tell REPOSITORY: what docker-registry sends for a push of the tag 1.0
  jq -n --arg r "$1" --arg d "$digest" --arg h "$host" '{events: [{id: "1", timestamp: (now | todate), action: "push",
    target: {mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $d, repository: $r, tag: "1.0",
    url: ("http://" + $h + "/v2/" + $r + "/manifests/" + $d)}, request: {host: $h, method: "PUT", useragent: "test"}}]}' |
    curl -fsS -m 5 -H 'Content-Type: application/vnd.docker.distribution.events.v1+json' --data-binary @- \
      "http://127.0.0.1:$listen/notifications/$host" >/dev/null || fail "the notification of $1 is not taken"
}
tags() {
  "$CAREEN_BIN/careen" images --bus "embedded:$WORK/state/bus" --format json |
    jq -r --arg r "$1" 'select(.repository == $r) | .tags | join(",")'
}
tagged() { [ "$(tags "$1")" = 1.0 ]; }

for case in soon:2 late:30; do
  name=${case%:*} times=${case#*:}
  faults proxy "[{\"match\": \"^(HEAD|GET) /v2/$name/manifests/1\\\\.0\", \"times\": $times, \"do\": \"status\", \"status\": 404}]"
  push "$WORK/image:one" "127.0.0.1:$upstream/$name:1.0"
  tell "$name"
  if [ "$name" = late ]; then
    # It is known by its digest meanwhile, and gets the tag once the registry has it.
    # shellcheck disable=SC2317
    known() { "$CAREEN_BIN/careen" images --bus "embedded:$WORK/state/bus" --format json | jq -es 'any(.repository == "late")'; }
    wait_for 'the image by its digest' known
    faults proxy '[]'
  fi
  wait_for "the tag of $name ($(tags "$name"))" tagged "$name"
done
