#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What made others give up a log as the queue of their work, shown not to happen here.

  reasons.py WORK LAYOUT REGISTRY PROXY RULES REQUESTS FEEDS LISTEN

REGISTRY is where images are pushed, PROXY (fault_proxy.py with its RULES and REQUESTS) where Careen reads them. 24 images
repository backfill/N with a layer of their own are in the registry already. The registry tells discover on port LISTEN
of every push. CAREEN_BUS=kafka://… names a broker; without it the bus is the embedded one.
"""
import datetime, json, os, re, signal, subprocess, sys, time

from cells import BIN, STAGES, Cell, Failure, stopping

WORK, LAYOUT, REGISTRY, PROXY, RULES, REQUESTS, FEEDS, LISTEN = sys.argv[1:]
BACKFILL = 24


def rules(*wanted):
    with open(RULES + '.new', 'w') as f:
        json.dump(wanted, f)
    os.replace(RULES + '.new', RULES)


def requests(pattern):
    with open(REQUESTS) as f:
        return [x for x in f if re.search(pattern, x)]


def push(ref, name):
    subprocess.run(['skopeo', '--insecure-policy', 'copy', '-q', '--preserve-digests', '--dest-tls-verify=false',
                    f'oci:{LAYOUT}:{ref}', f'docker://{REGISTRY}/{name}'], check=True, stdout=subprocess.DEVNULL)


def layers(ref):
    """Digests of the layers of an image in the layout."""
    with open(os.path.join(LAYOUT, 'index.json')) as f:
        index = json.load(f)
    digest = [m['digest'] for m in index['manifests'] if m['annotations']['org.opencontainers.image.ref.name'] == ref][0]
    with open(os.path.join(LAYOUT, 'blobs', *digest.split(':'))) as f:
        return [x['digest'] for x in json.load(f)['layers']]


def assessed(cell, repository):
    return [r for _, r in cell.records('recommendations') if re.fullmatch(repository, r['repository'])
            and r['code'] in ('healthy', 'unhealthy')]


def status(cell):
    out = subprocess.run([BIN + '/careen', 'status', '--bus', cell.url, '--format', 'json'], capture_output=True, text=True)
    if out.returncode:
        raise Failure('careen status: ' + out.stderr)
    return json.loads(out.stdout)


def must(what, fact):
    if not fact:
        raise Failure(what)


# ---- the reasons ----

def overtakes(cell):
    """Many layers wait for a slow registry; what is pushed now is assessed before them."""
    rules({'match': r'GET /v2/backfill/.*/blobs/', 'do': 'slow', 'rate': 5000})
    for stage in STAGES:
        cell.start(stage)
    cell.until('all of the backfill found', lambda: status(cell)['images'] == BACKFILL)
    rules({'match': r'GET /v2/backfill/.*/blobs/', 'do': 'slow', 'rate': 30000})
    before = len(cell.until('the first of the backfill', lambda: assessed(cell, 'backfill/.*')))
    # What is begun from here on takes seconds: on a slow machine, too, the push comes in the middle of the backfill.
    rules({'match': r'GET /v2/backfill/.*/blobs/', 'do': 'slow', 'rate': 5000})
    began = time.monotonic()
    push('urgent', 'urgent:v1')
    cell.until('the push', lambda: assessed(cell, 'urgent'))
    took, now, then = time.monotonic() - began, status(cell), len(assessed(cell, 'backfill/.*'))
    must(f'the push waited {took:.1f} s for {then - before} of {BACKFILL - before} images of the backfill',
         then - before < (BACKFILL - before) / 2)
    told_by_status(cell, now)
    rules()
    cell.until('the rest of the backfill', lambda: len(assessed(cell, 'backfill/.*')) == BACKFILL)
    cell.until('a careen status with nobody behind', lambda: all(r['behind'] == 0 for r in status(cell)['inputs']))
    return f'assessed {took:.1f} s after its push, {BACKFILL - then} images of the backfill later'


def told_by_status(cell, now):
    """In the middle of the work one person can see what every stage is doing."""
    must(f'a stage is missing in careen status: {now}', {r['stage'] for r in now['inputs']} == set(STAGES))
    must(f'careen status shows no layer that waits: {now}', 0 < now['layers_pulled'] < now['layers'])
    must(f'careen status shows no image that waits: {now}', 0 < now['inventories'] < now['images'] == BACKFILL + 1)
    text = subprocess.run([BIN + '/careen', 'status', '--bus', cell.url, '--format', 'table'], capture_output=True,
                          text=True, check=True).stdout
    must(f'careen status does not say how far it is: {text}',
         re.search(r'Images: \d+ found in \d+ places, \d+ inventoried', text) and re.search(r'Layers: \d+ wanted, \d+ pulled', text))


def slow_image(cell):
    """A layer that crawls holds nothing else back."""
    crawling = layers('slow')[-1]
    rules({'match': 'GET .*' + crawling, 'do': 'slow', 'rate': 20000})
    push('slow', 'slow:v1')
    cell.until('the slow pull', lambda: requests('GET .*' + crawling))
    began = time.monotonic()
    for ref in ('quick1', 'quick2', 'quick3'):
        push(ref, ref + ':v1')
    cell.until('the quick ones', lambda: len(assessed(cell, 'quick.')) == 3)
    took = time.monotonic() - began
    must('the slow image was not slow', not assessed(cell, 'slow'))
    cell.until('the slow one', lambda: assessed(cell, 'slow'))
    return f'three images {took:.1f} s after their push, the slow one {time.monotonic() - began:.1f} s after it'


def failed(cell):
    """What fails is tried again, less and less often, and can be seen; then it works."""
    broken = layers('failing')[-1]
    rules({'match': 'GET .*' + broken, 'do': 'status', 'status': 500})
    push('failing', 'failing:v1')
    receipts = {}

    def receipt():
        for key, r in cell.records('pulls'):
            if key == broken and r['status'] == 'failed':
                receipts[r['attempts']] = r
        return 2 in receipts
    cell.until('the second failure', receipt)
    waits = [millis(receipts[n]['retry_at']) - millis(receipts[n]['pulled_at']) for n in (1, 2)]
    must(f'no growing pause: {waits}', waits[0] >= 1000 and waits[1] >= 1.5 * waits[0])
    must(f'the receipt does not say why: {receipts[2]}', '500' in receipts[2]['reasons'][0])
    now = status(cell)
    must(f'careen status does not show it: {now}', now['layers_retrying'] == 1 and now['layers_failed'] == 0)
    shown = cell.until('the recommendation', lambda: [r for _, r in cell.records('recommendations')
                                                      if r['repository'] == 'failing'])
    must(f'the image must show the reason: {shown}', shown[0]['reasons'] and '500' in shown[0]['reasons'][0])
    push('quick4', 'quick4:v1')
    cell.until('another image meanwhile', lambda: assessed(cell, 'quick4'))
    rules()
    cell.until('the one that failed', lambda: [r for r in assessed(cell, 'failing') if not r['reasons']])
    must(f'careen status still shows it: {status(cell)}', status(cell)['layers_retrying'] == 0)
    return f'tried again after {waits[0] / 1000:.0f} s, then {waits[1] / 1000:.0f} s: "{shown[0]["reasons"][0][:90]}"'


def ten_thousand(cell):
    """Size: an inventory of 10,000 packages passes whole."""
    began = time.monotonic()
    push('huge', 'huge:v1')
    cell.until('the huge one', lambda: assessed(cell, 'huge'))
    took = time.monotonic() - began
    digest = [r['image_digest'] for r in assessed(cell, 'huge')][0]
    parts = [r for key, r in cell.records('inventories') if key.split(',')[0] == digest]
    packages = sum(len(r['packages']) for r in parts)
    must(f'{packages} packages in {len(parts)} parts', packages == 10000 and {r['status'] for r in parts} == {'complete'})
    found = [r for key, r in cell.records('findings') if key.split(',')[0] == digest]
    names = {f['package'] for r in found for f in r['findings']}
    must(f'findings of {sorted(names)}', names == {'made7', 'made4711', 'made9999'})
    return f'{took:.1f} s, {len(parts)} records'


def millis(text):
    return 1000 * datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def main():
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda *_: stopping.set())
    options = ('--registry=http://' + PROXY, '--feeds=' + FEEDS)
    with Cell(WORK, 'reasons', options, os.environ.get('CAREEN_BUS')) as cell:
        cell.extra['discover'] = ('--http=127.0.0.1:' + LISTEN,)
        try:
            cell.create()
            for check in (overtakes, slow_image, failed, ten_thousand):
                print(f'  {check.__name__.replace("_", " ")}: {check(cell)}', flush=True)
            cell.no_letters()
            must('a stage ended', not cell.crashes)
        except Failure as e:
            print(f'FAILED {check.__name__}: {e}\n{cell.logs()}', flush=True)
            return 1
    return 0


sys.exit(main())
