#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps posted notifications: event_sink.py PORTFILE OUT. Each body is one line of OUT."""
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

port_file, out = sys.argv[1:3]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        with open(out, 'a') as f:
            f.write(json.dumps(json.loads(body)) + '\n')
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *a):
        pass


server = HTTPServer(('127.0.0.1', 0), Handler)
with open(port_file + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + '.new', port_file)
server.serve_forever()
