#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from openEuler's OSV document OESA-2021-1001 and its CSAF documents (unpacked
fixtures below FOLDER).

Truth: of OSV the newest rpm files of each release's ecosystem_specific lists, which Careen doesn't read; of CSAF the words of
product_status ("openEuler-24.03-LTS:perf-6.6.0-57.0.0.59.oe2403.x86_64"), where Careen goes through the product tree."""
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
    rows = rng.sample(sorted(set(rows)), min(len(set(rows)), 160)) + csaf_rows(folder, rng)
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["openEuler 20.03 against its OSV document OESA-2021-1001, 20.03 to 24.03 against its CSAF documents (fixtures).",
              f"Seed {SEED}: binaries just below, at, above and a number below the fix; architectures that no fix is for.",
              "feeds: osv-openeuler, openeuler"], rows)


def csaf_rows(folder, rng):
    said = set()
    for path in sorted(glob.glob(os.path.join(folder, "**", "csaf-openeuler-*.json"), recursive=True)):
        with open(path, encoding="utf-8") as f:
            d = json.loads(re.sub(r",(\s*[\]}])", r"\1", f.read()))  # some have a comma too many
        for v in d["vulnerabilities"]:
            for one in v["product_status"]["fixed"]:
                m = re.fullmatch(r"(openEuler-[^:]+):(.+)-([^-]+-[^-]+)\.([^.]+)", one)
                if m[4] != "src" and "debug" not in m[2]:
                    said.add((m[1], m[2], m[4], v["cve"], m[3], f"{d['document']['tracking']['id']} '{one}'"))
    rows, of = [], {(s[0], s[3]): [] for s in said}
    for s in said:
        of[s[0], s[3]].append(s)
    for key, many in sorted(of.items()):
        source = "vim" if "vim" in many[0][1] else None  # the one of these whose source no installed package is named by
        for s in rng.sample(sorted(many), min(len(many), 7)):
            rows += [(r[0] + (f"&upstream=vim-{s[4]}.src.rpm" if source else ""), *r[1:]) for r in rp.around(rng, s)]
        s = min(m for m in many if m[2] != "noarch")
        if s[2] != "noarch" and not source:
            rows.append((rp.purl(s[0], s[1], rp.below(s[4], rng), "riscv64"), s[3], "none", "-", f"{s[5].split()[0]} names no riscv64"))
    return rows


main(sys.argv[1])
