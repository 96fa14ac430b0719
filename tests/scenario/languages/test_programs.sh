#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What programs tell of their libraries, through careen packages: tiny ones of every kind that world/make_programs.py writes, whatever
# their mode and name; and real ones, where Go is here, against what go itself says of them.
. "$(dirname "$0")/../lib.sh"
need python3 jq

CAREEN=$CAREEN_BIN/careen
image() {
  python3 "$HERE/world/make_image.py" image "$WORK/image" x amd64 dir:"$1" > "$WORK/digest" || fail "image of $1"
  "$CAREEN" packages oci:"$WORK/image":x --no-cache --format json > "$WORK/out" || fail "careen packages of $1"
}
listed() { jq -r '.packages[] | select(.location | test($at)) | [.type, .name, .version, .not_judged_code // "-"] | join(" ")' --arg at "$1" "$WORK/out" | sort; }

say "programs of every kind"
python3 "$HERE/world/make_programs.py" "$WORK/made"
mkdir -p "$WORK/root/opt/any where"
cp "$WORK"/made/* "$WORK/root/opt/any where/"
mv "$WORK/root/opt/any where/deps.json" "$WORK/root/opt/any where/shop.deps.json"
chmod 644 "$WORK/root/opt/any where/"*
image "$WORK/root"
expect "Go's modules" "golang example.com/Shop v1.4.2 -
golang example.com/local v1.0.0 version-unknown
golang github.com/BurntSushi/toml v0.4.1 -
golang github.com/docker/docker v20.10.7+incompatible -
golang golang.org/x/text v0.3.6 -
golang stdlib 1.16.15 -" "$(listed 'go-pointers-32-big$')"
expect "Rust's crates" "cargo ours 2.0.0 other-repository
cargo serde 1.0.188 -
cargo shop 0.3.1 own-package
cargo theirs 3.0.0 -" "$(listed 'rust-audit$')"
expect "a native image" "maven netty-codec 4.1.100.Final -" "$(listed '/graalvm$')"
expect "a bundle" 6 "$(listed 'bundle$' | wc -l)"
expect "what is said" "4" "$(jq '[.reason_codes[] | select(. == "contents-unknown")] | length' "$WORK/out")"
expect "a class of Java is no program" "" "$(listed 'class$')"

if ! command -v go > /dev/null; then
  skip_part "real programs of Go" "go is not installed"
  exit 0
fi
say "real programs"
go=$(go env GOROOT)
mkdir -p "$WORK/real/bin"
for f in "$go"/bin/go "$go"/bin/gofmt; do cp "$f" "$WORK/real/bin/"; done
strip -o "$WORK/real/bin/stripped" "$go/bin/gofmt" 2> /dev/null || cp "$go/bin/gofmt" "$WORK/real/bin/stripped"
image "$WORK/real"
for f in "$WORK"/real/bin/*; do
  go version -m "$f" | awk -F '\t' '$2 == "dep" { print $3, $4 }' | sort > "$WORK/want"
  jq -r '.packages[] | select(.location == $at and .name != "stdlib" and .name != "toolchain" and .name != "cmd") |
    .name + " " + .version' --arg at "bin/$(basename "$f")" "$WORK/out" | sort > "$WORK/got"
  cmp -s "$WORK/want" "$WORK/got" || fail "$f: $(diff "$WORK/want" "$WORK/got")"
  release=$(go version "$f" | sed 's/.*: go//; s/[ -].*//')
  [[ $release == *.*.* ]] || release+=.0
  expect "stdlib of $f" "$release" "$(jq -r '.packages[] | select(.location == $at and .name == "stdlib") | .version' \
    --arg at "bin/$(basename "$f")" "$WORK/out")"
done
expect "go is a program of the toolchain" 1 "$(listed 'bin/go$' | grep -c ' toolchain ')"
