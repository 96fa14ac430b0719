#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from the OVAL of Azure Linux 3.0, CBL-Mariner 2.0 and 1.0.

Truth: a definition's title and its `patchable`; the fixed version's spelling is its state's evr. Not what Careen reads:
it takes package and version from the tests and looks at no title."""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

FILES = (("azurelinux-3.0", "azurelinux-3.0-oval.xml.zst"), ("mariner-2.0", "cbl-mariner-2.0-oval.xml.zst"),
         ("mariner-1.0", "cbl-mariner-1.0-oval.xml.zst"))
SEED = 20261123


def local(e):
    return e.tag.rpartition("}")[2]


def read(path):
    root = ET.fromstring(subprocess.run(["zstd", "-dcq", "--long=27", path], capture_output=True, check=True).stdout)
    by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
    for d in root.iter():
        if local(d) != "definition":
            continue
        text = {local(e): (e.text or "") for e in d.iter()}
        title = text["title"]
        m = re.fullmatch(r"(CVE-\d+-\d+) affecting package (\S+)(?: for versions less than)?\s+(\S+)", title)
        criterion = next(e for e in d.iter() if local(e) == "criterion")
        state = next(e for e in by_id[criterion.get("test_ref")] if local(e) == "state")
        evr = by_id[state.get("state_ref")][0].text
        if m and m[3] in evr and "," not in evr and "-" in evr:
            yield d.get("id"), m[1], m[2], text["patchable"], evr


def main(folder):
    rng, rows = rp.rng(SEED), []
    for distro, name in FILES:
        said, where = [], {}
        for ident, cve, package, patchable, evr in read(os.path.join(folder, "azurelinux", name)):
            fix = evr if patchable == "true" else None if patchable == "false" else "never"
            said.append((distro, package, "", cve, fix, f"{name} {ident} title, patchable {patchable}"))
        said = sorted(rp.lone(said), key=str)
        fixed = [s for s in said if s[4] and s[4] != "never"]
        for s in rng.sample(fixed, 30):
            version = rp.split_evr(s[4])
            # A source package's name: its own binary, and another one that says where it is from.
            for binary in (s[1], s[1] + "-libs"):
                for row in rp.around(rng, s, binary):
                    file = row[0].partition("@")[2].partition("?")[0]
                    rows.append((row[0] + f"&upstream={s[1]}-{file}.src.rpm", *row[1:]))
        for s in rng.sample([s for s in said if s[4] is None], min(12, sum(s[4] is None for s in said))):
            rows += rp.around(rng, s)
        for s in rng.sample([s for s in said if s[4] == "never"], min(8, sum(s[4] == "never" for s in said))):
            rows += [(row[0], row[1], "none", "-", row[4]) for row in rp.around(rng, (*s[:4], None, s[5]))]
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Azure Linux 3, CBL-Mariner 2 and 1 against Microsoft's OVAL (azurelinux/*.xml.zst).",
              f"Seed {SEED}. Fixed ones just below, at, above and a number below the fix, as the source package's own binary",
              "and as another one; without a fix and never applicable: any version.", "feeds: azurelinux"], rows)


main(sys.argv[1])
