#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Feeds that their publishers' indexes name, second addresses, documents, feeds that stand still: the update command and
# the stage against a server that serves pages as publishers do, then moves, shrinks, fails and stands still.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need python3 jq

ROOT=$WORK/www LOG=$WORK/requests
mkdir -p "$ROOT"
touch "$LOG"
put() { mkdir -p "$(dirname "$ROOT/$1")"; cat > "$WORK/next"; mv "$WORK/next" "$ROOT/$1"; } # put PATH: from stdin

secdb() { # secdb RELEASE REPOSITORY N
  local i comma=
  printf '{"distroversion":"%s","packages":[' "$1"
  for i in $(seq "$3"); do
    printf '%s{"pkg":{"name":"%s%d","secfixes":{"1.0-r0":["CVE-2024-%04d"]}}}' "$comma" "$2" "$i" "$((1000 + i))"
    comma=,
  done
  printf ']}'
}
page() { # page RELEASE…: as secdb.alpinelinux.org lists its folders
  local r
  printf '<html>\n<head><title>Index of /</title></head>\n<body>\n<h1>Index of /</h1><hr><pre><a href="../">../</a>\n'
  for r; do printf '<a href="%s/">%s/</a>   27-Nov-2026 10:31   -\n' "$r" "$r"; done
  printf '<a href="last-update">last-update</a> 27-Nov-2026 10:31 20\n</pre><hr></body>\n</html>\n'
}
OLD=$(seq -f 'v3.%g' 3 24)
for release in $OLD edge v3.25; do
  secdb "$release" main 3 | put "$release/main.json"
  secdb "$release" community 2 | put "$release/community.json"
done
# shellcheck disable=SC2086
page $OLD edge v3.25 v3.26 | put index.html

start_python feed_server feed_server.py "$WORK/feed_server.port" "$ROOT" "$LOG"
MIRROR=http://127.0.0.1:$PORT
CACHE=$WORK/cache
update() { # update STATUS ONLY: its words in $WORK/err
  local rc=0
  "$CAREEN_BIN/careen" feeds update --feeds-mirror "$MIRROR" --cache "$CACHE" --only "$2" > "$WORK/out" 2> "$WORK/err" || rc=$?
  [ "$rc" = "$1" ] || { cat "$WORK/err" >&2; fail "update --only $2: exit status $rc, not $1"; }
}
status() { # status STATUS: in $WORK/status
  local rc=0
  "$CAREEN_BIN/careen" feeds status --cache "$CACHE" --format json > "$WORK/status" || rc=$?
  [ "$rc" = "$1" ] || fail "status: exit status $rc, not $1"
}
feed() { jq -r --arg n "$1" '.feeds[] | select(.name == $n) | '"$2" "$WORK/status"; }
system() { jq -r --arg n "$1" '.systems[] | select(.name == $n) | '"$2" "$WORK/status"; }
said() { grep -qE -- "$1" "$WORK/err" || { cat "$WORK/err" >&2; fail "nobody said: $1"; }; }

# A release that no table knows is found, read and can be judged; one whose file is not there yet is no failure.
update 0 alpine
status 0
expect "the new release" 3 "$(feed alpine-v3.25-main .records)"
expect "its other repository" 2 "$(feed alpine-v3.25-community .records)"
expect "Alpine is judged" true "$(system Alpine .judged)"
expect "with the new release" true "$(system Alpine '.releases | contains(["Alpine:v3.25"])')"
expect "npm is not, and is a language" "false none of its feeds was read language" "$(system npm '"\(.judged) \(.reason) \(.kind)"')"
expect "Debian is not yet" "false none of its feeds was read" "$(system Debian '"\(.judged) \(.reason)"')"
said 'alpine-v3.26-main and 1 more: named by its index, but not there yet: status 404'
expect "the update" complete "$(jq -r .last_update.state "$WORK/status")"

# The index can't be had: what it named is asked for all the same; the failure is told, also by the status.
echo 503 > "$ROOT/index.html.status"
secdb v3.25 main 5 | put v3.25/main.json
update 3 alpine
said 'alpine-index: GET .*status 503'
status 3
expect "what was found stays known" 5 "$(feed alpine-v3.25-main .records)"
expect "the failed update" "failed alpine-index" "$(jq -r '"\(.last_update.state) \(.last_update.failures[].feed)"' "$WORK/status")"
"$CAREEN_BIN/careen" feeds status --cache "$CACHE" > "$WORK/out" && fail "status after a failed update: exit status 0"
grep -q 'failed for 1 of' "$WORK/out" || fail "the table does not tell of the failure"
rm "$ROOT/index.html.status"

