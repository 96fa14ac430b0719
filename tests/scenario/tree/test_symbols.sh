#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every global name has one definition in all of the libraries. The linker takes the first of two in static libraries and
# says nothing: a table of the feeds was once taken for a package format of the same name.
. "$(dirname "$0")/../lib.sh"
need nm
libraries=("$CAREEN_BIN"/../*.a)
[ -e "${libraries[0]}" ] || skip "the programs were not built here: no libraries beside them"
names() { awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' | sort | uniq -d; }

nm -g --defined-only "${libraries[@]}" 2>/dev/null > "$WORK/names"
[ "$(wc -l < "$WORK/names")" -gt 1000 ] || fail "only $(wc -l < "$WORK/names") lines of names"
twice=$(names < "$WORK/names")
[ -z "$twice" ] || fail "defined twice: $twice"
# It would be seen.
printf '0 T one\n0 D two\n0 t one\n0 T one\n' | names | grep -qx one || fail "a name that is defined twice is not seen"
say "every global name of ${#libraries[@]} libraries is defined once"
