# SPDX-License-Identifier: Apache-2.0
"""Pairs of versions that could be confused: of real advisories' bounds and enumerated versions (OSV documents below
SHARED/data/osv), each with its neighbour in its package, with a mutation of itself, or mutations of both. Uniform pairs
would test nothing. Seeded: the same documents give the same pairs."""
import io
import json
import random
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

# Per kind: the OSV ecosystems whose versions are the seeds, words, and separators that mutations put in.
KINDS = {
    'pypi': (['PyPI'], ['a1', '.b2', 'rc1', '-1', '.post1', '.dev2', '+cpu', '+1.ab', '+ab_2', 'alpha', '-preview_3', 'c1', '.rev2', 'r3', '1!'], '.-_'),
    'npm': (['npm', 'crates.io', 'Hex'], ['-alpha', '-beta.2', '-beta.11', '-rc.1', '-0', '-1', '-1a', '-a.b.1', '+build.5', '-A', '--', '-x-y', 'beta'], '.-'),
    'maven': (['Maven'], ['-alpha-1', '-beta1', '.Final', '.GA', '-SNAPSHOT', '-rc2', '.CR1', '.RELEASE', '-jre', '.jre11', '-android', '-m1', '.sp1', '-1', '.redhat-00001', '-b01', 'a1', '.v20240101', '-2.0', '-M2', '.0-rc', '_1', '-final', '-20240101.010101-1'], '.-'),
    'golang': (['Go'], ['-0.20240101000000-abcdef012345', '-rc.1', '-beta1', '+incompatible', '+dirty', '-0', '-alpha.2', '-1', '-rc1.0.20230101000000-aabbccddeeff'], '.-'),
    'cargo': (['crates.io'], ['-alpha', '-beta.2', '-beta.11', '-rc.1', '-0', '-1', '+build.5', '-A', '-a.b'], '.-'),
    'composer': (['Packagist'], ['-beta1', 'RC2', '-alpha.1', '-dev', '-p1', 'pl2', '-patch3', '@stable', '@dev', '+build', '.x-dev', '-stable', 'b', '-RC', '.1-dev', '-beta-dev', '_a2', '.0.0'], '.-_'),
    'gem': (['RubyGems'], ['.rc1', '.pre', '.beta.2', '-1', '.a', '-x86', '.0.a', 'b3', '.alpha', '.A', '-java-1'], '.-'),
    'hex': (['Hex', 'crates.io'], ['-dev', '-rc.0', '-rc.1', '-alpha', '-1', '-a.1', '+b', '-rc1'], '.-'),
    'conan': (['Bitnami', 'RubyGems'], ['w', '-pre', '-rc.1', '+1', '+cci.1', '.cci', 'a', '.1k', '-beta2', '+b.0', '.x', '-1.0'], '.-'),
    'cpan': (['RubyGems', 'PyPI'], ['_01', '0', '00', '-TRIAL', '.001', '5', '_1', '.1'], '._'),
    'cran': (['PyPI'], ['-1', '.0', '-0', '.9000', '.1-2'], '.-'),
    'luarocks': (['RubyGems', 'npm'], ['-1', '-2', 'rc1', 'beta2', 'alpha', '.pre', 'scm', '-dev', 'cvs', 'a', '.b3', '-10'], '.-_'),
    'bitnami': (['Bitnami'], ['-1', '-10', '-0', '-rc1', '-beta.2', '+b'], '.-'),
    'php': (['Packagist', 'RubyGems'], ['RC1', 'beta2', '-dev', 'pl1', '-p2', '.a', '-alpha', 'rc', '.dev', 'b', '-x', '+1', 'foo', 'Beta'], '.-_+'),
    'jvm': (['Bitnami'], ['+9', '+10', '-ea', '-ea+3', '+9-LTS', '.1', '.0.1', '-beta+2', '+07'], '.'),
}

SEMVER = re.compile(r'(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?')
JAVA = re.compile(r'[1-9]\d*((\.0)*\.[1-9]\d*)*(-[a-zA-Z0-9]+)?(\+(0|[1-9]\d*))?(-[-a-zA-Z0-9.]+)?')
# What most pairs must be of, where the tool refuses everything else and they would test nothing.
FORMS = {'npm': SEMVER, 'golang': SEMVER, 'cargo': SEMVER, 'hex': SEMVER, 'bitnami': SEMVER, 'jvm': JAVA, 'php': re.compile(r'\d.*'),
         'composer': re.compile(r'v?\d{1,5}(\.\d+){0,3}(\.[x*])?([._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)([.-]?\d+)*)?([.-]?dev)?([@+].*)?', re.I),
         'cran': re.compile(r'\d{1,9}([.-]\d{1,9})*'), 'cpan': re.compile(r'v?\d*(\.\d+)*(_\d+)?(-TRIAL)?')}


