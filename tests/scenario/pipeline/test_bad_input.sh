#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What people, brokers and publishers get wrong: one clear sentence that names the thing and what to do, a status where
# somebody waits, and nothing lost.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl

bin() { local p=$1; shift; timeout 20 "$CAREEN_BIN/$p" "$@" 2>&1; }
# refuses WHAT STATUS PATTERN PROGRAM ARGS…: the status, and the pattern in one line of what it says
refuses() {
  local what=$1 status=$2 pattern=$3 got rc=0; shift 3
  got=$(bin "$@") || rc=$?
  expect "$what: status" "$status" "$rc"
  expect_match "$what" "$pattern" "$got"
}
BUS=embedded:$WORK/bus
make_topics() { bin careen topics create --bus "embedded:$1" --partitions "$2" > /dev/null; }
make_topics "$WORK/bus" 2

say "words"
refuses "a wrong flag" 2 'unknown option --registri; did you mean --registry\?' discover --registri x
refuses "a wrong flag of up" 2 'unknown option --patitions; did you mean --partitions\?' careen up --patitions 3
refuses "a wrong value" 2 '--workers.*256' match --bus "$BUS" --state "$WORK/s" --workers 1000
refuses "no bus" 2 '--bus is missing' match --state "$WORK/s"
refuses "an unknown bus" 2 'nats://x.*embedded:DIR or kafka://' match --bus nats://x --state "$WORK/s"
refuses "a word too many" 2 'not "extra"' match --bus "$BUS" --state "$WORK/s" extra
refuses "a schedule" 2 'schedule "often".*@every 15m' clock --bus "$BUS" --state "$WORK/s" --schedule.walk often
refuses "a feed that nobody knows" 2 "no feed is named 'nope'" feeds --bus "$BUS" --state "$WORK/s" --feeds-only nope
refuses "no registry" 2 'no registry to watch: --registry HOST' careen up --state "$WORK/s"
printf 'registris: []\n' > "$WORK/typo.yaml"
refuses "a wrong key in the file" 2 'registris.*registries' careen up --config "$WORK/typo.yaml"
refuses "an unknown image" 3 'no image nope is known; careen images' careen findings nope --bus "$BUS"
refuses "a beginning that is too short" 3 'at least 8 hexadecimal digits that its digest begins with' careen findings abcdef1 --bus "$BUS"
refuses "an unknown topic" 2 '"nope" is no topic; name one topic: .*alerts' careen tail nope --bus "$BUS"
refuses "a misspelt topic" 2 '"alrets" is no topic; did you mean alerts\?' careen tail alrets --bus "$BUS"

refuses "a code that is a word of its own" 2 'one image at a time; did you mean --fail-on-partial=layer-broken\?' \
  careen scan x --fail-on-partial layer-broken
refuses "two images" 2 'one image at a time$' careen scan x y
refuses "an address that is no URL" 2 '"127.0.0.1:1" is no URL; did you mean http://127.0.0.1:1/healthz\?' careen health 127.0.0.1:1
refuses "an unknown order of versions" 2 'no version order "dpk"; there are dpkg, apk, rpm' careen version compare dpk 1 2
refuses "a feed without an address" 3 'osv-red-hat: read only from a folder \(--feeds\)' \
  careen feeds update --only osv-red-hat --cache "$WORK/no-address"
refuses "feeds that can't be had" 3 '^careen feeds: osv-debian: GET ' \
  careen feeds update --only osv-debian --feeds-mirror http://127.0.0.1:9/ --cache "$WORK/no-mirror"
refuses "their system, in its row" 3 '^Debian +no: osv-debian could not be had +-' careen feeds status --cache "$WORK/no-mirror"
refuses "and why, below" 3 '^  osv-debian: GET ' careen feeds status --cache "$WORK/no-mirror"

say "topics that are not as they should be"
refuses "no topics" 2 'topic registry-events does not exist .*create the topics' match --bus "embedded:$WORK/empty" --state "$WORK/s"
make_topics "$WORK/odd" 2
probe_topics "$WORK/odd" repartition findings 3
refuses "the wrong number of partitions" 2 'topic findings has 3 partitions where registry-events has 2' match --bus "embedded:$WORK/odd" --state "$WORK/s"
refuses "the wrong number, checked" 2 'topic findings has 3 partitions' careen topics check --bus "embedded:$WORK/odd"

say "states"
start first "$CAREEN_BIN/match" --bus "$BUS" --state "$WORK/shared" --member one
first=$STARTED_PID
wait_for "the first" grep -q '"partition":1' "$WORK/first.log"
make_topics "$WORK/other" 2
refuses "a state that another process uses" 2 "state folder $WORK/shared/match/.* is in use by another process.*--state" match --bus "embedded:$WORK/other" --state "$WORK/shared"
refuses "a member that runs already" 2 'member one of group careen-match is already running' match --bus "$BUS" --state "$WORK/s" --member one
kill "$first"; wait "$first" || fail "match ended with status $?"
start moved "$CAREEN_BIN/match" --bus "embedded:$WORK/other" --state "$WORK/shared"
until_is "a state of another bus" 3 grep -c "state is wiped and rebuilt from the topics.*another cluster's state" "$WORK/moved.log"
wait_for "which is then used" sh -c "grep -c 'partition assigned' '$WORK/moved.log' | grep -qx 2"
kill "$STARTED_PID"; wait "$STARTED_PID" || fail "match ended with status $?"

