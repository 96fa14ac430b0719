#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pipeline with a real schema registry, records that can't be read, topics of the wrong shape.
here=$(dirname "$0")
exec bash "$here/on_kafka.sh" "$here/records.sh" -- --schema-registry
