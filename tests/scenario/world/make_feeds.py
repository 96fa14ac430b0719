#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of feeds, as publishers serve them, that know a few true things about glibc, openssl and zlib.

  make_feeds.py FOLDER
"""
import gzip, json, os, sys, zipfile

root = sys.argv[1]


def debian(cve, package, fixed, vector):
    events = [{'introduced': '0'}] + ([{'fixed': fixed}] if fixed else [])
    return {'id': 'DEBIAN-' + cve, 'modified': '2024-03-01T00:00:00Z', 'published': '2023-10-04T00:00:00Z',
            'upstream': [cve], 'details': 'About ' + package + '.',
            'severity': [{'type': 'CVSS_V3', 'score': vector}],
            'affected': [{'package': {'ecosystem': 'Debian:12', 'name': package},
                          'ranges': [{'type': 'ECOSYSTEM', 'events': events}]}]}


documents = [
    debian('CVE-2023-4911', 'glibc', '2.36-9+deb12u3', 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H'),
    debian('CVE-2023-5363', 'openssl', '3.0.11-1~deb12u2', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'),
    debian('CVE-2023-45853', 'zlib', None, 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'),
]
secdb = {'distroversion': 'v3.20', 'reponame': 'main', 'urlprefix': 'https://dl-cdn.alpinelinux.org/alpine',
         'apkurl': '{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
         'archs': ['x86_64'],
         'packages': [{'pkg': {'name': 'openssl', 'secfixes': {'3.3.1-r1': ['CVE-2024-5535']}}}]}
kev = {'title': 'CISA Catalog of Known Exploited Vulnerabilities', 'catalogVersion': '2023.11.21',
       'dateReleased': '2023-11-21T18:00:00.0000Z', 'count': 1,
       'vulnerabilities': [{'cveID': 'CVE-2023-4911', 'vendorProject': 'GNU', 'product': 'GNU C Library',
                            'vulnerabilityName': 'GNU C Library Buffer Overflow Vulnerability',
                            'dateAdded': '2023-11-21', 'shortDescription': 'A buffer overflow in ld.so.',
                            'requiredAction': 'Apply mitigations.', 'dueDate': '2023-12-12',
                            'knownRansomwareCampaignUse': 'Unknown', 'notes': ''}]}
epss = '#model_version:v2023.03.01,score_date:2024-03-01T00:00:00+0000\ncve,epss,percentile\n' \
       'CVE-2023-4911,0.01,0.8\nCVE-2023-5363,0.002,0.5\n'

for folder in ('osv/Debian', 'alpine-secdb/v3.20', 'kev', 'epss'):
    os.makedirs(os.path.join(root, folder), exist_ok=True)
with zipfile.ZipFile(os.path.join(root, 'osv/Debian/all.zip'), 'w', zipfile.ZIP_DEFLATED) as z:
    for d in documents:
        z.writestr(d['id'] + '.json', json.dumps(d))
with open(os.path.join(root, 'alpine-secdb/v3.20/main.json'), 'w') as f:
    json.dump(secdb, f)
with open(os.path.join(root, 'kev/known_exploited_vulnerabilities.json'), 'w') as f:
    json.dump(kev, f)
with gzip.open(os.path.join(root, 'epss/epss_scores-2024-03-01.csv.gz'), 'wt') as f:
    f.write(epss)
