#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test_run.sh: the first command of the README, scripts/run: the demo from nothing to findings, a third push, Ctrl-C.
CAREEN_CACHE=${CAREEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/careen}
export CAREEN_CACHE
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 curl apt-get dpkg-deb setpriv
unset CAREEN_REGISTRY CAREEN_REGISTRIES CAREEN_CONFIG CAREEN_FEEDS CAREEN_FEEDS_MIRROR
SOURCE=${CAREEN_SOURCE:-$(dirname "$(dirname "$HERE")")}
export TMPDIR=$WORK/tmp
mkdir "$TMPDIR"

# The images need Debian packages; with no source of them there is nothing to test here.
"$SOURCE/scripts/demo-images" "$WORK/images" >"$WORK/images.log" 2>&1 ||
  skip "the demo's images can't be built here: $(tail -n 2 "$WORK/images.log")"

# The set that comes with Careen, in the layout of a feeds folder: the test must not depend on what publishers say today.
"$SOURCE/scripts/demo-feeds" "$WORK/feeds"

nothing_left() { # nothing_left OUTPUT: no folder, and nobody listens on the ports that it names
  local port
  [ -z "$(ls -A "$TMPDIR")" ] || fail "left behind: $(ls -A "$TMPDIR")"
  grep -oE '127\.0\.0\.1:[0-9]+' "$1" | cut -d: -f2 | sort -u >"$WORK/ports"
  while read -r port; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "somebody still listens on port $port"
  done <"$WORK/ports"
}

# 1. --once: a result and status 0.
"$SOURCE/scripts/run" --once --feeds "$WORK/feeds" >"$WORK/once.out" 2>&1 || fail "run --once: $(cat "$WORK/once.out")"
for image in web api; do
  grep -qE "unhealthy +127\.0\.0\.1:[0-9]+/shop/$image:1\.0" "$WORK/once.out" ||
    fail "no verdict on shop/$image: $(cat "$WORK/once.out")"
done
grep -q 'CVE-2025-9230 ' "$WORK/once.out" || fail "the base's finding is missing: $(cat "$WORK/once.out")"
nothing_left "$WORK/once.out"
# Of what is gone by then nothing is pointed at: no path below the folder of temporary files, no address but in names.
! grep -F "$TMPDIR" "$WORK/once.out" >&2 || fail "run --once points at a folder that is gone"
! grep -E 'https?://127' "$WORK/once.out" >&2 || fail "run --once points at a server that is gone"
expect_match "what to do next" 'The demo is over.*scripts/run --once --state DIR' "$(tail -n 1 "$WORK/once.out")"

# With a folder of one's own what was learned stays, and what is pointed at is there.
"$SOURCE/scripts/run" --once --feeds "$WORK/feeds" --state "$WORK/kept" >"$WORK/kept.out" 2>&1 || fail "run --once --state: $(cat "$WORK/kept.out")"
more=$(sed -n 's/^See more  *//p' "$WORK/kept.out")
expect_match "what it points at" 'findings 127.*--bus' "$more"
$more >"$WORK/more.out" 2>"$WORK/more.err" || fail "$more: $(cat "$WORK/more.err")"
[ -d "$(sed -n 's/^Logs  *//p' "$WORK/kept.out")" ] || fail "the logs are not there: $(cat "$WORK/kept.out")"
! grep -E 'https?://127' "$WORK/kept.out" >&2 || fail "run --once points at a server that is gone"

# 2. On a terminal of 80 columns: bars, results, a third push, Ctrl-C.
python3 "$HERE/world/terminal.py" 80 "$WORK/terminal.out" "$SOURCE/scripts/run" --feeds "$WORK/feeds" --state "$WORK/state" &
terminal=$!
STARTED+=("$terminal")
wait_long() { # wait_long WHAT PATTERN
  local i
  for ((i = 0; i < 600; i++)); do
    if grep -qE "$2" "$WORK/terminal.out" 2>/dev/null; then return 0; fi
    kill -0 $terminal 2>/dev/null || break
    sleep 0.1
  done
  fail "$1 did not come: $(tail -c 3000 "$WORK/terminal.out")"
}
wait_long 'the command that pushes a third image' 'skopeo .*docker://[^ ]*deploy:1\.0'
hint=$(tr -d '\r' <"$WORK/terminal.out" | grep -oE 'skopeo .*docker://[^ ]*deploy:1\.0' | tail -1)
began=$(date +%s%3N)
$hint || fail "the command that the demo prints fails: $hint"
wait_long 'the third result' 'unhealthy +127\.0\.0\.1:[0-9]+/shop/deploy[:@]'
took=$(($(date +%s%3N) - began))
say "third push to result: $took ms"
[ $took -lt 20000 ] || fail "the third result took $took ms"
rc=0
kill -USR1 $terminal # terminal.py then types Ctrl-C
wait $terminal || rc=$?
expect 'status after Ctrl-C' 0 $rc
nothing_left "$WORK/terminal.out"

# 3. Killed in the middle: what it started ends with it.
"$SOURCE/scripts/run" --feeds "$WORK/feeds" >"$WORK/killed.out" 2>&1 &
run=$!
STARTED+=("$run")
wait_for 'the push' grep -q 'Pushing' "$WORK/killed.out"
kill -KILL $run
wait $run 2>/dev/null || true
port=$(grep -oE '127\.0\.0\.1:[0-9]+' "$WORK/killed.out" | head -1 | cut -d: -f2)
nobody() { ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
wait_for "the end of the registry" nobody

# 4. What is wrong with the options is said at once.
rc=0
"$SOURCE/scripts/run" --feeds ./no/such/folder >"$WORK/bad.out" 2>&1 || rc=$?
expect 'status for a missing folder' 3 $rc
expect_match 'a missing folder' 'there is no folder \./no/such/folder' "$(cat "$WORK/bad.out")"
