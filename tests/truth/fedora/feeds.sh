#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bodhi's updates as updateinfo.xml, as Bodhi itself writes it: the notice, its bugs, every package that Koji has of the builds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
zstd -dcq --long=27 "$CAREEN_SHARED/data/fixtures/vuls-data-update-fetch.tar.zst" | tar -x -C "$work" --wildcards '*fedora/api/*'
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 - "$work" "$OUT" << 'END'
import os
import sys
from xml.sax.saxutils import escape, quoteattr

import slices

folder, out = sys.argv[1:]
notices = {}
for u in slices.updates(folder):
    text = (f'<update from="updates@fedoraproject.org" status={quoteattr(u["status"])} type={quoteattr(u["type"])} version="2.0">'
            f'<id>{escape(u["alias"])}</id><title>{escape(u["title"])}</title><issued date={quoteattr(u["date_submitted"])}/>'
            f'<release>{escape(u["release"]["long_name"])}</release><severity>{escape(u["severity"])}</severity><references>')
    for b in u["bugs"]:
        text += f'<reference href="https://bugzilla.redhat.com/{b["bug_id"]}" id="{b["bug_id"]}" type="bugzilla" title={quoteattr(b["title"])}/>'
    text += "</references><pkglist>"
    for build in u["builds"]:
        packages, module = slices.packages(folder, build)
        text += f'<collection short={quoteattr(u["release"]["name"])}>'
        if module:
            text += "<module name={} stream={} version={} context={} arch=\"x86_64\"/>".format(*map(quoteattr, module))
        for name, epoch, version, release, arch in packages:
            text += f'<package name="{name}" epoch="{epoch}" version="{version}" release="{release}" arch="{arch}"/>'
        text += "</collection>"
    notices.setdefault(u["release"]["version"], []).append(text + "</pkglist></update>\n")
for release, texts in notices.items():
    os.makedirs(f"{out}/fedora/{release}", exist_ok=True)
    with open(f"{out}/fedora/{release}/updateinfo.xml", "w", encoding="utf-8") as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n' + "".join(texts) + "</updates>\n")
END
