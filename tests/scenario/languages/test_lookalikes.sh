#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What lies in caches, templates, tests, examples and packages and looks installed, beside one of its kind that is: each line
# of make_lookalikes.py says why it is listed or not.
. "$(dirname "$0")/../lib.sh"
need python3 jq

python3 "$HERE/languages/make_lookalikes.py" "$WORK/root" | sort > "$WORK/want"
make_image "$WORK/layout" x amd64 "dir:$WORK/root" > "$WORK/digest"
"$CAREEN_BIN/careen" packages "oci:$WORK/layout:x" --no-cache --format json > "$WORK/json" || fail "careen packages"
jq -r '.packages[] | "\(.type) \(.name) \(.certainty) \(.not_judged_code // "-") \(.location)"' "$WORK/json" | sort > "$WORK/got"
diff "$WORK/want" "$WORK/got" >&2 || fail "< is to be listed, > is"
[ "$(wc -l < "$WORK/want")" -ge 12 ] || fail "too few: $(cat "$WORK/want")"
expect "all of it was read" complete "$(jq -r .status "$WORK/json")"
say "$(wc -l < "$WORK/want") packages listed, nothing else"
