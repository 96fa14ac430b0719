#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Registries with habits: HEAD that is refused, Link headers of all sorts, lists with names that are none and lists
# without an end, logins by namespace, challenges with a scope of their own.
. "$(dirname "$0")/../lib.sh"
need python3 jq

probe() { "$PROBES/registry_probe" -t 1 "$@" || true; }
start_proxy door 1
at=127.0.0.1:$PORT R=http://127.0.0.1:$PORT

say "HEAD that is refused where GET is answered"
manifest='{"schemaVersion":2}'
digest=sha256:$(printf %s "$manifest" | sha256sum | cut -c1-64)
# rule MATCH STATUS BODY [HEADERS [WITH]]
rule() { jq -nc --arg m "$1" --arg b "$3" --arg w "${5:-}" --argjson h "${4:-{\}}" --argjson s "$2" '{match: $m, do: "status", status: $s, body: $b, headers: $h, with: $w}'; }
rules() { local IFS=,; faults door "[$*]"; }
get=$(rule 'GET /v2/a/manifests/' 200 "$manifest" '{"Content-Type":"application/vnd.oci.image.manifest.v1+json"}')
for status in 400 401 403 404 405 406 500 501; do
  rules "$(rule HEAD $status '')" "$get"
  expect_match "HEAD with $status" "^$digest application/vnd.oci.image.manifest.v1\+json 19$" "$(probe "$R" head a v1)"
