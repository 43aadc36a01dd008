"""Who knows whom and how: people, the accounts they share, and the evidence for each link.

A link's strength is how likely an introduction over it is, 0 to 1; its freshness halves with every half
year since the last contact. Ties and meetings are counted; what stands on paper (a superior, an account in
common, an account looked after) is fresh as long as it holds. See docs/methods/paths.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.csr import Floats, Ints
from analytics.frames import TIE_MONTHS, day_of, start_of
from graph.asof import View
from graph.errors import BadInput

OVER_ACCOUNTS = ("works_at", "belongs_to", "manages")
KINDS = ("tie", "met", "reports_to", *OVER_ACCOUNTS)
"""How two nodes are linked; the last three join a person to an account."""
PEOPLE = ("Member", "Contact", "Manager")
HALF_LIFE = 180.0
"""Days after which a tie that was not used again is worth half."""
HALF_CONTACTS, HALF_MEETINGS = 10, 2
"""Contacts, and meetings, at which a tie has half of full strength; the ten are paths/between_people's."""
REPORTS = 0.7
MANAGES = 0.6
ACQUAINTED, COLLEAGUE = 20, 0.5
"""Of an account's people one knows about so many; in a small account a colleague counts for half."""


@dataclass(frozen=True, eq=False)
class Acquaintance:
    """People and accounts as nodes, and every link between two of them.

    `nodes` has `kind` (one of PEOPLE, or Account), `id` and `name`, numbered from 0 with the accounts
    last. `links` has `a` and `b` (node numbers; an account is always `b`), `how` (one of KINDS),
    `contacts` (calls and messages, or meetings; 0 where not counted), `last` (datetime64 of the last
    contact, NaT where it lasts), `strength` and `freshness` (above 0, at most 1). A pair may have several.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    alias: pd.Series
    """Node number by contact_id of the contacts whose own line stands for them."""

    @property
    def size(self) -> int:
        return len(self.nodes)

    @cached_property
    def hub(self) -> npt.NDArray[np.bool_]:
        """Which nodes are accounts: a step over one is a step between two people."""
        return (self.nodes["kind"] == "Account").to_numpy(bool)

    @cached_property
    def arcs(self) -> Arcs:
        """Every link in both directions, in rows by their first end."""
        a, b = (self.links[end].to_numpy(np.int64) for end in ("a", "b"))
        rows = np.concatenate([a, b])
        order = np.argsort(rows, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.size))])
        cost = -np.log(self.links["strength"].to_numpy(float) * self.links["freshness"].to_numpy(float))
        half = np.where(self.hub[a] | self.hub[b], 0.5, 1.0)  # the two halves of a step make it whole
        how = pd.Categorical(self.links["how"], KINDS).codes.astype(np.int8)
        link = order % max(len(a), 1)
        return Arcs(indptr, np.concatenate([b, a])[order], np.maximum(cost * half, 0)[link], how[link], link)


@dataclass(frozen=True, eq=False)
class Arcs:
    """Rows of arcs: `indptr` over `end` (int64), `cost` (float64, ≥ 0), `how` (code of KINDS), `link`."""

    indptr: Ints
    end: Ints
    cost: Floats
    how: npt.NDArray[np.int8]
    link: Ints


def acquaintance(nodes: pd.DataFrame, links: pd.DataFrame, alias: pd.Series | None = None) -> Acquaintance:
    """The network of these frames, after a look at them.

    Raises BadInput for an end that is no node, a link of unknown kind or to itself, and a strength or
    freshness that is not above 0 and at most 1.
    """
    hubs = (nodes["kind"] == "Account").to_numpy(bool)
    if (np.diff(hubs.astype(int)) < 0).any():
        raise BadInput("the nodes of an acquaintance network list people first and accounts last")
    for end in ("a", "b"):
        _refuse(~links[end].between(0, len(nodes) - 1), links, f"its end {end} is no node")
    _refuse(links["a"] == links["b"], links, "it joins a node to itself")
    _refuse(~links["how"].isin(KINDS), links, f"its kind is none of {', '.join(KINDS)}")
    over = links["how"].isin(OVER_ACCOUNTS).to_numpy(bool)
    wrong = hubs[links["a"].to_numpy(np.int64)] | (hubs[links["b"].to_numpy(np.int64)] != over)
    _refuse(
        pd.Series(wrong), links, f"{', '.join(OVER_ACCOUNTS)} join a person to an account, others two people"
    )
    for figure in ("strength", "freshness"):
        _refuse(~((links[figure] > 0) & (links[figure] <= 1)), links, f"its {figure} is not in (0, 1]")
    return Acquaintance(nodes, links, pd.Series(dtype=np.int64) if alias is None else alias)


def known_people(view: View, months: int = TIE_MONTHS, half_life: float = HALF_LIFE) -> Acquaintance:
    """Everybody known on the view's day: active members, contacts, managers; a contact whose own line is an
    active member is that member. Ties are of the last whole `months`; half-life in days, above 0.
    """
    if not half_life > 0:
        raise BadInput(f"the half-life of a tie is a number of days above 0, not {half_life}")
    nodes, alias = _nodes(view)
    numbers = {kind: _numbers(nodes, kind) for kind in (*PEOPLE, "Account")}
    numbers["Contact"] = pd.concat([alias, numbers["Contact"]])
    parts = [_numbered(links, numbers) for links in (_ties(view, months), _met(view), *_standing(view))]
    links = pd.concat(parts, ignore_index=True)
    days = (pd.Timestamp(day_of(view)) - links["last"]).dt.days.clip(lower=0)
    links["freshness"] = (0.5 ** (days / half_life)).fillna(1.0).clip(lower=1e-9)
    return acquaintance(nodes, links[links["a"] != links["b"]].reset_index(drop=True), alias)


def _numbers(nodes: pd.DataFrame, kind: str) -> pd.Series:
    """The node number by key of one kind."""
    at = nodes[nodes["kind"] == kind]
    return pd.Series(at.index.to_numpy(np.int64), at["id"].to_numpy())


def _refuse(wrong: pd.Series, links: pd.DataFrame, why: str) -> None:
    if wrong.any():
        raise BadInput(f"link {links.index[wrong.to_numpy(bool)][0]} of an acquaintance network: {why}")


def _nodes(view: View) -> tuple[pd.DataFrame, pd.Series]:
    """The nodes, and the numbers of the contacts who are somebody's line."""
    contacts = view.sql(
        """SELECT c.contact_id, c.name, m.member_id
           FROM contacts c LEFT JOIN (SELECT member_id FROM members WHERE "left" IS NULL) m USING (member_id)
           ORDER BY c.contact_id"""
    )
    own = contacts.dropna(subset=["member_id"])
    members = view.sql(
        """SELECT 'Member' AS kind, member_id AS id, phone_masked AS name FROM members
           WHERE "left" IS NULL ORDER BY id"""
    )
    called = own.groupby("member_id")["name"].min()
    named = members["id"].map(called).astype(object)
    members["name"] = named.fillna(members["name"].astype(object)).fillna(members["id"])
    others = contacts[contacts["member_id"].isna()].rename(columns={"contact_id": "id"})
    rest = [
        others.assign(kind="Contact"),
        view.sql("SELECT 'Manager' AS kind, manager_id AS id, name FROM managers ORDER BY id"),
        view.sql("SELECT 'Account' AS kind, account_id AS id, name FROM accounts ORDER BY id"),
    ]
    nodes = pd.concat([members, *rest], ignore_index=True)[["kind", "id", "name"]]
    nodes["name"] = nodes["name"].astype(object).fillna(nodes["id"])
    line = pd.Series(np.arange(len(members)), members["id"])
    alias = pd.Series(line.reindex(own["member_id"]).to_numpy(np.int64), own["contact_id"].to_numpy())
    return nodes, alias


