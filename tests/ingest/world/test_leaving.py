"""Nothing happens to those who have left; what is known when; and why people leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from graph.schema import LEFT_KINDS
from ingest.world.leaving import exposure, lives
from ingest.world.make import Cast, World, play
from ingest.world.size import NEVER, Clock, Knobs, Size, stream

END = pd.Timestamp("2026-10-31")
CALM = Knobs(
    homophily=0, contagion_hr=1, account_drift=0, partner_shock=1, contract_end=1, arrears=1,
    account_exit=0,
)  # fmt: skip


def latest(world: World) -> pd.DataFrame:
    return world.tables["members"].drop_duplicates("member_id", keep="last").set_index("member_id")


@pytest.mark.parametrize(
    ("table", "end"),
    [("ties", "source"), ("ties", "target"), ("bills", "about"), ("usage", "about")],
)
def test_nothing_monthly_outside_a_member_s_stay(world: World, table: str, end: str) -> None:
    frame, members = world.tables[table], latest(world)
    left = frame[end].map(members.left).fillna(END)
    joined = frame[end].map(members.joined)
    assert (frame.month <= left).all()
    assert (frame.month + pd.offsets.MonthEnd(0) >= joined).all()


def test_intervals_end_when_the_line_leaves(world: World) -> None:
    members, t = latest(world), world.tables
    stays = t["memberships"].merge(members[["left"]], left_on="source", right_index=True)
    assert (stays.until.fillna(END) <= stays.left.fillna(END)).all()
    last = stays.groupby("source").until.apply(lambda u: u.isna().any())
    assert (~last[members.index[members.left.notna()]]).all()
    lines = t["subscriptions"][t["subscriptions"].source_label == "Member"]
    until = lines.merge(members[["left"]], left_on="source", right_index=True)
    assert (until.until.fillna(END) <= until.left.fillna(END)).all()


def test_order_of_days(world: World) -> None:
    t = world.tables
    members = t["members"]
    assert not (members.left < members.joined).any()
    assert (members.known_from >= members.joined).all()
    assert members.left.max() <= END
    for name in ("memberships", "subscriptions", "positions", "management", "reports_to"):
        assert not (t[name].until < t[name].since).any(), name
        assert t[name].since.max() <= END, name
    for name in ("visits", "sales", "referrals", "raised", "surveys", "touches"):
        assert t[name].date.max() <= END, name
    assert not (t["cases"].closed < t["cases"].opened).any()
    assert t["cases"].satisfied.isna().equals(t["cases"].closed.isna())


def test_contracts_in_force_have_not_ended(world: World) -> None:
    accounts = world.tables["accounts"].sort_values(["account_id", "known_from"])
    last = accounts.drop_duplicates("account_id", keep="last")
    running = last[last.closed.isna()]
    assert (running.contract_end >= END).all()
    assert (accounts.contract_end > accounts.known_from).all()


def test_a_closed_account_has_nobody(world: World) -> None:
    accounts = world.tables["accounts"].drop_duplicates("account_id", keep="last")
    closed = accounts.dropna(subset="closed").set_index("account_id").closed
    stays = world.tables["memberships"]
    there = stays[stays.target.isin(closed.index)]
    assert len(closed) >= 1
    assert (there.until <= there.target.map(closed)).all()
    assert (there.since <= there.target.map(closed)).all()


def test_reasons_go_with_leaving(world: World) -> None:
    members = latest(world)
    gone = members[members.left.notna()]
    assert members.left_kind.notna().equals(members.left.notna())
    assert members.left_reason.notna().equals(members.left.notna())
    share = gone.left_kind.value_counts(normalize=True)
    assert set(share.index) == set(LEFT_KINDS)
    assert share[["active_exit", "active_price", "active_rival"]].sum() == pytest.approx(0.8, abs=0.1)
    assert share["passive_fraud"] < 0.05


def test_unpaid_bills_come_before_leaving_in_arrears(world: World) -> None:
    members, bills = latest(world), world.tables["bills"]
    owing = members.index[members.left_kind == "passive_arrears"]
    due = bills[bills.paid < bills.total].groupby("about").size()
    base = bills.about.isin(due.index).groupby(bills.about).first().mean()
    assert due.reindex(owing).notna().mean() > 1.5 * base


def test_those_about_to_leave_use_less_and_talk_to_rivals(world: World) -> None:
    members, t = latest(world), world.tables
    used = t["usage"].groupby(["about", "month"]).minutes.sum().unstack(fill_value=0.0)
    rivals = t["competitor_ties"].groupby(["about", "month"]).contacts.sum().unstack(fill_value=0)
    trends: dict[bool, list[float]] = {True: [], False: []}
    met: dict[bool, list[float]] = {True: [], False: []}
    for month in pd.date_range("2026-04-01", "2026-08-01", freq="MS"):
        next_month = month + pd.DateOffset(months=1)
        there = members[(members.joined < "2025-11-01") & ~(members.left < next_month)]
        trend = np.log1p(used[month]) - np.log1p(used[month - pd.DateOffset(months=4)])
        for soon in (True, False):
            who = there.index[(there.left < next_month + pd.DateOffset(months=2)) == soon]
            trends[soon] += trend.reindex(who).dropna().tolist()
            met[soon] += rivals[month].reindex(who).fillna(0).tolist()
    assert np.mean(trends[True]) < np.mean(trends[False]) - 0.05
    assert np.mean(met[True]) > 1.15 * np.mean(met[False])


def test_the_mean_line_leaves_at_the_knob_s_rate(world: World) -> None:
    members = latest(world)
    rates = []
    for month in pd.date_range("2025-05-01", periods=18, freq="MS"):
        there = members[(members.joined < month) & ~(members.left < month)]
        rates.append((there.left <= month + pd.offsets.MonthEnd(0)).mean())
    assert 0.015 <= np.mean(rates) <= 0.025
    assert max(rates) < 0.06


def test_exposure_decays_and_ends_after_five_weeks() -> None:
    near = csr_array(([1.0, 2.0], ([0, 0], [1, 2])), shape=(3, 3))
    left = np.array([NEVER, 100, 100])
    assert exposure(near, left, 100, 3.0).tolist() == [0, 0, 0]
    assert exposure(near, left, 107, 3.0) == pytest.approx([3 * np.exp(-1 / 3), 0, 0])
    assert exposure(near, left, 135, 3.0) == pytest.approx([3 * np.exp(-5 / 3), 0, 0])
    assert exposure(near, left, 142, 3.0).tolist() == [0, 0, 0]


def exposed_ratio(cast: Cast, size: Size) -> float:
    """Weekly chance of leaving of those who call somebody gone for at most two weeks, over that of
    the others; counted here without the world's own code for it.
    """
    clock, graph, left = Clock.of(size), cast.setting.graph, cast.life.left
    joined = cast.setting.member.joined
    source = np.concatenate([graph.low[graph.up > 0], graph.high[graph.down > 0]])
    target = np.concatenate([graph.high[graph.up > 0], graph.low[graph.down > 0]])
    first = np.concatenate([graph.first[graph.up > 0], graph.first[graph.down > 0]])
    last = np.concatenate([graph.last[graph.up > 0], graph.last[graph.down > 0]])
    people, gone = np.zeros(2), np.zeros(2)
    for day in range(clock.start + 35, clock.end - 6, 7):
        month = clock.month(np.array([day]))[0]
        fresh = (left[target] < day) & (left[target] >= day - 14)
        met = np.zeros(size.members, bool)
        met[source[fresh & (first <= month) & (month <= last)]] = True
        at_risk = (joined + 30 <= day) & (left >= day)
        leaving = at_risk & (left < day + 7)
        for group in (0, 1):
            people[group] += (at_risk & (met == bool(group))).sum()
            gone[group] += (leaving & (met == bool(group))).sum()
    return float((gone[1] / people[1]) / (gone[0] / people[0]))


@pytest.fixture(scope="module")
def large() -> Size:
    return Size.of(8_000)


def test_contagion_shows_where_there_is_some(large: Size) -> None:
    cast = play(large, 1, Knobs(**(vars(CALM) | {"contagion_hr": 1.8})))
    assert exposed_ratio(cast, large) > 1.25
    shares = cast.life.contagion[cast.life.left < NEVER]
    assert 0.02 < shares.mean() < 0.10
    assert (cast.life.left < NEVER).sum() > (cast.without.left < NEVER).sum()


def test_no_contagion_and_no_homophily_no_association(large: Size) -> None:
    cast = play(large, 1, CALM)
    assert exposed_ratio(cast, large) == pytest.approx(1.0, abs=0.2)
    assert not cast.life.contagion.any()
    assert (cast.life.left == cast.without.left).all()


def test_homophily_alone_looks_like_contagion(large: Size) -> None:
    cast = play(large, 2, Knobs(**(vars(CALM) | {"homophily": 0.9})))
    assert exposed_ratio(cast, large) > 1.15
    assert not cast.life.contagion.any()


def test_a_defecting_partner_loses_its_book(large: Size) -> None:
    cast = play(large, 3, Knobs(**(vars(CALM) | {"partner_shock": 6.0})))
    setting, left = cast.setting, cast.life.left
    day = setting.partner.closed[setting.seller]
    book = (setting.seller >= 0) & (day < NEVER) & (left >= day)
    after = (left[book] < day[book] + 56).mean()
    others = np.median(day[book])
    rest = (setting.seller < 0) & (left >= others) & (setting.member.joined < others - 30)
    assert after > 2 * (left[rest] < others + 56).mean()


def test_the_same_lots_whatever_the_knobs() -> None:
    setting, clock = play(Size(), 4, Knobs()).setting, Clock.of(Size())
    some, again, none = (
        lives(setting, Knobs(contagion_hr=ratio), clock, stream(4, "leaving")) for ratio in (1.2, 1.2, 1.0)
    )
    assert (some.left == again.left).all()
    assert 0.97 < (some.left == none.left).mean() < 1
