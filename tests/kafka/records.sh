#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What test_records.sh runs beside its broker: a registry with images, then records.py.
. "$(dirname "$0")/../scenario/lib.sh"
need docker-registry skopeo python3 kcat
start_registry registry
at=127.0.0.1:$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high debian:CVE-2026-1002,zlib,-,low
deb_image "$WORK/layout" a amd64 openssl=3.0.11-1 zlib=1:1.2.13 > "$WORK/a"
deb_image "$WORK/layout" b amd64 openssl=3.0.12-1 > "$WORK/b"
deb_image "$WORK/layout" c amd64 zlib=1:1.2.11 > "$WORK/c"
push "$WORK/layout:a" "$at/shop/a:v1"
start records python3 "$(dirname "$0")/records.py" "$WORK" "$WORK/layout" "$at" "$WORK/feeds"
if wait "$STARTED_PID"; then cat "$WORK/records.log" >&2; else cat "$WORK/records.log" >&2; fail "see above"; fi
say "passed"
