#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_java.py: archives for test_java.sh, and what Python's zipfile finds in some.

  bundle OUT PREFIX JAR... [-- NAME=TEXT...]  a zip of JARs below PREFIX, stored, and of small files, deflated
  poms FOLDER                                 "group:artifact version place" of every pom.properties, however deep
"""
import io
import os
import re
import sys
import zipfile


def bundle(out, prefix, *rest):
    cut = rest.index("--") if "--" in rest else len(rest)
    with zipfile.ZipFile(out, "w") as z:
        for text in rest[cut + 1:]:
            name, value = text.split("=", 1)
            z.writestr(name, value.encode().decode("unicode_escape"), zipfile.ZIP_DEFLATED)
        for jar in rest[:cut]:
            z.write(os.path.realpath(jar), prefix + os.path.basename(jar))


def in_zip(data, place):
    try:
        z = zipfile.ZipFile(data)
    except zipfile.BadZipFile:
        return
    for name in sorted(set(z.namelist())):
        if re.search(r"(^|/)META-INF/maven/[^/]+/[^/]+/pom.properties$", name):
            text = z.read(name).decode()
            of = dict(re.findall(r"^\s*(\w+)\s*[=:]\s*(.*?)\s*$", text, re.M))
            print(f"{of['groupId']}:{of['artifactId']} {of['version']} {place}")
        elif name.lower().endswith((".jar", ".war", ".ear", ".zip")):
            in_zip(io.BytesIO(z.read(name)), f"{place}!/{name}")


def poms(folder):
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if not os.path.islink(path):
                in_zip(path, os.path.relpath(path, folder))


if __name__ == "__main__":
    {"bundle": bundle, "poms": poms}[sys.argv[1]](*sys.argv[2:])
