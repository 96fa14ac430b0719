#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What scripts/check-files and scripts/check-lengths refuse, each in a clone of this repository that they accept as it is.
. "$(dirname "$0")/../lib.sh"
need git
SOURCE=${CAREEN_SOURCE:-$(dirname "$(dirname "$HERE")")}
git -c safe.directory='*' clone -q --no-local "$SOURCE" "$WORK/clone" 2> "$WORK/clone.log" ||
  skip "the source is no git clone: $(head -n 1 "$WORK/clone.log")"
cd "$WORK/clone"
for script in check-files check-lengths; do "scripts/$script" || fail "$script refuses the repository as it is"; done

# refused MATCH FILE: of the file that stands there, not yet added and added
refused() {
  local added rc said
  for added in no yes; do
    [ $added = no ] || git add -f "$2"
    rc=0
    said=$(scripts/check-files 2>&1) || rc=$?
    expect "status for $2 (added: $added)" 1 $rc
    expect_match "$2 (added: $added)" "^check-files: .*$1" "$said"
    expect "refusals of $2" 1 "$(wc -l <<< "$said")"
  done
  git rm -qf --cached "$2"
  rm -rf "$2"
}
echo x > other-1.0-py3-none-any.whl; refused 'whl is not expected here' other-1.0-py3-none-any.whl
echo x > notes.md; refused 'notes.md is not expected' notes.md
mkdir new; echo x > new/a.c; refused 'new/a.c is not expected' new/a.c
echo x > common/base/helper.py; refused 'helper.py is not expected' common/base/helper.py
echo x > tests/data/sample.jar; refused 'sample.jar is not expected' tests/data/sample.jar
printf 'a\0b' > common/base/a.c; refused 'a.c is binary' common/base/a.c
printf 'a\r\nb\r\n' > docs/a.md; refused 'carriage returns' docs/a.md
printf '#ifndef CAREEN_A_H\n#define CAREEN_A_H\n#endif\n' > common/base/a.h; refused 'is not CAREEN_BASE_A_H' common/base/a.h
ln -s ../README.md docs/b.md; refused 'b.md is a link' docs/b.md
head -c 300000 /dev/zero | tr '\0' x > docs/c.md; refused 'c.md has 300000 bytes' docs/c.md
echo x > 'docs/d e.md'; refused 'only plain letters' 'docs/d e.md'

# long LINES: a function of that many in all
long() { printf '\nstatic int long_one(int a,\n                    int b)\n{\n'; for ((i = 4; i < $1; i++)); do printf '    a += b;\n'; done; printf '}\n'; }
cp common/base/hash.c "$WORK/hash.c"
long 60 >> common/base/hash.c
scripts/check-lengths || fail "60 lines are refused"
cp "$WORK/hash.c" common/base/hash.c
long 61 >> common/base/hash.c
said=$(scripts/check-lengths) && fail "61 lines are taken"
expect_match "a long function" 'common/base/hash.c:[0-9]+: 61 lines' "$said"
cp "$WORK/hash.c" common/base/hash.c
seq 601 | sed 's|.*|/* &|; s|$| */|' > common/base/e.c
git add common/base/e.c
said=$(scripts/check-lengths) && fail "601 lines are taken"
expect_match "a long file" 'common/base/e.c has 601 lines' "$said"
git rm -qf --cached common/base/e.c
rm common/base/e.c

mkdir common/base/many
for ((i = 1; i <= 24; i++)); do echo x > "common/base/many/$i.c"; done
git add common/base/many
scripts/check-lengths || fail "24 files in a folder are refused"
echo x > common/base/many/25.h
git add common/base/many
said=$(scripts/check-lengths) && fail "25 files in a folder are taken"
expect_match "a full folder" 'common/base/many has 25 files' "$said"
