#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Red Hat's VEX in the shape of vex-feed, a document of our own (facts of CVE-2024-8088), from the feed to the scan: minor
# releases, modules by their label, products, extended life support, Hardened Images, and each score once.
. "$(dirname "$0")/../lib.sh"
need python3
need jq

mkdir -p "$WORK/feeds/redhat" "$WORK/doc/2024"
cp "$HERE/../data/fuzz/fuzz_csaf_vex/vex_feed.json" "$WORK/doc/2024/cve-2024-8088.json"
tar -C "$WORK/doc" --zstd -cf "$WORK/feeds/redhat/csaf_vex_2026-05-08.tar.zst" .
"$CAREEN_BIN/careen" feeds update --feeds "$WORK/feeds" --only redhat-vex --cache "$WORK/cache" > "$WORK/update" 2>&1 ||
  fail "feeds update: $(cat "$WORK/update")"
expect_match "containers are counted" 'statements about container images: 1 not used' "$(cat "$WORK/update")"

# judged DISTRO PURL-WITHOUT-DISTRO [PRODUCT]: "verdict fixed-version", or "-"
judged() {
  local id=${1%%-*} version=${1#*-}
  jq -n --arg id "$id" --arg version "$version" --arg purl "$2&distro=$1" --arg product "${3:-}" '
    {bomFormat: "CycloneDX", specVersion: "1.6", components: [
      {type: "operating-system", name: $id, version: $version,
       properties: [if $product == "" then empty else {name: "careen:product", value: $product} end]},
      {type: "library", name: "p", version: "1", purl: $purl}]}' > "$WORK/p.cdx.json"
  "$CAREEN_BIN/careen" scan "sbom:$WORK/p.cdx.json" --cache "$WORK/cache" --format json > "$WORK/out" 2> "$WORK/err" ||
    [ $? -eq 1 ] || fail "scan of $2: $(cat "$WORK/err")"
  expect "reasons" "0" "$(jq '.reasons | length' "$WORK/out")"
  jq -r 'if .findings == [] then "-" else .findings[] | "\(.verdict) \(.fixed_version)" end' "$WORK/out"
}
python() { echo "pkg:rpm/redhat/$1@$2?arch=x86_64&upstream=python3.9-$2.src.rpm"; }

say "minor releases"
expect "below its own fix" "affected 3.9.18-3.el9_4.5" "$(judged rhel-9.4 "$(python python3-libs 3.9.18-3.el9_4.4)")"
expect "each score once" "1" "$(jq '.findings[0].cvss | length' "$WORK/out")"
expect "at it" "-" "$(judged rhel-9.4 "$(python python3-libs 3.9.18-3.el9_4.5)")"
expect "past it" "-" "$(judged rhel-9.4 "$(python python3-libs 3.9.18-10.el9_4)")"
expect "of the next" "affected 3.9.19-8.el9" "$(judged rhel-9.5 "$(python python3-libs 3.9.19-7.el9)")"
expect "a fix of longer support" "-" "$(judged rhel-9.2 "$(python python3-libs 3.9.16-1.el9_2.6)")"
expect "on a system that has it" "affected 3.9.16-1.el9_2.6" \
  "$(judged rhel-9.2 "$(python python3-libs 3.9.16-1.el9_2.5)" rhel_eus:9.2)"
expect "a binary that is not affected" "-" "$(judged rhel-9.4 "$(python python3-tkinter 3.9.18-3.el9_4.4)")"

say "modules"
label=rpmmod=python39:3.9
old="pkg:rpm/redhat/python39-libs@3.9.19-1.module+el8.10.0+1+a?arch=x86_64&$label"
expect "an older build" "affected python39:3.9:8100020240826062204" "$(judged rhel-8.10 "$old:8100020240501010101:d47b87a4")"
expect "the build that fixes" "-" "$(judged rhel-8.10 "$old:8100020240826062204:d47b87a4")"
expect "another stream" "-" "$(judged rhel-8.10 "${old/39:3.9/39:3.10}:8100020240501010101:d47b87a4")"

say "products"
expect "of every system" "affected null" "$(judged rhel-9.4 "$(python python3-libs 3.9.25-1.el9)" openshift:4.18::el9)"
expect "of another version" "-" "$(judged rhel-9.4 "$(python python3-libs 3.9.25-1.el9)" openshift:4.17::el9)"
expect "extended life" "end_of_life null" "$(judged rhel-7.9 'pkg:rpm/redhat/python-libs@2.7.5-94.el7_9?arch=x86_64&upstream=python-2.7.5-94.el7_9.src.rpm')"
say "redhat_vex: as the document says"
