#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: Debian's own lists of DSA and DLA (text), the slices of its tracker's JSON, Freexian's ELA.

What is read by Careen is the OSV form of the lists, which another hand wrote; a fix is the newest version that any
notice of that release names for the CVE. CVEs that later notices or records in the OSV zip speak of are left out,
since the lists end in April 2023.
"""
import functools
import json
import random
import re
import subprocess
import sys
import tarfile
import zipfile
from urllib.parse import quote

SHARED = sys.argv[1]
LISTS = SHARED + "/data/debian/security-tracker-2023-04-02/data/{}/list"
CODENAMES = {"squeeze": 6, "wheezy": 7, "jessie": 8, "stretch": 9, "buster": 10, "bullseye": 11, "bookworm": 12,
             "trixie": 13}
rng = random.Random(20261123)


@functools.lru_cache(None)
def older(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "lt", b], check=False).returncode == 0


def lists():
    """{(codename, package, CVE): [(version or mark, notice)]}, and every version that a package had in a release"""
    said, versions = {}, {}
    for kind in ("DSA", "DLA"):
        notice, cves = None, []
        for line in open(LISTS.format(kind), encoding="utf-8"):
            if m := re.match(r"\[\d.*?\] ((?:DSA|DLA)-\S+)", line):
                notice, cves = m.group(1), []
            elif m := re.match(r"\s+\{(.*)\}", line):
                cves = m.group(1).split()
            elif m := re.match(r"\s+\[(\w+)\] - (\S+) (\S+)", line):
                codename, package, version = m.groups()
                if not version.startswith("<"):
                    versions.setdefault((codename, package), []).append(version)
                for cve in cves:
                    if cve.startswith("CVE-"):
                        said.setdefault((codename, package, cve), []).append((version, notice))
    return said, versions


def spoken_of_elsewhere():
    """CVEs of documents in the zip that are not in the lists."""
    listed, out = set(), set()
    for kind in ("DSA", "DLA"):
        listed |= set(re.findall(r"\] ((?:DSA|DLA)-\S+)", open(LISTS.format(kind), encoding="utf-8").read()))
    with zipfile.ZipFile(SHARED + "/data/osv/Debian/all.zip") as z:
        for name in z.namelist():
            if name.removesuffix(".json") not in listed:
                d = json.loads(z.read(name))
                out |= set(d.get("upstream", [])) | {d["id"].removeprefix("DEBIAN-")}
    return out


def row(source, version, release, cve, verdict, fixed, truth):
    name = rng.choice([source, f"lib{source}1", f"{source}-bin"])
    upstream = "" if name == source else f"&upstream={quote(source, safe='')}"
    purl = (f"pkg:deb/debian/{quote(name, safe='')}@{quote(version, safe=':')}?arch={rng.choice(['amd64', 'arm64'])}"
            f"&distro=debian-{release}{upstream}")
    return "\t".join((purl, cve, verdict, fixed, truth))


def around(fixed, before):
    """(version, is it affected): below, at, above"""
    below = [fixed + "~"] + [v for v in before if older(v, fixed)]
    return [(rng.choice(below), True), (rng.choice([fixed, fixed + "+b1", fixed + ".1"]), False)]


def from_lists(n):
    said, versions = lists()
    elsewhere = spoken_of_elsewhere()
    out = []
    for codename in ("wheezy", "jessie", "stretch", "buster", "bullseye"):
        keys = [k for k in sorted(said) if k[0] == codename and k[2] not in elsewhere and
                not any(v.startswith("<") for v, _ in said[k])]
        for key in rng.sample(keys, n):
            fixed, notice = said[key][0]
            for v, who in said[key][1:]:
                if older(fixed, v):
                    fixed, notice = v, who
            for version, hit in around(fixed, versions[key[:2]]):
                out.append(row(key[1], version, CODENAMES[codename], key[2], "affected" if hit else "none",
                               fixed if hit else "-", f"{notice[:3]} list, {notice}, [{codename}]"))
    return out


def from_tracker():
    out = []
    for path in ("vunnel: tests/unit/providers/debian/test-fixtures/input/debian.json",
                 "vuls-data-update-fetch: pkg/fetch/debian/tracker/api/testdata/fixtures/advisory.json"):
        archive, inner = path.split(": ")
        for package, cves in read_fixture(archive, inner).items():
            for cve, x in cves.items():
                for codename, r in (x.get("releases") or {}).items():
                    if codename not in CODENAMES:
                        continue
                    place = f"tracker, {package}, {cve}, {codename}: {r['status']}"
                    present = r["repositories"].get(codename, "1-1")
                    release = CODENAMES[codename]
                    if r["status"] == "resolved" and r["fixed_version"] != "0":
                        fixed = r["fixed_version"]
                        out.append(row(package, fixed + "~", release, cve, "affected", fixed, place))
                        out.append(row(package, fixed, release, cve, "none", "-", place))
                    elif r["status"] == "resolved":
                        out.append(row(package, present, release, cve, "none", "-", place + " 0"))
                    elif r["urgency"] == "end-of-life":
                        out.append(row(package, present, release, cve, "end_of_life", "-", place + " end-of-life"))
                    elif r["status"] == "undetermined":
                        out.append(row(package, present, release, cve, "under_investigation", "-", place))
                    else:
                        ignored = r.get("nodsa_reason") == "ignored"
                        out.append(row(package, present, release, cve, "wont_fix" if ignored else "affected", "-",
                                       place + (" ignored" if ignored else "")))
    return out


def read_fixture(archive, inner):
    text = subprocess.run(["tar", "--zstd", "-xOf", f"{SHARED}/data/fixtures/{archive}.tar.zst", "--wildcards",
                           "*" + inner], capture_output=True, check=True).stdout
    return json.loads(text)


def from_elts(n):
    """Fixes of notices whose package no DSA or DLA of that release speaks of with the same CVE: those are paid."""
    said, _ = lists()
    free = {(CODENAMES.get(c), p, cve) for c, p, cve in said}
    raw = subprocess.run(["zstd", "-dc", "--long=27", SHARED + "/data/debian/elts-osv-2026-08-17.tar.zst"],
                         capture_output=True, check=True).stdout
    import io
    paid = {}
    with tarfile.open(fileobj=io.BytesIO(raw)) as t:
        for m in t:
            if not m.name.endswith(".json"):
                continue
            d = json.load(t.extractfile(m))
            for a in d["affected"]:
                release = int(a["package"]["ecosystem"].split(":")[1])
                if not isinstance(a["ranges"], list):
                    continue
                for cve in d.get("related", []):
                    for r in a["ranges"]:
                        paid.setdefault((release, a["package"]["name"], cve), []).append((r["events"][1]["fixed"],
                                                                                         d["id"]))
    keys = [k for k in sorted(paid) if k[0] in (8, 9, 10) and k not in free and k[2].startswith("CVE-")]
    out = []
    for key in rng.sample(keys, n):
        fixed, notice = paid[key][0]
        for v, who in paid[key][1:]:
            if older(fixed, v):
                fixed, notice = v, who
        for version, hit in around(fixed, []):
            out.append(row(key[1], version, key[0], key[2], "needs_subscription" if hit else "none",
                           fixed if hit else "-", f"{notice}, Debian:{key[0]} (Freexian)"))
    return out


print("# feeds: osv-debian, debian-tracker, debian-elts")
print("# Debian's lists of DSA and DLA of 2023-04-02, slices of its tracker's JSON, Freexian's ELA of 2026-08-17.")
print("# Chosen by choose.py, seed 20261123; names of binaries are made up, what counts is their source.")
rows = {}
for line in from_lists(12) + from_tracker() + from_elts(15):
    rows.setdefault(tuple(line.split("\t")[:2]), line)
print("\n".join(rows.values()))
