#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from Photon OS 3's OVAL (FOLDER/photon) by the words of its criteria.

Truth: the criteria's comments, which Careen reads only where a test is missing."""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123


def local(e):
    return e.tag.rpartition("}")[2]


def main(folder):
    rng, said = rp.rng(SEED), []
    path = os.path.join(folder, "photon", "com.vmware.phsa-photon3.xml.zst")
    root = ET.fromstring(subprocess.run(["zstd", "-dcq", "--long=27", path], capture_output=True, check=True).stdout)
    for d in (e for e in root.iter() if local(e) == "definition"):
        cves = [e.text for e in d.iter() if local(e) == "cve"]
        for c in (e for e in d.iter() if local(e) == "criterion"):
            m = re.fullmatch(r"(\S+) is earlier than (\S+)", c.get("comment"))
            said += [("photon-3.0", m[1], "", cve, m[2], f"{d.get('id')} '{c.get('comment')}'") for cve in cves if m]
    said = sorted(rp.lone(said), key=str)
    rows = []
    for s in rng.sample(said, 40):
        rows += rp.around(rng, (*s[:2], rng.choice(("x86_64", "aarch64")), *s[3:]))
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Photon OS 3 against VMware's OVAL (photon/com.vmware.phsa-photon3.xml.zst).",
              f"Seed {SEED}: 40 packages of notices, each just below, at, above and a number below the fix.",
              "feeds: photon-3"], rows)


main(sys.argv[1])
