#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What runs is found whatever a cluster calls it: an index's digest, a configuration's, a manifest's; by the node's
# platform; before the image is known and after it left its registry.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl

say "a cluster that runs what no registry has yet"
start_registry registry
at=127.0.0.1:$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high
amd=$(deb_image "$WORK/layout" amd amd64 openssl=3.0.11-1)
arm=$(deb_image "$WORK/layout" arm arm64 openssl=3.0.15-1)
both=$(make_index "$WORK/layout" both amd arm)
config=$(jq -r .config.digest "$WORK/layout/blobs/sha256/${amd#sha256:}")
# app0: an index, platform not told. app1, app2: the index on two nodes. app3: a configuration. app4: a manifest.
make_pods "$WORK/pods" "$at/shop/multi@$both" "$at/shop/multi@$both" "$at/shop/multi@$both" "$config" "$at/shop/multi@$arm"
jq --arg c "${config#sha256:}" '.items[1].spec.nodeName = "n-arm" | .items[2].spec.nodeName = "n-amd" | .items[3].status.containerStatuses[0].imageID = $c
  | .items += [{kind: "Node", metadata: {name: "n-arm"}, status: {nodeInfo: {architecture: "arm64", operatingSystem: "linux"}}},
               {kind: "Node", metadata: {name: "n-amd", labels: {"kubernetes.io/arch": "amd64"}}}]' "$WORK/pods" > "$WORK/pods.json"
BUS=embedded:$WORK/state/bus
start up "$CAREEN_BIN/careen" up --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --cluster "prod=$WORK/pods.json" \
  --partitions 3 --schedule.walk '@every 1s' --schedule.workloads '@every 1h'
running() { "$PROBES/topic_probe" "$BUS" show workloads | cut -f3 | jq -r '"\(.owner) \(.digest[7:11]) \(.reported_digest[7:11]) \(.platform) \(.platform_assumed)"' | sort | paste -sd, ; }
advised() { "$CAREEN_BIN/careen" recommendations --bus "$BUS" --format json | jq -r 'select(.cluster == "prod") | .owner + " " + .code' | sort | paste -sd, ; }
d() { printf %s "${1:7:4}"; }
until_is "what the cluster told" "app0 $(d "$both")   false,app1 $(d "$both")  linux/arm64 false,app2 $(d "$both")  linux/amd64 false,app3 $(d "$config")   false,app4 $(d "$arm")   false" running
until_is "nobody knows it" "app0 unverified,app1 unverified,app2 unverified,app3 unverified,app4 unverified" advised

say "it is pushed: the containers are the images of their platforms, without asking the cluster again"
push "$WORK/layout:both" "$at/shop/multi:v1"
want="app0 $(d "$amd") $(d "$both")  true,app1 $(d "$arm") $(d "$both") linux/arm64 false,app2 $(d "$amd") $(d "$both") linux/amd64 false,app3 $(d "$amd") $(d "$config")  false,app4 $(d "$arm")   false"
until_is "the images" "$want" running
until_is "their findings" "app0 unhealthy,app1 healthy,app2 unhealthy,app3 unhealthy,app4 healthy" advised
# At the start, and by the first tick where that comes later.
expect_match "not asked again" '^[12]$' "$(grep -c '"message":"cluster asked"' "$WORK/state/logs/discover.log")"

say "it leaves the registry and runs on"
for x in "$both" "$amd" "$arm"; do curl -fsS -o "$WORK/deleted" -X DELETE "http://$at/v2/shop/multi/manifests/$x"; done
images() { "$CAREEN_BIN/careen" images --bus "$BUS" --format json | jq -r .digest | sort | paste -sd, ; }
until_is "the images are gone" "" images
expect "what runs" "$want" "$(running)"

say "started anew, with nothing but the topics"
kill -TERM "$STARTED_PID"; wait "$STARTED_PID" 2>/dev/null || true
rm -rf "$WORK"/state/discover
: > "$WORK/state/logs/discover.log"
start up "$CAREEN_BIN/careen" up --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --cluster "prod=$WORK/pods.json" \
  --partitions 3 --schedule.walk '@every 1h' --schedule.workloads '@every 1s'
until_match "the cluster is asked" '"message":"cluster asked"' cat "$WORK/state/logs/discover.log"
until_match "and again" "^[2-9]" grep -c '"message":"cluster asked"' "$WORK/state/logs/discover.log"
expect "what runs" "$want" "$(running)"
say "passed"
