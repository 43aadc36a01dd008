"""Field by field: how two records compare, for many pairs at once; distances by rapidfuzz, in C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import OSA, LCSseq

from ingest.resolve import score
from ingest.resolve.records import Column, Records
from ingest.resolve.score import Compared, Field, Floats, Ints

Bools = npt.NDArray[np.bool_]
Compare = Callable[[Ints, Ints], Compared]

SHARED_PEOPLE = """
SELECT p.n, count(*) AS shared FROM pairs p
JOIN people l ON l.row = p.left JOIN people r ON r.row = p.right AND r.key = l.key GROUP BY p.n"""
PARENTS = """
SELECT p.n FROM pairs p SEMI JOIN parents q ON q.row = p.left AND q.key = p.right
UNION SELECT p.n FROM pairs p SEMI JOIN parents q ON q.row = p.right AND q.key = p.left"""
SHARED_PLACES = """
SELECT p.n, min(h.n) AS people, max(coalesce(s.things, 1)) AS things FROM pairs p
JOIN places l ON l.row = p.left JOIN places r ON r.row = p.right AND r.key = l.key
JOIN headcount h ON h.key = l.key
LEFT JOIN namesakes s ON s.key = l.key AND s.name = p.name GROUP BY p.n"""


def account_comparer(records: Records, connection: duckdb.DuckDBPyConnection) -> Compare:
    """Compares pairs of accounts by their row numbers. `connection` is that of `block.blocking`."""
    region = _shares(records["region"], 6), _shares(records["region"], 4), _shares(records["region"], 2)
    fields = (
        score.ORGANISATION_NAME, score.CREDIT, score.region_field(*region),
        score.same_field("industry", 0.88, _chance(records["industry_key"])),
        score.PLACE, score.BRANCH, score.NUMBER, score.GROUP, score.PARENT, score.PEOPLE, score.SOURCE,
    )  # fmt: skip
    things = {
        (name, placed): _things(_within(records, name, placed), records["feed"])
        for name in ("core", "sound")
        for placed in (False, True)
    }

    def compare(left: Ints, right: Ints) -> Compared:
        name, name_bits = _organisation_names(records, left, right, things)
        levels = np.array([
            name, _credit(records, left, right), _regions(records, left, right),
            _same(records["industry_key"], left, right), _places(records, left, right),
            _branches(records, left, right), _numbers(records, left, right),
            _groups(records, left, right, name), *_beside(connection, left, right),
            _same(records["feed"], left, right, otherwise=(1, 2)),
        ])  # fmt: skip
        found = _weighed(fields, left, right, levels, name_bits)
        apart = found.guarded | (levels[10] == 1)
        return Compared(fields, left, right, levels, found.bits, (levels[1] == 5) & ~apart)

    return compare


def contact_comparer(records: Records, connection: duckdb.DuckDBPyConnection) -> Compare:
    """Compares pairs of contacts by their row numbers. `connection` is that of `block.blocking`."""
    fields = (
        score.PERSON_NAME, score.ACCOUNT, score.LINE,
        score.same_field("title", score.TITLE_M, _chance(records["title_key"])), score.SOURCE,
    )  # fmt: skip
    things = _things(records["unordered_key"], records["feed"])
    share = (things - 1) / max(1, int(np.bincount(records["feed"]).max(initial=0)))
    _count_places(records, connection)

    def compare(left: Ints, right: Ints) -> Compared:
        account, people, namesakes = _accounts(records, connection, left, right)
        name, name_bits = _person_names(records, left, right)
        rarity = np.maximum(share[left], share[right])
        at_one = people * rarity + np.maximum(namesakes - 1, 0)
        anywhere = np.maximum(things[left], things[right]) - 1 + 0.3
        others = _other_people(
            name, np.where(account == 2, at_one, anywhere), people, account == 2, records, left
        )
        levels = np.array([
            name, account, _same(records["line_key"], left, right), _same(records["title_key"], left, right),
            _same(records["feed"], left, right, otherwise=(1, 2)),
        ])  # fmt: skip
        found = _weighed(fields, left, right, levels, name_bits - np.log2(others))
        one_line = (levels[2] == 2) & (name >= 6) & (levels[4] == 2)
        return Compared(fields, left, right, levels, found.bits, one_line)

    return compare


def _weighed(fields: tuple[Field, ...], left: Ints, right: Ints, levels: Ints, name_bits: Floats) -> Compared:
    bits = np.array([field.bits(level) for field, level in zip(fields, levels, strict=True)])
    bits[0] = name_bits
    return Compared(fields, left, right, levels, bits, np.zeros(len(left), bool))


def _organisation_names(
    records: Records, left: Ints, right: Ints, things: dict[tuple[str, bool], Ints]
) -> tuple[Ints, Floats]:
    """Levels of `score.ORGANISATION_NAME` and their bits, prior odds included."""
    near, shorter, length, within = _distances(records, "sound", left, right)
    across = records["latin"][left] != records["latin"][right]
    one_letter = np.zeros(len(left), bool)
    written = ~across & ~near & (shorter > 1)
    one_letter[written] = _osa(records["core"], left[written], right[written]) <= 1
    short = (within == shorter) & (shorter >= 2) & (shorter < length)
    alike = within >= 0.7 * length
    same_sound = _same(records["sound_key"], left, right) == 2
    named = (records["core_key"][left] >= 0) & (records["core_key"][right] >= 0)
    slip = near & ((shorter < length) | (_same(records["letters_key"], left, right) == 2))
    level = np.select(
        [~named, _same(records["core_key"], left, right) == 2, same_sound & across, same_sound, slip,
         near | one_letter, short, alike],
        [0, 8, 7, 6, 5, 4, 3, 2], 1,
    )  # fmt: skip
    m, others = score.NAME_M, score.NAME_OTHERS
    placed = (records["city"][left] == records["city"][right]) & (records["city"][left] != "")
    core, sound = (
        np.where(
            placed, *(np.maximum(of[left], of[right]) for of in (things[name, True], things[name, False]))
        )
        - 1
        for name in ("core", "sound")
    )
    expected = np.choose(level, [
        np.full(len(left), float(len(records))), np.full(len(left), others["other"]),
        np.full(len(left), others["alike"]), np.array(score.SHORT_OTHERS)[np.minimum(shorter, 5)],
        np.array(score.NEAR_OTHERS)[np.minimum(shorter, 4)],
        np.array(score.SLIP_OTHERS)[np.minimum(shorter, 5)],
        sound + others["sounds"], sound + others["pinyin"], core + others["same"],
    ])  # fmt: skip
    likely = [m[how] for how in ("other", "alike", "short", "near", "slip", "sounds", "pinyin", "same")]
    return level, np.log2(np.array([1.0, *likely])[level]) - np.log2(expected)


def _person_names(records: Records, left: Ints, right: Ints) -> tuple[Ints, Floats]:
    """Levels of `score.PERSON_NAME` and log2 of their m."""
    near, shorter, _, _ = _distances(records, "sorted", left, right)
    across = records["latin"][left] != records["latin"][right]
    chinese = ~across & ~records["latin"][left]
    one_letter = np.zeros(len(left), bool)
    written = chinese & ~near & (shorter > 1)
    one_letter[written] = _osa(records["plain"], left[written], right[written]) <= 1
    same_sound = _same(records["unordered_key"], left, right) == 2
    alone = records["surname"][left] | records["surname"][right]
    surname = alone & (_same(records["surname_key"], left, right) == 2)
    named = (records["plain_key"][left] >= 0) & (records["plain_key"][right] >= 0)
    level = np.select(
        [~named, surname, alone, _same(records["plain_key"], left, right) == 2,
         _same(records["letters_key"], left, right) == 2, same_sound & ~chinese, same_sound,
         (near | one_letter) & (shorter > 1)],
        [0, 2, 1, 7, 6, 5, 4, 3], 1,
    )  # fmt: skip
    m = score.PERSON_M
    likely = [1.0, m["other"], m["surname"], m["near"], m["sounds"], m["pinyin"], m["pinyin"], m["same"]]
    return level, np.log2(np.array(likely)[level])


def _other_people(
    level: Ints, namesakes: Floats, people: Ints, at_one: Bools, records: Records, left: Ints
) -> Floats:
    """How many other people one expects to be named so: at the account in common, or anywhere."""
    everybody = np.where(at_one, people, len(records)).astype(float)
    neighbours = np.array([0.1, 0.1, 0.03, 0.006])[np.minimum(records["length"][left], 3)]
    return np.choose(level, [
        everybody, everybody * 10, everybody * 0.08 + 0.3, everybody * neighbours + 0.1,
        namesakes + 4 * score.NAMESAKES, *[namesakes + score.NAMESAKES] * 3,
    ])  # fmt: skip


def _accounts(
    records: Records, connection: duckdb.DuckDBPyConnection, left: Ints, right: Ints
) -> tuple[Ints, Ints, Ints]:
    """Levels of `score.ACCOUNT`; of the account in common its people, and those of the left one's name."""
    pairs = _pairs_table(left, right).append_column("name", pa.array(records["unordered_key"][left]))
    found = _ask(connection, SHARED_PLACES, pairs)
    people, things = np.ones(len(left), np.int64), np.ones(len(left), np.int64)
    people[found["n"]], things[found["n"]] = found["people"], found["things"]
    somewhere = np.zeros(len(records), bool)
    somewhere[records.links["places"]["row"].to_numpy()] = True
    level = (somewhere[left] & somewhere[right]).astype(np.int64)
    level[found["n"]] = 2
    return level, people, things


