#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packages of Node.js and PHP in images, against what npm and Composer list of the same folders.
. "$(dirname "$0")/../lib.sh"
need python3 jq
CAREEN=$CAREEN_BIN/careen
MAKE=$HERE/languages/make_nodejs.py
image() { python3 "$HERE/world/make_image.py" image "$WORK/image" "$@" > "$WORK/digest" || fail "image $1"; }
# packages REF TYPE: location, name and version of each; the JSON stays in $WORK/json
packages() {
  "$CAREEN" packages "oci:$WORK/image:$1" --format json --no-cache > "$WORK/json" || fail "careen packages $1"
  jq -r --arg type "$2" '.packages[] | select(.type == $type) |
    "\(.location) \(.purl | sub("^pkg:[a-z]+/"; "") | sub("[?].*"; "") | gsub("%40"; "@") | gsub("%2B"; "+"))"' "$WORK/json" | sort
}

say "bad input"
mkdir -p "$WORK/bad/app/node_modules"/{deep,huge,ok,broken}
{ printf '{"name":"deep","version":"1.0.0","x":'; head -c 10000 /dev/zero | tr '\0' '['; } > "$WORK/bad/app/node_modules/deep/package.json"
{ printf '{"name":"huge","version":"1.0.0","x":"'; head -c 300000000 /dev/zero | tr '\0' x; } > "$WORK/bad/app/node_modules/huge/package.json"
echo '{"name":"ok","version":"1.0.0"}' > "$WORK/bad/app/node_modules/ok/package.json"
echo '{"version":' > "$WORK/bad/app/node_modules/broken/package.json"
image bad amd64 "dir:$WORK/bad"
expect "what can be read" "app/node_modules/deep/package.json deep@1.0.0
app/node_modules/huge/package.json huge@1.0.0
app/node_modules/ok/package.json ok@1.0.0" "$(packages bad npm)"
expect "partial" "partial file-cut,package-left-out" "$(jq -r '"\(.status) \([.reason_codes[]] | unique | join(","))"' "$WORK/json")"

if ! command -v npm >/dev/null; then
  skip_part "what npm installed" "npm is not installed"
else
  say "what npm installed"
  python3 "$MAKE" npm "$WORK/tgz" a==1.0.0:needs=b:fixture=fixture==6.6.6 b==2.0.0 @scope/c==3.0.0-rc.1 \
    bundler==4.0.0:bundles=inner==0.1.0:bundles=@scope/inner==0.2.0 real==5.0.0 dev==6.0.0+build
  mkdir -p "$WORK/root/app/own"
  echo '{"name":"own","version":"9.9.9"}' > "$WORK/root/app/own/package.json"
  echo '{"name":"shop","version":"1.0.0","private":true}' > "$WORK/root/app/package.json"
  T=$WORK/tgz
  npm_in() { (cd "$WORK/root/app" && npm "$@" --offline --no-audit --no-fund --ignore-scripts --loglevel=error > /dev/null 2> "$WORK/err") || fail "npm $1: $(tail -n 3 "$WORK/err")"; }
  npm_in install "$T/a-1.0.0.tgz" "$T/b-2.0.0.tgz" "$T/scope-c-3.0.0-rc.1.tgz" "$T/bundler-4.0.0.tgz" "alias@file:$T/real-5.0.0.tgz" ./own
  npm_in install --save-dev "$T/dev-6.0.0+build.tgz"
  image npm amd64 "dir:$WORK/root"
  packages npm npm > "$WORK/ours"
  # npm lists the project and what it links to as well
  (cd "$WORK/root/app" && npm ls --all --parseable --long 2> "$WORK/err") | sed -nE "s#^$WORK/root/(app/node_modules/[^:]*):([^:]*@npm:)?([^:]*).*#\1/package.json \3#p" | grep -v '/own/' | sort > "$WORK/npm"
  expect "as npm lists it" "$(cat "$WORK/npm")" "$(cat "$WORK/ours")"
  [ "$(wc -l < "$WORK/npm")" = 8 ] || fail "npm lists $(wc -l < "$WORK/npm"): $(cat "$WORK/npm")"
  expect "who brought whom" "@scope/inner=bundler inner=bundler" \
    "$(jq -r '[.packages[] | select(.parent) | "\(.purl | sub("^pkg:npm/"; "") | sub("@[^@]*$"; "") | gsub("%40"; "@"))=\(.parent)"] | sort | join(" ")' "$WORK/json")"
  expect "what is there for development" "dev" "$(jq -r '.packages[] | select(.scope == "development") | .name' "$WORK/json")"

  say "a package that a later layer replaces and one that it removes"
  mkdir -p "$WORK/up/app/node_modules/a"
  echo '{"name":"a","version":"1.0.1"}' > "$WORK/up/app/node_modules/a/package.json"
  : > "$WORK/up/app/node_modules/.wh.b"
  image up amd64 "dir:$WORK/root" "dir:$WORK/up"
  expect "upgraded, removed" "$(sed 's/ a@1.0.0$/ a@1.0.1/; / b@/d' "$WORK/npm")" "$(packages up npm)"

  say "a lock where nothing is installed"
  image lock amd64 "app/package-lock.json=$(cat "$WORK/root/app/package-lock.json")"
  packages lock npm > "$WORK/ours"
  expect "as many, and declared" "8 declared" "$(wc -l < "$WORK/ours") $(jq -r '[.packages[].certainty] | unique | join(",")' "$WORK/json")"
fi

if ! command -v composer >/dev/null; then
  skip_part "what Composer installed" "composer is not installed"
else
  say "what Composer installed"
  python3 "$MAKE" composer "$WORK/artifacts" acme/a==v1.2.0:needs=acme/b acme/b==2.0.0 acme/dev==3.0.0-beta1
  mkdir -p "$WORK/php/srv/app"
  cat > "$WORK/php/srv/app/composer.json" <<J
{"name":"acme/shop","version":"9.9.9","minimum-stability":"beta","require":{"acme/a":"*"},"require-dev":{"acme/dev":"*"},
 "repositories":[{"type":"artifact","url":"$WORK/artifacts"},{"packagist.org":false}]}
J
  export COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$WORK/composer
  (cd "$WORK/php/srv/app" && composer install -n -q > "$WORK/err" 2>&1) || fail "composer: $(head -c 2000 "$WORK/err")"
  image php amd64 "dir:$WORK/php"
  packages php composer | cut -d' ' -f2 > "$WORK/ours"
  expect "as Composer lists it" "$(cd "$WORK/php/srv/app" && composer show --format=json 2> /dev/null | jq -r '.installed[] | "\(.name)@\(.version)"' | sort)" "$(cat "$WORK/ours")"
  expect "for development" "dev" "$(jq -r '.packages[] | select(.scope == "development") | .name' "$WORK/json")"
fi
