#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make.py DIR: writes archives in many shapes into DIR, with Python's tarfile and GNU tar, gzip and zstd.

NAME.tar are good archives that every reader agrees on; NAME.tar.gz and NAME.tar.zst unpack to plain.bin.
"""
import gzip
import io
import os
import subprocess
import sys
import tarfile
import zlib


def content(seed, n):
    """Bytes that compress somewhat and are the same every time."""
    out, x = bytearray(), seed * 2654435761 % 2**32 or 1
    while len(out) < n:
        x = (x * 1103515245 + 12345) % 2**31
        out += b"%x line %d of a file\n" % (x, len(out))
    return bytes(out[:n])


def member(name, kind=tarfile.REGTYPE, body=b"", link=""):
    m = tarfile.TarInfo(name)
    m.type, m.linkname, m.mtime, m.uid = kind, link, 1700000000, 1000
    m.size = len(body)
    return m, io.BytesIO(body) if body else None


def write_tar(path, members, form, encoding="utf-8"):
    with tarfile.open(path, "w", format=form, encoding=encoding, errors="surrogateescape") as t:
        for m, body in members:
            t.addfile(m, body)


def shapes(long_names):
    yield member("etc", tarfile.DIRTYPE)
    yield member("etc/empty")
    for n in (1, 511, 512, 513, 1024, 70000, 300000):
        yield member("data/%d" % n, body=content(n, n))
    yield member("etc/link", tarfile.SYMTYPE, link="../usr/lib/x")
    yield member("etc/hard", tarfile.LNKTYPE, link="data/513")
    yield member("dev/null", tarfile.CHRTYPE)
    yield member("dev/disk", tarfile.BLKTYPE)
    yield member("run/pipe", tarfile.FIFOTYPE)
    yield member("a/../b//./c", body=b"x")
    yield member("/absolute", body=b"y")
    yield member("data/1", body=b"again")
    if long_names:
        yield member("n" * 101, body=b"101")
        yield member("/".join(["d" * 60] * 30) + "/name", body=b"long")
        yield member("p/" + "q" * 200, tarfile.SYMTYPE, link="t" * 150)
        yield member("h/" + "q" * 200, tarfile.LNKTYPE, link="n" * 101)
        yield member("caf\u00e9/\u540d\u524d", body=b"utf-8")
    else:
        yield member("u" * 90 + "/" + "v" * 99, body=b"prefix")


def run(*argv, **kw):
    subprocess.run(argv, check=True, stderr=subprocess.DEVNULL, **kw)


def tars(out):
    write_tar(out + "/ustar.tar", shapes(False), tarfile.USTAR_FORMAT)
    write_tar(out + "/gnu.tar", shapes(True), tarfile.GNU_FORMAT)
    write_tar(out + "/pax.tar", shapes(True), tarfile.PAX_FORMAT)
    odd = [member("bytes-\udcff\udcfe", body=b"raw")]
    write_tar(out + "/raw-names.tar", odd, tarfile.GNU_FORMAT)
    big, _ = member("comment", body=b"z")
    big.pax_headers = {"comment": "c" * 200000}
    write_tar(out + "/pax-big.tar", [(big, io.BytesIO(b"z")), member("after", body=b"1")], tarfile.PAX_FORMAT)
    tree = out + "/tree"
    os.makedirs(tree + "/sub/deeper")
    with open(tree + "/plain", "wb") as f:
        f.write(content(5, 10000))
    with open(tree + "/holes", "wb") as f:
        for i in range(40):
            f.seek(i * 65536)
            f.write(content(i + 1, 4096))
        f.truncate(40 * 65536)
    with open(tree + "/hole", "wb") as f:
        f.seek(1 << 20)
        f.write(b"end")
    with open(tree + "/only-hole", "wb") as f:
        f.truncate(1 << 20)
    with open(tree + "/sub/deeper/" + "w" * 120, "wb") as f:
        f.write(b"deep")
    os.symlink("plain", tree + "/sym")
    os.link(tree + "/plain", tree + "/zhard")
    for form in ("v7", "ustar", "oldgnu", "gnu", "pax"):
        run("tar", "--sort=name", "--format=" + form, "-cf", out + "/cli-" + form + ".tar", "-C", tree, "plain", "sym",
            "zhard", "holes")
    for form in ("oldgnu", "gnu"):
        run("tar", "--sort=name", "--format=" + form, "-Scf", out + "/sparse-" + form + ".tar", "-C", tree, ".")
    for version in ("0.0", "0.1", "1.0"):
        run("tar", "--sort=name", "--format=pax", "--sparse-version=" + version, "-Scf",
            out + "/sparse-pax-" + version + ".tar", "-C", tree, ".")


def packed(out):
    plain = content(9, 700000) + bytes(300000) + content(10, 100)
    third = len(plain) // 3
    with open(out + "/plain.bin", "wb") as f:
        f.write(plain)

    def put(name, data):
        with open(out + "/" + name, "wb") as f:
            f.write(data)

    def member_gz(data, level=6, flags=0, strategy=zlib.Z_DEFAULT_STRATEGY):
        c = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
        head = bytes([0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 0, 3])
        if flags & 4:
            head += b"\x05\x00EXTRA"
        if flags & 8:
            head += b"a name\0"
        if flags & 16:
            head += b"a comment\0"
        if flags & 2:
            head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
        tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) % 2**32).to_bytes(4, "little")
        return head + c.compress(data) + c.flush() + tail

    for level in (0, 1, 6, 9):
        put("level%d.tar.gz" % level, member_gz(plain, level))
    put("fixed.tar.gz", member_gz(plain, 6, 0, zlib.Z_FIXED))
    put("python.tar.gz", gzip.compress(plain, mtime=0))
    for flags in (2, 4, 8, 16, 30):
        put("flags%d.tar.gz" % flags, member_gz(plain, 6, flags))
    two = member_gz(plain[:third]) + member_gz(plain[third:], 1, 30)
    put("two-members.tar.gz", two)
    put("empty-members.tar.gz", member_gz(b"") + two + member_gz(b"") + member_gz(b""))
    put("many-members.tar.gz", b"".join(member_gz(plain[i:i + 5000]) for i in range(0, len(plain), 5000)))
    put("zeros-behind.tar.gz", two + bytes(1000))
    put("garbage-behind.tar.gz", two + b"\x1fgarbage \x1f\x8b")

    def zstd(data, *options):
        return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout

    skippable = b"\x5a\x2a\x4d\x18" + (7).to_bytes(4, "little") + b"skipped"
    put("zstd3.tar.zst", zstd(plain))
    put("zstd19.tar.zst", zstd(plain, "-19", "--no-check"))
    put("frames.tar.zst", zstd(plain[:third]) + zstd(b"") + zstd(plain[third:]))
    put("skippable.tar.zst", skippable + zstd(plain[:third]) + skippable + zstd(plain[third:]) + skippable * 3)


if __name__ == "__main__":
    tars(sys.argv[1])
    packed(sys.argv[1])