# An index that is suddenly short, or another page, drops nothing.
page v3.24 | put index.html
secdb v3.25 main 6 | put v3.25/main.json
update 3 alpine
said 'names 2 feeds, less than half of the'
echo '<html><body>Checking that you are human</body></html>' | put index.html
secdb v3.25 main 7 | put v3.25/main.json
update 3 alpine
said 'alpine-index: .*empty'
status 3
expect "and goes on being read" 7 "$(feed alpine-v3.25-main .records)"
# shellcheck disable=SC2086
page $OLD edge v3.25 | put index.html
update 0 alpine
status 0

# A second address: when the first is away, when it has something else; never for what is older than what was had.
KEV=sites/default/files/feeds/known_exploited_vulnerabilities.json COPY=cisagov/kev-data/develop/known_exploited_vulnerabilities.json
kev() { # kev DATE CVE…
  local date=$1 comma='' cve
  shift
  printf '{"dateReleased":"%sT10:00:00Z","count":%d,"vulnerabilities":[' "$date" $#
  for cve; do printf '%s{"cveID":"%s","dateAdded":"%s"}' "$comma" "$cve" "$date"; comma=,; done
  printf ']}'
}
TODAY=$(date -u +%Y-%m-%d)
kev "$TODAY" CVE-2024-0001 CVE-2024-0002 | put "$COPY"
update 0 kev
status 0
expect "from the second address" 2 "$(feed kev .records)"
expect "up to date" "$TODAY false" "$(feed kev '"\(.newest[:10]) \(.stands_still)"')"
echo '<html>Access denied</html>' | put "$KEV"
kev "$TODAY" CVE-2024-0001 CVE-2024-0002 CVE-2024-0003 | put "$COPY"
update 0 kev
status 0
expect "from the second address where the first has a page" 3 "$(feed kev .records)"
kev "$TODAY" CVE-2024-0001 CVE-2024-0002 CVE-2024-0003 CVE-2024-0004 | put "$KEV"
update 0 kev
rm "$ROOT/$KEV"
kev 2023-05-01 CVE-2024-0001 CVE-2024-0002 CVE-2024-0003 | put "$COPY"
update 3 kev
said 'kev: .*status 404.*; its second address: .*newest date is 2023-05-01, and '"$TODAY"' was had'
status 3
expect "the newer stays" 4 "$(feed kev .records)"
rm "$ROOT/$COPY"
update 3 kev
said 'kev: GET .*status 404 Not Found; its second address: status 404 Not Found'

# Standing still: answered with 200, and its newest date is of 2023.
rm -rf "$CACHE"
kev 2023-05-01 CVE-2024-0001 | put "$KEV"
update 0 kev
said 'kev stands still: its newest date is 2023-05-01'
status 0
expect "a list that ended in 2023" "2023-05-01 true" "$(feed kev '"\(.newest[:10]) \(.stands_still)"')"
"$CAREEN_BIN/careen" feeds status --cache "$CACHE" | grep -qE '^kev .*2023-05-01, stands still' || fail "the table hides it"

# Fedora's release that moved to the archive.
ARCHIVE=pub/archive/fedora/linux/updates/42/Everything/x86_64
put "$ARCHIVE/repodata/1-updateinfo.xml" << 'X'
<updates><update type="security"><id>FEDORA-2026-1</id><title>CVE-2026-0001 in a</title><references>
<reference type="bugzilla" title="CVE-2026-0001 a: b"/></references><pkglist><collection>
<package name="a" epoch="0" version="1" release="1.fc42" arch="x86_64"/></collection></pkglist></update></updates>
X
echo '<repomd><data type="updateinfo"><location href="repodata/1-updateinfo.xml"/></data></repomd>' |
  put "$ARCHIVE/repodata/repomd.xml"
update 0 fedora-42
status 0
[ "$(feed fedora-42 .records)" -gt 0 ] || fail "the archived release was not read"

# Microsoft's months: a new date of one is a new document.
MSRC=cvrf/v3.0
month() { tar -xOf "$HERE/../data/fuzz/fuzz_msrc_cvrf/good.tar" "$(tar -tf "$HERE/../data/fuzz/fuzz_msrc_cvrf/good.tar" | head -n 1)"; }
months() { printf '{"value":[{"ID":"2026-Sep","CurrentReleaseDate":"%s"}%s]}' "$1" "${2:-}" | put $MSRC/updates; }
month | put $MSRC/cvrf/2026-Sep
months 2026-09-09T07:00:00Z
update 0 windows-msrc
status 0
[ "$(feed windows-msrc .records)" -gt 0 ] || fail "Microsoft's month was not read"
update 0 windows-msrc
expect "an unchanged month" 1 "$(grep -c "$MSRC/cvrf/2026-Sep 200" "$LOG")"
months 2026-09-15T07:00:00Z
update 0 windows-msrc
expect "a month with another date" 2 "$(grep -c "$MSRC/cvrf/2026-Sep 200" "$LOG")"

