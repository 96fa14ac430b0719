#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""choose.py SHARED > pairs.tsv: Ubuntu's CVE tracker (text), whose lines are "<pocket>_<package>: status (note)".

Careen reads the OSV form that was made of it. "not-affected" is silence there, so pairs of a pocket that is past its
support while Pro's pocket is not affected are left out, as are those where Pro's pocket is still open.
"""
import functools
import io
import random
import re
import subprocess
import sys
import tarfile
from urllib.parse import quote

SHARED = sys.argv[1]
RELEASES = {"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04",
            "lunar": "23.04", "mantic": "23.10"}
PER_KIND = 22
KERNELS = 12
rng = random.Random(20261123)
LINE = re.compile(r"^((?:esm-infra|esm-apps)/)?(\w+)(/esm)?_([a-z0-9][a-z0-9.+-]*): ([a-z-]+)(?: \((.*)\))?\s*$")
OVER = re.compile(r"end.of|out of standard|end-of-life|reached")


@functools.lru_cache(None)
def compares(a, op, b):
    return subprocess.run(["dpkg", "--compare-versions", a, op, b], check=False).returncode == 0


def tracker():
    """{(CVE, package, codename): {"free": (status, note), "pro": …}} and where"""
    raw = subprocess.run(["zstd", "-dc", "--long=27", SHARED + "/data/ubuntu/ubuntu-cve-tracker-2024-02-16.tar.zst"],
                         capture_output=True, check=True).stdout
    said = {}
    with tarfile.open(fileobj=io.BytesIO(raw)) as t:
        for m in t:
            cve = m.name.rsplit("/", 1)[-1]
            if not m.isfile() or not re.fullmatch(r"CVE-\d{4}-\d{4,}", cve):
                continue
            text = t.extractfile(m).read().decode("utf-8", "replace")
            if "REJECT" in text:
                continue
            for line in text.splitlines():
                if not (x := LINE.match(line)) or x.group(2) not in RELEASES:
                    continue
                side = "pro" if x.group(1) or x.group(3) else "free"
                entry = said.setdefault((cve, x.group(4), x.group(2)), {"place": m.name})
                entry["twice" if side in entry else side] = (x.group(5), x.group(6) or "")
    return said


def verdict_of(entry):
    """-> (verdict, fix or '-'), or None where this table has nothing to say"""
    free, note = entry.get("free", ("DNE", ""))
    pro, paid = entry.get("pro", ("DNE", ""))
    if "twice" in entry or pro not in ("DNE", "released", "ignored") or (pro == "ignored" and free != "ignored"):
        return None
    if (free == "released" and not note) or (pro == "released" and not paid):
        return None
    if free == "released":
        return ("affected", note) if pro == "DNE" else None
    if free in ("DNE", "not-affected"):
        return ("none", "-") if pro == "DNE" else ("needs_subscription", paid) if pro == "released" else None
    if pro == "released":
        return ("needs_subscription", paid)
    if free in ("needed", "pending", "deferred", "active"):
        return ("affected", "-")
    if free == "needs-triage":
        return ("under_investigation", "-")
    if free == "ignored":
        return ("end_of_life" if OVER.search(note) else "wont_fix", "-")
    return None


def row(name, version, source, codename, cve, verdict, fixed, place):
    release = RELEASES[codename]
    upstream = "" if name == source else f"&upstream={quote(source, safe='')}"
    return "\t".join((f"pkg:deb/ubuntu/{quote(name, safe='')}@{quote(version, safe=':')}?arch=amd64"
                      f"&distro=ubuntu-{release}{upstream}", cve, verdict, fixed, place))


def valid(version):
    return re.fullmatch(r"(\d+:)?\d[A-Za-z0-9.+~-]*", version)


def pairs(key, entry, verdict, fixed, name, source):
    cve, package, codename = key
    place = f"{entry['place']}: {codename}_{package}: {' '.join(entry.get('free', ('DNE', ''))).strip()}"
    if "pro" in entry:
        place += f"; esm: {' '.join(entry['pro']).strip()}"
    if fixed == "-":
        return [row(name, rng.choice(["1.0-1", "0.1", "2:9.9-9ubuntu1"]), source, codename, cve, verdict, "-", place)]
    return [row(name, fixed + "~", source, codename, cve, verdict, fixed, place),
            row(name, rng.choice([fixed, fixed + ".1"]), source, codename, cve, "none", "-", place)]


def kernel_pairs(said):
    """A flavour's image is built from its signed copy; headers and meta packages hold no code."""
    keys = [k for k in sorted(said) if re.fullmatch(r"linux(-(aws|azure|gcp|oracle|kvm|raspi))?", k[1]) and
            (v := verdict_of(said[k])) and v[0] == "affected" and re.fullmatch(r"\d+\.\d+\.\d+-\d+\.\d+", v[1])]
    out = []
    for key in rng.sample(keys, KERNELS):
        cve, source, codename = key
        entry, fixed = said[key], verdict_of(said[key])[1]
        place = f"{entry['place']}: {codename}_{source}: {' '.join(entry['free'])}"
        flavour = source.removeprefix("linux").lstrip("-") or "generic"
        abi, number = fixed.rsplit(".", 1)
        before = f"{abi}.{int(number) - 1}"
        signed = source.replace("linux", "linux-signed", 1)
        out.append(row(f"linux-image-{abi}-{flavour}", before, signed, codename, cve, "affected", fixed, place))
        out.append(row(f"linux-image-{abi}-{flavour}", fixed, signed, codename, cve, "none", "-", place))
        out.append(row(f"linux-modules-{abi}-{flavour}", before, source, codename, cve, "affected", fixed, place))
        name = "linux-libc-dev" if source == "linux" else f"linux-{flavour}-headers-{abi}"
        out.append(row(name, before, source, codename, cve, "none", "-", place + "; headers hold no code"))
        meta = source.replace("linux", "linux-meta", 1)
        out.append(row(f"linux-image-{flavour}", before.replace("-", "."), meta, codename, cve, "none", "-",
                       place + "; a meta package holds no code"))
    return out


def main():
    said = tracker()
    kinds = {}
    for key in sorted(said):
        if key[1].startswith("linux") or not (v := verdict_of(said[key])) or (v[1] != "-" and not valid(v[1])):
            continue
        kinds.setdefault(v[0] + ("" if v[1] == "-" else " fixed"), []).append(key)
    print("# feeds: ubuntu-osv")
    print("# Ubuntu's CVE tracker of 2024-02-16. Chosen by choose.py, seed 20261123.")
    rows = {}
    for kind in sorted(kinds):
        for key in rng.sample(kinds[kind], PER_KIND):
            verdict, fixed = verdict_of(said[key])
            name = key[1] if rng.random() < 0.5 else f"lib{key[1]}1"
            for line in pairs(key, said[key], verdict, fixed, name, key[1]):
                rows.setdefault(tuple(line.split("\t")[:2]), line)
    for line in kernel_pairs(said):
        rows.setdefault(tuple(line.split("\t")[:2]), line)
    print("\n".join(rows.values()))


main()
