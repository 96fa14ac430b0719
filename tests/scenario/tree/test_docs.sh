#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test_docs.sh: what README and the documents say to type is typed here, what they name is there: docs_check.py.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq git
[ -e "$CAREEN_SOURCE/.git" ] || skip 'the documents are found by git, and this is no clone'
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.16-1,high >/dev/null
start_registry registry
host=127.0.0.1:$PORT
deb_image "$WORK/image" one amd64 openssl=3.0.15-1 >/dev/null
push "$WORK/image:one" "$host/team/app:1.2"
digest=$(jq -r '.manifests[0].digest' "$WORK/image/index.json")
export CAREEN_FEEDS=$WORK/feeds CAREEN_CACHE=$WORK/cache CAREEN_BUS=embedded:$WORK/state/bus PATH=$CAREEN_BIN:$PATH
start up "$CAREEN_BIN/careen" up --registry "http://$host" --state "$WORK/state" --partitions 2
found() { [ -n "$(careen findings "$digest" --format json | jq -r '.findings[]?.vulnerability')" ]; }
wait_for 'the findings' found
(cd "$CAREEN_SOURCE" && python3 "$HERE/tree/docs_check.py" "$CAREEN_SOURCE" "$CAREEN_BIN" "$host" "$digest") || fail 'the documents'
