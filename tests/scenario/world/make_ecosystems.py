#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One library of every ecosystem, as its tools leave it in an image, and advisories about each, for test_ecosystems.sh.

  make_ecosystems.py image FOLDER VERSION [evil]   every library in that version; evil: a malicious package of npm too
  make_ecosystems.py feeds FOLDER FIXED            affected below FIXED; each file is replaced at once
  make_ecosystems.py table                         ECOSYSTEM TYPE NAME CVE of each, as Careen shows them

Names are spelt in the image as their publishers do and in the advisories as the ecosystem does. VERSION is A.B.C.
"""
import io, json, os, sys, zipfile
import make_programs


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out.getvalue()


def jar(version):
    pom = f'groupId=org.made\nartifactId=made-core\nversion={version}\n'
    inner = zipped({'META-INF/maven/org.made/made-core/pom.properties': pom, 'org/made/A.class': b'\xca\xfe\xba\xbe'})
    return zipped({'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'WEB-INF/lib/made-core.jar': inner})


def go(version):
    return make_programs.elf_of_modules(f'path\texample.com/shop\nmod\texample.com/shop\t(devel)\t\ndep\tgithub.com/Made/lib\tv{version}\th1:x=\n')


def rust(version):
    return make_programs.elf_of_crates({'packages': [
        {'name': 'shop', 'version': '0.1.0', 'source': 'local', 'dependencies': [1], 'root': True},
        {'name': 'made_crate', 'version': version, 'source': 'crates.io'}], 'format': 1})


def dotnet(version):
    key = f'Made.Net/{version}'
    return json.dumps({
        'runtimeTarget': {'name': '.NETCoreApp,Version=v8.0', 'signature': ''},
        'targets': {'.NETCoreApp,Version=v8.0': {'shop/1.0.0': {'runtime': {'shop.dll': {}}},
                                                 key: {'runtime': {'lib/net8.0/Made.Net.dll': {}}}}},
        'libraries': {'shop/1.0.0': {'type': 'project', 'serviceable': False, 'sha512': ''},
                      key: {'type': 'package', 'serviceable': True, 'sha512': ''}}})


def bitnami(version):
    return json.dumps({'spdxVersion': 'SPDX-2.3', 'packages': [{'name': 'redis', 'versionInfo': version + '-7', 'externalRefs': [
        {'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
         'referenceLocator': f'pkg:bitnami/redis@{version}-7?arch=amd64&distro=debian-12'}]}]})


# ecosystem: the advisory's name for it and for the package; type and name that Careen shows; its files in that version
LIBRARIES = {
    'PyPI': ('made-py-lib', 'pypi', 'Made_Py.Lib', lambda v: {
        f'opt/venv/lib/python3.12/site-packages/made_py_lib-{v}.dist-info/METADATA':
            f'Metadata-Version: 2.1\nName: Made_Py.Lib\nVersion: {v}\n\nText.\n'}),
    'npm': ('@made/lib', 'npm', 'lib', lambda v: {
        'app/node_modules/@made/lib/package.json': json.dumps({'name': '@made/lib', 'version': v})}),
    'Maven': ('org.made:made-core', 'maven', 'made-core', lambda v: {'srv/shop.war': jar(v)}),
    'Go': ('github.com/Made/lib', 'golang', 'github.com/Made/lib', lambda v: {'usr/local/bin/shop': go(v)}),
    'crates.io': ('made-crate', 'cargo', 'made_crate', lambda v: {'usr/local/bin/audited': rust(v)}),
    'NuGet': ('Made.NET', 'nuget', 'Made.Net', lambda v: {
        'net/shop.deps.json': dotnet(v), 'net/shop.dll': b'MZ', 'net/Made.Net.dll': make_programs.assembly('Made.Net.dll', v)}),
    'Packagist': ('made/php', 'composer', 'php', lambda v: {
        'php/vendor/composer/installed.json': json.dumps({'packages': [
            {'name': 'made/php', 'version': 'v' + v, 'version_normalized': v + '.0', 'install-path': '../made/php'}],
            'dev': False, 'dev-package-names': []}), 'php/vendor/made/php/a.php': '<?php\n'}),
    'RubyGems': ('made-gem', 'gem', 'made-gem', lambda v: {
        f'usr/local/bundle/specifications/made-gem-{v}.gemspec':
            f'# -*- encoding: utf-8 -*-\n# stub: made-gem {v} ruby lib\n\nGem::Specification.new do |s|\n'
            f'  s.name = "made-gem".freeze\n  s.version = "{v}"\nend\n',
        f'usr/local/bundle/gems/made-gem-{v}/lib/made.rb': ''}),
    'Hex': ('made_hex', 'hex', 'made_hex', lambda v: {
        f'srv/shop/lib/made_hex-{v}/ebin/made_hex.app': '{application,made_hex,[{vsn,"%s"},{modules,[]}]}.\n' % v}),
    'Pub': ('made_pub', 'pub', 'made_pub', lambda v: {
        'dart/pubspec.lock': 'packages:\n  made_pub:\n    dependency: "direct main"\n    description:\n      name: made_pub\n'
                             f'    source: hosted\n    version: "{v}"\nsdks:\n  dart: ">=3.0.0"\n'}),
    'Bitnami': ('redis', 'bitnami', 'redis', lambda v: {'opt/bitnami/redis/.spdx-redis.spdx': bitnami(v)}),
    # A program that is known by its own identity: Bitnami's advisories are about the upstream's versions.
    'Generic': ('wordpress', 'generic', 'wordpress', lambda v: {
        'var/www/wp-includes/version.php': f"<?php\n$wp_version = '{v}';\n$wp_db_version = 1;\n"}),
}


def cve(ecosystem):
    return 'CVE-2026-3%03d' % list(LIBRARIES).index(ecosystem)


def write(root, path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.new', 'wb') as f:
        f.write(data.encode() if isinstance(data, str) else data)
    os.replace(path + '.new', path)


def image(root, version, *more):
    for _, _, _, files in LIBRARIES.values():
        for path, data in files(version).items():
            write(root, path, data)
    if more:
        write(root, 'app/node_modules/evil/package.json', json.dumps({'name': 'evil', 'version': '1.0.0'}))


def document(id, ecosystem, name, fixed, **more):
    events = [{'introduced': '0'}] + ([{'fixed': fixed}] if fixed else [])
    return {'schema_version': '1.7.3', 'id': id, 'published': '2026-01-02T03:04:05Z', 'modified': '2026-01-03T03:04:05Z',
            'summary': 'A made document.', 'affected': [{
                'package': {'ecosystem': ecosystem, 'name': name},
                'ranges': [{'type': 'SEMVER' if ecosystem in ('npm', 'Go', 'crates.io', 'Bitnami') else 'ECOSYSTEM',
                            'events': events}]}], **more}


def feeds(root, fixed):
    by = {}
    for i, (key, (name, _, _, _)) in enumerate(LIBRARIES.items()):
        ecosystem = 'Bitnami' if key == 'Generic' else key
        id = {'Bitnami': 'BIT-%s-2026-3%03d' % (name, i), 'PyPI': 'PYSEC-2026-3%03d' % i, 'Go': 'GO-2026-3%03d' % i,
              'crates.io': 'RUSTSEC-2026-3%03d' % i}.get(ecosystem, 'GHSA-made-made-3%03d' % i)
        by.setdefault(ecosystem, []).append(document(id, ecosystem, name, fixed, aliases=[cve(key)]))
        # So that one document more or less is no half of a feed.
        by[ecosystem] += [document('%s-9%03d' % (id, n), ecosystem, 'made-filler-%d' % n, '1.0.0') for n in range(30)]
    by['npm'].append(document('MAL-2026-1', 'npm', 'evil', None))
    for ecosystem, documents in by.items():
        write(root, f'osv/{ecosystem}/all.zip', zipped({d['id'] + '.json': json.dumps(d) for d in documents}))


def table():
    for key, (_, type_, name, _) in LIBRARIES.items():
        print(cve(key), type_, name)


{'image': image, 'feeds': feeds, 'table': table}[sys.argv[1]](*sys.argv[2:])
