#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tests/scenario/pipeline/test_reasons.sh on Kafka.
here=$(dirname "$0")
exec bash "$here/on_kafka.sh" "$here/../scenario/pipeline/test_reasons.sh"
