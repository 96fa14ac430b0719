#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# careen scan, packages and feeds: every source, every format, exit statuses, bad input, shared and broken caches.
. "$(dirname "$0")/../lib.sh"
need python3 jq zstd

CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
# run ARGS...: sets OUT, ERR and RC; never a crash
run() {
  RC=0
  "$CAREEN" "$@" > "$WORK/out" 2> "$WORK/err" || RC=$?
  OUT=$(cat "$WORK/out") ERR=$(cat "$WORK/err")
  [ "$RC" -le 3 ] || fail "careen $*: exit status $RC: $ERR"
}
# want RC ARGS...
want() {
  local rc=$1; shift
  run "$@"
  [ "$RC" = "$rc" ] || fail "careen $*: want exit status $rc, got $RC: $ERR"
}
# trouble MATCH ARGS...: exit status 3, one sentence on standard error that matches, nothing on standard output
trouble() {
  local match=$1; shift
  want 3 "$@"
  expect "$* prints nothing" "" "$OUT"
  expect "$* says one line" 1 "$(wc -l < "$WORK/err")"
  expect_match "$*" "$match" "$ERR"
}
found() { jq -r '.findings[] | [.vulnerability, .package, .severity, .fixed_version // "-"] | join(" ")' "$WORK/out" | sort; }

say "feeds"
mkdir "$WORK/nolayout"
trouble 'no advisory database .* run: careen feeds update' scan oci:"$WORK/nolayout"
for row in "oci:$WORK/none" "oci-archive:$WORK/none" "docker-archive:$WORK/none" "sbom:$WORK/none"; do
  trouble "^careen scan: $row: cannot open the (folder|file): No such file" scan "$row" # whatever else is missing
done
for row in docker:x podman:x "Not A Name"; do want 2 scan "$row"; done
trouble 'no advisory database .* run: careen feeds update' feeds status
python3 "$HERE/world/make_feeds.py" "$WORK/feeds"
want 0 feeds update --feeds "$WORK/feeds"
want 0 feeds status --format json
expect "feeds known" "alpine-v3.20-main 1,epss 2,kev 1,osv-debian 6" \
  "$(jq -r '[.feeds[] | "\(.name) \(.records)"] | join(",")' "$WORK/out")"
jq -e '[.feeds[] | .age_seconds < 600] | all' "$WORK/out" > /dev/null || fail "age of feeds"
expect "dates inside, and none inside" "alpine-v3.20-main null true folder,osv-debian 2024-03-01 false folder" \
  "$(jq -r '[.feeds[] | select(.name | test("^(alpine|osv)")) | "\(.name) \(.newest | if . then .[:10] else . end) \(.unchanged_since != null) \(.from)"] | join(",")' "$WORK/out")"
expect "a folder read now is not as of now" "Debian 2024-03-01 2024-03-01,Alpine null null" \
  "$(jq -r '[.systems[] | select(.feeds != []) | "\(.name) \(.as_of | if . then .[:10] else . end) \(.newest | if . then .[:10] else . end)"] | join(",")' "$WORK/out")"
want 0 feeds status; expect_match "status table" '^osv-debian +6 ' "$OUT"
expect_match "a feed without a date inside" '^alpine-v3.20-main .* unchanged since 20' "$OUT"
expect_match "and its system" '^Alpine +yes +unknown +undated +1$' "$OUT"
python3 "$HERE/world/terminal.py" 80 "$WORK/narrow" "$CAREEN" feeds status
sed -i 's/\x1b\[[0-9;]*m//g; s/\r$//' "$WORK/narrow"
expect "on a narrow terminal nothing is cut or put below" 0 "$(grep -cE '…|.{81}|^ {4,14}[^ ]' "$WORK/narrow")"
expect_match "words are wrapped" "^ +packages' names$" "$(cat "$WORK/narrow")"
want 2 feeds status --only kev; expect_match "--only that nothing heeds" "--only chooses feeds of update" "$ERR"
want 2 feeds; want 2 feeds nonsense; want 2 feeds update --only nothing --feeds "$WORK/feeds"
want 2 feeds update --feeds "$WORK/nofolder"
expect "no folder is told once" 2 "$(wc -l < "$WORK/err")"
expect_match "no folder" 'feeds folder .*/nofolder: No such file' "$ERR"
want 2 feeds update --feeds "$WORK/feeds" --only kev,kevv; expect_match "an unknown feed" "named 'kevv'; there are osv, ubuntu, debian, wolfi, .* kev, .* alpine, photon, " "$ERR"
want 2 scan oci:"$WORK/nolayout" --feeds "$WORK/nofolder"
want 2 scan oci:"$WORK/nolayout" --only kev; expect_match "--only without --feeds" '^careen scan: --only .*--feeds, which is not given' "$ERR"
want 0 feeds update --feeds "$WORK/feeds" --cache "$WORK/no/such/cache"
expect_match "feeds that are not there, in one line" '^careen feeds: .* and [0-9]+ more: not there$' "$ERR"
expect "three that stand still" 3 "$(grep -c ' stands still: its newest date is 20' "$WORK/err")"
expect "and no other" 8 "$(wc -l < "$WORK/err")"
mkdir "$WORK/brokenfeeds"; cp -r "$WORK/feeds/." "$WORK/brokenfeeds"; mkdir -p "$WORK/brokenfeeds"/alpine-secdb/v3.{9,10}
for release in 9 10; do printf nonsense > "$WORK/brokenfeeds/alpine-secdb/v3.$release/main.json"; done
want 3 feeds update --feeds "$WORK/brokenfeeds" --only alpine-v3.9,alpine-v3.10
expect_match "the same failure, once" '^careen feeds: alpine-v3.9-main and 1 more: ' "$ERR"
expect_match "how it ended" '0 of 2 feeds updated$' "$ERR"
mkdir -p "$WORK/sorted"/alpine-secdb/v3.{9,10}; for release in 9 10; do
  sed "s/v3.20/v3.$release/" "$WORK/feeds/alpine-secdb/v3.20/main.json" > "$WORK/sorted/alpine-secdb/v3.$release/main.json"
