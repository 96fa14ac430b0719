#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus_compare.py CAREEN CORPUS BUS: every image of a corpus against what its own package manager lists.

CORPUS has oci/ (one layout), images.tsv and expect/<ref>.txt (type, name, version, source, tab separated; of an image
without such a list only the two readings are compared). Each image is
read twice: by `careen packages oci:…` and, as the stages saw it, from the inventories on BUS; the findings of a scan and of
the bus are compared too. Ends with 1 when anything differs."""
import json, os, subprocess, sys

careen, corpus, bus = sys.argv[1:]


def run(*words):
    r = subprocess.run([careen, *words], capture_output=True, text=True)
    if r.returncode == 3 and "could not assess: " in r.stderr:
        return '{"findings": []}'
    if r.returncode:
        sys.exit(f"careen {' '.join(words)}: {r.stderr.strip()}")
    return r.stdout


def lines(*words):
    return [json.loads(line) for line in run(*words).splitlines()]


def source(kind, name, version):
    # The name of a source rpm's file has no epoch.
    return (name, version.split(":")[-1] if kind == "rpm" else version)


def packages(listed):
    # A source that is not told is the package itself.
    return {(p["type"], p["name"], p["version"],
             *source(p["type"], p.get("source") or p.get("source_name") or p["name"], p.get("source_version") or p["version"]))
            for p in listed}


def expected(path):
    out = set()
    for line in open(path):
        kind, name, version, origin = line.rstrip("\n").split("\t")
        if name == "gpg-pubkey":  # rpm lists the keys that it trusts; they are no packages
            continue
        words = origin.split(" ") if origin else [name]
        if kind == "rpm":
            words = origin.removesuffix(".rpm").rsplit(".", 1)[0].rsplit("-", 2)
            words = [words[0], "-".join(words[1:])]
        out.add((kind, name, version, *source(kind, words[0], words[1] if len(words) > 1 else version)))
    return out


inventories, findings = {}, {}
for record in lines("tail", "inventories", f"--bus={bus}", "--no-follow", "--format=json"):
    inventories.setdefault(record["image_digest"], []).extend(record["packages"])
for record in lines("tail", "findings", f"--bus={bus}", "--no-follow", "--format=json"):
    findings[record["image_digest"]] = {(f["vulnerability"], f["package"], f["version"]) for f in record["findings"]}
bad = seen = 0
for line in open(f"{corpus}/images.tsv"):
    name, digest = line.strip().split("\t")[:2]
    ref = name.replace("/", "-").replace(":", "_")
    scan = json.loads(run("scan", f"oci:{corpus}/oci:{ref}", "--format=json"))
    listed = packages(json.loads(run("packages", f"oci:{corpus}/oci:{ref}", "--format=json"))["packages"])
    path = f"{corpus}/expect/{ref}.txt"
    want = expected(path) if os.path.exists(path) else listed
    answers = {
        "packages": listed ^ want,
        "inventory on the bus": packages(inventories.get(digest, [])) ^ want,
        "findings of scan and bus": {(f["vulnerability"], f["package"], f["version"]) for f in scan["findings"]} ^ findings.get(digest, {"none"}),
    }
    seen += 1
    for what, difference in answers.items():
        if difference:
            bad += 1
            print(f"{name}: {what}: {len(difference)} differ: {sorted(map(str, difference))[:3]}")
    print(f"{name}: {len(want)} packages, {len(scan['findings'])} findings")
print(f"{seen} images, {bad} differences")
sys.exit(bool(bad) or not seen)
