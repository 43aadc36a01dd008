"""What a world's tables hold: the schema's columns, keys that are unique, ends that exist."""

from __future__ import annotations

import pandas as pd
import pytest

from graph.errors import BadInput
from graph.model import Dating, EdgeType, FactType, NodeType
from graph.schema import NODE, TABLES
from ingest.world.make import World, make
from ingest.world.size import Knobs, Size

FILLED = {
    "accounts", "members", "contacts", "products", "partners", "managers", "campaigns", "cases",
    "raised", "account_parents", "memberships", "positions", "reports_to", "management", "visits",
    "ties", "subscriptions", "sales", "partner_chain", "referrals", "touches", "surveys", "bills",
    "usage", "tariffs", "competitor_ties",
}  # fmt: skip
SMALL = Size(accounts=8, members=160, contacts=16, months=6, usage_months=3)


def known_days(table: NodeType, frame: pd.DataFrame) -> pd.Series:
    """First day each key is known."""
    return frame.groupby(table.id)["known_from"].min()


def ends_of(table: EdgeType | FactType, frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Every (label, rows with `key`) that stands at an end of the table."""
    ends = (
        [("source", table.sources), ("target", table.targets)]
        if isinstance(table, EdgeType)
        else [("about", table.about)]
    )
    found = []
    for end, labels in ends:
        for label in labels:
            rows = frame[frame[f"{end}_label"] == label] if len(labels) > 1 else frame
            found.append((label, rows.assign(key=rows[end])))
    return found


def test_fills_every_table_that_is_not_computed(world: World) -> None:
    assert set(world.tables) == FILLED
    assert all(len(frame) > 0 for frame in world.tables.values())


def test_counts_are_those_asked_for(world: World) -> None:
    keys = {
        label: frame[TABLES[name].key[0]].nunique()
        for name, label, frame in (
            (n, n, world.tables[n])
            for n in ("accounts", "members", "contacts", "products", "partners", "managers")
        )
    }
    assert keys == {
        "accounts": 40, "members": 2000, "contacts": 200, "products": 30, "partners": 40,
        "managers": 12,
    }  # fmt: skip
    assert len(world.tables["usage"]) < 120_000


@pytest.mark.parametrize("name", sorted(FILLED))
def test_columns_are_declared_and_keys_unique(world: World, name: str) -> None:
    table, frame = TABLES[name], world.tables[name]
    declared = [field.name for field in table.columns]
    assert [c for c in declared if c in frame.columns] == list(frame.columns)
    assert not frame.duplicated(list(table.key)).any()
    for field in table.columns:
        if field.required:
            assert frame[field.name].notna().all(), field.name
        if field.choices and field.name in frame:
            assert set(frame[field.name].dropna()) <= set(field.choices), field.name


@pytest.mark.parametrize("name", sorted(n for n in FILLED if isinstance(TABLES[n], EdgeType | FactType)))
def test_ends_exist_and_were_known_by_then(world: World, name: str) -> None:
    table, frame = TABLES[name], world.tables[name]
    assert isinstance(table, EdgeType | FactType)
    shift = pd.offsets.MonthEnd(0) if table.dating is Dating.MONTH else pd.Timedelta(0)
    for label, rows in ends_of(table, frame):
        node = NODE[label]
        known = rows["key"].map(known_days(node, world.tables[node.table]))
        assert known.notna().all(), f"{label} without a row"
        assert (known <= rows[table.dated_by] + shift).all(), f"{label} before it was known"


def test_references_in_fields_exist(world: World) -> None:
    t = world.tables
    assert set(t["members"].plan_id) <= set(t["products"].product_id)
    assert set(t["campaigns"].product_id) <= set(t["products"].product_id)
    assert set(t["sales"].product_id) <= set(t["products"].product_id)
    assert set(t["subscriptions"].sold_by.dropna()) <= set(t["partners"].partner_id)
    named = t["contacts"].dropna(subset="member_id")
    joined = named.member_id.map(known_days(NODE["Member"], t["members"]))
    assert len(named) > 50
    assert (joined <= named.known_from).all()


def test_no_tie_joins_a_member_to_itself(world: World) -> None:
    ties = world.tables["ties"]
    assert (ties.source != ties.target).all()


def test_some_things_have_two_versions(world: World) -> None:
    for name in ("accounts", "members", "contacts"):
        versions = world.tables[name].groupby(TABLES[name].key[0]).size()
        assert versions.median() == 1
        assert (versions > 1).any()
    accounts = world.tables["accounts"]
    per_key = accounts.groupby("account_id")
    assert (per_key.contract_end.nunique() > 1).any()
    assert (per_key.credit_level.nunique() > 1).any()
    assert (world.tables["members"].groupby("member_id").plan_id.nunique() > 1).any()


def test_some_move_some_work_twice_some_are_never_met(world: World) -> None:
    t = world.tables
    assert t["memberships"].groupby("source").target.nunique().max() == 2
    assert t["positions"].groupby("source").target.nunique().max() == 2
    never = set(t["contacts"].contact_id) - set(t["visits"].target)
    last = t["visits"].groupby("target").date.max()
    assert 20 <= len(never) <= 80
    assert (last < pd.Timestamp("2026-02-01")).sum() >= 10


def test_managers_visit_the_accounts_they_look_after(world: World) -> None:
    t = world.tables
    first = t["positions"].drop_duplicates("source").set_index("source").target
    seen = t["visits"].assign(account=t["visits"].target.map(first)).dropna(subset="account")
    fits = seen.merge(t["management"], left_on=["source", "account"], right_on=["source", "target"])
    inside = (fits.since <= fits.date) & ~(fits.until < fits.date)
    assert inside.sum() == len(seen)


def test_same_seed_same_frames_other_seed_others() -> None:
    one, again, other = make(SMALL, 1), make(SMALL, 1), make(SMALL, 2)
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])
    assert not one.tables["ties"].equals(other.tables["ties"])


def test_a_knob_of_one_part_leaves_the_other_parts_alone() -> None:
    calm, wild = make(SMALL, 1), make(SMALL, 1, Knobs(monthly_churn=0.06))
    for name in ("products", "partners", "managers"):
        pd.testing.assert_frame_equal(calm.tables[name], wild.tables[name])
    tokens = [w.tables["members"].drop_duplicates("member_id").phone_token for w in (calm, wild)]
    assert tokens[0].tolist() == tokens[1].tolist()
    gone = [w.tables["members"].left.notna().sum() for w in (calm, wild)]
    assert gone[1] > 1.5 * gone[0]


def test_truth_is_apart(world: World) -> None:
    truth = world.truth["members"]
    assert set(truth.member_id) == set(world.tables["members"].member_id)
    declared = {f.name for name in world.tables for f in TABLES[name].columns}
    assert "contagion_share" not in declared
    shares = truth.contagion_share.dropna()
    assert len(shares) == truth.left.notna().sum()
    assert shares.between(0, 1).all()


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ({"members": 100}, "40 accounts need at least 200 members"),
        ({"months": 0}, "months is 0; at least 3 works"),
        ({"products": 3}, "products is 3; at least 12 works"),
        ({"start": pd.Timestamp("2025-05-02").date()}, "the first day of a month works"),
    ],
)
def test_a_size_that_cannot_be_is_refused(size: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Size(**size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "size",
    [
        Size(accounts=4, members=20, contacts=4, products=12, partners=4, managers=1, months=3),
        Size(accounts=5, members=400, contacts=30, campaigns=1, months=3, usage_months=12),
        Size(accounts=60, members=300, contacts=60, months=70),
    ],
)
def test_odd_sizes_work(size: Size) -> None:
    tables = make(size, 3).tables
    assert tables["members"].member_id.nunique() == size.members
    assert set(tables) == FILLED


def test_scales_to_five_thousand() -> None:
    world = make(Size.of(5000), 11)
    assert world.tables["members"].member_id.nunique() == 5000
    assert world.tables["accounts"].account_id.nunique() == 100
    assert len(world.tables["ties"]) > 150_000
