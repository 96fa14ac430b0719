#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Red Hat's documents in the unpacked slices. slices.py FOLDER layout OUT writes VEX documents for feeds.sh."""
import glob
import json
import os
import subprocess
import sys
import tempfile

CLAIR = "claircore/rhel/vex/testdata/"
VULS = "vuls-data-update-fetch/pkg/fetch/redhat/"
VUNNEL = "vunnel/tests/unit/providers/rhel/test-fixtures/csaf/"
# cve-2024-24786-illegal-module.json is Red Hat's document cut to one component; its two siblings are made up.
VEX = [CLAIR + n for n in ("cve-2022-38752.json", "cve-2023-38545.json", "cve-2023-4154.json", "cve-2023-42670.json",
                           "cve-2024-24786-illegal-module.json")]


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def from_tar(path):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "--zstd", "-C", folder, "-xf", path], check=True)
        return [load(p) for p in sorted(glob.glob(folder + "/**/*.json", recursive=True))]


def vex_documents(root):
    documents = [load(os.path.join(root, p)) for p in VEX]
    return documents + from_tar(os.path.join(root, VULS, "vex/v1/testdata/fixtures/csaf_vex_2024-08-04.tar.zst"))


def advisories(root):
    """RHSA documents, each once."""
    documents = from_tar(os.path.join(root, VULS, "csaf/testdata/fixtures/csaf_advisories_2024-08-11.tar.zst"))
    for pattern in ("advisories/*.json", "advisories/*/*.json", "server/*/*.json"):
        documents += [load(p) for p in sorted(glob.glob(os.path.join(root, VUNNEL, pattern)))]
    return {d["document"]["tracking"]["id"]: d for d in documents}


def as_vex(advisories_by_id, known):
    """CVE -> what its VEX document says as far as the advisories tell; of CVEs outside known."""
    made = {}
    for _, d in sorted(advisories_by_id.items()):
        for v in d["vulnerabilities"]:
            if v["cve"] in known:
                continue
            doc = made.setdefault(v["cve"], {
                "document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": d["document"]["publisher"],
                             "title": v.get("title", v["cve"]),
                             "tracking": {**d["document"]["tracking"], "id": v["cve"]}},
                "product_tree": {"branches": [], "relationships": []},
                "vulnerabilities": [{"cve": v["cve"], "product_status": {}, "remediations": [], "threats": [],
                                     "scores": []}]})
            doc["product_tree"]["branches"] += d["product_tree"]["branches"]
            doc["product_tree"]["relationships"] += d["product_tree"].get("relationships", [])
            one = doc["vulnerabilities"][0]
            for status, ids in v["product_status"].items():
                one["product_status"].setdefault(status, []).extend(ids)
            for part in ("remediations", "threats", "scores"):
                one[part] += v.get(part, [])
    return made


def main(root, out):
    vex = vex_documents(root)
    made = as_vex(advisories(root), {d["document"]["tracking"]["id"] for d in vex})
    for d in vex + [made[c] for c in sorted(made)]:
        name = d["document"]["tracking"]["id"].lower()
        folder = os.path.join(out, name.split("-")[1])
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as f:
            json.dump(d, f)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
