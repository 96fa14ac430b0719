# SPDX-License-Identifier: Apache-2.0
"""feed_server.py PORTFILE DIR LOG: serves files below DIR (index.html of a folder) with ETags and answers 304 to If-None-Match; every request is
a line "path status" in LOG. A file NAME.status holds a status to answer instead, NAME.cut makes the body end early."""
import hashlib, http.server, os, sys

port_file, root, log = sys.argv[1:4]

class Feed(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def tell(self, status):
        with open(log, "a") as f:
            f.write("%s %d\n" % (self.path, status))

    def answer(self, status, body=b"", etag=None, length=None):
        self.tell(status)
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def do_GET(self):
        path = os.path.join(root, self.path.partition("?")[0].lstrip("/"))
        if path.endswith("/"):
            path += "index.html"
        if os.path.exists(path + ".status"):
            return self.answer(int(open(path + ".status").read()))
        if not os.path.isfile(path):
            return self.answer(404)
        body = open(path, "rb").read()
        etag = '"%s"' % hashlib.sha256(body).hexdigest()
        if self.headers.get("If-None-Match") == etag:
            return self.answer(304, etag=etag)
        if os.path.exists(path + ".cut"):
            return self.answer(200, body[: len(body) // 2], length=len(body))
        self.answer(200, body, etag)

    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed)
with open(port_file + ".new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
