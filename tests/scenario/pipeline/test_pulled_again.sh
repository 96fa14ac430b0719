#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# After an upgrade a layer is downloaded again only where it may hold something for what is new: by a real registry's
# access log, for formats with rules of each kind, and a rule by how files begin.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo jq

say "an image with a layer for each format"
mkdir -p "$WORK/program/opt" "$WORK/text/opt"
cp "$(type -P true)" "$WORK/program/opt/tool"
printf '#!/bin/sh\nexec tool\n' > "$WORK/text/opt/script"
image=$(make_image "$WORK/layout" all amd64 \
  $'var/lib/dpkg/status=Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n' \
  $'var/lib/dpkg/status.d/tz=Package: tz\nVersion: 1\nArchitecture: all\n\n' \
  $'var/lib/pacman/local/zlib-1-1/desc=%NAME%\nzlib\n\n%VERSION%\n1-1\n\n' \
  'var/db/pkg/sys-libs/zlib-1/PF=zlib-1' \
  'nix/store/00000000000000000000000000000000-zlib-1/lib/z=z' \
  "dir:$WORK/program" "dir:$WORK/text" \
  'srv/shop/node_modules/ms/package.json={"name":"ms","version":"2.1.3"}' \
  'usr/share/doc/PF=PF' 'usr/share/doc/desc=desc' 'etc/dpkg/status=no')
NAMES=(dpkg status.d pacman portage nix program text node other-PF other-desc other-status)
mapfile -t LAYERS < <(jq -r '.layers[].digest' "$WORK/layout/blobs/sha256/${image#sha256:}")
expect "layers" "${#NAMES[@]}" "${#LAYERS[@]}"

mkdir "$WORK/feeds"
NO_ACCESS_LOG=false start_registry registry
at=127.0.0.1:$PORT
push "$WORK/layout:all" "$at/shop/all:v1"
# downloaded: the names of the layers that careen got since the last call, in their order
SEEN=0
downloaded() {
  local log i got=''
  log=$(tail -n "+$((SEEN + 1))" "$WORK/registry.log" | grep -E '"GET /v2/[^ ]*/blobs/.*Careen/' || true)
  SEEN=$(wc -l < "$WORK/registry.log")
  for i in "${!LAYERS[@]}"; do
    for _ in $(grep -o "blobs/${LAYERS[$i]}" <<< "$log" || true); do got+="${got:+ }${NAMES[$i]}"; done
  done
  DOWNLOADED=$got
}

say "it is pulled, each layer once"
BUS=embedded:$WORK/state/bus
start up "$CAREEN_BIN/careen" up --bus "$BUS" --state "$WORK/state" --registry "http://$at" --listen 127.0.0.1:0 \
  --api 127.0.0.1:0 --feeds "$WORK/feeds" --partitions 2 --schedule.walk '@every 1s'
rows() { "$PROBES/topic_probe" "$BUS" show pulls | wc -l; }
until_is "receipts" "${#LAYERS[@]}" rows
kill -INT "$STARTED_PID"
wait "$STARTED_PID" || true
downloaded
expect "the first time" "${NAMES[*]}" "$DOWNLOADED"

# older WHAT WANT FORMAT…: a build of before knew no such formats; what this build downloads of its layers
older() {
  local what=$1 want=$2; shift 2
  rm -rf "$WORK/older"
  mkdir "$WORK/older"
  "$PROBES/receipts_probe" "$BUS" "embedded:$WORK/older/bus" "$@"
  CAREEN_UNTIL_IDLE=1 "$CAREEN_BIN/pull" --bus "embedded:$WORK/older/bus" --state "$WORK/older/state" --registry "http://$at" \
    > "$WORK/older.log" 2>&1 || fail "pull: $(tail -3 "$WORK/older.log")"
  downloaded
  expect "$what" "$want" "$DOWNLOADED"
}

say "then by builds of before"
older "with all formats" ""
older "without dpkg" "dpkg status.d" dpkg
older "without pacman" "pacman" pacman
older "without portage" "portage" portage
older "without nix" "nix" nix
# Of names with two endings only the last one is known: "x.deps.json" may be in every layer with JSON.
older "without the rules for programs" "program" program
older "without some that no layer has" "" apk rpm windows redhat bottlerocket opkg
older "without Node.js" "node" nodejs
# What begins with "#!" may be Python's, as a zip behind the line that starts it.
older "of before languages were read" "program text node" conda python ruby erlang dart swift conan perl r lua haskell \
  julia opam bitnami sbom nodejs program php java golang rust dotnet
older "without several" "dpkg status.d program" dpkg apk program
say "passed"
