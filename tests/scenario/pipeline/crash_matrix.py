#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every stage, disturbed in every way, must end with what an undisturbed run ends with.

  crash_matrix.py WORK REGISTRY FEEDS PODS [CELL…]

Each cell has a bus, states and processes of its own; two run at a time. With CAREEN_BUS=kafka://… (and the folder of
scripts/kafka in CAREEN_KAFKA_DIR) the cells run on that broker, one after the other, and must end with what the
undisturbed run on the embedded bus ended with. A cell ends when images, inventories, findings
and recommendations (without times) and the set of alerts equal those of the undisturbed run, every crash that was asked
for happened, and nothing changes any more. With CAREEN_LONG_TESTS=1 each stage also dies alone, at each point, at the
first three passages; otherwise all stages die in the same run at the same point (on Kafka: at a part of the points).
"""
import concurrent.futures, itertools, os, resource, shutil, signal, subprocess, sys, time

from cells import COMPARED, KNOWLEDGE, STAGES, Cell, Failure, stopping

WORK, REGISTRY, FEEDS, PODS, *ONLY = sys.argv[1:]
JOBS = ('feeds', 'discover', 'pull', 'inventory')
LONG = os.environ.get('CAREEN_LONG_TESTS') == '1'
KAFKA = os.environ.get('CAREEN_BUS')  # kafka://…; scripts/kafka runs it in the folder CAREEN_KAFKA_DIR
OPTIONS = ('--registry=' + REGISTRY, '--cluster=made=' + PODS, '--feeds=' + FEEDS)


class World:
    """What the undisturbed run gave, and a bus that has its advisories already."""
    template = knowledge = wanted = None


def begin(cell, empty=False):
    """A bus with everything known of vulnerabilities; with empty True feeds is yet to write it."""
    if empty or cell.kafka:
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
        cell.no_letters()
        reached = [s for s in stages_here if os.path.exists(once[s])]
        if n > 1 and len(stages) == 1 and not reached:
            return 'not passed so often'
        if not reached or cell.crashes < len(reached):
            raise Failure(f'{point}:{n} was not reached')
        return f'{len(reached)} stages died'
    return run


TORN = {  # the topics of a stage's flush of which one alone may be stored
    'discover': ('images', 'layers'), 'pull': ('pulls', 'layer-contents'), 'inventory': ('inventories', 'layer-packages'),
    'publish': ('recommendations', 'alerts'),
}


def torn(stage, topic):
    """Of one flush only the records of a topic are stored, as an outage of Kafka may leave it, and the stage dies."""
    def run(cell):
        once = os.path.join(cell.dir, stage + '.crashed')
        cell.envs[stage] = {'CAREEN_TEST_TORN': topic, 'CAREEN_CRASH_ONCE': once}
        begin(cell)
        start_rest(cell)
        cell.wait(World.wanted, COMPARED)
        cell.no_letters()
        return 'torn' if os.path.exists(once) else 'never in one flush'
    return run


def layers_before_image(cell):
    """discover dies between an image's layers and the image, and comes back when what the layers hold is long there."""
    cell.envs['discover'] = {'CAREEN_CRASH_AT': 'discover.layers:1', 'CAREEN_CRASH_ONCE': os.path.join(cell.dir, 'discover.crashed')}
    begin(cell)
    start_rest(cell)
    if cell.procs['discover'].wait(60) != -signal.SIGKILL:
        raise Failure('discover did not die')
    away = cell.procs.pop('discover')
    cell.until('a parsed layer', lambda: cell.show(['layer-packages']))
    time.sleep(1)
    cell.procs['discover'] = away
    cell.wait(World.wanted, COMPARED)
    cell.no_letters()


def state_deleted(stages, late):
    def run(cell):
        begin(cell)
        start_rest(cell)
        if late:
            cell.wait(World.wanted, COMPARED)
        else:
            cell.until('the states', lambda: all(os.path.isdir(cell.state(s)) for s in stages))
            time.sleep(0.7)
        for s in stages:
            cell.end(s, signal.SIGKILL)
        for s in stages:
            shutil.rmtree(cell.state(s))
            cell.start(s)
        cell.wait(World.wanted, COMPARED)
        cell.no_letters()
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
        cell.no_letters()
    return run


def twice(cell):
    for s in STAGES:
        cell.envs[s] = {'CAREEN_TEST_DUPLICATE': '1'}
    begin(cell, empty=True)
    start_rest(cell)
    cell.wait(World.wanted, COMPARED)
    cell.no_letters()


