#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# careen up on the embedded bus, or on the Kafka broker that CAREEN_BUS names: what is pushed, moved, deleted, run and
# published shows in findings, recommendations and alerts, for the right images only; each layer is downloaded once; what
# could not be read says so.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl htpasswd

say "a registry that notifies, advisories in a folder, no images yet"
listen=$(free_port)
NO_ACCESS_LOG=false start_registry registry "notifications: {endpoints: [{name: careen, url: \"http://127.0.0.1:$listen/notifications\", timeout: 2s, threshold: 3, backoff: 1s}]}"
at=127.0.0.1:$PORT
# shellcheck disable=SC2054 # commas are parts of the words
SPECS=(debian:CVE-2026-1001,openssl,3.0.15-1,high debian:CVE-2026-1002,zlib,-,low alpine:CVE-2026-2001,musl,1.2.4-r5)
make_advisories "$WORK/feeds" "${SPECS[@]}"
make_pods "$WORK/pods.json"
BUS=${CAREEN_BUS:-embedded:$WORK/state/bus}
start up "$CAREEN_BIN/careen" up --bus "$BUS" --state "$WORK/state" --registry "http://$at" --listen "127.0.0.1:$listen" --api 127.0.0.1:0 \
  --feeds "$WORK/feeds" --cluster "made=$WORK/pods.json" --partitions 4 \
  --schedule.feeds '@every 1s' --schedule.workloads '@every 1s' --schedule.walk '@every 1h'
UP=$STARTED_PID PULLS=()
logs() { cat "$WORK"/state/logs/*.log; }
# Copies of pull share the work and never do it twice.
wait_for "the topics" grep -q 'partition assigned' "$WORK/state/logs/pull.log"
for n in 2 3; do
  start "pull$n" "$CAREEN_BIN/pull" --bus "$BUS" --state "$WORK/pull$n" --registry "http://$at"
  PULLS+=("$STARTED_PID")
  wait_for "copy $n of pull" grep -q 'partition assigned' "$WORK/pull$n.log"
done
wait_for "the API" grep -q '"message":"listening"' "$WORK/state/logs/publish.log"
API=http://127.0.0.1:$(jq -r 'select(.message=="listening").port' "$WORK/state/logs/publish.log")
topic() { "$PROBES/topic_probe" "$BUS" show "$@"; }
rows() { topic "$@" | wc -l; }
until_rows() { until_is "$1" "$2" rows "$3"; }
found() { "$CAREEN_BIN/careen" findings "$1" --bus "$BUS" --format json 2>/dev/null | jq -r '.findings[] | .vulnerability + " " + .package' | sort -u | paste -sd, ; }
# Of what can be judged: attestations that are pushed beside an image are no images.
advised() { "$CAREEN_BIN/careen" recommendations --bus "$BUS" --format json | jq -r "select(.resource_id | startswith(\"$1\")) | select(.code != \"not_applicable\") | .code + \" \" + (.high|tostring) + \" \" + (.known_exploited|tostring)" | sort | paste -sd, ; }
told() { "$CAREEN_BIN/careen" tail alerts --no-follow --bus "$BUS" --format json | jq -r "select(.image_digest == \"$1\") | .kind + \" \" + (if .vulnerability != \"\" then .vulnerability else (.resources[0] | sub(\"@.*\"; \"\") | sub(\"^127[^/]*/\"; \"\")) end)" | sort | paste -sd, ; }
# The codes of why, of the alerts of an image that a jq condition chooses.
why() { "$CAREEN_BIN/careen" tail alerts --no-follow --bus "$BUS" --format json | jq -r "select(.image_digest == \"$1\") | select($2) | .cause_code" | sort | paste -sd, ; }
same_ids() { "$CAREEN_BIN/careen" tail alerts --no-follow --bus "$BUS" --format json | jq -r .id | sort | uniq -d | wc -l; }
until_is "advisories" yes sh -c "'$PROBES/topic_probe' '$BUS' show advisories | grep -q CVE-2026-2001 && '$PROBES/topic_probe' '$BUS' show vulnerabilities | grep -q CVE-2020-9029 && echo yes"

