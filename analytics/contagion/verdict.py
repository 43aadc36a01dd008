"""Is leaving associated with neighbours' leaving beyond likeness, accounts, partners and contracts?

The rule, in this order:

1. *too few departures*: fewer than LEAST in all, or fewer than LEAST_EXPOSED after a neighbour's. No
   figure is given.
2. *associated beyond similarity*, if all hold: departures just after a neighbour's are more than when
   departure times are dealt out anew among the leavers of one account and partner, and among those of one
   quarter (both p ≤ ALPHA); of two who left shortly after each other the later had the stronger tie to
   the earlier (p ≤ ORDER); the weekly hazard per neighbour gone, covariates and neighbours against
   arrows held, has its interval above 1; and neighbours along arrows tell more than those against them, by
   Z95 standard errors. Likeness can fool the shuffling, since of two alike members with a high hazard both
   leave early, and the hazards, where alike members are called more than they call; a hub can, since all
   who called it are one piece of evidence. The order of ends is robust to both, and alone bounds false
   alarms by ORDER. Where all ties go both ways alike it tells nothing, and the rule stays silent.
3. *partner shock*: a burst in one partner's book, p ≤ BURST, over at least SPREAD accounts, which is a
   burst without the account that lost most, too (p ≤ APART; up to LARGE accounts that are all of it are
   left out), and stronger than any region's of that sort. Lines
   that left with their whole account are not counted.
4. *shared shock*: such a burst in one region, p ≤ BURST.
5. *not shown*.

Nothing here is randomised, so no finding says "causes".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from analytics.contagion.hazard import Fit, kernels, within
from analytics.contagion.likeness import levels, prognosis
from analytics.contagion.matched import Matched, matched
from analytics.contagion.panel import GROUPS, MEMORY, Ints, Study, panel
from analytics.contagion.ratios import Z95, strata_of
from analytics.contagion.shocks import Burst, scan
from analytics.contagion.shuffle import Order, Shuffle, order, seasons, shuffle
from analytics.contagion.tallies import Tally, tallies, together
from graph.errors import BadInput
from graph.progress import Progress

LEAST = 50
LEAST_EXPOSED = 15
ALPHA = 0.01
ORDER = 0.05
"""What the order of ends is held to: the strictest test of what it is robust to, and on few pairs."""
BURST = 0.02
SPREAD = 3
APART = 0.05
LARGE = 3
QUARTER = 13
"""Weeks over which members of an account are compared: with fewer, few rows of a sample are left."""
PERMUTATIONS = 199
FEWEST = 99
COLUMNS = ("method", "unit", "estimate", "low", "high", "p", "n", "controls_for")
RISKS, HAZARDS, DOSES, EXCESS = (
    "ratio of risks",
    "hazard ratio",
    "seen ÷ shuffled",
    "seen ÷ expected",
)


class Finding(Enum):
    """What may be said."""

    TOO_FEW = "too few departures"
    BEYOND = "associated beyond similarity"
    PARTNER = "partner shock"
    SHARED = "shared shock"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, eq=False)
class Verdict:
    """The figures side by side, what they amount to, and one sentence in English and in Chinese.

    `table` has a row per method: `method`, `unit`, `estimate`, `low` and `high` (95 %), `p`, `n`
    (departures that it rests on), `controls_for`; NaN where a method has no such figure. `kernels` has
    the log-likelihood of each kernel. Both are empty where there are too few departures.
    """

    table: pd.DataFrame
    finding: Finding
    sentence: str
    sentence_zh: str
    kernels: pd.Series
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Evidence:
    """What the rule looks at."""

    tally: Tally
    by_season: Shuffle
    by_home: Shuffle
    order: Order
    fits: dict[str, Fit]
    bursts: dict[str, Burst | None]

    @property
    def hazard(self) -> Fit:
        return self.fits["out 5"]

    @property
    def both(self) -> Fit:
        return self.fits["both 5"]


def verdict(
    study: Study,
    rows: int | None = None,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    progress: Progress | None = None,
) -> Verdict:
    """Judge a study by all methods; `rows` bounds the panel (see `panel`), `seed` fixes every random draw.

    Raises BadInput for fewer than 99 permutations: with them no p could be as small as the rule asks.
    """
    if permutations < FEWEST:
        raise BadInput(f"{permutations} permutations cannot show p ≤ {ALPHA}; {FEWEST} can")
    tally = tallies(study, progress)
    weeks = _alone(study, panel(study, rows, seed, progress))
    left, exposed = weeks["left"].to_numpy(bool), weeks["out"].to_numpy() > 0
    cases, after = int(left.sum()), int((left & exposed).sum())
    if cases < LEAST or after < LEAST_EXPOSED:
        return _too_few(cases, after)
    score = prognosis(weeks)
    weeks["prognosis"] = levels(score, weeks["weight"].to_numpy(float))
    evidence = _evidence(study, tally, weeks, seed, permutations, progress)
    pairs = matched(weeks, score, seed=seed)
    table = _table(weeks, evidence, pairs)
    finding = judge(evidence)
    likelihoods = pd.Series({name: fit.log_likelihood for name, fit in evidence.fits.items()})
    english, chinese = _sentences(finding, table.set_index("method"), evidence)
    return Verdict(table, finding, english, chinese, likelihoods, _notes(evidence, pairs))


def _alone(study: Study, weeks: pd.DataFrame) -> pd.DataFrame:
    """The panel without the last weeks of those who left with their whole account: that was decided there."""
    who = weeks["member"].to_numpy(np.int64)
    last = study.left[who] - study.weeks[weeks["week"].to_numpy(np.int64)] <= 7 * MEMORY
    kept: pd.DataFrame = weeks[~(together(study)[who] & last)]
    return kept.reset_index(drop=True)


def _evidence(
    study: Study, tally: Tally, weeks: pd.DataFrame, seed: int, permutations: int, progress: Progress | None
) -> _Evidence:
    return _Evidence(
        tally,
        by_season=shuffle(study, seasons(study), permutations, seed, progress),
        by_home=shuffle(study, _homes(study), permutations, seed, progress),
        order=order(study, study.months[-1].account),
        fits=kernels(weeks),
        bursts={by: _burst(tally, by, seed) for by in GROUPS},
    )


def judge(evidence: _Evidence) -> Finding:
    """The rule of this module, for a study with enough departures."""
    if _beyond(evidence):
        return Finding.BEYOND
    wide = {
        by: burst.evidence for by, burst in evidence.bursts.items() if burst is not None and _tells(burst)
    }
    if "partner" in wide and wide["partner"] > wide.get("region", 0.0):
        return Finding.PARTNER
    return Finding.SHARED if "region" in wide else Finding.NOT_SHOWN


def _burst(tally: Tally, by: str, seed: int) -> Burst | None:
    """The strongest burst; of partners and regions without whole accounts and those that are most of it."""
    gone = tally.departures
    if by != "account":
        gone = gone[~gone["together"]]
    burst = scan(gone, tally.time[by], by, seed=seed)
    for _ in range(LARGE):
        if burst is None or by == "account" or burst.p > BURST or _is_wide(burst):
            break
        gone = gone[gone["account"] != burst.home]
        burst = scan(gone, tally.time[by], by, seed=seed)
    return burst


def _tells(burst: Burst) -> bool:
    return burst.p <= BURST and _is_wide(burst)


def _is_wide(burst: Burst) -> bool:
    """Not the doing of one account, which belongs to a region and mostly to a partner, too."""
    return burst.accounts >= SPREAD and burst.apart <= APART


def _beyond(evidence: _Evidence) -> bool:
    both = evidence.both
    if evidence.hazard.why_not or both.why_not:
        return False
    above = both.of("out_5") - Z95 * both.error("out_5") > 0
    more, error = both.difference("out_5", "in_5")
    shuffled = max(evidence.by_season.p, evidence.by_home.p)
    return above and more > Z95 * error and shuffled <= ALPHA and evidence.order.p <= ORDER


def _homes(study: Study) -> Ints:
    """A number for each account and partner together, as last known."""
    month = study.months[-1]
    return np.unique(np.stack([month.account, month.partner]), axis=1, return_inverse=True)[1].ravel()


Row = tuple[str, str, float, float, float, float, int, str]
NAN = float("nan")


def _table(weeks: pd.DataFrame, evidence: _Evidence, pairs: Matched) -> pd.DataFrame:
    found = [
        *_risks(evidence.tally, pairs),
        *_orders(evidence),
        *_hazards(weeks, evidence),
        *_bursts(evidence),
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _risks(tally: Tally, pairs: Matched) -> list[Row]:
    figures = {
        "naive": (tally.naive, "nothing"),
        "stratified by account": (tally.by_account, "account and week"),
        "stratified by partner": (tally.by_partner, "partner, contract, tenure and week"),
        "matched": (pairs.ratio, "all that is recorded, week by week"),
    }
    return [
        (name, RISKS, ratio.estimate, ratio.low, ratio.high, NAN, ratio.cases, held)
        for name, (ratio, held) in figures.items()
    ]


def _orders(evidence: _Evidence) -> list[Row]:
    found: list[Row] = []
    for name, one, held in (
        ("shuffle", evidence.by_season, "who leaves in which quarter"),
        ("shuffle within", evidence.by_home, "who leaves at all; account and partner"),
    ):
        found.append((name, DOSES, *one.ratio, one.p, one.cases, held))
    both, ends = evidence.both, evidence.order
    if not both.why_not:
        log, error = both.difference("out_5", "in_5")
        low, high = float(np.exp(log - Z95 * error)), float(np.exp(log + Z95 * error))
        held = "likeness, which has no direction"
        found.append(("reversal", HAZARDS, float(np.exp(log)), low, high, NAN, both.cases, held))
    held = "likeness and shocks, which know no order"
    found.append(("order of ends", HAZARDS, ends.ratio, ends.low, ends.high, ends.p, ends.dyads, held))
    return found


def _hazards(weeks: pd.DataFrame, evidence: _Evidence) -> list[Row]:
    quarters = weeks.assign(quarter=weeks["week"] // QUARTER)
    alike = within(weeks, ("out_5",), strata_of(quarters, ["account", "quarter"]))
    return [
        (name, HAZARDS, *_hazard_ratio(fit, "out_5"), NAN, fit.cases, held)
        for name, fit, held in (
            ("hazard", evidence.hazard, "time, tenure, ties, contract, arrears, likeness, others' leaving"),
            ("hazard, reversed ties held", evidence.both, "the same, and neighbours against arrows"),
            ("hazard within account", alike, "account and quarter"),
        )
    ]


def _bursts(evidence: _Evidence) -> list[Row]:
    return [
        (f"burst by {by}", EXCESS, burst.ratio, NAN, NAN, burst.p, burst.observed, f"the {by}'s own rate")
        for by, burst in evidence.bursts.items()
        if burst is not None
    ]


def _hazard_ratio(fit: Fit, dose: str) -> tuple[float, float, float]:
    log, error = fit.of(dose), fit.error(dose)
    return float(np.exp(log)), float(np.exp(log - Z95 * error)), float(np.exp(log + Z95 * error))


def _too_few(cases: int, after: int) -> Verdict:
    table = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    english = (
        f"{cases} members left, {after} of them within five weeks of a neighbour: too few departures to say"
        f" anything; {LEAST} and {LEAST_EXPOSED} are needed."
    )
    chinese = (
        f"共{cases}名成员离网，其中{after}名在邻居离网后五周内离网：离网数太少，无法下结论"
        f"（至少需要{LEAST}名和{LEAST_EXPOSED}名）。"
    )
    return Verdict(table, Finding.TOO_FEW, english, chinese, pd.Series(dtype=float))


def _notes(evidence: _Evidence, pairs: Matched) -> tuple[str, ...]:
    told = [f"{pairs.unmatched} of {pairs.pairs + pairs.unmatched} exposed member-weeks found nobody alike"]
    for fit, what in ((evidence.hazard, "the hazard"), (evidence.both, "the hazard with reversed ties")):
        if fit.why_not:
            told.append(f"{what} could not be fitted: {fit.why_not}")
    if np.isnan(evidence.order.p):
        told.append(
            f"{evidence.order.dyads} pairs left shortly after each other: too few to tell who came first"
        )
    whole = int(evidence.tally.departures["together"].sum())
    if whole:
        told.append(f"{whole} of {len(evidence.tally.departures)} departures were of whole accounts")
    account = evidence.bursts["account"]
    if account is not None and account.p <= ALPHA:
        burst = f"{account.observed} left one account within {account.length} weeks"
        told.append(f"{burst}, {account.ratio:.1f} times the expected")
    return tuple(told)


def _sentences(finding: Finding, table: pd.DataFrame, evidence: _Evidence) -> tuple[str, str]:
    """The one sentence, in English and in Chinese."""
    naive_ratio, hazard = _told(table, "naive"), _told(table, "hazard")
    p = "n/a" if np.isnan(evidence.order.p) else f"{evidence.order.p:.3f}"
    match finding:
        case Finding.BEYOND:
            told = _beyond_told(hazard, p)
        case Finding.PARTNER | Finding.SHARED:
            told = _shock_told(*_shock(finding, evidence.bursts))
        case _:
            told = _nothing_told(hazard, p)
    return (
        f"Members with a neighbour gone in the last five weeks left {naive_ratio} times as often as others;"
        f" {told[0]}.",
        f"近五周内有邻居离网的成员，其离网率是其他成员的{naive_ratio}倍；{told[1]}。",
    )


def _told(table: pd.DataFrame, method: str) -> str:
    estimate, low, high = (float(table[end][method]) for end in ("estimate", "low", "high"))
    return "n/a" if np.isnan(estimate) else f"{estimate:.2f} ({low:.2f}–{high:.2f})"


def _beyond_told(hazard: str, p: str) -> tuple[str, str]:
    return (
        "leaving is associated with neighbours' leaving beyond similarity, accounts and partners: hazard"
        f" ratio {hazard} per neighbour just gone, order of departures p = {p}; no experiment backs a cause",
        "在相似性、集团和合作伙伴因素之外，离网仍与邻居离网相关："
        f"每名刚离网邻居的风险比为{hazard}，离网顺序检验p={p}；没有实验支持因果关系",
    )


def _nothing_told(hazard: str, p: str) -> tuple[str, str]:
    return (
        "that it is associated with neighbours' leaving beyond similarity, accounts, partners and contracts"
        f" is not shown (hazard ratio {hazard}, order of departures p = {p})",
        "在相似性、集团、合作伙伴和合同因素之外与邻居离网的关联未得到证实"
        f"（风险比{hazard}，离网顺序检验p={p}）",
    )


def _shock_told(by: str, burst: Burst) -> tuple[str, str]:
    name = {"partner": "合作伙伴", "region": "地区"}[by]
    return (
        f"departures came together in one {by} ({burst.observed} in {burst.length} weeks, {burst.ratio:.1f}"
        f" times the expected, p = {burst.p:.3f}), which is associated with a shock shared there;"
        " more than that by neighbours is not shown",
        f"离网集中出现在同一{name}（{burst.length}周内{burst.observed}名，为预期的{burst.ratio:.1f}倍，"
        f"p={burst.p:.3f}），与该{name}的共同冲击相关；邻居方面的进一步关联未得到证实",
    )


def _shock(finding: Finding, bursts: dict[str, Burst | None]) -> tuple[str, Burst]:
    """Where the shock was, as `judge` found it."""
    by = "partner" if finding is Finding.PARTNER else "region"
    burst = bursts[by]
    if burst is None:
        raise ValueError(f"{finding.value} without a burst by {by}")
    return by, burst
