"""Pairs worked out by hand: what is found, in which band, and with which reasons."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import UNDATED
from graph.schema import TABLES
from ingest.resolve import known_truth
from ingest.resolve.block import CAP, blocking, counted, pairs
from ingest.resolve.candidates import EXACT, SUGGESTED, TO_SEE, find
from ingest.resolve.compare import account_comparer
from ingest.resolve.known_lake import land as land_known
from ingest.resolve.records import Records, account_records, accounts
from ingest.resolve.run import resolve
from ingest.world.names import credit_code
from ingest.world.regions import REGIONS

CODE, OTHER = "91350100M000100Y43", credit_code(REGIONS[0], "energy", 7)
HERE = {"region": "440106", "industry": "energy"}


FIELDS = ("name", "credit_code", "region", "industry")
TRADES = ("trade", "media", "energy") * 2
OTHERS = [
    ("crm", f"x{n}", f"{name}科技有限公司", {"region": f"{11 + n % 20}01{n % 9:02d}", "industry": trade})
    for n, (name, trade) in enumerate(
        (f"{a}{b}", trade)
        for a in "天地玄黄宇宙洪荒日月"
        for b, trade in zip("盈昃辰宿列张", TRADES, strict=True)
    )
]
"""Some other firms, so that a name, a region and an industry say something."""


def found(*given, part_of=()):
    """The candidates among some firms, given as (feed, key, name, fields), by their pair of keys."""
    every = [*OTHERS, *given]
    rows = [{"id": key, **dict.fromkeys(FIELDS), "name": name, **fields} for _, key, name, fields in every]
    records = account_records(pd.DataFrame(rows), pd.factorize(pd.Series([feed for feed, *_ in every]))[0])
    at = {key: row for row, key in enumerate(records.id)}
    parents = {"row": [at[child] for child, _ in part_of], "key": [at[above] for _, above in part_of]}
    schema = records.links["parents"].schema
    links = {**records.links, "parents": pa.table(parents, schema=schema)}
    table = find(Records(records.label, records.id, records.columns, links)).table
    return {frozenset((row["left"], row["right"])): row for row in table.to_pylist()}


def band(*given, part_of=()):
    """The band of the firms a and b; None where they are no candidates."""
    row = found(*given, part_of=part_of).get(frozenset("ab"))
    return row and row["band"]


def test_the_same_valid_code_in_two_sources_is_an_exact_key():
    one = ("crm", "a", "华信能源有限公司", {"credit_code": CODE})
    other = ("erp", "b", "廣州華信能源", {"credit_code": "9135-0100 m000100y43"})
    assert band(one, other) == EXACT


# Another part of the firm under its head's code; another firm; a number.
@pytest.mark.parametrize("name", ["华信能源有限公司佛山分公司", "完全不同的名字", "华信第二能源有限公司"])
def test_the_same_code_alone_merges_nothing_that_the_name_denies(name):
    shared = {"credit_code": CODE, **HERE}
    assert band(("crm", "a", "华信能源有限公司", shared), ("erp", "b", name, shared)) in (TO_SEE, None)


def test_a_source_that_has_one_code_twice_is_asked_and_not_merged():
    shared = {"credit_code": CODE, **HERE}
    assert band(("crm", "a", "华信能源有限公司", shared), ("crm", "b", "华信能源公司", shared)) in (
        SUGGESTED,
        TO_SEE,
    )


def test_what_one_source_calls_a_part_of_the_other_is_not_suggested():
    shared = {"credit_code": CODE, **HERE}
    both = ("crm", "a", "华信能源有限公司", shared), ("erp", "b", "华信能源有限公司", shared)
    assert band(*both) == EXACT
    assert band(*both, part_of=[("b", "a")]) == TO_SEE


ONE = [
    "廣州市華信能源（集團）有限公司",
    "华信能源",
    "GUANGZHOU HUAXIN NENGYUAN CO., LTD.",
    "华信(广州)能源有限责任公司",
]


@pytest.mark.parametrize("name", ONE)
def test_one_firm_in_other_words_is_suggested(name):
    assert band(("crm", "a", "广州华信能源有限公司", HERE), ("erp", "b", name, HERE)) == SUGGESTED


NOT_ONE = {
    "a branch": ("广州华信能源有限公司佛山分公司", HERE),
    "a sister": ("广州华信传媒有限公司", {"region": "440106", "industry": "media"}),
    "a namesake elsewhere": ("深圳华信能源有限公司", {"region": "440305", "industry": "energy"}),
    "another number": ("广州华信第二能源有限公司", HERE),
    "another valid code": ("广州华信能源有限公司", {"credit_code": OTHER, **HERE}),
}


@pytest.mark.parametrize("what", NOT_ONE)
def test_a_firm_that_looks_alike_is_not_suggested(what):
    one = ("crm", "a", "广州华信能源有限公司", {"credit_code": CODE, **HERE})
    assert band(one, ("erp", "b", *NOT_ONE[what])) in (TO_SEE, None)


def test_the_reasons_name_what_agrees_and_what_does_not():
    one = ("crm", "a", "广州华信能源有限公司", {"credit_code": CODE, **HERE})
    row = found(one, ("erp", "b", "廣州華信能源", {"region": "440106", "industry": "media"}))[frozenset("ab")]
    agree = {reason["field"]: reason for reason in json.loads(row["agree"])}
    assert set(agree) == {"name", "region", "place in the name"}
    assert agree["region"]["left"] == agree["region"]["right"] == "440106"
    assert [reason["field"] for reason in json.loads(row["disagree"])] == ["industry"]


def land(lake, feed, **tables):
    with lake.writing(feed) as writer:
        for table, rows in tables.items():
            kind = TABLES[table]
            dated = [{"known_from": UNDATED, **row} for row in rows]
            writer.land(kind, pa.Table.from_pylist(dated, schema=arrow_schema(kind)), feed)
        writer.append(TABLES["loads"], pa.table({"load_id": [feed], "feed": [feed]}))


def people(lake, feed, home, *given):
    land(
        lake, feed,
        contacts=[{"contact_id": key, "name": name, **fields} for key, name, fields in given],
        positions=[{"source": key, "target": home} for key, _, _ in given],
    )  # fmt: skip


@pytest.fixture
def staffed(tmp_path):
    lake = Lake(tmp_path / "lake")
    names = [f"{a}{b}" for a in "王张刘陈杨赵" for b in "伟芳娜敏丽强"]
    land(lake, "crm", accounts=[{"account_id": key, "name": f"{key}公司"} for key in ("x0", "x1")])
    people(lake, "crm", "x1", *((f"p{n}", name, {}) for n, name in enumerate(names)))
    return lake


def bands(lake):
    table = resolve(lake, ("Contact",), merge_exact=False).found[0].table.to_pylist()
    return {frozenset((row["left"], row["right"])): row["band"] for row in table}


def test_people_of_one_line_and_name_are_an_exact_key_and_others_suggestions(staffed):
    people(staffed, "crm", "x0", ("c1", "李建国", {"member_id": "m1"}), ("c2", "周海燕", {}))
    people(staffed, "erp", "x0", ("d1", "李建國", {"member_id": "m1"}), ("d2", "Haiyan ZHOU", {}))
    found = bands(staffed)
    assert (found[frozenset(("c1", "d1"))], found[frozenset(("c2", "d2"))]) == (EXACT, SUGGESTED)


def test_a_line_handed_on_and_a_namesake_with_another_line_are_not_suggested(staffed):
    lines = {name: {"member_id": name} for name in ("m1", "m2", "m3")}
    people(staffed, "crm", "x0", ("c1", "李建国", lines["m1"]), ("c2", "周海燕", lines["m2"]))
    people(staffed, "erp", "x0", ("d1", "孙立", lines["m1"]), ("d2", "周海燕", lines["m3"]))
    found = bands(staffed)
    assert {found.get(frozenset(pair)) for pair in (("c1", "d1"), ("c2", "d2"))} <= {TO_SEE, None}


def test_comparing_is_the_same_both_ways_round(tmp_path):
    lake = Lake(tmp_path / "lake")
    land_known(known_truth.make(80, 2), lake)
    records = accounts(lake.view())
    with blocking(records) as connection:
        compare = account_comparer(records, connection)
        for left, right in pairs(connection, len(records)):
            there, back = compare(left, right), compare(right, left)
            assert (there.levels == back.levels).all()
            assert there.bits == pytest.approx(back.bits)
            assert len(left) > 100


def test_a_block_too_large_is_left_out_and_counted():
    size = CAP + 1
    frame = pd.DataFrame({"id": [f"a{n:03d}" for n in range(size)], "name": "华信能源", "region": "440106"})
    frame = frame.assign(credit_code=None, industry=None)
    records = account_records(frame, pd.factorize(frame["id"])[0])
    with blocking(records) as connection:
        assert counted(connection).capped > 0
        assert [len(left) for left, _ in pairs(connection, size)] == [0]


def test_a_known_truth_is_found_again(tmp_path):
    """A small world of a seed that nothing was chosen on; `guanxi bench resolve` measures larger ones."""
    known = known_truth.make(300, 201)
    lake = Lake(tmp_path / "lake")
    land_known(known, lake)
    for one, truth in zip(
        resolve(lake, ("Account", "Contact"), merge_exact=False).found,
        (known.account_truth, known.contact_truth),
        strict=True,
    ):
        rows = [row for row in one.table.to_pylist() if row["band"] != TO_SEE]
        right = sum(truth[row["left"]] == truth[row["right"]] for row in rows)
        sizes = pd.Series(truth).value_counts()
        assert right / len(rows) >= 0.985
        assert right / (sizes * (sizes - 1) // 2).sum() >= 0.85