def _count_places(records: Records, connection: duckdb.DuckDBPyConnection) -> None:
    """Make `headcount` (key, n) and `namesakes` (key, name, things): people at an account in one source."""
    rows = pa.table({
        "row": pa.array(np.arange(len(records))), "name": pa.array(records["unordered_key"]),
        "feed": pa.array(records["feed"]),
    })  # fmt: skip
    connection.register("people_given", rows)
    at_one = "SELECT key, feed, name, count(*) AS n FROM places JOIN people_given USING (row) GROUP BY ALL"
    connection.execute(f"""CREATE OR REPLACE TABLE headcount AS SELECT key, max(n)::BIGINT AS n FROM
        (SELECT key, feed, sum(n) AS n FROM ({at_one}) GROUP BY ALL) GROUP BY key""")
    connection.execute(f"""CREATE OR REPLACE TABLE namesakes AS
        SELECT key, name, max(n) AS things FROM ({at_one}) GROUP BY ALL HAVING max(n) > 1""")


def _distances(records: Records, name: str, left: Ints, right: Ints) -> tuple[Bools, Ints, Ints, Ints]:
    """Whether two are one syllable apart at most, the shorter and longer length, and syllables in common."""
    sound, length = records[name], records["length"]
    shorter, longer = np.minimum(length[left], length[right]), np.maximum(length[left], length[right])
    one, other = sound[left], sound[right]
    common = process.cpdist(one, other, scorer=LCSseq.similarity, dtype=np.int32, workers=-1).astype(np.int64)
    near = (shorter > 1) & (longer - common <= 1)
    near[near] = _osa(sound, left[near], right[near]) <= 1
    return near, shorter, longer, common