def disk_full(stages):
    """No file of these stages may grow: neither their state nor the bus. Then there is room again."""
    def run(cell):
        begin(cell)
        # LMDB's two pages that name the last transaction are there already: only what would need room fails.
        def no_room(s):
            resource.prlimit(cell.procs[s].pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
        for s in STAGES[2:]:
            if s != 'discover':
                cell.start(s)
        cell.wait(set(), COMPARED)
        for s in stages:
            if s != 'discover':
                no_room(s)
        # It walks its registries as soon as it is there, and again with the clock's first tick.
        cell.start('discover')
        if 'discover' in stages:
            cell.until('discover', lambda: cell.owns_all('discover'))
            no_room('discover')
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
        cell.no_letters()
        return 'full: ' + ', '.join(full)
    return run


def full_at_start(stage):
    """There is no room for its state when it gets its partitions. Then there is."""
    def run(cell):
        begin(cell)
        cell.prefix[stage] = ('prlimit', '--fsize=8192:')
        start_rest(cell)
        cell.until(f'a word of {stage} about the disk', lambda: cell.metrics(stage).get('careen_runner_out_of_space') == '1'
                   and not cell.health(stage)['healthy'])
        resource.prlimit(cell.procs[stage].pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        cell.wait(World.wanted, COMPARED)
        if cell.crashes or not cell.health(stage)['healthy']:
            raise Failure(f'{stage} died of a full disk, or does not say that there is room: {cell.health(stage)}')
        cell.no_letters()
    return run


def operate(verb):
    subprocess.run([os.path.join(os.environ['CAREEN_SOURCE'], 'scripts', 'kafka'), verb, os.environ['CAREEN_KAFKA_DIR']],
                   check=True, stdout=subprocess.DEVNULL)


def broker_away(seconds, late):
    """The broker stands still (seconds) or is stopped and started (0), in the middle of the work or just before it."""
    def run(cell):
        begin(cell)
        start_rest(cell)
        # Who finds no broker when it starts says so to the person who waits, and ends.
        cell.supervised = not late
        cell.until('the first image', lambda: not late or cell.show(['images']))
        if not seconds:
            operate('restart')
        else:
            operate('pause')
            try:
                for _ in range(5 * seconds):
                    cell.tend()
                    time.sleep(0.2)
            finally:
                operate('resume')
        cell.wait(World.wanted, COMPARED)
        cell.no_letters()
        if late and cell.crashes:
            raise Failure('a stage ended because the broker was away')
    return run


def undisturbed_here(cell):
    begin(cell)
    start_rest(cell)
    cell.wait(World.wanted, COMPARED)
    cell.no_letters()


def kafka_cells():
    yield 'the broker stands still at work', broker_away(20, True)
    yield 'the broker is restarted at work', broker_away(0, True)
    if LONG:
        yield 'undisturbed on Kafka', undisturbed_here
        yield 'the broker stands still at the start', broker_away(20, False)
        yield 'the broker stands still for a minute', broker_away(60, True)
        yield 'the broker is restarted at the start', broker_away(0, False)


# What the short matrix on Kafka takes of all cells.
KAFKA_SHORT = ('all die at runner.produced:1', 'all die at runner.delivered:1', 'all die at runner.committed:2',
               'all die at runner.job:1', 'states deleted at work', 'copies 1-3-1', 'every record twice',
               'disk full at the start, inventory')


def chosen():
    cells = list(all_cells())
    if KAFKA:
        cells = [*kafka_cells(), *(c for c in cells if 'bus.' not in c[0] and (LONG or ONLY or c[0] in KAFKA_SHORT))]
    return [c for c in cells if not ONLY or any(o in c[0] for o in ONLY)]


def all_cells():
    for point, passages in POINTS.items():
        for n in passages:
            yield f'all die at {point}:{n}', die_at(point, n, STAGES)
    for stage, stored in TORN.items():
        for topic in stored:
            yield f'{stage} stores only {topic} of a flush', torn(stage, topic)
    yield 'layers long before their image', layers_before_image
    yield 'states deleted at work', state_deleted(STAGES, False)
    yield 'states deleted at rest', state_deleted(STAGES, True)
    yield 'copies 1-3-1', copies(('pull', 'inventory', 'match'))
    yield 'copies 1-3-1 of the others', copies(('discover', 'publish', 'clock', 'feeds'))
    yield 'every record twice', twice
    yield 'disk full, inventory match publish', disk_full(('inventory', 'match', 'publish'))
    yield 'disk full, discover pull', disk_full(('discover', 'pull'))
    yield 'disk full at the start, inventory', full_at_start('inventory')
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


def run_cell(name, fn, kafka=KAFKA):
    began, cell = time.monotonic(), Cell(WORK, name, OPTIONS, kafka)
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
    if run_cell('undisturbed run', undisturbed, None):
        return 1
    cells = chosen()
    with concurrent.futures.ThreadPoolExecutor(1 if KAFKA else 2) as pool:
        failed = [f for f in pool.map(lambda c: run_cell(*c), cells) if f]
    print(f'{len(cells)} cells, {len(failed)} failed')
    return 1 if failed or not cells else 0


sys.exit(main())
