"""The grammar: what a feed may say, and the one sentence that answers what it may not."""

import pytest

from graph.errors import BadInput, NotFound
from ingest.mapping import feeds, find_feed, parse_feed, read_feed
from ingest.plan import check_feed, landable

FEED = """
name = "x"
title = "x"
[files.f]
path = "f.csv"
[[map]]
to = "members"
from = "f"
[map.fields]
member_id = "id"
"""


def refused(text):
    with pytest.raises(BadInput) as error:
        check_feed(parse_feed(text, "x.toml"), "x.toml")
    return str(error.value)


@pytest.mark.parametrize("name", feeds())
def test_every_shipped_feed_keeps_to_the_grammar_and_has_its_files_name(name):
    feed = read_feed(find_feed(name))
    check_feed(feed, name)
    assert feed.name == name
    assert feed.title
    assert feed.about
    assert feed.source
    assert feed.licence


def test_the_shipped_feeds_are_these():
    assert list(feeds()) == ["email-eu-core", "enron", "maven-telco", "world"]


def test_the_world_feed_maps_every_table_but_what_people_say_and_decide():
    feed = read_feed(find_feed("world"))
    assert {rule.to for rule in feed.map} == set(landable()) - {"feedback", "identities"}
    assert {rule.columns for rule in feed.map} == {"same"}


def test_an_unknown_feed_is_answered_with_the_known_ones():
    known = (
        "no feed named 'enrn'; known: email-eu-core, enron, maven-telco, world; or give the path of a .toml"
    )
    with pytest.raises(NotFound) as error:
        find_feed("enrn")
    assert str(error.value) == f"{known} file"
    with pytest.raises(NotFound, match=r"no feed file nowhere\.toml; known feeds: email-eu-core, enron"):
        find_feed("nowhere.toml")


def test_broken_toml_is_named_with_its_line():
    assert (
        refused('name = "x"\ntitle = \n') == "x.toml is not valid TOML: Invalid value (at line 2, column 9)"
    )


def test_a_feed_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes("title = '客户'".encode("gbk"))
    with pytest.raises(BadInput, match="a feed file is UTF-8 text; save it as UTF-8"):
        read_feed(path)


