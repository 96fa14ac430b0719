#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small images in an OCI image layout.

  make_image.py image LAYOUT REF ARCH LAYER...   LAYER: NAME=TEXT, a file of that path and text; NAME=@N: N random bytes
                                                 (the same for the same NAME and N)
  make_image.py index LAYOUT REF REF...          an index of those images, with an attestation entry

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


def layer(spec):
    name, text = spec.split('=', 1)
    data = random.Random(spec).randbytes(int(text[1:])) if text.startswith('@') else text.encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        i = tarfile.TarInfo(name)
        i.size = len(data)
        t.addfile(i, io.BytesIO(data))
    return out.getvalue()


def image(layout, ref, arch, *layers):
    index, tars = top(layout), [layer(x) for x in layers]
    blobs = [put(layout, gzip.compress(t, 1, mtime=0)) for t in tars]
    config, size = put_json(layout, {'architecture': arch, 'os': 'linux', 'created': '2024-01-02T03:04:05Z', 'config': {},
                                     'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(t).hexdigest()
                                                                               for t in tars]}})
    digest, size = put_json(layout, {
        'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json',
        'config': {'mediaType': OCI + 'config.v1+json', 'digest': config, 'size': size},
        'layers': [{'mediaType': OCI + 'layer.v1.tar+gzip', 'digest': d, 'size': n} for d, n in blobs]})
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


{'image': image, 'index': make_index}[sys.argv[1]](*sys.argv[2:])
