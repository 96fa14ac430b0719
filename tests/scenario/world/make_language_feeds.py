#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of made OSV feeds for test_language_packages.sh.

  make_language_feeds.py FOLDER
"""
import json, os, sys, zipfile

root = sys.argv[1]


def document(id, ecosystem, name, fixed, **more):
    events = [{'introduced': '0'}] + ([{'fixed': fixed}] if fixed else [])
    affected = {'package': {'ecosystem': ecosystem, 'name': name}, 'ranges': [{'type': 'ECOSYSTEM', 'events': events}]}
    affected.update(more.pop('affected', {}))
    return {'id': id, 'modified': '2026-11-20T00:00:00Z', 'published': '2026-11-20T00:00:00Z', 'summary': 'About ' + name,
            'affected': [affected], **more}


high = {'database_specific': {'severity': 'HIGH'}}
feeds = {
    'npm': [document('GHSA-35jh-r3h4-6jhm', 'npm', 'lodash', '4.17.21', aliases=['CVE-2021-23337'], **high),
            document('MAL-2026-1', 'npm', 'evil', None)],
    'crates.io': [document('RUSTSEC-2021-0139', 'crates.io', 'ansi_term', None,
                           affected={'database_specific': {'informational': 'unmaintained'}})],
    'Debian': [{**document('DEBIAN-CVE-2023-0001', 'Debian:12', 'python-made', '1.0-2'), 'upstream': ['CVE-2023-0001']}],
    'PyPI': [document('PYSEC-2023-1', 'PyPI', 'made', '2.0', aliases=['CVE-2023-0001', 'GHSA-made']),
             document('GHSA-made', 'PyPI', 'made', '2.0', aliases=['CVE-2023-0001'], **high),
             document('PYSEC-2023-2', 'PyPI', 'made', '3.0', aliases=['CVE-2023-0002'])],
}
for ecosystem, documents in feeds.items():
    os.makedirs(os.path.join(root, 'osv', ecosystem), exist_ok=True)
    with zipfile.ZipFile(os.path.join(root, 'osv', ecosystem, 'all.zip'), 'w', zipfile.ZIP_DEFLATED) as z:
        for d in documents:
            z.writestr(d['id'] + '.json', json.dumps(d))
