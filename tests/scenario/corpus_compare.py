#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus_compare.py CAREEN CORPUS BUS: every image of a corpus against what its own package manager lists.

CORPUS has oci/ (one layout), images.tsv and expect/<ref>.txt (type, name, version, source, tab separated). Each image is
read twice: by `careen packages oci:…` and, as the stages saw it, from the inventories on BUS; the findings of a scan and of
the bus are compared too. Ends with 1 when anything differs."""
import json, os, subprocess, sys

careen, corpus, bus = sys.argv[1:]


def run(*words):
    r = subprocess.run([careen, *words], capture_output=True, text=True)
    if r.returncode:
        sys.exit(f"careen {' '.join(words)}: {r.stderr.strip()}")
    return r.stdout


def lines(*words):
    return [json.loads(line) for line in run(*words).splitlines()]


def packages(listed):
    # A source that is not told is the package itself.
    return {(p["type"], p["name"], p["version"], p.get("source") or p.get("source_name") or p["name"],
             p.get("source_version") or p["version"]) for p in listed}


def expected(path):
    out = set()
    for line in open(path):
        kind, name, version, source = line.rstrip("\n").split("\t")
        words = source.split(" ") if source else [name]
        out.add((kind, name, version, words[0], words[1] if len(words) > 1 else version))
    return out


inventories, findings = {}, {}
for record in lines("tail", "inventories", f"--bus={bus}", "--no-follow", "--format=json"):
    inventories.setdefault(record["image_digest"], []).extend(record["packages"])
for record in lines("tail", "findings", f"--bus={bus}", "--no-follow", "--format=json"):
    findings[record["image_digest"]] = {(f["vulnerability"], f["package"], f["version"]) for f in record["findings"]}
bad = seen = 0
for line in open(f"{corpus}/images.tsv"):
    name, digest = line.split("\t")[:2]
    ref = name.replace("/", "-").replace(":", "_")
    want = f"{corpus}/expect/{ref}.txt"
    if not os.path.exists(want):
        continue
    scan = json.loads(run("scan", f"oci:{corpus}/oci:{ref}", "--format=json"))
    answers = {
        "packages": packages(json.loads(run("packages", f"oci:{corpus}/oci:{ref}", "--format=json"))["packages"]) ^ expected(want),
        "inventory on the bus": packages(inventories.get(digest, [])) ^ expected(want),
        "findings of scan and bus": {(f["vulnerability"], f["package"], f["version"]) for f in scan["findings"]} ^ findings.get(digest, {"none"}),
    }
    seen += 1
    for what, difference in answers.items():
        if difference:
            bad += 1
            print(f"{name}: {what}: {len(difference)} differ: {sorted(map(str, difference))[:3]}")
    print(f"{name}: {len(expected(want))} packages, {len(scan['findings'])} findings")
print(f"{seen} images, {bad} differences")
sys.exit(bool(bad) or not seen)
