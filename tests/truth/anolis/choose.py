#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from a slice of Anolis OS 23's OVAL (unpacked fixtures below FOLDER).

Truth: the criteria's comments. The publisher writes the end of a subpackage's name before its version ("bind-chroot is
earlier than 32:chroot-9.18.34-1.an23"), which is taken away here."""
import glob
import os
import re
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123


def local(e):
    return e.tag.rpartition("}")[2]


def main(folder):
    rng, said, rows = rp.rng(SEED), [], []
    root = ET.parse(glob.glob(os.path.join(folder, "**", "anolis-23.oval.xml"), recursive=True)[0]).getroot()
    for d in root.iter():
        if local(d) != "definition":
            continue
        cves = [e.text for e in d.iter() if local(e) == "cve"]
        for c in d.iter():
            m = re.fullmatch(r"(\S+) is earlier than (\d+):(\S+)", c.get("comment") or "")
            if local(c) == "criterion" and m:
                evr = m[2] + ":" + "-".join(m[3].split("-")[-2:])
                said += [("anolis-23", m[1], "", cve, evr, f"{d.get('id')} '{c.get('comment')}'") for cve in cves]
    for s in sorted(rp.lone(said)):
        rows += rp.around(rng, (*s[:2], rng.choice(("x86_64", "aarch64")), *s[3:]))
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Anolis OS 23 against a slice of its OVAL (fixtures).",
              f"Seed {SEED}: every package just below, at, above and a number below the fix.", "feeds: anolis"], rows)


main(sys.argv[1])
