#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A copy of an OCI layout with another index.json.

  edit_layout.py LAYOUT COPY ENTRIES   ENTRIES: a Python list of e(NUMBER, ref=…, platform=…, **annotations) (an entry of
                                       LAYOUT with these changed; None: taken away) or index(NAME, [entries]) (a new index)
"""
import hashlib, json, os, shutil, sys

layout, copy, entries = sys.argv[1:]
shutil.copytree(layout, copy)
before = json.load(open(os.path.join(layout, 'index.json')))['manifests']


def put(value, media):
    data = json.dumps(value).encode()
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(copy, 'blobs', 'sha256', digest), 'wb') as f:
        f.write(data)
    return {'mediaType': media, 'digest': 'sha256:' + digest, 'size': len(data)}


def config(number):
    manifest = json.load(open(os.path.join(layout, 'blobs', 'sha256', before[number]['digest'][7:])))
    return json.load(open(os.path.join(layout, 'blobs', 'sha256', manifest['config']['digest'][7:])))


def e(number, ref='', platform='', **notes):
    entry = json.loads(json.dumps(before[number]))
    annotations = {**entry.pop('annotations', {}), **notes}
    if ref is None:
        annotations.pop('org.opencontainers.image.ref.name', None)
    elif ref:
        annotations['org.opencontainers.image.ref.name'] = ref
    entry.setdefault('platform', {k: config(number)[k] for k in ('os', 'architecture')}
                     if 'index' not in entry['mediaType'] else {})
    if platform is None or not entry['platform']:
        entry.pop('platform')
    elif platform:
        entry['platform'] = platform
    return {**entry, 'annotations': annotations} if annotations else entry


def index(ref, manifests, **more):
    media = 'application/vnd.oci.image.index.v1+json'
    entry = put({'schemaVersion': 2, 'mediaType': media, 'manifests': manifests, **more}, media)
    return {**entry, 'annotations': {'org.opencontainers.image.ref.name': ref}} if ref else entry


def manifest(media, config_type, layer_type, **more):
    """A manifest of one layer of these types."""
    m = {'schemaVersion': 2, 'mediaType': media, 'config': put({}, config_type), 'layers': [put({'a': 1}, layer_type)]}
    return put({**m, **more}, media)


with open(os.path.join(copy, 'index.json'), 'w') as f:
    json.dump({'schemaVersion': 2, 'manifests': eval(entries)}, f)
