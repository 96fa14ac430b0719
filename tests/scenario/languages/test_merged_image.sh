#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Libraries where layers meet: whose the files are that a package of the system brought, what an upgrade, a link or a script
# puts in their place, and files with several names. Layers are written as overlayfs tells what changed: what replaces
# something comes without a whiteout.
. "$(dirname "$0")/../lib.sh"
need python3 jq

CAREEN=$CAREEN_BIN/careen
image() { python3 "$HERE/world/make_image.py" image "$WORK/image" "$@" > "$WORK/digest" || fail "image $1"; }
# packages REF: name, version, place and owner of each library; the JSON stays in $WORK/json
packages() {
  "$CAREEN" packages "oci:$WORK/image:$1" --format json --no-cache > "$WORK/json" || fail "careen packages $1"
  jq -r '.packages[] | select(.type != "dpkg") | "\(.name) \(.version) \(.location) \(.owner // "-")"' \
    "$WORK/json" | sort
}
# file LAYER PATH [TEXT]
file() { mkdir -p "$(dirname "$WORK/$1/$2")"; printf '%s' "${3:-}" > "$WORK/$1/$2"; }
link() { mkdir -p "$(dirname "$WORK/$1/$2")"; ln -s "$3" "$WORK/$1/$2"; }
DIST=usr/lib/python3/dist-packages
LOCAL=usr/local/lib/python3.11/dist-packages
metadata() { printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$1" "$2"; }
manifest() { printf '{"name":"%s","version":"%s"}' "$1" "$2"; }
deb() { printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: all\nMaintainer: %s\n\n' "$@"; }
DEBIAN='Somebody <somebody@debian.org>'

say "a base with libraries of its packages"
file base etc/os-release $'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'
link base bin usr/bin
link base lib usr/lib
file base var/lib/dpkg/status "$(deb python3-yaml 6.0-3 "$DEBIAN"; deb node-ms 2.1.3-1 "$DEBIAN"
  deb foreign-lib '1.0-1~ubuntu.22.04' 'Maker <support@docker.com>'; deb node-old 1.0-1 "$DEBIAN")
"
file base "$DIST/PyYAML-6.0.dist-info/METADATA" "$(metadata PyYAML 6.0)"
file base "usr/lib/node_modules/ms/package.json" "$(manifest ms 2.1.3)"
file base "usr/lib/node_modules/old/package.json" "$(manifest old 1.0.0)"
file base "usr/lib/node_modules/foreign/package.json" "$(manifest foreign 1.0.0)"
file base "usr/lib/node_modules/nobodys/package.json" "$(manifest nobodys 1.0.0)"
file base var/lib/dpkg/info/python3-yaml.list "/.
/usr/lib/python3/dist-packages/PyYAML-6.0.dist-info
/usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA
"
# built before folders were merged
file base var/lib/dpkg/info/node-ms.list $'/.\n/lib/node_modules\n/lib/node_modules/ms\n/lib/node_modules/ms/package.json\n'
file base var/lib/dpkg/info/node-old.list $'/usr/lib/node_modules/old/package.json\n'
file base var/lib/dpkg/info/foreign-lib.list $'/usr/lib/node_modules/foreign/package.json\n'
image base amd64 "dir:$WORK/base"
expect "whose they are" "PyYAML 6.0 $DIST/PyYAML-6.0.dist-info/METADATA python3-yaml
foreign 1.0.0 usr/lib/node_modules/foreign/package.json -
ms 2.1.3 usr/lib/node_modules/ms/package.json node-ms
nobodys 1.0.0 usr/lib/node_modules/nobodys/package.json -
old 1.0.0 usr/lib/node_modules/old/package.json node-old" "$(packages base)"

say "an upgrade beside them, and one over them"
file pip "$LOCAL/PyYAML-6.0.1.dist-info/METADATA" "$(metadata PyYAML 6.0.1)"
file pip "usr/lib/node_modules/ms/package.json" "$(manifest ms 2.1.3)" # chmod: the same
file pip "usr/lib/node_modules/old/package.json" "$(manifest old 2.0.0)"
image pip amd64 "dir:$WORK/base" "dir:$WORK/pip"
expect "whose they are now" "PyYAML 6.0 $DIST/PyYAML-6.0.dist-info/METADATA python3-yaml
PyYAML 6.0.1 $LOCAL/PyYAML-6.0.1.dist-info/METADATA -
foreign 1.0.0 usr/lib/node_modules/foreign/package.json -
ms 2.1.3 usr/lib/node_modules/ms/package.json node-ms
nobodys 1.0.0 usr/lib/node_modules/nobodys/package.json -
old 2.0.0 usr/lib/node_modules/old/package.json -" "$(packages pip)"

say "the same in layers of which one has the database"
mkdir -p "$WORK/data" "$WORK/rest"
cp -a "$WORK/base/." "$WORK/rest"
mkdir -p "$WORK/data/var/lib"
mv "$WORK/rest/var/lib/dpkg" "$WORK/data/var/lib/dpkg"
image pieces amd64 "dir:$WORK/rest" "dir:$WORK/data"
expect "whose they are in pieces" "$(packages base)" "$(packages pieces)"
image below amd64 "dir:$WORK/data" "dir:$WORK/rest"
expect "a database below them proves nothing" 5 "$(packages below | grep -c ' -$')"

say "what takes the place of libraries"
file app "app/node_modules/folder/package.json" "$(manifest folder 1.0.0)"
file app "app/node_modules/@scope/x.js/package.json" "$(manifest @scope/x.js 1.0.0)"
file app "app/node_modules/stays/package.json" "$(manifest stays 1.0.0)"
file app "app/deep/node_modules/gone/package.json" "$(manifest gone 1.0.0)"
file app "app/node_modules/broken/package.json" "$(manifest broken 1.0.0)"
link over app/node_modules/folder ../packages/folder
link over app/node_modules/@scope/x.js ../../packages/x
link over app/deep ../elsewhere
file over app/node_modules/broken/package.json "no JSON"
file over app/node_modules/stays/README.md stays
image over amd64 "dir:$WORK/app" "dir:$WORK/over"
"$CAREEN" packages "oci:$WORK/image:over" --format json --no-cache > "$WORK/json" || true
expect "what is left" "stays" "$(jq -r '.packages[].name' "$WORK/json")"

say "files with several names"
file names srv/store/00/aa "$(manifest linked 1.0.0)"
mkdir -p "$WORK/names/var/a/node_modules/linked" "$WORK/names/var/b/node_modules/linked"
ln "$WORK/names/srv/store/00/aa" "$WORK/names/var/a/node_modules/linked/package.json"
ln "$WORK/names/srv/store/00/aa" "$WORK/names/var/b/node_modules/linked/package.json"
file less var/a/.wh.node_modules
image names amd64 "dir:$WORK/names"
expect "are one" "linked 1.0.0 var/a/node_modules/linked/package.json -" "$(packages names)"
image less amd64 "dir:$WORK/names" "dir:$WORK/less"
expect "whichever is left" "linked 1.0.0 var/b/node_modules/linked/package.json -" "$(packages less)"

say "wishes"
file wish app/package-lock.json '{"lockfileVersion":3,"packages":{"":{"name":"app"},"node_modules/stays":{"version":"2.0.0"}}}'
image wish amd64 "dir:$WORK/app" "dir:$WORK/wish"
expect "prove nothing where better is there" "1.0.0" \
  "$("$CAREEN" packages "oci:$WORK/image:wish" --format json --no-cache | jq -r '.packages[] | select(.name == "stays") | .version')"
say "passed"
