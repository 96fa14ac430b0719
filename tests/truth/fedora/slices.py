# SPDX-License-Identifier: Apache-2.0
"""Fedora's own words in the fixtures: Bodhi's updates and Koji's packages of their builds."""
import glob
import json
import os
import xmlrpc.client


def koji(folder, method, name):
    with open(glob.glob(os.path.join(folder, "**", "kojihub", method, f"{name}.xml"), recursive=True)[0], encoding="utf-8") as f:
        return xmlrpc.client.loads(f.read())[0][0]


def updates(folder):
    """Bodhi's updates of packages and modules: [update]; others (flatpaks, containers) are left."""
    out = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "fedora", "api", "testdata", "fixtures", "updates", "F*.json"), recursive=True)):
        with open(path, encoding="utf-8") as f:
            out += [u for u in json.load(f) if all(b["type"] in ("rpm", "module") for b in u["builds"])]
    return out


def packages(folder, build):
    """Koji's rpms of a build: [(name, epoch, version, release, arch)], and its module (name, stream, version, context)."""
    module = None
    if build["type"] == "module":
        info = koji(folder, "getBuild", build["nvr"])
        m = info["extra"]["typeinfo"]["module"]
        module = m["name"], m["stream"], m["version"], m["context"]
        archive = next(a for a in koji(folder, "listArchives", info["build_id"]) if a["filename"] == "modulemd.txt")
        rpms = koji(folder, "listRPMs", archive["id"])
    else:
        rpms = koji(folder, "listRPMs", koji(folder, "findBuildID", build["nvr"]))
    return sorted({(r["name"], str(r["epoch"] or 0), r["version"], r["release"], r["arch"]) for r in rpms}), module