done
want 0 feeds update --feeds "$WORK/sorted" --cache "$WORK/sorted.cache"; want 0 feeds status --cache "$WORK/sorted.cache"
expect "releases in their order" "alpine-v3.9-main alpine-v3.10-main" "$(grep -o 'alpine[^ ]*' "$WORK/out" | xargs)"
expect_match "a fresh feed's age" '^alpine-v3.9-main +[0-9]+ +- +now ' "$OUT"

say "images"
stanza() { printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n' "$1" "$2"; [ -z "${3:-}" ] || printf 'Source: %s\n' "$3"; echo; }
mkdir -p "$WORK"/{base,upper}/var/lib/dpkg "$WORK"/base/etc
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' > "$WORK/base/etc/os-release"
{ stanza libc6 2.36-9+deb12u1 glibc; stanza zlib1g 1:1.2.13.dfsg-1 zlib; stanza bash 5.2.15-2; } > "$WORK/base/var/lib/dpkg/status"
{ cat "$WORK/base/var/lib/dpkg/status"; stanza libssl3 3.0.9-1 openssl; } > "$WORK/upper/var/lib/dpkg/status"
deb=$(make_image "$WORK/layout" deb amd64 "dir:$WORK/base" "dir:$WORK/upper")
mkdir -p "$WORK"/alpine/{etc,lib/apk/db}
printf 'ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n' > "$WORK/alpine/etc/os-release"
printf 'P:libssl3\nV:3.3.1-r0\nA:aarch64\no:openssl\n\nP:musl\nV:1.2.5-r0\nA:aarch64\no:musl\n\n' > "$WORK/alpine/lib/apk/db/installed"
arm=$(make_image "$WORK/layout" arm arm64 "dir:$WORK/alpine")
make_index "$WORK/layout" both deb arm > /dev/null
L=oci:$WORK/layout

say "what is found, and how it is told"
WANT=$(printf '%s\n' 'CVE-2023-45853 zlib1g critical -' 'CVE-2023-4911 libc6 high 2.36-9+deb12u3' 'CVE-2023-5363 libssl3 high 3.0.11-1~deb12u2' | sort)
want 0 scan "$L:deb" --format json
expect "findings" "$WANT" "$(found)"
cp "$WORK/out" "$WORK/first.json"
expect "head" "$deb debian Debian:12 complete 4 linux amd64 2" \
  "$(jq -r '[.image.digest, .os.id, .os.ecosystem, .status, .packages, .image.os, .image.architecture, (.image.layers | length)] | map(tostring) | join(" ")' "$WORK/out")"
expect "summary" '{"findings":3,"critical":1,"high":2,"medium":0,"low":0,"negligible":0,"unknown":0,"malicious":0,"notices":0,"counted":3,"fixable":2,"fixable_with_subscription":0,"known_exploited":1,"exploit_public":0,"filtered":0}' "$(jq -c .summary "$WORK/out")"
one() { jq -r ".findings[] | select(.vulnerability == \"$1\") | $2" "$WORK/out"; }
expect "kev" "2023-11-21 2023-12-12 false 0.01 0.8" "$(one CVE-2023-4911 '[.kev.added, .kev.due, .kev.ransomware, .epss, .epss_percentile] | map(tostring) | join(" ")')"
expect "each score once" "0" "$(jq '[.findings[].cvss | length - (unique | length)] | add' "$WORK/out")"
expect "cvss" "3.1 7.8" "$(one CVE-2023-4911 '.cvss[0] | "\(.version) \(.score)"')"
expect "nobody knows" "null null []" "$(one CVE-2023-45853 '"\(.kev) \(.epss) \(.exploits | tojson)"')"
expect "sources" "osv-debian DEBIAN-CVE-2023-5363" "$(one CVE-2023-5363 '.sources[0] | "\(.feed) \(.advisory)"')"
expect_match "rule" '^dpkg source openssl 3.0.9-1 < 3.0.11-1~deb12u2' "$(one CVE-2023-5363 .rule)"
layers=$(jq -r '.layers[].digest' "$WORK/layout/blobs/sha256/${deb#sha256:}")
expect "layer of libssl3" "$(sed -n 2p <<< "$layers")" "$(one CVE-2023-5363 .layer)"
expect "layer of libc6" "$(sed -n 1p <<< "$layers")" "$(one CVE-2023-4911 .layer)"
expect "most severe first" "CVE-2023-45853 CVE-2023-4911 CVE-2023-5363" "$(jq -r '[.findings[].vulnerability] | join(" ")' "$WORK/out")"
want 0 scan "$L:deb"
expect_match "what it was judged by stands still" '^Note: the advisories of Debian: newest of 2024-03-01, they stand still$' "$OUT"
expect "so says JSON" "the advisories of Debian: newest of 2024-03-01, they stand still|2024-03-01 true" \
  "$(jq -r '[.notes[], (.feeds[] | select(.name == "osv-debian") | "\(.newest[:10]) \(.stands_still)")] | join("|")' "$WORK/first.json")"
expect_match "table" 'SEVERITY +VULNERABILITY +PACKAGE +INSTALLED +FIXED IN +EXPLOIT +ADVISORY' "$OUT"
expect_match "table row" 'high +CVE-2023-4911 +libc6 +2\.36-9\+deb12u1 +2\.36-9\+deb12u3 +in use +DEBIAN-CVE-2023-4911' "$OUT"
expect_match "table head" 'system +Debian GNU/Linux 12' "$OUT"
expect_match "table summary" '3 findings: 1 critical, 2 high; 2 can be fixed; 1 known to be exploited' "$OUT"
want 0 scan "$L:deb" --format json; cmp -s "$WORK/out" "$WORK/first.json" || fail "the same image from the cache gives other bytes"
want 0 scan "$L:deb" --format json --no-cache; cmp -s "$WORK/out" "$WORK/first.json" || fail "the same image without a cache gives other bytes"
want 0 scan "$L:deb" --format json --output "$WORK/report.json"; cmp -s "$WORK/report.json" "$WORK/first.json" || fail "--output"
expect "--output prints nothing" "" "$OUT"

say "filters and exit statuses"
for row in \
  "0 3 " "1 3 --fail-on low" "1 3 --fail-on critical" "1 2 --fail-on high --severity high" "0 2 --fail-on critical --severity high" \
  "0 1 --severity critical" "0 3 --severity critical,high" "0 3 --min-severity high" "0 1 --min-severity critical" \
  "0 2 --only-fixed" "0 2 --only-fixed --fail-on critical" "1 2 --only-fixed --fail-on high" "0 0 --severity low" \
  "0 0 --severity low --fail-on unknown" "0 3 --fail-on-partial"; do
  read -r rc n flags <<< "$row"
  # shellcheck disable=SC2086
  want "$rc" scan "$L:deb" --format json $flags
  expect "findings with $flags" "$n" "$(jq '.findings | length' "$WORK/out")"
  expect "findings left out with $flags" $((3 - n)) "$(jq .summary.filtered "$WORK/out")"
done
want 0 scan "$L:deb" --severity low
expect_match "what a filter hides" '^3 findings are not shown \(--severity low\)$' "$OUT"
want 0 scan "$L:deb" --min-severity high --only-fixed
expect_match "what filters hide" '^1 finding is not shown \(--min-severity high --only-fixed\)$' "$OUT"
want 0 scan "$L:deb"; grep -q 'not shown' <<< "$OUT" && fail "nothing is hidden: $OUT"
want 0 scan "$L:deb" --severity low --fail-on critical --format json
expect_match "what a gate does not count" \
  '^careen scan: 1 finding would fail --fail-on critical and is not counted, since --severity low leaves it out$' "$ERR"
expect "what a gate does not count, as JSON" "0 1 false" "$(jq -r '.gate | "\(.reached) \(.filtered) \(.failed)"' "$WORK/out")"
want 1 scan "$L:deb" --severity critical --fail-on critical; expect "a gate that counts all" "" "$ERR"
for flags in "--workers 3" "--schedule.walk x" "--kafka a=b" "--severity nonsense" "--fail-on nonsense" "--severity ," "--format xml" "--severity high --min-severity low" \
  "--platform nonsense" "--nonsense" "--password-file /nonexistent --username u" "second"; do
  # shellcheck disable=SC2086
  want 2 scan "$L:deb" $flags
done
want 2 scan; want 2 scan "Not A Name"; want 2 packages

say "findings that nobody rated"
unrated() { jq -r '.gate | "\(.fail_on) \(.fail_on_unknown) \(.reached) \(.unknown) \(.failed)"' "$WORK/out"; }
want 0 scan "$L:arm" --format json; expect "no gate" null "$(jq -c .gate "$WORK/out")"
rated=$(jq -r '.findings[0] | "\(.vulnerability) \(.severity) \(.severity_source)"' "$WORK/out"); cve=${rated%% *}
expect "Alpine rates nothing" "unknown null" "${rated#* }"
want 0 scan "$L:arm" --format json --fail-on critical; expect "the gate says so" "critical false 0 1 false" "$(unrated)"
expect_match "and standard error" '1 finding has no severity, .* not counted by --fail-on critical; --fail-on-unknown counts it' "$ERR"
want 1 scan "$L:arm" --format json --fail-on critical --fail-on-unknown; expect "asked for" "critical true 0 1 true" "$(unrated)"
want 1 scan "$L:arm" --format json --fail-on-unknown; expect "alone" "null true 0 1 true" "$(unrated)"
want 1 scan "$L:arm" --format json --fail-on unknown; expect "as the least severity" "unknown true 0 1 true" "$(unrated)"
want 0 scan "$L:deb" --format json --fail-on-unknown
export CAREEN_CACHE=$WORK/rated
want 0 feeds update --feeds "$WORK/feeds" --quiet
mkdir -p "$WORK/nvd/nvd" "$WORK/nvd/cve"
printf '{"resultsPerPage":1,"vulnerabilities":[{"cve":{"id":"%s","sourceIdentifier":"x","vulnStatus":"Analyzed","metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","cvssData":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}}}]}' \
  "$cve" > "$WORK/nvd/nvd/nvdcve-2.0-2024.json"
want 0 feeds update --feeds "$WORK/nvd" --only nvd,cve-list
want 1 scan "$L:arm" --format json --fail-on critical; expect "NVD's" "critical false 1 0 true" "$(unrated)"
expect "whose it is" "critical NVD NVD" "$(jq -r '.findings[0] | "\(.severity) \(.severity_source) \(.cvss | map(.source) | join(","))"' "$WORK/out")"
mkdir -p "$WORK/cvelist/cvelistV5-main/cves/2024/0xxx"
printf '{"cveMetadata":{"cveId":"%s","state":"PUBLISHED"},"containers":{"cna":{"providerMetadata":{"shortName":"openssl"},"metrics":[{"cvssV3_1":{"vectorString":"CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}}]}}}' \
  "$cve" > "$WORK/cvelist/cvelistV5-main/cves/2024/0xxx/$cve.json"
tar czf "$WORK/nvd/cve/cvelistV5.tar.gz" -C "$WORK/cvelist" cvelistV5-main
want 0 feeds update --feeds "$WORK/nvd" --only nvd,cve-list
want 0 scan "$L:arm" --format json --fail-on critical
expect "who assigned the number goes first" "low CNA: openssl" "$(jq -r '.findings[0] | "\(.severity) \(.severity_source)"' "$WORK/out")"
want 0 scan "$L:deb" --format json
expect "the publisher's own word stays" "$WANT" "$(found)"
export CAREEN_CACHE=$WORK/cache

say "every source"
make_image "$WORK/single" deb amd64 "dir:$WORK/base" "dir:$WORK/upper" > /dev/null
python3 "$HERE/world/make_image.py" archive "$WORK/layout" "$WORK/layout.tar"
python3 "$HERE/world/make_image.py" docker "$WORK/single" deb "$WORK/docker.tar" team/app:1 > /dev/null
want 0 packages "$L:deb" --format cyclonedx --output "$WORK/deb.cdx.json"
for image in "oci:$WORK/single" "oci-archive:$WORK/layout.tar:deb" "docker-archive:$WORK/docker.tar" "sbom:$WORK/deb.cdx.json"; do
  want 0 scan "$image" --format json
  expect "$image" "$WANT" "$(found)"
  expect "$image status" complete "$(jq -r .status "$WORK/out")"
done
expect "sbom's layer" "$(sed -n 2p <<< "$layers")" "$(one CVE-2023-5363 .layer)"
if command -v docker-registry > /dev/null && command -v skopeo > /dev/null; then
  start_registry registry; HOST=127.0.0.1:$PORT
  push "$WORK/layout:both" "$HOST/team/app:1"
  want 0 scan "$HOST/team/app:1" --plain-http --format json --no-cache
  expect "registry" "$WANT" "$(found)"
  want 0 scan "http://$HOST/team/app:1" --format json
  expect "registry with http:// in front" "$WANT" "$(found)"
  trouble "speaks no TLS there; .* name it http://$HOST, or say --plain-http$" scan "$HOST/team/app:1"
  want 0 scan "$HOST/team/app@$deb" --plain-http --format json
  expect "registry by digest" "$WANT" "$(found)"
  want 0 scan "$HOST/team/app:1" --plain-http --platform linux/arm64 --format json --no-cache
  expect "registry, another platform" "CVE-2024-5535 libssl3 unknown 3.3.1-r1" "$(found)"
  trouble 'not(hing| ).*known|unknown|not found|no ' scan "$HOST/team/app:none" --plain-http
  trouble "$HOST/no/such" scan "$HOST/no/such:1" --plain-http
  if command -v htpasswd > /dev/null; then
    htpasswd -Bbn scan example > "$WORK/htpasswd"
    start_registry basic "auth: {htpasswd: {realm: test, path: $WORK/htpasswd}}"
    trouble 'docker login, or say --username' scan "127.0.0.1:$PORT/team/app:1" --plain-http
    printf 'example\n' > "$WORK/password"; printf 'wrong\n' > "$WORK/wrong"
    want 0 scan "127.0.0.1:$PORT/team/app:1" --plain-http --username scan --password-file "$WORK/password" --format json
    expect "with a login" "$WANT" "$(found)"
    want 0 scan "127.0.0.1:$PORT/team/app:1" --plain-http --username scan --password-file <(printf 'example\n') --format json
    expect "with a password that can be read once" "$WANT" "$(found)"
    trouble 'refused|login|password' scan "127.0.0.1:$PORT/team/app:1" --plain-http --username scan --password-file "$WORK/wrong"
  fi
else
  skip_part registries "docker-registry and skopeo are not installed"
fi
trouble 'Failed to connect|refused' scan 127.0.0.1:1/team/app:1
(cd "$WORK"; want 2 scan ./layout; expect_match "a folder" 'folder \./layout: oci:\./layout\?' "$ERR"
  want 2 packages ./docker.tar:x; expect_match "a file" 'docker-archive:\./docker\.tar:x or oci-archive:' "$ERR")
trouble ": it has no manifest.json but an index.json: oci-archive:$WORK/layout.tar\?$" scan "docker-archive:$WORK/layout.tar"
trouble ": it has no index.json but a manifest.json: docker-archive:$WORK/docker.tar\?$" scan "oci-archive:$WORK/docker.tar"

say "packages"
want 0 packages "$L:deb" --format json
expect "packages" "dpkg bash 5.2.15-2 bash,dpkg libc6 2.36-9+deb12u1 glibc,dpkg libssl3 3.0.9-1 openssl,dpkg zlib1g 1:1.2.13.dfsg-1 zlib" \
  "$(jq -r '[.packages[] | "\(.type) \(.name) \(.version) \(.source_name)"] | join(",")' "$WORK/out")"
expect "cyclonedx" "CycloneDX 1.6 4" "$(jq -r '"\(.bomFormat) \(.specVersion) \([.components[] | select(.type == "library")] | length)"' "$WORK/deb.cdx.json")"
want 0 packages "$L:deb"; expect_match "packages table" 'dpkg +libssl3 +3.0.9-1 +amd64 +openssl' "$OUT"

say "indexes and platforms"
want 0 scan "$L:both" --platform linux/arm64 --format json
expect "arm64" "CVE-2024-5535 libssl3 unknown 3.3.1-r1" "$(found)"
expect "arm64's digest" "$arm" "$(jq -r .image.digest "$WORK/out")"
want 0 scan "$L:both" --platform linux/amd64 --format json; expect "amd64" "$WANT" "$(found)"
trouble 'linux/s390x.*linux/amd64.*linux/arm64' scan "$L:both" --platform linux/s390x
trouble 'has no image nope.*deb' scan "$L:nope"

say "images that are special"
mkdir -p "$WORK"/distroless/var/lib/dpkg/status.d "$WORK"/distroless/etc "$WORK"/empty "$WORK"/unknown/{etc,var/lib/dpkg}
cp "$WORK/base/etc/os-release" "$WORK/distroless/etc/"
stanza libssl3 3.0.9-1 openssl > "$WORK/distroless/var/lib/dpkg/status.d/libssl3"
stanza libc6 2.36-9+deb12u1 glibc > "$WORK/distroless/var/lib/dpkg/status.d/libc6"
make_image "$WORK/layout" distroless amd64 "dir:$WORK/distroless" > /dev/null
want 0 scan "$L:distroless" --format json
expect "distroless" "$(grep -v zlib1g <<< "$WANT")" "$(found)"
make_image "$WORK/layout" scratch amd64 bin/tool=text > /dev/null
want 0 scan "$L:scratch" --format json --fail-on-partial
expect "no system" "complete 0 no operating system" "$(jq -r '"\(.status) \(.packages) \(.os.name)"' "$WORK/out")"
make_image "$WORK/layout" nobodys amd64 $'etc/os-release=ID=openwrt\nVERSION_ID=23.05.5\nPRETTY_NAME="OpenWrt 23.05.5"\n' \
  $'usr/lib/opkg/status=Package: busybox\nVersion: 1.36.1-1\nStatus: install user installed\nArchitecture: x86_64\n' > /dev/null
want 0 scan "$L:nobodys"
expect_match "a system that nobody publishes for" '^not judged: no advisories for OpenWrt 23.05.5$' "$OUT"
grep -qE '0 findings|there may be more' <<< "$OUT" && fail "a system that nobody publishes for: $OUT"
want 0 scan "$L:nobodys" --fail-on unknown --format json
expect "its reason" "no advisories for OpenWrt 23.05.5: its packages could not be judged" "$(jq -r '.reasons | join(",")' "$WORK/out")"
want 3 scan "$L:nobodys" --fail-on-partial
# not_assessed WHAT WHY IMAGE: nothing could be judged, and that is no good news
not_assessed() {
  want 3 scan "$3" --fail-on unknown
  expect_match "$1" "could not assess: .*$2" "$ERR"
  expect_match "$1, in the table" '^NOT ASSESSED: ' "$OUT"
  expect_match "$1, in the table" "^  - .*$2" "$OUT"
  grep -qE '0 findings|there may be more|^Note' <<< "$OUT" && fail "$1: $OUT"
  want 3 scan "$3" --format json; expect "$1, as JSON" "partial 0" "$(jq -r '"\(.status) \(.findings | length)"' "$WORK/out")"
}
system=$'etc/os-release=ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian 12"\n'
make_image "$WORK/layout" nopackages amd64 "$system" > /dev/null
not_assessed "no package database" 'Debian 12 without a package database' "$L:nopackages"
make_image "$WORK/layout" badstatus amd64 "$system" "var/lib/dpkg/status=nonsense"$'\n' > /dev/null
not_assessed "a package database that can't be read" 'Debian 12 without a package database' "$L:badstatus"
make_image "$WORK/layout" badrpm amd64 'etc/os-release=ID=rhel
VERSION_ID=9.4
PRETTY_NAME="Red Hat Enterprise Linux 9.4"
' "var/lib/rpm/rpmdb.sqlite=nonsense" > /dev/null
not_assessed "an rpm database that can't be read" 'Red Hat Enterprise Linux 9.4 without a package database' "$L:badrpm"
make_image "$WORK/layout" nosystem amd64 "var/lib/dpkg/status=$(stanza bash 5.2)"$'\n' > /dev/null
not_assessed "packages without a system" 'the operating system is not known: there is no os-release' "$L:nosystem"
expect "packages without a system, as JSON" "1 null" "$(jq -r '"\(.packages) \(.os.name)"' "$WORK/out")"
make_image "$WORK/layout" norelease amd64 $'etc/os-release=ID=debian\n' "var/lib/dpkg/status=$(stanza bash 5.2)"$'\n' > /dev/null
printf 'ID=haiku\nVERSION_ID=1\nPRETTY_NAME=Haiku\n' > "$WORK/unknown/etc/os-release"
cp "$WORK/base/var/lib/dpkg/status" "$WORK/unknown/var/lib/dpkg/"
make_image "$WORK/layout" unknown amd64 "dir:$WORK/unknown" > /dev/null
not_assessed "a system that nobody knows" 'the operating system is not known: "haiku" is none of those' "$L:unknown"
not_assessed "a release that is not known" "its files don't say which release it is" "$L:norelease"
sed -i 's/12/11/' "$WORK/base/etc/os-release"
make_image "$WORK/layout" eleven amd64 "dir:$WORK/base" > /dev/null
not_assessed "no advisories of that release" 'no advisories of Debian:11; careen feeds update' "$L:eleven"
expect_match "no advisories of that release" 'could not assess: .*no advisories of Debian:11' "$ERR"
expect "no advisories of that release" "partial" "$(jq -r .status "$WORK/out")"
expect_match "no advisories of that release" 'no advisories of Debian:11; careen feeds update' "$(jq -r '.reasons[0]' "$WORK/out")"

say "layers that are broken"
printf 'ID=debian\nVERSION_ID="12"\n' > "$WORK/base/etc/os-release"
tar -C "$WORK/upper" -cf "$WORK/upper.tar" .
gzip -1c "$WORK/upper.tar" > "$WORK/upper.tar.gz"; zstd -qc "$WORK/upper.tar" > "$WORK/upper.tar.zst"
for kind in .tar .tar.gz .tar.zst; do
  make_image "$WORK/layout" "kind$kind" amd64 "dir:$WORK/base" "blob:$WORK/upper$kind" > /dev/null
  want 0 scan "$L:kind$kind" --format json; expect "layer as $kind" "$WANT" "$(found)"
done
size=$(stat -c %s "$WORK/upper.tar.gz")
head -c $((size / 2)) "$WORK/upper.tar.gz" > "$WORK/cut.gz"
head -c 5000 /dev/zero > "$WORK/zeros"; python3 -c 'import random,sys; sys.stdout.buffer.write(random.Random(7).randbytes(9999))' > "$WORK/noise"
: > "$WORK/nothing"
for broken in cut.gz noise; do
  make_image "$WORK/layout" "$broken" amd64 "dir:$WORK/base" "blob:$WORK/$broken" > /dev/null
  for i in 1 2; do # the second time too: what is broken is not remembered as whole
    want 0 scan "$L:$broken" --format json
    expect "$broken is partial" partial "$(jq -r .status "$WORK/out")"
    expect_match "$broken has a reason" 'layer sha256:' "$(jq -r '.reasons[0]' "$WORK/out")"
    expect "$broken has a code for it" '["layer-broken"]' "$(jq -c .reason_codes "$WORK/out")"
    expect "$broken: the other layer counts" "$(grep -v libssl3 <<< "$WANT")" "$(found)"
  done
  want 3 scan "$L:$broken" --fail-on-partial
  want 3 scan "$L:$broken" --fail-on-partial=layer-broken
done
for whole in zeros nothing; do # tars without a member
  make_image "$WORK/layout" "$whole" amd64 "dir:$WORK/base" "blob:$WORK/$whole" > /dev/null
  want 0 scan "$L:$whole" --format json --fail-on-partial
done
make_image "$WORK/layout" onlynoise amd64 "blob:$WORK/noise" > /dev/null
trouble 'no layer of it could be read' scan "$L:onlynoise"

# More packages than are listed of one file: cut with the reason, not with silence.
mkdir -p "$WORK/many/var/lib/dpkg"
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "Package: p%d\nStatus: install ok installed\nVersion: 1\n\n", i }' > "$WORK/many/var/lib/dpkg/status"
make_image "$WORK/layout" many amd64 "dir:$WORK/many" > /dev/null
want 3 scan "$L:many" --format json
expect "a list without end is told" true "$(jq '.reason_codes | index("too-many") != null' "$WORK/out")"
expect_match "by its path" 'var/lib/dpkg/status: it names more than 50000 packages' "$(jq -r '.reasons[]' "$WORK/out")"
rm -r "$WORK/many"

