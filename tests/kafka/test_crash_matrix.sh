#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The crash matrix on Kafka: stages that die, lose their state, come and go, get everything twice; a broker that stands
# still or is restarted. The result is the one of an undisturbed run on the embedded bus.
here=$(dirname "$0")
exec bash "$here/on_kafka.sh" "$here/../scenario/pipeline/test_crash_matrix.sh" "$@"
