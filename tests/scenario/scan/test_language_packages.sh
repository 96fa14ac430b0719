#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Libraries in images: without a system and beside one, malicious ones and notices, owned by the distribution, of ecosystems
# of which nothing is known; and what every form of the report says of them.
. "$(dirname "$0")/../lib.sh"
need python3 jq

CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
L=oci:$WORK/layout
# want RC ARGS…: sets OUT and ERR
want() {
  local rc=$1 got=0; shift
  "$CAREEN" "$@" > "$WORK/out" 2> "$WORK/err" || got=$?
  OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
  [ "$got" = "$rc" ] || fail "careen $*: want exit status $rc, got $got: $ERR"
}
told() { jq -r '"\(.status) \(.code) \(.packages) \(.summary.findings)"' "$WORK/out"; }
found() { jq -r '.findings[] | [.kind, .severity, .vulnerability, .type, .package, .version, .location] | join(" ")' "$WORK/out"; }
node() { printf 'app/node_modules/%s/package.json={"name":"%s","version":"%s"}' "$1" "$1" "$2"; }
python() { printf '%s/made-1.5.dist-info/METADATA=Metadata-Version: 2.1\nName: made\nVersion: 1.5\n' "$1"; }

mkdir "$WORK/layout"
python3 "$HERE/world/make_language_feeds.py" "$WORK/feeds"
want 0 feeds update --feeds "$WORK/feeds" --only osv-npm,osv-crates.io,osv-debian

say "no system"
make_image "$WORK/layout" scratch amd64 "$(node lodash 4.17.20)" "$(node evil 1.0.0)" > /dev/null
want 0 scan "$L:scratch" --format json
expect "a scratch image" "complete unhealthy 2 2" "$(told)"
expect "malicious packages come first" "malicious critical MAL-2026-1 npm evil 1.0.0 app/node_modules/evil/package.json
vulnerability high CVE-2021-23337 npm lodash 4.17.20 app/node_modules/lodash/package.json" "$(found)"
expect "its other ids" GHSA-35jh-r3h4-6jhm "$(jq -r '.findings[1].aliases | join(",")' "$WORK/out")"
expect "its rule" "npm package lodash 4.17.20 < 4.17.21 (GHSA-35jh-r3h4-6jhm)" "$(jq -r '.findings[1].rule' "$WORK/out")"
expect "counts" '{"findings":2,"critical":1,"malicious":1,"notices":0,"counted":2}' \
  "$(jq -c '.summary | {findings, critical, malicious, notices, counted}' "$WORK/out")"
want 1 scan "$L:scratch" --fail-on critical
expect_match "the table" '^malicious +MAL-2026-1 +evil .* app/node_modules/evil/package.json$' "$OUT"
expect_match "its counts" '^2 findings: 1 malicious, 1 high; 1 can be fixed$' "$OUT"
want 0 scan "$L:scratch" --format csv
expect_match "CSV" ',malicious,' "$(grep MAL-2026-1 "$WORK/out")"
want 0 packages "$L:scratch"
expect_match "packages have their path" '^npm +lodash +4.17.20 .* app/node_modules/lodash/package.json$' "$OUT"
want 0 packages "$L:scratch" --format cyclonedx; cp "$WORK/out" "$WORK/bom.json"
want 0 scan "$L:scratch" --format json; jq -S '[.findings[] | del(.layer)]' "$WORK/out" > "$WORK/direct"
want 0 scan "sbom:$WORK/bom.json" --format json
expect "a bill of materials and back" "$(cat "$WORK/direct")" "$(jq -S '[.findings[] | del(.layer)]' "$WORK/out")"
make_image "$WORK/layout" fixed amd64 "$(node lodash 4.17.21)" > /dev/null
want 0 scan "$L:fixed" --format json --fail-on low --fail-on-unknown
expect "a fixed one" "complete healthy 1 0" "$(told)"

say "notices"
jq -n '{bomFormat: "CycloneDX", specVersion: "1.6", components: [{type: "library", purl: "pkg:cargo/ansi_term@0.12.1"}]}' > "$WORK/notice.json"
want 0 scan "sbom:$WORK/notice.json" --format json --fail-on low --fail-on-unknown
expect "a notice" "complete healthy 1 0" "$(told)"
expect "it is listed" "notice RUSTSEC-2021-0139 false 1" \
  "$(jq -r '.findings[0] as $f | "\($f.kind) \($f.vulnerability) \($f.counted) \(.summary.notices)"' "$WORK/out")"
want 0 scan "sbom:$WORK/notice.json"; expect_match "in the table" '^0 findings; 1 notice$' "$OUT"

say "ecosystems of which nothing is known"
make_image "$WORK/layout" python amd64 "$(python usr/lib/python3.11/site-packages)" > /dev/null
want 3 scan "$L:python"
expect_match "nothing was compared" 'could not assess: 1 package is not judged: the advisory database has no advisories of PyPI' "$ERR"
make_image "$WORK/layout" both amd64 "$(python usr/lib/python3.11/site-packages)" "$(node lodash 4.17.21)" > /dev/null
want 0 scan "$L:both" --format json
expect "never silent health" "partial unverified 2 0" "$(told)"
expect "its code" ecosystem-empty "$(jq -r '.reason_codes | join(",")' "$WORK/out")"
want 3 scan "$L:both" --fail-on-partial=ecosystem-empty

say "owned by the distribution"
want 0 feeds update --feeds "$WORK/feeds" --only osv-pypi
system=$'etc/os-release=ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n'
status=$'var/lib/dpkg/status=Package: python3-made\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\nSource: python-made\n\n'
list=$'var/lib/dpkg/info/python3-made.list=/.\n/usr/lib/python3/dist-packages/made-1.5.dist-info/METADATA\n'
mkdir -p "$WORK/debian"
for file in "$system" "$status" "$list" "$(python usr/lib/python3/dist-packages)"; do
  mkdir -p "$WORK/debian/$(dirname "${file%%=*}")"; printf '%s\n' "${file#*=}" > "$WORK/debian/${file%%=*}"
done
make_image "$WORK/layout" owned amd64 "dir:$WORK/debian" > /dev/null
want 0 packages "$L:owned" --format json
expect "its owner" "made python3-made" "$(jq -r '.packages[] | select(.type == "pypi") | "\(.name) \(.owner)"' "$WORK/out")"
want 0 scan "$L:owned" --format json
expect "judged by the distribution alone" "CVE-2023-0001 dpkg python3-made" "$(jq -r '.findings[] | [.vulnerability, .type, .package] | join(" ")' "$WORK/out")"
want 0 scan "$L:owned" --format json --include-owned
expect "what both tell is told once" "CVE-2023-0001 dpkg python3-made,CVE-2023-0002 pypi made" \
  "$(jq -r '[.findings[] | [.vulnerability, .type, .package] | join(" ")] | sort | join(",")' "$WORK/out")"
make_image "$WORK/layout" beside amd64 "dir:$WORK/debian" "$(python opt/venv/lib/python3.11/site-packages)" > /dev/null
want 0 scan "$L:beside" --format json
expect "a copy beside it is nobody's" "CVE-2023-0001,CVE-2023-0002 GHSA-made,PYSEC-2023-1" \
  "$(jq -r '[.findings[] | select(.type == "pypi")] | "\(map(.vulnerability) | sort | join(",")) \(map(select(.vulnerability == "CVE-2023-0001"))[0].aliases | join(","))"' "$WORK/out")"
