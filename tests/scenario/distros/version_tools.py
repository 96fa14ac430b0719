# SPDX-License-Identifier: Apache-2.0
"""Version orders against the package managers' own.

version_tools.py CAREEN KIND COUNT SEED [TOOL]: makes COUNT pairs of versions of KIND, asks `careen version compare -` and
the tool, and prints every pair on which they differ (ten at most). Exits 1 when they do, 77 when the tool is not here.
"""
import ctypes
import ctypes.util
import os
import random
import subprocess
import sys

SIGN = {-1: '<', 0: '=', 1: '>'}


def sign(n):
    return SIGN[(n > 0) - (n < 0)]


class Missing(Exception):
    pass


# ---- generated versions: words of a grammar, or a neighbour of the version before ----

def words(r, some, low, high):
    return ''.join(r.choice(some) for _ in range(r.randint(low, high)))


def make_dpkg(r):
    bits = ['0', '1', '2', '10', '09', '00', 'a', 'b', 'Z', 'rc', 'dfsg', '.', '.', '+', '~', '~~', '-', ':', '+b1', '~bpo12+1']
    v = r.choice(['', '', '', '', '0:', '1:', '01:', '2:']) + r.choice('0129') + words(r, bits, 0, 6)
    if v.find(':') < 0:
        v = v.replace(':', '.')
    elif not v.split(':')[0].isdigit():
        v = '1:' + v
    v += r.choice(['', '', '-0', '-1', '-1~', '-1+b1', '-0.1', '-10', '-1ubuntu1.2', '-a', '-00'])
    return v if v[-1] != '-' else v + '0'


def make_rpm(r):
    bits = ['0', '1', '2', '10', '09', '00', '123456789012345678901', 'a', 'b', 'Z', 'rc', 'el8', 'git', '.', '.', '..', '_', '+', '~', '~~', '^', '^^', '^~', '~^']
    v = r.choice(['', '', '', '0:', '00:', '1:', '2:']) + words(r, bits, 1, 7)
    if r.random() < 0.6:
        v += '-' + words(r, bits, 1, 4)
    return v


def make_pacman(r):
    bits = ['0', '1', '2', '10', '09', '00', '123456789012345678901', 'a', 'b', 'Z', 'rc', 'git', '.', '.', '..', '_', '+', '~', '._']
    v = words(r, bits, 1, 7)
    if not any(c.isalnum() for c in v):
        v += '1'
    v = r.choice(['', '', '', '0:', '1:', '2:']) + v
    if r.random() < 0.6:
        v += '-' + r.choice(['1', '2', '10', '1.1', '01', '1.01', 'a', '1a'])
    return v


def make_portage(r):
    number = ['0', '1', '2', '9', '10', '01', '010', '09', '00', '001', '100', '123456789012345678901']
    v = r.choice(number)
    for _ in range(r.randint(0, 3)):
        v += '.' + r.choice(number)
    if r.random() < 0.25:
        v += r.choice('abz')
    for _ in range(r.choice([0, 0, 0, 1, 1, 2, 3])):
        v += '_' + r.choice(['alpha', 'beta', 'pre', 'rc', 'p']) + r.choice(['', '', '0', '1', '2', '10', '01'])
    return v + r.choice(['', '', '', '-r0', '-r1', '-r2', '-r10', '-r01'])


def make_windows(r):
    return '.'.join(r.choice(['0', '1', '6', '10', '010', '20348', '17763', '2340', '5696']) for _ in range(r.randint(1, 5)))


def near(r, v, make):
    """v with one place changed: most pairs of independent versions differ in their first character."""
    i = r.randrange(len(v) + 1)
    other = make(r)
    cut = r.randrange(len(other) + 1)
    return r.choice([v[:i] + v[i + 1:], v[:i] + r.choice('0019a~.+_^-') + v[i:], v[:i] + other[cut:], v])


# ---- the tools: each gives a function from a list of pairs to a string of < = > ----

def perl_dpkg():
    def ask(pairs):
        script = 'chomp; my ($l, $r) = split / /; print Dpkg::Version->new($l) <=> Dpkg::Version->new($r), "\\n"'
        p = subprocess.run(['perl', '-MDpkg::Version', '-ne', script], capture_output=True, text=True,
                           input=''.join(f'{a} {b}\n' for a, b in pairs))
        if p.returncode:
            raise Missing('perl with Dpkg::Version (Debian package libdpkg-perl)')
        return [sign(int(x)) for x in p.stdout.split()]
    return ask


def dpkg_itself():
    def one(a, b):
        for op, answer in (('lt', '<'), ('eq', '='), ('gt', '>')):
            if subprocess.run(['dpkg', '--compare-versions', a, op, b], stderr=subprocess.DEVNULL).returncode == 0:
                return answer
        return '?'
    return lambda pairs: [one(a, b) for a, b in pairs]


