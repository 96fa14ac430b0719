#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the programs take and refuse before they do anything: help, options, hosts, addresses that are in use.
. "$(dirname "$0")/../lib.sh"
need python3
CAREEN=$CAREEN_BIN/careen
STAGES="discover pull inventory match feeds publish clock"
# want RC MATCH PROGRAM ARGS…: OUT is what it says on both outputs
want() {
  local rc=$1 match=$2 got=0; shift 2
  OUT=$(timeout 60 "$CAREEN_BIN/$1" "${@:2}" 2>&1) || got=$?
  expect "status of $*: $OUT" "$rc" "$got"
  expect_match "$*" "$match" "$OUT"
}

say "help"
for command in status images findings recommendations tail; do
  want 0 '^Usage: careen' careen "$command" --help
  expect_match "$command" '--bus URL' "$OUT"
  ! grep -E -- '--(registry|feeds|schedule|partitions|push-days|cluster)|registries:' <<< "$OUT" >&2 || fail "$command --help shows what it does not take"
done
want 0 '--partitions' careen topics --help
want 0 '--schedule.walk' careen up --help
want 0 '--fail-on SEVERITY' careen help scan
want 2 '--registry is not an option of this command' careen status --registry x

say "what nobody knows"
want 2 'no command "sacn"; did you mean scan\?' careen sacn x
want 2 'no command "statu"; did you mean status\?' careen statu
want 2 'no command "destroy"; careen --help' careen destroy
want 2 'no option "--hepl"; did you mean --help\?' careen --hepl
want 2 'unknown option --fail_onn; did you mean --fail-on\?' careen scan --fail_onn high x
want 2 '^careen scan: --fail-on: "hihg" is not one of' careen scan --fail-on hihg x
want 2 'unknown option --show-confg; did you mean --show-config\?' careen status --show-confg
want 2 'unknown option --regisrty; did you mean --registry\?' pull --regisrty x
CAREEN_UNHEARD_OF=1 want 0 'note: .*CAREEN_UNHEARD_OF is not an option' careen version compare dpkg 1 2

say "--show-config"
printf 'registries:\n  - host: a.example\n    password: hunter2\n  - b.example\nclusters:\n  - {name: x, pods: y}\n' > "$WORK/c.yaml"
for program in $STAGES; do
  want 0 'host: a.example' "$program" --config "$WORK/c.yaml" --show-config
  ! grep -q hunter2 <<< "$OUT" || fail "$program shows a password"
  want 0 'Usage' "$program" --config "$WORK/c.yaml" --help
done
want 0 'pods: y' careen up --config "$WORK/c.yaml" --show-config
want 0 '^bus:' careen status --config "$WORK/c.yaml" --show-config

say "one file and one environment for all programs: every option of any is known to each"
options_of() { "$CAREEN_BIN/$1" "${@:2}" --help | sed -nE 's/^  (--(\[no-\])?)?([a-z][a-z.-]*):?( .*|$)/\3/p' | sed -E '/^(config|show-config|help|version)$/d'; }
COMMANDS=$("$CAREEN" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
{ for command in $COMMANDS; do options_of careen "$command"; done; for program in $STAGES; do options_of "$program"; done; } |
  sort -u | sed 's/$/: ~/' > "$WORK/every.yaml"
grep -qx 'api: ~' "$WORK/every.yaml" && grep -qx 'registries: ~' "$WORK/every.yaml" && grep -qx 'fail-on: ~' "$WORK/every.yaml" ||
  fail "the options of all: $(cat "$WORK/every.yaml")"
for command in $COMMANDS; do want 0 '' careen "$command" --config "$WORK/every.yaml" --show-config; done
for program in $STAGES; do want 0 '^bus:' "$program" --config "$WORK/every.yaml" --show-config; done
printf 'lisetn: x\n' > "$WORK/typo.yaml"
want 2 'typo.yaml:1: unknown key lisetn; did you mean listen\?' discover --config "$WORK/typo.yaml" --show-config
want 2 'typo.yaml:1: unknown key lisetn; did you mean listen\?' careen images --config "$WORK/typo.yaml"
CAREEN_KAFKA_DIR=/k CAREEN_ONCE=true CAREEN_API=127.0.0.1:1 want 0 '^' careen version compare dpkg 1 2
! grep -q note: <<< "$OUT" || fail "a note of what is known: $OUT"
! "$CAREEN" up --help | grep -E -- '--(hint|passing)' >&2 || fail "up --help shows what is internal"

say "hosts"
for bad in 'a b' '' 'a.example:0' 'a.example/team' 'me@a.example'; do
  want 2 '^careen up: --registry: ".*" is not a host with an optional port' careen up --registry "$bad" --state "$WORK/no"
  printf 'registries: [x.example, "%s"]\n' "$bad" > "$WORK/bad.yaml"
  for program in $STAGES; do
    want 2 'bad\.yaml:1: registries: ".*" is not a host' "$program" --config "$WORK/bad.yaml" --bus "embedded:$WORK/nobus" --state "$WORK/no"
  done
done
CAREEN_REGISTRY='x.example,y z' want 2 '^careen up: CAREEN_REGISTRY: "y z" is not a host' careen up --state "$WORK/no"
want 2 '--feeds-mirror: "mirror.example" is not an http' careen up --registry a.example --feeds-mirror mirror.example
[ ! -e "$WORK/no" ] && [ ! -e "$WORK/nobus" ] || fail "something was made before the options were read"

say "addresses in use"
cat > "$WORK/busy.py" <<'P'
import os, signal, socket, sys
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen()
with open(sys.argv[1] + '.new', 'w') as f:
    print(s.getsockname()[1], file=f)
os.rename(sys.argv[1] + '.new', sys.argv[1])
signal.pause()
P
start busy python3 "$WORK/busy.py" "$WORK/port"
wait_for "a busy port" test -s "$WORK/port"
BUSY=127.0.0.1:$(cat "$WORK/port")
for flag in --api --listen; do
  want 3 "^careen up: $flag: can't listen on $BUSY: Address already in use" careen up --registry http://127.0.0.1:1 "$flag" "$BUSY" --state "$WORK/up"
  want 3 "Address already in use" careen up --once --registry http://127.0.0.1:1 "$flag" "$BUSY" --state "$WORK/up"
  want 2 "$flag: listen address \"nowhere\" is not host:port" careen up --registry http://127.0.0.1:1 "$flag" nowhere --state "$WORK/up"
done
FREE=127.0.0.1:$(free_port)
want 3 "--listen and --api together: .*Address already in use" careen up --registry http://127.0.0.1:1 --api "$FREE" --listen "$FREE" --state "$WORK/up"
[ ! -e "$WORK/up" ] || fail "up made something although it could not start"
"$CAREEN" topics create --bus "embedded:$WORK/bus" --partitions 1 > "$WORK/topics.log" || fail "topics create"
for program in $STAGES; do
  want 3 "can't listen on $BUSY: Address already in use" "$program" --bus "embedded:$WORK/bus" --state "$WORK/state" --http "$BUSY"
done
