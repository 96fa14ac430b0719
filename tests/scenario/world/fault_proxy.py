#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A reverse proxy on loopback that does what networks and registries do on bad days.

  fault_proxy.py UPSTREAM PORTFILE RULES LOG

UPSTREAM is host:port (plain HTTP). The port that was taken is written to PORTFILE. RULES is a JSON file, read anew when
it changes: a list of {"match": regular expression on "METHOD path?query", "times": N (default: always), "do": …}:

  {"do": "status", "status": 429, "headers": {"Retry-After": "1"}, "body": "…"}   answer instead of the upstream;
                                     {count} in header values and body is the number of the request
  {"do": "cut", "after": N}          close the connection after N bytes of the body
  {"do": "flip", "at": N}            change the byte at offset N of the body
  {"do": "short", "by": N}           leave out the last N bytes, with a fitting Content-Length
  {"do": "slow", "rate": N}          N bytes a second
  {"do": "hang", "seconds": N}       say nothing for N seconds, then close
  {"do": "close"}                    close without an answer
  {"do": "no-range"}                 drop the Range header
  {"do": "bad-range"}                answer a Range with 206 and the wrong Content-Range
  {"do": "redirect", "to": "http://…"}  307 to that base with the same path
  {"do": "drop-header", "header": "…"}  of the answer
  {"do": "set-header", "header": "…", "value": "…"}  of the answer

The first rule that matches and has times left is used; one with "with", a regular expression on the Authorization
header ("-" without one), matches only then. LOG gets one line a request: method, path, Range, whether
Authorization was there, status, user agent.
"""
import http.client, json, os, re, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

upstream, port_file, rules_file, log_file = sys.argv[1:5]
lock = threading.Lock()
rules, rules_seen = [], None
count = 0


def take_rule(what, authorization):
    """The first rule that fits, with one of its times used up."""
    global rules, rules_seen, count
    with lock:
        try:
            st = os.stat(rules_file)
            seen = (st.st_mtime_ns, st.st_size, st.st_ino)
            if seen != rules_seen:
                rules, rules_seen = json.load(open(rules_file)), seen
        except FileNotFoundError:
            rules = []
        for r in rules:
            if re.search(r['match'], what) and re.search(r.get('with', ''), authorization) and r.get('times', 1) > 0:
                count += 1
                if 'times' in r:
                    r['times'] -= 1
                return r
    return {'do': 'nothing'}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def note(self, status):
        with lock, open(log_file, 'a') as f:
            f.write(' '.join([self.command, self.path, self.headers.get('Range', '-'),
                              'auth' if self.headers.get('Authorization') else '-', str(status),
                              self.headers.get('User-Agent', '-')]) + '\n')

    def drop(self):
        self.close_connection = True
        try:
            self.connection.shutdown(2)
        except OSError:
            pass

    def answer(self, status, headers, body):
        self.note(status)
        self.send_response_only(status)
        for k, v in headers:
            self.send_header(k, v)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def ask_upstream(self, rule):
        c = http.client.HTTPConnection(upstream, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ('connection', 'content-length')}
        if rule['do'] in ('no-range', 'bad-range'):
            headers = {k: v for k, v in headers.items() if k.lower() != 'range'}
        c.request(self.command, self.path, self.sent, headers)
        r = c.getresponse()
        body = r.read()
        hop = ('connection', 'transfer-encoding', 'keep-alive')
        kept = [(k, v) for k, v in r.getheaders() if k.lower() not in hop]
        if self.command != 'HEAD':
            kept = [(k, v) for k, v in kept if k.lower() != 'content-length']
            kept.append(('Content-Length', str(len(body))))
        c.close()
        return r.status, kept, body

    def serve(self):
        rule = take_rule(f'{self.command} {self.path}', self.headers.get('Authorization', '-'))
        do = rule['do']
        length = int(self.headers.get('Content-Length', 0))
        self.sent = self.rfile.read(length) if length else None
        if do == 'hang':
            self.note('hang')
            time.sleep(rule['seconds'])
        if do in ('hang', 'close'):
            if do == 'close':
                self.note('close')
            return self.drop()
        if do == 'status':
            def counted(text):
                return text.replace('{count}', str(count))
            body = counted(rule.get('body', '')).encode()
            headers = [(k, counted(v)) for k, v in rule.get('headers', {}).items()] + [('Content-Length', str(len(body)))]
            return self.answer(rule['status'], headers, body)
        if do == 'redirect':
            return self.answer(307, [('Location', rule['to'] + self.path), ('Content-Length', '0')], b'')
        status, headers, body = self.ask_upstream(rule)
        if do == 'flip' and len(body) > rule['at']:
            body = body[:rule['at']] + bytes([body[rule['at']] ^ 0x20]) + body[rule['at'] + 1:]
        if do == 'short':
            body = body[:-rule['by']]
            headers = [(k, str(len(body)) if k.lower() == 'content-length' else v) for k, v in headers]
        if do == 'bad-range' and self.headers.get('Range'):
            status = 206
            headers.append(('Content-Range', f'bytes 0-{len(body) - 1}/{len(body)}'))
        if do in ('drop-header', 'set-header'):
            headers = [(k, v) for k, v in headers if k.lower() != rule['header'].lower()]
        if do == 'set-header':
            headers.append((rule['header'], rule['value']))
        if do == 'cut':
            self.answer(status, headers, body[:rule['after']])
            self.wfile.flush()
            return self.drop()
        if do == 'slow':
            self.answer(status, headers, b'')
            step = max(1, rule['rate'] // 10)
            for i in range(0, len(body), step):
                self.wfile.write(body[i:i + step])
                time.sleep(0.1)
            return None
        return self.answer(status, headers, body)

    def do_GET(self):
        try:
            self.serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *a):
        pass


server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
server.daemon_threads = True
with open(port_file + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + '.new', port_file)
server.serve_forever()