def _osa(texts: Column, left: Ints, right: Ints) -> Ints:
    """Edits, a swap of neighbours counting as one."""
    if not len(left):
        return np.zeros(0, np.int64)
    found = process.cpdist(texts[left], texts[right], scorer=OSA.distance, dtype=np.int32, workers=-1)
    return np.asarray(found, np.int64)


def _credit(records: Records, left: Ints, right: Ints) -> Ints:
    """Levels of `score.CREDIT`."""
    one, other = records["credit"][left], records["credit"][right]
    both = (one != "") & (other != "")
    valid = records["valid"][left] & records["valid"][right]
    level = np.select([~both, (one == other) & valid, one == other, valid], [0, 5, 4, 1], 2)
    check = np.flatnonzero(level == 2)
    level[check[_osa(records["credit"], left[check], right[check]) <= 1]] = 3
    return level


def _regions(records: Records, left: Ints, right: Ints) -> Ints:
    """Levels of a region field; a code of a city or province is compared as far as it goes."""
    same = {n: _same(records[f"region{n}_key"], left, right) for n in (6, 4, 2)}
    return np.select([same[6] == 0, same[6] == 2, same[4] == 2, same[2] == 2], [0, 4, 3, 2], 1)


def _places(records: Records, left: Ints, right: Ints) -> Ints:
    """Levels of `score.PLACE`; a city and its province are not compared with each other.

    A place says less where the region is known to be the same as well.
    """
    level = np.zeros(len(left), np.int64)
    for rank in ("province", "city"):
        one, other = records[rank][left], records[rank][right]
        both = (one != "") & (other != "")
        level = np.where(both, np.where(one == other, np.where(level == 1, 1, 3), 1), level)
    region = _regions(records, left, right)
    return np.where((level == 3) & (region > 2), 2, level)


