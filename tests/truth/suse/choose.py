#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py FOLDER: writes pairs.tsv from slices of SUSE's OVAL and VEX (unpacked fixtures below FOLDER).

Truth: the criteria's comments ("a-1-2 is installed", "a is not affected") under the releases that they stand with;
Careen reads versions and architectures from the tests' states, and the comments only where the slices lack them. Pairs
of long-term support are needs_subscription. The epoch 0 and the architectures are the states', where the slice has them.
Of VEX: the names in product_status of one CVE, by the release that the name begins with; which of the statuses a name
stands under is all that is read of them."""
import glob
import gzip
import json
import os
import re
import sys
import tarfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rpm_pairs as rp

SEED = 20261123
FILES = ("suse_truncated.xml", "suse.linux.enterprise.16-affected.xml.gz",
         "suse.linux.enterprise.micro.5-affected.xml.gz", "opensuse.tumbleweed.xml.gz", "opensuse.leap.15.2.xml.gz")


def local(e):
    return e.tag.rpartition("}")[2]


def system(product):
    """-> (distro, by subscription) of a product, None where no image is one"""
    for pattern, distro in ((r"SUSE Linux Enterprise Server (1[25])( SP\d)?(-LTSS|)", "sles"),
                            (r"SUSE Linux Enterprise Server (16\.\d)()()", "sles"),
                            (r"SUSE Linux Enterprise Micro (\d\.\d)()()", "sle-micro"),
                            (r"openSUSE Leap (\d+\.\d)()()", "opensuse-leap")):
        m = re.fullmatch(pattern, product)
        if m:
            release = m[1] + ("." + m[2][3:] if m[2] else "")
            return f"{distro}-{release}", bool(m[3])
    return ("opensuse-tumbleweed", False) if product == "openSUSE Tumbleweed" else None


def groups(node):
    """-> ([product], [comment and test of a package]) of every pair of them that an AND ties"""
    kids = [c for c in node if local(c) in ("criteria", "criterion")]
    if node.get("operator") == "AND":
        products, packages = [], []
        for k in kids:
            for c in [k] if local(k) == "criterion" else [c for c in k.iter() if local(c) == "criterion"]:
                text = c.get("comment")
                product = re.fullmatch(r"(.* .*) is installed", text)
                (products.append(product[1]) if product else packages.append((text, c.get("test_ref"))))
        yield products, packages
    else:
        for k in kids:
            if local(k) == "criteria":
                yield from groups(k)


def main(folder):
    rng, said = rp.rng(SEED), []
    for name in FILES:
        path = sorted(glob.glob(os.path.join(folder, "**", name), recursive=True))[0]
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as f:
            root = ET.parse(f).getroot()
        by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
        for d in root.iter():
            if local(d) != "definition":
                continue
            cve = next(e.text for e in d.iter() if local(e) == "title")
            for products, packages in groups(next(e for e in d if local(e) == "criteria")):
                for distro, subscription in sorted({system(p) for p in products if system(p)}):
                    for text, test in packages:
                        said += [(distro, subscription, cve, *statement(by_id, text, test), f"{name} {cve} '{text}'")
                                 for _ in (0,) if "signed" not in text]
    rows = []
    by_key = {}
    for s in said:
        by_key.setdefault((s[0], s[3], s[2]), set()).add((s[1], s[4]))
    said = sorted({s for s in said if len(by_key[s[0], s[3], s[2]]) == 1}, key=str)
    for distro, subscription, cve, package, fix, arches, truth in said:
        for arch in arches or ("x86_64", "aarch64", "s390x"):
            if fix == "never":
                for evr in ("1.0-1", "9.9-9"):
                    rows.append((rp.purl(distro, package, evr, arch), cve, "none", "-", truth))
                continue
            around = rp.around(rng, (distro, package, arch, cve, fix, truth))
            rows += [(*r[:2], "needs_subscription" if subscription and r[2] == "affected" else r[2], *r[3:]) for r in around]
        if arches and fix != "never" and "riscv64" not in arches:
            rows.append((rp.purl(distro, package, rp.below(fix, rng), "riscv64"), cve, "none", "-", truth + ": not of riscv64"))
    keep = rng.sample(sorted(set(rows)), min(len(set(rows)), 600))
    keep += vex_rows(folder, rng)
    rp.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.tsv"),
             ["SLES 15 and 16, SLE Micro 5, openSUSE Tumbleweed and Leap 15.2: slices of SUSE's OVAL;",
              "SLES 12 and 15, SLE Micro 5 and 6, Tumbleweed: the CVE of its VEX that the slices have.",
              f"Seed {SEED}: 600 at most of all packages and architectures, just below, at, above and a number below the fix,",
              "other architectures, packages that are not affected.", "feeds: suse, opensuse"], keep)


VEX = (("SUSE Linux Enterprise Server for SAP Applications", None),  # under another contract
       (r"SUSE Linux Enterprise Server (1[25])( SP\d)?(-LTSS|)", "sles"),
       (r"SUSE Linux Enterprise Module for .* (1[25])( SP\d)?()", "sles"),
       (r"SUSE Linux Enterprise Micro (5\.\d)()()", "sle-micro"),
       (r"SUSE Linux Enterprise Micro (6\.\d)()()", "sl-micro"),
       (r"openSUSE (Tumbleweed)()()", "opensuse-tumbleweed"))


def vex_rows(folder, rng):
    """Rows of the VEX documents: those with a fix, and those that are not affected in a release without a fix of them."""
    path = glob.glob(os.path.join(folder, "**", "csaf-vex.tar.bz2"), recursive=True)[0]
    rows = []
    with tarfile.open(path) as tar:
        documents = [json.load(tar.extractfile(m)) for m in tar if m.name.endswith(".json")]
    for d in documents:
        for v in d.get("vulnerabilities", ()):
            fixes, never = set(), set()
            for status, ids in v["product_status"].items():
                for one in ids:
                    product, _, package = one.partition(":")
                    for pattern, distro in VEX:
                        m = re.fullmatch(pattern, product)
                        if not m or not distro:
                            continue
                        release = m[1] + ("." + m[2][3:] if m[2] else "")
                        distro = distro if release == "Tumbleweed" else f"{distro}-{release}"
                        where = f"{d['document']['tracking']['id']} {status} '{one}'"
                        if status == "recommended":
                            name, version, release = package.rsplit("-", 2)
                            fixes.add((distro, name, "x86_64", v["cve"], f"{version}-{release}", where))
                        elif status == "known_not_affected":
                            never.add((distro, package, v["cve"], where))
            for f in sorted(fixes):
                for arch in ("x86_64",) if "tumbleweed" in f[0] else ("x86_64", "aarch64", "s390x"):
                    rows += rp.around(rng, (*f[:2], arch, *f[3:]))
            for distro, package, cve, where in sorted(never):
                rows.append((rp.purl(distro, package, rng.choice(("1.0-1", "4.15.13-1.1", "99-1")), "x86_64"), cve, "none", "-", where))
    # Releases that these slices say nothing else of can't be assessed with them.
    rows = [r for r in rows if "sles-12.2" not in r[0] and "sles-12.4" not in r[0]] + micro_6_rows(folder)
    by_distro = {}
    for row in rows:
        by_distro.setdefault(re.search("distro=([^&]*)", row[0])[1], []).append(row)
    return [r for _, many in sorted(by_distro.items())
            for r in rng.sample(sorted(many), min(len(many), 110 if "tumbleweed" in many[0][0] else 56))]


def micro_6_rows(folder):
    """What the OVAL of SUSE Linux Micro 6 calls not affected, for 6.0."""
    name = "suse.linux.micro.6-affected.xml.gz"
    with gzip.open(glob.glob(os.path.join(folder, "**", name), recursive=True)[0]) as f:
        root = ET.parse(f).getroot()
    return [(rp.purl("sl-micro-6.0", m[1], evr, arch), d.find("{*}metadata/{*}title").text, "none", "-", f"{name} '{m[0]}'")
            for d in root.iter() if local(d) == "definition" for c in d.iter()
            for m in [re.fullmatch(r"(\S+) is not affected", c.get("comment", ""))] if m
            for evr in ("6.4.0-1.1", "9.9-9") for arch in ("x86_64", "aarch64", "s390x")]


def statement(by_id, text, test):
    """-> (package, fix or "never", architectures) of a package's criterion"""
    m = re.fullmatch(r"(\S+) is not affected", text)
    if m:
        return m[1], "never", ()
    m = re.fullmatch(r"(\S+)-([^-\s]+-[^-\s]+) is installed", text)
    states = [by_id.get(s.get("state_ref")) for s in by_id.get(test, ()) if local(s) == "state"]
    known = {local(e): e.text for s in states if s is not None for e in s}
    words = [e.get("operation") for s in states if s is not None for e in s if local(e) == "evr"]
    if words != ["less than"]:  # the slice has no state, or one that another program wrote anew
        return m[1], m[2], ()
    return m[1], "0:" + m[2], tuple(known.get("arch", "").strip("()").split("|")) if known.get("arch") else ()


main(sys.argv[1])
