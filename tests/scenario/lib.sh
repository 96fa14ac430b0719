# SPDX-License-Identifier: Apache-2.0
# lib.sh: sourced by the scenario tests, which stand in folders by subject. $HERE is this folder; world/ has the servers and
# the makers of images and feeds that the tests use. Makes $WORK, a folder that goes away with the test, and starts servers
# on free loopback ports that end with it. Only what was started here is stopped, by process id.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${CAREEN_SOURCE:=$(cd "$HERE/../.." && pwd)}"
export CAREEN_SOURCE
PROBES=$(dirname "${CAREEN_BIN:?set CAREEN_BIN to the folder of the programs}")/tests
WORK=$(mktemp -d "${TMPDIR:-/tmp}/careen-scenario.XXXXXX")
STARTED=()
PART_SKIPPED=
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost HOME=$WORK/home
unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR
mkdir "$HOME"

finish() {
  local rc=$? p
  [ "$rc" != 0 ] || [ -z "$PART_SKIPPED" ] || rc=77
  for p in "${STARTED[@]}"; do kill "$p" 2>/dev/null || true; done
  for p in "${STARTED[@]}"; do wait "$p" 2>/dev/null || true; done
  [ -n "${KEEP:-}" ] || rm -rf "$WORK"
  exit "$rc"
}
trap finish EXIT

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
# tell_skip WHAT WHY: on the error output and, for the end of scripts/test, in the file that CAREEN_SKIPS names
tell_skip() {
  say "SKIPPED, $1: $2"
  [ -z "${CAREEN_SKIPS:-}" ] || printf '%s.%s, %s: %s\n' "$(basename "$HERE")" "$(basename "$0" .sh)" "$1" "$2" >> "$CAREEN_SKIPS"
}
skip() { tell_skip "all of it" "$*"; exit 77; }
# skip_part WHAT WHY: the rest runs; when nothing fails, the test ends as skipped all the same
skip_part() { PART_SKIPPED=yes; tell_skip "$1" "$2"; }
need() { local p; for p in "$@"; do command -v "$p" >/dev/null || skip "$p is not installed"; done; }

# wait_for WHAT COMMAND...: until the command succeeds, 10 s at most
wait_for() {
  local what=$1 i; shift
  for i in $(seq 200); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.05; done
  fail "$what did not come"
}

# start NAME COMMAND...: in the background, output in $WORK/NAME.log, process id in $STARTED_PID
start() {
  local name=$1; shift
  "$@" > "$WORK/$name.log" 2>&1 &
  STARTED_PID=$!
  STARTED+=("$STARTED_PID")
}

# start_python NAME SCRIPT ARGS...: a server of the folder world whose first argument is a port file; sets PORT
start_python() {
  local name=$1 script=$2; shift 2
  start "$name" python3 "$HERE/world/$script" "$@"
  wait_for "$name" test -s "$WORK/$name.port"
  PORT=$(cat "$WORK/$name.port")
}

# start_registry NAME [YAML-LINES [HTTP-EXTRA]]: docker-registry with its data in $WORK/DATA (default $WORK/data); sets PORT
start_registry() {
  local name=$1 extra=${2:-} http=${3:-}
  cat > "$WORK/$name.yml" <<Y
version: 0.1
log: {level: info, accesslog: {disabled: ${NO_ACCESS_LOG:-true}}}
storage: {filesystem: {rootdirectory: ${DATA:-$WORK/data}}, delete: {enabled: true}}
http: {addr: "127.0.0.1:0", secret: scenario$http}
$extra
Y
  start "$name" docker-registry serve "$WORK/$name.yml"
  wait_for "registry $name" grep -qE 'listening on 127\.0\.0\.1:[0-9]+' "$WORK/$name.log"
  PORT=$(grep -m 1 -oE 'listening on 127\.0\.0\.1:[0-9]+' "$WORK/$name.log" | grep -oE '[0-9]+$')
}

# start_proxy NAME UPSTREAM-PORT: sets PORT; faults NAME JSON gives it rules; $WORK/NAME.requests is its log
start_proxy() {
  : > "$WORK/$1.requests"
  start "$1" python3 "$HERE/world/fault_proxy.py" "127.0.0.1:$2" "$WORK/$1.port" "$WORK/$1.rules" "$WORK/$1.requests"
  wait_for "proxy $1" test -s "$WORK/$1.port"
  PORT=$(cat "$WORK/$1.port")
}
faults() { printf '%s' "$2" > "$WORK/$1.rules.new"; mv "$WORK/$1.rules.new" "$WORK/$1.rules"; : > "$WORK/$1.requests"; }
requests() { cat "$WORK/$1.requests"; }

