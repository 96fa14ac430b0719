# SPDX-License-Identifier: Apache-2.0
"""What the choose.py of the rpm distributions share: versions around a fix, purls, and the table.

A statement is (distro, package, architecture or "", cve, fix or None, truth); fix as the publisher writes it, with an
epoch where he does; None: affected, no fix. Packages about which one CVE has different statements are left out, since
then the truth would be a judgement and not a statement.
"""
import random
import re
import sys
from collections import defaultdict
from urllib.parse import quote


def split_evr(evr):
    epoch, colon, rest = evr.rpartition(":")
    version, _, release = rest.rpartition("-")
    return (epoch if colon else ""), version, release


def below(evr, rng):
    """An evr just below: the release's first number less one, or the same release with a tilde behind it."""
    epoch, version, release = split_evr(evr)
    m = re.match(r"(\d+)(.*)", release)
    if m and int(m[1]) > 0 and rng.random() < 0.6:
        release = f"{int(m[1]) - 1}{m[2]}"
    else:
        release += "~1"
    return join(epoch, version, release)


def far_below(evr):
    """The first number of the version less one, where there is one to take from."""
    epoch, version, release = split_evr(evr)
    m = re.match(r"(\d+)(.*)", version)
    if not m or int(m[1]) == 0:
        return None
    return join(epoch, f"{int(m[1]) - 1}{m[2]}", release)


def above(evr):
    epoch, version, release = split_evr(evr)
    return join(epoch, version, release + ".1")


def join(epoch, version, release):
    return (f"{epoch}:" if epoch else "") + f"{version}-{release}"


def purl(distro, name, evr, arch="", **more):
    epoch, version, release = split_evr(evr)
    q = {"arch": arch, "distro": distro, "epoch": epoch if epoch not in ("", "0") else "", **more}
    text = "&".join(f"{k}={quote(v, safe=':,')}" for k, v in sorted(q.items()) if v)
    return f"pkg:rpm/x/{quote(name, safe='')}@{quote(version + '-' + release, safe='~^')}?{text}"


def lone(statements):
    """Those that nothing else said of the same package and CVE contradicts."""
    fixes = defaultdict(set)
    for s in statements:
        fixes[s[0], s[1], s[3]].add(s[4])
    return [s for s in statements if len(fixes[s[0], s[1], s[3]]) == 1]


def write(path, head, rows):
    seen, out = set(), []
    for row in rows:
        if (row[0], row[1]) not in seen:
            seen.add((row[0], row[1]))
            out.append(row)
    with open(path, "w", encoding="utf-8") as f:
        for line in head:
            f.write(f"# {line}\n")
        for row in sorted(out):
            f.write("\t".join(row) + "\n")
    print(f"{path}: {len(out)} pairs", file=sys.stderr)


def around(rng, statement, name=None, **more):
    """Rows of one statement: versions below, at and above its fix; of one without a fix any version."""
    distro, package, arch, cve, fix, truth = statement
    name = name or package
    if fix is None:
        version = f"{rng.randrange(1, 9)}.{rng.randrange(20)}-{rng.randrange(1, 9)}"
        return [(purl(distro, name, version, arch, **more), cve, "affected", "-", truth)]
    rows = [(below(fix, rng), True), (fix, False), (above(fix), False), (far_below(fix), True)]
    return [(purl(distro, name, evr, arch, **more), cve, "affected" if hit else "none", fix if hit else "-", truth)
            for evr, hit in rows if evr]


def rng(seed):
    return random.Random(seed)