say "records that are none, in front of good ones"
start_registry registry
at=127.0.0.1:$PORT
a=$(deb_image "$WORK/layout" a amd64 openssl=3.0.11-1)
push "$WORK/layout:a" "$at/shop/a:v1"
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high
B=$WORK/state/bus
make_topics "$B" 1
key="$a,$at/shop/a"
probe_topics "$B" put images "$key" c301ffffffffffffffff0102     # an unknown schema
probe_topics "$B" put images "$a,elsewhere/x" 000000270f02       # an unknown id of a schema registry
probe_topics "$B" put images no-digest 00
probe_topics "$B" put images '' 00                               # no key, a key that no table takes, one for terminals
probe_topics "$B" put images "$(printf 'x%.0s' $(seq 2000))" 00
probe_topics "$B" put images $'\033[31mred' 00
probe_topics "$B" put inventories "$a" ''                        # an empty value
probe_topics "$B" put advisories not-three-words deadbeef
probe_topics "$B" put findings "$a" c301
probe_topics "$B" put ticks walk,0 ff
start up "$CAREEN_BIN/careen" up --state "$WORK/state" --registry "http://$at" --feeds "$WORK/feeds" --partitions 1 \
  --schedule.feeds '@every 1s' --schedule.walk '@every 2s' --api 127.0.0.1:0
up=$STARTED_PID
found() { "$CAREEN_BIN/careen" findings "$at/shop/a:v1" --bus "embedded:$B" --format json 2> "$WORK/said" | jq -r '.findings[].vulnerability' 2>/dev/null | sort | paste -sd, ; }
until_is "findings behind them" CVE-2026-1001 found
expect_match "what the command says of them" 'images, key no-digest: .*; skipped' "$(cat "$WORK/said")"
unread() { "$CAREEN_BIN/careen" "$@" --bus "embedded:$B" 2>&1 >/dev/null | tail -n 1; "$CAREEN_BIN/careen" "$@" --bus "embedded:$B" >/dev/null 2>&1 || echo "exit $?"; }
for c in images status "tail images --no-follow"; do
  # shellcheck disable=SC2086 # words
  expect_match "$c shows not all and says so" 'records could not be read, so that what is shown is not all; the first: .*exit 3' "$(unread $c | paste -sd ' ')"
done
expect "escapes that reach the terminal" 0 "$(grep -c $'\033' "$WORK/said" || true)"
letters() { probe_topics "$B" show dead-letters | cut -f3; }
letter() { letters | jq -r "select(.stage == \"$1\" and .topic == \"$2\") | .reason" | sort -u; }
# discover reads images whole, match, inventory and publish do too, in their way: each gives up the record and says so.
for s in discover inventory match publish; do until_match "dead letter of $s" 'schema' letter "$s" images; done
until_match "an unknown id" 'schema id 9999 of a schema registry' letter match images
until_match "an empty record" . letter match inventories
until_match "a key that is none" . letter match advisories
until_match "a cut record" . letter publish findings
until_match "a tick" . letter clock ticks
expect "where they came from" 0 "$(letters | jq -r 'select(.topic == "ticks" and .stage == "discover") | .offset' | sort -u)"
expect_match "careen status counts them" '[1-9]' "$("$CAREEN_BIN/careen" status --bus "embedded:$B" --format json 2>/dev/null | jq .dead_letters)"
expect_match "careen tail shows them" 'schema' "$(bin careen tail dead-letters --no-follow --bus "embedded:$B" --format json)"

say "feeds: empty, cut, not theirs, half the size"
refused() { # FEED
  grep -o "\"message\":\"feed not refreshed[^}]*\"feed\":\"$1\"[^}]*" "$WORK/state/logs/feeds.log" | tail -1
}
zip=$WORK/feeds/osv/Debian/all.zip
good=$WORK/good.zip
cp "$zip" "$good"
bad() { # WHAT PATTERN: the file is in place
  until_match "$1" "what it gave before stays.*$2" refused osv-debian
  expect "$1: findings stay" CVE-2026-1001 "$(found)"
}
put() { cp "$1" "$zip.new"; mv "$zip.new" "$zip"; }
: > "$WORK/empty.zip"; put "$WORK/empty.zip"; bad "empty" '(empty|no zip|not a zip|archive)'
head -c $(($(stat -c %s "$good") / 2)) "$good" > "$WORK/cut.zip"; put "$WORK/cut.zip"; bad "cut" '(cut|truncated|archive|zip)'
printf '<html>Service unavailable</html>' > "$WORK/page.zip"; put "$WORK/page.zip"; bad "a page" '(zip|archive)'
make_advisories "$WORK/few" few: debian:CVE-2026-1099,openssl,9,low; put "$WORK/few/osv/Debian/all.zip"; bad "a few" 'less than half'
printf '{"vulnerabilities": [' > "$WORK/feeds/kev/known_exploited_vulnerabilities.json"
until_match "a catalogue that is cut" 'what it gave before stays' refused kev
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high debian:CVE-2026-1005,openssl,3.0.16-1
until_is "well again" CVE-2026-1001,CVE-2026-1005 found

kill -TERM "$up"; wait "$up" || fail "careen up ended with status $?"
expect "no stage died" "" "$(grep -h 'Sanitizer\|runtime error\|the process ends' "$WORK"/state/logs/*.log || true)"
say "passed"
