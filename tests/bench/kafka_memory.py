#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kafka_memory.py BIN kafka://… [-n 600000] [--partitions 8] [--keep FOLDER]: private memory of every stage on Kafka.

Makes a folder of feeds with n advisories and half as many scores, starts all seven stages on an empty cluster and lets
them load it. Then match and publish start again one after the other without state, as after a lost disk, and read it all
back. Prints the private peak of each process (Private_Clean and Private_Dirty of smaps every 50 ms, without the pages of
LMDB's files) and how long the two took to read everything, in seconds and in seconds of CPU."""
import argparse, gzip, io, json, os, re, shutil, signal, socket, subprocess, tarfile, tempfile, threading, time, urllib.request, zipfile

parser = argparse.ArgumentParser()
parser.add_argument("bin")
parser.add_argument("bus")
parser.add_argument("-n", type=int, default=600000)
parser.add_argument("--partitions", type=int, default=8)
parser.add_argument("--keep", help="a folder for the feeds, made if it is not there")
parser.add_argument("--kafka", action="append", default=[], help="KEY=VALUE for the stages")
parser.add_argument("--replay-only", action="store_true", help="the cluster was loaded by an earlier run")
options = parser.parse_args()
STAGES = ("clock", "discover", "pull", "inventory", "feeds", "match", "publish")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def document(ecosystem, i):
    """As long as most of what distributions publish; 30,000 packages, a few of them with very many."""
    package = f"package-{i * 7919 % 30000 if i % 4 else i % 200}"
    return json.dumps({
        "schema_version": "1.7.3", "id": f"MADE-{ecosystem}-{i}", "published": "2026-01-02T03:04:05Z",
        "modified": "2026-01-03T03:04:05Z", "upstream": [f"CVE-{2010 + i % 16}-{i // 16 + 1000}"],
        "details": f"In {package}, a value is not checked before it is used in {i * 2654435761 % 2**32:x}. " * 2,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:" + "NLH"[i % 3]}],
        "references": [{"type": "WEB", "url": f"https://tracker.example/{i}"}],
        "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"{i % 9}.{i % 31}-{i % 5 + 1}"}]}]}]})


def make_feeds(root):
    """Most of them in one archive, as it is in the world: what Ubuntu publishes."""
    few = options.n // 10
    for folder, ecosystem in (("Debian", "Debian:12"), ("Chainguard", "Chainguard"), ("Red Hat", "Red Hat:enterprise_linux:9::baseos")):
        os.makedirs(f"{root}/osv/{folder}")
        with zipfile.ZipFile(f"{root}/osv/{folder}/all.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
            for i in range(few):
                z.writestr(f"{i}.json", document(ecosystem, i))
    os.makedirs(f"{root}/ubuntu")
    with tarfile.open(f"{root}/ubuntu/osv-all.tar.gz", "w:gz", compresslevel=1) as tar:
        for i in range(options.n - 3 * few):
            data = document("Ubuntu:24.04:LTS", i).encode()
            info = tarfile.TarInfo(f"osv/{i}.json")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    os.makedirs(f"{root}/epss")
    with gzip.open(f"{root}/epss/epss_scores-2026-03-01.csv.gz", "wt", compresslevel=1) as f:
        f.write("#model_version:v2023.03.01,score_date:2026-03-01T00:00:00+0000\ncve,epss,percentile\n")
        for i in range(options.n // 2):
            f.write(f"CVE-{2010 + i % 16}-{i // 16 + 1000},0.{i % 99999:05d},0.{i % 997:05d}\n")


def private_kb(pid):
    """Of all mappings but LMDB's files: their pages are the page cache's, and count as private while one process maps them."""
    total, counts = 0, True
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            if line.startswith("Private_"):
                total += int(line.split()[1]) if counts else 0
            elif "-" in line.split(" ", 1)[0]:
                counts = not line.rstrip().endswith(".mdb")
    return total


class Stage:
    def __init__(self, name, folder):
        self.name, self.peaks, self.cpu, self.port = name, {}, 0.0, free_port()
        self.began = time.monotonic()
        arguments = [f"{options.bin}/{name}", f"--bus={options.bus}", f"--state={folder}/state", f"--http=127.0.0.1:{self.port}", f"--feeds={folder}/feeds"]
        arguments += [f"--kafka={k}" for k in options.kafka]
        self.log = open(f"{folder}/{name}.log", "a")
        self.process = subprocess.Popen(arguments, stdout=self.log, stderr=subprocess.STDOUT)

    def sample(self):
        todo, child = [self.process.pid], ""
        while todo:
            pid = todo.pop()
            try:
                private = private_kb(pid)
                with open(f"/proc/{pid}/task/{pid}/children") as f:
                    todo += [int(p) for p in f.read().split()]
                if not child:
                    with open(f"/proc/{pid}/stat") as f:
                        times = f.read().rpartition(")")[2].split()
                    self.cpu = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
            except (OSError, ValueError):
                continue
            self.peaks[child] = max(self.peaks.get(child, 0), private)
            child = " (child)"

    def metric(self, name):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                found = re.search(rf"^{name} (\d+)$", answer.read().decode(), re.M)
                return int(found[1]) if found else -1
        except OSError:
            return -1

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def memory(self):
        return ", ".join(f"{self.name}{child} {kb / 1024:.0f} MB" for child, kb in sorted(self.peaks.items()) if not child or kb > 8192)


def watch(stages, done, limit):
    """Samples until done() has been true or the limit of seconds is over."""
    end, ended = time.monotonic() + limit, threading.Event()

    def sampler():
        while not ended.is_set():
            for s in stages:
                s.sample()
            time.sleep(0.05)
    thread = threading.Thread(target=sampler)
    thread.start()
    try:
        while not done():
            for s in stages:
                if s.process.poll() is not None:
                    raise SystemExit(f"{s.name} ended: " + open(s.log.name).read()[-2000:])
            if time.monotonic() > end:
                raise SystemExit(f"not done within {limit} s: " + ", ".join(f"{s.name} {s.metric('careen_runner_records_total')}" for s in stages))
            time.sleep(0.1)
    finally:
        ended.set()
        thread.join()


folder = tempfile.mkdtemp(prefix="careen-memory-")
stages = []
try:
    feeds = options.keep or f"{folder}/feeds"
    if not os.path.isdir(feeds):
        make_feeds(feeds)
    if options.keep:
        os.symlink(os.path.realpath(feeds), f"{folder}/feeds")
    subprocess.run([f"{options.bin}/careen", "topics", "create", f"--bus={options.bus}", f"--partitions={options.partitions}"],
                   check=True, stdout=subprocess.DEVNULL)
    if not options.replay_only:
        began = time.monotonic()
        stages = [Stage(name, folder) for name in STAGES]
        by_name = {s.name: s for s in stages}
        quiet = {"count": -1, "since": 0.0}

        def loaded():
            """match has read every advisory, and neither it nor publish has read anything more for three seconds."""
            counts = [by_name[n].metric("careen_runner_records_total") for n in ("match", "publish")]
            if sum(counts) != quiet["count"]:
                quiet.update(count=sum(counts), since=time.monotonic())
            return counts[0] >= options.n and time.monotonic() - quiet["since"] > 3

        watch(stages, loaded, 1800)
        print(f"loading {options.n} advisories and {options.n // 2} scores, {time.monotonic() - began:.0f} s: " + ", ".join(s.memory() for s in stages))
        for s in reversed(stages):
            s.stop()
    for name in ("match", "publish"):
        shutil.rmtree(f"{folder}/state/{name}", ignore_errors=True)
        stage = Stage(name, folder)
        stages = [stage]
        watch(stages, lambda: stage.metric("careen_runner_partitions_live") == options.partitions, 900)
        took, records = time.monotonic() - stage.began, stage.metric("careen_runner_records_total")
        stage.sample()
        stage.stop()
        print(f"{name} reads {records} records again: {took:.1f} s, {stage.cpu:.1f} s of CPU; {stage.memory()}")
finally:
    for s in stages:
        if s.process.poll() is None:
            s.stop()
    if os.environ.get("KEEP"):
        print(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
