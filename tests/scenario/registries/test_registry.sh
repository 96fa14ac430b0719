#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The registry client against a real registry, and against one that has a bad day.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo htpasswd openssl python3 jq curl

probe() { "$PROBES/registry_probe" "$@" || true; }

say "one registry's data behind five doors: open, Basic, tokens, TLS, a faulty proxy"
make_certificate tls
make_certificate token
htpasswd -Bbn scan example > "$WORK/htpasswd"
start_python events event_sink.py "$WORK/events.port" "$WORK/events.jsonl"
start_registry open "notifications: {endpoints: [{name: hook, url: \"http://127.0.0.1:$PORT/\", timeout: 2s, threshold: 3, backoff: 1s}]}"
open=$PORT; OPEN=http://127.0.0.1:$open
start_registry basic "auth: {htpasswd: {realm: test, path: $WORK/htpasswd}}"; BASIC=http://127.0.0.1:$PORT; basic=$PORT
start_registry tls "" ", tls: {certificate: $WORK/tls.crt, key: $WORK/tls.key}"; TLS=127.0.0.1:$PORT
start_python tokens token_server.py "$WORK/tokens.port" "$WORK/token.key" "$WORK/token.crt" "$WORK/tokens.requests"
tokens=$PORT
auth() { printf 'auth: {token: {realm: "http://127.0.0.1:%s", service: test, issuer: test, rootcertbundle: %s}}' "$1" "$WORK/token.crt"; }
start_registry bearer "$(auth "$tokens/token")"; BEARER=http://127.0.0.1:$PORT; bearer=$PORT
start_registry post "$(auth "$tokens/post-only")"; POST=http://127.0.0.1:$PORT
start_proxy proxy "$open"; PROXY=http://127.0.0.1:$PORT; proxy=$PORT

say "images"
amd=$(make_image "$WORK/layout" amd amd64 etc/os-release=ID=debian big=@3000000)
arm=$(make_image "$WORK/layout" arm arm64 etc/os-release=ID=debian)
both=$(make_index "$WORK/layout" both amd arm)
for r in alpha/app beta/app gamma; do push "$WORK/layout:amd" "127.0.0.1:$open/$r:v1"; done
push "$WORK/layout:both" "127.0.0.1:$open/alpha/app:both"
push "$WORK/layout:arm" "127.0.0.1:$open/alpha/app:arm"
layers=$(jq -r '.layers[] | .digest + " " + (.size|tostring)' "$WORK/layout/blobs/sha256/${amd#sha256:}")
small=$(sed -n 1p <<< "$layers") big=$(sed -n 2p <<< "$layers")

say "lists, whole and a name a page"
expect catalog "$(printf 'alpha/app\nbeta/app\ngamma')" "$(probe "$OPEN" catalog)"
faults proxy '[]'
expect "catalog in pages" "$(printf 'alpha/app\nbeta/app\ngamma')" "$(probe -n 1 "$PROXY" catalog)"
[ "$(requests proxy | grep -c _catalog)" -ge 3 ] || fail "the catalogue was not read in pages"
expect tags "$(printf 'arm\nboth\nv1')" "$(probe "$OPEN" tags alpha/app | sort)"
expect_match "agent" "Careen/" "$(requests proxy | head -1)"
faults proxy '[{"match":"_catalog","do":"set-header","header":"Link","value":"<http://198.51.100.7/v2/_catalog?last=x>; rel=\"next\""}]'
expect_match "a page elsewhere" "^error poison .*names itself" "$(probe -n 1 "$PROXY" catalog | tail -1)"
expect "is asked for here" 2 "$(requests proxy | grep -c _catalog)"
faults proxy '[{"match":"_catalog","do":"set-header","header":"Link","value":"</v2/_catalog?n=1>; rel=\"next\""}]'
expect_match "a page that loops" "^error poison .*names itself" "$(probe -n 1 "$PROXY" catalog | tail -1)"

say "manifests and indexes"
manifest_type="application/vnd\.oci\.image\.manifest\.v1\+json" index_type="application/vnd\.oci\.image\.index\.v1\+json"
expect_match "by tag" "^$amd $manifest_type [0-9]+$" "$(probe "$OPEN" manifest alpha/app v1)"
expect_match "by digest" "^$amd $manifest_type" "$(probe "$OPEN" manifest alpha/app "$amd")"
expect_match "index" "^$both $index_type" "$(probe "$OPEN" manifest alpha/app both)"
expect_match "head" "^$amd $manifest_type [0-9]+$" "$(probe "$OPEN" head alpha/app v1)"
faults proxy '[{"match":"manifests","do":"drop-header","header":"Docker-Content-Digest"}]'
expect_match "head without a digest" "^$amd $manifest_type" "$(probe "$PROXY" head alpha/app v1)"
expect_match "no such tag" "^error not found 404 .*MANIFEST_UNKNOWN" "$(probe "$OPEN" manifest alpha/app nope)"
expect_match "no such repository" "^error not found 404 .*NAME_UNKNOWN" "$(probe "$OPEN" tags nope)"
expect_match "a name that is none" "^error usage" "$(probe "$OPEN" tags ../v2)"
faults proxy '[{"match":"manifests","do":"flip","at":9}]'
expect_match "wrong manifest" "^error retry .*has the digest" "$(probe "$PROXY" manifest alpha/app "$amd")"