say "layouts that are broken"
broken() { rm -rf "$WORK/b"; cp -r "$WORK/single" "$WORK/b"; B=$WORK/b; }
blob() { printf '%s' "$B/blobs/sha256/${1#sha256:}"; }
second=$(sed -n 2p <<< "$layers") config=$(jq -r .config.digest "$WORK/layout/blobs/sha256/${deb#sha256:}")
broken; printf x >> "$(blob "$second")"; trouble "layer $second|$second" scan "oci:$B" --no-cache
broken; printf X | dd of="$(blob "$second")" bs=1 seek=40 conv=notrunc status=none; trouble "$second.*digest|digest" scan "oci:$B" --no-cache
broken; rm "$(blob "$second")"; trouble "$second|${second#sha256:}" scan "oci:$B" --no-cache
broken; rm "$(blob "$config")"; trouble "${config#sha256:}" scan "oci:$B"
broken; printf '{}' > "$(blob "$deb")"; trouble "${deb#sha256:}" scan "oci:$B"
broken; printf '{"schemaVersion":2' > "$B/index.json"; trouble 'index' scan "oci:$B"
broken; rm "$B/index.json"; trouble 'index' scan "oci:$B"
broken; chmod 0 "$B"; [ -r "$B" ] || trouble 'ermission' scan "oci:$B"; chmod 700 "$B"
for row in "oci-archive:$WORK/none.tar" "docker-archive:$WORK/none.tar" "sbom:$WORK/none.json" "oci:$WORK/none"; do
  trouble 'No such file' scan "$row"
