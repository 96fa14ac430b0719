# SPDX-License-Identifier: Apache-2.0
"""slices.py FOLDER: Oracle's OVAL slices below FOLDER; run as a program, prints them as one file."""
import bz2
import os
import re
import sys


def texts(folder):
    """-> [text of a slice], a stable order"""
    found = []
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if "/oracle/" not in path or "openstack" in path or "/vm/" in path or "olam" in path:
                continue
            with open(path, "rb") as f:
                data = f.read()
            data = bz2.decompress(data) if name.endswith(".bz2") else data
            if b"<oval_definitions" in data[:4000]:
                found.append((path[len(folder):], data.decode()))
    return [text for _, text in sorted(found)]


def parts(text, element):
    m = re.search(rf"<{element}>(.*)</{element}>", text, re.S)
    return m[1] if m else ""


def main(folder):
    all_texts, done = texts(folder), set()
    print(re.search(r"<oval_definitions[^>]*>", all_texts[0])[0])
    for element in ("definitions", "tests", "objects", "states"):
        print(f"<{element}>")
        for text in all_texts:
            # Two slices may hold one definition: the first has it.
            for m in re.finditer(r"<(\S+)[^>]*\sid=\"([^\"]+)\".*?</\1>", parts(text, element), re.S):
                if m[2] not in done:
                    done.add(m[2])
                    print(m[0])
        print(f"</{element}>")
    print("</oval_definitions>")


if __name__ == "__main__":
    main(sys.argv[1])
