#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bootstrapped Debian images and their layer variants against what dpkg lists in them, by scan and by the stages; takes
# minutes and root, so only with CAREEN_LONG_TESTS=1.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ -n "${CAREEN_LONG_TESTS:-}" ] || skip "a long test; set CAREEN_LONG_TESTS=1"
need docker-registry skopeo mmdebstrap python3
SHARED=${CAREEN_SHARED:-$CAREEN_SOURCE/../shared}
MAKE=$SHARED/tools/images/make-images.sh
[ -f "$MAKE" ] || skip "there is no $MAKE; set CAREEN_SHARED"
[ "$(id -u)" = 0 ] || skip "making the images needs root"

start_registry registry
HOST=127.0.0.1:$PORT
NPM=0 ONLY='^(base/debian|var/|app/python|app/ruby)' bash "$MAKE" "$HOST" "$WORK/corpus" >"$WORK/make.log" 2>&1 || fail "make-images: $(tail -n 3 "$WORK/make.log")"
export CAREEN_CACHE=$WORK/cache
"$CAREEN_BIN/careen" feeds update --feeds "$SHARED/data" --only osv-debian >/dev/null 2>&1 || fail "feeds update"
"$CAREEN_BIN/careen" up --once --registry "http://$HOST" --state "$WORK/state" --feeds "$SHARED/data" --feeds-only osv-debian >"$WORK/up.out" 2>&1 ||
  fail "careen up: $(tail -n 5 "$WORK/up.out")"
python3 "$HERE/databases/corpus_compare.py" "$CAREEN_BIN/careen" "$WORK/corpus" "embedded:$WORK/state/bus" >&2 || fail "lists differ"
say "every image as its own package manager lists it"
