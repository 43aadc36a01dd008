"""A rehearsal worked out by hand, and files of tariffs good and bad."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analytics.tariff.audience import audience
from analytics.tariff.proposal import as_file, read_tariff
from analytics.tariff.rating import rated
from analytics.tariff.rehearse import Declared, rehearse
from analytics.tariff.terms import current_tariff, terms_of
from graph.errors import BadInput, NotFound
from tests.analytics.tariff.town import APRIL, bill, holds, price, terms, town, use
from tests.analytics.worlds import START, belongs

FILE = """
name = "trial"
[[plan]]
replaces = ["P1"]
monthly_fee = {fee}
[[plan.price]]
service = "voice"
steps = [[0, {price}]]
[[plan.price]]
service = "message"
steps = [[0, 0]]
[[plan.price]]
service = "data"
steps = [[0, 0]]
"""


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """Before: m1 and m2 of a1 (large) pay 70 and 60, m3 of a2 (public, part of a1) 90; m2 pays nothing."""
    return town(
        tmp_path_factory.mktemp("town"),
        accounts=[
            {"account_id": "a1", "known_from": START, "class": "large", "region": "440100"},
            {"account_id": "a2", "known_from": START, "class": "public", "region": "110000"},
        ],
        memberships=[belongs("m1", "a1"), belongs("m2", "a1"), belongs("m3", "a2")],
        account_parents=[{"source": "a2", "target": "a1", "since": START}],
        members=[{"member_id": f"m{n}", "known_from": START, "plan_id": "P1"} for n in (1, 2, 3)],
        tariffs=terms("P1", START, price("voice", "on_net", "peak", 0.10)),
        subscriptions=[holds("m1", 60.0), holds("m2", 60.0), holds("m3", 60.0)],
        usage=[use("m1", "on_net", minutes=100.0), use("m3", "on_net", minutes=300.0)],
        bills=[
            bill("m1", 70.0, paid=70.0),
            bill("m2", 60.0, paid=0.0),
            bill("m3", 90.0, paid=90.0),
        ],
    )


def trial(view, folder, fee, minute):
    path = folder / "trial.toml"
    path.write_text(FILE.format(fee=fee, price=minute), encoding="utf-8")
    return read_tariff(path, current_tariff(view, [APRIL]), [APRIL])


def figure(found):
    return found.figures.set_index("figure")["value"].to_dict()


def test_a_dearer_line_and_cheaper_minutes_by_hand(view, tmp_path):
    """66 a month and 0.08 a minute: m1 74 (+4), m2 66 (+6, exactly 10 %), m3 90 as before.

    With a ratio of 2 the hazard of m2 doubles: 1 - 0.9^2 = 0.19, 0.09 more; of its 66 yuan 5.94 are lost.
    """
    churn = pd.DataFrame({"member_id": ["m1", "m2", "m3"], "value": [0.0, 0.1, 0.1]})
    found = rehearse(view, trial(view, tmp_path, 66, 0.08), [APRIL], "all", Declared(hazard_ratio=2), churn)
    assert found.scenario == "trial / all"
    assert figure(found) == pytest.approx(
        {
            "members": 3, "revenue_old": 220, "revenue_new": 230, "revenue_change": 10,
            "winners": 0, "losers": 2, "unchanged": 1, "winners_change": 0, "losers_change": 10,
            "leavers_old": 0.2, "leavers_new": 0.29, "leavers_added": 0.09,
            "revenue_lost_to_leavers": 5.94, "revenue_change_after_leavers": 4.06,
            "arrears_old": 60, "arrears_new": 66, "arrears_change": 6,
            "revenue_change_share": 10 / 220,
            "change_p05": 0.4, "change_p25": 2, "change_p50": 4, "change_p75": 5, "change_p95": 5.8,
            "revenue_change.class=large": 10, "revenue_change.class=public": 0,
            "revenue_change.account=a1": 10, "revenue_change.account=a2": 0,
        }
    )  # fmt: skip


def test_the_interval_is_of_resampled_accounts(view, tmp_path):
    """Of two accounts, one changing by 10 and one by nothing, two drawn make 0, 10 or 20."""
    found = rehearse(view, trial(view, tmp_path, 66, 0.08), [APRIL]).figures.set_index("figure")
    assert found.loc["revenue_change", ["low", "high"]].tolist() == [0, 20]
    assert found.loc[["members", "change_p50"], ["low", "high"]].isna().all(axis=None)
    alone = rehearse(view, trial(view, tmp_path, 66, 0.08), [APRIL], "class:large").figures
    assert alone["low"].isna().all()


def test_winners_pay_less(view, tmp_path):
    churn = pd.DataFrame({"member_id": ["m1", "m2", "m3"], "value": [0.1, 0.1, 0.1]})
    found = figure(rehearse(view, trial(view, tmp_path, 60, 0), [APRIL], churn=churn))
    assert (found["winners"], found["winners_change"], found["losers"]) == (2, -40, 0)
    assert -0.2 < found["leavers_added"] < 0


def test_declared_elasticity_moves_use(view, tmp_path):
    """For m1 alone 100 minutes at 2.20 make 280, four times 70: at -0.5 use halves, so 60 + 110."""
    (tmp_path / "who.txt").write_text("m1\n", encoding="utf-8")
    who, tariff = f"members:{tmp_path / 'who.txt'}", trial(view, tmp_path, 60, 2.2)
    assert figure(rehearse(view, tariff, [APRIL], who))["revenue_new"] == 280
    elastic = rehearse(view, tariff, [APRIL], who, Declared(use_elasticity=-0.5))
    assert figure(elastic)["revenue_new"] == 170
    assert "elasticity -0.5" in elastic.notes[0]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("all", ["m1", "m2", "m3"]), ("account:a1", ["m1", "m2", "m3"]), ("account:a2", ["m3"]),
        ("region:44", ["m1", "m2"]), ("class:public", ["m3"]), ("plan:P1", ["m1", "m2", "m3"]),
    ],
)  # fmt: skip
def test_audiences(view, text, meant):
    assert audience(view, text)["member_id"].tolist() == meant


def test_an_audience_of_nobody_or_no_form_is_refused(view):
    with pytest.raises(BadInput, match="an audience is all, account:ID"):
        audience(view, "everyone")
    with pytest.raises(NotFound, match="no active member in the audience 'region:99'"):
        audience(view, "region:99")


def test_terms_written_as_a_file_and_read_again_change_nothing(tmp_path):
    bundled = {"bundle": "minutes", "included": 40.5}
    view = town(
        tmp_path,
        tariffs=terms(
            "P1",
            START,
            price("voice", "on_net", "peak", 0.10, **bundled),
            price("voice", "on_net", "peak", 0.0801, from_unit=20.5, **bundled),
            price("voice", "roaming", "off_peak", 1.5),
        ),
        subscriptions=[holds("m1", 54.0)],
        usage=[use("m1", "on_net", minutes=100.0), use("m1", "roaming", "off_peak", minutes=7.3)],
        bills=[bill("m1")],
    )
    path = tmp_path / "same.toml"
    path.write_text(as_file("same", "P1", 60.0, terms_of(view, "P1")), encoding="utf-8")
    current = current_tariff(view, [APRIL])
    again = read_tariff(path, current, [APRIL])
    pd.testing.assert_frame_equal(rated(view, again), rated(view, current))
    # 40.5 of 100 in the bundle; of 59.5 beyond 20.5 at 0.10 and 39 at 0.0801; 7.3 at 1.50
    assert rated(view, again)["voice"].tolist() == [205 + 312 + 1095]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("name", "nmae"), "no field named 'nmae'; known: name, plan"),
        (('["P1"]', '["P7"]'), "plan 1: replaces: no plan with tariff terms named 'P7'; known: P1"),
        (("monthly_fee = 60", "monthly_fee = 60.005"), "monthly_fee is 60.005; yuan to the cent"),
        (('"voice"', '"talk"'), "plan 1, price 1: service is 'talk'; one of voice, message, data works"),
        (("steps = [[0, 0.1]]", "steps = [0, 0.1]"), r"price 1: steps is \[0, 0.1\]; pairs of units"),
        (("steps = [[0, 0.1]]", "steps = [[5, 0.1]]"), r"voice on_net peak has no step that begins at 0 \(8"),
        (("steps = [[0, 0.1]]", "steps = [[0, 0.1]]\nbundle = 'x'"), "included is None; a bundle's units"),
        (("steps = [[0, 0.1]]", "steps = [[0, 0.1]]\nzones = ['moon']"), "zones is 'moon'; one of on_net"),
        (("[[plan]]", "[[plan]"), "trial.toml is not TOML: .*line 3"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(view, tmp_path, change, says):
    path = tmp_path / "trial.toml"
    path.write_text(FILE.format(fee=60, price=0.1).replace(*change, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=says):
        read_tariff(path, current_tariff(view, [APRIL]), [APRIL])


def test_what_cannot_be_supposed_is_refused():
    with pytest.raises(BadInput, match="hazard_ratio is 0; a number above 0 works"):
        Declared(hazard_ratio=0)


def test_only_members_with_a_bill_that_can_be_rated_count(view, tmp_path):
    with pytest.raises(NotFound, match="no bill of the audience 'all' from 2026-03 to 2026-03"):
        rehearse(view, trial(view, tmp_path, 66, 0.08), [date(2026, 3, 1)])
