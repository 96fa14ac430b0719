#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ctest timeout: 7200
# Every fuzz target (tests/fuzz/*/fuzz_*.c) under libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer, two at a
# time, each for CAREEN_FUZZ_SECONDS (60) from a copy of its corpus; a crash, a leak, ten seconds for one input or
# a gigabyte fails. Half an hour, so only with CAREEN_LONG_TESTS=1. Arguments: the targets to run, by name; none: all.
# CAREEN_FUZZ_BUILD: a build folder to keep (default: one that goes away); CAREEN_FUZZ_FOUND: where the inputs that
# failed are kept (default: fuzz-found beside the programs' folder).
. "$(dirname "$0")/../lib.sh"
[ -n "${CAREEN_LONG_TESTS:-}" ] || skip "a long test; set CAREEN_LONG_TESTS=1"
need clang cmake ninja
SOURCE=${CAREEN_SOURCE:-$HERE/../..}
BUILD=${CAREEN_FUZZ_BUILD:-$WORK/build}
FOUND=${CAREEN_FUZZ_FOUND:-$(dirname "$CAREEN_BIN")/fuzz-found}
SECONDS_EACH=${CAREEN_FUZZ_SECONDS:-60}
printf 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return p && n > 1u << 30; }\n' > "$WORK/probe.c"
clang -fsanitize=fuzzer,address,undefined "$WORK/probe.c" -o "$WORK/probe" 2>"$WORK/probe.log" ||
  skip "clang has no libFuzzer here: $(head -n 1 "$WORK/probe.log")"

{
  cmake -G Ninja -B "$BUILD" -S "$SOURCE" -DCMAKE_C_COMPILER=clang -DCAREEN_FUZZ=ON -DCAREEN_SANITIZE=ON &&
  ninja -C "$BUILD" -j "$(nproc)" tests/fuzz/all
} > "$WORK/build.log" 2>&1 || { tail -n 40 "$WORK/build.log" >&2; fail "the fuzz targets don't build"; }

# run_one TARGET: its log in $WORK/TARGET.log; a line on the standard output
run_one() {
  local name=$1 rc=0 saved
  mkdir -p "$WORK/corpus/$name" "$WORK/found/$name"
  cp "$SOURCE/tests/data/fuzz/$name"/* "$WORK/corpus/$name/" || return 1
  (cd "$WORK/found/$name" && "$BUILD/fuzz/$name" -max_total_time="$SECONDS_EACH" -max_len=65536 -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$WORK/found/$name/" "$WORK/corpus/$name") \
    > "$WORK/$name.log" 2>&1 || rc=$?
  echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$WORK/$name.log") runs, $(
    find "$WORK/corpus/$name" -type f | wc -l) inputs in the corpus"
  [ "$rc" -ne 0 ] || return 0
  mkdir -p "$FOUND/$name"
  cp "$WORK/$name.log" "$FOUND/$name/log"
  for saved in "$WORK/found/$name"/*; do [ ! -f "$saved" ] || cp "$saved" "$FOUND/$name/"; done
  echo "FAILED: $name: $(grep -m 1 -E 'ERROR: |runtime error: |BUG' "$WORK/$name.log" || echo "exit code $rc"); see $FOUND/$name"
  return 1
}
export -f run_one
export WORK FOUND BUILD SOURCE SECONDS_EACH

if [ $# -eq 0 ]; then
  for f in "$SOURCE"/tests/fuzz/*/fuzz_*.c; do set -- "$@" "$(basename "$f" .c)"; done
fi
printf '%s\n' "$@" | xargs -P 2 -I{} bash -c "run_one {}" >&2 || fail "of $# fuzz targets"
say "$# fuzz targets, ${SECONDS_EACH} s each: nothing found"
