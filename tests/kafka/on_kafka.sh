#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# on_kafka.sh SCRIPT [ARGUMENT…] [-- OPTION-OF-scripts/kafka…]: runs a test script with a real broker of its own, which ends
# with it. The script finds CAREEN_BUS, CAREEN_KAFKA_DIR, and with --schema-registry CAREEN_TEST_SCHEMA_REGISTRY.
set -euo pipefail

: "${CAREEN_SOURCE:?run it through ctest, or set it to the source folder}"
: "${CAREEN_BIN:?run it through ctest, or set it to bin in the build folder}"
for program in java mvn; do
    if ! command -v "$program" >/dev/null; then
        why="$program is missing, so there is no Kafka to test against: see scripts/packages.txt, group kafka"
        echo "SKIPPED: $why" >&2
        [ -z "${CAREEN_SKIPS:-}" ] || echo "kafka.$(basename "${1:-on_kafka.sh}" .sh): $why" >>"$CAREEN_SKIPS"
        exit 77
    fi
done
script=() options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do script+=("$1") && shift; done
[ $# -eq 0 ] || options=("${@:2}")

dir=$(mktemp -d "${TMPDIR:-/tmp}/careen-kafka.XXXXXX")
child=
finish() {
    status=$?
    if [ -n "$child" ]; then kill "$child" 2>/dev/null && wait "$child" || true; fi
    "$CAREEN_SOURCE/scripts/kafka" stop "$dir" || true
    if [ $status -ne 0 ] && [ $status -ne 77 ]; then tail -n 30 "$dir"/broker-*.log >&2 || true; fi
    rm -rf "$dir"
    exit $status
}
trap finish EXIT
trap 'exit 143' TERM INT

# The scenario scripts have an empty HOME; the jars stay where they are.
export CAREEN_CACHE=${CAREEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/careen}
"$CAREEN_SOURCE/scripts/kafka" start "$dir" "${options[@]}"
# shellcheck disable=SC1091
. "$dir/env"
export CAREEN_KAFKA_DIR=$dir
# By its own name every program would use it, asked or not.
export CAREEN_TEST_SCHEMA_REGISTRY=${CAREEN_SCHEMA_REGISTRY:-}
unset CAREEN_SCHEMA_REGISTRY
bash "${script[@]}" &
child=$!
wait "$child" && status=0 || status=$?
child=
exit $status