# A feed of documents: each is asked for once; one that is listed and missing is left out and told.
CSAF=security/data/csaf/advisories
document() { sed "s/CVE-2025-29768/CVE-2025-$1/g" "$HERE/../data/fuzz/fuzz_csaf_names/openeuler.json"; }
for n in $(seq 1001 1120); do document "$n" | put "$CSAF/2025/csaf-openeuler-sa-2025-$n.json"; done
seq -f '2025/csaf-openeuler-sa-2025-%g.json' 1001 1110 | put $CSAF/index.txt
update 0 openeuler-csaf
status 0
records=$(feed openeuler-csaf .records)
[ "$records" -gt 100 ] || fail "of 110 documents came $records records"
expect "a request a document" 110 "$(grep -c 'csaf-openeuler-sa.* 200' "$LOG")"
update 0 openeuler-csaf
expect "nothing is asked for twice" 110 "$(grep -c 'csaf-openeuler-sa.* 200' "$LOG")"
{ seq -f '2025/csaf-openeuler-sa-2025-%g.json' 1001 1120; echo 2025/csaf-openEuler-sa-2025-9999.json; } | put $CSAF/index.txt
update 0 openeuler-csaf
expect "only what is new" 120 "$(grep -c 'csaf-openeuler-sa.* 200' "$LOG")"
status 0
[ "$(feed openeuler-csaf .records)" -gt "$records" ] || fail "the new documents are not in"
expect "one is listed and missing" 1 "$(feed openeuler-csaf .left_out)"
echo ../../../../etc/passwd.json | put $CSAF/index.txt
update 3 openeuler-csaf
grep -q passwd "$LOG" && fail "a path that leads elsewhere was asked for"

# A feeds folder is its own index.
mkdir -p "$WORK/folder/alpine-secdb/v3.31"
secdb v3.31 main 4 > "$WORK/folder/alpine-secdb/v3.31/main.json"
"$CAREEN_BIN/careen" feeds update --feeds "$WORK/folder" --cache "$CACHE" --quiet || fail "update from a folder"
status 0
expect "a release of the folder" 4 "$(feed alpine-v3.31-main .records)"

# What a mirror must hold can be listed.
"$CAREEN_BIN/careen" feeds addresses --only alpine-v3.25,kev > "$WORK/out"
grep -qE "^alpine-v3.25-main	https://secdb.alpinelinux.org/v3.25/main.json	alpine-secdb/v3.25/main.json$" "$WORK/out" ||
  fail "the address of a release that is asked for"
expect "both addresses of kev" 2 "$(grep -c '^kev	https' "$WORK/out")"

# The stage finds the release as well, and tells which feed stands still.
BUS=embedded:$WORK/bus
"$CAREEN_BIN/careen" topics create --bus "$BUS" --partitions 2 > /dev/null
start clock "$CAREEN_BIN/clock" --bus "$BUS" --state "$WORK/state" --schedule.feeds "@every 1s"
start feeds "$CAREEN_BIN/feeds" --bus "$BUS" --state "$WORK/state" --feeds-mirror "$MIRROR" --http 127.0.0.1:0 \
  --feeds-only alpine --feeds-only kev
logged() { grep -qE -- "$1" "$WORK/feeds.log"; }
wait_for "the release that the index names" logged 'a feed was found.*alpine-v3.25-main.*alpine-index'
wait_for "its records" logged 'feed refreshed.*alpine-v3.25-main'
wait_for "word of the feed that stands still" logged 'a feed stands still.*"feed":"kev".*2023-05-01'
HTTP=$(grep -m 1 -oE '"port":[0-9]+' "$WORK/feeds.log" | cut -d: -f2)
curl -fsS "http://127.0.0.1:$HTTP/metrics" > "$WORK/metrics"
grep -qx 'careen_feeds_stands_still{feed="kev"} 1' "$WORK/metrics" || fail "no metric tells what stands still"
grep -q "^careen_feeds_newest_timestamp_seconds{feed=\"kev\"} $(date -u -d 2023-05-01T10:00:00Z +%s)$" "$WORK/metrics" ||
  fail "no metric tells the newest date"
curl -fsS "http://127.0.0.1:$HTTP/healthz" | jq -e '.healthy and (.notes[0] | startswith("kev stands still"))' > /dev/null ||
  fail "the health does not tell what stands still"
logged "forbidden system call" && fail "the sandbox killed a good feed"
say "indexes, second addresses, documents and standing still: good"
