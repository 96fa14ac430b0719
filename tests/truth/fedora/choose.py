#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from Bodhi's updates (unpacked fixtures below FOLDER).

Truth: an update's status, the CVEs in the titles of its bugs, and of its builds the packages that Koji has (the epoch is
Bodhi's). An update that is still tested is nobody's fix yet."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
sys.dont_write_bytecode = True
import rpm_pairs as rp
import slices

SEED = 20261123


def main(folder):
    rng, rows = rp.rng(SEED), []
    for u in slices.updates(folder):
        distro = f"fedora-{u['release']['version']}"
        cves = sorted({c for b in u["bugs"] for c in re.findall(r"CVE-\d{4}-\d{4,}", b["title"])})
        for build in u["builds"]:
            packages, module = slices.packages(folder, build)
            more = {"rpmmod": ":".join(module)} if module else {}
            of = [(p, c) for p in packages if p[4] != "src" and "debug" not in p[0] for c in cves]
            for (name, _, version, release, arch), cve in rng.sample(of, min(len(of), 24)):
                evr = rp.join(str(build.get("epoch") or 0), version, release)
                truth = f"{u['alias']} {u['status']} {build['nvr']} {name}.{arch}"
                around = rp.around(rng, (distro, name, arch, cve, evr, truth), **more)
                if u["status"] != "stable":
                    around = [(r[0], r[1], "none", "-", r[4]) for r in around[:2]]
                rows += around
                if module:  # what was not built for the module is of no stream of it
                    plain = rp.purl(distro, name, rp.join("", "8.0.30", "1.fc38"), arch)
                    rows.append((plain, cve, "none", "-", f"{truth}: only of the module {module[0]}:{module[1]}"))
    rows = sorted(set(rows))
    rp.write(os.path.join(HERE, "pairs.tsv"),
             ["Fedora 38 (modules too) and 40: Bodhi's updates in the fixtures, with Koji's packages of their builds.",
              f"Seed {SEED}: packages just below, at, above and a number below the fix; packages of no module; updates that are",
              "still tested (none).", "feeds: fedora"], rows)


main(sys.argv[1])
