#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Windows images: a base layer that only its publisher holds is said and fails nothing; build and updates come from
# os.version and from hives that hivex wrote; by scan, from an SBOM and by the bus the same.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq hivexsh zstd
export CAREEN_CACHE=$WORK/cache
windows() { python3 "$HERE/world/make_windows.py" "$@"; }
scan() { "$CAREEN_BIN/careen" "$@" --format json || [ $? -le 1 ]; }

say "advisories and images"
mkdir -p "$WORK/feeds/windows"
cp "$HERE/../data/fuzz/fuzz_wesng/good.zip" "$WORK/feeds/windows/wesng-definitions-2024-02-13.zip"
"$CAREEN_BIN/careen" feeds update --feeds "$WORK/feeds" --only windows 2> /dev/null
# hive FILE UBR TYPE KB: what Windows' registry says
hive() {
  windows hive "$1"
  {
    printf 'add Microsoft\ncd Microsoft\nadd Windows NT\ncd Windows NT\nadd CurrentVersion\ncd CurrentVersion\nsetval 4\n'
    printf 'ProductName\nstring:Windows Server 2022 Datacenter\nCurrentBuild\nstring:20348\nUBR\ndword:%s\nInstallationType\nstring:%s\n' "$2" "$3"
    printf 'cd \\Microsoft\nadd Windows\ncd Windows\nadd CurrentVersion\ncd CurrentVersion\nadd Component Based Servicing\n'
    printf 'cd Component Based Servicing\nadd Packages\n'
    # Enough of them that hivex needs an index of lists.
    for n in $(seq 600); do
      printf 'cd \\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\nadd Package_for_KB%d~31bf3856ad364e35~amd64~~20348.%d.1.0\n' $((4000000 + n)) "$n"
      printf 'cd Package_for_KB%d~31bf3856ad364e35~amd64~~20348.%d.1.0\nsetval 1\nCurrentState\ndword:%s\n' $((4000000 + n)) "$n" $((n % 3 ? 0x70 : 0x40))
    done
    printf 'cd \\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\n'
    printf 'add Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.%s.1.9\ncd Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.%s.1.9\n' "$2" "$2"
    printf 'setval 2\nCurrentState\ndword:0x70\nInstallLocation\nstring:C:\\Download\\Windows10.0-%s-x64.cab\ncommit\n' "$4"
  } | hivexsh -w "$1" > /dev/null
}
hive "$WORK/software" 2113 'Server Core' KB5032198
foreign=$(windows image "$WORK/layout" foreign 10.0.20348.2113 foreign Files/app/app.exe)
whole=$(windows image "$WORK/layout" whole 10.0.20348.2113 \
  "Files/Windows/System32/config/SOFTWARE=$WORK/software,Files/Windows/servicing/Packages/Package_for_KB5012170~31bf3856ad364e35~amd64~~20348.880.1.0.mum" \
  Files/.wh.old,Files/app/app.exe)
hive "$WORK/delta" 2322 'Server Core' KB5034770
patched=$(windows image "$WORK/layout" patched 10.0.20348.2113 foreign "Hives/Software_Delta=$WORK/delta")
windows image "$WORK/layout" new 10.0.20348.2322 foreign > /dev/null

say "what is in them"
got=$(scan packages "oci:$WORK/layout:foreign")
expect "product" "Windows Server 2022 10.0.20348.2113 complete" "$(jq -r '[.packages[].name, .packages[].version, .status] | join(" ")' <<< "$got")"
expect_match "note" 'held by its publisher only; the updates in it are not checked' "$(jq -r '.notes[]' <<< "$got")"
expect "ecosystem" "Windows:10.0.20348 2031-10-14" "$(jq -r '.os.ecosystem + " " + .os.end_of_life' <<< "$got")"
got=$(scan packages "oci:$WORK/layout:whole")
expect "product of the hive" "Windows Server 2022 (Server Core installation) 10.0.20348.2113" \
  "$(jq -r '.packages[] | select(.vendor) | .name + " " + .version' <<< "$got")"
expect "updates, as hivex reads them" "$( { hivexget "$WORK/software" '\Microsoft\Windows\CurrentVersion' > /dev/null
    hivexml "$WORK/software" | grep -oE 'name="Package_for_KB[0-9]+~[^"]*"|"CurrentState" value="[0-9]+"' |
    paste - - | grep 'value="112"' | grep -oE 'KB[0-9]+'; printf 'KB5032198\nKB5012170\n'; } | sort | paste -sd, )" \
  "$(jq -r '.packages[] | select(.name | startswith("KB")) | .name' <<< "$got" | sort | paste -sd,)"
