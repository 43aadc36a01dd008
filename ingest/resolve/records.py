"""What is compared, as columns: every account or contact of a view with its name taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from graph.asof import View
from graph.progress import Progress
from ingest.resolve.credit import is_valid, tidy
from ingest.resolve.normalise import Sounds
from ingest.resolve.organisations import Organisation, organisation
from ingest.resolve.people import person
from ingest.resolve.places import PROVINCES

Column = npt.NDArray[Any]
TOLD_EVERY = 20_000

ACCOUNTS = (
    """SELECT account_id AS id, name, credit_code, region, industry FROM accounts ORDER BY account_id"""
)
CONTACTS = """
SELECT c.contact_id AS id, c.name, c.title, coalesce(m.phone_token, c.member_id) AS line
FROM contacts c LEFT JOIN members m USING (member_id) ORDER BY c.contact_id"""
PARENTS = "SELECT DISTINCT source, target FROM account_parents"
POSITIONS = "SELECT DISTINCT source AS contact, target AS account FROM positions"


@dataclass(frozen=True, eq=False)
class Records:
    """One value a record in each column, in the order of `id`.

    `columns` has text as objects ("" where missing), `*_key` whole numbers that are equal where the texts
    are, and flags. `links` has what stands beside them: `people` (row, key) and `parents` (row, other) of
    accounts, `places` (row, key) of contacts, as int64.
    """

    label: str
    id: Column
    columns: Mapping[str, Column]
    links: Mapping[str, pa.Table]

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]


def accounts(view: View, progress: Progress | None = None) -> Records:
    """The accounts of a view, with their people's names and what is part of what beside them."""
    frame = view.sql(ACCOUNTS)
    parents = view.sql(PARENTS)
    staff = view.sql(
        f"SELECT p.account, c.name, c.title FROM ({POSITIONS}) p JOIN contacts c ON c.contact_id = p.contact"
    )
    found = account_records(frame, _feeds(view, "accounts", frame["id"]), progress)
    at = pd.Index(found.id)
    read = (person(*one)[0] for one in zip(_text(staff["name"]), _text(staff["title"]), strict=True))
    people = _keys([one.unordered for one in read])
    links = {
        "people": _distinct(at.get_indexer(pd.Index(staff["account"])), people),
        "parents": _distinct(*(at.get_indexer(pd.Index(parents[end])) for end in ("source", "target"))),
    }
    return Records("Account", found.id, found.columns, links)


def account_records(frame: pd.DataFrame, feeds: Column, progress: Progress | None = None) -> Records:
    """Accounts from a frame of `id`, `name`, `credit_code`, `region`, `industry`; `feeds` as numbers."""
    names = _told([str(name) for name in _text(frame["name"])], progress, organisation)
    sounds = Sounds()
    credit = np.array([tidy(code) for code in _text(frame["credit_code"])], dtype=object)
    columns = {
        "feed": feeds,
        "name": _text(frame["name"]),
        "core": _objects([o.core for o in names]),
        "sound": _objects([sounds.coded(list(o.sound)) for o in names]),
        "latin": np.array([not o.chinese for o in names], dtype=bool),
        "province": _objects([_place(o, province=True) for o in names]),
        "city": _objects([_place(o, province=False) for o in names]),
        "branch": _objects([o.branch for o in names]),
        "numbers": _objects([" ".join(o.numbers) for o in names]),
        "group": np.array([o.group for o in names], dtype=bool),
        "credit": credit,
        "valid": np.array([is_valid(code) for code in credit], dtype=bool),
        "region": _text(frame["region"]),
        "industry": _text(frame["industry"]),
    }
    columns |= {f"{name}_key": _keys(columns[name]) for name in ("core", "sound", "industry", "branch")}
    columns |= {f"region{n}_key": _keys([code[:n] for code in columns["region"]]) for n in (6, 4, 2)}
    columns["letters_key"] = _keys(["".join(sorted(sound)) for sound in columns["sound"]])
    columns["office_key"] = _keys([branch.split(" ")[0] for branch in columns["branch"]])
    columns["length"] = np.array([len(sound) for sound in columns["sound"]], dtype=np.int64)
    return Records(
        "Account",
        _objects(list(frame["id"])),
        columns,
        {"people": _distinct([], []), "parents": _distinct([], [])},
    )


