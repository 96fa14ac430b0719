#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Orders of languages' versions against the ecosystems' own tools: pairs made from real advisories (tests/truth/orders), a
# hundred thousand of each kind. Only with CAREEN_LONG_TESTS=1: a thousand recorded answers of each tool are held against
# Careen's by unit.test_version_language. ORDERS_ONLY=KIND,… asks about these kinds alone, ORDERS_PAIRS
# so many pairs. Tools come from Debian (scripts/install-packages long) and from their registries; what is not here is said.
# ctest timeout: 1800
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} GOFLAGS=-modcacherw # lib.sh gives us another home
. "$(dirname "$0")/../lib.sh"
[ "${CAREEN_LONG_TESTS:-}" = 1 ] || skip "only with CAREEN_LONG_TESTS=1"
need python3
shared=${CAREEN_SHARED:-$HERE/../../../shared}
[ -d "$shared/data/osv" ] || skip "no advisories: set CAREEN_SHARED to the folder that has data/"
kinds=(pypi npm maven golang cargo composer gem hex conan cpan cran luarocks bitnami php jvm)
[ -z "${ORDERS_ONLY:-}" ] || IFS=", " read -ra kinds <<< "$ORDERS_ONLY"
done=0
for kind in "${kinds[@]}"; do
  rc=0
  python3 "$HERE/../truth/orders/compare.py" "$CAREEN_BIN/careen" "$shared" "$WORK/tools" "${ORDERS_PAIRS:-100000}" "$kind" >"$WORK/said" || rc=$?
  cat "$WORK/said"
  case $rc in
    0) done=$((done + 1)) ;;
    77) skip_part "versions of kind $kind" "$(tail -n 1 "$WORK/said")" ;;
    *) fail "versions of kind $kind differ from its own tool's, and nobody knows why" ;;
  esac
done
[ $done -gt 0 ] || skip "no ecosystem's own tool is here"
say "$done kinds of versions: as the ecosystems' own tools have them"
