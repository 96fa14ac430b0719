#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Package databases that dpkg, rpm and pacman write here, and one of apk's form, one layer each: the packages as their own
# package managers list them, and the same findings by a scan, by the stages, and by the stages again once their states were
# deleted. test_real_databases.sh does the same with those of real images.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need docker-registry skopeo python3 jq dpkg dpkg-deb dpkg-query rpm rpmbuild pacman
. "$HERE/databases/databases.sh"
AS_ROOT=()
[ "$(id -u)" = 0 ] || AS_ROOT=(unshare -r)
corpus_begin
# system REF LINE…: an image's folder with its os-release; sets ROOT
system() {
  ROOT=$WORK/root-$1
  mkdir -p "$ROOT/etc"
  printf '%s\n' "${@:2}" > "$ROOT/etc/os-release"
}
listed() { wc -l < "$WORK/corpus/expect/$1.txt"; }

say "dpkg"
system debian ID=debian 'VERSION_ID="12"' 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"'
mkdir -p "$ROOT/var/lib/dpkg/info" "$ROOT/var/lib/dpkg/updates" "$WORK/debs"
: > "$ROOT/var/lib/dpkg/status"
for i in $(seq 30); do
  mkdir -p "$WORK/deb/DEBIAN" "$WORK/deb/usr/share/doc/made$i"
  version=$((i % 3 ? 0 : 1)):1.$i~rc1+dfsg-$i+deb12u1
  {
    printf 'Package: made%s\nVersion: %s\nArchitecture: all\n' "$i" "${version#0:}"
    [ $((i % 2)) = 0 ] || printf 'Source: source%s%s\n' "$i" "$([ $((i % 4)) = 1 ] || echo " (2:9.$i-1)")"
    printf 'Maintainer: Nobody <nobody@example.org>\nDescription: made\n more of it\n'
  } > "$WORK/deb/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$WORK/deb" "$WORK/debs/made$i.deb" > "$WORK/deb.log" || fail "dpkg-deb: $(cat "$WORK/deb.log")"
  rm -r "$WORK/deb"
done
ask() { "${AS_ROOT[@]}" dpkg --root="$ROOT" --log="$WORK/dpkg.log" --force-script-chrootless --force-depends "$@" > "$WORK/dpkg.out" 2>&1; }
if "${AS_ROOT[@]}" true 2> "$WORK/root.log"; then
  ask -i "$WORK"/debs/*.deb || fail "dpkg -i: $(tail -n 3 "$WORK/dpkg.out")"
  ask --remove made7 || fail "dpkg --remove: $(tail -n 3 "$WORK/dpkg.out")"
  # shellcheck disable=SC2016 # dpkg-query's
  dpkg-query --admindir="$ROOT/var/lib/dpkg" -W -f '${db:Status-Status}\t${Package}\t${Version}\t${source:Package} ${source:Version}\n' |
    sed -n 's/^installed\t/dpkg\t/p' > "$WORK/corpus/expect/debian.txt"
  expect "dpkg's own list" 29 "$(listed debian)"
  corpus_image debian amd64 "dir:$ROOT"
else
  skip_part dpkg "it needs root, and this user may not unshare -r"
fi

say "rpm"
system rpm ID=almalinux 'VERSION_ID="9.4"' 'PRETTY_NAME="AlmaLinux 9.4"'
mkdir -p "$WORK/build" "$ROOT/var/lib/rpm"
{
  printf 'Name: made\nVersion: 1\nRelease: 1.el9\nEpoch: 3\nSummary: none\nLicense: none\nBuildArch: noarch\n%%description\nnone\n%%files\n'
  for i in $(seq 30); do
    printf '%%package -n more%s\nSummary: none\nVersion: %s~rc1^git\n%%description -n more%s\nnone\n%%files -n more%s\n' "$i" "$i" "$i" "$i"
  done
} > "$WORK/build/made.spec"
rpmbuild --quiet --define "_topdir $WORK/build" --define '_build_id_links none' -bb "$WORK/build/made.spec" > "$WORK/build.log" 2>&1 ||
  fail "rpmbuild: $(cat "$WORK/build.log")"
db=(--dbpath "$ROOT/var/lib/rpm" --define '_pkgverify_level none')
rpm "${db[@]}" -i --justdb --nodeps --noscripts --ignorearch --ignoreos "$WORK"/build/RPMS/*/*.rpm 2> "$WORK/rpm.log" || fail "rpm: $(cat "$WORK/rpm.log")"
rpm "${db[@]}" -e --justdb --nodeps --noscripts more7 2> "$WORK/rpm.log" || fail "rpm -e: $(cat "$WORK/rpm.log")"
rpm "${db[@]}" -qa --qf 'rpm\t%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{SOURCERPM}\n' > "$WORK/corpus/expect/rpm.txt"
expect "rpm's own list" 30 "$(listed rpm)"
corpus_image rpm amd64 "dir:$ROOT"
# The same database cut and with bytes flipped: never fewer packages without a reason.
CAREEN_RPMDB=$ROOT/var/lib/rpm/rpmdb.sqlite "$PROBES/test_rpmdb_damage" > "$WORK/damage.log" 2>&1 || fail "damage: $(tail -n 5 "$WORK/damage.log")"

