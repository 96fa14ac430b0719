#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# careen packages of images with the small databases: opkg, Portage, Nix and Bottlerocket as their makers document them, and
# pacman's as pacman itself wrote it, against pacman -Q.
. "$(dirname "$0")/../lib.sh"
need python3 jq tar
CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
SEED=${SEED:-20261123}

# packages KIND: what careen says of $WORK/KIND.root, as lines of name and version
packages() {
  make_image "$WORK/$1" "$1" amd64 "dir:$WORK/$1.root" >/dev/null
  "$CAREEN" packages "oci:$WORK/$1:$1" --format json --quiet >"$WORK/$1.json" || fail "$1: exit status $?"
  jq -r '.packages[] | "\(.name) \(.version)"' "$WORK/$1.json" | LC_ALL=C sort >"$WORK/$1.got"
}
# check KIND TYPE PURL-START SYSTEM: all of the list, nothing else, and the whole says that it is whole
check() {
  local kind=$1
  LC_ALL=C sort -o "$WORK/$kind.want" "$WORK/$kind.want"
  diff "$WORK/$kind.want" "$WORK/$kind.got" >&2 || fail "$kind: the packages differ"
  jq -e --arg type "$2" --arg purl "$3" '.packages | length > 20 and all(.type == $type and (.purl | startswith($purl)))' \
    "$WORK/$kind.json" >/dev/null || fail "$kind: a type or purl: $(jq -c '.packages[0]' "$WORK/$kind.json")"
  expect "$kind: the system" "$4" "$(jq -r .os.id "$WORK/$kind.json")"
  expect "$kind: reasons" "[]" "$(jq -c '[.reasons[] | select(startswith("advisories") | not)]' "$WORK/$kind.json")"
  say "$kind: $(wc -l <"$WORK/$kind.want") packages"
}

for kind in opkg portage nix bottlerocket; do
  python3 "$HERE/databases/small_databases.py" make "$kind" 60 "$SEED" "$WORK/$kind.root" "$WORK/$kind.want"
  packages "$kind"
done
check opkg opkg pkg:opkg/openwrt/ openwrt
check portage portage pkg:ebuild/ gentoo
check nix nix pkg:nix/ nixos
check bottlerocket bottlerocket pkg:generic/bottlerocket/ bottlerocket
expect "opkg: sources" 60 "$(($(jq '[.packages[] | select(.source_name == .name[0:3])] | length' "$WORK/opkg.json") + 60 - $(wc -l <"$WORK/opkg.want")))"

command -v pacman >/dev/null || { skip_part pacman "Debian's package pacman-package-manager is not installed"; exit 0; }
AS_ROOT=()
[ "$(id -u)" = 0 ] || AS_ROOT=(unshare -r)
"${AS_ROOT[@]}" true 2>/dev/null || { skip_part pacman "it needs root, and this user may not unshare -r"; exit 0; }
root=$WORK/pacman.root
mkdir -p "$root/var/lib/pacman" "$root/usr/lib" "$WORK/pacman.cache" "$WORK/pacman.hooks"
printf 'ID=arch\n' >"$root/usr/lib/os-release"
printf '[options]\nSigLevel = Never\nLocalFileSigLevel = Never\nArchitecture = x86_64\n' >"$WORK/pacman.conf"
python3 "$HERE/databases/small_databases.py" pacman 60 "$SEED" "$WORK/pacman.packages"
ask() {
  "${AS_ROOT[@]}" pacman --config "$WORK/pacman.conf" --root "$root" --dbpath "$root/var/lib/pacman" --noconfirm \
    --cachedir "$WORK/pacman.cache" --hookdir "$WORK/pacman.hooks" --logfile "$WORK/pacman.log" --gpgdir "$WORK/gpg" "$@"
}
ask -U --noprogressbar "$WORK"/pacman.packages/*.pkg.tar >"$WORK/pacman.out" 2>&1 || fail "pacman -U: $(tail -n 3 "$WORK/pacman.out")"
ask -R "$(ask -Qq | head -n 1)" >>"$WORK/pacman.out" 2>&1 || fail "pacman -R: $(tail -n 3 "$WORK/pacman.out")"
ask -Q >"$WORK/pacman.want"
expect "pacman's own list" 59 "$(wc -l <"$WORK/pacman.want")"
packages pacman
check pacman pacman pkg:alpm/arch/ arch
bases() { for d in "$root"/var/lib/pacman/local/*/desc; do grep -A 1 '^%BASE%$' "$d" | grep -c '^base-' || true; done | grep -c 1; }
expect "pacman: bases" "$(bases)" "$(jq '[.packages[] | select(.source_name | startswith("base-"))] | length' "$WORK/pacman.json")"
