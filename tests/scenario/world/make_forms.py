#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What registries hold beside plain images, made of one: make_forms.py LAYOUT (with an image "good") adds entries."""
import gzip, hashlib, io, json, os, sys, tarfile

layout = sys.argv[1]
OCI, DOCKER = 'application/vnd.oci.image.', 'application/vnd.docker.'
INDEX, MANIFEST, CONFIG, LAYER = (OCI + x for x in ('index.v1+json', 'manifest.v1+json', 'config.v1+json', 'layer.v1.tar'))
index = json.load(open(os.path.join(layout, 'index.json')))
good = next(e for e in index['manifests'] if e['annotations']['org.opencontainers.image.ref.name'] == 'good')
blob = lambda d: open(os.path.join(layout, 'blobs', *d['digest'].split(':')), 'rb').read()
manifest = json.loads(blob(good))
config = json.loads(blob(manifest['config']))


def put(data, media, **more):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(layout, 'blobs', 'sha256', digest), 'wb') as f:
        f.write(data)
    return {'mediaType': media, 'digest': 'sha256:' + digest, 'size': len(data), **more}


def name(ref, entry, **notes):
    index['manifests'].append({**entry, 'annotations': {'org.opencontainers.image.ref.name': ref, **notes}})


def image(layers, config_, media=MANIFEST, **more):
    return put({'schemaVersion': 2, 'mediaType': media, 'config': config_, 'layers': layers, **more}, media)


def image_config(layers, **more):
    return {**config, 'rootfs': {'type': 'layers', 'diff_ids': [l['digest'] for l in layers]}, **more}


plain = {k: v for k, v in good.items() if k not in ('annotations', 'platform')}
amd, arm = {'os': 'linux', 'architecture': 'amd64'}, {'os': 'linux', 'architecture': 'arm64'}

# artifacts; cosign gives them an image's config
for ref, media, data in (('sig', 'application/vnd.dev.cosign.simplesigning.v1+json', b'{"critical":{}}'),
                         ('att', 'application/vnd.dsse.envelope.v1+json', b'{"payload":"e30="}'),
                         ('sbom', 'text/spdx', b'SPDXVersion: SPDX-2.3\n')):
    layers = [put(data, media)]
    name(ref, image(layers, put(image_config(layers, os='', architecture=''), CONFIG)))
name('chart', image([put(b'x', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')],
                    put({'name': 'chart'}, 'application/vnd.cncf.helm.config.v1+json')))
name('oras', image([put(b'x', 'application/octet-stream')], put({}, 'application/vnd.oci.empty.v1+json'),
                   artifactType='application/vnd.example.thing'))

# images all the same: what Docker 1.10 and some registries call a config
for ref, media in (('octet', 'application/octet-stream'), ('html', 'text/html'), ('untyped', '')):
    layers = [{**l, 'mediaType': DOCKER + 'image.rootfs.diff.tar.gzip'} for l in manifest['layers']]
    name(ref, image(layers, {**manifest['config'], 'mediaType': media}, DOCKER + 'distribution.manifest.v2+json'))

# indexes
other = image(manifest['layers'], put({**config, **arm}, CONFIG))
tar = put(blob(manifest['layers'][0]), LAYER + '+gzip')
name('cache', put({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [
    tar, put({'layers': []}, 'application/vnd.buildkit.cacheconfig.v0')]}, INDEX))
name('no-platform', put({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [other, plain]}, INDEX))
sha512 = {'mediaType': MANIFEST, 'digest': 'sha512:' + hashlib.sha512(b'x').hexdigest(), 'size': 500, 'platform': arm}
name('sha512', put({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [sha512, {**plain, 'platform': amd}]}, INDEX))
name('sha512-only', put({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [sha512]}, INDEX))
signature = next(e for e in index['manifests'] if e['annotations']['org.opencontainers.image.ref.name'] == 'sig')
name('referrers', put({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [
    {k: v for k, v in signature.items() if k != 'annotations'}]}, INDEX))

# forms that can't be read
signed = json.dumps({'schemaVersion': 1, 'name': 'x', 'tag': 'schema1', 'fsLayers': [], 'history': [], 'signatures': [{}]})
name('schema1', put(signed.encode(), DOCKER + 'distribution.manifest.v1+prettyjws'),
     **{'test.digest': 'sha256:' + hashlib.sha256(b'what is signed').hexdigest()})
for ref, media, data in (('encrypted', LAYER + '+gzip+encrypted', bytes(range(1, 200)) * 9),
                         ('squashfs', LAYER, b'hsqs' + bytes(5000)),
                         ('erofs', LAYER, bytes(1024) + b'\xe2\xe1\xf5\xe0' + bytes(5000))):
    layers = [put(data, media)]
    name(ref, image(layers, put(image_config(layers), CONFIG)))

# OSTree's: files are hard links to objects; beside them a link to a link
def linked(chain):
    out = io.BytesIO()
    files = {'etc/os-release': None, 'var/lib/dpkg/status': None}
    for l in manifest['layers']:
        with tarfile.open(fileobj=io.BytesIO(blob(l))) as t:
            files.update({m.name: t.extractfile(m).read() for m in t if m.isreg()})
    with tarfile.open(fileobj=out, mode='w') as t:
        def add(path, data=b'', to=None):
            i = tarfile.TarInfo(path)
            i.size, i.type, i.linkname = len(data), tarfile.LNKTYPE if to else tarfile.REGTYPE, to or ''
            t.addfile(i, io.BytesIO(data))
        for n, (path, data) in enumerate(files.items()):
            at = f'sysroot/ostree/repo/objects/{n:02x}/{n:062x}.file'
            add(at, data)
            for step in range(chain):
                add(f'sysroot/links/{n}-{step}', to=at)
                at = f'sysroot/links/{n}-{step}'
            add(path, to=at)
    layers = [put(gzip.compress(out.getvalue(), mtime=0), LAYER + '+gzip')]
    return image(layers, put(image_config(layers, rootfs={'type': 'layers', 'diff_ids': [
        'sha256:' + hashlib.sha256(out.getvalue()).hexdigest()]}), CONFIG))


name('ostree', linked(0))
name('chain', linked(2))
with open(os.path.join(layout, 'index.json'), 'w') as f:
    json.dump(index, f)
