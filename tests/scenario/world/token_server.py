#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Issues registry tokens (RS256 JWT) on loopback.

  token_server.py PORTFILE KEY CERT LOG [anonymous]

GET /token with Basic scan:example, POST /token with grant_type password (scan, example) or refresh_token (refresh-1).
With "anonymous" GET needs no credentials. GET /post-only is 405, so that a client has to POST there.
"""
import base64, json, os, subprocess, sys, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port_file, key, cert, log_file = sys.argv[1:5]
anonymous = 'anonymous' in sys.argv[5:]
LOGIN = 'Basic ' + base64.b64encode(b'scan:example').decode()
lock = threading.Lock()


def b64(b):
    return base64.urlsafe_b64encode(b).rstrip(b'=').decode()


def token(service, scopes):
    access = []
    for s in scopes:
        kind, rest = s.split(':', 1)
        name, actions = rest.rsplit(':', 1)
        access.append({'type': kind, 'name': name, 'actions': actions.split(',')})
    chain = ''.join(x.strip() for x in open(cert) if '-----' not in x)
    now = int(time.time())
    head = b64(json.dumps({'typ': 'JWT', 'alg': 'RS256', 'x5c': [chain]}).encode())
    claims = {'iss': 'test', 'sub': 'scan', 'aud': service, 'exp': now + 300, 'nbf': now - 5, 'iat': now,
              'jti': os.urandom(8).hex(), 'access': access}
    text = head + '.' + b64(json.dumps(claims).encode())
    signed = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', key], input=text.encode(), stdout=subprocess.PIPE)
    return text + '.' + b64(signed.stdout)


class Handler(BaseHTTPRequestHandler):
    def reply(self, code, value):
        body = json.dumps(value).encode()
        with lock, open(log_file, 'a') as f:
            f.write(f'{self.command} {self.path} {code}\n')
        self.send_response(code)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        q = urllib.parse.parse_qs(url.query)
        if url.path == '/post-only':
            return self.reply(405, {})
        if not anonymous and self.headers.get('Authorization') != LOGIN:
            return self.reply(401, {})
        return self.reply(200, {'token': token(q.get('service', [''])[0], q.get('scope', [])), 'expires_in': 300})

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get('Content-Length', 0))).decode())
        first = {k: v[0] for k, v in form.items()}
        good = (first.get('username'), first.get('password')) == ('scan', 'example') \
            if first.get('grant_type') == 'password' else first.get('refresh_token') == 'refresh-1'
        if not good:
            return self.reply(401, {})
        return self.reply(200, {'access_token': token(first.get('service', ''), first.get('scope', '').split())})

    def log_message(self, *a):
        pass


server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
server.daemon_threads = True
with open(port_file + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + '.new', port_file)
server.serve_forever()
