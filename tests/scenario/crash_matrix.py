#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every stage, disturbed in every way, must end with what an undisturbed run ends with.

  crash_matrix.py WORK REGISTRY FEEDS PODS [CELL…]

Each cell has a bus, states and processes of its own; two run at a time. A cell ends when images, inventories, findings
and recommendations (without times) and the set of alerts equal those of the undisturbed run, every crash that was asked
for happened, and nothing changes any more. With CAREEN_LONG_TESTS=1 each stage also dies alone, at each point, at the
first three passages; otherwise all stages die in the same run at the same point.
"""
import collections, concurrent.futures, itertools, json, os, re, resource, shutil, signal, subprocess, sys, threading, time, urllib.request

WORK, REGISTRY, FEEDS, PODS, *ONLY = sys.argv[1:]
BIN = os.environ['CAREEN_BIN']
PROBE = os.path.join(os.path.dirname(BIN), 'tests', 'topic_probe')
STAGES = ('feeds', 'clock', 'discover', 'pull', 'inventory', 'match', 'publish')
JOBS = ('feeds', 'discover', 'pull', 'inventory')
COMPARED = ('images', 'inventories', 'findings', 'recommendations', 'alerts')
KNOWLEDGE = ('advisories', 'vulnerabilities')
PATIENCE, PARTITIONS = 90, 4
LONG = os.environ.get('CAREEN_LONG_TESTS') == '1'
stopping = threading.Event()


class Failure(Exception):
    pass


def timeless(value):
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if not k.endswith(('_ms', '_at'))}
    return [timeless(v) for v in value] if isinstance(value, list) else value


class Cell:
    """One bus with its stages."""

    def __init__(self, name):
        self.name = name
        self.dir = os.path.join(WORK, re.sub(r'[^A-Za-z0-9.]+', '-', name))
        self.bus = os.path.join(self.dir, 'bus')
        self.procs, self.envs, self.ports, self.logged = {}, {}, {}, {}
        self.crashes = 0

    def __enter__(self):
        os.makedirs(self.dir)
        return self

    def __exit__(self, kind, *rest):
        for copy in list(self.procs):
            self.procs[copy].terminate()
        for p in self.procs.values():
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        if kind is None:
            shutil.rmtree(self.dir)

    def create(self):
        subprocess.run([BIN + '/careen', 'topics', 'create', '--bus', 'embedded:' + self.bus, '--partitions', str(PARTITIONS)],
                       check=True, stdout=subprocess.DEVNULL)

    def state(self, copy):
        return os.path.join(self.dir, 'state-' + copy)

    def start(self, copy, limit=None):
        """copy: a stage's name, or "stage.2" for another copy of it."""
        stage = copy.split('.')[0]
        args = [os.path.join(BIN, stage), '--bus=embedded:' + self.bus, '--state=' + self.state(copy),
                '--registry=' + REGISTRY, '--cluster=made=' + PODS, '--feeds=' + FEEDS, '--workers=2',
                '--http=127.0.0.1:0']
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

    def live(self):
        """Every partition of every stage has an owner that has read all of its inputs."""
        owned = collections.Counter()
        for copy in self.procs:
            text = self.ask(copy, '/metrics') or ''
            told = dict(x.rsplit(' ', 1) for x in text.splitlines() if x and x[0] != '#')
            if told.get('careen_runner_partitions_owned') != told.get('careen_runner_partitions_live') or \
                    told.get('careen_runner_jobs_running') != '0':
                return False
            owned[copy.split('.')[0]] += int(told['careen_runner_partitions_owned'])
        return all(n == PARTITIONS for n in owned.values())

    def tend(self):
        """Starts what was killed again. A process that ends by itself is a failure."""
        for copy, p in list(self.procs.items()):
            status = p.poll()
            if status is None:
                continue
            if status != -signal.SIGKILL:
                raise Failure(f'{copy} ended with status {status}')
            self.crashes += 1
            self.start(copy)

    def end(self, copy, sig=signal.SIGTERM):
        p = self.procs.pop(copy)
        p.send_signal(sig)
        if p.wait(30) not in (0, -sig):
            raise Failure(f'{copy} ended with status {p.returncode} when it was asked to end')

    def show(self, topics):
        out = subprocess.run([PROBE, 'embedded:' + self.bus, 'show', *topics], capture_output=True, text=True)
        if out.returncode:
            raise Failure(out.stderr.strip())
        rows = set()
        for line in out.stdout.splitlines():
            topic, key, value = line.split('\t', 2)
            value = timeless(json.loads(value))
            rows.add((topic, key, value['id'] + ' ' + value['kind'] if topic == 'alerts' else
                      json.dumps(value, sort_keys=True)))
        return rows

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

    def logs(self):
        out = []
        for name in sorted(os.listdir(self.dir)):
            if name.endswith('.log'):
                with open(os.path.join(self.dir, name), errors='replace') as f:
                    tail = [x for x in f if '"level":"info"' not in x][-6:]
                out += [f'  {name}: {x.rstrip()[:600]}' for x in tail]
        return '\n'.join(out)


