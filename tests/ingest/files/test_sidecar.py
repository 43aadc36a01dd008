"""What lies beside a file and says when it is complete."""

import hashlib

import pytest

from graph.errors import BadInput
from ingest.files.sidecar import Expected, compare, sidecar

ROWS = b"id\n1\n2\n"
HASH = hashlib.sha256(ROWS).hexdigest()


@pytest.fixture
def beside(tmp_path):
    path = tmp_path / "ties.csv"
    path.write_bytes(ROWS)

    def beside(**files):
        for ending, text in files.items():
            (tmp_path / f"ties.csv.{ending}").write_text(text, encoding="utf-8")
        return path

    return beside


def test_nothing_beside_a_file_expects_nothing(beside):
    assert sidecar(beside()) is None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"ok": ""}, Expected()),
        ({"ok": " 2\n"}, Expected(rows=2)),
        ({"sha256": f"{HASH}  ties.csv\n"}, Expected(sha256=HASH)),
        ({"sha256": f"{HASH.upper()} *out/ties.csv\n"}, Expected(sha256=HASH)),
        ({"sha256": f"{HASH}\n", "ok": "2"}, Expected(2, HASH)),
        ({"sha256": f"{'0' * 64}  other.csv\n{HASH}  ties.csv\n"}, Expected(sha256=HASH)),
    ],
)
def test_a_count_of_rows_and_a_hash_are_read(beside, files, expected):
    path = beside(**files)
    assert sidecar(path) == expected
    compare(path, expected, 2, HASH)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"ok": "done"}, r"ties\.csv\.ok holds 'done'; it should be empty or hold the number of rows"),
        ({"ok": "-1"}, "should be empty or hold the number"),
        ({"ok": "x" * 99_999}, "is no short text"),
        ({"sha256": "abc"}, r"should hold the line that sha256sum writes for ties\.csv"),
        ({"sha256": f"{HASH}  other.csv"}, r"writes for ties\.csv"),
        ({"sha256": ""}, r"writes for ties\.csv"),
    ],
)
def test_one_that_says_something_else_is_refused(beside, files, sentence):
    with pytest.raises(BadInput, match=sentence):
        sidecar(beside(**files))


def test_a_file_that_is_not_as_said_is_refused(beside):
    path = beside()
    with pytest.raises(BadInput, match=r"has 2 rows where ties\.csv\.ok says 3; fetch it again"):
        compare(path, Expected(rows=3), 2, HASH)
    with pytest.raises(BadInput, match=r"is not the file that ties\.csv\.sha256 was made of"):
        compare(path, Expected(sha256="0" * 64), 2, HASH)