say "blobs"
expect "small blob" "$small" "$(probe "$OPEN" blob alpha/app $small)"
expect "big blob" "$big" "$(probe "$OPEN" blob alpha/app $big)"
expect "of unknown size" "$big" "$(probe "$OPEN" blob alpha/app ${big% *} -1)"
expect_match "no such blob" "^error not found 404 .*BLOB_UNKNOWN" "$(probe "$OPEN" blob alpha/app "$both" 5)"
faults proxy '[{"match":"blobs","do":"cut","after":1000000,"times":2}]'
expect "after two cuts" "$big" "$(probe "$PROXY" blob alpha/app $big)"
expect "ranges asked for" "- bytes=1000000- bytes=2000000-" "$(requests proxy | grep blobs | cut -d' ' -f3 | tr '\n' ' ' | sed 's/ $//')"
faults proxy '[{"match":"blobs","do":"cut","after":1000000,"times":1},{"match":"blobs","do":"no-range","times":1}]'
expect "without ranges" "$big" "$(probe "$PROXY" blob alpha/app $big)"
faults proxy '[{"match":"blobs","do":"cut","after":1000000,"times":1},{"match":"blobs","do":"bad-range","times":1}]'
expect "after a wrong range" "$big" "$(probe "$PROXY" blob alpha/app $big)"
faults proxy '[{"match":"blobs","do":"cut","after":1000000,"times":1},{"match":"blobs","do":"status","status":416,"times":1}]'
expect "after a refused range" "$big" "$(probe "$PROXY" blob alpha/app $big)"
faults proxy '[{"match":"blobs","do":"cut","after":0}]'
expect_match "nothing but cuts" "^error retry" "$(probe "$PROXY" blob alpha/app $big)"
expect "three attempts" 3 "$(requests proxy | grep -c blobs)"
faults proxy '[{"match":"blobs","do":"flip","at":1234567}]'
expect_match "wrong bytes" "^error retry .*have the digest" "$(probe "$PROXY" blob alpha/app $big)"
faults proxy '[{"match":"blobs","do":"short","by":10}]'
expect_match "too short" "^error retry" "$(probe "$PROXY" blob alpha/app $big)"
faults proxy '[]'
expect_match "too long" "^error retry .*longer" "$(probe "$PROXY" blob alpha/app ${big% *} 100)"
faults proxy '[{"match":"blobs","do":"hang","seconds":6,"times":1}]'
expect "after silence" "$big" "$(probe -l 1000 "$PROXY" blob alpha/app $big)"
faults proxy "[{\"match\":\"blobs\",\"do\":\"redirect\",\"to\":\"$OPEN\"}]"
expect "elsewhere" "$big" "$(probe "$PROXY" blob alpha/app $big)"

say "answers that refuse"
faults proxy '[{"match":"v2/$","do":"status","status":403,"body":"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not for you\"}]}"}]'
expect_match "403" "^error refused 403 0 .*127.0.0.1.*DENIED: not for you" "$(probe "$PROXY" ping)"
faults proxy '[{"match":"v2/$","do":"status","status":429,"headers":{"Retry-After":"30"}}]'
expect_match "429" "^error retry 429 30000 " "$(probe "$PROXY" ping)"
expect "429 is not asked again" 1 "$(requests proxy | grep -c ' /v2/ ')"
faults proxy '[{"match":"v2/$","do":"status","status":429,"headers":{"Retry-After":"1"},"times":1}]'
expect "429 for a second" "" "$(probe "$PROXY" ping)"
faults proxy '[{"match":"v2/$","do":"status","status":503,"times":1},{"match":"v2/$","do":"close","times":1}]'
expect "503, then nothing, then well" "" "$(probe "$PROXY" ping)"
faults proxy '[{"match":"v2/$","do":"status","status":500}]'
expect_match "500" "^error retry 500" "$(probe "$PROXY" ping)"

