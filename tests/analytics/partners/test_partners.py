"""Partners' figures, against counts and formulas worked out by hand."""

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.partners.anomalies import ALONG_TIES, ONE_ACCOUNT, SHOCK, bursts, low_use, shocks
from analytics.partners.figures import MEASURED, SCORE_COLUMNS, partner_figures
from analytics.partners.keeping import net_sales, sold_lines, survival
from analytics.partners.structure import chain_books, concentration
from analytics.partners.told import SENTENCES
from graph.measures import MEASURES
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2026, 10, 31)
JOINED = date(2015, 1, 1)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def sale(partner: str, line: str, days: int, product: str = "x") -> dict[str, object]:
    return {
        "source": partner,
        "target_label": "Member",
        "target": line,
        "date": ago(days),
        "product_id": product,
    }


def watched(
    partner: str, days: int, stays: list[int | None], kind: str | None = None
) -> list[tuple[str, ...]]:
    """Lines sold so many days ago; each stays so many days from the sale on, or is here."""
    return [
        (f"{partner}{n:02d}", partner, days, None if stay is None else ago(days - stay), kind)
        for n, stay in enumerate(stays)
    ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A record of departures that begins 500 days ago, with z's only line.

    p: of 20 lines 2, 3 and 5 leave after 50, 150 and 300 days. few: 19 lines. none: 20 that stay.
    old: 30 lines sold 700 days ago, before the record; 3 leave after 300 days. moved: one line goes to
    another group after 40 days, one leaves after 60.
    """
    rows = [
        *watched("z", 600, [100]),
        *watched("p", 400, [50] * 2 + [150] * 3 + [300] * 5 + [None] * 10),
        *watched("few", 400, [50] + [None] * 18),
        *watched("none", 400, [None] * 20),
        *watched("old", 700, [300] * 3 + [None] * 27),
        *watched("moved", 400, [60] + [None] * 18),
        ("moved99", "moved", 400, ago(360), "internal_transfer"),
    ]
    homes = ["a"] * 6 + ["b"] * 3 + ["c"]
    here = [key for key, partner, _, left, _ in rows if partner == "p" and left is None]
    return lake_of(
        tmp_path_factory.mktemp("kept"),
        members=[member(key, joined=JOINED, left=left, left_kind=kind) for key, _, _, left, kind in rows],
        sales=[sale(partner, key, days) for key, partner, days, _, _ in rows]
        # Sold first by somebody else: a line is in the book of who sold to it last.
        + [sale("z", "p10", 500)],
        memberships=[belongs(key, home) for key, home in zip(here, homes, strict=True)],
        partners=[{"partner_id": "p", "known_from": JOINED, "name": "Pearl"}],
        partner_chain=[
            {"source": "p", "target": "few", "since": JOINED},
            {"source": "none", "target": "p", "since": JOINED},
            {"source": "old", "target": "p", "since": JOINED, "until": ago(5)},
            {"source": "few", "target": "none", "since": ago(-1)},
        ],
    )


def test_survival_is_that_of_kaplan_and_meier(kept):
    view = kept.view(DAY)
    found = survival(view, sold_lines(view))
    # Nobody is lost from sight within the year, so that survival is the share that stays.
    assert found.loc["p", ["kept3", "kept6", "kept12"]].tolist() == pytest.approx([0.9, 0.75, 0.5])
    # Greenwood: S²·Σ d/(n(n−d)) = S(1−S)/20; on the scale of ln(−ln S).
    width = 1.959964 * math.sqrt(0.5 / (20 * 0.5)) / -math.log(0.5)
    ends = [0.5 ** math.exp(width), 0.5 ** math.exp(-width)]
    assert found.loc["p", ["low12", "high12"]].tolist() == pytest.approx(ends, abs=1e-6)


def test_a_move_to_another_group_ends_the_watching_and_is_no_loss(kept):
    view = kept.view(DAY)
    assert survival(view, sold_lines(view)).loc["moved", "kept3"] == pytest.approx(18 / 19)


def test_lines_sold_before_the_record_are_watched_from_its_beginning_on(kept):
    view = kept.view(DAY)
    found = survival(view, sold_lines(view)).loc["old"]
    assert found["kept12"] == pytest.approx(0.9)  # 27 of the 30 at risk after 200 days
    assert found[["kept3", "kept6"]].isna().all()
    assert found[["watched3", "watched6", "watched12"]].tolist() == [0, 0, 30]


def test_few_lines_are_unknown_and_none_lost_has_an_interval(kept):
    view = kept.view(DAY)
    found = survival(view, sold_lines(view))
    assert found.loc["few", ["kept3", "kept6", "kept12"]].isna().all()
    assert found.loc["none", ["kept12", "high12"]].tolist() == [1, 1]
    assert found.loc["none", "low12"] == pytest.approx(0.025 ** (1 / 20))


def test_sales_are_net_of_those_that_left(kept):
    view = kept.view(ago(40))  # when p's lines were sold 360 days before
    found = net_sales(sold_lines(view), pd.Timestamp(ago(40)))
    assert found.loc["p"].to_dict() == {"book": 10, "sold": 20, "lost": 10, "net": 10}
    assert found.loc["z"].to_dict() == {"book": 0, "sold": 0, "lost": 0, "net": 0}
    later = net_sales(sold_lines(kept.view(DAY)), pd.Timestamp(DAY))
    assert later.loc["p", "sold"] == 0  # 400 days ago


def test_concentration_is_the_largest_share_and_the_sum_of_squares(kept):
    view = kept.view(DAY)
    found = concentration(view, sold_lines(view)).loc["p"]
    assert found["largest"] == "a"
    assert (found["accounts"], found["share"]) == (3, 0.6)
    assert found["hhi"] == pytest.approx(0.36 + 0.09 + 0.01)


def test_the_chain_adds_up_whom_a_partner_supplies(kept):
    book = pd.Series({"p": 10, "few": 18, "none": 20, "old": 27})
    now = chain_books(kept.view(DAY), book)
    assert now["chain_book"].to_dict() == {"few": 18 + 10 + 20, "none": 20, "old": 27, "p": 30}
    assert now.loc["few", "below"] == 2
    before = chain_books(kept.view(ago(6)), book)  # old was supplied by p then
    assert before.loc["p", "chain_book"] == 57
    # The day after, few is supplied by none, which closes a circle: everybody counts once.
    circle = chain_books(kept.view(ago(-1)), book)
    assert circle["chain_book"].to_dict() == {"few": 48, "none": 48, "old": 27, "p": 48}


def poisson_tail(least: int, mean: float) -> float:
    return 1 - sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(least))


def test_a_burst_of_activation_stands_out_from_the_year_before(tmp_path):
    # One sale a week for a year by each; p sells 12 in one of the last weeks, q one in each of them.
    steady = [(partner, 7 * week) for partner in "pq" for week in range(13, 65)]
    lately = [("p", 22)] * 12 + [("q", 7 * week) for week in range(13)]
    rows = [(partner, f"{partner}{n}", days) for n, (partner, days) in enumerate(steady + lately)]
    lake = lake_of(
        tmp_path,
        members=[member(line, joined=JOINED) for _, line, _ in rows],
        sales=[sale(partner, line, days) for partner, line, days in rows],
    )
    view = lake.view(DAY)
    found = bursts(view, sold_lines(view))
    p = 13 * poisson_tail(12, 53 / 52)
    assert found.loc["p", ["sold", "usual"]].tolist() == pytest.approx([12, 53 / 52])
    assert found.loc["p", "p"] == pytest.approx(p, rel=1e-4)
    assert found.loc["p", "q"] == pytest.approx(2 * p, rel=1e-4)  # the smaller of two
    assert found.loc["p", "week"].date() == ago(21)
    assert found.loc["q", "q"] == 1


def test_idle_lines_and_those_that_call_only_one_another_stand_out(tmp_path):
    """p: 4 idle lines, a ring of 4 sold within days, 4 in use. q: 40 in use, two of them sold in a batch
    that call each other and others."""
    months = [date(2026, 9, 1), date(2026, 10, 1)]
    idle, ring, used = ([f"p{part}{n}" for n in range(4)] for part in "iru")
    others = [f"q{n}" for n in range(40)]
    lines = {**dict.fromkeys((*idle, *ring, *used), "p"), **dict.fromkeys(others, "q")}
    lake = lake_of(
        tmp_path,
        members=[member(key, joined=JOINED) for key in lines],
        sales=[sale(partner, key, 100 + n % 50) for n, (key, partner) in enumerate(lines.items())],
        ties=[
            *(tie(key, "outside", month, 2) for key in (*used, *others) for month in months),
            *(
                tie(a, b, month, 2)
                for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
                for month in months
            ),
            tie("q0", "q1", months[1], 5),
            tie(idle[0], "outside", months[1], 2),  # at most two
        ],
    )
    found = low_use(lake.view(DAY))
    assert found.loc["p", ["young", "idle", "closed"]].tolist() == [12, 4, 4]
    assert found.loc["q", ["young", "idle", "closed"]].tolist() == [40, 0, 0]
    share = 1 / 42
    tail = sum(math.comb(12, k) * share**k * (1 - share) ** (12 - k) for k in range(8, 13))
    assert found.loc["p", "p"] == pytest.approx(tail)
    assert found.loc["q", "p"] == 1


def shaken(folder, home: str, tied: bool):
    """p's book of 30 loses six lines in six weeks, a week apart; q's of 200 loses one a week all year."""
    gone = {f"p{n:02d}": 36 - 7 * n for n in range(6)}
    stay = [f"p{n:02d}" for n in range(6, 30)]
    usual = {f"q{n:03d}": 7 * n + 3 for n in range(60)}
    rest = [f"q{n:03d}" for n in range(60, 200)]
    lines = {**gone, **dict.fromkeys(stay), **usual, **dict.fromkeys(rest)}
    chain = zip(list(gone)[1:], list(gone), strict=False)
    return lake_of(
        folder,
        members=[
            member(key, joined=JOINED, left=None if days is None else ago(days))
            for key, days in lines.items()
        ],
        memberships=[belongs(key, home.format(n)) for n, key in enumerate(lines)],
        sales=[sale(key[0], key, 1000) for key in lines],
        ties=[tie(a, b, date(2026, 8, 1)) for a, b in chain if tied]
        + [tie(key, "outside", date(2026, 8, 1)) for key in lines],
    )


@pytest.mark.parametrize(
    ("home", "tied", "what"),
    [("a{}", False, SHOCK), ("one", False, ONE_ACCOUNT), ("a{}", True, ALONG_TIES)],
)
def test_a_shock_is_told_from_one_account_and_from_departures_along_ties(tmp_path, home, tied, what):
    found = shocks(shaken(tmp_path, home, tied).view(DAY))
    assert found.loc["p", ["left", "what"]].tolist() == [6, what]
    assert found.loc["p", "q"] < 0.05
    assert found.loc["p", "linked"] == pytest.approx(5 / 6 if tied else 0)
    assert found.loc["q", "q"] > 0.05
    assert pd.isna(found.loc["q", "what"])


def test_figures_become_scores_with_a_reason_in_both_languages(tmp_path):
    found = partner_figures(shaken(tmp_path, "a{}", False).view(DAY))
    assert list(found.scores.columns) == SCORE_COLUMNS
    assert found.notes == {"partners": 2, "told": {"burst": 0, "use": 0, "shock": 1}}
    shock = found.scores.set_index(["id", "measure"]).loc[("p", "partner_shock")]
    assert shock["reasons"][0].startswith("6 lines left within 8 weeks, ")
    assert (
        "spread over accounts, as a shock of the book is: 6 accounts, the most from one 17%"
        in shock["reasons"][0]
    )
    assert shock["reasons_zh"][0].startswith("8 周内离网 6 名")
    kept = found.scores[found.scores["measure"] == "partner_kept_3"]
    assert kept.empty  # sold long before the record: unknown, and so no row
    assert found.scores[["id", "measure"]].duplicated().sum() == 0


def test_every_measure_is_declared_and_has_its_words():
    declared = {measure.name for measure in MEASURES if measure.about == ("Partner",)}
    assert set(MEASURED) == set(SENTENCES)
    assert set(MEASURED) <= declared


def test_a_lake_without_sales_has_no_partners(tmp_path):
    lake = lake_of(tmp_path, members=[member("m", joined=JOINED)])
    found = partner_figures(lake.view(DAY))
    assert found.table.empty
    assert found.scores.empty


def test_what_becomes_known_later_changes_nothing(tmp_path):
    lake = shaken(tmp_path, "a{}", True)
    before = partner_figures(lake.view(DAY))
    lake_of(
        lake.folder,
        members=[member("p20", ago(-3), joined=JOINED, left=ago(-2))],
        sales=[sale("p", "new", -1), sale("q", "p21", -1)],
        ties=[tie("p20", "p05", date(2026, 11, 1), 50)],
    )
    after = partner_figures(lake.view(DAY))
    pd.testing.assert_frame_equal(before.scores, after.scores)
