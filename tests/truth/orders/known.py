# SPDX-License-Identifier: Apache-2.0
"""Where Careen's order of versions differs from the ecosystem's own tool, and why. There is nothing else: a difference
that no row here expects fails the comparison.

ASKED: how a version is put to the tool, where the tool can't know its spelling; Careen is asked with the raw one.
REFUSED: kinds of which Careen orders more than the tool takes. Such pairs are counted, not compared.
LEFT: pairs that the tool orders and Careen refuses.
DIFFERENT: pairs that both order, and not alike.
"""
import re


def numbers(v):
    return re.match(r'[v=]*((?:\d+\.)*\d+|)', v)[1].split('.')


def java_feature(v):
    """1.8.0 is 8.0, and from 9 on Runtime.Version reads what there is; -4 is no prerelease but a packager's revision."""
    return re.sub(r'^1\.(?=0*([2-9]|[1-9]\d+)([.+-]|$))', '', v)


def both(a, b, cut):
    return cut(a), cut(b)


def luarocks(a, b):
    """LuaRocks leaves revisions out where one has none, so that 1.0-1 = 1.0 = 1.0-2 < itself: no order. None is 0 here."""
    cut = re.compile(r'-(\d+)$')
    return both(a, b, lambda v: v if cut.search(v) else v + '-0')


def conan_items(v):
    main, _, build = v.rpartition('+') if '+' in v else (v, '', '')
    main, _, pre = main.partition('-')
    return [i for part in (main, pre, build) if part for i in part.split('.')]


ASKED = {
    'jvm': lambda a, b: both(a, b, java_feature),
    'cpan': lambda a, b: both(a, b, lambda v: re.sub(r'-TRIAL\d*$', '', v)),
    'bitnami': lambda a, b: both(a, b, lambda v: re.sub(r'(?<=\d)(-\d+)+$', '', v)), # revisions say nothing
    'luarocks': luarocks,
}

REFUSED = {
    'npm': 'an absent number is 0, as semver.coerce has it',
    'cargo': 'absent numbers are 0, a fourth one counts, a v is cut: advisories are written by hand',
    'golang': 'more and fewer numbers, leading zeros, as advisories have them; build metadata of several +',
    'hex': 'absent numbers are 0, a fourth one counts: advisories are written by hand',
    'bitnami': 'absent numbers are 0, a fourth one counts: programs have such versions',
    'composer': 'first numbers of any length',
    'cpan': 'numbers of any length; version.pm refuses those above 2147483647',
    'cran': 'numbers of any length; R refuses those above 2147483647',
    'jvm': 'zeros at the end, builds with leading zeros, words that say nothing: releases of all vendors have them',
}

LEFT = {
    'npm': [('of a fourth number or word the loose reading takes the third one\'s last digit for a prerelease too, 0.0.26.b for 0.0.2-6.b',
             lambda a, b: any(re.match(r'[v=]*\d+\.\d+\.\d+\.', v) for v in (a, b))),
            ('the loose reading takes a hyphen as the first word of the prerelease: 0.0.0-.1, 0.0.0-',
             lambda a, b: any(re.search(r'\d-(\.|\+|$)', v) for v in (a, b)))],
    'maven': [('a word alone is no version here: what a placeholder leaves', lambda a, b: any(not re.search(r'\d', v) for v in (a, b)))],
    'php': [('a version begins with a digit here: php reads a v as a word, older than any number', lambda a, b: any(not v[0].isdigit() for v in (a, b))),
            ('php finds a version that ends with a mark older than itself', lambda a, b: any(not v[-1].isalnum() for v in (a, b)))],
    'cpan': [('an underscore behind which is nothing', lambda a, b: any(re.search(r'_(-TRIAL|$)', v) for v in (a, b)))],
    'conan': [('an empty item; the bound "1.0-" is a range\'s, no package has it', lambda a, b: any(re.search(r'(^|[.+-])([.+-]|$)', v) for v in (a, b))),
              ('a word alone is no version here', lambda a, b: any(not re.search(r'\d', re.split('[+-]', v)[0]) for v in (a, b)))],
}

DIFFERENT = {
    'npm': [('of four numbers the loose reading takes the third one\'s last digit for a prerelease, 0.0.26.1 for 0.0.2-6.1',
             lambda a, b: any(len(numbers(v)) > 3 for v in (a, b)))],
    'composer': [('-stable in capitals becomes a word that php takes for the oldest', lambda a, b: any('stable' in v.lower() and 'stable' not in v for v in (a, b))),
                 ('php reads numbers from 2^63 on as equal', lambda a, b: any(re.search(r'\d{19}', v) for v in (a, b)))],
    'php': [('php reads numbers from 2^63 on as equal', lambda a, b: any(re.search(r'\d{19}', v) for v in (a, b)))],
    'bitnami': [('the tool takes words behind the hyphen too for a revision that is newer than none; they are prereleases', lambda a, b: numbers(a) == numbers(b) and any('-' in v for v in (a, b)))],
    'conan': [('an item that is no number is held against others as text, which is no order: 100 < 1a < 2 < 100',
               lambda a, b: any(not i.isdigit() and not i.isalpha() for v in (a, b) for i in conan_items(v)))],
    'cpan': [('version.pm reads more digits than its numbers hold as the greatest one', lambda a, b: any(re.search(r'\d{10}', v) for v in (a, b)))],
    'jvm': [('a number behind the hyphen is a packager\'s revision, not a prerelease', lambda a, b: any(re.search(r'-\d', v) for v in (a, b)))],
    'luarocks': [('a word and the number behind it are added up as fractions, which run out of digits and into each other',
                  lambda a, b: any(re.search(r'[A-Za-z][._-]*\d{3}', v) for v in (a, b))),
                 ('cvs, scm and dev are numbers from 100000000 on there, and before larger ones', lambda a, b: any(re.search(r'\d{9}', v) for v in (a, b)))],
}

# Tools whose order runs in circles. A difference is one where a third version proves it: the tool says a > b, but also
# a <= c and c <= b. Candidates are what the two begin with.
CIRCLES = {'maven': 'Maven runs in a circle here: 1-sp > 1 > 1.0.rc.1 > 1-sp'}


def third_versions(a, b):
    ends = [(v, m.end()) for v in (a, b) for m in re.finditer(r'\d+(?=[.-]|\D|$)|[A-Za-z]+', v)]
    return sorted({v[:end] for v, end in ends if end < len(v)} | {'0', '1'})


def proves_circle(said, first, second):
    """said: of a and b; first: of a and c; second: of c and b."""
    if said == '>':
        return first in '<=' and second in '<='
    if said == '<':
        return first in '>=' and second in '>='
    return (first, second) in (('<', '<'), ('<', '='), ('=', '<'), ('>', '>'), ('>', '='), ('=', '>'))