say "push"
a=$(deb_image "$WORK/layout" a amd64 openssl=3.0.11-1 zlib=1:1.2.13 bash=5.2-1)
push "$WORK/layout:a" "$at/shop/a:v1"
until_is "findings of a push" "CVE-2026-1001 openssl,CVE-2026-1002 zlib" found "$at/shop/a:v1"
until_is "its recommendation" "unhealthy 1 0" advised "$at/shop/a@"
until_is "its alerts" "added shop/a,appeared CVE-2026-1001,appeared CVE-2026-1002" told "$a"
expect "why" image_pushed,image_pushed,image_pushed "$(why "$a" true)"

shown=$("$CAREEN_BIN/careen" findings "$at/shop/a:v1" --bus "$BUS" --format table)
expect_match "findings as a table" '^  system    Debian' "$shown"
expect_match "a fix" 'high +CVE-2026-1001 +openssl +3\.0\.11-1 +3\.0\.15-1' "$shown"
expect_match "no fix" 'low +CVE-2026-1002 +zlib +1:1\.2\.13 +\(none yet\)' "$shown"
expect_match "its summary" '^2 findings: 1 high, 1 low; 1 can be fixed$' "$shown"

say "the tag moves: both digests stay right"
b=$(deb_image "$WORK/layout" b amd64 openssl=3.0.15-1 bash=5.2-1)
push "$WORK/layout:b" "$at/shop/a:v1"
until_is "findings of the new digest" "[]" sh -c "'$CAREEN_BIN/careen' findings '$at/shop/a:v1' --bus '$BUS' --format json | jq -c '.findings'"
until_is "both recommendations" "healthy 0 0,unhealthy 1 0" advised "$at/shop/a@"
expect "findings of the old digest" "CVE-2026-1001 openssl,CVE-2026-1002 zlib" "$(found "$at/shop/a@$a")"
digits=${a#sha256:}
for name in "${digits:0:8}" "${digits^^}" "sha256:${digits:0:6}" "$a"; do
  expect "findings by $name" "CVE-2026-1001 openssl,CVE-2026-1002 zlib" "$(found "$name")"
done
rc=0; "$CAREEN_BIN/careen" findings shop/a --bus "$BUS" > "$WORK/out" 2> "$WORK/err" || rc=$?
expect "a name of two images: $(cat "$WORK/err")" "2 0" "$rc $(stat -c %s "$WORK/out")"
for digest in "$a" "$b"; do grep -qF "may be $at/shop/a@$digest" "$WORK/err" || fail "$digest is not listed: $(cat "$WORK/err")"; done
expect_match "a name of two images" '"shop/a" fits 2 images; name one by its digest' "$(cat "$WORK/err")"
tags() { "$CAREEN_BIN/careen" images --bus "$BUS" --format json | jq -c "select(.digest == \"$1\") | .tags"; }
expect "tags of the old digest" '[]' "$(tags "$a")"
expect "tags of the new digest" '["v1"]' "$(tags "$b")"

say "an index with two platforms; another system; the same image in another repository"
deb_image "$WORK/layout" arm arm64 openssl=3.0.14-1 bash=5.2-1 > "$WORK/arm"
c=$(apk_image "$WORK/layout" c amd64 musl=1.2.4-r4)
make_index "$WORK/layout" both a arm > "$WORK/both"
push "$WORK/layout:both" "$at/shop/multi:v2"
apk_image "$WORK/layout" d amd64 musl=1.2.4-r5 > /dev/null
push "$WORK/layout:c" "$at/shop/c:v1"
push "$WORK/layout:d" "$at/shop/d:v1"
push "$WORK/layout:a" "$at/copy/a:v1"
until_is "both platforms" "unhealthy 1 0,unhealthy 1 0" advised "$at/shop/multi@"
until_is "the other platform" "CVE-2026-1001 openssl" found "$at/shop/multi@$(cat "$WORK/arm")"
until_is "Alpine" "CVE-2026-2001 musl" found "$at/shop/c:v1"
until_is "the copy" "unhealthy 1 0" advised "$at/copy/a@"
until_is "each copy is told once, its findings are not told anew" \
  "added copy/a,added shop/a,added shop/multi,appeared CVE-2026-1001,appeared CVE-2026-1002" told "$a"
expect "why" image_added_to_repository "$(why "$a" '.resources[0] | contains("/copy/a@")')"

say "what runs"
make_pods "$WORK/pods.json" "$at/shop/a@$a"
until_is "running container" "unhealthy 1 0" advised "made/shop/app0/main@"
expect "which assessment" e9acaf48-d2cf-45a3-a6e7-3caa2ef769e0 "$(topic recommendations | cut -f3 | jq -r 'select(.cluster=="made").assessment_key')"
make_pods "$WORK/pods.json"
until_is "nothing runs any more" "" advised "made/"
until_is "what ran is told" "workload_started,workload_stopped" why "$a" '.resources[0] | startswith("made/")'

say "a new advisory, a changed one, one more exploited, one withdrawn: the right images only"
before_c=$(topic findings | grep "$c")
SPECS[3]=debian:CVE-2026-1003,bash,5.2.15-3,medium
make_advisories "$WORK/feeds" "${SPECS[@]}"
until_is "new" "CVE-2026-1003 bash" found "$at/shop/a:v1"
until_is "new, the other image" "CVE-2026-1001 openssl,CVE-2026-1002 zlib,CVE-2026-1003 bash" found "$at/shop/a@$a"
SPECS[0]=debian:CVE-2026-1001,openssl,3.0.12-1,high
make_advisories "$WORK/feeds" "${SPECS[@]}"
until_is "changed: fixed for arm" "CVE-2026-1003 bash" found "$at/shop/multi@$(cat "$WORK/arm")"
until_is "changed: still there for the old" \
  "added copy/a,added made/shop/app0/main,added shop/a,added shop/multi,appeared CVE-2026-1001,appeared CVE-2026-1002,appeared CVE-2026-1003,changed CVE-2026-1001,gone made/shop/app0/main" \
  told "$a"
expect "why it is new" advisory_changed "$(why "$a" '.kind == "appeared" and .vulnerability == "CVE-2026-1003"')"
SPECS[4]=kev:CVE-2026-1001
make_advisories "$WORK/feeds" "${SPECS[@]}"
until_is "exploited" "unhealthy 1 1" advised "$at/copy/a@"
SPECS[1]=withdrawn:CVE-2026-1002
make_advisories "$WORK/feeds" "${SPECS[@]}"
until_is "withdrawn" "CVE-2026-1001 openssl,CVE-2026-1003 bash" found "$at/shop/a@$a"
until_is "exploited: told" "exploited" why "$a" '.kind == "changed" and .known_exploited'
until_is "withdrawn: resolved" yes sh -c "'$PROBES/topic_probe' '$BUS' show alerts | grep '^alerts.$a' | grep CVE-2026-1002 | grep -q '\"resolved\"' && echo yes"
expect "an image that none of it is about" "$before_c" "$(topic findings | grep "$c")"

say "an image leaves the registry, another one that shares a layer stays"
curl -fsS -X DELETE "http://$at/v2/shop/c/manifests/$c"
for t in images inventories findings recommendations; do until_is "gone from $t" 0 count_of "$c" topic "$t"; done
until_is "told as what it is" "added shop/c,appeared CVE-2026-2001,gone shop/c" told "$c"
expect "why" image_deleted "$(why "$c" '.kind == "gone"')"
push "$WORK/layout:c" "$at/shop/c:v1"
until_is "it comes back" "CVE-2026-2001 musl" found "$at/shop/c:v1"
until_is "which is another event" "added shop/c,added shop/c,appeared CVE-2026-2001,appeared CVE-2026-2001,gone shop/c" told "$c"
expect "no id twice" 0 "$(same_ids)"
until_is "it comes back, recommended" "unhealthy 0 0" advised "$at/shop/c@"

say "each layer once"
gets() { grep -oE '"GET /v2/[^ ]*/blobs/sha256:[0-9a-f]{64} .*' "$WORK/registry.log" | grep Careen/ | grep -oE 'sha256:[0-9a-f]{64}' | sort; }
layers=$(topic images | cut -f3 | jq -r '.layers[].digest' | sort -u)
again=$(jq -r '.layers[1].digest' "$WORK/layout/blobs/sha256/${c#sha256:}")
[ "$(wc -l <<< "$layers")" -ge 7 ] || fail "only $(wc -l <<< "$layers") layers"
for l in $layers; do
  times=$(gets | grep -c "$l" || true) most=1
  # Nobody wanted the layers of the image that was away: its own one was forgotten with it.
  grep -q "$l" <<< "$again" && most=2
  { [ "$times" -ge 1 ] && [ "$times" -le "$most" ]; } || fail "layer $l was downloaded $times times"
done

say "an inventory that needs several records, and a layer that does"
many() { # FILE FROM TO: a package database of so many packages with long versions
  mkdir -p "$(dirname "$1")"
  python3 -c 'import sys
for i in range(int(sys.argv[1]), int(sys.argv[2])):
    print(f"Package: big{i}\nStatus: install ok installed\nVersion: 1.0+{i:0700d}\nArchitecture: amd64\n")
print("Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1\nArchitecture: amd64\n")' "$2" "$3" > "$1"
}
many "$WORK/one/var/lib/dpkg/status" 0 6000
many "$WORK/two/var/lib/dpkg/status.d/two" 6000 12000
many "$WORK/all/var/lib/dpkg/status" 0 12000
os=$'etc/os-release=ID=debian\nVERSION_ID="12"\n'
make_image "$WORK/layout" big amd64 "$os" "dir:$WORK/one" "dir:$WORK/two" > "$WORK/big"
make_image "$WORK/layout" bigger amd64 "$os" "dir:$WORK/all" > "$WORK/bigger"
push "$WORK/layout:big" "$at/shop/big:v1"
push "$WORK/layout:bigger" "$at/shop/bigger:v1"
until_is "its finding" "CVE-2026-1001 openssl" found "$at/shop/big:v1"
until_is "its recommendation" "unhealthy 1 1" advised "$at/shop/big@"
expect_match "its records" "^[2-9]$" "$(count_of "$(cat "$WORK/big")" topic inventories)"
until_is "its layer in parts" "unhealthy 1 1" advised "$at/shop/bigger@"
inventoried() { topic inventories | grep -F "$1" | cut -f3 | jq -s '[.[].packages | length] | add'; }
until_is "all its packages" 12001 inventoried "$(cat "$WORK/bigger")"
until_is "its parts are gone" 0 count_of "$(cat "$WORK/bigger")" topic layer-packages
curl -fsS -X DELETE "http://$at/v2/shop/big/manifests/$(cat "$WORK/big")"
until_is "gone whole" 0 count_of "$(cat "$WORK/big")" topic inventories findings recommendations

say "the API"
expect "pages" "$(rows images)" "$(n=0; next=; while :; do
  page=$(curl -fsS "$API/api/v1/images?limit=2${next:+&cursor=$next}"); n=$((n + $(jq '.images | length' <<< "$page")))
  next=$(jq -r '.next // empty' <<< "$page"); [ -n "$next" ] || break; done; echo $n)"