def _ties(view: View, months: int) -> pd.DataFrame:
    links = view.sql(
        """SELECT least(source, target) AS source, greatest(source, target) AS target,
                  greatest(sum(coalesce(calls, 0) + coalesce(messages, 0)), 1)::BIGINT AS contacts,
                  last_day(max(month)) AS last
           FROM ties WHERE month > $start AND source <> target
           GROUP BY ALL""",
        {"start": start_of(view, months)},
    )
    strength = links["contacts"] / (links["contacts"] + HALF_CONTACTS)
    return links.assign(how="tie", strength=strength, ends="Member Member")


def _met(view: View) -> pd.DataFrame:
    links = view.sql(
        """SELECT source, target, count(DISTINCT date) AS contacts, max(date) AS last
           FROM visits GROUP BY ALL"""
    )
    strength = links["contacts"] / (links["contacts"] + HALF_MEETINGS)
    return links.assign(how="met", strength=strength, ends="Manager Contact")


def _standing(view: View) -> Sequence[pd.DataFrame]:
    """What stands on paper on the day; an account's people share its acquaintance."""
    reports = _holding(view, "reports_to").assign(how="reports_to", strength=REPORTS, ends="Contact Contact")
    manages = _holding(view, "management").assign(how="manages", strength=MANAGES, ends="Manager Account")
    works = _holding(view, "positions").assign(how="works_at", ends="Contact Account")
    belongs = _holding(view, "memberships").assign(how="belongs_to", ends="Member Account")
    return reports, manages, _acquainted(works), _acquainted(belongs)


def _holding(view: View, table: str) -> pd.DataFrame:
    text = f'SELECT DISTINCT source, target FROM {table} WHERE "until" IS NULL OR "until" >= $day'
    return view.sql(text, {"day": day_of(view)}).assign(contacts=0, last=None)


def _acquainted(links: pd.DataFrame) -> pd.DataFrame:
    others = links.groupby("target")["source"].transform("size") - 1
    return links.assign(strength=np.minimum(COLLEAGUE, ACQUAINTED / others.clip(lower=1)))


def _numbered(links: pd.DataFrame, numbers: dict[str, pd.Series]) -> pd.DataFrame:
    """The links with node numbers for keys; those to somebody who is not there are left out."""
    first, second = links["ends"].iloc[0].split() if len(links) else ("Member", "Member")
    none = pd.Series(dtype=np.int64)
    found = links.assign(
        a=links["source"].map(numbers.get(first, none)), b=links["target"].map(numbers.get(second, none))
    ).dropna(subset=["a", "b"])
    found = found.astype({"a": np.int64, "b": np.int64, "contacts": np.int64, "strength": float})
    found["last"] = pd.to_datetime(found["last"])
    found["how"] = pd.Categorical(found["how"], KINDS)  # a text in each of ten million rows is a gigabyte
    return found[["a", "b", "how", "contacts", "last", "strength"]]
