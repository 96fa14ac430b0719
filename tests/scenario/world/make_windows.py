#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small Windows images in an OCI image layout, and registry hives for them.

  make_windows.py hive FILE                       an empty hive; hivexsh -w fills it
  make_windows.py image LAYOUT REF BUILD LAYER... LAYER: foreign (a base layer that only its publisher holds), or
                                                  PATH[=FILE],PATH[=FILE]...: members of a layer, empty without a file
  make_windows.py docker LAYOUT REF FILE          what `docker save` writes of it: foreign layers by name only

Prints the digest.
"""
import gzip, hashlib, io, json, os, struct, sys, tarfile

from make_image import OCI, put, put_json, save, top

FOREIGN = OCI + 'layer.nondistributable.v1.tar+gzip'


def hive():
    def cell(content):
        size = (len(content) + 4 + 7) // 8 * 8
        return struct.pack('<i', -size) + content.ljust(size - 4, b'\0')
    none, name = 0xffffffff, b'ROOT'
    descriptor = struct.pack('<BBHIIII', 1, 0, 0x8000, 0, 0, 0, 0)
    root_at, root_size = 32, (76 + len(name) + 4 + 7) // 8 * 8
    security_at = root_at + root_size
    key = struct.pack('<2sHQIIIIIIIIIIIIIIIHH', b'nk', 0x2c, 0, 0, none, 0, 0, none, none, 0, none, security_at, none,
                      0, 0, 0, 0, 0, len(name), 0) + name
    security = struct.pack('<2sHIIII', b'sk', 0, security_at, security_at, 1, len(descriptor)) + descriptor
    used = cell(key) + cell(security)
    bins = struct.pack('<4sIIIIQI', b'hbin', 0, 4096, 0, 0, 0, 0) + used
    bins += struct.pack('<i', 4096 - len(bins)).ljust(4096 - len(bins), b'\0')
    base = bytearray(struct.pack('<4sIIQIIIIIII', b'regf', 1, 1, 0, 1, 3, 0, 1, root_at, len(bins), 1).ljust(508, b'\0'))
    check = 0
    for (word,) in struct.iter_unpack('<I', bytes(base)):
        check ^= word
    return bytes(base) + struct.pack('<I', check) + b'\0' * (4096 - 512) + bins


def layer(spec):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for member in spec.split(','):
            path, _, file = member.partition('=')
            data = open(file, 'rb').read() if file else b''
            i = tarfile.TarInfo(path)
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
    return out.getvalue()


def image(layout, ref, build, *specs):
    index, layers, diffs = top(layout), [], []
    for spec in specs:
        if spec == 'foreign':
            data = b'the base of ' + build.encode()
            layers.append({'mediaType': FOREIGN, 'digest': 'sha256:' + hashlib.sha256(data).hexdigest(), 'size': len(data),
                           'urls': ['https://files.example/base']})
        else:
            data = layer(spec)
            digest, size = put(layout, gzip.compress(data, 1, mtime=0))
            layers.append({'mediaType': OCI + 'layer.v1.tar+gzip', 'digest': digest, 'size': size})
        diffs.append('sha256:' + hashlib.sha256(data).hexdigest())
    config, size = put_json(layout, {'architecture': 'amd64', 'os': 'windows', 'os.version': build, 'config': {},
                                     'created': '2024-01-02T03:04:05Z', 'rootfs': {'type': 'layers', 'diff_ids': diffs}})
    digest, size = put_json(layout, {
        'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json',
        'config': {'mediaType': OCI + 'config.v1+json', 'digest': config, 'size': size}, 'layers': layers})
    save(layout, index, ref, {'mediaType': OCI + 'manifest.v1+json', 'digest': digest, 'size': size,
                              'platform': {'os': 'windows', 'architecture': 'amd64', 'os.version': build}})
    print(digest)


def docker(layout, ref, path):
    blob = lambda digest: open(os.path.join(layout, 'blobs', *digest.split(':')), 'rb').read()
    entry = [m for m in top(layout)['manifests'] if m['annotations']['org.opencontainers.image.ref.name'] == ref][0]
    manifest = json.loads(blob(entry['digest']))
    config = blob(manifest['config']['digest'])
    files, layers, sources = [('config.json', config)], [], {}
    for diff, d in zip(json.loads(config)['rootfs']['diff_ids'], manifest['layers']):
        layers.append(diff[7:] + '/layer.tar')
        if d['mediaType'] == FOREIGN:
            sources[diff] = d
        else:
            files.append((layers[-1], gzip.decompress(blob(d['digest']))))
    files.append(('manifest.json', json.dumps([{'Config': 'config.json', 'RepoTags': None, 'Layers': layers,
                                                'LayerSources': sources}]).encode()))
    with tarfile.open(path, 'w') as t:
        for name, data in files:
            i = tarfile.TarInfo(name)
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
    print(manifest['config']['digest'])


if __name__ == '__main__':
    if sys.argv[1] == 'hive':
        open(sys.argv[2], 'wb').write(hive())
    else:
        {'image': image, 'docker': docker}[sys.argv[1]](*sys.argv[2:])