done
rules "$(rule HEAD 200 '')" "$get"
expect_match "HEAD without a digest" "^$digest " "$(probe "$R" head a v1)"
rules "$(rule HEAD 404 '')" "$(rule GET 404 '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')"
expect_match "gone for both" "^error not found 404 .*MANIFEST_UNKNOWN" "$(probe "$R" head a v1)"
rules "$(rule HEAD 429 '' '{"Retry-After":"30"}')" "$get"
expect_match "a pause is a pause" "^error retry 429 30000" "$(probe "$R" head a v1)"
expect "and asks no more" 1 "$(requests door | wc -l)"
sleep_until_open() { start_proxy "door$1" 1; at=127.0.0.1:$PORT R=http://127.0.0.1:$PORT; rules() { local IFS=,; faults "$door" "[$*]"; }; door=door$1; }
sleep_until_open 2

say "Link in every way"
last='{"repositories":["z"]}'
# pages LINK: a first page with that Link, and a last one
pages() { rules "$(rule '_catalog.*last=b' 200 "$last")" "$(rule _catalog 200 '{"repositories":["a","b"]}' "$(jq -nc --arg l "$1" '{Link: $l}')")"; }
for link in '</v2/_catalog?last=b&n=2>; rel="next"' '<?last=b>; rel=next' "<$R/v2/_catalog?last=b>; REL=\"Next\"" \
  '<_catalog?last=b>;rel=next' '/v2/_catalog?last=b; rel="next"' "$R/v2/_catalog?last=b;rel=next" \
  '<http://registry.internal:5000/v2/_catalog?last=b>; rel="next"' '<https://10.0.0.1/pre/fix/v2/_catalog?last=b>; rel="next"' \
  '</v2/_catalog?first>; rel="first", </v2/_catalog?last=b>; rel="last next"' '</v2/_catalog?last=b>'; do
  pages "$link"
  expect "catalog by Link: $link" "a b z" "$(probe "$R" catalog | tr '\n' ' ' | sed 's/ $//')"
done
for link in '</v2/_catalog?last=b; rel="next"' 'next' '<>; rel=next'; do
  pages "$link"
  expect_match "what can't be read: $link" "^error poison .*not whole: its Link" "$(probe "$R" catalog | tail -1)"
done
pages '<http://198.51.100.7/elsewhere?last=b>; rel=next'
expect_match "elsewhere" "^error poison .*another host" "$(probe "$R" catalog | tail -1)"
pages '</v2/_catalog?n=1>; rel="prev"'
expect "no next page" "a b" "$(probe "$R" catalog | tr '\n' ' ' | sed 's/ $//')"

say "names that are none cost themselves alone"
body='{"name":"x","repositories":["a",null,"b\u0000c",7,{"x":["y"]},"","\ud800","a","tab\there",["q"],"b"],"more":true}'
rules "$(rule _catalog 200 "$body")"
expect "names" "a b" "$(probe "$R" catalog | grep -v here | tr '\n' ' ' | sed 's/ $//')"
rules "$(rule _catalog 200 "{\"repositories\":[\"$(printf 'x%.0s' $(seq 2000))\",\"b\"]}")"
expect "a long name" b "$(probe "$R" catalog)"
rules "$(rule _catalog 200 '{"repositories":null}')"
expect "null" "" "$(probe "$R" catalog)"
rules "$(rule _catalog 200 '{"repositories":"a"}')"
expect_match "no list" "^error poison .*holds no list" "$(probe "$R" catalog)"
rules "$(rule _catalog 200 '{"repositories":["a"')"
expect_match "half a list" "^error poison .*not JSON" "$(probe "$R" catalog | tail -1)"

say "lists without an end"
rules "$(rule tags/list 200 '{"tags":["a","b"]}' '{"Link":"</v2/r/tags/list?page={count}>; rel=next"}')"
expect_match "the same page again and again" "^error poison .*does not end: page after page" "$(probe "$R" tags r | tail -1)"
[ "$(requests "$door" | wc -l)" -le 60 ] || fail "$(requests "$door" | wc -l) pages are read"
rules "$(rule tags/list 200 '{"tags":[]}' '{"Link":"</v2/r/tags/list?page={count}>; rel=next"}')"
expect_match "empty pages" "^error poison .*does not end: page after page" "$(probe "$R" tags r | tail -1)"
rules "$(rule 'page=1' 200 '{"tags":["b"]}' '{"Link":"</v2/r/tags/list?page=2>; rel=next"}')" \
  "$(rule 'page=2' 200 '{"tags":["c"]}' '{"Link":"</v2/r/tags/list?page=1>; rel=next"}')" \
  "$(rule tags/list 200 '{"tags":["a"]}' '{"Link":"</v2/r/tags/list?page=1>; rel=next"}')"
expect_match "a circle" "^error poison .*an earlier one as the next" "$(probe "$R" tags r | tail -1)"
many=$(python3 -c "import json; print(json.dumps({'tags': ['{count}-%04d' % i for i in range(5000)]}))")
rules "$(rule tags/list 200 "$many" '{"Link":"</v2/r/tags/list?page={count}>; rel=next"}')"
expect_match "ever new names" "^error poison .*does not end: more than 250000 names" "$(probe "$R" tags r | tail -1)"

say "logins by namespace"
basic() { printf 'Basic %s' "$(printf %s "$1" | base64)"; }
refuse=$(rule . 401 '' '{"WWW-Authenticate":"Basic realm=\"x\""}')
tags() { rule "/v2/$1/tags/list" 200 "{\"tags\":[\"$2\"]}" '{}' "^$(basic "$2:p")\$"; }
rules "$(tags team/app app)" "$(tags team/web team)" "$(tags other host)" "$(rule _catalog 200 '{"repositories":["x"]}' '{}' "^$(basic host:p)\$")" "$refuse"
auth() { printf '"%s":{"auth":"%s"}' "$1" "$(printf %s "$2" | base64 | tr -d =)"; }
printf '{"auths":{%s,%s,%s}}' "$(auth "$at" host:p)" "$(auth "$at/team" team:p)" "$(auth "$at/team/app" app:p)" > "$WORK/auth.json"
expect "the closest key" app "$(probe -a "$WORK/auth.json" "$R" tags team/app)"
expect "its namespace's" team "$(probe -a "$WORK/auth.json" "$R" tags team/web)"
expect "the host's" host "$(probe -a "$WORK/auth.json" "$R" tags other)"
expect "of the catalogue" x "$(probe -a "$WORK/auth.json" "$R" catalog)"
mkdir "$WORK/path"
cat > "$WORK/path/docker-credential-ns" <<'H'
#!/bin/sh
read -r name
case $name in */team) echo '{"Username":"team","Secret":"p"}' ;; */*) echo credentials not found; exit 1 ;; *) echo '{"Username":"host","Secret":"p"}' ;; esac
H
chmod +x "$WORK/path/docker-credential-ns"
printf '{"credHelpers":{"%s":"ns","%s/team":"ns"}}' "$at" "$at" > "$WORK/auth.json"
expect "a helper of a namespace" team "$(PATH=$WORK/path:$PATH probe -a "$WORK/auth.json" "$R" tags team/web)"
expect "a helper of the host" host "$(PATH=$WORK/path:$PATH probe -a "$WORK/auth.json" "$R" tags other)"

say "challenges"
token() { rule "GET /token\\?.*$1" 200 "{\"$2\":\"$3\"}"; }
ask() { rule "$1" 401 '' "{\"WWW-Authenticate\":\"$2\"}"; }
list() { rule tags/list 200 '{"tags":["t"]}' '{}' "^Bearer $1\$"; }
bearer="Bearer realm=\\\"$R/token\\\",service=\\\"s\\\""
rules "$(list good)" "$(token 'scope=repository%3Aproxied%2Fr%3Apull$' access_token good)" "$(token . token bad)" "$(ask tags/list "$bearer,scope=\\\"repository:proxied/r:pull\\\"")"
expect "its own scope" t "$(probe "$R" tags r)"
rules "$(list good)" "$(token 'scope=repository%3Ar%3Apull$' token good)" "$(token . token bad)" "$(ask tags/list "$bearer")"
expect "no scope: ours" t "$(probe "$R" tags r)"
rules "$(list good)" "$(token 'scope=repository%3Ar%3Apull&scope=repository%3Abase%3Apull' token good)" "$(token . token bad)" "$(ask tags/list "$bearer,scope=\\\"repository:base:pull\\\"")"
expect "both where its own did not do" t "$(probe "$R" tags r)"
rules "$(list good)" "$(rule 'GET /token.*pull%2Cpush' 403 '')" "$(token . token good)" "$(ask tags/list "$bearer,scope=\\\"repository:r:pull,push\\\"")"
expect "ours where more is refused" t "$(probe "$R" tags r)"
rules "$(list good)" "$(token . token good)" "$(ask tags/list "Basic realm=\\\"x\\\", $bearer,scope=\\\"repository:r:pull\\\"")"
expect "two challenges in a header" t "$(probe "$R" tags r)"
rules "$(list good)" "$(token . token good)" "$(rule tags/list 401 '')" "$(ask '/v2/$' "$bearer")"
expect "the challenge of /v2/" t "$(probe "$R" tags r)"
rules "$(list good)" "$(rule 'POST /token' 404 '')" "$(rule 'GET /token' 200 '{"token":"good"}' '{}' "^$(basic '<token>:r1')\$")" "$(ask tags/list "$bearer")"
printf '{"auths":{"%s":{"identitytoken":"r1"}}}' "$at" > "$WORK/auth.json"
expect "an identity token, without OAuth2" t "$(probe -a "$WORK/auth.json" "$R" tags r)"
printf '{"auths":{"%s":{"registrytoken":"good"}}}' "$at" > "$WORK/auth.json"
expect "a ready token" t "$(probe -a "$WORK/auth.json" "$R" tags r)"
say "passed"