say "Basic"
expect_match "nobody" "^error refused 401 .*no credentials for 127.0.0.1:$basic" "$(probe "$BASIC" ping)"
expect_match "wrong password" "^error refused 401 .*not accepted" "$(probe -u scan:wrong "$BASIC" ping)"
expect "right password" "" "$(probe -u scan:example "$BASIC" ping)"
expect "blob" "$small" "$(probe -u scan:example "$BASIC" blob alpha/app $small)"
printf '{"auths":{"127.0.0.1:%s":{"auth":"%s"}}}' "$basic" "$(printf scan:example | base64)" > "$WORK/auth.json"
expect "from a file" "" "$(probe -a "$WORK/auth.json" "$BASIC" ping)"
mkdir "$HOME/.docker"; cp "$WORK/auth.json" "$HOME/.docker/config.json"
expect "from Docker's place" "" "$(probe "$BASIC" ping)"
mkdir "$WORK/path"
cat > "$WORK/path/docker-credential-probe" <<'H'
#!/bin/sh
read -r host; [ "$1" = get ] && printf '{"ServerURL":"%s","Username":"scan","Secret":"example"}' "$host"
H
chmod +x "$WORK/path/docker-credential-probe"
printf '{"credHelpers":{"127.0.0.1:%s":"probe"}}' "$basic" > "$HOME/.docker/config.json"
expect "from a helper" "" "$(PATH=$WORK/path:$PATH probe "$BASIC" ping)"
expect_match "no such helper" "^error usage .*docker-credential-probe" "$(probe "$BASIC" ping)"
rm -r "$HOME/.docker"

say "Bearer"
expect_match "nobody" "^error refused 401" "$(probe "$BEARER" tags alpha/app)"
expect "tags" "$(printf 'arm\nboth\nv1')" "$(probe -u scan:example "$BEARER" tags alpha/app | sort)"
expect "catalog" "alpha/app" "$(probe -u scan:example "$BEARER" catalog | head -1)"
: > "$WORK/tokens.requests"
expect "blob" "$big" "$(probe -u scan:example "$BEARER" blob alpha/app $big)"
expect "one token" 1 "$(grep -c ' 200$' "$WORK/tokens.requests")"
: > "$WORK/tokens.requests"
expect "pages" 3 "$(probe -u scan:example -n 1 "$BEARER" tags alpha/app | wc -l)"
expect "one token for all pages" 1 "$(grep -c ' 200$' "$WORK/tokens.requests")"
expect "OAuth2" "" "$(probe -u scan:example "$POST" ping)"
printf '{"auths":{"127.0.0.1:%s":{"identitytoken":"refresh-1"}}}' "$bearer" > "$WORK/auth.json"
expect "identity token" "alpha/app" "$(probe -a "$WORK/auth.json" "$BEARER" catalog | head -1)"

say "token servers that are none"
challenge() { printf '[{"match":"v2/$","do":"status","status":401,"headers":{"WWW-Authenticate":"Bearer realm=\\"%s\\",service=\\"test\\""}}]' "$1"; }
faults proxy "$(challenge http://169.254.169.254/latest/token)"
expect_match "the cloud's metadata" "^error refused 0 .*link-local" "$(probe -u scan:example "$PROXY" ping)"
faults proxy "$(challenge "http://127.0.0.1:$open/v2/")"
expect_match "no token" "^error poison 0 .*no token" "$(probe -u scan:example "$PROXY" ping)"
faults proxy "$(challenge "http://127.0.0.1:$open/nowhere")"
expect_match "404" "^error not found 404 .*token: POST" "$(probe -u scan:example "$PROXY" ping)"
faults proxy "$(challenge "file:///etc/passwd")"
expect_match "no URL" "^error usage .*not an http" "$(probe -u scan:example "$PROXY" ping)"
faults proxy "$(challenge "http://127.0.0.1:1/token")"
expect_match "nobody there" "^error retry 0 .*token" "$(probe -u scan:example -t 1 "$PROXY" ping)"

say "TLS"
expect_match "unknown CA" "^error refused 0 .*certificate" "$(probe "$TLS" ping)"
expect "own CA" "" "$(probe -c "$WORK/tls.crt" "$TLS" ping)"
expect "blob" "$big" "$(probe -c "$WORK/tls.crt" "$TLS" blob alpha/app $big)"
expect_match "plain HTTP is not tried" "^error refused -1 .*speaks no TLS" "$(probe "127.0.0.1:$open" ping)"
expect_match "no CA file" "^error usage .*nope.pem" "$(probe -c "$WORK/nope.pem" "$TLS" ping)"

say "what the registry told"
delete=$(curl -fsS -o /dev/null -w '%{http_code}' -X DELETE "$OPEN/v2/gamma/manifests/$amd")
expect "deleted" 202 "$delete"
told() { "$PROBES/events_probe" < "$WORK/events.jsonl"; }
wait_for "the deletion's notification" grep -q '"action": "delete"' "$WORK/events.jsonl"
expect_match "push" "^push 127.0.0.1:$open alpha/app $amd v1$" "$(told)"
expect_match "push of an index" "^push 127.0.0.1:$open alpha/app $both both$" "$(told)"
expect_match "delete" "^delete 127.0.0.1:$open gamma $amd $" "$(told)"
expect "malformed" 0 "$(told | grep -cE 'malformed|error' || true)"
expect "our own pulls" 0 "$(told | grep -c ^pull || true)"
skopeo inspect --tls-verify=false "docker://127.0.0.1:$open/alpha/app:v1" > "$WORK/inspect"
wait_for "another's pull" sh -c '"$0" < "$1" | grep -q "^pull .* alpha/app"' "$PROBES/events_probe" "$WORK/events.jsonl"
say "passed"
