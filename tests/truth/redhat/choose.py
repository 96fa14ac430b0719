#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes pairs.tsv from Red Hat's documents: choose.py FOLDER, which holds the unpacked slices (see feeds.sh).

Every product id is taken at its word: "AppStream-9.3.0.Z.MAIN:curl-0:7.76.1-26.el9_3.2.x86_64" in "fixed" is a build that is
fixed. From it come the build before (its last number is one less), itself, and the build after. The platform's CPE says
whether it is the release itself or a product that is supported longer.
"""
import os
import random
import re
import sys

import slices

SEED = 20261123
MAJORS = ("6", "7", "8", "9")
HERE = os.path.dirname(os.path.abspath(__file__))


def platforms(tree, out):
    for b in tree:
        p = b.get("product", {})
        cpe = p.get("product_identification_helper", {}).get("cpe")
        if cpe:
            out[p["product_id"]] = cpe
        platforms(b.get("branches", []), out)
    return out


def stream(cpe):
    """-> (major, product or None), or None when it is not the system itself."""
    f = cpe.split(":")
    if f[2] != "redhat" or len(f) < 5:
        return None
    if f[3] == "enterprise_linux":
        return f[4].split(".")[0], None
    if f[3] in ("rhel_eus", "rhel_aus", "rhel_e4s", "rhel_tus", "rhel_els"):
        return f[4].split(".")[0], f"{f[3]}:{f[4]}"
    return None


BUILD = re.compile(r"^(.+)-(?:(\d+):)?([^-:]+)-([^-:]+)\.(x86_64|aarch64|ppc64le|ppc64|s390x|s390|i686|noarch|src)"
                   r"(?:\.rpm)?(?:[-:]+([a-z0-9-]+:[a-z0-9.]+))?$")


def statements(d, v):
    """(status, platform, major, product, name, epoch, version, release, arch, module) of builds;
    those of components have no version."""
    cpes = platforms(d["product_tree"]["branches"], {})
    for status, ids in sorted(v["product_status"].items()):
        for i in ids:
            platform = next((p for p in cpes if i.startswith(p + ":")), None)
            where = stream(cpes[platform]) if platform else None
            if not where:
                continue
            rest = i[len(platform) + 1:]
            m = BUILD.match(rest)
            if m:
                name, epoch, version, release, arch, module = m.groups()
            elif re.search(r"[:@]", rest.split("/")[-1]):
                continue
            else:
                name, epoch, version, release, arch = rest.split("/")[-1], None, None, None, None
                module = rest.split("/")[0] if "/" in rest and ":" in rest else None
                if "/" in rest and not module:
                    continue
            yield status, i, *where, name, epoch or "0", version, release, arch, module


def step(release, by):
    """The build before or after: the number that changes between builds of one minor release."""
    m = re.match(r"^(\d+)(\.module\+.*)$", release) or re.match(r"^(.*el\d+_\d+\.)(\d+)$", release)
    if m and m.group(1).isdigit():
        return f"{int(m.group(1)) + by}{m.group(2)}"
    if m:
        return f"{m.group(1)}{int(m.group(2)) + by}" if int(m.group(2)) + by >= 0 else None
    m = re.match(r"^(\d+)(\..*)$", release)
    return f"{int(m.group(1)) + by}{m.group(2)}" if m and int(m.group(1)) + by >= 0 else None


def purl(major, name, epoch, version, release, arch, module=None, product=None, upstream=None):
    q = {"arch": arch, "distro": f"rhel-{major}"}
    if epoch != "0":
        q["epoch"] = epoch
    if module:
        q["rpmmod"] = module
    if product:
        q["products"] = product
    if upstream:
        q["upstream"] = upstream
    vr = f"{version}-{release}".replace("+", "%2B")
    return f"pkg:rpm/redhat/{name}@{vr}?" + "&".join(f"{k}={q[k]}" for k in sorted(q))


def shown(epoch, version, release):
    return f"{epoch}:{version}-{release}" if epoch != "0" else f"{version}-{release}"


def of_fixes(rows, document, v, fixes, rng):
    """fixes: {(major, product, name, module): {(epoch, version, release): {arch: product id}}}"""
    for (major, product, name, module), builds in sorted(fixes.items(), key=str):
        bases = {re.sub(r"\.el\d+_.*|\.module.*", "", "-".join(b[1:])) for b in builds}
        if product and len(builds) > 1 or len(builds) > 2 or len(bases) != len(builds):
            continue  # several builds of one minor release: the documents alone don't say which was first
        for (epoch, version, release), arches in builds.items():
            arch = rng.choice(sorted(arches))
            truth = f"{document}, {v['cve']}, fixed: {arches[arch]}"
            for by in (-1, 0, 1):
                r = step(release, by) if by else release
                if not r:
                    continue
                verdict = ("affected", shown(epoch, version, release)) if by < 0 else ("none", "-")
                rows.append((purl(major, name, epoch, version, r, arch, module, product), v["cve"], *verdict, truth))


def verdict_of(v, product_id):
    for r in v.get("remediations", []):
        if product_id in r.get("product_ids", []) and r["category"] == "no_fix_planned":
            return "end_of_life" if r["details"].startswith("Out of support scope") else "wont_fix"
    return "affected"


def of_components(rows, document, v, components):
    for (status, major, name, module), i in sorted(components.items(), key=str):
        verdict = {"known_affected": verdict_of(v, i), "known_not_affected": "none",
                   "under_investigation": "under_investigation"}[status]
        release = f"1.module+el{major}.9.0+1+a" if module else f"1.el{major}"
        truth = f"{document}, {v['cve']}, {status}: {i}"
        rows.append((purl(major, name, "0", "1.0", release, "x86_64", module), v["cve"], verdict, "-", truth))
        if verdict != "none" and not module:
            # What is built from the component is affected as it is.
            rows.append((purl(major, name + "-made-from-it", "0", "1.0", release, "x86_64",
                              upstream=f"{name}-1.0-{release}.src.rpm"), v["cve"], verdict, "-", truth))


def of_vulnerability(rows, document, d, v, rng):
    fixes, components = {}, {}
    for status, i, major, product, name, epoch, version, release, arch, module in statements(d, v):
        if major not in MAJORS:
            continue
        if status == "fixed" and arch != "src" and "-debug" not in name:
            builds = fixes.setdefault((major, product, name, module), {})
            builds.setdefault((epoch, version, release), {})[arch] = i
        elif not version and not product:
            components[status, major, name, module] = i
        elif status == "known_not_affected" and not product and (major, None, name, module) not in fixes:
            rows.append((purl(major, name, epoch, version, release, arch if arch != "src" else "x86_64", module),
                         v["cve"], "none", "-", f"{document}, {v['cve']}, {status}: {i}"))
    of_fixes(rows, document, v, fixes, rng)
    of_components(rows, document, v, components)


def by_hand():
    """Where two documents' places together are the truth."""
    def curl(version, product=None):
        return purl("9", "curl", "0", "7.76.1", version, "x86_64", product=product)
    eus = "cve-2023-38545, fixed: AppStream-9.0.0.Z.EUS:curl-0:7.76.1-14.el9_0.9.x86_64; the release has it in "
    main3 = "cve-2023-38545, fixed: AppStream-9.3.0.Z.MAIN:curl-0:7.76.1-26.el9_3.2.x86_64, what 9.3 began with is older"
    cve = "CVE-2023-38545"
    ruby = "RHSA-2024:1431 alone speaks of CVE-2023-36617, of ruby:3.1; RHSA-2023:7025 fixes ruby:2.5 of others"
    python = "CVE API, CVE-2024-8088, affected_release: python3.9-0:"
    source = "python3.9-%s.src.rpm"

    def py(release, version="3.9.18"):
        return purl("9", "python3-libs", "0", version, release, "x86_64", upstream=source % f"{version}-{release}")
    return [
        (curl("14.el9_0.9"), cve, "none", "-", eus + "later builds"),
        (curl("14.el9_0.9", "rhel_eus:9.0"), cve, "none", "-", eus + "no earlier build"),
        (curl("14.el9_0.8", "rhel_eus:9.0"), cve, "affected", "7.76.1-14.el9_0.9", eus + "later builds"),
        (curl("26.el9"), cve, "affected", "7.76.1-26.el9_3.2", main3),
        (purl("8", "ruby", "0", "2.5.9", "110.module+el8.6.0+15956+aa803fc1", "x86_64", "ruby:2.5"), "CVE-2023-36617",
         "none", "-", ruby),
        (purl("8", "ruby", "0", "2.7.8", "138.module+el8.6.0+1+a", "x86_64", "ruby:2.7:8060020220527:rhel8"),
         "CVE-2021-33621", "affected", "2.7.8-139.module+el8.8.0+18745+f1bef313",
         "RHSA-2023:3821, fixed; the label with version and context as rpm has it"),
        (purl("8", "ruby", "0", "2.5.5", "1.el8", "x86_64"), "CVE-2021-33621", "none", "-",
         "RHSA-2023:7025, RHSA-2023:3821, RHSA-2024:1431: of modules only, and this is of none"),
        (py("3.el9_4.4"), "CVE-2024-8088", "affected", "3.9.18-3.el9_4.5", python + "3.9.18-3.el9_4.5 (RHSA-2024:6163)"),
        (py("3.el9_4.5"), "CVE-2024-8088", "none", "-", python + "3.9.18-3.el9_4.5 (RHSA-2024:6163)"),
        (py("10.el9_4"), "CVE-2024-8088", "none", "-", python + "3.9.18-3.el9_4.5 (RHSA-2024:6163), and this is 9.4's"),
        (py("7.el9", "3.9.19"), "CVE-2024-8088", "affected", "3.9.19-8.el9", python + "3.9.19-8.el9 (RHSA-2024:9371)"),
        (py("8.el9", "3.9.19"), "CVE-2024-8088", "none", "-", python + "3.9.19-8.el9 (RHSA-2024:9371)"),
    ]


