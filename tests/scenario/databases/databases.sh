# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# databases.sh: sourced behind lib.sh: images of package databases beside what their package managers list, read by a scan
# and by the stages.

corpus_begin() {
  mkdir -p "$WORK/corpus/expect"
  start_registry registry
  HOST=127.0.0.1:$PORT
}

# corpus_image REF ARCH LAYER…: into the layout and the registry; what is expected is in $WORK/corpus/expect/REF.txt
corpus_image() {
  local ref=$1 digest
  digest=$(make_image "$WORK/corpus/oci" "$@")
  skopeo copy -q --dest-tls-verify=false "oci:$WORK/corpus/oci:$ref" "docker://$HOST/db:$ref"
  printf '%s\t%s\n' "$ref" "$digest" >> "$WORK/corpus/images.tsv"
}

# corpus_compare FEEDS-FOLDER NAMES: scan and stages, and the stages again once their states were deleted
corpus_compare() {
  export CAREEN_CACHE=$WORK/cache
  "$CAREEN_BIN/careen" feeds update --quiet --feeds "$1" --only "$2" || fail "feeds update"
  corpus_assess "$@"
  say "as their own package managers list them; the same findings by scan and by the stages"
  find "$WORK/state" -mindepth 1 -maxdepth 1 ! -name bus -exec rm -rf {} +
  corpus_assess "$@"
  say "the same once the states were deleted"
}
corpus_assess() {
  "$CAREEN_BIN/careen" up --once --registry "http://$HOST" --state "$WORK/state" --feeds "$1" --feeds-only "$2" \
    > "$WORK/up.out" 2>&1 || fail "careen up: $(tail -n 5 "$WORK/up.out")"
  python3 "$HERE/databases/corpus_compare.py" "$CAREEN_BIN/careen" "$WORK/corpus" "embedded:$WORK/state/bus" >&2 || fail "lists differ"
}
