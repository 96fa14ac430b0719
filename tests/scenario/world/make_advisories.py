#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small feeds folder: make_advisories.py DIR SPEC…, each SPEC one of

  debian:CVE,PACKAGE,FIXED[,SEVERITY]   an OSV document of Debian 12 (FIXED "-": no fix yet)
  alpine:CVE,PACKAGE,FIXED              an OSV document of Alpine v3.19
  secdb:CVE,PACKAGE,FIXED               an entry of Alpine's own list, v3.19 main
  kev:CVE                               known to be exploited
  few:                                  without the thirty
  withdrawn:CVE                         an OSV document of Debian that takes itself back

Thirty advisories of packages that no image has are there, so that one more or less is no half. Every file is
replaced at once.
"""
import json, os, sys, zipfile, io


def write(root, path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.new', 'wb') as f:
        f.write(data)
    os.replace(path + '.new', path)


def document(prefix, ecosystem, cve, package=None, fixed=None, severity=None):
    doc = {'schema_version': '1.7.3', 'id': prefix + cve, 'published': '2026-01-02T03:04:05Z',
           'modified': '2026-01-03T03:04:05Z', 'upstream': [cve], 'details': 'A made document.'}
    if not package:
        return dict(doc, withdrawn='2026-01-04T03:04:05Z', affected=[])
    events = [{'introduced': '0'}] + ([] if fixed == '-' else [{'fixed': fixed}])
    affected = {'package': {'ecosystem': ecosystem, 'name': package}, 'ranges': [{'type': 'ECOSYSTEM', 'events': events}]}
    if severity:
        affected['ecosystem_specific'] = {'urgency': severity}
    return dict(doc, affected=[affected])


def osv(documents):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for doc in documents:
            z.writestr(doc['id'] + '.json', json.dumps(doc))
    return out.getvalue()


def main(root, *specs):
    debian = [document('DEBIAN-', 'Debian:12', f'CVE-2020-{9000 + i}', f'filler{i}', '1-1') for i in range(30)]
    alpine = [document('ALPINE-', 'Alpine:v3.19', f'CVE-2020-{9000 + i}', f'filler{i}', '1-r1') for i in range(30)]
    secdb = {f'filler{i}': {'1-r1': [f'CVE-2020-{9000 + i}']} for i in range(30)}
    kev = [f'CVE-2020-{9000 + i}' for i in range(30)]
    if 'few:' in specs:
        debian, alpine, secdb, kev = [], [], {}, []
    for spec in specs:
        if spec == 'few:':
            continue
        kind, rest = spec.split(':', 1)
        words = rest.split(',')
        if kind == 'debian':
            debian.append(document('DEBIAN-', 'Debian:12', *words))
        elif kind == 'alpine':
            alpine.append(document('ALPINE-', 'Alpine:v3.19', *words))
        elif kind == 'withdrawn':
            debian.append(document('DEBIAN-', 'Debian:12', words[0]))
        elif kind == 'secdb':
            secdb.setdefault(words[1], {}).setdefault(words[2], []).append(words[0])
        elif kind == 'kev':
            kev.append(words[0])
        else:
            sys.exit('no such kind: ' + kind)
    write(root, 'osv/Debian/all.zip', osv(debian))
    write(root, 'osv/Alpine/all.zip', osv(alpine))
    write(root, 'alpine-secdb/v3.19/main.json', json.dumps(
        {'distroversion': 'v3.19', 'reponame': 'main', 'archs': ['x86_64'], 'urlprefix': 'https://example.org/alpine',
         'apkurl': '{{urlprefix}}/{{pkg.name}}.apk',
         'packages': [{'pkg': {'name': n, 'secfixes': s}} for n, s in secdb.items()]}).encode())
    write(root, 'kev/known_exploited_vulnerabilities.json', json.dumps(
        {'title': 'made', 'catalogVersion': '2026.01.01', 'dateReleased': '2026-01-01T00:00:00.0000Z', 'count': len(kev),
         'vulnerabilities': [{'cveID': c, 'vendorProject': 'made', 'product': 'made', 'vulnerabilityName': 'made',
                              'dateAdded': '2026-01-01', 'shortDescription': 'made', 'requiredAction': 'update',
                              'dueDate': '2026-02-01', 'knownRansomwareCampaignUse': 'Unknown', 'notes': '', 'cwes': []}
                             for c in kev]}).encode())


main(*sys.argv[1:])
