#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""language_sboms.py DATA OUT: real vulnerabilities of libraries, as the OSV documents in DATA/osv tell of them.

Writes OUT/vulnerable.json and OUT/fixed.json, CycloneDX documents with COUNT packages of each ecosystem in a version that
is affected and in the one that the document names as fixed, and OUT/expected.json: [type, name, version, fixed, ids].

The documents are the first by id, one a package, with one range of versions and one `fixed` in it. The affected version is
one of the document's own, else where the range begins, else the number before the fix.
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

COUNT = 12
# ecosystem: file, type of package URL, what joins namespace and name
ECOSYSTEMS = {
    "PyPI": ("all.zip", "pypi", None),
    "npm": ("all.zip", "npm", "/"),
    "Maven": ("all.zip", "maven", ":"),
    "Go": ("all.zip", "golang", "/"),
    "crates.io": ("all.zip", "cargo", None),
    "NuGet": ("all.zip", "nuget", None),
    "Packagist": ("all.zip", "composer", "/"),
    "RubyGems": ("all.zip", "gem", None),
    "Hex": ("all.zip", "hex", None),
    "Pub": ("all.zip", "pub", None),
    "Bitnami": ("all.tar.zst", "bitnami", None),
}


def documents(path):
    """Every document of an archive, by id."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as z:
            texts = [z.read(n) for n in z.namelist() if n.endswith(".json")]
    else:
        raw = subprocess.run(["zstd", "-dcq", str(path)], check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=io.BytesIO(raw)) as t:
            texts = [t.extractfile(m).read() for m in t if m.isfile() and m.name.endswith(".json")]
    return sorted((json.loads(t) for t in texts), key=lambda d: d["id"])


def before(version):
    """The number before a version: 1.2.3 -> 1.2.2, 2.0.0-rc1 -> 1.0.0; None: there is none."""
    numbers = re.match(r"[vV]?(\d+(?:\.\d+)*)", version)
    parts = [int(n) for n in numbers[1].split(".")] if numbers else []
    for i in reversed(range(len(parts))):
        if parts[i] > 0:
            parts[i] -= 1
            return ".".join(map(str, parts))
    return None


def versions_of(affected):
    """(affected, fixed) of an entry, or None where it is not as simple as that."""
    ranges = [r for r in affected.get("ranges", []) if r["type"] != "GIT"]
    events = [e for r in ranges for e in r["events"]]
    fixed = [e["fixed"] for e in events if "fixed" in e]
    introduced = [e["introduced"] for e in events if "introduced" in e]
    if len(ranges) != 1 or len(fixed) != 1 or len(introduced) != 1 or len(events) != 2:
        return None
    listed = affected.get("versions", [])
    if fixed[0] in listed:
        return None
    first = listed[0] if listed else introduced[0] if introduced[0] != "0" else before(fixed[0])
    return (first, fixed[0]) if first else None


def choose(ecosystem, file, data):
    """The first COUNT: (name, affected version, fixed one, ids)."""
    chosen = {}
    for d in documents(data / "osv" / ecosystem / file):
        entries = [a for a in d.get("affected", []) if a.get("package", {}).get("ecosystem") == ecosystem]
        custom = any("custom_ranges" in a.get("ecosystem_specific", {}) for a in entries)
        if d.get("withdrawn") or len(entries) != 1 or custom or d["id"].startswith("MAL-"):
            continue
        name = entries[0]["package"]["name"]
        found = versions_of(entries[0])
        if found and name not in chosen:
            chosen[name] = (name, *found, [d["id"], *d.get("aliases", [])])
        if len(chosen) == COUNT:
            break
    return list(chosen.values())


def purl(kind, joint, name, version):
    """The package URL of a name as OSV writes it."""
    parts = name.split(joint) if joint else [name]
    return f"pkg:{kind}/" + "/".join(quote(p, safe="") for p in parts) + "@" + quote(version, safe="")


def bom(purls):
    """A document of these packages and no system."""
    components = [{"type": "library", "name": p.split("@")[0].rsplit("/", 1)[-1], "purl": p} for p in purls]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    expected, vulnerable, fixed = [], [], []
    for ecosystem, (file, kind, joint) in ECOSYSTEMS.items():
        for name, first, last, ids in choose(ecosystem, file, data):
            expected.append([kind, name, first, last, ids])
            vulnerable.append(purl(kind, joint, name, first))
            fixed.append(purl(kind, joint, name, last))
    (out / "expected.json").write_text(json.dumps(expected))
    (out / "vulnerable.json").write_text(json.dumps(bom(vulnerable)))
    (out / "fixed.json").write_text(json.dumps(bom(fixed)))


main()
