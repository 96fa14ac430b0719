#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes pairs.tsv. Careen reads Microsoft's bulletins as WES-NG has them, which name updates; the truth is what
Microsoft's documents say of fixed builds, as windows-version-feed has them: two readings of the publisher's data that
have nothing in common but CVE and product. Chosen with a seeded random: for each of 25 CVEs of a product that both know,
a build before the fix, the last before it, the first with it, and a later one.

choose.py SHARED
"""
import csv, io, json, os, random, subprocess, sys, tarfile, zipfile

SEED = 20348
RELEASES = {'Windows Server 2016': 14393, 'Windows Server 2019': 17763, 'Windows Server 2022': 20348,
            'Windows Server 2025': 26100}


def bulletins(shared):
    """{(product, CVE)} of the rows that name an update."""
    folder = os.path.join(shared, 'data', 'windows')
    name = sorted(n for n in os.listdir(folder) if n.startswith('wesng'))[-1]
    with zipfile.ZipFile(os.path.join(folder, name)) as z:
        member = [n for n in z.namelist() if n.startswith('CVEs_')][0]
        with z.open(member) as f:
            rows = csv.DictReader(io.TextIOWrapper(f, encoding='utf-8', errors='replace'))
            return {(r['AffectedProduct'].strip(), r['CVE']) for r in rows if r['BulletinKB']}


def builds(shared):
    """{(product, CVE): (build, month)}: the first fixed build that any month says, and where."""
    path = os.path.join(shared, 'data', 'windows', 'windows-version-feed.tar.zst')
    data = subprocess.run(['zstd', '-dcq', path], check=True, stdout=subprocess.PIPE).stdout
    said = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as t:
        for m in sorted(t.getmembers(), key=lambda m: m.name):
            file = os.path.basename(m.name)
            if not file.startswith('CVE_KB_Mapping_'):
                continue
            for entry in json.load(t.extractfile(m)):
                for p in entry['patches']:
                    release, _, ubr = (p.get('fixedBuild') or '').partition('.')
                    if p['os'] not in RELEASES or release != str(RELEASES[p['os']]) or not ubr.isdigit():
                        continue
                    key = p['os'], entry['cve']
                    if key not in said or int(ubr) < said[key][0]:
                        said[key] = int(ubr), f'{file} {entry["cve"]} {p["kb"]}'
    return said


def main():
    shared = sys.argv[1]
    known, said, pick, out = bulletins(shared), builds(shared), random.Random(SEED), []
    for product, release in RELEASES.items():
        both = sorted(cve for (p, cve) in said if p == product and (p, cve) in known)
        for cve in sorted(pick.sample(both, min(25, len(both)))):
            ubr, where = said[product, cve]
            for version, verdict in ((pick.randrange(ubr // 2, ubr), 'affected'), (ubr - 1, 'affected'), (ubr, 'none'),
                                     (ubr + pick.randrange(1, 500), 'none')):
                name = product.replace(' ', '%20')
                purl = f'pkg:generic/windows/{name}@10.0.{release}.{version}?arch=amd64&distro=windows-10.0.{release}'
                out.append((purl, cve, verdict, f'10.0.{release}.{ubr}' if verdict == 'affected' else '-', where))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pairs.tsv'), 'w') as f:
        f.write('# Truth: Microsoft\'s fixed builds (MSRC, CVRF) as in data/windows/windows-version-feed.tar.zst, by file, CVE\n'
                f'# and update. Careen reads the bulletins of WES-NG. Chosen by choose.py, seed {SEED}.\n'
                '# feeds: windows-wesng\n'
                '# reason: and which of these are installed is not known\n')
        for row in sorted(set(out)):
            f.write('\t'.join(row) + '\n')


main()