refused() { curl -s -w ' %{http_code}' "$API/api/v1/$1"; }
expect_match "a parameter that nobody knows" 'has no parameter \\"limt\\"; it has limit and cursor"} 400$' "$(refused 'images?limt=1')"
expect_match "one where there are none" 'takes no parameters, and \\"limit\\" is given"} 400$' "$(refused 'status?limit=1')"
expect_match "one twice" 'limit is given twice"} 400$' "$(refused 'recommendations?limit=1&limit=2')"
expect "all of an image's findings say what is exploited, and where to read of it" true \
  "$(curl -fsS "$API/api/v1/images/$a" | jq '[.findings.findings[] | select(.vulnerability == "CVE-2026-1001") | .known_exploited and .counted and (.link | startswith("https://"))] | all')"
expect "the command and the API say the same of it" "$(curl -fsS "$API/api/v1/images/$a" | jq -S .findings)" \
  "$("$CAREEN_BIN/careen" findings "$a" --bus "$BUS" --format json | jq -S .)"
counts() { "$CAREEN_BIN/careen" status --bus "$BUS" --format json | jq -r '"\(.images) \(.places)"'; }
expect "a code of reasons" '{"code":"layer-foreign","hides":true}' \
  "$(curl -fsS "$API/api/v1/reasons" | jq -c '.reasons[] | select(.code == "layer-foreign") | {code, hides}')"
