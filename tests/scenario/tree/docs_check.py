# SPDX-License-Identifier: Apache-2.0
"""Holds the documents against the programs.

    docs_check.py ROOT BIN HOST DIGEST

In every document of ROOT: each path that is named exists, each command of careen that is written exists and takes the
options that are written with it, each option that is named alone is one of some program. And each command that stands in a
block, or in a line of text with all its arguments, is run in the world that the caller made (a registry at HOST that holds
team/app:1.2, the image DIGEST; $CAREEN_BUS of a running pipeline; $CAREEN_FEEDS), or is named below with the test that
runs it. A command that is neither fails: add it here. A block of YAML is a configuration that careen up takes. Prints what is untrue, a line each; status 1 if anything is.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

root, bindir, host, digest = sys.argv[1:5]
wrong = []
ran = 0

# Commands that are run elsewhere: what they begin with, and by what.
ELSEWHERE = [
    ('scripts/run', 'tests/scenario/tree/test_run.sh'),
    ('scripts/test', 'scripts/try-pristine'),
    ('scripts/try-pristine', 'scripts/try-pristine'),
    ('scripts/build', 'scripts/test'),
    ('scripts/install-packages', 'scripts/test'),
    ('scripts/check-', 'scripts/test'),
    ('scripts/kafka', 'tests/kafka/on_kafka.sh'),
    ('scripts/compose-try', 'scripts/compose-try'),
    ('scripts/compose-jars', 'scripts/compose-try'),
    ('cd compose', 'scripts/compose-try'),
    ('docker-compose', 'scripts/compose-try'),
    ('docker kill', 'scripts/compose-try'),
    ('CAREEN_REGISTRY=https://registry.example docker-compose', 'scripts/compose-try'),
    ('FEEDS=', 'scripts/compose-try'),
    ('skopeo copy', 'scripts/compose-try'),
    ('curl http://127.0.0.1:8080/', 'scripts/compose-try'),
    ('kcat ', 'tests/kafka/test_tap.sh'),
    ('python3 -m venv /tmp/tap', 'tests/kafka/test_tap.sh'),
    ('/tmp/tap/bin/', 'tests/kafka/test_tap.sh'),
    ('. /tmp/careen-kafka/env', 'tests/kafka/test_tap.sh'),
    ('build/bin/careen up', 'tests/scenario/pipeline/test_pipeline.sh'),
    ('careen up', 'tests/scenario/pipeline/test_pipeline.sh'),
    ('careen health', 'tests/scenario/pipeline/test_pipeline.sh'),
    ('careen topics', 'tests/kafka/on_kafka.sh'),
    ('cmake ', 'CMakeLists.txt'),
    ('ctest ', 'scripts/test'),
    ('clang-format ', 'scripts/check-format'),
    ('sudo apt', 'scripts/try-pristine'),
    ('apt', 'scripts/try-pristine'),
    ('sudo dpkg', 'scripts/try-pristine'),
]
PROGRAMS = ('careen', 'careen-full', 'discover', 'pull', 'inventory', 'match', 'publish', 'clock', 'feeds')
TOP = ('common', 'stages', 'tests', 'docs', 'schemas', 'scripts', 'compose', '.ci', 'build')
# An option that is an example of another program's, in a document about it.
OTHERS_OPTIONS = {'--dest-tls-verify', '--build', '--scale', '--no-recreate', '--tls-verify', '--parallel', '--prefix',
                  '--install', '--test-dir', '--output-on-failure', '--target', '--compare-versions'}


def documents():
    listed = subprocess.run(['git', '-C', root, 'ls-files', '*.md'], capture_output=True, text=True, check=True).stdout
    for path in listed.split():
        if not path.startswith('docs/decisions/'):  # what was decided then
            with open(os.path.join(root, path), encoding='utf-8') as f:
                yield path, f.read()


def said_wrong(path, line, text):
    wrong.append(f'{path}:{line}: {text}')


helps = {}


def help_of(program, command=None):
    key = (program, command)
    if key not in helps:
        argv = [os.path.join(bindir, program)] + ([command] if command else []) + ['--help']
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        helps[key] = done.stdout if done.returncode == 0 else None
    return helps[key]


def option_names(text):
    names = set()
    for word in re.findall(r'--\[?(?:no-\])?[A-Za-z][A-Za-z0-9.-]*', text or ''):
        names.add(word.replace('[no-]', '').rstrip('.'))
    return names


def commands():
    text = help_of('careen')
    return set(re.findall(r'^  ([a-z-]+) ', text, re.M))


def every_option():
    names = set()
    for c in commands():
        names |= option_names(help_of('careen', c))
    for p in PROGRAMS[2:]:
        names |= option_names(help_of(p))
    for s in os.listdir(os.path.join(root, 'scripts')):
        with open(os.path.join(root, 'scripts', s), encoding='utf-8') as f:
            names |= option_names(f.read())
    return names


def check_paths(path, number, span):
    for word in re.findall(r'[\w.+-]+(?:/[\w.*+-]+)+/?(?![\w.<\[])', span):
        if word.split('/')[0] not in TOP or word.startswith('build') or '…' in word or '*' in word or \
                'NAME' in word:
            continue
        here = [os.path.join(root, word), os.path.join(root, os.path.dirname(path), word)]
        if not any(os.path.exists(h) for h in here) and not any(os.path.exists(h + '.c') for h in here):
            said_wrong(path, number, f'there is no {word}')


def check_command(path, number, line):
    """The command exists, and each option that is written is one of it."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return
    for i, word in enumerate(words):
        name = word[len('build/bin/'):] if word.startswith('build/bin/') else word
        if name not in PROGRAMS or (i and words[i - 1] not in ('exec', 'publish', '|', '&&', 'sudo')):
            continue
        if name != word and name not in PROGRAMS:
            said_wrong(path, number, f'there is no program {name}')
        rest = words[i + 1:]
        if '|' in rest:
            rest = rest[:rest.index('|')]
        command = None
        if name.startswith('careen'):
            if not rest or not re.fullmatch(r'[a-z-]+', rest[0]) or rest[0].startswith('-'):
                continue
            command = rest[0]
            if command not in commands():
                said_wrong(path, number, f'careen has no command "{command}"')
                continue
        elif word == name:  # "pull", "feeds": words of the language unless they are written as programs
            continue
        known = option_names(help_of(name, command))
        for option in rest:
            bare = option.split('=')[0]
            if bare.startswith('--') and bare not in known and bare.replace('--no-', '--') not in known:
                said_wrong(path, number, f'{name} {command or ""} does not take {bare}')


