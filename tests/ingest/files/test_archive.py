"""Packed inputs: what is unpacked, and forty hostile or damaged ones that are refused at once."""

import gzip
import hashlib
import io
import os
import struct
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

from graph.errors import BadInput
from ingest.files.archive import packing, sha256, stamp, unchanged, unpacked
from ingest.files.decode import opened
from ingest.files.parquet import is_parquet

CSV = b"id,n\n1,a\n2,\xe5\xae\xa2\xe6\x88\xb7\n"


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content) pairs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def with_mode(name, mode, content=b"/etc/passwd"):
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry, content


def patched(data, signature, offset, form, value, last=False):
    """The archive with one field of a header changed, such as a size that it declares."""
    at = data.rindex(signature) if last else data.index(signature)
    out = bytearray(data)
    struct.pack_into(form, out, at + offset, value)
    return bytes(out)


def content(path, **how):
    with unpacked(path, **how) as file:
        return file.read()


@pytest.fixture
def file(tmp_path):
    def file(data, name="x"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return file


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CSV, "plain"),
        (b"", "plain"),
        (gzip.compress(CSV), "gzip"),
        (gzip.compress(CSV[:9]) + gzip.compress(CSV[9:]), "gzip"),
        (gzip.compress(CSV) + bytes(512), "gzip"),
        (zipped(("d/", b""), ("d/a.csv", CSV), ("__MACOSX/d/._a.csv", b"x")), "zip"),
        (zipped(("a.csv", CSV), method=zipfile.ZIP_STORED), "zip"),
    ],
    # Not named by their bytes, which hold the time.
    ids=["csv", "empty", "gzip", "gzip of two members", "gzip with zeros behind", "zip", "zip stored"],
)
def test_the_content_comes_out_whatever_the_name_says(file, data, kind):
    path = file(data, "rows.csv")
    assert packing(path) == kind
    assert content(path) == (CSV if data else b"")
    assert packing(file(data, "rows.zip.gz")) == kind


@pytest.mark.parametrize("text", ["BZh,n\n1,2\n", "PAR1,n\n1,2\n", "PK,n\n", "Rar!,n\n"])
def test_a_header_that_looks_like_an_archive_is_a_header(file, text):
    path = file(text.encode())
    assert packing(path) == "plain"
    assert not is_parquet(path)
    assert content(path) == text.encode()