expect "nothing is missing" "complete [] []" "$(jq -rc '.status + " " + (.notes|tostring) + " " + (.reasons|tostring)' <<< "$got")"

say "what is wrong with them"
vulnerable() { jq -r '[.findings[] | .vulnerability + " " + .fixed_version] | join(",")'; }
expect "before both" "ADV240001 10.0.20348.2322,CVE-2024-20674 10.0.20348.2227" "$(scan scan "oci:$WORK/layout:foreign" | vulnerable | tr , '\n' | sort | paste -sd,)"
windows docker "$WORK/layout" foreign "$WORK/foreign.tar" > /dev/null
expect "from docker save" "ADV240001 10.0.20348.2322,CVE-2024-20674 10.0.20348.2227" "$(scan scan "docker-archive:$WORK/foreign.tar" | vulnerable | tr , '\n' | sort | paste -sd,)"
expect "Server Core" "CVE-2024-21338 10.0.20348.2322" "$(scan scan "oci:$WORK/layout:whole" | vulnerable)"
expect "with the fix" "" "$(scan scan "oci:$WORK/layout:new" | vulnerable)"
got=$(scan scan "oci:$WORK/layout:patched")
expect "patched by a layer" "10.0.20348.2322 complete" "$(jq -r '.os.version + " " + .status' <<< "$got")$(vulnerable <<< "$got")"
expect_match "its delta hive counts" 'os.version is 10.0.20348.2113, its registry says 10.0.20348.2322' "$(jq -r '.notes[]' <<< "$got")"
"$CAREEN_BIN/careen" packages "oci:$WORK/layout:whole" --format cyclonedx --output "$WORK/whole.json"
expect "from an SBOM" "CVE-2024-21338 10.0.20348.2322" "$(scan scan "sbom:$WORK/whole.json" | vulnerable)"

say "by the bus"
start_registry registry 'validation: {manifests: {urls: {allow: ["^https://files[.]example/"]}}}'
at=127.0.0.1:$PORT
push "$WORK/layout:foreign" "$at/win/foreign:v1"
push "$WORK/layout:whole" "$at/win/whole:v1"
push "$WORK/layout:patched" "$at/win/patched:v1"
expect "from a registry" "$(scan scan "oci:$WORK/layout:foreign" | jq -c '[.findings, .notes]')" \
  "$(scan scan "$at/win/foreign:v1" --plain-http | jq -c '[.findings, .notes]')"
BUS=embedded:$WORK/state/bus
start up "$CAREEN_BIN/careen" up --bus "$BUS" --state "$WORK/state" --registry "http://$at" --api 127.0.0.1:0 \
  --feeds "$WORK/feeds" --partitions 4 --schedule.feeds '@every 1s' --schedule.walk '@every 1s'
by_bus() { "$CAREEN_BIN/careen" findings "$1" --bus "$BUS" --format json 2>/dev/null | vulnerable | tr , '\n' | sort | paste -sd,; }
advised() { "$CAREEN_BIN/careen" recommendations --bus "$BUS" --format json | jq -r "select(.resource_id | contains(\"$1\")) | .code + \" \" + (.reasons | join(\";\"))"; }
until_is "the same by the bus" "ADV240001 10.0.20348.2322,CVE-2024-20674 10.0.20348.2227" by_bus "$at/win/foreign@$foreign"
until_is "the whole one" "CVE-2024-21338 10.0.20348.2322" by_bus "$at/win/whole@$whole"
until_is "the patched one" healthy sh -c "'$CAREEN_BIN/careen' recommendations --bus '$BUS' --format json | jq -r 'select(.resource_id | contains(\"$patched\")).code'"
expect_match "its notes" 'held by its publisher only.*registry says 10.0.20348.2322' "$(advised "$patched")"
expect_match "unhealthy, with the note" '^unhealthy .*held by its publisher only' "$(advised "$foreign")"
# Two repositories name the base: each is asked before it is given up.
until_is "the receipt" foreign sh -c "'$PROBES/topic_probe' '$BUS' show pulls | cut -f3 | jq -r 'select(.media_type | contains(\"nondistributable\")).status'"
# Another image comes, and nobody asks for this layer again.
asked() { grep -c "\"layer.*$base.*\(publisher only\|tried again later\)\|\(publisher only\|tried again later\).*$base" "$WORK/state/logs/pull.log"; }
base=$(jq -r '.layers[0].digest' "$WORK/layout/blobs/sha256/${foreign#sha256:}")
before=$(asked)
push "$WORK/layout:new" "$at/win/new:v1"
until_match "another image" '^(un)?healthy' advised "win/new@"
[ "$before" -le 4 ] || fail "the base was asked for $before times"
expect "asked no more" "$before" "$(asked)"