expect "images are counted alike" "$(curl -fsS "$API/api/v1/status" | jq -r '"\(.images) \(.places)"')" "$(counts)"
expect "tombstones are objects too" true "$("$CAREEN_BIN/careen" tail recommendations --no-follow --bus "$BUS" --format json | jq -s 'all(type == "object") and any(.deleted)')"
expect "one image" "unhealthy" "$(curl -fsS "$API/api/v1/images/$a" | jq -r '.recommendations[0].code')"
expect "no image" 404 "$(curl -s -o /dev/null -w '%{http_code}' "$API/api/v1/images/sha256:0000")"
for digest in '' %00 "$(printf 'a%.0s' {1..600})"; do
  expect "no digest" 404 "$(curl -s -o /dev/null -w '%{http_code}' "$API/api/v1/images/$digest")"
done
expect "a limit that is none" 400 "$(curl -s -o /dev/null -w '%{http_code}' "$API/api/v1/images?limit=x")"

# Every path that the API lists answers; an image's findings and packages come in the formats that the list tells.
for path in $(curl -fsS "$API/api" | jq -r '.paths[].path'); do
  expect "$path" 200 "$(curl -s -o /dev/null -w '%{http_code}' "$API${path/DIGEST/$a}")"
done
expect "findings are JSON unless asked" "$(curl -fsS "$API/api/v1/images/$a" | jq -S '.findings | del(.findings)')" \
  "$(curl -fsS "$API/api/v1/findings/$a" | jq -S 'del(.findings)')"
