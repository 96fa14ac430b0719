#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: Wolfi's advisories (YAML, one file a package), of which its security.json is made.

The latest event of an advisory is its state: fixed in a version, or a false positive (version "0" there: never
affected). Others (detected, pending, not planned) are not in security.json, and no finding follows from it.
"""
import io
import random
import re
import subprocess
import sys
import tarfile
from urllib.parse import quote

import yaml

SHARED = sys.argv[1]
PAIRS = 45
rng = random.Random(20261123)


def states():
    """[(package, advisory, [ids], type, version)]"""
    raw = subprocess.run(["zstd", "-dc", "--long=27", SHARED + "/data/wolfi/advisories-2025-05-07.tar.zst"],
                         capture_output=True, check=True).stdout
    out, members = [], []
    with tarfile.open(fileobj=io.BytesIO(raw)) as t:
        members = sorted((m.name, t.extractfile(m).read()) for m in t if m.name.endswith(".advisories.yaml"))
    for _, text in rng.sample(members, 200):
        d = yaml.load(text, Loader=yaml.CSafeLoader)
        for a in d.get("advisories") or []:
            last = max(a["events"], key=lambda e: str(e["timestamp"]))
            out.append((d["package"]["name"], a["id"], a.get("aliases") or [a["id"]], last["type"],
                        (last.get("data") or {}).get("fixed-version", "")))
    return out


def row(origin, version, vulnerability, verdict, fixed, truth):
    name = rng.choice([origin, origin + "-doc", origin + "-dev"])
    upstream = "" if name == origin else f"&upstream={quote(origin, safe='')}"
    return "\t".join((f"pkg:apk/wolfi/{quote(name, safe='')}@{quote(version, safe=':')}?arch=x86_64&distro=wolfi-20230201"
                      f"{upstream}", vulnerability, verdict, fixed, truth))


def main():
    all_states = states()
    spoken = {}
    for package, _, ids, _, _ in all_states:
        for i in ids:
            spoken[package, i] = spoken.get((package, i), 0) + 1
    once = [s for s in all_states if all(spoken[s[0], i] == 1 for i in s[2])]
    fixed = [s for s in once if s[3] == "fixed" and re.fullmatch(r"[0-9][0-9a-z._]*-r\d+", s[4]) and s[4] != "0"]
    false = [s for s in once if s[3] == "false-positive-determination"]
    lines = {}
    for package, advisory, ids, _, version in rng.sample(fixed, PAIRS):
        base, revision = version.rsplit("-r", 1)
        below = f"{base}-r{int(revision) - 1}" if int(revision) else "0.0.1-r3"
        truth = f"{package}.advisories.yaml, {advisory}: fixed {version}"
        lines[package, below] = row(package, below, rng.choice(ids), "affected", version, truth)
        lines[package, version] = row(package, rng.choice([version, f"{base}-r{int(revision) + 1}"]), rng.choice(ids),
                                      "none", "-", truth)
    for package, advisory, ids, _, _ in rng.sample(false, 20):
        lines[package, advisory] = row(package, rng.choice(["0.1-r0", "2.0.0-r7"]), rng.choice(ids), "none", "-",
                                       f"{package}.advisories.yaml, {advisory}: false positive")
    print("# feeds: wolfi")
    print("# Wolfi's advisories of 2025-05-07. Chosen by choose.py, seed 20261123.")
    print("\n".join(lines.values()))


main()