done
for row in "oci-archive:$WORK/noise" "docker-archive:$WORK/noise" "sbom:$WORK/noise" "oci-archive:$WORK/docker.tar" \
  "docker-archive:$WORK/upper.tar" "sbom:$WORK/first.json" "sbom:$WORK" "oci:$WORK/noise" "oci-archive:$WORK/nothing"; do
  trouble "^careen scan: $row: " scan "$row"
done
head -c 2000 "$WORK/deb.cdx.json" > "$WORK/cut.json"; trouble 'line' scan "sbom:$WORK/cut.json"
jq 'del(.components[] | select(.name == "libssl3") | .purl)' "$WORK/deb.cdx.json" > "$WORK/nopurl.json"
want 0 scan "sbom:$WORK/nopurl.json" --format json; expect "a component without purl" partial "$(jq -r .status "$WORK/out")"

say "software that nothing judges"
mkdir -p "$WORK"/unread/{app/Cellar/jq/1.7,usr/share/tools,var/lib/dpkg/info}
cp -r "$WORK/distroless/etc" "$WORK/unread/"
stanza libssl3 3.0.9-1 openssl > "$WORK/unread/var/lib/dpkg/status"
printf '/.\n/usr/share/tools/owned.AppImage\n' > "$WORK/unread/var/lib/dpkg/info/libssl3.list"
touch "$WORK"/unread/app/{editor,gone}.AppImage "$WORK"/unread/usr/share/tools/owned.AppImage "$WORK"/unread/app/Cellar/jq/1.7/INSTALL_RECEIPT.json
make_image "$WORK/layout" unread amd64 "dir:$WORK/unread" app/.wh.gone.AppImage= > /dev/null
for i in 1 2; do # the second time from what is remembered
  want 0 scan "$L:unread" --format json
  expect "its status and what is unread" \
    'complete [{"kind":"bundle","name":"application bundle","count":1,"at_least":false,"examples":["app/editor.AppImage"]},{"kind":"homebrew","name":"Homebrew package","count":1,"at_least":false,"examples":["app/Cellar/jq/1.7/INSTALL_RECEIPT.json"]}]' \
    "$(jq -rc '"\(.status) \(.unread | tojson)"' "$WORK/out")"
