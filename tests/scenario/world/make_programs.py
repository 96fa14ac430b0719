#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_programs.py FOLDER: tiny programs, each with what one kind of toolchain leaves in it, written by hand after the
formats: ELF of both widths and byte orders, PE, Mach-O. The corpus of tests/fuzz/languages/fuzz_executable.c and the
fixtures of its unit test are what this writes."""
import gzip
import json
import os
import struct
import sys
import zlib

MARKER = b"\xff Go buildinf:"
BEGIN, END = bytes.fromhex("3077af0c9274080241e1c107e6d618e6"), bytes.fromhex("f932433186182072008242104116d8f2")
MODULES = """path\texample.com/Shop/cmd/shop
mod\texample.com/Shop\t(devel)\t
dep\tgithub.com/BurntSushi/toml\tv0.3.1
=>\tgithub.com/BurntSushi/toml\tv0.4.1\th1:x=
dep\texample.com/local\tv1.0.0
=>\t./local\t\t
dep\tgithub.com/docker/docker\tv20.10.7+incompatible\th1:y=
dep\tgolang.org/x/text\tv0.3.6\th1:z=
build\t-ldflags="-s -w -X github.com/BurntSushi/toml.Version=9.9.9 -X 'example.com/Shop/version.Version=1.4.2'"
build\tGOOS=linux
build\tvcs=git
build\tvcs.revision=abf1bec7722464e2cc94542773840486cbbc86fd
build\tvcs.time=2024-01-02T15:04:05Z
build\tvcs.modified=true
"""


def varint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def at(size, *pieces):
    b = bytearray(size)
    for place, text in pieces:
        b[place : place + len(text)] = text
    return bytes(b)


def elf(body, segments, sections=(), wide=True, big=False, kind=2):
    """segments: (type, flags, offset, size) with addresses 0x10000 above; sections: (offset, size), at the end."""
    e = ">" if big else "<"
    word = "Q" if wide else "I"
    header, each, section = (64, 56, 64) if wide else (52, 32, 40)
    out = bytearray(body)
    table = len(out) if sections else 0
    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if big else 1, 1]) + bytes(9)
    out[:header] = ident + struct.pack(
        e + "HHI3" + word + "IHHHHHH", kind, 62, 1, 0, header, table, 0, header, each, len(segments), section,
        len(sections) + 1 if sections else 0, 0)
    for i, (type_, flags, offset, size) in enumerate(segments):
        address = offset + 0x10000
        if wide:
            entry = struct.pack(e + "IIQQQQQQ", type_, flags, offset, address, address, size, size, 4096)
        else:
            entry = struct.pack(e + "IIIIIIII", type_, offset, address, address, size, size, flags, 4096)
        out[header + i * each : header + (i + 1) * each] = entry
    for offset, size in ([(0, 0)] + list(sections)) if sections else []:
        type_ = 1 if size else 0
        if wide:
            out += struct.pack(e + "IIQQQQIIQQ", 0, type_, 0, 0, offset, size, 0, 0, 1, 0)
        else:
            out += struct.pack(e + "IIIIIIIIII", 0, type_, 0, 0, offset, size, 0, 0, 1, 0)
    return bytes(out)


def inline(version="go1.22.5", modules=MODULES):
    framed = BEGIN + modules.encode() + END if modules else b""
    text = version.encode()
    return MARKER + b"\x08\x02" + bytes(16) + varint(len(text)) + text + varint(len(framed)) + framed


def go_inline(**rest):
    info = inline(**rest)
    decoy = MARKER + b"\x08\x02"  # a tool that carries the text, unaligned, and one outside of the data
    body = at(1024 + len(info), (300, decoy), (512, decoy + bytes(16) + b"\x05go9.9\x00"), (1024, info))
    return elf(body, [(1, 5, 0, 1000), (1, 6, 1024, len(info))])


def elf_of_modules(modules):
    info = inline(modules=modules)
    return elf(at(1024 + len(info), (1024, info)), [(1, 5, 0, 1000), (1, 6, 1024, len(info))])


def go_pointers(wide, big):
    """As before Go 1.18: rodata has the strings, the data have their headers, and a marker between."""
    word = (">" if big else "<") + ("Q" if wide else "I")
    framed = BEGIN + MODULES.encode() + END
    version, modules, data = 400, 512, 4096
    size = 8 if wide else 4
    headers = struct.pack(word[0] + "4" + word[1], version + 0x10000, len("go1.16.15"), modules + 0x10000, len(framed))
    pointers = struct.pack(word[0] + "2" + word[1], data + 0x10000, data + 0x10000 + 2 * size)
    body = at(data + 96, (version - 8, b"go1.16go1.16.15int8"[:-4]), (version, b"go1.16.15int8"), (modules, framed),
              (data, headers), (data + 48, MARKER + bytes([size, 1 if big else 0]) + pointers))
    return elf(body, [(1, 4, 0, 3000), (1, 6, data, 96)], wide=wide, big=big)


CRATES = {"packages": [
    {"name": "shop", "version": "0.3.1", "source": "local", "dependencies": [1, 2], "root": True},
    {"name": "serde", "version": "1.0.188", "source": "crates.io"},
    {"name": "ours", "version": "2.0.0", "source": "git"},
    {"name": "theirs", "version": "3.0.0", "source": "registry"},
    {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"}], "format": 1}


def elf_of_crates(crates):
    packed = zlib.compress(json.dumps(crates).encode(), 7)
    return elf(at(1024 + len(packed), (1024, packed)), [(1, 5, 0, 1024)], [(1024, len(packed))])


def rust_audit():
    packed = zlib.compress(json.dumps(CRATES).encode(), 7)
    other = zlib.compress(b'{"packages":[{"name":"embedded","version":"1.0.0","source":"crates.io"}]}')
    end = 2048 + len(packed)
    return elf(at(end, (1024, other), (2048, packed)), [(1, 5, 0, 1024)], [(2048, len(packed))])


def rust_traces():
    text = (b"/home/you/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.188/src/de.rs\0"
            b"/home/you/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/foo-2-1.0.0/src/lib.rs\0"
            b"/home/you/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/foo-2-1.0.0/src/a.rs\0"
            b"/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/io.rs\0rustc version 1.76.0 (0)\0")
    return elf(at(1024 + len(text), (1024, text)), [(1, 5, 0, 1024 + len(text))])


def wasm():
    packed = zlib.compress(json.dumps(CRATES).encode(), 7)
    body = b"\x07.dep-v0" + packed
    return b"\0asm\1\0\0\0" + b"\0" + varint(len(body)) + body


def note(text, big=False):
    e = ">" if big else "<"
    desc = text.encode() + b"\0" * (4 - len(text) % 4)
    other = struct.pack(e + "III", 4, 4, 1) + b"GNU\0" + bytes(4)
    own = other + struct.pack(e + "III", 4, len(desc), 0xCAFE1A7E) + b"FDO\0" + desc
    return elf(at(1024 + len(own), (1024, own)), [(1, 5, 0, 1024), (4, 4, 1024, len(own))], big=big, kind=3)


BOM = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
    {"type": "library", "name": "netty-codec", "version": "4.1.100.Final",
     "purl": "pkg:maven/io.netty/netty-codec@4.1.100.Final"}, {"type": "library", "name": "unnamed"}]}


def graalvm(document=True):
    packed = gzip.compress(json.dumps(BOM).encode(), mtime=0) if document else b""
    names = b"\0__svm_version_info\0" + (b"sbom\0sbom_length\0" if document else b"")
    return elf(at(2048 + len(packed), (1024, names), (2048, packed)), [(1, 5, 0, 2048), (1, 6, 2048, len(packed))])


def pe(sections, clr=0, wide=True):
    """sections: (name, flags, bytes)."""
    optional = 240 if wide else 224
    head = at(1024, (0, b"MZ"), (0x3C, struct.pack("<I", 128)), (128, b"PE\0\0"))
    out = bytearray(head)
    out[132:152] = struct.pack("<HHIIIHH", 0x8664 if wide else 0x14C, len(sections), 0, 0, 0, optional, 0x22)
    out[152:154] = struct.pack("<H", 0x20B if wide else 0x10B)
    if wide:
        out[152 + 24 : 152 + 32] = struct.pack("<Q", 0x140000000)
    else:
        out[152 + 28 : 152 + 32] = struct.pack("<I", 0x400000)
    directories = 152 + (112 if wide else 96)
    out[directories - 4 : directories] = struct.pack("<I", 16)
    out[directories + 14 * 8 : directories + 14 * 8 + 8] = struct.pack("<II", clr, 72 if clr else 0)
    for i, (name, flags, data) in enumerate(sections):
        place = len(out)
        out += data + bytes(-len(data) % 512)
        entry = name.encode().ljust(8, b"\0") + struct.pack(
            "<IIIIIIHHI", len(data), 0x1000 * (i + 1), len(data) + -len(data) % 512, place, 0, 0, 0, 0, flags)
        out[152 + optional + 40 * i : 152 + optional + 40 * (i + 1)] = entry
    return bytes(out)


def resource(**texts):
    out = b"V\0S\0_\0V\0E\0R\0S\0I\0O\0N\0_\0I\0N\0F\0O\0\0\0"
    for key, value in texts.items():
        out += bytes(-len(out) % 4) + struct.pack("<HHH", 0, len(value) + 1, 1) + key.encode("utf-16le") + b"\0\0"
        out += bytes(-len(out) % 4) + value.encode("utf-16le") + b"\0\0"
    return out


def assembly(name, version):
    return pe([(".text", 0x60000020, b"code" * 16), (".rsrc", 0x40000040, resource(
        FileVersion="8.0.324.11423", OriginalFilename=name, ProductVersion=version))], clr=0x1008)


def macho(info, big=False):
    e = ">" if big else "<"
    data = 1024
    section = b"__go_buildinfo".ljust(16, b"\0") + b"__DATA".ljust(16, b"\0") + struct.pack(
        e + "QQIIIIIIII", 0x100000000 + data, len(info), data, 4, 0, 0, 0, 0, 0, 0)
    segment = struct.pack(e + "II", 0x19, 72 + len(section)) + b"__DATA".ljust(16, b"\0") + struct.pack(
        e + "QQQQIIII", 0x100000000 + data, len(info), data, len(info), 3, 3, 1, 0) + section
    head = struct.pack(e + "IIIIIIII", 0xFEEDFACF, 0x0100000C, 0, 2, 1, len(segment), 0, 0) + segment
    return at(data + len(info), (0, head), (data, info))


def fat():
    one = macho(inline(version="go1.21"))
    two = macho(inline(version="go1.21"), big=True)
    first, second = 4096, 4096 + (len(one) + 4095) // 4096 * 4096
    head = struct.pack(">II", 0xCAFEBABE, 2) + struct.pack(">IIIII", 0x0100000C, 0, first, len(one), 12) + struct.pack(
        ">IIIII", 0x01000007, 0, second, len(two), 12)
    return at(second + len(two), (0, head), (first, one), (second, two))


BUNDLE = bytes.fromhex("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae")
DEPS = {"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64", "signature": ""},
        "targets": {".NETCoreApp,Version=v8.0": {}, ".NETCoreApp,Version=v8.0/linux-x64": {
            "shop/1.0.0": {"dependencies": {"Newtonsoft.Json": "12.0.1"}, "runtime": {"shop.dll": {}}},
            "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.3": {"runtime": {"System.Runtime.dll": {}}},
            "Newtonsoft.Json/12.0.1": {"runtime": {"lib/netstandard2.0/Newtonsoft.Json.dll": {}}},
            "Humanizer/2.14.1": {"resources": {"lib/net6.0/de/Humanizer.resources.dll": {"locale": "de"}}},
            "Gone/1.0.0": {"runtime": {"lib/netstandard2.0/Gone.dll": {}}},
            "Native.Only/3.0.0": {"native": {"runtimes/linux-x64/native/libn.so": {}}},
            "System.Text.Encodings.Web/4.5.0": {}, "Empty/1.0.0": {"runtime": {"lib/netstandard2.0/_._": {}}},
            "Compile/1.0.0": {"compile": {"lib/net6.0/Compile.dll": {}}}}},
        "libraries": {"shop/1.0.0": {"type": "project"},
                      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.3": {"type": "runtimepack"},
                      "Newtonsoft.Json/12.0.1": {"type": "package"}, "Humanizer/2.14.1": {"type": "package"},
                      "Gone/1.0.0": {"type": "package"}, "Native.Only/3.0.0": {"type": "package"}}}


def bundle(major=6, marked=True):
    """An apphost, its files behind it, the list of them behind those."""
    deps = json.dumps(DEPS, indent=2).encode()
    files = [(1, "shop.dll", b"MZ"), (1, "Newtonsoft.Json.dll", b"MZ"), (1, "System.Runtime.dll", b"MZ"),
             (3, "shop.deps.json", deps), (1, "de/Humanizer.resources.dll", b"MZ")]
    out = bytearray(at(1024, (520, BUNDLE)))
    places = []
    for _, _, data in files:
        places.append(len(out))
        out += data
    header = len(out) if marked else 0
    text = b"dGVzdA"
    out += struct.pack("<III", major, 0, len(files)) + varint(len(text)) + text
    if major >= 2:
        out += struct.pack("<QQQQQ", places[3], len(deps), 0, 0, 0)
    for (type_, path, data), place in zip(files, places):
        out += struct.pack("<QQ", place, len(data)) + (struct.pack("<Q", 0) if major >= 6 else b"")
        out += bytes([type_]) + varint(len(path)) + path.encode()
    out[512:520] = struct.pack("<Q", header)
    return elf(bytes(out), [(1, 5, 0, 512), (1, 6, 512, 512)])


PROGRAMS = {
    "go-inline": go_inline(), "go-hidden": go_inline(version="unknown", modules=""),
    "go-release-candidate": go_inline(version="go1.23rc1", modules="path\tcmd/go\nbuild\tGOOS=linux\n"),
    "go-pointers-64-little": go_pointers(True, False), "go-pointers-32-big": go_pointers(False, True),
    "go-pe": pe([(".text", 0x60000020, b"x"), (".data", 0xC0000040, inline(modules=""))]),
    "go-macho": macho(inline(version="go1.21", modules="path\tmain\n")), "go-fat": fat(),
    "rust-audit": rust_audit(), "rust-traces": rust_traces(), "rust-wasm": wasm(),
    "rust-pe": pe([(".dep-v0", 0x40000040, zlib.compress(json.dumps(CRATES).encode()))], wide=False),
    "note": note('{"type":"rpm","name":"coreutils","version":"9.3-4.fc39","os":"fedora","osVersion":"39"}'),
    "note-big": note('{"type":"deb","name":"hello","version":"2.10-3"}', big=True),
    "graalvm": graalvm(), "graalvm-bare": graalvm(False), "bundle": bundle(), "bundle-1": bundle(1),
    "bundle-none": bundle(marked=False), "assembly": assembly("Some.Thing.dll", "4.5.6+0123abc"),
    "native-aot": elf(at(1100, (1024, b"\0DotNetRuntimeDebugHeader\0")), [(1, 5, 0, 1100)]),
    "upx": elf(at(600, (300, b"UPX!")), [(1, 5, 0, 600)]),
    "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100), "deps.json": json.dumps(DEPS).encode(),
}

if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, content in PROGRAMS.items():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(content)
