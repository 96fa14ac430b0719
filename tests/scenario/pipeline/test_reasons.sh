#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Retries, priorities, slow images, large inventories, being seen: what a log does not give by itself. See reasons.py.
# With CAREEN_BUS=kafka://… on that broker.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3

# Two registries over one storage: what is pushed to the quiet one, nobody is told of.
start_registry quiet
quiet=127.0.0.1:$PORT
listen=$(free_port)
start_registry registry "notifications: {endpoints: [{name: careen, url: \"http://127.0.0.1:$listen/notifications\", timeout: 2s, threshold: 3, backoff: 500ms}]}"
at=127.0.0.1:$PORT
start_proxy proxy "$PORT"
proxied=127.0.0.1:$PORT

say "images"
layout=$WORK/layout
system=$'etc/os-release=ID=debian\nVERSION_ID="12"\n'
status() { local n; for n; do printf 'Package: %s\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: amd64\n\n' "$n"; done; }
image() { # image REF PACKAGE [LAYER…]
  make_image "$layout" "$1" amd64 "$system" "var/lib/dpkg/status=$(status base "$2")"$'\n' "${@:3}" > "$WORK/$1.digest"
}
for n in $(seq 24); do
  image "backfill$n" "old$n" "srv/data$n=@30000"
  push "$layout:backfill$n" "$quiet/backfill/$n:v1"
done
image urgent urgent "srv/urgent=@30000"
image slow slow "srv/slow=@200000"
image failing failing "srv/failing=@1000"
for n in 1 2 3 4; do image "quick$n" "quick$n" "srv/quick$n=@1000"; done
mkdir -p "$WORK/huge/var/lib/dpkg" "$WORK/huge/etc"
status $(seq -f 'made%.0f' 0 9999) > "$WORK/huge/var/lib/dpkg/status"
printf 'ID=debian\nVERSION_ID="12"\n' > "$WORK/huge/etc/os-release"
make_image "$layout" huge amd64 "dir:$WORK/huge" > "$WORK/huge.digest"
make_advisories "$WORK/feeds" debian:CVE-2026-1,made7,1.0-2,high debian:CVE-2026-2,made4711,- debian:CVE-2026-3,made9999,2.0-1 \
  debian:CVE-2026-4,base,1.0-2

start reasons python3 "$HERE/pipeline/reasons.py" "$WORK" "$layout" "$at" "$proxied" "$WORK/proxy.rules" "$WORK/proxy.requests" \
  "$WORK/feeds" "$listen"
if wait "$STARTED_PID"; then cat "$WORK/reasons.log" >&2; else cat "$WORK/reasons.log" >&2; fail "see above"; fi
say "passed"