def main(root):
    rng, rows = random.Random(SEED), []
    vex, notices = slices.vex_documents(root), slices.advisories(root)
    known = {d["document"]["tracking"]["id"] for d in vex}
    for d in vex:
        for v in d["vulnerabilities"]:
            of_vulnerability(rows, d["document"]["tracking"]["id"].lower() + " (VEX)", d, v, rng)
    # Of several advisories on one name only all of them together say which build was first: by hand above.
    named = {}
    for ident, d in sorted(notices.items()):
        for v in d["vulnerabilities"]:
            if v["cve"] not in known:
                named.setdefault(v["cve"], []).append((ident, d, v))
    for cve, places in sorted(named.items()):
        modular = all(any("module+" in i for i in v["product_status"].get("fixed", [])) for _, _, v in places)
        if len(places) == 1 or modular:
            for ident, d, v in places:
                of_vulnerability(rows, ident, d, v, rng)
    chosen = {}
    for row in rows:
        major = re.search(r"distro=rhel-(\d+)", row[0]).group(1)
        kind = row[2] if row[2] != "none" else "none " + ("fixed" if ", fixed: " in row[4] else "said")
        longer = "products=" in row[0]
        chosen.setdefault((major, kind, longer, "rpmmod=" in row[0]), {}).setdefault(row[:2], row)
    lines = set(by_hand())
    for key in sorted(chosen):
        some = sorted(chosen[key].values())
        lines.update(rng.sample(some, min(len(some), 40 if not key[2] else 15)))
    said = {}
    for line in sorted(lines):
        said.setdefault(line[:2], line)
    with open(os.path.join(HERE, "pairs.tsv"), "w", encoding="utf-8") as f:
        f.write("# Truth: Red Hat's advisories (RHSA, CSAF), its CVE API, and where the slices have neither of a CVE,\n"
                "# the VEX document's own product ids, read here by another program. Up to 40 pairs for each release,\n"
                f"# verdict and kind by random.Random({SEED}), and {len(by_hand())} by hand; choose.py.\n"
                "# feeds: redhat-vex\n")
        for line in sorted(said.values()):
            f.write("\t".join(line) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
