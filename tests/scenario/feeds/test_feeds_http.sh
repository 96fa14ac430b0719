#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The feeds stage against an HTTP server: fetched once, asked conditionally, cut and failing answers keep what was there.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need python3

ROOT=$WORK/www LOG=$WORK/requests
SECDB=v3.20/main.json
KEV=sites/default/files/feeds/known_exploited_vulnerabilities.json
mkdir -p "$ROOT/v3.20" "$ROOT/$(dirname $KEV)"
touch "$LOG"

# Red Hat's archive has a new name each day, which a file beside it tells.
VEX=data/csaf/v2/vex-feed
vex() { # vex NAME CVE…: an archive of that name with a document a CVE
  local name=$1 cve
  shift
  rm -rf "$WORK/vex" && mkdir -p "$WORK/vex" "$ROOT/$VEX"
  for cve; do
    sed "s/CVE-2024-0001/$cve/g" "$HERE/../data/fuzz/fuzz_csaf_vex/fixed.json" > "$WORK/vex/$cve.json"
  done
  tar -C "$WORK/vex" -cf "$ROOT/$VEX/$name" .
}
named() { printf '%s\n' "$1" > "$WORK/next" && mv "$WORK/next" "$ROOT/$VEX/archive_latest.txt"; }
vex csaf_vex_2024-01-01.tar.zst CVE-2024-0001 CVE-2024-0002
vex csaf_vex_2024-01-02.tar.zst CVE-2024-0001 CVE-2024-0002 CVE-2024-0003
named csaf_vex_2024-01-01.tar.zst

secdb() { # secdb N: packages p1 … pN
  local i comma=
  printf '{"distroversion":"v3.20","packages":['
  for i in $(seq "$1"); do
    printf '%s{"pkg":{"name":"p%d","secfixes":{"1.0-r0":["CVE-2024-%04d"]}}}' "$comma" "$i" "$((1000 + i))"
    comma=,
  done
  printf ']}'
}
secdb 20 > "$ROOT/$SECDB"
printf '{"count":1,"vulnerabilities":[{"cveID":"CVE-2024-1001","dateAdded":"2024-01-01"}]}' > "$ROOT/$KEV"

start_python feed_server feed_server.py "$WORK/feed_server.port" "$ROOT" "$LOG"
MIRROR=http://127.0.0.1:$PORT
BUS=embedded:$WORK/bus
"$CAREEN_BIN/careen" topics create --bus "$BUS" --partitions 2 >/dev/null

start clock "$CAREEN_BIN/clock" --bus "$BUS" --state "$WORK/state" --schedule.feeds "@every 1s"
start feeds "$CAREEN_BIN/feeds" --bus "$BUS" --state "$WORK/state" --feeds-mirror "$MIRROR" \
  --feeds-only alpine-v3.20-main --feeds-only kev --feeds-only redhat-vex

asked() { [ "$(grep -c -- "$1" "$LOG")" -ge "$2" ]; }
logged() { grep -q -- "$1" "$WORK/feeds.log"; }
refreshed() { [ "$(grep -c "feed refreshed.*$1" "$WORK/feeds.log")" -ge "$2" ]; }

wait_for "the first fetch of both" refreshed alpine-v3.20-main 1
wait_for "the first fetch of both" refreshed kev 1
wait_for "the archive that is named" refreshed redhat-vex 1
wait_for "a conditional request" asked "$SECDB 304" 2
wait_for "a conditional request" asked "csaf_vex_2024-01-01.tar.zst 304" 1
wait_for "a conditional request" asked "$KEV 304" 2
[ "$(grep -c "$SECDB 200" "$LOG")" = 1 ] || fail "an unchanged feed was sent twice"
refreshed alpine-v3.20-main 2 && fail "an unchanged feed was read twice"

secdb 21 > "$WORK/next" && mv "$WORK/next" "$ROOT/$SECDB"
wait_for "the changed feed" refreshed alpine-v3.20-main 2
logged '"records":21' || fail "the changed feed has not 21 records"

named csaf_vex_2024-01-02.tar.zst
wait_for "the archive of the next day" refreshed redhat-vex 2
[ "$(grep -c "csaf_vex_2024-01-02.tar.zst 200" "$LOG")" = 1 ] || fail "the archive of the next day was not sent once"
named ../../elsewhere.tar.zst
wait_for "word of a name that is none" logged 'not refreshed.*"feed":"redhat-vex".*name of a file'
grep -q elsewhere "$LOG" && fail "a name that is none was asked for"

# A body that ends early, and a server that fails: told, and nothing is lost.
touch "$ROOT/$KEV.cut"
printf '{"count":2,"vulnerabilities":[{"cveID":"CVE-2024-1001"},{"cveID":"CVE-2024-1002"}]}' > "$WORK/next"
mv "$WORK/next" "$ROOT/$KEV"
wait_for "word of the cut body" logged 'not refreshed.*"feed":"kev"'
echo 503 > "$ROOT/$SECDB.status"
wait_for "word of the failing server" logged 'not refreshed.*"feed":"alpine-v3.20-main".*503'
rm "$ROOT/$KEV.cut" "$ROOT/$SECDB.status"
wait_for "the feed after the failure" refreshed kev 2
logged "forbidden system call" && fail "the sandbox killed a good feed"
say "conditional requests, changes and failures: good"
