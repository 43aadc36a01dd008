"""Files become rows of texts: what is cut how, what is set aside, what ends the load."""

import pytest

from graph.errors import BadInput, NotFound
from ingest.files.sources import BROKEN, RECORD_LIMIT, read_file, require
from ingest.joins import joined
from ingest.mapping import FileRule, JoinRule
from ingest.staging import staging


@pytest.fixture
def stage(tmp_path):
    with staging(tmp_path / "staging", "test") as stage:
        yield stage


@pytest.fixture
def read(tmp_path, stage):
    def read(content, name="f", **rule):
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / f"{name}.csv").write_bytes(raw)
        with stage.sink("broken", BROKEN) as broken:
            return read_file(
                name, FileRule(path=f"{name}.csv", **rule), tmp_path, stage, broken, lambda *step: None
            )

    return read


def cells(source):
    return [tuple(row.values()) for block in source.blocks() for row in block.table.to_pylist()]


def lines(source):
    return [line for block in source.blocks() for line in block.lines.tolist()]


def test_names_of_columns_are_stripped_and_cells_are_not(read):
    source = read(" id ,name\n1, Ann \n")
    assert list(source.columns) == ["id", "name"]
    assert cells(source) == [("1", " Ann ")]


def test_line_numbers_are_those_of_the_file_though_cells_run_over_lines(read):
    source = read('id,note\n1,"two\nlines"\n\n2,"a ""quoted"" word"\r\n3,x\n')
    assert cells(source) == [("1", "two\nlines"), ("2", 'a "quoted" word'), ("3", "x")]
    assert lines(source) == [2, 5, 6]


def test_a_quote_is_ordinary_text_where_the_feed_says_none(read):
    source = read('1\t"open\n2\t""\n', delimiter="\t", quote="none", columns=["id", "note"])
    assert cells(source) == [("1", '"open'), ("2", '""')]
    assert lines(source) == [1, 2]


def test_line_ends_marks_and_odd_separators_do_no_harm(read):
    assert cells(read(b"\xef\xbb\xbfid,n\r\n1,a\r\n2,b")) == [("1", "a"), ("2", "b")]
    assert cells(read("id,n\n1,a\u2028b\x85c\n")) == [("1", "a\u2028b\x85c")]


def test_chinese_is_decoded_before_it_is_cut(read):
    """The second byte of 億 in GBK is 0x7C, a bar."""
    source = read("编号|名称\n1|億達集团\n".encode("gbk"), delimiter="|", encoding="gb2312")
    assert list(source.columns) == ["编号", "名称"]
    assert cells(source) == [("1", "億達集团")]
    assert cells(read("1|㐂𠮷€\n".encode("gb18030"), delimiter="|", encoding="gbk", columns=["a", "b"])) == [
        ("1", "㐂𠮷€")
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,b,c", "3 cells where 2 columns are named in line 1"),
        ("2", "1 cells where 2 columns are named in line 1"),
        ('2,"b', "a quote opened in this line is never closed"),
        ('2,"b"c', "its quotes do not fit together (',' expected after '\"')"),
        ("2,b\0", "holds a NUL character"),
        ("2," + "x" * 1_100_000, "the record that begins here is longer than 1048576 characters"),
    ],
)
def test_a_record_that_cannot_be_cut_costs_its_own_line_only(read, stage, line, reason):
    source = read(f"id,n\n1,a\n{line}\n3,c\n4,d\n")
    assert cells(source) == [("1", "a"), ("3", "c"), ("4", "d")]
    assert lines(source) == [2, 4, 5]
    assert source.broken == 1
    told = stage.connection.sql('SELECT "#line", reason, text FROM broken').fetchall()
    assert told == [(3, reason, line[: RECORD_LIMIT + 2])]


def test_quotes_after_many_plain_lines_keep_their_line_numbers(read, stage, monkeypatch):
    monkeypatch.setattr("ingest.files.sources.CHUNK", 3)
    given = [f"{n},x" for n in range(1, 8)] + ['8,"a', 'b"', "9,x", '10,"never closed', "11,x", "12,x"]
    source = read("id,n\n" + "\n".join(given) + "\n")
    assert [row[0] for row in cells(source)] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12"]
    assert lines(source) == [2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14]
    assert stage.connection.sql('SELECT "#line" FROM broken').fetchall() == [(12,)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty; its first line should name the columns"),
        ("\n1,2\n", "line 1 is blank; it should name the columns"),
        ("id,n,id\n1,2,3\n", "line 1: two columns are named 'id'; rename one of them"),
        ('id,"n\n1,2\n', "line 1: the names of the columns cannot be read: a quote opened in this line is"),
    ],
)
def test_a_header_that_names_no_columns_is_refused(read, content, sentence):
    with pytest.raises(BadInput, match=sentence):
        read(content)


def test_the_wrong_encoding_is_named_with_its_line_and_the_right_one(read):
    with pytest.raises(
        BadInput, match=r'line 3 \(byte 9\): not valid utf-8; encoding = "gb18030" would read it'
    ):
        read("id\n1,\n2,客户\n".replace("id", "i,d").encode("gb18030"))
    with pytest.raises(BadInput, match='encoding = "utf-16" would read it'):
        read("id\n1\n".encode("utf-16"))
    with pytest.raises(BadInput, match=r'begins with the mark of UTF-8.*encoding = "utf-8" would read it'):
        read(b"\xef\xbb\xbfid\n1\n", encoding="gb18030")


def test_a_file_that_is_absent_or_leads_elsewhere_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "other.csv").write_text("id\n")
    (tmp_path / "secret.csv").write_text("id\n")
    (tmp_path / "data" / "link.csv").symlink_to(tmp_path / "secret.csv")

    def read(path):
        with staging(tmp_path / "staging", "test") as stage, stage.sink("broken", BROKEN) as broken:
            read_file("f", FileRule(path=path), tmp_path / "data", stage, broken, lambda *step: None)

    with pytest.raises(NotFound, match=r"no file f\.csv in .*data; the folder holds link\.csv, other\.csv"):
        read("f.csv")
    with pytest.raises(BadInput, match="leads out of the data folder"):
        read("link.csv")


def test_a_missing_column_is_named_with_the_nearest_and_all_that_there_are(read):
    with pytest.raises(
        BadInput, match=r"f\.csv, line 1: no column 'CustomerID'; did you mean 'Customerid'\? it has"
    ):
        require(read("Customerid ,Age\n1,2\n"), ["CustomerID"])


def test_a_join_takes_the_one_partner_and_gives_a_reason_where_there_is_none(read, stage):
    left = read("mail,to,n\n1,x,1\n2,y,2\n3,z,3\n 4 ,w,4\n", "left")
    right = read("mail,sender,n\n1,a,9\n1,a,9\n2,b,9\n2,c,9\n4,d,9\n", "right")
    both = joined("both", JoinRule(left="left", right="right", on="mail"), left, right, stage)
    assert list(both.columns) == ["mail", "to", "n", "sender", "right.n"]
    found = {int(row): cell for b in both.blocks() for row, cell in zip(b.rows, cells(both), strict=True)}
    assert found[0] == ("1", "x", "1", "a", "9")
    assert found[3] == (" 4 ", "w", "4", "d", "9")
    unusable = {int(b.rows[place]): why for b in both.blocks() for place, why in b.unusable.items()}
    assert unusable == {
        1: ("mail", "'2' stands more than once as mail in right.csv, with different values"),
        2: ("mail", "'3' does not stand as mail in right.csv"),
    }
