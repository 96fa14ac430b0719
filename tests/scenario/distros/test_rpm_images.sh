#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images with databases of rpm: what careen packages lists is what rpm -qa says. SQLite's by Debian's rpm itself, with
# its log too; Berkeley DB's by our own writer, read by rpm (bdb_ro); ndb's, which no rpm here reads, by the same writer.
. "$(dirname "$0")/../lib.sh"
need rpm rpmbuild gpg python3 jq

mkdir "$WORK/build"
# build NAME VERSION RELEASE TAG…: a package without files, with more tags
build() {
  local name=$1 version=$2 release=$3 tag; shift 3
  {
    printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: none\nLicense: none\n' "$name" "$version" "$release"
    for tag in "$@"; do printf '%s\n' "$tag"; done
    printf '%%description\nnone\n%%files\n'
    [ "$name" != many ] || printf '%%package libs\nSummary: none\nVersion: 7\n%%description libs\nnone\n%%files libs\n'
    [ "$name" != more ] || for i in $(seq 60); do
      printf '%%package -n more%s\nSummary: none\n%%description -n more%s\nnone\n%%files -n more%s\n' "$i" "$i" "$i"
    done
  } > "$WORK/build/$name.spec"
  rpmbuild --quiet --define "_topdir $WORK/build" --define '_build_id_links none' -bb "$WORK/build/$name.spec" \
    > "$WORK/build.log" 2>&1 || fail "rpmbuild $name: $(cat "$WORK/build.log")"
}
query() { rpm "$@" -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{MODULARITYLABEL}\t%{VENDOR}\n' 2> "$WORK/query.log"; }
# As the list of careen has it: no keys, the source's name and version, name and stream of the module.
wanted() {
  query "$@" | python3 -c '
import re, sys
for line in sorted(sys.stdin):
    name, version, arch, source, module, vendor = [f if f != "(none)" else "" for f in line.rstrip("\n").split("\t")]
    if name == "gpg-pubkey": continue
    epoch, plain = re.match("((?:[0-9]+:)?)(.*)", version).groups()
    m = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm", source)
    source, sv = (m[1], epoch + m[2]) if m else (name, version)
    print(name, version, arch, source, sv, ":".join(module.split(":")[:2]), vendor, sep="|")'
}
# got REF: careen packages of that image
got() {
  "$CAREEN_BIN/careen" packages "oci:$WORK/layout:$1" --format json > "$WORK/$1.json" || fail "careen packages $1"
  jq -r '.packages[] | [.name, .version, .architecture, (.source_name // .name), (.source_version // .version), (.module // ""),
    (.vendor // "")] | join("|")' "$WORK/$1.json" | sort
}
# check REF PATH FOLDER RPM-ARGUMENTS…: the folder's files at that path of an image, compared with rpm
check() {
  local ref=$1 path=$2 from=$3 rpms=0; shift 3
  mkdir -p "$WORK/root-$ref/etc" "$WORK/root-$ref/$path"
  printf 'ID=fedora\nVERSION_ID=40\nPRETTY_NAME="Fedora Linux 40"\n' > "$WORK/root-$ref/etc/os-release"
  cp "$from"/* "$WORK/root-$ref/$path/"
  make_image "$WORK/layout" "$ref" amd64 "dir:$WORK/root-$ref" > "$WORK/make.log"
  wanted "$@" | LC_ALL=C sort > "$WORK/want"
  got "$ref" | LC_ALL=C sort > "$WORK/got"
  rpms=$(wc -l < "$WORK/want")
  [ "$rpms" -ge "$least" ] || fail "$ref: rpm lists $rpms packages: $(cat "$WORK/query.log")"
  diff "$WORK/want" "$WORK/got" >&2 || fail "$ref: rpm's list (<) and careen's (>) differ"
  expect "$ref: status" "$status" "$(jq -r .status "$WORK/$ref.json")"
  say "$ref: $rpms packages"
}

say "SQLite"
build plain 1.0 1.fc40 'BuildArch: noarch' 'Vendor: Fedora Project'
build epoch 2.0 3.fc40 'Epoch: 4'
build zero 2.0 3.fc40 'Epoch: 0'
build order '3.0~rc1^git5' 3.fc40
build module 18.19.0 1.module_f40 'Epoch: 1' 'ModularityLabel: nodejs:18:8080020230718:63b34585' "Vendor: O'Some \"Vendor\""
build many 6 1.fc40 'Epoch: 2'
mkdir "$WORK/db" "$WORK/gnupg"
db=(--dbpath "$WORK/db" --define '_pkgverify_level none')
rpm "${db[@]}" --initdb
least=0
status=partial # a system without a single package is not believed
check empty var/lib/rpm "$WORK/db" "${db[@]}"
install() { rpm "${db[@]}" -i --justdb --nodeps --noscripts --ignorearch --ignoreos "$@" 2> "$WORK/install.log" || fail "rpm: $(cat "$WORK/install.log")"; }
install "$WORK"/build/RPMS/*/*.rpm
chmod 700 "$WORK/gnupg"
gpg --homedir "$WORK/gnupg" --batch --quiet --passphrase '' --quick-generate-key 'Nobody <nobody@example.org>' rsa2048 sign 1d 2> "$WORK/gpg.log" ||
  fail "gpg: $(cat "$WORK/gpg.log")"
gpg --homedir "$WORK/gnupg" --armor --export > "$WORK/key.asc"
gpgconf --homedir "$WORK/gnupg" --kill all
rpm "${db[@]}" --import "$WORK/key.asc"
query "${db[@]}" | grep -q '^gpg-pubkey' || fail "rpm did not keep the key"
least=7
status=complete
check sqlite var/lib/rpm "$WORK/db" "${db[@]}"
check sysimage usr/lib/sysimage/rpm "$WORK/db" "${db[@]}"

say "SQLite with a log"
build more 1 1
# A reader that looks at the database as it was keeps rpm from moving the log into it.
cat > "$WORK/reader.py" <<'P'
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute('BEGIN')
c.execute('SELECT count(*) FROM Packages').fetchone()
open(sys.argv[2], 'w').close()
sys.stdin.read()
P
mkfifo "$WORK/hold"
python3 "$WORK/reader.py" "$WORK/db/rpmdb.sqlite" "$WORK/ready" < "$WORK/hold" & reader=$!
STARTED+=("$reader")
exec 9> "$WORK/hold"
wait_for "the reader" test -e "$WORK/ready"
install "$WORK"/build/RPMS/*/more*.rpm
rpm "${db[@]}" -e --justdb --nodeps --noscripts plain more7 2> "$WORK/erase.log"
mkdir "$WORK/logged"
cp "$WORK/db/rpmdb.sqlite" "$WORK/db/rpmdb.sqlite-wal" "$WORK/logged/"
exec 9>&-
wait "$reader"
[ -s "$WORK/logged/rpmdb.sqlite-wal" ] || fail "rpm left no log"
least=65
check log var/lib/rpm "$WORK/logged" "${db[@]}"
cp "$WORK/logged/rpmdb.sqlite" "$WORK/alone"
mkdir -p "$WORK/upper/var/lib/rpm"
cp "$WORK/logged/rpmdb.sqlite-wal" "$WORK/upper/var/lib/rpm/"
make_image "$WORK/layout" parted amd64 "dir:$WORK/root-sqlite" "dir:$WORK/upper" > "$WORK/make.log"
got parted > "$WORK/got"
expect "a log over another layer's database" partial "$(jq -r .status "$WORK/parted.json")"
expect_match "its reason" 'rpmdb.sqlite-wal.*of another layer' "$(jq -r '.reasons[]' "$WORK/parted.json")"

say "Berkeley DB and ndb"
for kind in bdb bdb-big; do
  mkdir "$WORK/$kind"
  "$PROBES/rpm_probe" "$kind" "$WORK/$kind/Packages" 400
  least=399
  check "$kind" var/lib/rpm "$WORK/$kind" --dbpath "$WORK/$kind" --define '_db_backend bdb_ro'
done
wanted --dbpath "$WORK/bdb" --define '_db_backend bdb_ro' | LC_ALL=C sort > "$WORK/want"
mkdir "$WORK/root-ndb"
cp -r "$WORK/root-bdb/etc" "$WORK/root-ndb/"
mkdir -p "$WORK/root-ndb/usr/lib/sysimage/rpm"
"$PROBES/rpm_probe" ndb "$WORK/root-ndb/usr/lib/sysimage/rpm/Packages.db" 400
make_image "$WORK/layout" ndb amd64 "dir:$WORK/root-ndb" > "$WORK/make.log"
got ndb | LC_ALL=C sort > "$WORK/got"
diff "$WORK/want" "$WORK/got" >&2 || fail "ndb: what rpm lists of the same packages (<) and careen's (>) differ"

say "what the writer of the tests makes of SQLite"
mkdir "$WORK/made"
"$PROBES/rpm_probe" sqlite "$WORK/made/rpmdb.sqlite" 400
cp -r "$WORK/made" "$WORK/completed"
rpm --dbpath "$WORK/completed" --initdb 2> "$WORK/initdb.log" # the indexes that only rpm itself needs
least=399
check made var/lib/rpm "$WORK/made" --dbpath "$WORK/completed"
