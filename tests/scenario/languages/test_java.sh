#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Java's archives in images, against what Python's zipfile finds in the same files: what the JDK's jar wrote, bundles of
# bundles, an executable one, Debian's own; removals in later layers; bombs and archives without end.
. "$(dirname "$0")/../lib.sh"
need python3 jq jar zip

CAREEN=$CAREEN_BIN/careen
MAKE=$HERE/languages/make_java.py
image() { python3 "$HERE/world/make_image.py" image "$WORK/image" "$@" > "$WORK/digest" || fail "image $1"; }
packages() { "$CAREEN" packages "oci:$WORK/image:$1" --format json --no-cache > "$WORK/json" || fail "careen packages $1"; }
# poms_of REF: what Careen lists by poms, as `make_java.py poms` has it
poms_of() {
  packages "$1"
  jq -r '.packages[] | select(.evidence == "java-archive" and (.why == null or (.why | startswith("shaded"))))
    | "\(.namespace):\(.name) \(.version) \(.location)"' "$WORK/json" | sort
}
# library GROUP ARTIFACT VERSION: a jar by the JDK's tool
library() {
  local d="$WORK/lib-$2-$3"
  mkdir -p "$d/META-INF/maven/$1/$2" "$d/${1//.//}"
  printf '#Created by a build\ngroupId=%s\nartifactId=%s\nversion=%s\n' "$1" "$2" "$3" > "$d/META-INF/maven/$1/$2/pom.properties"
  head -c 3000 /dev/urandom > "$d/${1//.//}/Code.class"
  jar --create --file "$WORK/$2-$3.jar" -C "$d" . || fail "jar $2"
}

say "bundles of bundles"
library org.example alpha 1.0
library org.example.b beta 2.0-rc1
library com.other gamma 3.1.Final
mkdir -p "$WORK/root/app" "$WORK/war/WEB-INF/lib"
python3 "$MAKE" bundle "$WORK/fat.jar" BOOT-INF/lib/ "$WORK"/{alpha-1.0,beta-2.0-rc1}.jar -- \
  'META-INF/maven/com.example/fat/pom.properties=version=1.0\ngroupId=com.example\nartifactId=fat\n'
cp "$WORK"/{beta-2.0-rc1,gamma-3.1.Final}.jar "$WORK/war/WEB-INF/lib/"
(cd "$WORK/war" && jar --create --file "$WORK/shop.war" WEB-INF) || fail "jar shop.war"
python3 "$MAKE" bundle "$WORK/root/app/all.ear" lib/ "$WORK/fat.jar" "$WORK/shop.war"
# shellcheck disable=SC2016 # the stub is not for this shell
{ printf '#!/bin/sh\nexec java -jar "$0" "$@"\n'; cat "$WORK/fat.jar"; } > "$WORK/root/app/start"
cp "$WORK/root/app/start" "$WORK/root/app/run.jar"
(cd "$WORK/lib-gamma-3.1.Final" && zip -q -r - . | cat > "$WORK/root/app/gamma-3.1.Final.jar") || fail "zip into a pipe"
image plain amd64 "dir:$WORK/root"
rm "$WORK/root/app/start" # of a name that says nothing, and behind a shell's line: no rule looks at it
poms_of plain > "$WORK/ours"
python3 "$MAKE" poms "$WORK/root" | sort > "$WORK/truth"
expect "as zipfile finds them" "$(cat "$WORK/truth")" "$(cat "$WORK/ours")"
[ "$(wc -l < "$WORK/truth")" -eq 9 ] || fail "zipfile finds something else: $(cat "$WORK/truth")"
expect "its reasons" "" "$(jq -r '.reasons[]' "$WORK/json")"
expect "nothing is left unread of Java" "" "$(jq -r '.unread[] | select(.kind == "java") | .kind' "$WORK/json")"

say "a later layer takes one away"
image later amd64 "dir:$WORK/root" app/.wh.all.ear=
expect "what is left" "app/gamma-3.1.Final.jar app/run.jar" \
  "$(poms_of later | sed 's/.* //; s/!.*//' | sort -u | tr '\n' ' ' | sed 's/ $//')"

say "who says nothing, by its SHA-1"
mkdir -p "$WORK/dumb/app" "$WORK/dumb-lib/odd"
head -c 3000 /dev/urandom > "$WORK/dumb-lib/odd/Code.class"
jar --create --file "$WORK/dumb/app/dumb-1.jar" -C "$WORK/dumb-lib" odd || fail "jar dumb"
image dumb amd64 "dir:$WORK/dumb"
packages dumb
SHA=$(sha1sum < "$WORK/dumb/app/dumb-1.jar" | cut -d' ' -f1)
expect "without a table" "dumb 1 sha1:$SHA identity-guessed" "$(jq -r '.packages[] | "\(.name) \(.version) \(.origin) \(.not_judged_code)"' "$WORK/json")"
{ echo "$SHA org.dumb:dumb-core:1.0"; echo "0123456789012345678901234567890123456789 a:b:1"; } | LC_ALL=C sort > "$WORK/index"
expect "with one" "pkg:maven/org.dumb/dumb-core@1.0" \
  "$("$CAREEN" packages "oci:$WORK/image:dumb" --java-index "$WORK/index" --format json | jq -r '.packages[].purl')"

say "what can't be read"
mkdir -p "$WORK/bad/app"
head -c 30000000 /dev/zero > "$WORK/zeros"
python3 "$MAKE" bundle "$WORK/bad/app/bomb.jar" lib/ "$WORK/alpha-1.0.jar"
(cd "$WORK" && mkdir -p lib && cp zeros lib/bomb.jar && zip -q "$WORK/bad/app/bomb.jar" lib/bomb.jar) || fail "zip bomb"
cp "$WORK/alpha-1.0.jar" "$WORK/deep.jar"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  python3 "$MAKE" bundle "$WORK/next.jar" '' "$WORK/deep.jar"
  mv "$WORK/next.jar" "$WORK/deep.jar"
done
cp "$WORK/deep.jar" "$WORK/bad/app/"
head -c 2000 "$WORK/beta-2.0-rc1.jar" > "$WORK/bad/app/cut.jar"
image bad amd64 "dir:$WORK/bad"
packages bad
expect "the rest is there" "alpha app/bomb.jar!/lib/alpha-1.0.jar" \
  "$(jq -r '.packages[] | select(.name == "alpha") | "\(.name) \(.location)"' "$WORK/json")"
for row in 'app/bomb.jar!/lib/bomb.jar: it unpacks to more than 200 times' 'app/deep.jar!/deep.jar.*within more than 8 others' \
  'app/cut.jar.*no end record'; do
  expect_match "the reasons" "$row" "$(jq -r '.reasons[]' "$WORK/json")"
done
expect "their code" "archive-unread" "$(jq -r '.reason_codes | unique | join(" ")' "$WORK/json")"

if ls /usr/share/java/*.jar > /dev/null 2>&1; then
  say "Debian's jars"
  mkdir -p "$WORK/debian/usr/share/java"
  cp -L /usr/share/java/*.jar "$WORK/debian/usr/share/java/"
  image debian amd64 "dir:$WORK/debian"
  poms_of debian > "$WORK/ours"
  python3 "$MAKE" poms "$WORK/debian" | sort > "$WORK/truth"
  expect "as zipfile finds them" "$(cat "$WORK/truth")" "$(sort "$WORK/ours")"
else
  skip_part "no jars in /usr/share/java"
fi
