#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Feeds of rpm distributions from an HTTP server: a repository's index leads to its updateinfo, under a new name when it
# changed; bzip2 and xz in the sandbox.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need python3

ROOT=$WORK/www LOG=$WORK/requests
CORE=2/core/2.0/x86_64/0ab1
FEDORA=pub/fedora/linux/updates/43/Everything/x86_64
mkdir -p "$ROOT/2/core/latest/x86_64" "$ROOT/$CORE/repodata" "$ROOT/$FEDORA/repodata" "$ROOT/security/oval"
touch "$LOG"

updateinfo() { # updateinfo ID N: N packages
  local i
  echo "<updates><update type='security'><id>$1</id><title>t</title><references>"
  echo "<reference type='cve' id='CVE-2024-0001'/></references><pkglist><collection>"
  for i in $(seq "$2"); do echo "<package name='p$i' epoch='0' version='1' release='1' arch='x86_64'/>"; done
  echo "</collection></pkglist></update></updates>"
}
repository() { # repository FOLDER NAME PROGRAM: takes the updateinfo from stdin
  python3 -c 'import bz2, gzip, lzma, sys
sys.stdout.buffer.write({"gz": gzip, "xz": lzma, "bz2": bz2}[sys.argv[1]].compress(sys.stdin.buffer.read()))' \
    "$3" > "$ROOT/$1/repodata/$2-updateinfo.xml.$3"
  printf '<repomd><data type="primary"><location href="repodata/p"/></data><data type="updateinfo">%s</data></repomd>' \
    "<checksum>x</checksum><location href=\"repodata/$2-updateinfo.xml.$3\"/>" > "$WORK/next"
  mv "$WORK/next" "$ROOT/$1/repodata/repomd.xml"
}
echo "https://cdn.amazonlinux.com/$CORE" > "$ROOT/2/core/latest/x86_64/mirror.list"
updateinfo ALAS2-2024-1 3 | repository "$CORE" 1 gz
updateinfo FEDORA-2024-1 5 | repository "$FEDORA" 1 xz
python3 - "$ROOT/security/oval/com.oracle.elsa-all.xml.bz2" << 'END'
import bz2
import sys

with bz2.open(sys.argv[1], "wt") as f:
    f.write("""<oval_definitions><definitions><definition id='d:1' class='patch'><metadata><title>ELSA-2024-1: a</title>
<reference source='elsa' ref_id='ELSA-2024-1'/><advisory><cve>CVE-2024-0001</cve></advisory></metadata>
<criteria operator='AND'><criterion test_ref='t:1' comment='Oracle Linux 9 is installed'/>
<criterion test_ref='t:2' comment='a is earlier than 0:1-1'/></criteria></definition></definitions></oval_definitions>""")
END

start_python feed_server feed_server.py "$WORK/feed_server.port" "$ROOT" "$LOG"
BUS=embedded:$WORK/bus
"$CAREEN_BIN/careen" topics create --bus "$BUS" --partitions 2 >/dev/null
start clock "$CAREEN_BIN/clock" --bus "$BUS" --state "$WORK/state" --schedule.feeds "@every 1s"
start feeds "$CAREEN_BIN/feeds" --bus "$BUS" --state "$WORK/state" --feeds-mirror "http://127.0.0.1:$PORT" \
  --feeds-only amazon-2-core --feeds-only fedora-43 --feeds-only oracle

refreshed() { [ "$(grep -c "feed refreshed.*\"$1\"" "$WORK/feeds.log")" -ge "$2" ]; }
logged() { grep -q -- "$1" "$WORK/feeds.log"; }

wait_for "Amazon's core" refreshed amazon-2-core 1
wait_for "Fedora's updates" refreshed fedora-43 1
wait_for "Oracle's definitions" refreshed oracle 1
logged '"feed":"amazon-2-core".*"records":4' || fail "amazon-2-core has not 3 advisories and 1 vulnerability"

updateinfo ALAS2-2024-1 6 | repository "$CORE" 2 gz
wait_for "the updateinfo under its new name" refreshed amazon-2-core 2
logged '"records":7' || fail "the changed updateinfo has not 7 records"

echo "<repomd/>" > "$ROOT/$FEDORA/repodata/repomd.xml"
wait_for "word of an index without updateinfo" logged 'not refreshed.*"feed":"fedora-43".*it names no updateinfo'
logged "forbidden system call" && fail "the sandbox killed a good feed"
say "repositories, bzip2 and xz: good"