done
want 0 scan "$L:unread"
expect_match "in the table" '^Seen and not judged: 1 Homebrew package, 1 application bundle$' "$OUT"
want 3 scan "$L:unread" --fail-on-partial
expect_match "for --fail-on-partial" 'asked for: seen and not judged: 1 Homebrew package, 1 application bundle$' "$ERR"
want 0 scan "$L:unread" --fail-on-partial=layer-broken,database-broken
want 0 scan "$L:unread" --no-fail-on-partial
want 3 scan "$L:unread" --fail-on-partial=layer-broken,software-not-judged
want 2 scan "$L:unread" --fail-on-partial=software-not-judjed
expect_match "an unknown code" '"software-not-judjed"; docs/formats/reasons.md lists them' "$ERR"
want 0 packages "$L:unread"
expect_match "in the table of packages" '^Seen and not judged: 1 Homebrew package, 1 application bundle$' "$OUT"
want 0 packages "$L:unread" --format cyclonedx; cp "$WORK/out" "$WORK/unread.cdx.json"
want 0 scan "sbom:$WORK/unread.cdx.json" --format json
expect "a bill of materials and back" 'complete bundle 1 app/editor.AppImage' "$(jq -r '"\(.status) \(.unread[0] | "\(.kind) \(.count) \(.examples[0])")"' "$WORK/out")"
make_image "$WORK/layout" onlybundle amd64 app/a.AppImage=x > /dev/null
want 0 scan "$L:onlybundle"
expect_match "no system, something unread" '^nothing is judged: no packages that advisories speak of are in it$' "$OUT"
grep -q '0 findings' <<< "$OUT" && fail "nothing was judged, and that is no 0 findings: $OUT"