MEMBER = "x.toml, [[map]] 1 (to members)"
CONTRADICTIONS = [
    ('name = "x"', 'name = "../x"', "x.toml, name: '../x' cannot be a feed's name; use up to 64 of a-z"),
    (
        'name = "x"',
        'name = "X"',
        "x.toml, name: 'X' cannot be a feed's name; use up to 64 of a-z, 0-9, - and _",
    ),
    ('name = "x"', 'name = ""', "x.toml, name: '' cannot be a feed's name"),
    ('name = "x"', 'name = "x\\n"', "x.toml, name: 'x\\n' cannot be a feed's name"),
    ('name = "x"', f'name = "{"x" * 65}"', "cannot be a feed's name"),
    ("title =", "titel =", "x.toml: unknown key 'titel'; did you mean 'title'? known: name, title,"),
    ("path =", "pth =", "x.toml, files.f: unknown key 'pth'; did you mean 'path'? known: path,"),
    ('"id"', '{ colum = "id" }', f"{MEMBER}, fields.member_id: unknown key 'colum'; did you mean 'column'?"),
    ("from =", "form =", f"{MEMBER}: unknown key 'form'; did you mean 'from'?"),
    ('to = "members"', "", "x.toml, [[map]] 1 (to ?): the key 'to' is missing"),
    ('from = "f"', 'from = "g"', "x.toml: no file or join named 'g'; known: f"),
    ('"f.csv"', '"f.csv"\ndelimiter = ""', "x.toml, files.f: delimiter '' must be text without line ends"),
    ('"f.csv"', '"f.csv"\nencoding = "utf8mb4"', "x.toml, files.f: encoding 'utf8mb4' is unknown;"),
    ('"f.csv"', '"../f.csv"', "x.toml, files.f: path '../f.csv' must lie inside the data folder"),
    ('"f.csv"', '"f.csv"\ncolumns = ["a", "a"]', "x.toml, files.f: column 'a' is declared twice"),
    ('"f.csv"', '"f.csv"\nquote = ","', "x.toml, files.f: quote ',' must be one character"),
    ("members", "membrs", "x.toml, [[map]] 1 (to membrs): no table 'membrs'; did you mean 'members'?"),
    ("members", "runs", "x.toml, [[map]] 1 (to runs): no table 'runs'; known: accounts, members,"),
    ("member_id =", "membr_id =", "fields.membr_id: no such field; did you mean 'member_id'? known:"),
    ("member_id =", "joined =", f"{MEMBER}: the fields member_id are required and not mapped"),
    ('"id"', '{ column = "id", constant = "1" }', "fields.member_id: give either a column or a constant"),
    ('"id"', '{ prefix = "x" }', "fields.member_id: give either a column or a constant"),
    ('"id"', '{ column = "id", default = "1" }', "default is for texts that values does not list"),
    ('"id"', '{ aggregate = "last", column = "id" }', "a part of the key cannot be an aggregate"),
    ('"id"', '{ aggregate = "count", column = "id" }', "count counts rows and takes no column or"),
    ("[map.f", 'where = [{ column = "id" }]\n[map.f', "a condition needs one of is, is_not, differs_from"),
]
FIELDS = [
    ('joined = { column = "d", dates = "%d.%m" }', "the form '%d.%m' of a date has no year (%Y or %y)"),
    ('joined = { column = "d", dates = "%Q" }', "the form '%Q' of a date has %Q; known: %Y %y"),
    ('joined = { column = "d", dates = "%Y %Y" }', "the form '%Y %Y' of a date has a part twice"),
    ('joined = { column = "d", dates = ["unix", "%Y"] }', 'dates = "unix" stands alone'),
    ('joined = { column = "d", prefix = "x" }', "prefix, slug and case are for texts, the field is date"),
    ('credit_level = { column = "d", month = true }', "month and months_before are for dates, the field"),
    ('joined = { constant = "2024-02-30" }', "'2024-02-30' is not a date written %Y-%m-%d"),
    ('left_kind = { constant = "bored" }', "'bored' is not one of internal_transfer, passive_arrears"),
    ('left_kind = { column = "k", values = { a = "bored" } }', "'bored' is not one of internal_transfer"),
    ('joined = { column = "d", otherwise = { constant = "x" } }', "'x' is not a date written %Y-%m-%d"),
    ('referrals_made = { aggregate = "first", column = "d" }', "first gives a date, the field is int"),
    ('credit_level = { aggregate = "sum", column = "d" }', "only numbers can be summed, the field is text"),
    ('credit_level = { aggregate = "count" }', "count gives a whole number, the field is text"),
]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [*CONTRADICTIONS, *(('"id"', f'"id"\n{field}', sentence) for field, sentence in FIELDS)],
)
def test_a_contradiction_is_answered_with_one_sentence_that_names_the_place(old, new, sentence):
    assert old in FEED
    message = refused(FEED.replace(old, new, 1))
    assert sentence in message
    assert message.startswith("x.toml")
    assert "\n" not in message


SILENCE = '\n[map.silence]\nevents = "f"\nperson = "id"\nat = "day"\ndays = 60\n'


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"f"\nperson', '"g"\nperson', "x.toml: no file named 'g'; known: f"),
        ("days = 60", "days = 0", "silence.days: Input should be greater than 0"),
        (
            "days = 60",
            'days = 60\nfield = "gone"',
            "silence: 'gone' is no date of members; dates: joined, left",
        ),
        ('"id"\n', '"id"\nleft = "day"\n', "fields.left: silence decides this field; leave it out"),
        (
            '"id"\n',
            '"id"\nknown_from = "day"\n',
            "fields.known_from: silence decides this field; leave it out",
        ),
        (
            'at = "day"',
            'at = { constant = "2024-01-01" }',
            "silence.at: the time of an event must come from one column",
        ),
        (
            'member_id = "id"',
            'member_id = { constant = "1" }',
            "the field member_id must come from one column",
        ),
    ],
)
def test_silence_that_contradicts_its_mapping_is_refused(old, new, sentence):
    text = FEED + SILENCE
    assert old in text
    assert sentence in refused(text.replace(old, new, 1))


def test_silence_is_for_tables_that_keep_versions():
    feed = FEED.replace("members", "ties").replace(
        'member_id = "id"', 'source = "a"\ntarget = "b"\nmonth = "m"'
    )
    assert "silence: ties keeps no versions; members do" in refused(feed + SILENCE)


def test_a_join_names_files():
    text = FEED + '\n[joins.j]\nleft = "f"\nright = "g"\non = "id"\n'
    assert refused(text) == "x.toml: no file named 'g'; known: f"
    assert refused(text.replace("joins.j", "joins.f")) == "x.toml: joins.f has the name of a file"
