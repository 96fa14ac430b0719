#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test_tap.sh: docs/tap.md is true: the whole pipeline on a real Kafka with a schema registry, a push to a real registry,
# and its alerts read by kcat and by the Python consumer of the documentation.
CAREEN_CACHE=${CAREEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/careen}
real_home=$HOME
export CAREEN_CACHE
# shellcheck disable=SC1091,SC2153
. "$(dirname "$0")/../scenario/lib.sh"
need java mvn kcat jq curl python3 docker-registry skopeo
SOURCE=${CAREEN_SOURCE:-$(dirname "$(dirname "$(dirname "$0")")")}

# Before the broker: without these there is nothing to test. pip and Maven keep their settings and caches at home.
python3 -m venv "$WORK/venv" >"$WORK/venv.log" 2>&1 || skip "python3 -m venv does not work: $(tail -n 1 "$WORK/venv.log")"
HOME=$real_home "$WORK/venv/bin/pip" install -q -r "$SOURCE/docs/tap/requirements.txt" >"$WORK/pip.log" 2>&1 ||
  skip "PyPI does not give confluent-kafka: $(tail -n 2 "$WORK/pip.log")"

stop_kafka() { HOME=$real_home "$SOURCE/scripts/kafka" stop "$WORK/kafka" || true; }
# shellcheck disable=SC2154 # rc is set by the first command
trap 'rc=$?; stop_kafka; set +e; (exit $rc); finish' EXIT
HOME=$real_home "$SOURCE/scripts/kafka" start "$WORK/kafka" --schema-registry >"$WORK/kafka.log" 2>&1 ||
  fail "scripts/kafka start: $(tail -n 20 "$WORK/kafka.log")"
. "$WORK/kafka/env"
export CAREEN_BUS CAREEN_SCHEMA_REGISTRY

# An image with a package of its own, and an advisory for it.
mkdir -p "$WORK/tree/etc" "$WORK/tree/var/lib/dpkg" "$WORK/feeds/osv/Debian"
printf 'ID=debian\nVERSION_ID="12"\n' >"$WORK/tree/etc/os-release"
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.17-1~deb12u2\n\n' \
  >"$WORK/tree/var/lib/dpkg/status"
"$SOURCE/scripts/demo-feeds" "$WORK/feeds"
tar -C "$WORK/tree" -czf "$WORK/layer.tar.gz" etc var
python3 - "$WORK" <<'P'
import gzip, hashlib, json, os, sys
work = sys.argv[1]
blobs = work + "/image/blobs/sha256"
os.makedirs(blobs)
def blob(data, kind):
    digest = hashlib.sha256(data).hexdigest()
    open(f"{blobs}/{digest}", "wb").write(data)
    return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest, "size": len(data)}
layer = open(work + "/layer.tar.gz", "rb").read()
config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers",
          "diff_ids": ["sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()]}}
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob(json.dumps(config).encode(), "config.v1+json"), "layers": [blob(layer, "layer.v1.tar+gzip")]}
row = blob(json.dumps(manifest).encode(), "manifest.v1+json")
row["annotations"] = {"org.opencontainers.image.ref.name": "one"}
json.dump({"schemaVersion": 2, "manifests": [row]}, open(work + "/image/index.json", "w"))
json.dump({"imageLayoutVersion": "1.0.0"}, open(work + "/image/oci-layout", "w"))
P
start_registry registry
push "$WORK/image:one" "127.0.0.1:$PORT/team/app:1.0"

api=$((20000 + RANDOM % 10000))
while (exec 3<>"/dev/tcp/127.0.0.1/$api") 2>/dev/null; do api=$((api + 1)); done
start up "$CAREEN_BIN/careen" up --registry "http://127.0.0.1:$PORT" --feeds "$WORK/feeds" --state "$WORK/state" \
  --partitions 4 --api "127.0.0.1:$api"
for ((i = 0; i < 600; i++)); do
  if grep -q 'unhealthy.*team/app:1\.0' "$WORK/up.log"; then break; fi
  kill -0 "$STARTED_PID" 2>/dev/null || fail "careen up ended: $(cat "$WORK/up.log")"
  sleep 0.2
done
grep -q 'unhealthy.*team/app:1\.0' "$WORK/up.log" || fail "no verdict: $(cat "$WORK/up.log" "$WORK"/state/logs/*.log | tail -n 40)"

# What alerts must say: each of the image's findings appeared, once, and so did the image.
"$CAREEN_BIN/careen" findings "127.0.0.1:$PORT/team/app:1.0" --format json >"$WORK/findings.json"
want=$(jq -r '.findings[].vulnerability' "$WORK/findings.json" | sort -u)
[ -n "$want" ] || fail "no findings: $(cat "$WORK/findings.json")"

# The API reads the same framing.
expect 'the verdict that the API gives' unhealthy \
  "$(curl -fsS -m 10 "http://127.0.0.1:$api/api/v1/recommendations" | jq -r '.recommendations[].code')"

# The lines of docs/tap.md, as they stand there, ending after the last record.
findings=$(jq '.findings | length' "$WORK/findings.json")
digest=$(jq -r .image_digest "$WORK/findings.json")
line=$(grep -m 1 '^kcat ' "$SOURCE/docs/tap.md")
all_there() {
  eval "$line -e" >"$WORK/kcat.out" 2>"$WORK/kcat.log" || return 1
  [ "$(awk -v d="$digest" '$2 == d && $3 > 100' "$WORK/kcat.out" | wc -l)" = "$((findings + 1))" ]
}
for ((i = 0; i < 60; i++)); do
  if all_there; then break; fi
  sleep 0.5
done
all_there || fail "kcat shows: $(tail -n 3 "$WORK/kcat.log" "$WORK/kcat.out")"

start python "$WORK/venv/bin/python" "$SOURCE/docs/tap/alerts.py"
python_all() { [ "$(grep ' appeared ' "$WORK/python.log" | awk '{ print $5 }' | sort -u)" = "$want" ]; }
for ((i = 0; i < 300; i++)); do
  if python_all; then break; fi
  sleep 0.2
done
python_all || fail "the Python consumer shows: $(cat "$WORK/python.log")"
grep -q "appeared high CVE-2025-9230 openssl .*127\.0\.0\.1:$PORT/team/app@sha256:" "$WORK/python.log" ||
  fail "the Python consumer's line: $(cat "$WORK/python.log")"
say "$findings alerts, by kcat and by Python"
