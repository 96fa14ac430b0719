#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: Alpine's fixes as another hand read them from Alpine's packages (VulnerableCode, 2025).

Careen reads the secdb files made of aports' build files. A pair is taken where both know the CVE in the package and
name one version each: the truth is VulnerableCode's. Version "0" (never affected) is in the secdb files alone.
"""
import json
import random
import re
import sys
import zipfile
from urllib.parse import quote

SHARED = sys.argv[1]
RELEASES = ["v3.3", "v3.7", "v3.10", "v3.12", "v3.13", "v3.14", "v3.15", "v3.16", "v3.17"]
PER_RELEASE = 9
rng = random.Random(20261123)


def fixes(path):
    """{(package, CVE): {versions}}"""
    out = {}
    try:
        packages = json.load(open(f"{SHARED}/data/alpine-secdb/{path}", encoding="utf-8"))["packages"]
    except FileNotFoundError:
        return out
    for p in packages:
        for version, items in (p["pkg"]["secfixes"] or {}).items():
            for item in items or []:
                for cve in re.findall(r"CVE-\d{4}-\d{4,}", item):
                    out.setdefault((p["pkg"]["name"], cve), set()).add(version)
    return out


def around(fixed):
    base, revision = fixed.rsplit("-r", 1)
    below = f"{base}-r{int(revision) - 1}" if int(revision) else "0.0.1-r3"
    return [(below, True), (rng.choice([fixed, f"{base}-r{int(revision) + 1}", "99999999-r0"]), False)]


def row(origin, version, release, cve, verdict, fixed, truth):
    name = rng.choice([origin, origin + "-libs", origin + "-dev"])
    upstream = "" if name == origin else f"&upstream={quote(origin, safe='')}"
    return "\t".join((f"pkg:apk/alpine/{quote(name, safe='')}@{quote(version, safe=':')}?arch=x86_64"
                      f"&distro=alpine-{release[1:]}.{rng.randrange(5)}{upstream}", cve, verdict, fixed, truth))


def from_edge():
    """Releases of which only OSV's documents are at hand: where edge's build file names the same version."""
    edge, out = {}, []
    for repository in ("main", "community"):
        edge.update(fixes(f"edge/{repository}.json"))
    with zipfile.ZipFile(SHARED + "/data/osv/Alpine/all.zip") as z:
        for name in sorted(z.namelist()):
            d = json.loads(z.read(name))
            cve = d["id"].removeprefix("ALPINE-")
            for a in [] if "withdrawn" in d else d["affected"]:
                package, release = a["package"]["name"], a["package"]["ecosystem"].removeprefix("Alpine:")
                listed = sorted(edge.get((package, cve), ()))
                if release in ("v3.20", "v3.21", "v3.22", "v3.23") and len(listed) == 1:
                    events = [e for r in a["ranges"] for e in r["events"]]
                    if events == [{"introduced": "0"}, {"fixed": listed[0]}]:
                        out.append((package, cve, release, listed[0]))
    lines = []
    for package, cve, release, fixed in rng.sample(out, min(len(out), 30)):
        for version, hit in around(fixed):
            lines.append(row(package, version, release, cve, "affected" if hit else "none", fixed if hit else "-",
                             f"aports (edge) secfixes of 2026-08-22, {package}, {fixed}"))
    return lines


def main():
    print("# feeds: alpine, osv-alpine")
    print("# VulnerableCode's reading of Alpine's packages, 2025-05-12. Chosen by choose.py, seed 20261123.")
    rows = {}
    for release in RELEASES:
        for repository in ("main", "community"):
            ours = fixes(f"{release}/{repository}.json")
            path = f"partial-vulnerablecode/{release}/{repository}.json"
            theirs = fixes(path)
            both = [k for k in sorted(theirs) if len(theirs[k]) == 1 and len(ours.get(k, ())) == 1 and
                    "-r" in next(iter(ours[k])) and re.fullmatch(r"[0-9a-z._]+-r\d+", next(iter(theirs[k])))]
            for key in rng.sample(both, min(len(both), PER_RELEASE)):
                fixed = next(iter(theirs[key]))
                for version, hit in around(fixed):
                    line = row(key[0], version, release, key[1], "affected" if hit else "none", fixed if hit else "-",
                               f"{path}, {key[0]}, {fixed}")
                    rows.setdefault(tuple(line.split("\t")[:2]), line)
            never = [k for k in sorted(ours) if ours[k] == {"0"} and k not in theirs]
            for key in rng.sample(never, min(len(never), 2)):
                line = row(key[0], rng.choice(["0.1-r0", "1.2.3-r4"]), release, key[1], "none", "-",
                           f"{release}/{repository}.json, {key[0]}, 0: never affected")
                rows.setdefault(tuple(line.split("\t")[:2]), line)
    for line in from_edge():
        rows.setdefault(tuple(line.split("\t")[:2]), line)
    print("\n".join(rows.values()))


main()
