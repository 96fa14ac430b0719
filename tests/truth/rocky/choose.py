#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED: writes pairs.tsv from Rocky Linux's OSV documents (SHARED/data/osv), which name source packages.

Truth: notices that alone speak of their package and CVE; fixed versions as published. Modules are left out."""
import json
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123


def main(shared):
    rng, said, rows = rp.rng(SEED), [], []
    with zipfile.ZipFile(os.path.join(shared, "data", "osv", "Rocky Linux", "all.zip")) as z:
        for name in sorted(z.namelist()):
            d = json.loads(z.read(name))
            if ".module" in json.dumps(d) or d.get("withdrawn"):
                continue
            for a in d["affected"]:
                release = a["package"]["ecosystem"].partition(":")[2]
                for e in [e for r in a["ranges"] for e in r["events"] if "fixed" in e]:
                    for cve in [c for c in d.get("upstream", []) if c.startswith("CVE-")]:
                        said.append((f"rocky-{release}.2", a["package"]["name"], "x86_64", cve, e["fixed"], f"OSV {d['id']}"))
    said = sorted(rp.lone(said), key=str)
    for s in rng.sample(said, min(50, len(said))):
        for binary in (s[1], s[1] + "-libs"):
            for row in rp.around(rng, s, binary):
                file = row[0].partition("@")[2].partition("?")[0]
                rows.append((row[0] + f"&upstream={s[1]}-{file}.src.rpm", *row[1:]))
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Rocky Linux 8, 9, 10 against its OSV documents (osv/Rocky Linux/all.zip).",
              f"Seed {SEED}: just below, at, above and a number below the fix, as the source's own binary and as another.",
              "feeds: osv-rocky-linux"], rows)


main(sys.argv[1])
