#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: groups (AVG) of Arch Linux's security tracker, of which only slices are at hand.

Every package of every group with every issue (the group itself where it has none), in versions on both sides of the
fix: the one it names, the one that it calls affected, releases and epochs around them.
"""
import json
import random
import subprocess
import sys
from urllib.parse import quote

SHARED = sys.argv[1]
SLICES = (("vunnel", "tests/unit/providers/arch/test-fixtures/input/arch-advisories/all.json"),
          ("vuls-data-update-fetch", "pkg/fetch/arch/testdata/fixtures/advisory.json"))
PAIRS = 80
rng = random.Random(20261123)


def groups():
    for archive, inner in SLICES:
        yield from json.loads(subprocess.run(["tar", "--zstd", "-xOf", f"{SHARED}/data/fixtures/{archive}.tar.zst",
                                              "--wildcards", "*" + inner], capture_output=True, check=True).stdout)


def versions(group):
    """(version, is it affected)"""
    affected, fixed = group["affected"], group["fixed"]
    if group["status"] == "Not affected":
        return [(affected, False), ("0.1-1", False)]
    if not fixed:
        return [(v, True) for v in (affected, "0.1-1", affected + ".1", "9:9-9")]
    base, release = fixed.rsplit("-", 1)
    return [(affected, True), ("0.1-1", True), (f"{base}-0.{release}", True), (fixed, False),
            (f"{base}-{int(release) + 1}", False), (f"{base}.1-1", False), (f"1:0.1-{release}", False)]


def main():
    lines = {}
    for g in groups():
        for package in g["packages"]:
            for issue in g["issues"] or [g["name"]]:
                for version, hit in versions(g):
                    verdict = "none" if not hit else {"Unknown": "under_investigation"}.get(g["status"], "affected")
                    lines[package, issue, version] = "\t".join(
                        (f"pkg:alpm/arch/{package}@{quote(version, safe=':')}?arch=x86_64&distro=arch", issue, verdict,
                         (g["fixed"] or "-") if hit else "-",
                         f"{g['name']}: {g['status']}, affected {g['affected']}, fixed {g['fixed']}"))
    print("# feeds: arch")
    print("# Slices of security.archlinux.org's groups. Chosen by choose.py, seed 20261123.")
    print("\n".join(lines[k] for k in sorted(rng.sample(sorted(lines), min(PAIRS, len(lines))))))


main()
