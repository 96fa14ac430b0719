#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_languages.py FILE.tar.gz: a layer as an application of four languages has it, without a network: 2,000 packages of
Node.js, 200 jars (nested ones too), 300 distributions of Python, 50 programs in Go. What the files hold besides is taken from this
machine's own programs and libraries, so that it packs as such files do. The same machine makes the same bytes."""
import gzip, hashlib, io, os, struct, sys, tarfile, zipfile

WHEN = (2020, 1, 1, 0, 0, 0)


def material():
    """A few MB of code and of text."""
    folder, code, text = os.path.dirname(os.__file__), b'', b''
    programs = [os.path.realpath(sys.executable), os.path.realpath('/bin/bash')]
    libraries = os.path.join(folder, 'lib-dynload')
    programs += [os.path.join(libraries, name) for name in sorted(os.listdir(libraries)) if name.endswith('.so')]
    for path in programs:
        code += open(path, 'rb').read()[:8 << 20]
    for name in sorted(os.listdir(folder)):
        if name.endswith('.py') and len(text) < 3 << 20:
            text += open(os.path.join(folder, name), 'rb').read()
    return code, text


CODE, TEXT = material()


def piece(of, seed, n):
    at = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:6], 'big') % max(1, len(of) - n)
    return of[at:at + n]


def code(seed, n):
    return b''.join(piece(CODE, (seed, i), 65536) for i in range(n // 65536 + 1))[:n]


class Layer:
    def __init__(self, path):
        self.gz = gzip.GzipFile(path, 'wb', 6, mtime=0)
        self.tar = tarfile.open(fileobj=self.gz, mode='w', format=tarfile.PAX_FORMAT)

    def add(self, path, data, mode=0o644):
        m = tarfile.TarInfo(path)
        m.size, m.mode = len(data), mode
        self.tar.addfile(m, io.BytesIO(data))

    def close(self):
        self.tar.close()
        self.gz.close()


def node(layer):
    for i in range(2000):
        name = '@scope%d/part%d' % (i % 40, i) if i % 5 == 0 else 'package-%d' % i
        root = 'app/node_modules/' + name
        layer.add(root + '/package.json', ('{\n  "name": "%s",\n  "version": "%d.%d.%d",\n  "description": "%s",\n  "main": '
                                            '"index.js",\n  "scripts": {"test": "run"},\n  "license": "MIT"\n}\n'
                                            % (name, i % 9, i % 20, i % 7, 'a package for this and that ' * 8)).encode())
        for k in range(8):
            layer.add('%s/lib/part%d.js' % (root, k), piece(TEXT, ('node', i, k), 3000 + i % 4000))
        layer.add(root + '/README.md', piece(TEXT, ('readme', i), 4000))


def jar(i, inside=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        def put(name, data, how=zipfile.ZIP_DEFLATED):
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = how
            z.writestr(info, data)
        put('META-INF/MANIFEST.MF', 'Manifest-Version: 1.0\r\nImplementation-Title: part%d\r\nImplementation-Version: 1.%d\r\n\r\n'
            % (i, i))
        put('META-INF/maven/org.example.group%d/part%d/pom.properties' % (i % 30, i),
            'groupId=org.example.group%d\nartifactId=part%d\nversion=1.%d\n' % (i % 30, i, i))
        for k in range(60):
            put('org/example/part%d/Class%d.class' % (i, k), b'\xca\xfe\xba\xbe\0\0\0\x34' + piece(CODE, ('jar', i, k), 5000))
        for k in inside:
            put('BOOT-INF/lib/part%d-1.%d.jar' % (k, k), jar(k), zipfile.ZIP_STORED)
    return out.getvalue()


def java(layer):
    for i in range(20):
        layer.add('app/services/service%d.jar' % i, jar(1000 + i, range(i * 8, i * 8 + 8)))
    for i in range(20):
        layer.add('app/lib/part%d-1.%d.jar' % (500 + i, 500 + i), jar(500 + i))


def python(layer):
    site = 'usr/local/lib/python3.11/site-packages/'
    for i in range(300):
        name, version, record = 'distribution_%d' % i, '%d.%d' % (i % 5, i % 30), ''
        for k in range(12):
            path = '%s/module%d.py' % (name, k)
            layer.add(site + path, piece(TEXT, ('python', i, k), 9000))
            record += path + ',sha256=' + 'x' * 43 + ',9000\n'
        info = site + '%s-%s.dist-info/' % (name, version)
        layer.add(info + 'METADATA', ('Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: s\n\n' % (name, version)).encode()
                  + piece(TEXT, ('description', i), 9000))
        layer.add(info + 'RECORD', record.encode())
        layer.add(info + 'INSTALLER', b'pip\n')


def varint(n):
    out = b''
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def go(layer):
    for i in range(50):
        deps = ''.join('dep\tgithub.com/example/dep%d\tv1.%d.%d\th1:%s=\n' % (k, i % 7, k, 'x' * 43) for k in range(60))
        info = b'0' * 16 + ('path\texample.com/program%d\nmod\texample.com/program%d\tv1.0.%d\th1:%s=\n%sbuild\tGOOS=linux\n'
                            % (i, i, i, 'x' * 43, deps)).encode() + b'1' * 16
        version = b'go1.22.5'
        build = (b'\xff Go buildinf:' + bytes([8, 2]) + bytes(16) + varint(len(version)) + version + varint(len(info)) + info)
        front, size = code(('go', i), 3 << 20), 0
        front = front[:len(front) - len(front) % 4096]
        data = build + bytes(-len(build) % 4096)
        header = (b'\x7fELF\x02\x01\x01' + bytes(9)
                  + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, 0x401000, 64, 0, 0, 64, 56, 2, 64, 0, 0))
        text = struct.pack('<IIQQQQQQ', 1, 5, 0, 0x400000, 0x400000, 4096 + len(front), 4096 + len(front), 4096)
        at = 4096 + len(front)
        rw = struct.pack('<IIQQQQQQ', 1, 6, at, 0x800000, 0x800000, len(data), len(data), 4096)
        top = header + text + rw
        layer.add('usr/local/bin/program%d' % i, top + bytes(4096 - len(top)) + front + data + code(('tail', i), 1 << 20), 0o755)


def main():
    layer = Layer(sys.argv[1])
    layer.add('etc/os-release', b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    layer.add('var/lib/dpkg/status', b'Package: base-files\nStatus: install ok installed\nVersion: 12.4\nArchitecture: amd64\n\n')
    for part in (node, java, python, go):
        part(layer)
    layer.close()


main()