expect "CSV by its name" "text/csv; charset=utf-8; header=present" \
  "$(curl -fsS -o "$WORK/findings.csv" -w '%{content_type}' "$API/api/v1/findings/$a?format=csv")"
expect "a row a finding" "$(curl -fsS "$API/api/v1/findings/$a" | jq -r '.findings[].vulnerability')" \
  "$(python3 -c 'import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")): print(row["vulnerability"])' "$WORK/findings.csv")"
expect "CSV by Accept" "$(cat "$WORK/findings.csv")" "$(curl -fsS -H 'Accept: text/csv, application/json;q=0.5' "$API/api/v1/findings/$a")"
expect "the status stands in a header" 1 "$(curl -fsS -D - -o /dev/null "$API/api/v1/findings/$a?format=csv" | grep -c '^Careen-Status: complete')"
expect "the command has the same rows in the same order" "$(cut -d, -f2- "$WORK/findings.csv")" \
  "$("$CAREEN_BIN/careen" findings "$a" --bus "$BUS" --format csv | cut -d, -f2-)"
expect "the gravest first" "$(curl -fsS "$API/api/v1/findings/$a" | jq -c '[.findings[].severity]')" \
  "$(curl -fsS "$API/api/v1/findings/$a" | jq -c '[.findings[].severity] | sort_by({critical: 0, high: 1, medium: 2, low: 3, negligible: 4, unknown: 5}[.])')"
expect "and the same table below the image's name" "$(curl -fsS "$API/api/v1/findings/$a?format=table" | tail -n +2)" \
  "$("$CAREEN_BIN/careen" findings "$a" --bus "$BUS" | tail -n +2)"
expect "packages as CycloneDX" CycloneDX "$(curl -fsS "$API/api/v1/packages/$a?format=cyclonedx" | jq -r .bomFormat)"
expect "a format that is none" 400 "$(curl -s -o /dev/null -w '%{http_code}' "$API/api/v1/findings/$a?format=cyclonedx")"
expect "nothing that is accepted" 406 "$(curl -s -o /dev/null -w '%{http_code}' -H 'Accept: image/png' "$API/api/v1/findings/$a")"
expect "healthy" true "$(curl -fsS "$API/healthz" | jq .healthy)"
expect_match "metrics" '^careen_publish_alerts_total [1-9]' "$(curl -fsS "$API/metrics")"
expect_match "metrics of discover" '^careen_discover_events_total [1-9]' "$(curl -fsS "http://127.0.0.1:$listen/metrics")"
expect "no dead letters" 0 "$(rows dead-letters)"

