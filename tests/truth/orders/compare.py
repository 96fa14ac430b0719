# SPDX-License-Identifier: Apache-2.0
"""Careen's orders of languages' versions against the ecosystems' own tools.

compare.py CAREEN SHARED FOLDER COUNT [--record FOLDER] KIND...: asks both for COUNT pairs of each kind (pairs.py,
oracles.py) and prints every difference that known.py doesn't expect, ten at most a kind. --record writes the tool's
answers down, for tests that run without it. Exits 1 on differences, 77 when a tool is not here.
"""
import collections
import subprocess
import sys
from pathlib import Path

import known
import oracles
import pairs

SEED = 20261201
RECORDED = 1000


def careen(program, kind, asked):
    text = ''.join(f'{kind}\t{a}\t{b}\n' for a, b in asked)
    said = subprocess.run([program, 'version', 'compare', '-'], input=text.encode(), stdout=subprocess.PIPE, check=False)
    answers = [a if a in ('<', '=', '>') else '!' for a in said.stdout.decode(errors='replace').splitlines()]
    if len(answers) != len(asked):
        sys.exit(f'compare: careen gave {len(answers)} answers to {len(asked)} pairs')
    return answers


def reason(kind, a, b, tool, ours):
    """Why the answers differ; None: nobody knows."""
    if tool == '!':
        return known.REFUSED.get(kind)
    rows = known.LEFT if ours == '!' else known.DIFFERENT
    return next((why for why, fits in rows.get(kind, []) if fits(a, b)), None)


def circles(kind, differing, folder):
    """Those of the pairs (with the tool's answer) about which the tool contradicts itself."""
    if kind not in known.CIRCLES or not differing:
        return set()
    asked = [(a, b, t, c) for a, b, t in differing for c in known.third_versions(a, b)]
    first, _ = oracles.ask(kind, [(a, c) for a, _, _, c in asked], folder)
    second, _ = oracles.ask(kind, [(c, b) for _, b, _, c in asked], folder)
    return {(a, b) for (a, b, t, _), x, y in zip(asked, first, second) if known.proves_circle(t, x, y)}


def record(folder, kind, name, asked, answers):
    rows = [f'{a}\t{t}\t{b}\n' for (a, b), t in zip(asked, answers)]
    head = f'# A, what the tool says (!: refused), B; answered by {name}. Written by tests/truth/orders/compare.py.\n'
    Path(folder, f'{kind}.tsv').write_text(head + ''.join(rows), encoding='utf-8')


def compare(program, shared, folder, count, kind, record_to):
    asked = list(pairs.pairs(shared, kind, count, SEED))
    put = known.ASKED.get(kind, lambda a, b: (a, b))
    tool, name = oracles.ask(kind, [put(a, b) for a, b in asked], folder)
    ours = careen(program, kind, asked)
    wrong, why = [], collections.Counter()
    circling = circles(kind, [(a, b, t) for (a, b), t, o in zip(asked, tool, ours) if t != o and '!' not in t + o], folder)
    for (a, b), t, o in zip(asked, tool, ours):
        if t != o:
            because = known.CIRCLES[kind] if (a, b) in circling else reason(kind, a, b, t, o)
            why[('refused by the tool: ' if t == '!' else '') + (because or 'not known')] += 1
            if because is None:
                wrong.append(f'  {a}  {b}: the tool says {t}, Careen {o}')
    alike = collections.Counter(t for t, o in zip(tool, ours) if t == o)
    print(f'{kind}: {len(asked)} pairs, {name}: alike {dict(sorted(alike.items()))}')
    for text, n in why.most_common():
        print(f'  {n}: {text}')
    print('\n'.join(wrong[:10]), end='\n' if wrong else '')
    if alike['<'] + alike['='] + alike['>'] < count / 10:
        wrong.append('few')
        print(f'  only {alike} were ordered: these pairs test nothing')
    if record_to and not wrong:
        kept = [(p, t) for p, t, o in zip(asked, tool, ours) if t == o]
        refused = [k for k in kept if k[1] == '!'][:RECORDED // 10]
        kept = refused + [k for k in kept if k[1] != '!'][:RECORDED - len(refused)]
        record(record_to, kind, name, [p for p, _ in kept], [t for _, t in kept])
    return not wrong


def main(program, shared, folder, count, *kinds):
    record_to = None
    if kinds[0] == '--record':
        record_to, kinds = kinds[1], kinds[2:]
    status = 0
    for kind in kinds:
        try:
            status = status if compare(program, shared, folder, int(count), kind, record_to) or status == 1 else 1
        except oracles.Missing as missing:
            print(f'{kind}: {missing}')
            status = status or 77
    return status


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
