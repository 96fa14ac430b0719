#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives of Node.js packages and of PHP packages, as their registries have them.

  make_nodejs.py npm FOLDER NAME==VERSION[:OPTION=VALUE]...   FOLDER/NAME-VERSION.tgz; OPTION: needs=NAME (any version of
                                                              it), bundles=NAME==VERSION, fixture=NAME==VERSION (among its
                                                              tests)
  make_nodejs.py composer FOLDER NAME==VERSION[:needs=NAME]... FOLDER/….zip, for a repository of Composer's type artifact
"""
import io, json, os, sys, tarfile, zipfile


def parse(text):
    head, *options = text.split(':')
    name, version = head.split('==')
    return name, version, [o.split('=', 1) for o in options]


def add(tar, path, value):
    data = json.dumps(value).encode()
    info = tarfile.TarInfo(path)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def manifest(text):
    name, version = text.split('==')
    return name, {'name': name, 'version': version}


def npm(folder, *packages):
    os.makedirs(folder, exist_ok=True)
    for text in packages:
        name, version, options = parse(text)
        own = {'name': name, 'version': version}
        with tarfile.open(os.path.join(folder, '%s-%s.tgz' % (name.replace('/', '-').replace('@', ''), version)), 'w:gz') as tar:
            for option, value in options:
                if option == 'needs':
                    own.setdefault('dependencies', {})[value] = '*'
                elif option == 'bundles':
                    inner, content = manifest(value)
                    own.setdefault('dependencies', {})[inner] = '*'
                    own.setdefault('bundleDependencies', []).append(inner)
                    add(tar, 'package/node_modules/%s/package.json' % inner, content)
                elif option == 'fixture':
                    inner, content = manifest(value)
                    add(tar, 'package/test/node_modules/%s/package.json' % inner, content)
                    add(tar, 'package/lib/package.json', content)
            add(tar, 'package/package.json', own)


def composer(folder, *packages):
    os.makedirs(folder, exist_ok=True)
    for text in packages:
        name, version, options = parse(text)
        own = {'name': name, 'version': version, 'require': {value: '*' for option, value in options if option == 'needs'}}
        with zipfile.ZipFile(os.path.join(folder, '%s-%s.zip' % (name.replace('/', '-'), version)), 'w') as z:
            z.writestr('composer.json', json.dumps({k: v for k, v in own.items() if v}))
            z.writestr('src/x.php', '<?php\n')


{'npm': npm, 'composer': composer}[sys.argv[1]](*sys.argv[2:])
