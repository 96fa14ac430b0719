#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from openEuler's OSV document OESA-2021-1001 (unpacked fixtures below FOLDER).

Truth: the newest rpm files of each release's ecosystem_specific lists, which Careen doesn't read."""
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123


def main(folder):
    rng, rows = rp.rng(SEED), []
    with open(glob.glob(os.path.join(folder, "**", "OESA-2021-1001.json"), recursive=True)[0], encoding="utf-8") as f:
        d = json.load(f)
    cves = [c for c in d.get("upstream", []) + d.get("related", []) + d.get("aliases", []) if c.startswith("CVE-")]
    for a in d["affected"]:
        distro = "openEuler-" + a["package"]["ecosystem"].partition(":")[2]
        for arch, files in sorted(a["ecosystem_specific"].items()):
            newest = {}
            for file in sorted(files):
                m = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.[^.]+\.rpm", file)
                newest[m[1]] = m[2]
            for name, evr in sorted(newest.items()):
                if arch == "src" or "debug" in name:
                    continue
                for cve in sorted(set(cves)):
                    s = (distro, a["package"]["name"], arch, cve, evr, f"{d['id']} {distro} {arch} {name}-{evr}")
                    for row in rp.around(rng, s, name):
                        file = row[0].partition("@")[2].partition("?")[0]
                        rows.append((row[0] + f"&upstream={a['package']['name']}-{file}.src.rpm", *row[1:]))
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["openEuler 20.03 against its OSV document OESA-2021-1001 (fixtures).",
              f"Seed {SEED}: every binary just below, at, above and a number below the fix.", "feeds: osv-openeuler"],
             rng.sample(sorted(set(rows)), min(len(set(rows)), 160)))


main(sys.argv[1])
