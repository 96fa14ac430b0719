#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What looks installed and is not, beside one thing of its kind that is, for test_lookalikes.sh.

  make_lookalikes.py FOLDER   writes the tree below FOLDER, and on standard output what is to be listed of it: type, name,
                              certainty, code of why it is not judged, place

Every name says what it is: what begins with "is-" is installed, "maybe-" and "wish-" are listed with a mark, "no-" is not there.
Each row of TREE says why.
"""
import io, json, os, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'world'))
import make_programs


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out.getvalue()


def metadata(name):
    return f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n'


def wheel(name):
    return zipped({f'{name}-1.0.dist-info/METADATA': metadata(name), f'{name}/__init__.py': ''})


def npm(name, **more):
    return json.dumps({'name': name, 'version': '1.0.0', **more})


def npm_lock(name):
    return json.dumps({'name': 'x', 'lockfileVersion': 3, 'packages': {'': {'name': 'x'}, 'node_modules/' + name: {'version': '1.0.0'}}})


def jar(name):
    return zipped({f'META-INF/maven/org.made/{name}/pom.properties': f'groupId=org.made\nartifactId={name}\nversion=1.0\n',
                   'org/made/A.class': b'\xca\xfe\xba\xbe'})


def gemspec(name):
    return f'# -*- encoding: utf-8 -*-\n# stub: {name} 1.0 ruby lib\n\nGem::Specification.new do |s|\n  s.name = "{name}".freeze\n  s.version = "1.0"\nend\n'


def gem_lock(name):
    return f'GEM\n  remote: https://gems.example/\n  specs:\n    {name} (1.0)\n\nPLATFORMS\n  ruby\n'


def cargo_lock(name):
    return f'version = 3\n\n[[package]]\nname = "{name}"\nversion = "1.0.0"\nsource = "registry+https://crates.example/index"\n'


def composer(name):
    return json.dumps({'packages': [{'name': 'made/' + name, 'version': '1.0.0', 'install-path': '../made/' + name}],
                       'packages-dev': [], 'dev': False, 'dev-package-names': []})


def deps(name):
    key = name + '/1.0.0'
    return json.dumps({'runtimeTarget': {'name': '.NETCoreApp,Version=v8.0', 'signature': ''},
                       'targets': {'.NETCoreApp,Version=v8.0': {key: {'runtime': {f'lib/net8.0/{name}.dll': {}}},
                                                                'no-asset/1.0.0': {'compile': {'lib/net8.0/no-asset.dll': {}}}}},
                       'libraries': {key: {'type': 'package'}, 'no-asset/1.0.0': {'type': 'package'}}})


def assembly(name):
    return make_programs.assembly(name + '.dll', '1.0.0')


def app(name):
    return '{application,%s,[{vsn,"1.0.0"},{modules,[]}]}.\n' % name


def pub_lock(name):
    return f'packages:\n  {name}:\n    dependency: transitive\n    description:\n      name: {name}\n    source: hosted\n    version: "1.0.0"\n'


SITE = 'opt/venv/lib/python3.12/site-packages/'
GEMS = 'usr/local/bundle/'
HASH = 'b8a3a7765dfe001261dde915589e782f8c94d1e5'
# path, content, what is listed of it (None: nothing), why
TREE = [
    # Python
    (SITE + 'is_py-1.0.dist-info/METADATA', metadata('is-py'), 'pypi is-py installed -', 'a virtual environment'),
    (SITE + 'is_py/tests/no_fixture-1.0.dist-info/METADATA', metadata('no-fixture'), None, 'a fixture in a package'),
    (SITE + 'is_py/requirements.txt', 'no-wish==1.0\n', None, 'what a package asks for itself'),
    (SITE + '~s_py-0.9.dist-info/METADATA', metadata('no-leftover'), None, 'pip renames what it is about to remove'),
    ('root/.cache/uv/archive-v0/aBcD1234/no_uv-1.0.dist-info/METADATA', metadata('no-uv'), None, "uv's cache"),
    ('root/.cache/pip/wheels/ab/cd/no_pip-1.0-py3-none-any.whl', wheel('no_pip'), None, "pip's cache"),
    ('usr/lib/python3.12/ensurepip/_bundled/no_pip-24.0-py3-none-any.whl', wheel('no_ensure'), None, 'a template of venv'),
    (SITE + 'virtualenv/seed/wheels/embed/no_embed-1.0-py3-none-any.whl', wheel('no_embed'), None, 'a template of virtualenv'),
    ('srv/wheelhouse/no_house-1.0-py3-none-any.whl', wheel('no_house'), None, 'a folder to install from'),
    ('opt/conda/pkgs/no-pkg-1.0-py_0/lib/python3.12/site-packages/no_pkg-1.0.dist-info/METADATA', metadata('no-pkg'), None,
     "conda's cache of packages"),
    # Node.js
    ('app/node_modules/is-npm/package.json', npm('is-npm'), 'npm is-npm installed -', 'npm install'),
    ('app/node_modules/is-npm/test/fixtures/node_modules/no-test/package.json', npm('no-test'), None, 'a fixture in a package'),
    ('app/node_modules/is-npm/lib/esm/package.json', json.dumps({'type': 'module'}), None, 'says how files are to be read'),
    ('app/node_modules/is-npm/lib/package.json', npm('no-inner'), None, 'below the root of a package'),
    ('app/node_modules/is-npm/package-lock.json', npm_lock('no-lock'), None, "the publisher's lock file"),
    ('app/node_modules/is-npm/yarn.lock', f'# yarn lockfile v1\n\nno-yarn@^1:\n  version "1.0.0"\n', None, "the publisher's lock file"),
    ('app/package.json', npm('no-project'), None, "a project's own manifest is no dependency"),
    (f'usr/local/share/.cache/yarn/v6/npm-no-yarn-1.0.0-{HASH}-integrity/node_modules/no-yarn/package.json', npm('no-yarn'), None,
     "Yarn's cache"),
    ('usr/lib/code-server/lib/vscode/extensions/git/package.json', npm('git', engines={'vscode': '*'}, publisher='vscode'), None,
     'an extension of an editor'),
    ('usr/lib/code-server/lib/vscode/extensions/git/package-lock.json', npm_lock('wish-npm'), 'npm wish-npm declared -',
     'a lock file with nothing installed beside it'),
    ('root/.bun/install/cache/no-bun@1.0.0@@@1/package.json', npm('no-bun'), None, "Bun's cache"),
    # Java
    ('srv/is-jar.jar', jar('is-jar'), 'maven is-jar installed -', 'an archive'),
    ('root/.m2/repository/org/made/maybe-m2/1.0/maybe-m2-1.0.jar', jar('maybe-m2'), 'maven maybe-m2 declared not-loaded',
     'a build cache: listed, not judged'),
    ('root/.gradle/caches/modules-2/files-2.1/org.made/maybe-gradle/1.0/abc/maybe-gradle-1.0.jar', jar('maybe-gradle'),
     'maven maybe-gradle declared not-loaded', 'a build cache: listed, not judged'),
    ('root/.ivy2/cache/org.made/maybe-ivy/jars/maybe-ivy-1.0.jar', jar('maybe-ivy'), 'maven maybe-ivy declared not-loaded',
     'a build cache: listed, not judged'),
    # Go and Rust
    ('root/go/pkg/mod/example.com/no@v1.0.0/go.sum', 'example.com/no-sum v1.0.0 h1:x=\n', None, 'the cache of modules'),
    ('root/go/pkg/mod/example.com/no@v1.0.0/testdata/node_modules/no-go/package.json', npm('no-go'), None, 'the cache of modules'),
    ('root/go/pkg/mod/example.com/no@v1.0.0/ui/package-lock.json', npm_lock('no-go-lock'), None, 'a lock in the cache of modules'),
    ('root/.cargo/registry/src/index.example-1949cf8c6b5b557f/no-1.0.0/Cargo.lock', cargo_lock('no-crate'), None,
     "a lock in cargo's cache"),
    ('root/.cargo/registry/src/index.example-1949cf8c6b5b557f/no-1.0.0/www/package-lock.json', npm_lock('no-cargo'), None,
     "a lock in cargo's cache"),
    # Ruby
    (GEMS + 'specifications/is-gem-1.0.gemspec', gemspec('is-gem'), 'gem is-gem installed -', 'gem install'),
    (GEMS + 'gems/is-gem-1.0/lib/is.rb', '', None, 'its code'),
    (GEMS + 'gems/is-gem-1.0/spec/specifications/no-spec-1.0.gemspec', gemspec('no-spec'), None, 'a fixture in a gem'),
    (GEMS + 'gems/is-gem-1.0/test/node_modules/no-gem-npm/package.json', npm('no-gem-npm'), None, 'a fixture in a gem'),
    (GEMS + 'gems/is-gem-1.0/Gemfile.lock', gem_lock('no-gem-lock'), None, "the publisher's lock file"),
    (GEMS + 'gems/is-gem-1.0/vscode/package-lock.json', npm_lock('no-gem-js'), None, "the publisher's lock file"),
    (GEMS + 'cache/is-gem-1.0.gem', b'data.tar.gz', None, 'what it was installed from'),
    # PHP
    ('srv/vendor/composer/installed.json', composer('is-php'), 'composer is-php installed -', 'composer install'),
    ('srv/vendor/made/is-php/a.php', '<?php\n', None, 'its code'),
    ('srv/vendor/made/is-php/tests/vendor/composer/installed.json', composer('no-php-test'), None, 'a fixture in a package'),
    ('srv/vendor/made/is-php/composer.lock', composer('no-php-lock'), None, "the publisher's lock file"),
    ('srv/composer.lock', composer('wish-php'), 'composer wish-php declared -', 'a lock file of which nothing is installed'),
    # .NET
    ('net/is.deps.json', deps('is-net'), 'nuget is-net installed -', 'a library with its assembly; no-asset has none'),
    ('net/is-net.dll', assembly('is-net'), None, 'its assembly'),
    ('root/.nuget/packages/no-nuget/1.0.0/lib/net8.0/no-nuget.dll', assembly('no-nuget'), None, "NuGet's cache"),
    ('usr/share/dotnet/packs/Made.Ref/8.0.0/ref/net8.0/no-ref.dll', assembly('no-ref'), None, 'a reference assembly'),
    ('usr/share/dotnet/sdk/NuGetFallbackFolder/no-fall/1.0.0/lib/no-fall.dll', assembly('no-fall'), None, "NuGet's cache"),
    # Erlang and Dart
    ('srv/lib/is_hex-1.0.0/ebin/is_hex.app', app('is_hex'), 'hex is_hex installed -', 'a release'),
    ('srv/_build/test/lib/no_hex/ebin/no_hex.app', app('no_hex'), None, 'what was built for tests'),
    ('root/.pub-cache/hosted/pub.example/no-1.0.0/example/pubspec.lock', pub_lock('no_pub'), None, "a lock in pub's cache"),
]


def main(root):
    for path, data, listed, _ in TREE:
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'wb') as f:
            f.write(data.encode() if isinstance(data, str) else data)
        if listed:
            print(listed, path)


main(sys.argv[1])
