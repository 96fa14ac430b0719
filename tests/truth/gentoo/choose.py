#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: the GLSA that is at hand, its CVEs with versions on both sides of its ranges.

The versions are those that the package had in Gentoo's tree around the fix, and made ones that Gentoo's order puts
next to it (a revision, a candidate, a patch level). Only the ranges lt and ge of one version stand in it.
"""
import random
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

SHARED = sys.argv[1]
INNER = "pkg/fetch/gentoo/testdata/fixtures/glsa/data/glsa-202305-28.xml"
BELOW = ["1.16", "1.24-r1", "1.26", "1.28", "1.28-r3", "1.31", "1.32", "1.32-r9", "1.9_p7", "{}_rc1", "{}_beta2-r1"]
ABOVE = ["{}", "{}-r1", "{}_p1", "{}.0", "1.34", "2.0", "2.1_alpha"]
PAIRS = 60
rng = random.Random(20261123)


def main():
    text = subprocess.run(["tar", "--zstd", "-xOf", f"{SHARED}/data/fixtures/vuls-data-update-fetch.tar.zst",
                           "--wildcards", "*" + INNER], capture_output=True, check=True).stdout
    glsa = ElementTree.fromstring(text)
    lines = []
    for package in glsa.find("affected"):
        vulnerable = [(e.get("range"), e.text) for e in package.findall("vulnerable")]
        unaffected = [(e.get("range"), e.text) for e in package.findall("unaffected")]
        assert len(vulnerable) == 1 and vulnerable[0][0] == "lt" and unaffected == [("ge", vulnerable[0][1])]
        fixed = vulnerable[0][1]
        for cve in [u.text for u in glsa.find("references") if u.text.startswith("CVE-")]:
            for version, hit in [(v, True) for v in BELOW] + [(v, False) for v in ABOVE]:
                lines.append("\t".join((
                    f"pkg:ebuild/{package.get('name')}@{version.format(fixed)}?distro=gentoo", cve,
                    "affected" if hit else "none", fixed if hit else "-",
                    f"glsa-{glsa.get('id')}.xml, {package.get('name')}: vulnerable lt {fixed}, unaffected ge {fixed}")))
    print("# feeds: gentoo")
    print("# The one GLSA at hand. Chosen by choose.py, seed 20261123.")
    print("\n".join(sorted(rng.sample(lines, PAIRS))))


main()
