#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tests/scenario/test_reasons.sh on Kafka.
here=$(dirname "$0")
exec bash "$here/on_kafka.sh" "$here/../scenario/test_reasons.sh"
