#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER SHARED: writes pairs.tsv from AlmaLinux's OVAL (unpacked fixtures below FOLDER) and OSV (SHARED/data).

Truth: the OVAL's criteria's comments, while Careen reads the OSV documents; and for a wider choice notices of OSV that
alone speak of their package and CVE, with the module that the summary names."""
import bz2
import glob
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123


def local(e):
    return e.tag.rpartition("}")[2]


def from_oval(path):
    """(package, module, cve, evr, truth)"""
    with bz2.open(path) as f:
        root = ET.parse(f).getroot()
    for d in root.iter():
        if local(d) != "definition":
            continue
        ident = next(e.get("ref_id") for e in d.iter() if local(e) == "reference" and e.get("source") == "ALSA")
        cves = [e.get("ref_id") for e in d.iter() if local(e) == "reference" and e.get("source") == "CVE"]
        words = [e.get("comment") for e in d.iter() if local(e) == "criterion"]
        module = next((w.split()[1] for w in words if w.startswith("Module ")), "")
        for w in words:
            m = re.fullmatch(r"(\S+) is earlier than (\S+)", w)
            if m:
                evr = m[2].removeprefix("0:")  # as the OSV documents spell it
                yield from ((m[1], module, cve, evr, f"OVAL {ident} '{w}'") for cve in cves)


def from_osv(path):
    """(distro, package, architecture, cve, evr, truth) of notices without a module"""
    with zipfile.ZipFile(path) as z:
        for name in sorted(z.namelist()):
            d = json.loads(z.read(name))
            text = json.dumps(d)
            if not d["id"].startswith("ALSA") or "module" in text or d.get("withdrawn"):
                continue
            for a in d["affected"]:
                release = a["package"]["ecosystem"].partition(":")[2]
                events = [e for r in a["ranges"] for e in r["events"] if "fixed" in e]
                for cve in [c for c in d.get("related", []) + d.get("upstream", []) if c.startswith("CVE-")]:
                    for e in events:
                        yield (f"almalinux-{release}.4", a["package"]["name"], "x86_64", cve, e["fixed"], f"OSV {d['id']}")


def modular(rng, package, module, cve, evr, truth):
    distro, label = "almalinux-9.4", module + ":9020020230918:rhel9"
    more = {"rpmmod": label} if module else {}
    rows = []
    for arch in ("x86_64", "aarch64"):
        rows += rp.around(rng, (distro, package, arch, cve, evr, truth), **more)
    if module:
        other = rp.far_below(evr)
        rows.append((rp.purl(distro, package, other, "x86_64", rpmmod=module.split(":")[0] + ":16:9020020230918:rhel9"),
                     cve, "none", "-", truth + f": of {module} alone"))
        rows.append((rp.purl(distro, package, rp.join("1", "16.20.3", "1.el9_2"), "x86_64"), cve, "none", "-",
                     truth + ": no package of a module, and past ALSA-2023:5360"))
    return rows


def main(folder, shared):
    rng, rows = rp.rng(SEED), []
    osv = sorted(rp.lone(list(from_osv(os.path.join(shared, "data", "osv", "AlmaLinux", "all.zip")))), key=str)
    oval = glob.glob(os.path.join(folder, "**", "org.almalinux.alsa-9.xml.bz2"), recursive=True)[0]
    # nodejs-nodemon and the like are numbered on their own, and so have other lines.
    for said in sorted(set(from_oval(oval))):
        if said[0] in ("firefox", "nodejs", "nodejs-devel", "nodejs-docs", "nodejs-full-i18n"):
            rows += modular(rng, *said)
    for s in rng.sample(osv, 40):
        rows += rp.around(rng, s)
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["AlmaLinux 8, 9, 10: AlmaLinux's OVAL (fixtures) and OSV documents (osv/AlmaLinux/all.zip), of which the latter are read.",
              f"Seed {SEED}: just below, at, above and a number below the fix, both architectures, other module streams.",
              "feeds: osv-almalinux"], rows)


main(sys.argv[1], sys.argv[2])