def contacts(view: View, same_account: Mapping[str, str], progress: Progress | None = None) -> Records:
    """The contacts of a view. `same_account` names one key for accounts that are likely one."""
    frame = view.sql(CONTACTS)
    posts = view.sql(POSITIONS)
    found = contact_records(frame, _feeds(view, "contacts", frame["id"]), progress)
    place = posts["account"].map(lambda key: same_account.get(key, key))
    at = pd.Index(found.id).get_indexer(pd.Index(posts["contact"]))
    return Records("Contact", found.id, found.columns, {"places": _distinct(at, _keys(place))})


def contact_records(frame: pd.DataFrame, feeds: Column, progress: Progress | None = None) -> Records:
    """Contacts from a frame of `id`, `name`, `title`, `line`; `feeds` as numbers."""
    given = list(zip(_text(frame["name"]), _text(frame["title"]), strict=True))
    read = _told(given, progress, lambda pair: person(*pair))
    people = [one for one, _ in read]
    sounds = Sounds()
    columns = {
        "feed": feeds,
        "name": _text(frame["name"]),
        "plain": _objects([one.name for one in people]),
        "letters": _objects(["".join(sorted(one.name)) for one in people]),
        "unordered": _objects([one.unordered for one in people]),
        "sound": _objects([sounds.coded(list(one.sound)) for one in people]),
        "sorted": _objects([sounds.coded(sorted(one.sound)) for one in people]),
        "latin": np.array([not one.chinese for one in people], dtype=bool),
        "surname": np.array([one.surname_only for one in people], dtype=bool),
        "title": _objects([title for _, title in read]),
        "line": _text(frame["line"]),
    }
    columns |= {
        f"{name}_key": _keys(columns[name]) for name in ("plain", "letters", "unordered", "title", "line")
    }
    columns["surname_key"] = _keys([one.sound[0] if one.sound else "" for one in people])
    columns["length"] = np.array([len(one.sound) for one in people], dtype=np.int64)
    return Records("Contact", _objects(list(frame["id"])), columns, {"places": _distinct([], [])})


def _told(given: Sequence[Any], progress: Progress | None, read: Any) -> list[Any]:
    """Every name read, telling how many have been."""
    found: list[Any] = []
    for start in range(0, len(given), TOLD_EVERY):
        found += [read(one) for one in given[start : start + TOLD_EVERY]]
        if progress:
            progress("reading names", len(found), len(given))
    return found


def _place(name: Organisation, province: bool) -> str:
    known = [place for place in name.places if (place in PROVINCES) is province and place != "中国"]
    return known[0] if known else ""


def _feeds(view: View, table: str, ids: pd.Series[str]) -> Column:
    """A number for the feeds that each key came from; the same for the same feeds."""
    feeds = view.feeds(table).to_pandas().sort_values(["id", "feed"])
    joined = feeds.groupby("id")["feed"].agg(" ".join)
    return _keys(ids.map(joined).fillna(""))


def _text(column: pd.Series[str]) -> Column:
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)


def _objects(values: list[Any]) -> Column:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _keys(values: Sequence[str] | Column | pd.Series[str]) -> Column:
    """Whole numbers that are equal where the values are; -1 for an empty text."""
    codes, seen = pd.factorize(np.asarray(values, dtype=object))
    empty = np.flatnonzero(seen == "")
    return np.where(np.isin(codes, empty), -1, codes).astype(np.int64)


def _distinct(rows: Any, keys: Any) -> pa.Table:
    """Pairs of whole numbers, each once, without those of which one is not known (-1)."""
    both = np.column_stack([np.asarray(rows, np.int64), np.asarray(keys, np.int64)])
    both = np.unique(both[(both >= 0).all(axis=1)], axis=0)
    return pa.table({"row": both[:, 0], "key": both[:, 1]})
