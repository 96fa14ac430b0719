#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures careen scan; called by scan.sh.  scan_measure.py CAREEN LAYOUT REF [RUNS]"""
import json, os, resource, statistics, subprocess, sys, tempfile, time

careen, layout, ref = sys.argv[1:4]
runs = int(sys.argv[4]) if len(sys.argv) > 4 else 5
null = open(os.devnull, 'w')
note = 'org.opencontainers.image.ref.name'


def blob(digest):
    return os.path.join(layout, 'blobs', *digest.split(':'))


def load(path):
    with open(path) as f:
        return json.load(f)


def timed(command):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    status = subprocess.run(command, stdout=null).returncode
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if status:
        sys.exit('%s: exit status %d' % (' '.join(command), status))
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tree(pid):
    found = [pid]
    for p in found:
        try:
            for t in os.listdir('/proc/%d/task' % p):
                found += [int(c) for c in open('/proc/%d/task/%s/children' % (p, t)).read().split()]
        except OSError:
            pass
    return found


def private(pid):
    try:
        with open('/proc/%d/smaps_rollup' % pid) as f:
            return sum(int(line.split()[1]) for line in f if line.startswith('Private_'))
    except (OSError, ProcessLookupError):
        return 0


def memory(command):
    """Peak of the private memory, in kB: of the whole tree at one moment, and of its largest process."""
    p = subprocess.Popen(command, stdout=null)
    whole = largest = 0
    while p.poll() is None:
        each = [private(x) for x in tree(p.pid)]
        whole, largest = max(whole, sum(each)), max([largest] + each)
        time.sleep(0.001)
    return whole, largest


def main():
    entry = [m for m in load(os.path.join(layout, 'index.json'))['manifests'] if m['annotations'].get(note) == ref][0]
    layers = [x for x in load(blob(entry['digest']))['layers']]
    largest = max(layers, key=lambda x: x['size'])
    image = 'oci:%s:%s' % (layout, ref)
    with tempfile.TemporaryDirectory() as cache:
        mine = os.environ.get('CAREEN_CACHE')
        if mine:
            os.symlink(os.path.abspath(os.path.join(mine, 'advisories')), os.path.join(cache, 'advisories'))
            env = [careen, 'scan', image, '--quiet', '--cache', cache]
        else:
            env = [careen, 'packages', image, '--quiet', '--cache', cache]
            print('no CAREEN_CACHE: careen packages, without judging')
        cold = env + ['--no-cache']
        timed(cold)
        scans, cpu, big, half = [], [], [], []
        for _ in range(runs):
            w, c = timed(cold)
            scans.append(w)
            cpu.append(c)
            each = [timed(['igzip', '-dc', blob(x['digest'])]) for x in layers]
            big.append(each[layers.index(largest)][0])
            half.append(sum(w for w, _ in each) / 2)
        yard = [max(b, h) for b, h in zip(big, half)]
        whole, one = memory(cold)
        timed(env)
        known = [timed(env) for _ in range(20)]
    med = statistics.median
    print('%s: %d layers, %.1f MB stored' % (ref, len(layers), sum(x['size'] for x in layers) / 1e6))
    print('  nothing remembered: wall %.3f s, CPU %.3f s' % (med(scans), med(cpu)))
    print('  igzip -dc: largest layer %.3f s, half of all %.3f s' % (med(big), med(half)))
    print('  wall / the greater of the two: %.2f (median of the runs\' own ratios)' % med(s / y for s, y in zip(scans, yard)))
    print('  private memory at its peak: %.1f MB in all processes, %.1f MB in the largest' % (whole / 1e3, one / 1e3))
    print('  everything remembered: wall %.1f ms (least %.1f), CPU %.1f ms' %
          (med(w for w, _ in known) * 1e3, min(w for w, _ in known) * 1e3, med(c for _, c in known) * 1e3))


main()