def librpm():
    try:
        import rpm
    except ImportError:
        raise Missing('the module rpm (Debian package python3-rpm)') from None

    def parts(v):
        epoch, rest = v.split(':', 1) if ':' in v else ('0', v)
        version, _, release = rest.rpartition('-')
        return (epoch, version, release or None) if version else (epoch, release, None)

    def depends(a, b):
        """The missing-release rule as rpm's dependencies have it: x = A fits x = B, x < B or x > B."""
        have = rpm.ds(('x', rpm.RPMSENSE_EQUAL, a), rpm.RPMTAG_PROVIDENAME)
        if have.Compare(rpm.ds(('x', rpm.RPMSENSE_EQUAL, b), rpm.RPMTAG_REQUIRENAME)):
            return '='
        return '<' if have.Compare(rpm.ds(('x', rpm.RPMSENSE_LESS, b), rpm.RPMTAG_REQUIRENAME)) else '>'

    def one(a, b):
        x, y = parts(a), parts(b)
        if (x[2] is None) == (y[2] is None):
            return sign(rpm.labelCompare(x, y))
        return depends(a, b)
    return lambda pairs: [one(a, b) for a, b in pairs]


def libalpm():
    path = ctypes.util.find_library('alpm')
    if not path:
        for n in range(13, 20):
            try:
                path = f'libalpm.so.{n}'
                ctypes.CDLL(path)
                break
            except OSError:
                path = None
    if not path:
        raise Missing('libalpm (Debian package libalpm13)')
    vercmp = ctypes.CDLL(path).alpm_pkg_vercmp
    vercmp.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    return lambda pairs: [sign(vercmp(a.encode(), b.encode())) for a, b in pairs]


def portage():
    sys.path.append(os.environ.get('PORTAGE_PATH', ''))
    try:
        from portage.versions import vercmp
    except ImportError:
        raise Missing("the module portage (PyPI's portage; its folder in PORTAGE_PATH)") from None
    return lambda pairs: [sign(int(vercmp(a, b))) for a, b in pairs]


def tuples():
    def key(v):
        n = [int(x) for x in v.split('.')]
        while n and not n[-1]:
            n.pop()
        return n
    return lambda pairs: [sign((key(a) > key(b)) - (key(a) < key(b))) for a, b in pairs]


KINDS = {'dpkg': (make_dpkg, perl_dpkg), 'rpm': (make_rpm, librpm), 'pacman': (make_pacman, libalpm),
         'portage': (make_portage, portage), 'windows': (make_windows, tuples)}
TOOLS = {'dpkg-itself': dpkg_itself}
BATCH = 50000


def careen(program, kind, pairs):
    p = subprocess.run([program, 'version', 'compare', '-'], stdout=subprocess.PIPE, text=True,
                       input=''.join(f'{kind}\t{a}\t{b}\n' for a, b in pairs))
    answers = p.stdout.splitlines()
    if len(answers) != len(pairs):
        raise SystemExit(f'careen gave {len(answers)} answers to {len(pairs)} pairs')
    return answers


def main(program, kind, count, seed, tool=None):
    make, default = KINDS[kind]
    r = random.Random(f'{seed} {kind}')
    try:
        ask = TOOLS[tool]() if tool else default()
        done = wrong = refused = 0
        seen = {'<': 0, '=': 0, '>': 0}
        while done < int(count):
            pairs = []
            for _ in range(min(BATCH, int(count) - done) * 11 // 10 + 10):
                a = make(r)
                pairs.append((a, near(r, a, make) if r.random() < 0.7 else make(r)))
            ours = careen(program, kind, pairs)
            # A neighbour need not be a version; those are counted, and most must be.
            refused += sum(x not in seen for x in ours)
            kept = [(p, x) for p, x in zip(pairs, ours) if x in seen][:int(count) - done]
            theirs = ask([p for p, _ in kept])
            if len(theirs) != len(kept):
                raise SystemExit(f'{kind}: the tool gave {len(theirs)} answers to {len(kept)} pairs')
            for ((a, b), x), y in zip(kept, theirs):
                seen[x] += 1
                if x != y:
                    wrong += 1
                    if wrong <= 10:
                        print(f'{kind}: careen says {a} {x} {b}, {tool or default.__name__} says {y}')
            done += len(kept)
    except Missing as e:
        print(f'{kind}: {e} is not here')
        return 77
    print(f'{kind}: {done} pairs ({seen["<"]} <, {seen["="]} =, {seen[">"]} >; {refused} made that are no versions), {wrong} answered otherwise by {tool or default.__name__}')
    if wrong or min(seen.values()) < done // 50 or refused > done:
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
