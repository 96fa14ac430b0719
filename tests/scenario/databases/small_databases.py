# SPDX-License-Identifier: Apache-2.0
"""Roots with the small package databases, and what is installed in them.

small_databases.py make KIND COUNT SEED ROOT LIST: fills ROOT with a database of KIND and its os-release, and writes LIST,
the sorted lines "name version" of what is installed there.
small_databases.py pacman COUNT SEED FOLDER: COUNT package files that pacman -U takes.
"""
import json
import os
import random
import subprocess
import sys

SYSTEMS = {'opkg': 'ID=openwrt\nVERSION_ID="23.05.4"\n', 'portage': 'ID=gentoo\nVERSION_ID="2.15"\n',
           'nix': 'ID=nixos\nVERSION_ID="24.05"\n', 'bottlerocket': 'ID=bottlerocket\nVERSION_ID=1.20.4\n',
           'pacman': 'ID=arch\n'}
WORDS = ['acl', 'zlib', 'openssl', 'lib32-gcc', 'python3', 'font-100dpi', 'gtk+', 'xorg-server', 'ca-certs', 'e2fs']


def put(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        f.write(text)


def names(r, count):
    return [f'{r.choice(WORDS)}-x{i}' for i in range(count)]


def number(r):
    return '.'.join(str(r.randint(0, 40)) for _ in range(r.randint(1, 4)))


def opkg(r, count, root):
    status, said = '', []
    for n in names(r, count):
        v = number(r) + r.choice(['-1', '-r2', '~abcdef12-r1'])
        installed = r.random() < 0.8
        want = r.choice(['install user', 'install ok', 'install hold', 'install prefer'])
        status += f'Package: {n}\nVersion: {v}\nDepends: libc\nStatus: {want + " installed" if installed else "deinstall ok not-installed"}\nArchitecture: x86_64\nInstalled-Time: 1\n\n'
        if installed:
            said.append((n, v))
            put(root, f'usr/lib/opkg/info/{n}.control', f'Package: {n}\nVersion: {v}\nSource: feeds/{n}\nSourceName: {n[:3]}\nArchitecture: x86_64\nDescription: d\n more\n')
            put(root, f'usr/lib/opkg/info/{n}.list', f'/usr/bin/{n}\n')
    put(root, 'usr/lib/opkg/status', status)
    os.symlink('tmp', os.path.join(root, 'var'))
    os.makedirs(os.path.join(root, 'tmp'))
    return said


def portage(r, count, root):
    said = []
    for n in names(r, count):
        category = r.choice(['sys-apps', 'dev-lang', 'x11-libs'])
        v = number(r) + r.choice(['', 'b', '_p1', '_rc2_p3']) + r.choice(['', '-r1', '-r20'])
        for f, text in (('PF', f'{n}-{v}\n'), ('repository', 'gentoo\n'), ('CATEGORY', category + '\n'), ('SLOT', '0\n'), ('CONTENTS', 'dir /usr\n')):
            put(root, f'var/db/pkg/{category}/{n}-{v}/{f}', text)
        said.append((f'{category}/{n}', v))
    return said


def nix(r, count, root):
    said = []
    for n in names(r, count):
        n = n.replace('-100', '')  # a version begins where a digit follows a hyphen
        v = number(r)
        for output in r.sample(['', '-bin', '-dev', '-man'], r.randint(1, 3)):
            digest = ''.join(r.choice('0123456789abcdfghijklmnpqrsvwxyz') for _ in range(32))
            put(root, f'nix/store/{digest}-{n}-{v}{output}/bin/x', '')
        put(root, f'nix/store/{digest}-{n}-hook', '')
        said.append((n, v))
    return said


def bottlerocket(r, count, root):
    said, content = [], []
    for n in names(r, count):
        epoch, v, release = r.choice(['0', '0', '1']), number(r), number(r)
        content.append({'Name': n, 'Publisher': 'Bottlerocket', 'InstalledTime': '2024-07-01T00:00:00Z', 'ApplicationType': 'Unspecified',
                        'Architecture': 'x86_64', 'Url': 'https://example.org', 'Version': v, 'Release': release, 'Epoch': epoch, 'Summary': 's'})
        said.append((n, f'{epoch + ":" if epoch != "0" else ""}{v}-{release}'))
    put(root, 'x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json', json.dumps({'Content': content}))
    os.symlink('./x86_64-bottlerocket-linux-gnu/sys-root/usr', os.path.join(root, 'usr'))
    return said


def pacman_packages(count, seed, folder):
    r = random.Random(f'{seed} pacman')
    for n in names(r, int(count)):
        v = r.choice(['', '', '1:', '2:']) + number(r) + r.choice(['', '.r12.gabcdef0', '+b1', 'rc1']) + '-' + r.choice(['1', '2.1', '10'])
        at = os.path.join(folder, n)
        put(at, f'usr/share/{n}/readme', n)
        put(at, '.PKGINFO', f'pkgname = {n}\npkgbase = {r.choice([n, "base-" + n])}\npkgver = {v}\npkgdesc = made\nurl = https://example.org\nbuilddate = 1700000000\n'
            f'packager = A Person <a@example.org>\nsize = 1\narch = {r.choice(["any", "x86_64"])}\nlicense = MIT\n')
        subprocess.run(['tar', '-C', at, '-cf', os.path.join(folder, f'{n}.pkg.tar'), '.PKGINFO', 'usr'], check=True)


def main(what, *rest):
    if what == 'pacman':
        return pacman_packages(*rest)
    kind, count, seed, root, listing = rest
    os.makedirs(root)
    said = {'opkg': opkg, 'portage': portage, 'nix': nix, 'bottlerocket': bottlerocket}[kind](random.Random(f'{seed} {kind}'), int(count), root)
    put(root, 'usr/lib/os-release', SYSTEMS[kind])
    with open(listing, 'w') as f:
        f.write(''.join(f'{n} {v}\n' for n, v in sorted(said)))


if __name__ == '__main__':
    main(*sys.argv[1:])