def documents(folder):
    """The documents of an ecosystem's export."""
    archive = next(iter(sorted(folder.glob('all.*'))), None)
    if archive is None:
        return
    if archive.suffix == '.zip':
        with zipfile.ZipFile(archive) as z:
            for name in sorted(z.namelist()):
                if name.endswith('.json'):
                    yield json.loads(z.read(name))
        return
    raw = subprocess.run(['zstd', '-dcq', str(archive)], stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(raw)) as t:
        for member in sorted(t.getmembers(), key=lambda m: m.name):
            if member.isfile() and member.name.endswith('.json'):
                yield json.loads(t.extractfile(member).read())


def natural(v):
    return [(0, int(p), '') if p.isdigit() else (1, 0, p) for p in re.findall(r'\d+|[^\d]+', v)]


def packages(shared, ecosystems):
    """Lists of versions, each of one package and with neighbours beside each other."""
    found = {}
    for ecosystem in ecosystems:
        for document in documents(Path(shared) / 'data' / 'osv' / ecosystem):
            for affected in document.get('affected', []):
                package = affected.get('package', {})
                if package.get('ecosystem', '').split(':')[0] != ecosystem:
                    continue
                versions = found.setdefault((ecosystem, package['name']), set())
                versions.update(affected.get('versions', []))
                for rows in affected.get('ranges', []):
                    if rows['type'] != 'GIT':
                        versions.update(v for event in rows['events'] for v in event.values())
    return [sorted(vs, key=natural) for _, vs in sorted(found.items()) if vs]


def mutate(r, v, kind):
    _, suffixes, marks = KINDS[kind]
    parts = re.findall(r'\d+|[A-Za-z]+|[^A-Za-z\d]', v) or ['0']
    i = r.randrange(len(parts))
    p = parts[i]
    way = r.randrange(12)
    if way == 0:
        parts[i:i + 1] = [p, '.', '0']
    elif way == 1 and len(parts) > 2:
        del parts[-2:]
    elif way == 2 and p.isdigit():
        parts[i] = '0' + p
    elif way == 3:
        parts[i] = p.upper() if p.islower() else p.lower()
    elif way == 4 and not p.isalnum():
        parts[i] = r.choice(marks)
    elif way == 5:
        parts.append(r.choice(suffixes))
    elif way == 6:
        parts.insert(i + 1, r.choice(suffixes))
    elif way == 7 and p.isdigit():
        parts[i] = r.choice(['a', 'rc', '1a', 'x2', 'beta'])
    elif way == 8 and p.isdigit():
        parts[i] = str(max(0, int(p[:18]) + r.choice([-1, 1])))
    elif way == 9 and r.random() < 0.2:
        parts[i] = r.choice(['20240101123456789012', '99999999999999999999999', '9999999', '2147483648', '00000000000000000000001'])
    elif way == 10:
        parts.insert(0, r.choice(['v', 'V', '0', '1.']))
    else:
        parts.append(r.choice(['.0', '.0.0', '.1', r.choice(suffixes)]))
    return ''.join(parts)


def pairs(shared, kind, count, seed):
    r = random.Random(f'{seed} {kind}')
    groups = packages(shared, KINDS[kind][0])
    if not groups:
        raise SystemExit(f'pairs: no documents of {KINDS[kind][0]} below {shared}')
    seen = set()
    while len(seen) < count:
        group = r.choice(groups)
        i = r.randrange(len(group))
        a, b = group[i], group[min(len(group) - 1, i + r.randint(0, 2))]
        way = r.random()
        if way < 0.5:
            b = mutate(r, a if r.random() < 0.7 else b, kind)
        if way < 0.25:
            b = mutate(r, b, kind)
        if way > 0.6 and r.random() < 0.7:
            a, b = mutate(r, a, kind), mutate(r, b, kind)
        if r.random() < 0.5:
            a, b = b, a
        pair = (a, b)
        if pair in seen or a == b or any(not v or len(v) > 120 or not v.isascii() or not v.isprintable() or ' ' in v for v in pair):
            continue
        if kind in FORMS and r.random() < 0.97 and not all(FORMS[kind].fullmatch(v) for v in pair):
            continue
        seen.add(pair)
        yield pair
