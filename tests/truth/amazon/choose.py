#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from slices of Amazon's updateinfo (unpacked fixtures below FOLDER).

Truth: the files' names in each notice (<filename>), which Careen doesn't read; the epoch from the package's attribute."""
import glob
import gzip
import os
import re
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123
FILES = (("amzn-2018.03", "1"), ("amzn-2", "2"), ("amzn-2", "2_kernel-5.15"), ("amzn-2023", "2023"),
         ("amzn-2023", "2023_kernel-livepatch"), ("amzn-2023", "2023_nvidia"))


def main(folder):
    rng, rows, said = rp.rng(SEED), [], []
    for distro, name in FILES:
        path = glob.glob(os.path.join(folder, "**", f"updateinfo_{name}.xml.gz"), recursive=True)[0]
        with gzip.open(path) as f:
            root = ET.parse(f).getroot()
        for update in root.iter("update"):
            ident = update.find("id").text
            cves = [r.get("id") for r in update.iter("reference") if r.get("type") == "cve"]
            for p in update.iter("package"):
                file = os.path.basename(p.find("filename").text)
                m = re.fullmatch(r"(.+)-([^-]+)-([^-]+)\.([^.]+)\.rpm", file)
                evr = rp.join(p.get("epoch"), m[2], m[3])
                said += [(distro, m[1], m[4], cve, evr, f"{ident} {file}") for cve in cves if m[4] != "src"]
    said = sorted(said)
    for s in rng.sample(said, min(70, len(said))):
        rows += rp.around(rng, s)
        if not any(t[:2] == s[:2] and t[2] in ("aarch64", "noarch") and t[3] == s[3] for t in said):
            rows.append((rp.purl(s[0], s[1], rp.below(s[4], rng), "aarch64"), s[3], "none", "-",
                         f"{s[5].split()[0]} names no aarch64"))
    # Core's kernels, and those of another topic, are not the topic's.
    for s in [s for s in said if s[0] == "amzn-2" and "KERNEL-5.15" in s[5]][:8]:
        for evr in ("4.14.200-155.322.amzn2", "5.10.100-99.1.amzn2"):
            rows.append((rp.purl(s[0], s[1], evr, s[2]), s[3], "none", "-", f"{s[5].split()[0]} is about kernel 5.15"))
    # A number below the fix is another line than the topic's.
    rows = [r for r in rows if not ("KERNEL-5.15" in r[4] and "@4.15" in r[0])]
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Amazon Linux 1, 2 (core and the kernel-5.15 topic), 2023 (core, livepatch, nvidia): slices of updateinfo.",
              f"Seed {SEED}: packages just below, at, above and a number below the fix; another architecture; kernels of",
              "another line than the topic's (none).", "feeds: amazon"], rows)


main(sys.argv[1])
