#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Python's packages, for pip to install.

  make_python.py wheels FOLDER NAME==VERSION...   a wheel each, with a module
  make_python.py project FOLDER NAME==VERSION     a project with a build backend of its own (no network is needed)
"""
import base64, hashlib, os, re, sys, zipfile

BACKEND = '''import os, zipfile
NAME, VERSION = %r, %r
INFO = '%%s-%%s.dist-info' %% (NAME, VERSION)
def build(folder, module, text):
    wheel = '%%s-%%s-py3-none-any.whl' %% (NAME, VERSION)
    with zipfile.ZipFile(os.path.join(folder, wheel), 'w') as z:
        z.writestr(module, text)
        z.writestr(INFO + '/METADATA', 'Metadata-Version: 2.1\\nName: %%s\\nVersion: %%s\\n' %% (NAME, VERSION))
        z.writestr(INFO + '/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        z.writestr(INFO + '/RECORD', '%%s,,\\n%%s/METADATA,,\\n%%s/WHEEL,,\\n%%s/RECORD,,\\n' %% (module, INFO, INFO, INFO))
    return wheel
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return build(folder, NAME + '.py', '')
def build_editable(folder, config_settings=None, metadata_directory=None):
    return build(folder, '__editable__.%%s.pth' %% NAME, os.getcwd() + '\\n')
def get_requires_for_build_wheel(config_settings=None): return []
def get_requires_for_build_editable(config_settings=None): return []
'''


def digest(data):
    return 'sha256=' + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()


def wheel(folder, name, version):
    stem = re.sub(r'[-_.]+', '_', name) + '-' + version
    info = stem + '.dist-info'
    module = stem.split('-')[0].lower()
    files = {module + '/__init__.py': b'', module + '/inner/part.py': b'x = 1\n', info + '/METADATA': (
        f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: x\n\nName: description\nVersion: 9\n').encode(),
        info + '/WHEEL': b'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n'}
    record = ''.join(f'{n},{digest(d)},{len(d)}\n' for n, d in files.items()) + f'{info}/RECORD,,\n'
    with zipfile.ZipFile(os.path.join(folder, stem + '-py3-none-any.whl'), 'w', zipfile.ZIP_DEFLATED) as z:
        for n, d in files.items():
            z.writestr(n, d)
        z.writestr(info + '/RECORD', record)


def project(folder, name, version):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'pyproject.toml'), 'w') as f:
        f.write('[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
                f'[project]\nname = "{name}"\nversion = "{version}"\n')
    with open(os.path.join(folder, 'backend.py'), 'w') as f:
        f.write(BACKEND % (name, version))


def main(what, folder, *specs):
    os.makedirs(folder, exist_ok=True)
    for spec in specs:
        name, version = spec.split('==')
        {'wheels': wheel, 'project': project}[what](folder, name, version)


main(*sys.argv[1:])
