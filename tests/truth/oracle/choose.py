#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from Oracle's OVAL slices (unpacked fixtures below FOLDER), by their criteria's words.

Truth: the nested criteria's comments: release, architecture, module, "is earlier than"."""
import os
import re
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp
import slices

SEED = 20261123


def local(e):
    return e.tag.rpartition("}")[2]


def walk(node, said):
    """-> (release, architecture, module, package, evr) of every package below node"""
    said = dict(said)
    for c in node:
        text = c.get("comment") or ""
        if local(c) != "criterion":
            continue
        for key, pattern in (("release", r"Oracle Linux (\d+) is installed"), ("arch", r"Oracle Linux arch is (\S+)"),
                             ("module", r"Module (\S+) is enabled")):
            m = re.fullmatch(pattern, text)
            if m:
                said[key] = m[1]
    for c in node:
        m = re.fullmatch(r"(\S+) is earlier than (\S+)", c.get("comment") or "")
        if m:
            yield said.get("release"), said.get("arch", ""), said.get("module", ""), m[1], m[2]
        elif local(c) == "criteria":
            yield from walk(c, said)


def kind(evr):
    return "ksplice" if ".ksplice" in evr else "fips" if "_fips" in evr else ""


def main(folder):
    rng, said = rp.rng(SEED), {}
    for text in slices.texts(folder):
        for d in ET.fromstring(text).iter():
            if local(d) != "definition":
                continue
            cves = [e.text for e in d.iter() if local(e) == "cve"]
            elsa = next(e.get("ref_id") for e in d.iter() if local(e) == "reference" and e.get("source") == "elsa")
            top = next(e for e in d if local(e) == "criteria")
            for release, arch, module, package, evr in walk(top, {}):
                for cve in cves:
                    said.setdefault((release, arch, module, package, cve), {})[evr] = elsa
    rows = []
    lone = sorted((k, *v.popitem()) for k, v in said.items() if len(v) == 1)
    for (release, arch, module, package, cve), evr, elsa in rng.sample(lone, min(60, len(lone))):
        distro, truth = f"ol-{release}.4", f"{elsa} {package} {arch} {module} is earlier than {evr}"
        more = {"rpmmod": module + ":8080020230101:abcdef01" if module else ""}
        rows += rp.around(rng, (distro, package, arch or "x86_64", cve, evr, truth), **more)
        if arch and not any(k[0] == release and k[1] == "s390x" and k[3] == package for k in said):
            rows.append((rp.purl(distro, package, rp.below(evr, rng), "s390x", **more), cve, "none", "-",
                         f"{elsa} names no s390x"))
        if module:
            rows.append((rp.purl(distro, package, rp.below(evr, rng), arch or "x86_64",
                                 rpmmod=module.split(":")[0] + ":other:8080020230101:abcdef01"), cve, "none", "-",
                         f"{elsa} is about {module}"))
        if kind(evr):
            epoch, version, release_of = rp.split_evr(evr)
            plain = re.sub(r"\.ksplice\d*|_fips", "", release_of)
            rows.append((rp.purl(distro, package, rp.join("1" if epoch != "0" else "0", version, plain), arch), cve,
                         "none", "-", f"{elsa} is about {kind(evr)} builds"))
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["Oracle Linux against slices of Oracle's OVAL (fixtures vunnel and vuls-data-update-fetch).",
              f"Seed {SEED}: packages of definitions just below, at, above the fix; other architectures, other module streams,",
              "ordinary builds beside Ksplice's.", "feeds: oracle"], rows)


main(sys.argv[1])