def _branches(records: Records, left: Ints, right: Ints) -> Ints:
    """Levels of `score.BRANCH`."""
    one, other = records["branch_key"][left], records["branch_key"][right]
    either, both = (one >= 0) | (other >= 0), (one >= 0) & (other >= 0)
    at = _same(records["office_key"], left, right) == 2
    return np.select([~either, one == other, both & at, both], [0, 4, 3, 1], 2)


def _numbers(records: Records, left: Ints, right: Ints) -> Ints:
    """Levels of `score.NUMBER`; in pinyin a number is a syllable like others, so scripts are not compared."""
    one, other = records["numbers"][left], records["numbers"][right]
    across = records["latin"][left] != records["latin"][right]
    return np.select([((one == "") & (other == "")) | across, one == other], [0, 2], 1)


def _groups(records: Records, left: Ints, right: Ints, name: Ints) -> Ints:
    """Levels of `score.GROUP`; a shortened name and one in pinyin leave the word out."""
    group, latin = records["group"], records["latin"]
    told = (group[left] | group[right]) & (name != 3) & ~(latin[left] | latin[right])
    return np.select([~told, group[left] & group[right]], [0, 2], 1)


def _beside(connection: duckdb.DuckDBPyConnection, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Levels of `score.PARENT` and `score.PEOPLE`."""
    pairs = _pairs_table(left, right)
    parent, people = np.zeros(len(left), np.int64), np.zeros(len(left), np.int64)
    parent[_ask(connection, PARENTS, pairs)["n"]] = 1
    staff = connection.execute("SELECT row, count(*) AS n FROM people GROUP BY row").fetchnumpy()
    if len(staff["row"]):
        size = pd.Series(staff["n"], index=staff["row"])
        many = (size.reindex(left).fillna(0).to_numpy() >= 3) & (
            size.reindex(right).fillna(0).to_numpy() >= 3
        )
        people[many] = 1
        found = _ask(connection, SHARED_PEOPLE, pairs)
        people[found["n"]] = np.where(found["shared"] > 1, 3, 2)
    return parent, people


def _pairs_table(left: Ints, right: Ints) -> pa.Table:
    return pa.table({"n": np.arange(len(left)), "left": left, "right": right})


def _ask(connection: duckdb.DuckDBPyConnection, text: str, pairs: pa.Table) -> dict[str, Any]:
    connection.register("pairs", pairs)
    found: dict[str, Any] = connection.execute(text).fetchnumpy()
    return found


def _same(keys: Column, left: Ints, right: Ints, otherwise: Sequence[int] = (2, 1)) -> Ints:
    """2 where the keys are the same, 1 where not (or as given), 0 where one is missing."""
    one, other = keys[left], keys[right]
    return np.where((one < 0) | (other < 0), 0, np.where(one == other, otherwise[0], otherwise[1])).astype(
        np.int64
    )


def _things(keys: Column, feeds: Column) -> Ints:
    """Of each record: how many things bear its name at least, being that many in one source."""
    table = pd.DataFrame({"key": keys, "feed": feeds})
    most = table.groupby(["key", "feed"]).size().groupby("key").max()
    return np.where(keys >= 0, most.reindex(keys).fillna(1).to_numpy(), 1).astype(np.int64)


def _within(records: Records, name: str, placed: bool) -> Column:
    """Keys of names that are the same for the same part of a firm, and in the same city where `placed`."""
    columns = [records[f"{name}_key"].astype(str), records["branch"], *([records["city"]] if placed else [])]
    return pd.factorize(pd.MultiIndex.from_arrays(columns))[0].astype(np.int64)


def _chance(keys: Column) -> float:
    """The chance that two records, both known, have the same."""
    known = keys[keys >= 0]
    share = np.bincount(known) / max(1, len(known)) if len(known) else np.zeros(1)
    return float((share**2).sum())


def _shares(texts: Column, length: int) -> float:
    codes = pd.factorize(np.array([text[:length] for text in texts if text], dtype=object))[0]
    return _chance(codes)
