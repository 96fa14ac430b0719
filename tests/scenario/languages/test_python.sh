#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Python's distributions in images, against what pip lists of the same folders: an environment that pip filled, upgrades and
# removals in later layers, what only looks installed; eggs and zipapps that Python itself made.
. "$(dirname "$0")/../lib.sh"
need python3 jq
python3 -m venv "$WORK/env" > "$WORK/err" 2>&1 || skip "python3 makes no environments: $(tail -n 1 "$WORK/err")"

export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
CAREEN=$CAREEN_BIN/careen
MAKE=$HERE/languages/make_python.py
pip() { "$WORK/env/bin/python" -m pip --no-input "$@" 2> "$WORK/err" || fail "pip $*: $(tail -n 3 "$WORK/err")"; }
# packages REF: what Careen lists, a line each; the JSON stays in $WORK/json
packages() {
  "$CAREEN" packages "oci:$WORK/image:$1" --format json --no-cache > "$WORK/json" || fail "careen packages $1"
  jq -r '.packages[] | select(.type == "pypi") | "\(.name | ascii_downcase | gsub("[-_.]+"; "-")) \(.version) \(.location)"' "$WORK/json" | sort
}
# listed FOLDER PREFIX: what pip lists of the folder, as `packages` has it but for the location
listed() { pip list --format json --path "$1" | head -n 1 | jq -r '.[] | "\(.name | ascii_downcase | gsub("[-_.]+"; "-")) \(.version)"' | sort; }
image() { python3 "$HERE/world/make_image.py" image "$WORK/image" "$@" > "$WORK/digest" || fail "image $1"; }

say "an environment that pip filled"
python3 "$MAKE" wheels "$WORK/wheels" requests==2.19.0 zope.interface==6.0 Flask-Login==0.6.3 ruamel.yaml==0.18.1 \
  torch==2.0.0+cu118 pre==1.0rc1 epoch==1!2.0 Under_Score==3.post1
python3 "$MAKE" project "$WORK/project" mine==0.1
pip install -q --find-links "$WORK/wheels" requests zope.interface Flask-Login ruamel.yaml torch==2.0.0+cu118 epoch Under_Score "$WORK/wheels"/pre-*.whl
pip install -q --no-build-isolation -e "$WORK/project"
SITE=$(echo "$WORK"/env/lib/python3.*/site-packages)
mkdir -p "$WORK/root/app"
cp -a "$WORK/env" "$WORK/root/app/env"
image plain amd64 "dir:$WORK/root"
packages plain | grep -E '/site-packages/[^/]+/METADATA$' | cut -d' ' -f1,2 > "$WORK/ours"
listed "$SITE" > "$WORK/pip"
expect "as pip lists it" "$(cat "$WORK/pip")" "$(cat "$WORK/ours")"
[ "$(wc -l < "$WORK/pip")" -ge 9 ] || fail "pip lists too few: $(cat "$WORK/pip")"
expect "what pip bundles is pip's" "pip" "$(jq -r '[.packages[] | select(.location | test("vendor.txt$")) | .parent // "pip"] | unique | join(",")' "$WORK/json")"
expect "an editable project is the image's own" "own-package" "$(jq -r '.packages[] | select(.name == "mine") | .not_judged_code' "$WORK/json")"
expect "nothing is left unread of Python" "" "$(jq -r '.unread[] | select(.kind == "python") | .kind' "$WORK/json")"

say "later layers"
REL=${SITE#"$WORK/env/"}
mkdir -p "$WORK/up/app/env/$REL"
python3 "$MAKE" wheels "$WORK/wheels" requests==2.32.0
pip install -q --find-links "$WORK/wheels" --upgrade requests==2.32.0
cp -a "$SITE/requests" "$SITE/requests-2.32.0.dist-info" "$WORK/up/app/env/$REL/"
: > "$WORK/up/app/env/$REL/.wh.requests-2.19.0.dist-info"
: > "$WORK/up/app/env/$REL/.wh.flask_login" # metadata stays, the code is gone
image upgraded amd64 "dir:$WORK/root" "dir:$WORK/up"
packages upgraded > "$WORK/ours"
expect "upgraded" "requests 2.32.0" "$(grep '^requests ' "$WORK/ours" | grep -v vendor.txt | cut -d' ' -f1,2)"
expect "half-removed" "" "$(grep '^flask-login ' "$WORK/ours" || true)"

say "look-alikes, zips"
mkdir -p "$WORK/odd/opt/bin" "$WORK/odd/root/.cache/uv/archive-v0/x" "$WORK/odd/usr/lib/python3/dist-packages" "$WORK/odd/wheels"
cp -a "$SITE/requests-2.32.0.dist-info" "$WORK/odd/root/.cache/uv/archive-v0/x/"
cp "$WORK/wheels"/*.whl "$WORK/odd/wheels/"
"$WORK/env/bin/python" -m pip -q install --find-links "$WORK/wheels" --target "$WORK/zipapp" epoch requests 2> "$WORK/err" || fail "pip --target"
echo 'print(1)' > "$WORK/zipapp/__main__.py"
python3 -m zipapp "$WORK/zipapp" -c -p /usr/bin/python3 -o "$WORK/odd/opt/bin/tool"
mkdir -p "$WORK/egg/EGG-INFO"
printf 'Metadata-Version: 1.0\nName: Old.Egg\nVersion: 1.0\n' > "$WORK/egg/EGG-INFO/PKG-INFO"
(cd "$WORK/egg" && python3 -m zipfile -c "$WORK/odd/usr/lib/python3/dist-packages/Old.Egg-1.0-py3.egg" EGG-INFO)
image odd amd64 "dir:$WORK/odd"
expect "only what Python finds" \
  "epoch 1!2.0 opt/bin/tool!/epoch-1!2.0.dist-info/METADATA
old-egg 1.0 usr/lib/python3/dist-packages/Old.Egg-1.0-py3.egg!/EGG-INFO/PKG-INFO
requests 2.32.0 opt/bin/tool!/requests-2.32.0.dist-info/METADATA" "$(packages odd)"
expect "all of it was read" "complete" "$(jq -r .status "$WORK/json")"

say "bad input"
mkdir -p "$WORK/bad/site-packages/a-1.dist-info" "$WORK/bad/site-packages/b-1.dist-info" "$WORK/bad/site-packages/ok-1.dist-info" "$WORK/bad/bin"
printf 'Metadata-Version: 2.1\nVersion: 1\n\nName: body\n' > "$WORK/bad/site-packages/a-1.dist-info/METADATA"
{ printf 'Metadata-Version: 2.1\nName: '; head -c 20000000 /dev/zero | tr '\0' x; printf '\nVersion: 1\n'; } > "$WORK/bad/site-packages/b-1.dist-info/METADATA"
printf 'no header at all\nName: ok\nVersion: 1\n\n' > "$WORK/bad/site-packages/ok-1.dist-info/METADATA"
head -c 300 "$WORK/odd/opt/bin/tool" > "$WORK/bad/bin/cut.pyz"
image bad amd64 "dir:$WORK/bad"
expect "the rest is read" "ok 1 site-packages/ok-1.dist-info/METADATA" "$(packages bad)"
expect "partial" "partial archive-unread,file-cut,package-left-out" "$(jq -r '"\(.status) \([.reason_codes[]] | unique | join(","))"' "$WORK/json")"
