"""The page that explains feeds: complete, and every example works."""

import re
from pathlib import Path

import pytest

from ingest.mapping import Condition, Feed, FieldRule, FileRule, JoinRule, MapRule, SilenceRule, parse_feed
from ingest.plan import check_feed

PAGE = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SECTIONS = {
    "Reference: the feed": Feed,
    "Reference: `[files.NAME]`": FileRule,
    "Reference: `[joins.NAME]`": JoinRule,
    "Reference: `[[map]]`": MapRule,
    "A condition of `where`": Condition,
    "Reference: a field": FieldRule,
    "Reference: `[map.silence]`": SilenceRule,
}
HEAD = 'name = "x"\ntitle = "x"\n'
ROWS = '[files.rows]\npath = "rows.csv"\n[[map]]\n'
AROUND = {
    "feed": "{}",
    "files": HEAD + '[[map]]\nto = "members"\nfrom = "{first}"\ncolumns = "same"\n{}',
    "map": HEAD + ROWS + "{}",
    "fields": HEAD + ROWS + 'to = "members"\nfrom = "rows"\n[map.fields]\n{}',
}


@pytest.mark.parametrize("title", SECTIONS)
def test_every_key_is_explained_in_a_row_of_its_table(title):
    after = PAGE.split(title, 1)[1]
    table = after[after.index("\n|") :].split("\n\n", 1)[0]
    explained = re.findall(r"^\| `(\w+)`( \*)? \| (?=\S)", table, re.MULTILINE)
    assert sorted(name for name, _ in explained) == sorted(SECTIONS[title].keys())
    required = {
        field.alias or name for name, field in SECTIONS[title].model_fields.items() if field.is_required()
    }
    assert {name for name, mark in explained if mark} == required


@pytest.mark.parametrize("number", [n for n, block in enumerate(BLOCKS) if block[0] == "toml"])
def test_every_example_is_a_feed_or_a_part_of_one(number):
    _, what, text = BLOCKS[number]
    first = re.search(r"\[files\.(\w+)\]", text)
    around = AROUND[what.split()[0]].replace("{first}", first[1] if first else "")
    feed = parse_feed(around.replace("{}", text), "docs/feeds.md")
    check_feed(feed, "docs/feeds.md")
    assert feed.map


def test_the_worked_example_gives_what_the_page_says(bench):
    files = {name.removesuffix(".csv"): text for kind, name, text in BLOCKS if kind == "csv"}
    feed = next(text for kind, what, text in BLOCKS if (kind, what) == ("toml", "feed"))
    bench.write(**files)
    report = bench.load(feed)
    assert (report.landed, report.set_aside) == (12, 0)
    assert [len(bench.rows(table)) for table in ("accounts", "members", "memberships")] == [2, 3, 3]
    assert bench.rows("ties", "source", "target", "calls", "seconds", "days_active") == [
        ("calls-ann", "calls-bob", 2, 70, 1),
        ("calls-bob", "calls-cy", 1, 330, 1),
    ]
    again = bench.load(feed)
    assert (again.landed, again.unchanged) == (0, 12)


def test_the_page_names_the_shipped_feeds():
    from ingest.mapping import feeds

    assert all(f"`{name}`" in PAGE for name in feeds())
