#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An OCI layout as a registry of one repository, whatever its manifests are: a real registry refuses many.

  layout_registry.py LAYOUT REPOSITORY PORTFILE

A tag is a ref.name of index.json. An entry with the annotation test.digest is known by that digest as well, as signed
manifests of schema 1 are.
"""
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

layout, repository, port_file = sys.argv[1:]
entries = json.load(open(os.path.join(layout, 'index.json')))['manifests']
notes = [e.get('annotations', {}) for e in entries]
tags = {n['org.opencontainers.image.ref.name']: (n.get('test.digest', e['digest']), e) for n, e in zip(notes, entries)}
types = {e['digest']: e['mediaType'] for e in entries}
alias = {n['test.digest']: e['digest'] for n, e in zip(notes, entries) if 'test.digest' in n}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, status, body, **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace('_', '-'), v)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def blob(self, digest, known_as, **headers):
        path = os.path.join(layout, 'blobs', *digest.split(':'))
        if '/' in digest or not os.path.exists(path):
            return self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
        self.answer(200, open(path, 'rb').read(), Docker_Content_Digest=known_as, **headers)

    def do_GET(self):
        path = self.path.split('?')[0]
        base = '/v2/' + repository
        if path == '/v2/':
            return self.answer(200, b'{}')
        if path == '/v2/_catalog':
            return self.answer(200, json.dumps({'repositories': [repository]}).encode())
        if path == base + '/tags/list':
            return self.answer(200, json.dumps({'name': repository, 'tags': sorted(tags)}).encode())
        if path.startswith(base + '/blobs/'):
            return self.blob(path[len(base) + 7:], path[len(base) + 7:])
        if path.startswith(base + '/manifests/'):
            known_as = path[len(base) + 11:]
            known_as = tags[known_as][0] if known_as in tags else known_as
            digest = alias.get(known_as, known_as)
            # A blob that is no manifest is none, whoever asks.
            kind = types.get(digest) or next((e['mediaType'] for i in entries for e in inner(i) if e['digest'] == digest), '')
            if 'manifest' in kind or 'index' in kind:
                return self.blob(digest, known_as, Content_Type=kind)
        self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


def inner(entry):
    if 'index' not in entry['mediaType']:
        return []
    return json.load(open(os.path.join(layout, 'blobs', *entry['digest'].split(':'))))['manifests']


server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
with open(port_file + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + '.new', port_file)
server.serve_forever()