say "bills of materials of others"
# bom NAME COMPONENT…: a CycloneDX document
bom() { jq -n --args '{bomFormat: "CycloneDX", specVersion: "1.7", components: [$ARGS.positional[] | fromjson]}' "${@:2}" > "$WORK/$1.json"; }
bom trivy '{"type":"operating-system","name":"debian","version":"12.1"}' \
  '{"type":"library","name":"libssl3","version":"3.0.9-1","purl":"pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12.1",
    "properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.0.9"},
                  {"name":"aquasecurity:trivy:SrcRelease","value":"1"}]}'
want 0 scan "sbom:$WORK/trivy.json" --format json --fail-on-partial
expect_match "the source in properties" '^CVE-2023-5363 ' "$(found)"
expect "the source in properties" complete "$(jq -r .status "$WORK/out")"
bom npm '{"type":"library","name":"left-pad","purl":"pkg:npm/left-pad@1.3.0"}'
not_assessed "a language of which nothing is known" '1 package is not judged: the advisory database has no advisories of npm' "sbom:$WORK/npm.json"
bom pods '{"type":"library","name":"left-pad","purl":"pkg:cocoapods/left-pad@1.3.0"}'
not_assessed "nothing that is a package" 'no component of it is of a kind that can be judged' "sbom:$WORK/pods.json"
want 3 scan "sbom:$WORK/pods.json"; expect_match "it is told" '^Seen and not judged: 1 Swift package list$' "$OUT"
bom nothing; bom nopackage '{"type":"file","name":"/bin/true"}'; bom systemonly '{"type":"operating-system","name":"debian","version":"12"}'
for name in nothing nopackage systemonly; do not_assessed "a document of nothing: $name" 'it names no packages' "sbom:$WORK/$name.json"; done
jq '.components = []' "$WORK/deb.cdx.json" > "$WORK/emptied.json"; not_assessed "our own, emptied" 'it names no packages' "sbom:$WORK/emptied.json"
want 0 packages "$L:scratch" --format cyclonedx --output "$WORK/scratch.cdx.json"
want 0 scan "sbom:$WORK/scratch.cdx.json" --fail-on-partial # who read the image says that nothing is in it
bom norelease '{"type":"operating-system","name":"debian","version":"x"}' '{"type":"library","purl":"pkg:deb/debian/bash@5.2"}'
not_assessed "a release that nobody knows" 'no advisories for debian x: the document names no release of it that is known' "sbom:$WORK/norelease.json"
want 3 scan "sbom:$WORK/norelease.json"; expect_match "its system and release" '^  system    debian x$' "$OUT"
want 3 scan "sbom:$WORK/systemonly.json"; expect_match "a system and its release" '^  system    debian 12$' "$OUT"
bare='{"type":"library","purl":"pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12"}'
bom sourceless "$bare" '{"type":"library","purl":"pkg:deb/debian/openssl@3.0.9-1?distro=debian-12"}'
want 0 scan "sbom:$WORK/sourceless.json" --format json
expect "no source is named" "partial which source 1 package was built from is not said, and advisories go by source; the first is libssl3" \
  "$(jq -r '"\(.status) \(.reasons | join(","))"' "$WORK/out")"
