#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What careen up tells and refuses: one for each state folder, what is known of exploitation in its tables, a cluster
# that can't be asked, one configuration file for every program.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq curl

start_registry registry
at=127.0.0.1:$PORT
make_advisories "$WORK/feeds" debian:CVE-2026-1001,openssl,3.0.15-1,high debian:CVE-2026-1002,curl,9.0-1,low kev:CVE-2026-1001
digest=$(deb_image "$WORK/layout" a amd64 openssl=3.0.11-1 curl=7.88.1-10)
push "$WORK/layout:a" "$at/shop/a:v1"
STATE=$WORK/state
UP=("$CAREEN_BIN/careen" up --registry "http://$at" --feeds "$WORK/feeds" --partitions 2)
once() { # once RC MATCH ARGS…: OUT is all that it says
  local rc=$1 match=$2 got=0; shift 2
  OUT=$(timeout 120 "${UP[@]}" --once "$@" 2>&1) || got=$?
  expect "status of up --once $*: $OUT" "$rc" "$got"
  expect_match "up --once $*" "$match" "$OUT"
}

say "a cluster that can't be asked: the results are shown, and are not all"
missing=$WORK/pods.json
make_pods "$WORK/other.json" "$at/shop/a@$digest"
once 3 "^careen up: the pods of 1 of 2 clusters can't be read: prod: cannot open $missing: No such file" --state "$STATE" \
  --cluster "prod=$missing" --cluster "test=$WORK/other.json"
expect_match "what works is shown" "shop/a:v1.* 2 findings" "$OUT"
say "what is known of exploitation stands in the tables, as careen findings has it"
for table in "$OUT" "$("$CAREEN_BIN/careen" findings shop/a:v1 --state "$STATE")"; do
  expect_match "in use" 'high +CVE-2026-1001 +openssl +[^ ]+ +3\.0\.15-1 +in use' "$table"
  ! grep -E 'CVE-2026-1002.*(in use|public)' <<< "$table" >&2 || fail "nobody is known to exploit it"
done

say "while it runs: health, metrics and one line; and when it can be read"
listen=127.0.0.1:$(free_port)
start up "${UP[@]}" --state "$STATE" --listen "$listen" --cluster "prod=$missing" --schedule.workloads '@every 1s' \
  --schedule.walk '@every 1s'
FIRST=$STARTED_PID
health() { curl -fsS "http://$listen/healthz" | jq -r '[.notes[]? | select(startswith("clusters"))][0] // "none"'; }
failing() { curl -fsS "http://$listen/metrics" | grep '^careen_discover_clusters_failing ' | cut -d' ' -f2; }
until_is "health" "clusters whose pods can't be read: prod: cannot open $missing: No such file or directory" health
until_is "metrics" 1 failing
until_match "on the screen" "^the pods of cluster prod can't be read: cannot open" cat "$WORK/up.log"

say "a layer that only a deleted image had is wanted no more"
counted() { grep 'layers pulled' "$WORK/up.log" | tail -n 1; }
second=$(deb_image "$WORK/layout" b amd64 openssl=3.0.15-1)
push "$WORK/layout:b" "$at/shop/b:v1"
until_match "another image" '^2 images found, 3 of 3 layers pulled' counted
curl -fsS -o "$WORK/deleted" -X DELETE "http://$at/v2/shop/b/manifests/$second"
until_match "without it" '^1 images found, 2 of 2 layers pulled' counted

say "a second one on the same folder"
once 3 "^careen up: another careen up uses $STATE \(process $FIRST\); end that one or give this one a --state of its own" \
  --state "$STATE" --listen "$listen"
say "a stage by hand beside it"
start clock "$CAREEN_BIN/clock" --bus "embedded:$STATE/bus" --state "$STATE" --schedule.workloads '@every 1s'
CLOCK=$STARTED_PID

make_pods "$missing" "$at/shop/a@$digest"
until_match "on the screen" '^the pods of cluster prod can be read again' cat "$WORK/up.log"
until_is "health" none health
until_is "metrics" 0 failing
expect "each is told once" 1 "$(grep -c "the pods of cluster prod can't be read" "$WORK/up.log")"
kill -0 "$CLOCK" || fail "the stage by hand ended: $(cat "$WORK/clock.log")"
say "killed, its folder is free at once"
kill -KILL "$FIRST"; wait "$FIRST" 2>/dev/null || true
once 0 "shop/a:v1.* 2 findings" --state "$STATE" --cluster "prod=$missing"

say "a stage that is ended before it is its own program ends: nothing of up's swallows the signal"
if command -v cc > /dev/null; then
  cat > "$WORK/exec.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
int execv(const char *path, char *const argv[]) {
  struct sigaction term;
  sigset_t blocked;
  sigaction(SIGTERM, NULL, &term);
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  int good = term.sa_handler == SIG_DFL && !sigismember(&blocked, SIGTERM);
  open(getenv(good ? "SEEN_GOOD" : "SEEN_BAD"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  return ((int (*)(const char *, char *const[]))dlsym(RTLD_NEXT, "execv"))(path, argv);
}
C
  cc -shared -fPIC -o "$WORK/exec.so" "$WORK/exec.c" -ldl
  export SEEN_GOOD=$WORK/good SEEN_BAD=$WORK/bad
  ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 LD_PRELOAD=$WORK/exec.so \
    "$CAREEN_BIN/careen-full" up --registry "http://$at" --state "$WORK/early" --feeds-only osv-debain --once > "$WORK/early.log" 2>&1 && fail "a misspelt feed"
  [ -e "$SEEN_GOOD" ] || fail "no stage was started: $(cat "$WORK/early.log")"
  [ ! -e "$SEEN_BAD" ] || fail "SIGTERM is not what ends a stage before it runs"
else
  skip_part "signals before a stage runs" "there is no compiler"
fi

say "one configuration file for every program"
api=127.0.0.1:$(free_port)
cat > "$WORK/careen.yaml" <<Y
state: $WORK/one
feeds: $WORK/feeds
partitions: 2
registry: ["http://$at"]
once: true
api: $api
listen: $listen
fail-on: high
only-fixed: true
Y
UP=("$CAREEN_BIN/careen" up)
once 0 "shop/a:v1.* 2 findings" --config "$WORK/careen.yaml"
"$CAREEN_BIN/careen" images --config "$WORK/careen.yaml" > "$WORK/images" 2>&1 || fail "careen images: $(cat "$WORK/images")"
grep -q shop/a "$WORK/images" || fail "images: $(cat "$WORK/images")"
rc=0
"$CAREEN_BIN/careen" scan "oci:$WORK/layout:a" --config "$WORK/careen.yaml" > "$WORK/scan" 2>&1 || rc=$?
expect "its own of them are used: $(cat "$WORK/scan")" 1 "$rc"
say "passed"
