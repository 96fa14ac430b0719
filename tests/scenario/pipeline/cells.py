# SPDX-License-Identifier: Apache-2.0
"""Cells: a bus with the real programs of all stages around it, for the tests that disturb them.

The bus is a folder of the cell's own (embedded), or the Kafka broker that CAREEN_BUS names (kafka://host:port) whose
topics are made anew for each cell, so that only one such cell can run at a time. The environment gives CAREEN_BIN.
"""
import collections, json, os, re, shutil, signal, subprocess, threading, time, urllib.error, urllib.request

BIN = os.environ['CAREEN_BIN']
TESTS = os.path.join(os.path.dirname(BIN), 'tests')
STAGES = ('feeds', 'clock', 'discover', 'pull', 'inventory', 'match', 'publish')
COMPARED = ('images', 'inventories', 'findings', 'recommendations', 'alerts')
KNOWLEDGE = ('advisories', 'vulnerabilities')
PATIENCE, PARTITIONS = 90, 4
TROUBLE = 3  # the status of a process that ends because of its surroundings
stopping = threading.Event()


class Failure(Exception):
    pass


def timeless(value):
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if not k.endswith(('_ms', '_at'))}
    return [timeless(v) for v in value] if isinstance(value, list) else value


class Cell:
    """One bus with its stages. options: what every stage is started with, registries and feeds for instance."""

    def __init__(self, work, name, options, kafka=None):
        self.name = name
        self.dir = os.path.join(work, re.sub(r'[^A-Za-z0-9.]+', '-', name))
        self.bus = os.path.join(self.dir, 'bus')
        self.kafka, self.url = kafka, kafka or 'embedded:' + self.bus
        self.options = list(options)
        self.procs, self.envs, self.extra, self.ports, self.logged, self.prefix = {}, {}, {}, {}, {}, {}
        self.crashes = 0
        self.supervised = False  # what ends in trouble is started again, as a supervisor does

    def __enter__(self):
        os.makedirs(self.dir)
        return self

    def __exit__(self, kind, *rest):
        self.end_all()
        if kind is None:
            shutil.rmtree(self.dir)

    def end_all(self):
        for p in self.procs.values():
            p.terminate()
        for p in self.procs.values():
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        self.procs.clear()

    def create(self):
        if self.kafka:
            subprocess.run([os.path.join(TESTS, 'kafka_operator'), 'wipe'], check=True, env=dict(os.environ, CAREEN_BUS=self.kafka))
        subprocess.run([BIN + '/careen', 'topics', 'create', '--bus', self.url, '--partitions', str(PARTITIONS)],
                       check=True, stdout=subprocess.DEVNULL)

    def state(self, copy):
        return os.path.join(self.dir, 'state-' + copy)

    def start(self, copy):
        """copy: a stage's name, or "stage.2" for another copy of it."""
        stage = copy.split('.')[0]
        args = [os.path.join(BIN, stage), '--bus=' + self.url, '--state=' + self.state(copy), '--workers=2',
                '--http=127.0.0.1:0', *self.options]
        if self.kafka:
            # What is killed comes back under its name and has its partitions at once; what does not is missed soon.
            args += ['--member=' + copy, '--kafka=session.timeout.ms=3000']
        args += self.extra.get(copy, ())
        args = [*self.prefix.get(copy, ()), *args]
        self.ports.pop(copy, None)
        with open(os.path.join(self.dir, copy + '.log'), 'ab') as log:
            self.logged[copy] = log.tell()
            # Python ignores SIGXFSZ; a stage that inherits that sees a file at its limit as a full disk.
            self.procs[copy] = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                env=dict(os.environ, **self.envs.get(copy, {})), restore_signals=False)

    def ask(self, copy, path):
        if copy not in self.ports:
            with open(os.path.join(self.dir, copy + '.log'), errors='replace') as f:
                said = [x for x in f.read()[self.logged[copy]:].splitlines() if '"message":"listening"' in x]
            if not said:
                return None
            self.ports[copy] = json.loads(said[-1])['port']
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.ports[copy]}{path}', timeout=5) as r:
                return r.read().decode()
        except urllib.error.HTTPError as e:
            return e.read().decode()
        except OSError:
            return None

    def health(self, copy):
        return json.loads(self.ask(copy, '/healthz') or '{"healthy": false, "trouble": "it does not answer"}')

    def metrics(self, copy):
        text = self.ask(copy, '/metrics') or ''
        return dict(x.rsplit(' ', 1) for x in text.splitlines() if x and x[0] != '#')

    def owns_all(self, copy):
        """It has opened the state of every partition."""
        return self.metrics(copy).get('careen_runner_partitions_owned') == str(PARTITIONS)

    def live(self):
        """Every partition of every stage has an owner that has read all of its inputs."""
        owned = collections.Counter()
        for copy in self.procs:
            told = self.metrics(copy)
            if 'careen_runner_partitions_owned' not in told or \
                    told['careen_runner_partitions_owned'] != told.get('careen_runner_partitions_live') or \
                    told.get('careen_runner_jobs_running') != '0':
                return False
            owned[copy.split('.')[0]] += int(told['careen_runner_partitions_owned'])
        return all(n == PARTITIONS for n in owned.values())

    def tend(self):
        """Starts what was killed again. A process that ends by itself is a failure, unless the cell is supervised."""
        for copy, p in list(self.procs.items()):
            status = p.poll()
            if status is None:
                continue
            if status != -signal.SIGKILL and not (self.supervised and status == TROUBLE):
                raise Failure(f'{copy} ended with status {status}')
            self.crashes += 1
            self.start(copy)

    def end(self, copy, sig=signal.SIGTERM):
        p = self.procs.pop(copy)
        p.send_signal(sig)
        if p.wait(30) not in (0, -sig):
            raise Failure(f'{copy} ended with status {p.returncode} when it was asked to end')

    def probe(self, *args):
        out = subprocess.run([os.path.join(TESTS, 'topic_probe'), self.url, *args], capture_output=True, text=True)
        if out.returncode:
            raise Failure(out.stderr.strip())
        return out.stdout.splitlines()

    def records(self, topic):
        """(key, value) of the newest record of every key; of every record where the topic keeps all."""
        return [(k, json.loads(v)) for _, k, v in (x.split('\t', 2) for x in self.probe('show', topic))]

    def show(self, topics):
        rows = set()
        for line in self.probe('show', *topics):
            topic, key, value = line.split('\t', 2)
            value = timeless(json.loads(value))
            rows.add((topic, key, value['id'] + ' ' + value['kind'] if topic == 'alerts' else
                      json.dumps(value, sort_keys=True)))
        return rows

    def until(self, what, test, patience=PATIENCE):
        """Tends until test() gives something true, which is returned."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if stopping.is_set():
                raise Failure('stopped')
            self.tend()
            got = test()
            if got:
                return got
            time.sleep(0.2)
        raise Failure(what + ' did not come')

    def wait(self, wanted, topics, done=lambda: True, patience=PATIENCE):
        until, same, rows = time.monotonic() + patience, 0, set()
        while time.monotonic() < until:
            if stopping.is_set():
                raise Failure('stopped')
            self.tend()
            rows = self.show(topics)
            same = same + 1 if rows == wanted and done() and self.live() else 0
            if same == 3:
                return
            time.sleep(0.3)
        lines = [f'  missing {" ".join(r)[:400]}' for r in sorted(wanted - rows)[:6]]
        lines += [f'  extra   {" ".join(r)[:400]}' for r in sorted(rows - wanted)[:6]]
        raise Failure('\n'.join(['not what the undisturbed run has'] + (lines or ['  what was to happen did not'])))

    def quiet(self, topics, patience=PATIENCE):
        """Until the topics did not change for a while; for the undisturbed run."""
        until, rows, since = time.monotonic() + patience, None, 0
        while time.monotonic() < until:
            self.tend()
            now = self.show(topics)
            if now != rows:
                rows, since = now, time.monotonic()
            elif now and time.monotonic() - since > 3:
                return now
            time.sleep(0.3)
        raise Failure('the undisturbed run does not come to rest')

    def no_letters(self):
        letters = self.show(['dead-letters'])
        if letters:
            raise Failure('a dead letter: ' + ' '.join(sorted(letters)[0])[:400])

    def logs(self):
        out = []
        for name in sorted(os.listdir(self.dir)):
            if name.endswith('.log'):
                with open(os.path.join(self.dir, name), errors='replace') as f:
                    tail = [x for x in f if '"level":"info"' not in x][-6:]
                out += [f'  {name}: {x.rstrip()[:600]}' for x in tail]
        return '\n'.join(out)