expect_match "no source is named: by its own name" '^CVE-2023-5363 openssl ' "$(found)"
bom allsourceless "$bare"
not_assessed "no source of any package" 'which source 1 package was built from' "sbom:$WORK/allsourceless.json"
bom unknownsystem '{"type":"operating-system","name":"frobnix","version":"3"}' '{"type":"library","purl":"pkg:deb/frobnix/bash@5.2"}'
not_assessed "a system of a document that nobody knows" 'the operating system is not known: "frobnix"' "sbom:$WORK/unknownsystem.json"

say "terminal escapes in what an image says"
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="x\033]0;owned\007\033[2J"\n' > "$WORK/unknown/etc/os-release"
make_image "$WORK/layout" escapes amd64 "dir:$WORK/unknown" > /dev/null
want 0 scan "$L:escapes"
grep -q $'\033' "$WORK/out" && fail "escape characters reached the terminal"

say "caches"
export CAREEN_CACHE=$WORK/shared
want 0 feeds update --feeds "$WORK/feeds" --quiet
expect "quiet" "" "$ERR"
for i in 1 2 3 4; do "$CAREEN" scan "$L:deb" --format json > "$WORK/par.$i" 2> "$WORK/par.$i.err" & pids[i]=$!; done
for i in 1 2 3 4; do wait "${pids[i]}" || fail "a scan beside others: $(cat "$WORK/par.$i.err")"; cmp -s "$WORK/par.$i" "$WORK/par.1" || fail "scans at once differ"; done
make_image "$WORK/layout" huge amd64 "dir:$WORK/base" a=@40000000 b=@40000001 > /dev/null
for delay in 0.01 0.05 0.1 0.2; do
  "$CAREEN" scan "$L:huge" > /dev/null 2>&1 & pid=$!
  sleep "$delay"; kill -9 "$pid" 2> /dev/null || true; wait "$pid" 2> /dev/null || true
