#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Libraries of languages in careen scan sbom: of real vulnerabilities of every ecosystem the affected version is found and the
# fixed one is not, and what is not judged is said.
. "$(dirname "$0")/../lib.sh"
need python3 jq zstd
shared=${CAREEN_SHARED:-$HERE/../../../shared}
[ -d "$shared/data/osv" ] || skip "no advisories: set CAREEN_SHARED to the folder that has data/"

CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
scan() { # scan RC ARGS…: JSON in $WORK/out
  local rc=$1 got=0; shift
  "$CAREEN" scan "$@" --format json > "$WORK/out" 2> "$WORK/err" || got=$?
  [ "$got" = "$rc" ] || fail "careen scan $*: want exit status $rc, got $got: $(cat "$WORK/err")"
}
# found: TYPE NAME VERSION ID for every id of every finding
found() {
  jq -r '.findings[] | . as $f | ([.vulnerability] + .aliases + [.sources[].advisory] | unique[]) as $id
    | ({"maven": ":"}[$f.type] // "/") as $joint
    | [$f.type, (if $f.namespace then $f.namespace + $joint else "" end) + $f.package, $f.version, $id] | @tsv' "$WORK/out" | sort -u
}

python3 "$HERE/world/language_sboms.py" "$shared/data" "$WORK"
feeds=osv-pypi,osv-npm,osv-go,osv-maven,osv-crates.io,osv-nuget,osv-packagist,osv-rubygems,osv-hex,osv-pub,osv-bitnami
"$CAREEN" feeds update --feeds "$shared/data" --only "$feeds" 2> "$WORK/err" || fail "feeds: $(cat "$WORK/err")"

say "as many of each ecosystem as asked for"
expect "packages" "bitnami 12,cargo 12,composer 12,gem 12,golang 12,hex 12,maven 12,npm 12,nuget 12,pub 9,pypi 12" \
  "$(jq -r '.[][0]' "$WORK/expected.json" | sort | uniq -c | awk '{print $2, $1}' | paste -sd ,)"

say "the affected versions are found"
scan 0 "sbom:$WORK/vulnerable.json"
expect "how much is known" "complete unhealthy 129" "$(jq -r '"\(.status) \(.code) \(.packages)"' "$WORK/out")"
found > "$WORK/found"
# NuGet, Hex and crates fold case; the package keeps its own.
jq -r '.[] | .[4][0] as $id | [.[0], .[1], .[2], $id] | @tsv' "$WORK/expected.json" | sort -u > "$WORK/want"
expect "missing" "" "$(comm -13 <(tr 'A-Z' 'a-z' < "$WORK/found" | sort -u) <(tr 'A-Z' 'a-z' < "$WORK/want" | sort -u))"

say "the fixed ones are not"
scan 0 "sbom:$WORK/fixed.json"
found > "$WORK/found"
jq -r '.[] | .[4][0] as $id | [.[0], .[1], .[3], $id] | @tsv' "$WORK/expected.json" | sort -u > "$WORK/unwanted"
expect "still there" "" "$(comm -12 <(tr 'A-Z' 'a-z' < "$WORK/found" | sort -u) <(tr 'A-Z' 'a-z' < "$WORK/unwanted" | sort -u))"
