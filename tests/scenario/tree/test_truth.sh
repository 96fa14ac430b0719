#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every verdict in tests/truth against Careen's. CAREEN_TRUTH_ONLY=NAME,… runs only these tables.
. "$(dirname "$0")/../lib.sh"
need python3
shared=${CAREEN_SHARED:-$HERE/../../../shared}
[ -d "$shared/data" ] || skip "no advisories: set CAREEN_SHARED to the folder that has data/"
export CAREEN_SHARED; CAREEN_SHARED=$(cd "$shared" && pwd)
export TMPDIR=$WORK
IFS=", " read -ra only <<< "${CAREEN_TRUTH_ONLY:-}"
python3 "$HERE/../truth/run.py" "$CAREEN_BIN/careen" "$CAREEN_SHARED" "${only[@]}" || fail "verdicts differ from the publishers'"
say "truth: as the publishers say"