done
want 0 scan "$L:huge" --format json
expect "after kills" "$(grep -v libssl3 <<< "$WANT")" "$(found)"
want 0 scan "$L:huge" --format json
expect "from the cache after kills" "$(grep -v libssl3 <<< "$WANT")" "$(found)"

cp -r "$CAREEN_CACHE" "$WORK/damaged"; export CAREEN_CACHE=$WORK/damaged
head -c 20000 "$WORK/noise" > "$CAREEN_CACHE/layers/data.mdb"
want 0 scan "$L:deb" --format json; expect "with a damaged cache" "$WANT" "$(found)"
expect_match "a damaged cache is told" 'layers are not remembered' "$ERR"
expect "and told once" 1 "$(wc -l < "$WORK/err")"
rm -rf "$CAREEN_CACHE/layers"; : > "$CAREEN_CACHE/layers" # a file where the folder should be
want 0 scan "$L:deb" --format json; expect "without a cache folder" "$WANT" "$(found)"
expect_match "no cache folder is told" 'layers are not remembered' "$ERR"
if [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then
  rm -f "$CAREEN_CACHE/layers"; mkdir "$CAREEN_CACHE/layers"
  for size in 16k 72k 84k; do # no room for the lock file, for the data, for the tables
    # shellcheck disable=SC2016
    RC=0; unshare -m bash -c 'mount -t tmpfs -o size="$2" none "$CAREEN_CACHE/layers" || exit 99; exec "$0" scan "$1" --format json' \
      "$CAREEN" "$L:deb" "$size" > "$WORK/out" 2> "$WORK/err" || RC=$?
    if [ "$RC" = 99 ]; then skip_part "a full disk" "no mounts here"; break; fi
    expect "on a full disk of $size: $(cat "$WORK/err")" 0 "$RC"; expect "on a full disk of $size" "$WANT" "$(found)"
    expect_match "a full disk of $size is told" 'not remembered.*[Nn]o (space|room)' "$(cat "$WORK/err")"
  done
else
  skip_part "a full disk" "this user may not mount in a namespace of its own"
fi
export CAREEN_CACHE=$WORK/cache
printf garbage > "$WORK/cache/advisories.no"; mkdir -p "$WORK/bad/advisories"; cp "$WORK/noise" "$WORK/bad/advisories/data.mdb"
CAREEN_CACHE=$WORK/bad trouble 'advisor' scan "$L:deb"
want 0 scan "$L:deb" --cache "$WORK/bycache" --feeds "$WORK/feeds" --format json # updates first
expect "--feeds on the way" "$WANT" "$(found)"
