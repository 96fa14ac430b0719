#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bottlerocket from its image and its updateinfo to the findings: names as its inventory has them, epochs, a fix without a
# release, another architecture, a notice without a CVE.
. "$(dirname "$0")/../lib.sh"
need python3 jq tar
CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache

usr=$WORK/root/x86_64-bottlerocket-linux-gnu/sys-root/usr
mkdir -p "$usr/lib" "$usr/share/bottlerocket" "$WORK/feeds/bottlerocket"
ln -s ./x86_64-bottlerocket-linux-gnu/sys-root/usr "$WORK/root/usr"
printf 'NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID=1.46.0\n' >"$usr/lib/os-release"
one() { printf '{"Name":"%s","Publisher":"Bottlerocket","Version":"%s","Release":"1.%s.br1","Epoch":"%s","Architecture":"x86_64"}' "$@"; }
{
  printf '{"Content":['
  one glibc 2.42 1752000000.0a1b2c3d 1; printf ,
  one kernel-6.1 6.1.140 1752000000.0a1b2c3d 0; printf ,
  one libcap 2.76 1752000000.0a1b2c3d 1; printf ,
  one runc 1.2.6 1752000000.0a1b2c3d 0; printf ,
  one systemd 257.9 1752000000.0a1b2c3d 0
  printf ']}'
} >"$usr/share/bottlerocket/application-inventory.json"

# notice ID CVE PACKAGE EPOCH VERSION RELEASE ARCHITECTURE
notice() {
  printf '<update type="security" status="final"><id>%s</id><title>%s</title><issued date="2026-07-11T01:02:13Z"/>' "$1" "$3"
  printf '<severity>high</severity><references>'
  [ -z "$2" ] || printf '<reference href="https://cve.org/%s" id="%s" type="cve"/>' "$2" "$2"
  printf '</references><pkglist><collection short="bottlerocket"><package name="%s" epoch="%s" version="%s" ' "$3" "$4" "$5"
  [ -z "$6" ] || printf 'release="%s" ' "$6"
  printf 'arch="%s"/></collection></pkglist></update>' "$7"
}
{
  printf '<updates>'
  notice GHSA-mgxf-pj6m-9494 CVE-2020-10711 kernel 0 0.3.3 b7d91846 x86_64
  notice BRSA-kernelolder1 CVE-2025-0001 kernel-6.1 0 6.1.140 1.1752000000.0a1b2c3d.br1 x86_64
  notice BRSA-kernelnewer1 CVE-2025-0002 kernel-6.1 0 6.1.140 1.1753000000.0a1b2c3d.br1 x86_64
  notice BRSA-kernelnewer2 "" kernel-6.1 0 6.1.176 "" x86_64
  notice BRSA-bottlerocket CVE-2025-0003 bottlerocket-runc 0 1.3 1.1 x86_64
  notice BRSA-runcelsewhere CVE-2025-0004 runc 0 1.3 1.1 aarch64
  notice BRSA-runcthisone00 CVE-2025-0005 runc 0 1.2.6 "" x86_64
  notice BRSA-libcapepoch00 CVE-2026-4878 libcap 1 2.78 "" x86_64
  notice BRSA-glibcepoch000 CVE-2025-0006 glibc 0 2.99 1.1 x86_64
  notice BRSA-systemdepoch0 CVE-2025-0007 systemd 1 250 1.1 x86_64
  printf '</updates>'
} | gzip >"$WORK/feeds/bottlerocket/updateinfo.xml.gz"

"$CAREEN" feeds update --feeds "$WORK/feeds" --only bottlerocket --quiet || fail "feeds update: exit status $?"
make_image "$WORK/image" b amd64 "dir:$WORK/root" >/dev/null
status=0
"$CAREEN" scan "oci:$WORK/image:b" --format json --quiet >"$WORK/scan.json" || status=$?
[ "$status" = 0 ] || [ "$status" = 3 ] || fail "scan: exit status $status"
expect "findings" "BRSA-kernelnewer2 kernel-6.1 0:6.1.176
CVE-2025-0002 kernel-6.1 0:6.1.140-1.1753000000.0a1b2c3d.br1
CVE-2025-0007 systemd 1:250-1.1
CVE-2026-4878 libcap 1:2.78" \
  "$(jq -r '.findings[] | "\(.vulnerability) \(.package) \(.fixed_version)"' "$WORK/scan.json" | LC_ALL=C sort)"
expect "reasons" "[]" "$(jq -c .reasons "$WORK/scan.json")"
say "bottlerocket: findings as its notices have them"