def placeholders(line):
    line = line.split('     #')[0]
    line = line.replace('build/bin/careen', 'careen').replace('registry.example', host).replace('IMAGE', digest)
    return line


RUNNABLE = re.compile(r'careen (scan|packages|feeds update|feeds status|status|images|findings|recommendations|tail|version)\b')


def run(path, number, line):
    global ran
    line = placeholders(line)
    if re.search(r'\b[A-Z]{3,}\b|…', line):  # a placeholder that is left
        return False
    line = re.sub(r'careen tail (\w+)', r'careen tail \1 --no-follow', line)
    line = re.sub(r'careen scan (?!sha256)', 'careen scan --plain-http ' if '--plain-http' in help_of('careen', 'scan') else 'careen scan ', line)
    line = re.sub(r'careen scan sha256:\S+', f'careen scan {host}/team/app:1.2', line)
    done = subprocess.run(['bash', '-o', 'pipefail', '-c', line], capture_output=True, text=True, timeout=120)
    ran += 1
    # A gate that finds something, or an assessment that is not whole, is an answer; a usage error is not.
    accepted = (0, 1, 3) if '--fail-on' in line else (0,)
    if done.returncode not in accepted:
        said_wrong(path, number, f'"{line}" ends with {done.returncode}: {done.stderr.strip()[:200]}')
    return True


def elsewhere(path, number, line):
    for begin, test in ELSEWHERE:
        if line.startswith(begin):
            if not os.path.exists(os.path.join(root, test)):
                said_wrong(path, number, f'{test}, which should run "{begin}", is gone')
            return True
    return False


def looks_like_command(line):
    first = line.split(' ')[0]
    return bool(re.match(r'(build/bin/\w+|careen|scripts/[\w-]+|skopeo|docker|docker-compose|kcat|curl|python3|cmake|ctest|'
                         r'sudo|apt\S*|cd|/tmp/\S+)$', first))


def check_configuration(path, number, lines):
    """A block of YAML is a configuration of Careen's, and it is taken."""
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as f:
        f.write('\n'.join(lines) + '\n')
        f.flush()
        done = subprocess.run([os.path.join(bindir, 'careen'), 'up', '--config', f.name, '--show-config'],
                              capture_output=True, text=True, timeout=60)
    if done.returncode:
        said_wrong(path, number, f'this configuration is refused: {done.stderr.strip()[:300]}')


def check_block(path, number, language, lines):
    if language == 'yaml':
        check_configuration(path, number, lines)
        return
    for offset, line in enumerate(lines):
        if not looks_like_command(line):
            continue
        check_command(path, number + offset, line)
        if not elsewhere(path, number + offset, line) and not (
                RUNNABLE.match(placeholders(line)) and run(path, number + offset, line)):
            said_wrong(path, number + offset, f'nothing runs "{line}"')


def check_span(path, number, span, options):
    check_paths(path, number, span)
    check_command(path, number, span)
    if re.fullmatch(r'--[a-z][a-z0-9.-]*( [A-Z:]+)?', span):
        bare = span.split(' ')[0]
        if bare not in options and bare not in OTHERS_OPTIONS and bare.replace('--no-', '--') not in options:
            said_wrong(path, number, f'no program has the option {bare}')
    if RUNNABLE.match(placeholders(span)) and path in ('README.md', 'docs/tap.md') and not elsewhere(path, number, span) \
            and span not in ('careen scan', 'careen tail'):
        run(path, number, span)


def main():
    options = every_option()
    for path, text in documents():
        block = None
        for number, line in enumerate(text.split('\n'), 1):
            if line.startswith('```'):
                if block is None:
                    block = (number + 1, line[3:].strip(), [])
                else:
                    check_block(path, *block)
                    block = None
            elif block is not None:
                block[2].append(line)
            else:
                for span in re.findall(r'`([^`]+)`', line):
                    check_span(path, number, span, options)
                for link in re.findall(r'\]\(([^)#:]+)\)', line):
                    if not os.path.exists(os.path.join(root, os.path.dirname(path), link)):
                        said_wrong(path, number, f'there is no {link}')
        if block is not None:
            said_wrong(path, block[0], 'a block that does not end')
    print('\n'.join(wrong + [f'{ran} commands were run']))
    sys.exit(1 if wrong or ran < 8 else 0)


main()
