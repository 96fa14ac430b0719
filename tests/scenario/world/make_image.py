#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small images in an OCI image layout.

  make_image.py image LAYOUT REF ARCH LAYER...   LAYER: NAME=TEXT, a file of that path and text; NAME=@N: N random bytes
                                                 (the same for the same NAME and N); dir:FOLDER, what lies in it;
                                                 blob:FILE, its bytes as they are: gzip, zstd, tar, broken
  make_image.py index LAYOUT REF REF...          an index of those images, with an attestation entry
  make_image.py archive LAYOUT FILE              the layout in a tar (oci-archive)
  make_image.py docker LAYOUT REF FILE NAME:TAG  what `docker save` writes of that image

Prints the digest.
"""
import gzip, hashlib, io, json, os, random, sys, tarfile

OCI = 'application/vnd.oci.image.'


def put(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(layout, 'blobs', 'sha256', digest), 'wb') as f:
        f.write(data)
    return 'sha256:' + digest, len(data)


def put_json(layout, value):
    return put(layout, json.dumps(value, sort_keys=True, separators=(',', ':')).encode())


def top(layout):
    os.makedirs(os.path.join(layout, 'blobs', 'sha256'), exist_ok=True)
    with open(os.path.join(layout, 'oci-layout'), 'w') as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')
    path = os.path.join(layout, 'index.json')
    return json.load(open(path)) if os.path.exists(path) else {'schemaVersion': 2, 'manifests': []}


def save(layout, index, ref, descriptor):
    note = 'org.opencontainers.image.ref.name'
    index['manifests'] = [m for m in index['manifests'] if m.get('annotations', {}).get(note) != ref]
    index['manifests'].append(dict(descriptor, annotations={note: ref}))
    with open(os.path.join(layout, 'index.json'), 'w') as f:
        json.dump(index, f)


def folder(path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for top_, dirs, files in os.walk(path):
            dirs.sort()
            for name in sorted(dirs + files):
                i = t.gettarinfo(os.path.join(top_, name), os.path.relpath(os.path.join(top_, name), path))
                i.mtime = i.uid = i.gid = 0
                i.uname = i.gname = ''
                t.addfile(i, open(os.path.join(top_, name), 'rb') if i.isreg() else None)
    return out.getvalue()


def layer(spec):
    if spec.startswith('dir:'):
        return folder(spec[4:])
    name, text = spec.split('=', 1)
    data = random.Random(spec).randbytes(int(text[1:])) if text.startswith('@') else text.encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        i = tarfile.TarInfo(name)
        i.size = len(data)
        t.addfile(i, io.BytesIO(data))
    return out.getvalue()


def image(layout, ref, arch, *layers):
    index, tars, blobs, types = top(layout), [], [], []
    for x in layers:
        blob = open(x[5:], 'rb').read() if x.startswith('blob:') else None
        tars.append(layer(x) if blob is None else blob)
        blob = gzip.compress(tars[-1], 1, mtime=0) if blob is None else blob
        blobs.append(put(layout, blob))
        types.append({b'\x1f\x8b': '+gzip', b'\x28\xb5': '+zstd'}.get(blob[:2], ''))
    config, size = put_json(layout, {'architecture': arch, 'os': 'linux', 'created': '2024-01-02T03:04:05Z', 'config': {},
                                     'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(t).hexdigest()
                                                                               for t in tars]}})
    digest, size = put_json(layout, {
        'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json',
        'config': {'mediaType': OCI + 'config.v1+json', 'digest': config, 'size': size},
        'layers': [{'mediaType': OCI + 'layer.v1.tar' + t, 'digest': d, 'size': n} for (d, n), t in zip(blobs, types)]})
    save(layout, index, ref, {'mediaType': OCI + 'manifest.v1+json', 'digest': digest, 'size': size,
                              'platform': {'os': 'linux', 'architecture': arch}})
    print(digest)


def make_index(layout, ref, *refs):
    index = top(layout)
    by = {m['annotations']['org.opencontainers.image.ref.name']: m for m in index['manifests']}
    entries = [{k: v for k, v in by[r].items() if k != 'annotations'} for r in refs]
    about, size = put_json(layout, {'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json',
                                    'config': dict(zip(('digest', 'size'), put(layout, b'{}')), mediaType=OCI + 'config.v1+json'),
                                    'layers': []})
    entries.append({'mediaType': OCI + 'manifest.v1+json', 'digest': about, 'size': size,
                    'platform': {'os': 'unknown', 'architecture': 'unknown'},
                    'annotations': {'vnd.docker.reference.type': 'attestation-manifest',
                                    'vnd.docker.reference.digest': entries[0]['digest']}})
    digest, size = put_json(layout, {'schemaVersion': 2, 'mediaType': OCI + 'index.v1+json', 'manifests': entries})
    save(layout, index, ref, {'mediaType': OCI + 'index.v1+json', 'digest': digest, 'size': size})
    print(digest)


def archive(layout, path):
    with tarfile.open(path, 'w') as t:
        for name in ('oci-layout', 'index.json', 'blobs'):
            t.add(os.path.join(layout, name), name)


def docker(layout, ref, path, name):
    note = 'org.opencontainers.image.ref.name'
    blob = lambda digest: open(os.path.join(layout, 'blobs', *digest.split(':')), 'rb').read()
    entry = [m for m in top(layout)['manifests'] if m['annotations'][note] == ref][0]
    manifest = json.loads(blob(entry['digest']))
    files, layers = [], []
    for d in manifest['layers']:
        data = blob(d['digest'])
        data = gzip.decompress(data) if data[:2] == b'\x1f\x8b' else data
        layers.append(hashlib.sha256(data).hexdigest() + '/layer.tar')
        files.append((layers[-1], data))
    config = manifest['config']['digest'].split(':')[1] + '.json'
    files.append((config, blob(manifest['config']['digest'])))
    files.append(('manifest.json', json.dumps([{'Config': config, 'RepoTags': [name], 'Layers': layers}]).encode()))
    with tarfile.open(path, 'w') as t:
        for n, data in files:
            i = tarfile.TarInfo(n)
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
    print(manifest['config']['digest'])


if __name__ == '__main__':
    {'image': image, 'index': make_index, 'archive': archive, 'docker': docker}[sys.argv[1]](*sys.argv[2:])
