#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Kafka bus against a real broker: conformance, topics, groups, faults. One broker for all of it, or three with
# CAREEN_KAFKA_BROKERS=3.
set -euo pipefail

: "${CAREEN_SOURCE:?run it through ctest, or set it to the source folder}"
: "${CAREEN_BIN:?run it through ctest, or set it to bin in the build folder}"
for program in java mvn; do
    if ! command -v "$program" >/dev/null; then
        why="$program is missing, so there is no Kafka to test against: see scripts/packages.txt, group kafka"
        echo "SKIPPED: $why" >&2
        [ -z "${CAREEN_SKIPS:-}" ] || echo "kafka.test_bus: $why" >>"$CAREEN_SKIPS"
        exit 77
    fi
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/careen-kafka.XXXXXX")
finish() {
    status=$?
    "$CAREEN_SOURCE/scripts/kafka" stop "$dir" || true
    if [ $status -ne 0 ]; then tail -n 30 "$dir"/broker-*.log >&2 || true; fi
    rm -rf "$dir"
    exit $status
}
trap finish EXIT

"$CAREEN_SOURCE/scripts/kafka" start "$dir" --brokers "${CAREEN_KAFKA_BROKERS:-1}"
# shellcheck disable=SC1091
. "$dir/env"
export CAREEN_KAFKA_DIR=$dir
programs=$CAREEN_BIN/../tests

# Waits 10 s for brokers that are not there, so it runs beside the others.
"$programs/kafka_bus" unreachable &
unreachable=$!
"$programs/kafka_conformance"
"$programs/kafka_bus"
# The batches that kafka_bus wrote are really compressed: 16 records of 4 MiB of zeroes fill less than one.
bytes=$(cat "$dir"/data-1/layer-contents-3/*.log | wc -c)
if [ "$bytes" -eq 0 ] || [ "$bytes" -gt 4000000 ]; then
    echo "64 MiB of zeroes take $bytes bytes in the broker's log: they were not compressed" >&2
    exit 1
fi
"$programs/kafka_faults"
wait $unreachable
