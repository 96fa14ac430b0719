#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fleet.py BIN LAYER.tar.gz LAYER.tar.gz...: 20 images that share the given base layers, each with a small layer of its own.

Against the yardstick (`igzip -dc` of the distinct layers, one after another) in the same run: 20 scans one after another
with a shared cache, the same again when all is known, and careen up on a registry that holds them (from its start to the
last recommendation, and how many layers the registry gave out)."""
import gzip, hashlib, io, json, os, shutil, signal, socket, subprocess, sys, tarfile, tempfile, time, zipfile

binaries, bases = sys.argv[1], sys.argv[2:]
folder = tempfile.mkdtemp(prefix="careen-fleet-", dir=os.environ.get("TMPDIR"))
blobs = f"{folder}/oci/blobs/sha256"
os.makedirs(blobs)


def put(data):
    name = hashlib.sha256(data).hexdigest()
    with open(f"{blobs}/{name}", "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + name, "size": len(data)}


def small_layer(i):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for n in range(50):
            data = f"image {i} file {n}\n".encode() * 20
            info = tarfile.TarInfo(f"srv/app{i}/file{n}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


kind = "application/vnd.oci.image.layer.v1.tar+gzip"
shared = []
for path in bases:
    with open(path, "rb") as f:
        shared.append({"mediaType": kind, **put(f.read())})
index, paths = [], [f"{blobs}/{layer['digest'][7:]}" for layer in shared]
for i in range(20):
    own = {"mediaType": kind, **put(small_layer(i))}
    paths.append(f"{blobs}/{own['digest'][7:]}")
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "n": i}).encode())
    # Two of the bases each, as fleets have: a system and what runs on it.
    layers = [shared[i % len(shared)]] + ([shared[(i + 1) % len(shared)]] if len(shared) > 1 else []) + [own]
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config}, "layers": layers}).encode())
    index.append({"mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest,
                  "annotations": {"org.opencontainers.image.ref.name": f"n{i}"}})
with open(f"{folder}/oci/index.json", "w") as f:
    json.dump({"schemaVersion": 2, "manifests": index}, f)
with open(f"{folder}/oci/oci-layout", "w") as f:
    f.write('{"imageLayoutVersion":"1.0.0"}')
os.makedirs(f"{folder}/feeds/osv/Debian")
with zipfile.ZipFile(f"{folder}/feeds/osv/Debian/all.zip", "w") as z:
    z.writestr("DSA-1.json", json.dumps({"schema_version": "1.6.0", "id": "DSA-1-1", "modified": "2026-01-01T00:00:00Z",
                                         "affected": [{"package": {"ecosystem": "Debian:12", "name": "bash"},
                                                       "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]}]}))
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
environment = {**os.environ, "CAREEN_CACHE": f"{folder}/cache"}


def timed(run):
    began = time.monotonic()
    run()
    return time.monotonic() - began


def yardstick():
    for path in paths:
        subprocess.run(["igzip", "-dc", path], check=True, **quiet)


def scans():
    for i in range(20):
        subprocess.run([f"{binaries}/careen", "scan", f"oci:{folder}/oci:n{i}", "--format=json"], check=True, env=environment, **quiet)


processes = []
try:
    subprocess.run([f"{binaries}/careen", "feeds", "update", "--feeds", f"{folder}/feeds", "--only", "osv-debian"], env=environment, **quiet)
    yardstick()
    measure = timed(yardstick)
    cold, warm = timed(scans), timed(scans)
    size = sum(os.path.getsize(p) for p in paths) / 1e6
    print(f"20 images, {len(paths)} distinct layers, {size:.0f} MB compressed; igzip -dc of them: {measure:.2f} s")
    print(f"20 scans, one cache: {cold:.2f} s = {cold / measure:.2f} x; again, all known: {warm * 50:.1f} ms an image")
    registry = f"127.0.0.1:{free_port()}"
    with open(f"{folder}/registry.yml", "w") as f:
        json.dump({"version": "0.1", "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": f"{folder}/registry"}},
                   "http": {"addr": registry}}, f)
    log = open(f"{folder}/registry.log", "w")
    processes.append(subprocess.Popen(["docker-registry", "serve", f"{folder}/registry.yml"], stdout=log, stderr=log))
    time.sleep(1)
    for i in range(20):
        subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{folder}/oci:n{i}", f"docker://{registry}/fleet/n{i}:1"], check=True, **quiet)

    def up():
        subprocess.run([f"{binaries}/careen", "up", "--once", f"--state={folder}/state", f"--registry=http://{registry}", f"--feeds={folder}/feeds",
                        "--feeds-only=osv-debian", "--partitions=4"], check=True, stdout=open(f"{folder}/up.out", "w"), stderr=subprocess.STDOUT)

    whole = timed(up)
    # What the run waits for at its end (--once wants 1.5 s of quiet) is not work.
    print(f"careen up --once: {whole:.2f} s from start to end, of it 1.5 s of waiting for quiet; {(whole - 1.5) / measure:.2f} x the yardstick")
finally:
    for p in processes:
        p.send_signal(signal.SIGTERM)
        p.wait()
    shutil.rmtree(folder, ignore_errors=True)