say "what can't be read says so"
head -c 2000 /dev/zero | tr '\0' x > "$WORK/no-layer"
make_image "$WORK/layout" broken amd64 etc/os-release=ID=debian "blob:$WORK/no-layer" > /dev/null
push "$WORK/layout:broken" "$at/shop/broken:v1"
broken() { topic recommendations | cut -f3 | jq -r "select(.repository == \"shop/broken\") | .code + \": \" + (.reasons | join(\"; \"))"; }
stanza=$(printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: amd64\n' openssl 1.0-1)
make_image "$WORK/layout" old amd64 $'etc/os-release=ID=debian\nVERSION_ID="9"\nPRETTY_NAME="Debian GNU/Linux 9"\n' "var/lib/dpkg/status=$stanza"$'\n' > /dev/null
make_image "$WORK/layout" nameless amd64 "var/lib/dpkg/status=$stanza"$'\n' > /dev/null
push "$WORK/layout:old" "$at/shop/old:v1"
push "$WORK/layout:nameless" "$at/shop/nameless:v1"
table() { COLUMNS=250 "$CAREEN_BIN/careen" recommendations --bus "$BUS" --format table | grep -F "$1"; }
until_match "a system past its end" 'unverified .* past its end of life since 2022-06-30' table /shop/old@
until_match "packages without a system" '^unverified: .*the operating system is not known: there is no os-release' \
  sh -c "'$PROBES/topic_probe' '$BUS' show recommendations | cut -f3 | jq -r 'select(.repository == \"shop/nameless\") | .code + \": \" + .description'"
until_match "a layer that is no archive" '^unverified: .*(gzip|tar|layer|compress)' broken
until_match "its findings, as a table" 'NOT ASSESSED' "$CAREEN_BIN/careen" findings "$at/shop/broken:v1" --bus "$BUS" --format table
expect_match "with the reason" '^  - layer sha256:' "$("$CAREEN_BIN/careen" findings "$at/shop/broken:v1" --bus "$BUS" --format table)"
expect_match "beside rows that there are none of, too" 'nothing in it could be judged, so nothing is known of its vulnerabilities: ' \
  "$("$CAREEN_BIN/careen" findings "$at/shop/broken:v1" --bus "$BUS" --format csv 2>&1 > "$WORK/broken.csv")"
expect "which are the titles alone" 1 "$(wc -l < "$WORK/broken.csv")"
broken=$(topic recommendations | cut -f3 | jq -r 'select(.repository == "shop/broken") | .image_digest')
expect_match "and the API says so" '^Careen-Status: .*; not assessed' \
  "$(curl -fsS -D - -o /dev/null "$API/api/v1/findings/$broken?format=csv" | tr -d '\r' | grep Careen-Status)"

put_blob() { # REPOSITORY TEXT: uploads it, prints its digest
  local to d; d=sha256:$(printf %s "$2" | sha256sum | cut -d' ' -f1)
  to=$(curl -fsS -D - -o /dev/null -X POST "http://$at/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //p')
  curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary "$2" "$to&digest=$d" && printf %s "$d"
}
config=$(put_blob shop/odd 'this is no config')
type=application/vnd.oci.image.manifest.v1+json
curl -fsS -X PUT -H "Content-Type: $type" "http://$at/v2/shop/odd/manifests/v1" -d "{\"schemaVersion\":2,\"mediaType\":\"$type\",
  \"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"$config\",\"size\":17},\"layers\":[]}"
odd() { topic recommendations | cut -f3 | jq -r 'select(.repository == "shop/odd") | .code + ": " + (.reasons | join("; "))'; }
until_match "a config that is none" '^unverified: .*config' odd

for p in "${PULLS[@]}"; do kill -TERM "$p"; wait "$p" || fail "a copy of pull ended with status $?"; done
kill -TERM "$UP"; wait "$UP" || fail "careen up ended with status $?"
expect "no process is left behind" "" "$(pgrep -f "state=$WORK/state" || true)"
expect "no crash" "" "$(logs | grep -E 'Sanitizer|runtime error|"level":"error"' || true)"

say "the wrong password"
htpasswd -Bbn scan right > "$WORK/htpasswd"
start_registry locked "auth: {htpasswd: {realm: test, path: $WORK/htpasswd}}"
cat > "$WORK/locked.yaml" <<Y
registries: [{host: "http://127.0.0.1:$PORT", username: scan, password: wrong}]
Y
start locked-up "$CAREEN_BIN/careen" up --config "$WORK/locked.yaml" --state "$WORK/locked" --feeds "$WORK/feeds" --partitions 1
until_match "the reason" "127.0.0.1:$PORT.*(credentials|password|login).*not accepted" \
  sh -c "grep '\"level\":\"warn\"' '$WORK/locked/logs/discover.log'"
say "passed"
