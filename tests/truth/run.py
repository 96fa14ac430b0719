#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares Careen's verdicts with the publishers' own, which tests/truth/README.md's tables hold.

run.py CAREEN SHARED [NAME...]: every table below this folder, or those named. For each: its advisories go into a
database of their own, its packages into one CycloneDX document a distribution (a second one where two purls would be
the same package), and what `careen scan` says of each (package, vulnerability) is compared with the table.
Exit status 0: all as in the tables; 1: not; 2: a table that can't be used.
"""
import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import unquote

HERE = os.path.dirname(os.path.abspath(__file__))
LEAST = 50  # pairs a distribution
VERDICTS = ("affected", "wont_fix", "end_of_life", "under_investigation", "needs_subscription", "none")


class Broken(Exception):
    pass


def split_purl(purl):
    """pkg:type/ns/name@version?a=b -> (without qualifiers, decoded; {qualifier: value})"""
    front, _, back = purl.partition("?")
    pairs = (p.partition("=") for p in back.split("&") if p)
    return unquote(front), {k: unquote(v) for k, _, v in pairs}


def read_table(name):
    """-> (feeds to read or None, a part of the reasons that the table expects or None, [row])"""
    path, feeds, expected, rows, seen = os.path.join(HERE, name, "pairs.tsv"), None, None, [], {}
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("# feeds:"):
                feeds = ",".join(line[8:].replace(",", " ").split())
            if line.startswith("# reason:"):
                expected = line[9:].strip()
            if not line or line.startswith("#"):
                continue
            fields = line.split("\t")
            where = f"{name}/pairs.tsv:{number}"
            if len(fields) != 5:
                raise Broken(f"{where}: {len(fields)} columns, not 5")
            purl, vulnerability, verdict, fixed, truth = fields
            distro = split_purl(purl)[1].get("distro", "")
            if "-" not in distro and not distro:
                raise Broken(f"{where}: no distro= in {purl}")
            if verdict not in VERDICTS:
                raise Broken(f"{where}: {verdict} is no verdict")
            said = seen.setdefault((purl, vulnerability), (verdict, fixed))
            if said != (verdict, fixed):
                raise Broken(f"{where}: the table says {said} of this pair too")
            rows.append({"purl": purl, "vulnerability": vulnerability, "verdict": verdict, "fixed": fixed,
                         "truth": truth, "where": where, "distro": distro})
    if not rows:
        raise Broken(f"{name}/pairs.tsv: no pairs")
    return feeds, expected, rows


class Careen:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.cache = os.path.join(folder, "cache")

    def run(self, *args, allowed=(0,)):
        r = subprocess.run([self.program, *args, "--cache", self.cache], capture_output=True, text=True)
        if r.returncode not in allowed:
            raise Broken(f"careen {' '.join(args)}: exit status {r.returncode}: {r.stderr.strip()[-2000:]}")
        return r

    def update(self, feeds_dir, only):
        r = self.run("feeds", "update", "--feeds", feeds_dir, *(["--only", only] if only else []))
        return r.stderr

    def document(self, name, distro, products, purls):
        ident, dash, version = distro.partition("-")
        # The release begins with the first number behind a dash: opensuse-leap-15.5.
        for i in range(len(distro) - 1, 0, -1):
            if distro[i - 1] == "-" and distro[i].isdigit():
                ident, version = distro[:i - 1], distro[i:]
        system = {"type": "operating-system", "name": ident,
                  "properties": [{"name": "careen:product", "value": p} for p in products]}
        if version:
            system["version"] = version
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [system] + [
                {"type": "library", "name": p, "purl": p} for p in purls]}, f)
        return path


def identity(package):
    return (package["type"], package.get("name") or package.get("package"), package["version"],
            package["architecture"])


def system_of(row):
    """The SBOM that a row belongs to: its distribution and, where the row says so, its products."""
    products = split_purl(row["purl"])[1].get("products", "")
    return row["distro"], tuple(sorted(p for p in products.split(",") if p))


def plain(purl):
    """Without what is for this runner alone."""
    front, _, back = purl.partition("?")
    kept = [q for q in back.split("&") if q and not q.startswith("products=")]
    return front + ("?" + "&".join(kept) if kept else "")


def shards(rows):
    """Splits the purls of one system so that no two in one document are the same package by name and version."""
    out = []
    for purl in sorted({plain(r["purl"]) for r in rows}):
        front, qualifiers = split_purl(purl)
        key = (front, qualifiers.get("arch"), qualifiers.get("epoch"))
        for keys, purls in out:
            if key not in keys:
                break
        else:
            keys, purls = set(), []
            out.append((keys, purls))
        keys.add(key)
        purls.append(purl)
    return [purls for _, purls in out]


def judge_document(careen, path, purls, expected, problems):
    """-> {purl: {vulnerability: (verdict, fixed)}} of the purls that were judged"""
    listed = json.loads(careen.run("packages", "sbom:" + path, "--format", "json").stdout)
    said, of = {}, {}
    by_purl = {json.dumps([split_purl(p["purl"])[0].lower(), sorted(split_purl(p["purl"])[1].items())]): p
               for p in listed["packages"] if p["purl"]}
    for purl in purls:
        front, qualifiers = split_purl(purl)
        p = by_purl.get(json.dumps([front.lower(), sorted(qualifiers.items())]))
        if not p:
            problems.append(f"{purl}: not among the packages: {'; '.join(listed['reasons']) or 'no reason given'}")
        elif p.get("not_judged"):
            problems.append(f"{purl}: not judged: {p['not_judged']}")
        elif not listed["os"]["ecosystem"]:
            problems.append(f"{purl}: nobody's advisories hold for {listed['os']['name']}")
        else:
            of[identity(p)] = purl
            said[purl] = {}
    report = careen.run("scan", "sbom:" + path, "--format", "json", allowed=(0, 3))
    if report.returncode == 3:
        problems.append(f"{os.path.basename(path)}: {report.stderr.strip()}")
        return {}
    report = json.loads(report.stdout)
    problems += [f"{os.path.basename(path)}: {reason}" for reason in report["reasons"] if not expected or expected not in reason]
    for f in report["findings"]:
        if identity(f) in of:
            said[of[identity(f)]][f["vulnerability"]] = (f["verdict"], f["fixed_version"] or "-")
    return said


def run_table(program, shared, name, counts):
    feeds, expected, rows = read_table(name)
    problems, mismatches = [], []
    with tempfile.TemporaryDirectory(prefix="careen-truth.") as folder:
        careen = Careen(program, folder)
        feeds_dir = os.path.join(shared, "data")
        script = os.path.join(HERE, name, "feeds.sh")
        if os.path.exists(script):
            feeds_dir = os.path.join(folder, "feeds")
            os.mkdir(feeds_dir)
            r = subprocess.run(["bash", script], env={**os.environ, "CAREEN_SHARED": shared, "OUT": feeds_dir},
                               capture_output=True, text=True)
            if r.returncode:
                raise Broken(f"{name}/feeds.sh: exit status {r.returncode}: {r.stderr.strip()[-2000:]}")
        told = careen.update(feeds_dir, feeds)
        systems = {}
        for row in rows:
            systems.setdefault(system_of(row), []).append(row)
        for n, (system, of_system) in enumerate(sorted(systems.items())):
            said = {}
            for m, purls in enumerate(shards(of_system)):
                path = careen.document(f"{system[0]}-{n}-{m}.cdx.json", *system, purls)
                said.update(judge_document(careen, path, purls, expected, problems))
            compare(of_system, said, mismatches, counts)
    report(name, problems, mismatches, told)
    return not problems and not mismatches


def compare(rows, said, mismatches, counts):
    for row in rows:
        count = counts.setdefault(row["distro"].split("-")[0] if not row["distro"].startswith("opensuse")
                                  else "opensuse", {"pairs": 0, "equal": 0})
        count["pairs"] += 1
        if plain(row["purl"]) not in said:
            continue
        verdict, fixed = said[plain(row["purl"])].get(row["vulnerability"], ("none", "-"))
        if (verdict, fixed) == (row["verdict"], row["fixed"]):
            count["equal"] += 1
        else:
            mismatches.append((row, verdict, fixed))


def report(name, problems, mismatches, told):
    for text in problems:
        print(f"{name}: {text}")
    for row, verdict, fixed in mismatches:
        print(f"{row['where']}: {row['purl']} {row['vulnerability']}\n"
              f"    careen: {verdict} {fixed}\n    truth:  {row['verdict']} {row['fixed']}\n    {row['truth']}")
    if problems and told.strip():
        print(f"{name}: feeds update said: {told.strip()[-1000:]}")


def main():
    program, shared, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    every = sorted(n for n in os.listdir(HERE) if os.path.exists(os.path.join(HERE, n, "pairs.tsv")))
    counts, good = {}, bool(names or every)
    if not good:
        print("there is no table")
    for name in names or every:
        try:
            good &= run_table(program, shared, name, counts)
        except (Broken, OSError, ValueError, KeyError) as broken:
            print(f"{name}: {type(broken).__name__}: {broken}")
            good = False
    for distro, c in sorted(counts.items()):
        enough = c["pairs"] >= LEAST
        good &= enough
        print(f"{distro}: {c['equal']} of {c['pairs']} pairs as the publisher says"
              f"{'' if enough else f'; {LEAST} are asked for'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
