#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Version orders against the package managers' own: generated pairs (version_tools.py, seeded), answered by `careen version
# compare` and by dpkg's perl library and dpkg itself, librpm, libalpm and portage. A few thousand of each;
# CAREEN_LONG_TESTS=1: a million. What is not installed is skipped and said.
. "$(dirname "$0")/../lib.sh"
need python3
PYTHON=python3 # the one that Debian's python3-rpm is installed for, when that is another
python3 -c 'import rpm' 2>/dev/null || [ ! -x /usr/bin/python3 ] || PYTHON=/usr/bin/python3
PAIRS=5000
[ "${CAREEN_LONG_TESTS:-}" != 1 ] || PAIRS=1000000
SEED=${SEED:-20261123}
PORTAGE=portage==3.0.83

compare() {
  local rc=0
  "$PYTHON" "$HERE/distros/version_tools.py" "$CAREEN_BIN/careen" "$@" || rc=$?
  case $rc in 0) DONE=$((DONE + 1)) ;; 77) skip_part "versions of kind $1" "its tool is not here" ;; *) fail "versions of kind $1 (seed $SEED)" ;; esac
}

DONE=0
compare windows "$PAIRS" "$SEED"
compare dpkg "$PAIRS" "$SEED"
if command -v dpkg >/dev/null; then compare dpkg 200 "$SEED" dpkg-itself; fi
compare rpm "$PAIRS" "$SEED"
compare pacman "$PAIRS" "$SEED"
if ! "$PYTHON" -c 'import portage.versions' 2>/dev/null && python3 -m venv "$WORK/venv" >/dev/null 2>&1; then
  "$WORK/venv/bin/pip" install -q --no-deps "$PORTAGE" >"$WORK/pip.log" 2>&1 || say "$(tail -n 1 "$WORK/pip.log")"
  PORTAGE_PATH=$(echo "$WORK"/venv/lib/python3*/site-packages)
  export PORTAGE_PATH
fi
compare portage "$PAIRS" "$SEED"
[ "$DONE" -gt 1 ] || skip "no package manager's own order is here"
