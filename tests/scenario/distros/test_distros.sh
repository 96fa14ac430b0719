#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which system an image is, whose advisories hold for it, until when it is maintained, and which of its packages are
# not its own: as careen packages and scan say it.
. "$(dirname "$0")/../lib.sh"
need python3 jq

CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
L=oci:$WORK/layout
packages() { "$CAREEN" packages "$@" 2> "$WORK/err" || fail "careen packages $*: $(cat "$WORK/err")"; }
# root NAME PATH TEXT...: a folder for an image
root() { local name=$1; shift; while [ $# -gt 0 ]; do mkdir -p "$WORK/$name/$(dirname "$1")"; printf '%b' "$2" > "$WORK/$name/$1"; shift 2; done; }
image() { make_image "$WORK/layout" "$1" amd64 "dir:$WORK/$1" > /dev/null; }
stanza() { printf 'Package: %s\nStatus: install ok installed\nMaintainer: %s\nArchitecture: amd64\nVersion: %s\n\n' "$@"; }
# system NAME WANT: "id version ecosystem end-of-life" of an image with those files
system() {
  image "$1"
  expect "$1" "$2" "$(packages "$L:$1" --format json | jq -r '[.os.id, .os.version, .os.ecosystem, .os.end_of_life] | map(. // "-") | join(" ")')"
}

say "systems"
deb=$(stanza libc6 "GNU Libc <x@lists.debian.org>" 2.36-9)
root mint etc/os-release 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID=21.3\nPRETTY_NAME="Linux Mint 21.3"\nUBUNTU_CODENAME=jammy\n' var/lib/dpkg/status "$deb\n\n"
system mint "linuxmint 21.3 Ubuntu:22.04:LTS 2027-06-01"
root stretch etc/os-release 'ID=debian\nVERSION_ID="9"\nPRETTY_NAME="Debian GNU/Linux 9 (stretch)"\n' var/lib/dpkg/status "$deb\n\n"
system stretch "debian 9 Debian:9 2022-06-30"
root sles11 etc/SuSE-release 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n'
system sles11 "sles 11.4 SUSE:Linux Enterprise Server 11 SP4 2019-03-31"
root ol6 etc/oracle-release 'Oracle Linux Server release 6.10\n' etc/redhat-release 'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n'
system ol6 "ol 6.10 Oracle Linux:6 2021-03-31"
root stream etc/os-release 'ID="centos"\nVERSION_ID="8"\nPRETTY_NAME="CentOS Stream 8"\n'
system stream "centos 8 Red Hat:8 2024-05-31"
root euler usr/lib/os-release 'NAME="openEuler"\nVERSION="22.03 (LTS-SP4)"\nID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 (LTS-SP4)"\n'
system euler "openeuler 22.03-LTS-SP4 openEuler:22.03-LTS-SP4 2026-06-30"
root archlinux etc/arch-release ''
system archlinux "arch - Arch Linux -"
root wrt etc/openwrt_release "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='19.07.8'\n"
system wrt "openwrt 19.07.8 - -"

say "notes"
expect "a derivative" "the advisories of Ubuntu 22.04 are used for Linux Mint 21.3" "$(packages "$L:mint" --format json | jq -r '.notes[]')"
expect_match "a derivative, in the table" '^Note: the advisories of Ubuntu 22.04 are used' "$(packages "$L:mint")"
expect_match "past its end" '^Debian GNU/Linux 9 \(stretch\) is past its end of life since 2022-06-30; nobody tells of new vulnerabilities in it$' "$(packages "$L:stretch")"
expect "nothing to note" "[]" "$(packages "$L:stretch" --format json | jq -c .notes)"
expect_match "nobody's" '^Note: no advisories for OpenWrt: nobody is known to publish them' "$(packages "$L:wrt")"
root scratch bin/tool text
image scratch
expect "no system" 'complete "no operating system" null []' "$(packages "$L:scratch" --format json | jq -r '"\(.status) \(.os.name|tojson) \(.os.ecosystem) \(.reasons|tojson)"')"
expect_match "no system, in the table" 'system    no operating system' "$(packages "$L:scratch")"

say "packages that are not the distribution's own"
root foreign etc/os-release 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' var/lib/dpkg/status "$deb\n\n$(
  stanza docker-ce 'Docker <support@docker.com>' 5:24.0.7-1~debian.12~bookworm; echo; echo
  stanza postgresql-15 'Debian PostgreSQL Maintainers <x@tracker.debian.org>' 15.5-1.pgdg120+1; echo; echo
  stanza mine 'Some Body <some@body.example>' 1.0-1+local2; echo; echo
  stanza libssl3 'Some Body <some@body.example>' 3.0.11-1~deb12u2; echo; echo
  stanza ours 'Some Body <some@body.example>' 1.0-1+b3)\n\n"
image foreign
packages "$L:foreign" --format json > "$WORK/foreign.json"
expect "why not" "docker-ce its version says that it is from its maker's own repository
mine its version says that it was built locally
postgresql-15 its version says that it is from PostgreSQL's own repository" \
  "$(jq -r '.packages[] | select(.not_judged) | .name + " " + .not_judged' "$WORK/foreign.json")"
expect "how many" "3 packages are not the distribution's own and not judged; the first is docker-ce: its version says that it is from its maker's own repository" "$(jq -r '.notes[]' "$WORK/foreign.json")"
expect_match "in the table" 'docker-ce.*its version says' "$(COLUMNS=200 packages "$L:foreign")"
packages "$L:foreign" --format cyclonedx > "$WORK/foreign.cdx.json"
diff <(jq -S '[.packages[] | {name, not_judged, vendor}], .notes, .os.end_of_life' "$WORK/foreign.json") \
  <(packages "sbom:$WORK/foreign.cdx.json" --format json | jq -S '[.packages[] | {name, not_judged, vendor}], .notes, .os.end_of_life') ||
  fail "a bill of materials and back"
