#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stages that die at named points, lose their state, come and go, get everything twice, run out of disk: the result is
# the one of an undisturbed run. See crash_matrix.py; its arguments choose cells by a part of their name.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3
"$CAREEN_BIN/discover" --version >/dev/null
if ! grep -q CAREEN_CRASH_AT "$CAREEN_BIN/discover"; then
  skip "this build has no crash points: configure with -DCAREEN_CRASH_POINTS=ON"
fi

start_registry registry
at=127.0.0.1:$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high debian:CVE-2026-1002,zlib,-,low \
  debian:CVE-2026-1003,curl,7.88.1-10+deb12u9 alpine:CVE-2026-2001,musl,1.2.4_git20230717-r5 secdb:CVE-2026-2002,busybox,1.36.1-r16 kev:CVE-2026-1001
a=$(deb_image "$WORK/layout" a amd64 openssl=3.0.11-1 zlib=1:1.2.13 bash=5.2-1)
deb_image "$WORK/layout" b amd64 openssl=3.0.15-1 curl=7.88.1-10 > "$WORK/b"
deb_image "$WORK/layout" b2 arm64 openssl=3.0.14-1 > /dev/null
apk_image "$WORK/layout" c amd64 musl=1.2.4_git20230717-r4 busybox=1.36.1-r15 > /dev/null
apk_image "$WORK/layout" clean amd64 musl=1.2.4_git20230717-r5 busybox=1.36.1-r16 > /dev/null
make_index "$WORK/layout" both b b2 > /dev/null
push "$WORK/layout:a" "$at/shop/a:v1"
push "$WORK/layout:a" "$at/copy/a:v1"
push "$WORK/layout:both" "$at/shop/b:v1"
push "$WORK/layout:c" "$at/shop/c:v1"
push "$WORK/layout:clean" "$at/clean:v1"
make_pods "$WORK/pods.json" "$at/shop/a@$a" "$at/shop/b@$(cat "$WORK/b")"

[ "${CAREEN_LONG_TESTS:-}" = 1 ] || say "THE SHORT MATRIX: all stages die in one run at each point; CAREEN_LONG_TESTS=1 adds each stage alone"
mkdir "$WORK/cells"
start matrix python3 "$HERE/pipeline/crash_matrix.py" "$WORK/cells" "http://$at" "$WORK/feeds" "$WORK/pods.json" "$@"
if wait "$STARTED_PID"; then cat "$WORK/matrix.log" >&2; else cat "$WORK/matrix.log" >&2; fail "the matrix"; fi
say "passed"
