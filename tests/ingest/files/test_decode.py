"""Bytes to text: strictly, with the encoding named that would have fitted, in flat memory."""

import codecs
import gzip
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import BadInput
from ingest.files.decode import codec, opened

TRAPS = "㐂𠮷€䶮億骸誠"
EACH = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
# All of Unicode but surrogates, which no encoding has, and the mark itself.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"))


@pytest.fixture
def read(tmp_path):
    def read(data, encoding="utf-8", member=None):
        (tmp_path / "f").write_bytes(data)
        with opened(tmp_path / "f", encoding, member) as text:
            return text.read()

    return read


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TRAPS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TRAPS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TRAPS.encode(), "utf-8-sig"),
        (TRAPS.encode("gb18030"), "gb18030"),
        (TRAPS.encode("gb18030"), "GBK"),
        (TRAPS.encode("gb18030"), "gb2312"),
        (("\ufeff" + TRAPS).encode("gb18030"), "gb18030"),
        (TRAPS.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TRAPS.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF16_BE + TRAPS.encode("utf-16-be"), "utf-16-be"),
        (TRAPS.encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_marks_are_passed_over_and_rare_characters_kept(read, data, encoding):
    assert read(data, encoding) == TRAPS


def test_characters_whose_second_byte_is_a_bar_or_a_backslash(read):
    for character, byte in (("億", 0x7C), ("誠", 0x5C)):
        assert character.encode("gbk")[1] == byte
        assert read(f"1|{character}|2".encode("gbk"), "gbk").split("|") == ["1", character, "2"]


@given(text=ANY, encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"]))
@EACH
def test_any_text_comes_back_as_it_was_written(read, text, encoding):
    assert read(text.encode(encoding), encoding) == text
    assert read(gzip.compress(text.encode(encoding), 1), encoding) == text


@given(data=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16", "ascii"]))
@EACH
def test_any_bytes_are_either_text_that_says_the_same_or_refused(read, data, encoding):
    try:
        text = read(data, encoding)
    except BadInput:
        return
    again = text.encode(encoding if encoding != "utf-16" else "utf-16-le")
    assert data.endswith(again if data[:2] != codecs.BOM_UTF16_BE else text.encode("utf-16-be"))


def test_line_ends_are_kept_and_nothing_else_ends_a_line(tmp_path):
    lines = ["a\x1cb\x85c\u2028d\x0be\x0cf\n", "g\r\n", "h\r", "i"]
    (tmp_path / "f").write_bytes("".join(lines).encode())
    with opened(tmp_path / "f", "utf-8") as text:
        assert list(text) == lines


@pytest.mark.parametrize(
    ("data", "encoding", "sentence"),
    [
        ("a\n客户\n".encode("gbk"), "utf-8", r'line 2 \(byte 2\): not valid utf-8; encoding = "gb18030"'),
        ("a\n客户\n".encode(), "ascii", r'line 2 \(byte 2\): not valid ascii; encoding = "utf-8"'),
        ("a\n客户客\n".encode(), "gbk", r'line 2 .*: not valid gbk; encoding = "utf-8" would'),
        ("客户\n".encode("utf-16"), "utf-8", r'mark of UTF-16, .* encoding = "utf-16" would read it'),
        ("客户\n".encode("utf-16-be"), "utf-16", "not valid utf-16; no encoding known here reads it"),
        (codecs.BOM_UTF8 + b"a", "gb18030", r'mark of UTF-8, .* encoding = "utf-8" would read it'),
        ("\ufeffa".encode("utf-16"), "cp1252", r'mark of UTF-16, .* encoding = "utf-16" would read it'),
        ("a\n客户".encode()[:-1], "utf-8", r"line 2 \(byte 5\): ends inside a character of utf-8; fetch it"),
        ("a\n客户客".encode("gbk")[:-1], "gbk", r"line 2 \(byte 6\): ends inside a character of gbk"),
        (b"\x80 5\n", "gbk", r"line 1 \(byte 0\): not valid gbk; no encoding known here|cp1252"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place_and_what_would_fit(read, data, encoding, sentence):
    with pytest.raises(BadInput, match=sentence):
        read(data, encoding)


def test_latin_nonsense_is_not_proposed(read):
    """Every byte is a letter of cp1252 to a machine; `¿Í»§` is no text to a person."""
    nonsense = "客户名称".encode("gbk") + b"\xff\xff"
    assert nonsense.decode("latin-1").startswith("¿Í»§")
    with pytest.raises(BadInput, match="no encoding known here reads it"):
        read(nonsense)
    many = b"plain words and more of them, " * 30 + b"cr\xe8 me\n"
    with pytest.raises(BadInput, match='encoding = "cp1252" would read it'):
        read(many, "utf-8")


def test_the_place_of_a_fault_is_right_far_into_a_packed_file(read, tmp_path):
    rows = "1,客户\n".encode() * 100_000
    with pytest.raises(BadInput, match=rf"line 100001 \(byte {len(rows) + 2}\): not valid utf-8"):
        read(gzip.compress(rows + b"2,\xff\n"))
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("a.csv", rows + b"2,\xff\n")
        archive.writestr("b.csv", "是\n".encode("gb18030"))
    with pytest.raises(BadInput, match=r"line 100001 .*not valid utf-8"):
        read((tmp_path / "z").read_bytes(), member="a.csv")
    with pytest.raises(BadInput, match=r'line 1 .*encoding = "gb18030" would read it'):
        read((tmp_path / "z").read_bytes(), member="b.csv")


def through(path):
    with opened(path, "utf-8") as text:
        while text.read(1 << 16):
            pass


def test_a_fault_in_a_large_file_is_found_in_flat_memory(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(("1,客户" * 100 + "\n").encode() * 12_000 + b"\xff\n")
    tracemalloc.start()
    with pytest.raises(BadInput, match="line 12001 "):
        through(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 9_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    "name", ["utf-9", "rot13", "zip", "base64", "hex", "idna", "unicode_escape", "utf-7"]
)
def test_what_is_no_encoding_of_text_is_unknown(name):
    with pytest.raises(LookupError):
        codec(name)


def test_the_names_of_encodings():
    assert [codec(name) for name in ("UTF8", "utf-8-sig", "gbk", "GB2312", "cp936", "big5", "latin-1")] == [
        "utf-8", "utf-8", "gb18030", "gb18030", "gb18030", "big5", "iso8859-1",
    ]  # fmt: skip
