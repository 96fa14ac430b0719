#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""latency.py BIN [--bus kafka://…] [-n 100]: push -> alert, small images, nothing else going on.

Starts a registry with notifications and all stages on loopback, gives them one advisory, pushes n images of one small
layer each (every one with another version of the package) and measures from the answer to the manifest's PUT to the alert
as `careen tail alerts` prints it. Prints p50, p99 and the slowest in milliseconds."""
import argparse, gzip, hashlib, io, json, os, queue, shutil, signal, socket, subprocess, sys, tarfile, tempfile, threading, time, urllib.request, zipfile

parser = argparse.ArgumentParser()
parser.add_argument("bin")
parser.add_argument("--bus")
parser.add_argument("-n", type=int, default=100)
options = parser.parse_args()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def layer(version):
    status = f"Package: frobnicate\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n".encode()
    release = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, data in (("etc/os-release", release), ("var/lib/dpkg/status", status)):
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0), out.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def request(method, url, data=None, kind=None):
    r = urllib.request.Request(url, data=data, method=method)
    if kind:
        r.add_header("Content-Type", kind)
    return urllib.request.urlopen(r)


def put_blob(base, data):
    place = request("POST", f"{base}/blobs/uploads/", b"").headers["Location"]
    request("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest(data), data, "application/octet-stream")
    return {"digest": digest(data), "size": len(data)}


def push(host, repository, tag, version):
    base = f"http://{host}/v2/{repository}"
    packed, plain = layer(version)
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest(plain)]}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put_blob(base, config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **put_blob(base, packed)}]}).encode()
    request("PUT", f"{base}/manifests/{tag}", manifest, "application/vnd.oci.image.manifest.v1+json")
    return digest(manifest), time.monotonic()


folder = tempfile.mkdtemp(prefix="careen-latency-")
processes = []
try:
    registry, notify = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    with open(f"{folder}/registry.yml", "w") as f:
        json.dump({"version": "0.1", "log": {"level": "error", "accesslog": {"disabled": True}},
                   "storage": {"filesystem": {"rootdirectory": f"{folder}/registry"}}, "http": {"addr": registry},
                   "notifications": {"endpoints": [{"name": "careen", "url": f"http://{notify}/notifications/{registry}",
                                                    "timeout": "2s", "threshold": 10, "backoff": "100ms"}]}}, f)
    os.makedirs(f"{folder}/feeds/osv/Debian")
    with zipfile.ZipFile(f"{folder}/feeds/osv/Debian/all.zip", "w") as z:
        z.writestr("CVE-2026-0001.json", json.dumps({
            "schema_version": "1.6.0", "id": "DSA-1-1", "modified": "2026-01-01T00:00:00Z", "upstream": ["CVE-2026-0001"],
            "affected": [{"package": {"ecosystem": "Debian:12", "name": "frobnicate"},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99999"}]}]}]}))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes.append(subprocess.Popen(["docker-registry", "serve", f"{folder}/registry.yml"], **quiet))
    bus = options.bus or f"embedded:{folder}/state/bus"
    processes.append(subprocess.Popen([f"{options.bin}/careen", "up", f"--bus={bus}", f"--state={folder}/state", f"--listen={notify}",
                                       f"--registry=http://{registry}", f"--feeds={folder}/feeds", "--feeds-only=osv-debian", "--partitions=4"],
                                      stdout=open(f"{folder}/up.out", "w"), stderr=subprocess.STDOUT))
    told = queue.Queue()
    time.sleep(3)
    tail = subprocess.Popen([f"{options.bin}/careen", "tail", "alerts", f"--bus={bus}", "--format=json"], stdout=subprocess.PIPE, text=True)
    processes.append(tail)
    threading.Thread(target=lambda: [told.put((json.loads(line), time.monotonic())) for line in tail.stdout], daemon=True).start()

    def wait(image, limit):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            alert, at = told.get(timeout=max(0.01, end - time.monotonic()))
            if alert["image_digest"] == image:
                return at
        raise SystemExit(f"no alert for {image} within {limit} s")

    # The first one waits for everything to be up and the advisory to be known.
    image, _ = push(registry, "warm/up", "0", "0.1")
    wait(image, 60)
    spans = []
    for i in range(options.n):
        image, at = push(registry, f"app/n{i % 10}", f"v{i}", f"1.{i}")
        spans.append((wait(image, 30) - at) * 1000)
        time.sleep(0.02)
    spans.sort()
    print(f"push -> alert on {bus.split(':')[0]}, {len(spans)} pushes: p50 {spans[len(spans) // 2]:.0f} ms, "
          f"p99 {spans[max(0, -(-len(spans) * 99 // 100) - 1)]:.0f} ms, slowest {spans[-1]:.0f} ms")
finally:
    for p in reversed(processes):
        p.send_signal(signal.SIGTERM)
    for p in processes:
        try:
            p.wait(timeout=20)
        except subprocess.TimeoutExpired:
            p.kill()
    if os.environ.get("KEEP"):
        print(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