def test_a_member_is_named_or_matched(file):
    path = file(zipped(("a.csv", b"a"), ("ties_2024.csv", b"t"), ("[1].csv", b"1")))
    assert content(path, member="a.csv") == b"a"
    assert content(path, member="ties_*.csv") == b"t"
    assert content(path, member="[1].csv") == b"1"
    for member, sentence in [
        (None, r'holds \[1\]\.csv, a\.csv, ties_2024\.csv; say which with member = "…"'),
        ("*.csv", r"member '\*\.csv' fits .*; name one of them"),
        ("b.csv", r"no member named 'b\.csv'; known: \[1\]\.csv, a\.csv, ties_2024\.csv"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            content(path, member=member)
    with pytest.raises(BadInput, match=r"is no zip archive, so there is no member 'a\.csv' in it"):
        content(file(CSV), member="a.csv")


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return out.getvalue()


ZEROS = bytes(16 << 20)
BOMB = zipped(("a.csv", ZEROS))
ONE = zipped(("a.csv", CSV))
END, ENTRY = b"PK\x05\x06", b"PK\x01\x02"
NOISE = hashlib.shake_256(b"noise").digest(1 << 16)
HOSTILE = {
    "a bomb in a zip": (BOMB, "unpacks to more than 100 times its size"),
    "a bomb that declares 10 bytes": (patched(BOMB, ENTRY, 24, "<I", 10), "is damaged"),
    "a bomb in a gzip": (gzip.compress(ZEROS), "unpacks to more than 100 times its size"),
    "a bomb behind noise": (
        gzip.compress(NOISE.hex().encode()) + gzip.compress(ZEROS),
        "more than 100 times its size",
    ),
    "a bomb of many members": (gzip.compress(bytes(1 << 20)) * 200, "more than 100 times its size"),
    "more than it declares": (patched(ONE, ENTRY, 24, "<I", 3), "is damaged"),
    "less than it declares": (patched(ONE, ENTRY, 24, "<I", 9_999), "declares 9,999 bytes and holds 18"),
    "a wrong checksum": (patched(ONE, ENTRY, 16, "<I", 1), "is damaged"),
    "a member without a name": (zipped(("XYZ", CSV)).replace(b"XYZ", b"\0YZ"), "is no plain path"),
    "a path upwards": (zipped(("../a.csv", CSV)), "'../a.csv' leads out of the archive"),
    "a path upwards inside": (zipped(("d/../../a.csv", CSV)), "leads out of the archive"),
    "an absolute path": (zipped(("/etc/a.csv", CSV)), "has a name that is no plain path"),
    "a Windows path": (zipped((r"C:\a.csv", CSV)), "has a name that is no plain path"),
    "a backslash": (zipped(("..\\a.csv", CSV)), "has a name that is no plain path"),
    "a hidden upward path": (zipped(("a.csv", CSV), ("../../b", b"")), "leads out of the archive"),
    "a symbolic link": (zipped(with_mode("a.csv", 0o120777)), "is a link or a device"),
    "a device": (zipped(with_mode("a.csv", 0o020666)), "is a link or a device"),
    "a NUL in a name": (zipped(("aXcsv", CSV)).replace(b"aXcsv", b"a\0csv"), "is no plain path"),
    "encrypted": (patched(ONE, ENTRY, 8, "<H", 1), "is encrypted"),
    "strongly encrypted": (patched(ONE, ENTRY, 8, "<H", 0x41), "is encrypted"),
    "11 files": (zipped(*((f"{n}.csv", b"") for n in range(11))), "holds 11 files; an archive may hold 10"),
    "40,000 files": (zipped(*((f"{n}.csv", b"") for n in range(40_000))), "has a list of files of"),
    "the same name twice": (zipped(("a.csv", CSV), ("b.csv", CSV)).replace(b"b.csv", b"a.csv"), "twice"),
    "a zip in a zip": (zipped(("a.zip", ONE)), "is an archive in the archive"),
    "a zip in a zip with another name": (zipped(("a.csv", ONE)), "holds an archive in an archive"),
    "a gzip beside the file": (zipped(("a.csv", CSV), ("b.gz", b"")), "is an archive in the archive"),
    "lzma": (zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA), "by a method other than deflate"),
    "bzip2": (zipped(("a.csv", CSV), method=zipfile.ZIP_BZIP2), "by a method other than deflate"),
    "no file in it": (zipped(("d/", b"")), "holds no file"),
    "an empty zip": (zipped(), "holds no file"),
    "a workbook": (zipped(("[Content_Types].xml", b"<x/>"), ("xl/a.xml", b"")), "Excel workbook"),
    "a zip cut short": (ONE[:-30], "is damaged"),
    "a zip cut at its start": (ONE[:20], "is damaged"),
    "a directory elsewhere": (patched(ONE, END, 16, "<I", 1 << 30), "is damaged"),
    "a directory of gigabytes": (patched(ONE, END, 12, "<I", 1 << 31), "is damaged|list of files"),
    "noise in the middle": (ONE[:32] + NOISE[:8] + ONE[40:], "is damaged|is no plain path"),
    "a gzip cut short": (gzip.compress(CSV)[:-6], "is cut short"),
    "a gzip of its head": (gzip.compress(CSV)[:5], "is cut short"),
    "a gzip with a wrong checksum": (gzip.compress(CSV)[:-8] + bytes(8), "is damaged"),
    "a gzip with a tail": (gzip.compress(CSV) + b"and more", "is damaged"),
    "a second member cut short": (gzip.compress(CSV) + gzip.compress(CSV)[:-6], "is cut short"),
    "deflate noise": (b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + NOISE[:999], "is damaged|is cut short"),
    "xz": (tar(), "is packed with xz; give it as text, plain or packed with gzip or zip"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + NOISE, "is a 7-Zip archive"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "an old Excel workbook"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_at_once(file, name):
    data, sentence = HOSTILE[name]
    path = file(data)
    start = time.monotonic()
    with pytest.raises(BadInput, match=sentence) as caught, opened(path, "utf-8") as text:
        for _ in text:
            pass
    assert time.monotonic() - start < 2
    assert str(path) in str(caught.value)


MEASURE = r"""
import re, sys
from pathlib import Path
from graph.errors import BadInput
from ingest.files.decode import opened
from ingest.files.parquet import is_parquet
refused = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        with opened(path, "utf-8") as text:
            for line in text:
                pass
    except BadInput:
        refused += 1
# Not getrusage: its peak is that of the parent, where that was larger.
peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
print(refused, int(peak[1]) // 1024)
"""


def test_all_of_them_together_stay_below_200_megabytes(tmp_path):
    for number, (data, _) in enumerate(HOSTILE.values()):
        (tmp_path / str(number)).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    refused, megabytes = map(int, done.stdout.split())
    assert refused == len(HOSTILE)
    assert len(HOSTILE) >= 20
    assert megabytes < 200


def test_a_ceiling_stops_what_is_merely_too_long(file):
    path = file(gzip.compress(NOISE[:5_000]))
    assert len(content(path, ceiling=5_000)) == 5_000
    with pytest.raises(BadInput, match="unpacks to more than 4,999 bytes; split it"):
        content(path, ceiling=4_999)


def test_text_that_packs_well_is_no_bomb(file):
    rows = b"".join(b"%d,2024-03,1\n" % (n // 7) for n in range(200_000))
    assert content(file(gzip.compress(rows))) == rows
    assert content(file(zipped(("a.csv", rows)))) == rows
    assert content(file(gzip.compress(bytes(1 << 20)))) == bytes(1 << 20)


def test_a_file_that_grows_shrinks_or_is_replaced_while_it_is_read_is_refused(file):
    path = file(CSV)
    before = stamp(path)
    unchanged(path, before)
    with (
        pytest.raises(BadInput, match="was changed from 18 to 19 bytes while it was read"),
        opened(path, "utf-8"),
    ):
        path.write_bytes(CSV + b"\n")
    with pytest.raises(BadInput, match="was changed from 19 to 3 bytes"), opened(path, "utf-8"):
        path.write_bytes(CSV[:3])
    other = file(CSV[:3], "other")
    with pytest.raises(BadInput, match="was changed in place"), opened(path, "utf-8"):
        os.replace(other, path)
    with pytest.raises(BadInput, match="cannot be read: No such file"), opened(path, "utf-8"):
        path.unlink()


def test_the_hash_is_of_the_file_as_stored(file):
    packed = gzip.compress(CSV)
    assert sha256(file(packed)) == hashlib.sha256(packed).hexdigest()