class World:
    """What the undisturbed run gave, and a bus that has its advisories already."""
    template = knowledge = wanted = None


def begin(cell, empty=False):
    """A bus with everything known of vulnerabilities; with empty True feeds is yet to write it."""
    if empty:
        cell.create()
        cell.start('feeds')
        cell.wait(World.knowledge, KNOWLEDGE)
        return
    shutil.copytree(World.template, cell.dir, dirs_exist_ok=True)
    cell.start('feeds')


def start_rest(cell):
    for stage in STAGES[1:]:
        cell.start(stage)


def undisturbed(cell):
    cell.create()
    cell.start('feeds')
    World.knowledge = cell.quiet(KNOWLEDGE)
    cell.end('feeds')
    World.template = os.path.join(WORK, 'template')
    shutil.copytree(cell.dir, World.template)
    cell.start('feeds')
    start_rest(cell)
    World.wanted = cell.quiet(COMPARED)
    counts = {t: sum(r[0] == t for r in World.wanted) for t in COMPARED}
    letters = cell.show(['dead-letters'])
    if letters or not all(counts.values()) or cell.crashes:
        raise Failure(f'nothing to compare with: {counts}, {len(letters)} dead letters')
    print('  undisturbed:', ', '.join(f'{n} {t}' for t, n in counts.items()), flush=True)


def no_letters(cell):
    letters = cell.show(['dead-letters'])
    if letters:
        raise Failure('a dead letter: ' + ' '.join(sorted(letters)[0])[:400])


# ---- the cells ----

POINTS = {  # name: the passages at which to die in one run of all stages
    'runner.polled': (2,), 'runner.settled': (3,), 'runner.produced': (1, 2), 'runner.delivered': (1, 2),
    'runner.committed': (2,), 'runner.advanced': (2,), 'runner.job': (1, 2), 'bus.flush.begin': (1,),
    'bus.flush.written': (1, 2), 'bus.flush.committed': (1,),
}


def die_at(point, n, stages):
    def run(cell):
        stages_here = [s for s in stages if point != 'runner.job' or s in JOBS]
        once = {s: os.path.join(cell.dir, s + '.crashed') for s in stages_here}
        for s in stages_here:
            cell.envs[s] = {'CAREEN_CRASH_AT': f'{point}:{n}', 'CAREEN_CRASH_ONCE': once[s]}
        begin(cell, empty='feeds' in stages_here)
        start_rest(cell)
        # Not every stage passes every point more than once; the first time it must.
        cell.wait(World.wanted, COMPARED, lambda: n > 1 or all(os.path.exists(f) for f in once.values()))
        no_letters(cell)
        reached = [s for s in stages_here if os.path.exists(once[s])]
        if not reached or cell.crashes < len(reached):
            raise Failure(f'{point}:{n} was not reached')
        return f'{len(reached)} stages died'
    return run


def state_deleted(stages, late):
    def run(cell):
        begin(cell)
        start_rest(cell)
        if late:
            cell.wait(World.wanted, COMPARED)
        else:
            time.sleep(0.7)
        for s in stages:
            cell.end(s, signal.SIGKILL)
        for s in stages:
            shutil.rmtree(cell.state(s))
            cell.start(s)
        cell.wait(World.wanted, COMPARED)
        no_letters(cell)
    return run