make_image() { python3 "$HERE/world/make_image.py" image "$@"; }
make_index() { python3 "$HERE/world/make_image.py" index "$@"; }
# make_certificate NAME: a self-signed one for 127.0.0.1 and localhost, $WORK/NAME.crt and .key
make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/$1.key" -out "$WORK/$1.crt" -days 2 -subj "/CN=$1" \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null
}
# push LAYOUT:REF HOST/REPOSITORY:TAG
push() {
  skopeo --insecure-policy copy -q --all --preserve-digests --dest-tls-verify=false "oci:$1" "docker://$2" ||
    fail "push of $1 to $2"
}

# expect WHAT WANT GOT
expect() { [ "$2" = "$3" ] || fail "$1: want \"$2\", got \"$3\""; }
# No pipe: with pipefail a grep -q that ends early would make the writer's SIGPIPE a failure.
expect_match() { grep -qE -- "$2" <<< "$3" || fail "$1: want a match of \"$2\", got \"$3\""; }

# ---- made images of distributions: each package is NAME=VERSION ----

# deb_image LAYOUT REF ARCH PACKAGE…: Debian 12; the layer with the system's name is the same for all
deb_image() {
  local layout=$1 ref=$2 arch=$3 p status=''; shift 3
  for p in "$@"; do
    status+="Package: ${p%%=*}"$'\n'"Status: install ok installed"$'\n'"Version: ${p#*=}"$'\n'"Architecture: $arch"$'\n\n'
  done
  make_image "$layout" "$ref" "$arch" $'etc/os-release=ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' \
    "var/lib/dpkg/status=$status"
}

# apk_image LAYOUT REF ARCH PACKAGE…: Alpine 3.19
apk_image() {
  local layout=$1 ref=$2 arch=$3 p installed=''; shift 3
  for p in "$@"; do installed+="P:${p%%=*}"$'\n'"V:${p#*=}"$'\n'"A:x86_64"$'\n'"o:${p%%=*}"$'\n\n'; done
  make_image "$layout" "$ref" "$arch" $'etc/os-release=ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n' \
    "lib/apk/db/installed=$installed"
}

make_advisories() { python3 "$HERE/world/make_advisories.py" "$@"; }
# make_pods FILE IMAGE@DIGEST…: what kubectl get pods -A -o json prints, one running pod each
make_pods() {
  local file=$1; shift
  python3 - "$@" > "$file.new" <<'P'
import json, sys
items = [{'metadata': {'name': f'pod-{i}', 'namespace': 'shop',
                       'ownerReferences': [{'kind': 'ReplicaSet', 'name': f'app{i}-5d4f8c7b6d', 'controller': True}],
                       'labels': {'pod-template-hash': '5d4f8c7b6d'}},
          'spec': {'containers': [{'name': 'main', 'image': image.split('@')[0]}]},
          'status': {'phase': 'Running', 'containerStatuses': [{
              'name': 'main', 'image': image.split('@')[0], 'imageID': image, 'ready': True,
              'state': {'running': {'startedAt': '2026-01-02T03:04:05Z'}}}]}} for i, image in enumerate(sys.argv[1:])]
print(json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': items}))
P
  mv "$file.new" "$file"
}
# probe_topics BUS-FOLDER show|ends|put …: see topic_probe.c
probe_topics() { local bus=$1; shift; "$PROBES/topic_probe" "embedded:$bus" "$@"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# until_is WHAT WANT COMMAND…: until its output is WANT, 30 s at most; until_match takes a regular expression
until_is() {
  local what=$1 want=$2 got='' until=$((SECONDS + 30)); shift 2
  while [ $SECONDS -lt $until ]; do
    got=$("$@" 2>/dev/null || true)
    if [ "$got" = "$want" ]; then return 0; fi
    sleep 0.1
  done
  fail "$what: want \"$want\", got \"$got\""
}
until_match() {
  local what=$1 want=$2 got='' until=$((SECONDS + 30)); shift 2
  while [ $SECONDS -lt $until ]; do
    got=$("$@" 2>/dev/null || true)
    if grep -qE -- "$want" <<< "$got"; then return 0; fi
    sleep 0.1
  done
  fail "$what: want a match of \"$want\", got \"$got\""
}
# count_of TEXT COMMAND…: how many lines of its output hold the text
count_of() { local text=$1; shift; "$@" | grep -c -- "$text" || true; }
