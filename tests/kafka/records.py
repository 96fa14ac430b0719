#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records that others frame, records that nobody can read, topics of the wrong shape.

  records.py WORK LAYOUT REGISTRY FEEDS

Two sets of stages read the same registry, on the embedded bus and on the broker CAREEN_BUS, and must say the same of it.
Half-way those on Kafka are restarted with the schema registry of CAREEN_TEST_SCHEMA_REGISTRY, so that both framings are in
every topic. Then come bytes that are no records, and a topic with another number of partitions.
"""
import collections, json, os, signal, subprocess, sys, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scenario', 'pipeline'))
from cells import BIN, COMPARED, KNOWLEDGE, PARTITIONS, STAGES, TESTS, Cell, Failure, stopping

WORK, LAYOUT, REGISTRY, FEEDS = sys.argv[1:]
BUS, SCHEMAS = os.environ['CAREEN_BUS'], os.environ['CAREEN_TEST_SCHEMA_REGISTRY']
OPTIONS = ('--registry=http://' + REGISTRY, '--feeds=' + FEEDS, '--schedule.walk=@every 1s')


def must(what, fact):
    if not fact:
        raise Failure(what)


def push(ref):
    subprocess.run(['skopeo', '--insecure-policy', 'copy', '-q', '--preserve-digests', '--dest-tls-verify=false',
                    f'oci:{LAYOUT}:{ref}', f'docker://{REGISTRY}/shop/{ref}:v1'], check=True, stdout=subprocess.DEVNULL)


def assessed(cell, ref):
    return [r for _, r in cell.records('recommendations') if r['repository'] == 'shop/' + ref and r['code'] == 'unhealthy']


def same(here, there, ref):
    """Both have assessed the image, and everything is equal on both."""
    for cell in (here, there):
        cell.until(f'{ref} in {cell.name}', lambda: assessed(cell, ref))
    here.until('the same on both', lambda: here.show(COMPARED) == there.show(COMPARED))


def values(topic):
    """The bytes of all values of a topic, as a tool that knows nothing of Careen reads them."""
    out = subprocess.run(['kcat', '-C', '-q', '-e', '-b', BUS.removeprefix('kafka://'), '-t', topic, '-o', 'beginning',
                          '-f', '%S\n%s'], capture_output=True, check=True).stdout
    while out:
        size, out = out.split(b'\n', 1)
        n = max(int(size), 0)
        if int(size) >= 0:
            yield out[:n]
        out = out[n:]


def framings(topic):
    return collections.Counter('registry' if v[:1] == b'\0' else 'single object' if v[:2] == b'\xc3\x01' else 'none'
                               for v in values(topic))


def schema_registry(here, there):
    for topic in COMPARED:
        must(f'{topic}: {framings(topic)}', set(framings(topic)) == {'single object'})
    for stage in STAGES:
        there.end(stage)
    there.options.append('--schema-registry=' + SCHEMAS)
    for stage in STAGES:
        there.start(stage)
    push('b')
    same(here, there, 'b')
    for topic in COMPARED:
        must(f'{topic}: {framings(topic)}', set(framings(topic)) == {'single object', 'registry'})
    with urllib.request.urlopen(SCHEMAS + '/subjects', timeout=10) as r:
        subjects = set(json.load(r))
    must(f'subjects {subjects}', {t + '-value' for t in COMPARED} <= subjects)
    shown = subprocess.run([BIN + '/careen', 'images', '--bus', BUS, '--schema-registry', SCHEMAS, '--format', 'json'],
                           capture_output=True, text=True)
    must(f'careen images: {shown.stderr}', shown.returncode == 0 and 'shop/b' in shown.stdout and 'shop/a' in shown.stdout)
    return f'{len(subjects)} subjects, images: {dict(framings("images"))}'


def garbage(here, there):
    """Every partition of images gets bytes that are no record; what comes behind them is assessed all the same."""
    bad = {'deadbeef': 'neither framing', 'c301': 'cut in the frame', 'c301010203040506070800': 'an unknown fingerprint',
           '007fffffff00': 'an id that the registry does not know', '': 'empty'}
    keys = ['sha256:%064x,127.0.0.1:1/none' % n for n in range(8)]
    for key in keys:
        for value in bad:
            there.probe('put', 'images', key, value)
    push('c')
    readers = {'discover', 'inventory', 'match', 'publish'}
    wanted = len(keys) * len(bad) * len(readers)
    there.until('c behind the garbage', lambda: assessed(there, 'c'))
    letters = there.until('the dead letters', lambda: (lambda x: len(x) >= wanted and x)(there.records('dead-letters')))
    must(f'{len(letters)} dead letters, {wanted} wanted', len(letters) == wanted)
    must('dead letters of other stages or topics',
         {(r['stage'], r['topic']) for _, r in letters} == {(s, 'images') for s in readers})
    must('a partition got none', {r['partition'] for _, r in letters} == set(range(PARTITIONS)))
    must('a dead letter without a reason or its key', all(r['reason'] for _, r in letters))
    for key in keys:
        there.probe('put', 'images', key)
    same(here, there, 'c')
    return f'{len(letters)} dead letters, {len({r["reason"] for _, r in letters})} reasons'


def wrong_partitions(here, there):
    for stage in STAGES:
        there.end(stage)
    operator = [os.path.join(TESTS, 'kafka_operator'), 'remake', 'layers', str(PARTITIONS - 1)]
    subprocess.run(operator, check=True)
    check = subprocess.run([BIN + '/careen', 'topics', 'check', '--bus', BUS], capture_output=True, text=True)
    pull = subprocess.run([BIN + '/pull', '--bus', BUS, '--state', os.path.join(there.dir, 'refused'),
                           '--registry=http://' + REGISTRY], capture_output=True, text=True, timeout=60)
    for name, p in (('topics check', check), ('pull', pull)):
        must(f'{name}: status {p.returncode}: {p.stderr}', p.returncode not in (0, None) and p.returncode > 0)
        must(f'{name} does not say what is wrong and what to do: {p.stderr}',
             all(x in p.stderr for x in (f'layers has {PARTITIONS - 1} partitions', 'careen topics create')))
    subprocess.run([os.path.join(TESTS, 'kafka_operator'), 'remake', 'layers', str(PARTITIONS)], check=True)
    subprocess.run([BIN + '/careen', 'topics', 'check', '--bus', BUS], check=True, stdout=subprocess.DEVNULL)
    return pull.stderr.splitlines()[0]


def main():
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda *_: stopping.set())
    with Cell(WORK, 'embedded', OPTIONS) as here, Cell(WORK, 'kafka', OPTIONS, BUS) as there:
        check = main
        try:
            for cell in (here, there):
                cell.create()
                cell.start('feeds')
            here.until('the same knowledge', lambda: (lambda x: x and x == there.show(KNOWLEDGE))(here.show(KNOWLEDGE)))
            for cell in (here, there):
                for stage in STAGES[1:]:
                    cell.start(stage)
            same(here, there, 'a')
            for check in (schema_registry, garbage, wrong_partitions):
                print(f'  {check.__name__.replace("_", " ")}: {check(here, there)}', flush=True)
            must('a stage ended', not here.crashes and not there.crashes)
        except Failure as e:
            print(f'FAILED {check.__name__}: {e}\nembedded\n{here.logs()}\nKafka\n{there.logs()}', flush=True)
            return 1
    return 0


sys.exit(main())
