"""Is leaving associated with neighbours' leaving beyond likeness, accounts, partners and contracts?

The rule, in this order:

1. *too few departures*: fewer than LEAST in all, or fewer than LEAST_EXPOSED after a neighbour's. No
   figure is given.
2. *associated beyond similarity*, if all hold: the order of departures matters among the leavers of one
   account and partner (shuffle, p ≤ ALPHA); the weekly hazard per neighbour gone, covariates held, has
   its interval above 1; and neighbours along arrows tell more than neighbours against them, by at least
   DIRECTION standard errors. The first alone would be fooled by likeness: of two alike members with a high
   hazard both leave early. Where all ties go both ways direction tells nothing, and the rule stays silent.
3. *partner shock*: a burst in one partner's book, p ≤ ALPHA, over at least SPREAD accounts, none of them
   half of it (up to LARGE that are, are left out), and stronger than any region's of that sort.
4. *shared shock*: such a burst in one region, or a burst in one account, p ≤ ALPHA.
5. *not shown*.

Nothing here is randomised, so no finding says "causes".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from analytics.contagion.hazard import Fit, kernels, within
from analytics.contagion.matched import Matched, matched
from analytics.contagion.panel import ROWS, Ints, Study, panel
from analytics.contagion.ratios import Z95, naive, strata_of, stratified
from analytics.contagion.shocks import Burst, scan
from analytics.contagion.shuffle import Reversal, Shuffle, reversal, shuffle
from graph.errors import BadInput
from graph.progress import Progress

LEAST = 50
LEAST_EXPOSED = 15
ALPHA = 0.01
DIRECTION = Z95
SPREAD = 3
LARGE = 3
PERMUTATIONS = 199
FEWEST = 99
COLUMNS = ("method", "unit", "estimate", "low", "high", "p", "n", "controls_for")
RISKS, HAZARDS, LOGS, EXCESS = (
    "ratio of risks",
    "hazard ratio",
    "difference of ln odds ratio",
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

    order: Shuffle
    order_within: Shuffle
    turned: Reversal
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
    rows: int = ROWS,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    progress: Progress | None = None,
) -> Verdict:
    """Judge a study by all methods; `rows` bounds the panel, `seed` fixes every random draw.

    Raises BadInput for fewer than 99 permutations: with them no p could be as small as the rule asks.
    """
    if permutations < FEWEST:
        raise BadInput(f"{permutations} permutations cannot show p ≤ {ALPHA}; {FEWEST} can")
    weeks = panel(study, rows, seed, progress)
    left, exposed = weeks["left"].to_numpy(bool), weeks["out"].to_numpy() > 0
    cases, after = int(left.sum()), int((left & exposed).sum())
    if cases < LEAST or after < LEAST_EXPOSED:
        return _too_few(cases, after)
    order_within = shuffle(study, _homes(study), permutations, seed, progress)
    evidence = _Evidence(
        order=shuffle(study, None, permutations // 2, seed, progress),
        order_within=order_within,
        turned=reversal(weeks, seed=seed),
        fits=kernels(weeks),
        bursts={by: _burst(weeks, by, seed) for by in ("partner", "region", "account")},
    )
    pairs = matched(weeks, seed=seed)
    table = _table(weeks, evidence, pairs)
    finding = judge(evidence)
    likelihoods = pd.Series({name: fit.log_likelihood for name, fit in evidence.fits.items()})
    english, chinese = _sentences(finding, table.set_index("method"), evidence)
    return Verdict(table, finding, english, chinese, likelihoods, _notes(evidence, pairs))


def judge(evidence: _Evidence) -> Finding:
    """The rule of this module, for a study with enough departures."""
    if _beyond(evidence):
        return Finding.BEYOND
    clear = {by: burst for by, burst in evidence.bursts.items() if burst is not None and burst.p <= ALPHA}
    wide = {by: burst.evidence for by, burst in clear.items() if _is_wide(burst)}
    if "partner" in wide and wide["partner"] > wide.get("region", 0.0):
        return Finding.PARTNER
    return Finding.SHARED if "region" in wide or "account" in clear else Finding.NOT_SHOWN


def _burst(weeks: pd.DataFrame, by: str, seed: int) -> Burst | None:
    """The strongest burst; of partners and regions, without accounts that make up most of one."""
    burst = scan(weeks, by, seed=seed)
    for _ in range(LARGE):
        if burst is None or by == "account" or burst.p > ALPHA or _is_wide(burst):
            break
        weeks = weeks[weeks["account"] != burst.home]
        burst = scan(weeks, by, seed=seed)
    return burst


def _is_wide(burst: Burst) -> bool:
    """Not the doing of one account, which belongs to a region and mostly to a partner, too."""
    return burst.accounts >= SPREAD and burst.largest < 0.5


def _beyond(evidence: _Evidence) -> bool:
    hazard, both = evidence.hazard, evidence.both
    if hazard.why_not or both.why_not:
        return False
    above = hazard.of("out_5") - Z95 * hazard.error("out_5") > 0
    more, error = both.difference("out_5", "in_5")
    return evidence.order_within.p <= ALPHA and above and more > DIRECTION * error


def _homes(study: Study) -> Ints:
    """A number for each account and partner together, as last known."""
    month = study.months[-1]
    return np.unique(np.stack([month.account, month.partner]), axis=1, return_inverse=True)[1].ravel()


Row = tuple[str, str, float, float, float, float, int, str]
NAN = float("nan")


def _table(weeks: pd.DataFrame, evidence: _Evidence, pairs: Matched) -> pd.DataFrame:
    found = [*_risks(weeks, pairs), *_orders(evidence), *_hazards(weeks, evidence), *_bursts(evidence)]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _risks(weeks: pd.DataFrame, pairs: Matched) -> list[Row]:
    arms = (weeks["out"].to_numpy() > 0, weeks["left"].to_numpy(bool), weeks["weight"].to_numpy(float))
    by_partner = strata_of(weeks, ["partner", "contract", "tenure", "week"])
    figures = {
        "naive": (naive(*arms), "nothing"),
        "stratified by account": (
            stratified(strata_of(weeks, ["account", "week"]), *arms),
            "account and week",
        ),
        "stratified by partner": (stratified(by_partner, *arms), "partner, contract, tenure and week"),
        "matched": (pairs.ratio, "all that is recorded, week by week"),
    }
    return [
        (name, RISKS, ratio.estimate, ratio.low, ratio.high, NAN, ratio.cases, held)
        for name, (ratio, held) in figures.items()
    ]


def _orders(evidence: _Evidence) -> list[Row]:
    found: list[Row] = []
    for name, order, held in (
        ("shuffle", evidence.order, "who leaves at all"),
        ("shuffle within", evidence.order_within, "who leaves at all; account and partner"),
    ):
        beyond = order.observed - order.permuted
        low, high = (float(end) for end in np.quantile(beyond, (0.025, 0.975)))
        found.append((name, LOGS, float(beyond.mean()), low, high, order.p, order.cases, held))
    turned, cases = evidence.turned, evidence.order.cases
    held = "likeness, which has no direction"
    found.append(("reversal", LOGS, turned.difference, turned.low, turned.high, turned.p, cases, held))
    return found


def _hazards(weeks: pd.DataFrame, evidence: _Evidence) -> list[Row]:
    alike = within(weeks, ("out_5",), strata_of(weeks, ["account", "week"]))
    return [
        (name, HAZARDS, *_hazard_ratio(fit, "out_5"), NAN, fit.cases, held)
        for name, fit, held in (
            ("hazard", evidence.hazard, "time, tenure, ties, contract, arrears, others' leaving"),
            ("hazard, reversed ties held", evidence.both, "the same, and neighbours against arrows"),
            ("hazard within account", alike, "account and week"),
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
    return tuple(told)


def _sentences(finding: Finding, table: pd.DataFrame, evidence: _Evidence) -> tuple[str, str]:
    """The one sentence, in English and in Chinese."""
    naive_ratio, hazard = _told(table, "naive"), _told(table, "hazard")
    p = f"{evidence.order_within.p:.3f}"
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
    name = {"partner": "合作伙伴", "region": "地区", "account": "集团"}[by]
    return (
        f"departures came together in one {by} ({burst.observed} in {burst.length} weeks, {burst.ratio:.1f}"
        f" times the expected, p = {burst.p:.3f}), which is associated with a shock shared there;"
        " more than that by neighbours is not shown",
        f"离网集中出现在同一{name}（{burst.length}周内{burst.observed}名，为预期的{burst.ratio:.1f}倍，"
        f"p={burst.p:.3f}），与该{name}的共同冲击相关；邻居方面的进一步关联未得到证实",
    )


def _shock(finding: Finding, bursts: dict[str, Burst | None]) -> tuple[str, Burst]:
    """Where the shock was, as `judge` found it: the region before the account where both have one."""
    if finding is Finding.PARTNER:
        by = "partner"
    else:
        region = bursts["region"]
        by = "region" if region is not None and region.p <= ALPHA and _is_wide(region) else "account"
    burst = bursts[by]
    if burst is None:
        raise ValueError(f"{finding.value} without a burst by {by}")
    return by, burst