def copies(stages):
    def run(cell):
        begin(cell)
        start_rest(cell)
        for s in stages:
            for n in ('.2', '.3'):
                cell.start(s + n)
        time.sleep(1.5)
        for s in stages:
            cell.end(s + '.2', signal.SIGKILL)
            cell.end(s)
        cell.wait(World.wanted, COMPARED)
        no_letters(cell)
    return run


def twice(cell):
    for s in STAGES:
        cell.envs[s] = {'CAREEN_TEST_DUPLICATE': '1'}
    begin(cell, empty=True)
    start_rest(cell)
    cell.wait(World.wanted, COMPARED)
    no_letters(cell)


def disk_full(stages):
    """No file of these stages may grow: neither their state nor the bus. Then there is room again."""
    def run(cell):
        begin(cell)
        for s in STAGES[2:]:
            cell.start(s)
        cell.wait(set(), COMPARED)
        for s in stages:
            resource.prlimit(cell.procs[s].pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        cell.start('clock')
        until, full = time.monotonic() + 60, {}
        while time.monotonic() < until and not full:
            cell.tend()
            for s in stages:
                h = cell.health(s)
                if not h['healthy'] and 'no space left' in (h['trouble'] or ''):
                    full[s] = h
            time.sleep(0.2)
        if not full:
            raise Failure('nobody said that the disk is full')
        for s in stages:
            resource.prlimit(cell.procs[s].pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        cell.wait(World.wanted, COMPARED)
        for s in stages:
            if not cell.health(s)['healthy']:
                raise Failure(f'{s} has room again and does not say so: {cell.health(s)}')
        if cell.crashes:
            raise Failure('a stage died of a full disk')
        no_letters(cell)
        return 'full: ' + ', '.join(full)
    return run


def all_cells():
    for point, passages in POINTS.items():
        for n in passages:
            yield f'all die at {point}:{n}', die_at(point, n, STAGES)
    yield 'states deleted at work', state_deleted(STAGES, False)
    yield 'states deleted at rest', state_deleted(STAGES, True)
    yield 'copies 1-3-1', copies(('pull', 'inventory', 'match'))
    yield 'copies 1-3-1 of the others', copies(('discover', 'publish', 'clock', 'feeds'))
    yield 'every record twice', twice
    yield 'disk full, inventory match publish', disk_full(('inventory', 'match', 'publish'))
    yield 'disk full, discover pull', disk_full(('discover', 'pull'))
    if not LONG:
        return
    for stage, point in itertools.product(STAGES, POINTS):
        for n in (1, 2, 3) if point != 'runner.job' or stage in JOBS else ():
            yield f'{stage} dies at {point}:{n}', die_at(point, n, (stage,))
    for stage in STAGES:
        yield f'state of {stage} deleted at work', state_deleted((stage,), False)
        yield f'state of {stage} deleted at rest', state_deleted((stage,), True)
        yield f'copies 1-3-1 of {stage}', copies((stage,))
    for stage in STAGES[2:]:
        yield f'disk full, {stage}', disk_full((stage,))


def run_cell(name, fn):
    began, cell = time.monotonic(), Cell(name)
    if stopping.is_set():
        return name
    try:
        with cell:
            try:
                told = fn(cell)
            except (Failure, OSError, ValueError, KeyError) as e:
                print(f'FAILED {name}: {e}\n{cell.logs()}', flush=True)
                raise
        print(f'  {name}: {time.monotonic() - began:.1f} s{", " + told if told else ""}', flush=True)
        return None
    except (Failure, OSError, ValueError, KeyError):
        return name


def main():
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    if run_cell('undisturbed run', undisturbed):
        return 1
    cells = [c for c in all_cells() if not ONLY or any(o in c[0] for o in ONLY)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failed = [f for f in pool.map(lambda c: run_cell(*c), cells) if f]
    print(f'{len(cells)} cells, {len(failed)} failed')
    return 1 if failed or not cells else 0


sys.exit(main())