say "pacman"
if "${AS_ROOT[@]}" true 2> "$WORK/root.log"; then
  system arch ID=arch 'PRETTY_NAME="Arch Linux"'
  mkdir -p "$ROOT/var/lib/pacman" "$WORK/pacman.cache" "$WORK/pacman.hooks"
  printf '[options]\nSigLevel = Never\nLocalFileSigLevel = Never\nArchitecture = x86_64\n' > "$WORK/pacman.conf"
  python3 "$HERE/databases/small_databases.py" pacman 30 7 "$WORK/pacman.packages"
  ask() {
    "${AS_ROOT[@]}" pacman --config "$WORK/pacman.conf" --root "$ROOT" --dbpath "$ROOT/var/lib/pacman" --noconfirm \
      --cachedir "$WORK/pacman.cache" --hookdir "$WORK/pacman.hooks" --logfile "$WORK/pacman.log" --gpgdir "$WORK/gpg" "$@"
  }
  ask -U --noprogressbar "$WORK"/pacman.packages/*.pkg.tar > "$WORK/pacman.out" 2>&1 || fail "pacman -U: $(tail -n 3 "$WORK/pacman.out")"
  ask -Q | while read -r name version; do
    base=$(sed -n '/^%BASE%$/{n;p}' "$ROOT/var/lib/pacman/local/$name-$version/desc")
    printf 'pacman\t%s\t%s\t%s\n' "$name" "$version" "$base"
  done > "$WORK/corpus/expect/arch.txt"
  expect "pacman's own list" 30 "$(listed arch)"
  corpus_image arch amd64 "dir:$ROOT"
else
  skip_part pacman "it needs root, and this user may not unshare -r"
fi

say "apk"
system alpine ID=alpine VERSION_ID=3.19.1 'PRETTY_NAME="Alpine Linux v3.19"'
mkdir -p "$ROOT/lib/apk/db"
for i in $(seq 30); do
  printf 'P:made%s\nV:1.%s-r%s\nA:x86_64\no:origin%s\n\n' "$i" "$i" "$i" "$((i / 3))"
  printf 'apk\tmade%s\t1.%s-r%s\torigin%s\n' "$i" "$i" "$i" "$((i / 3))" >&3
done > "$ROOT/lib/apk/db/installed" 3> "$WORK/corpus/expect/alpine.txt"
corpus_image alpine amd64 "dir:$ROOT"

make_advisories "$WORK/feeds" debian:CVE-2026-1,source3,2:99-1,high debian:CVE-2026-2,made2,1.2-1 debian:CVE-2026-3,made6,- \
  alpine:CVE-2026-4,origin2,9-r0 alpine:CVE-2026-5,origin3,1.5-r0
corpus_compare "$WORK/feeds" osv-debian,osv-alpine
for image in debian alpine; do
  cut -f1 "$WORK/corpus/images.tsv" | grep -qx "$image" || continue
  "$CAREEN_BIN/careen" scan "oci:$WORK/corpus/oci:$image" --format json > "$WORK/scan.json"
  expect "$image: findings to compare" 3 "$(jq '.findings | length' "$WORK/scan.json")"
done
