"""The ladder of baselines: every model of the protocol, judged on the same later window, side by side.

Trained on the earlier windows, tuned and calibrated on the last but one, judged on the last: out of
time. The rows "…, other accounts" are also judged on accounts none of whose members were trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from analytics.churn.boosted import grow
from analytics.churn.calibration import line
from analytics.churn.catalogue import ATTRIBUTES, FEATURES, STEPS, up_to
from analytics.churn.features import features
from analytics.churn.labels import Views
from analytics.churn.measures import DRAWS, WIDTH, Judged, drawn_measures, measured, worth
from analytics.churn.model import Labels, fit, varying
from analytics.churn.scores import FEWEST, HORIZON
from analytics.churn.windows import Rows, Window, labelled, together, window
from analytics.csr import Floats
from graph.errors import BadInput
from graph.progress import Progress

MOST_WINDOWS = 6
FOLDS = 5
PLAIN = "logistic"
TREES = "boosted"
ALL = f"{TREES}, all features"
ATTRIBUTE_ONLY = f"{TREES}, attributes only"
STEP_NAMES = {
    "tenure_contract": "tenure and contract",
    "degree": "+ degree",
    "neighbours": "+ departed neighbours",
    "walk": "+ personalised PageRank",
    "group": "+ account, region, seller",
    "rest": "all features",
}
COLUMNS = (
    "model", "auc", "auc_low", "auc_high", "auprc", "base_rate", "brier", "slope", "intercept",
    "lift_1", "lift_1_low", "lift_1_high", "lift_5", "lift_5_low", "lift_5_high",
    "lift_10", "lift_10_low", "lift_10_high", "empc", "empc_share",
    "empb", "empb_low", "empb_high", "empb_share", "members", "leavers",
)  # fmt: skip

Odds = Callable[[Sequence[Window], Window, Window], Floats]


@dataclass(frozen=True, eq=False)
class Ladder:
    """`table`: one row a model, COLUMNS. `gains`: how much the best-equipped model adds to each other
    one's AUC, lift and EMPB, with 90 % intervals over the same draws of accounts. `leaks`: checks that
    nothing of the future got in. `windows`: the days of training, tuning and judging.
    """

    table: pd.DataFrame
    gains: pd.DataFrame
    leaks: dict[str, float]
    windows: list[dict[str, object]]


def evaluate(
    views: Views, as_of: date, horizon: int = HORIZON, draws: int = DRAWS, progress: Progress | None = None
) -> Ladder:
    """Judge every model on the newest window whose end is known on the day.

    Raises BadInput where there are fewer than three windows, or too few leavers in training, tuning or
    judging.
    """
    days = labelled(views, as_of, horizon, MOST_WINDOWS)
    windows = []
    for number, (day, left) in enumerate(days.items()):
        _tell(progress, "reading windows", number, len(days))
        windows.append(window(views, day, left))
    _checked(windows)
    *earlier, tuning, last = windows
    value = worth(last.frame)
    judged = {}
    models = _models()
    for number, (name, odds) in enumerate(models.items()):
        _tell(progress, "models", number, len(models))
        judged[name] = Judged(odds(earlier, tuning, last), last.left, last.frame["account_id"], value)
    rows = [{"model": name, **measured(found, draws)} for name, found in judged.items()]
    told = [
        {"day": w.day.isoformat(), "use": use, "members": len(w.left), "leavers": int(w.left.sum())}
        for w, use in zip(windows, ["train"] * len(earlier) + ["tune", "judge"], strict=True)
    ]
    leaks = _leaks(views, earlier, tuning, last, judged[ALL])
    return Ladder(pd.DataFrame(rows)[list(COLUMNS)], _gains(judged, draws), leaks, told)


def _models() -> dict[str, Odds]:
    found: dict[str, Odds] = {f"{PLAIN}, {STEP_NAMES[step]}": _plain(up_to(step)) for step in STEPS}
    found[ATTRIBUTE_ONLY] = _trees(ATTRIBUTES)
    found[ALL] = _trees(FEATURES)
    found[f"{ALL}, other accounts"] = _apart(_trees(FEATURES))
    return found


def _plain(names: Sequence[str]) -> Odds:
    def odds(earlier: Sequence[Window], tuning: Window, last: Window) -> Floats:
        rows = together([*earlier, tuning])
        columns, _ = varying(rows.frame, names)
        if not columns:
            return np.zeros(len(last.frame))
        return fit(rows.frame, rows.left, columns, rows.weight).odds(last.frame)

    return odds


def _trees(names: Sequence[str]) -> Odds:
    """Grown on the earlier windows until the tuning one is foretold no better, calibrated there, and
    grown again on both, so that they have seen what the logistic models have.
    """

    def odds(earlier: Sequence[Window], tuning: Window, last: Window) -> Floats:
        rows = together(earlier)
        columns, _ = varying(rows.frame, names)
        tried = grow(rows.frame, rows.left, columns, (tuning.frame, tuning.left), weight=rows.weight)
        slope, intercept = line(tried.raw(tuning.frame), tuning.left)
        both = together([*earlier, tuning])
        trees = grow(both.frame, both.left, columns, rounds=tried.rounds, weight=both.weight)
        return trees.calibrated(slope, intercept).odds(last.frame)

    return odds


def _apart(model: Odds) -> Odds:
    """The model for each fifth of the judged accounts, trained without them."""

    def odds(earlier: Sequence[Window], tuning: Window, last: Window) -> Floats:
        found = np.zeros(len(last.frame))
        for inside, outside in folds(last):
            without = set(outside)
            parts = [_only(w, ~_home(w).isin(without).to_numpy()) for w in (*earlier, tuning)]
            found[inside] = model(parts[:-1], parts[-1], _only(last, inside))
        return found

    return odds


def folds(rows: Window) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each of FOLDS: which rows are in it (bool), and the accounts they belong to."""
    home = _home(rows).to_numpy()
    for _, inside in GroupKFold(FOLDS).split(home, groups=home):
        mask = np.zeros(len(home), bool)
        mask[inside] = True
        yield mask, np.unique(home[inside])


def _home(rows: Window) -> pd.Series:
    """The account of each row; a member without one is its own."""
    account = rows.frame["account_id"]
    return account.fillna(pd.Series(rows.frame.index.astype(str), rows.frame.index)).astype(str)


def _only(rows: Window, kept: np.ndarray) -> Window:
    return Window(rows.day, rows.frame[kept], rows.left[kept])


def _gains(judged: dict[str, Judged], draws: int) -> pd.DataFrame:
    """The full model less each other one, over the same draws."""
    drawn = {name: drawn_measures(rows, draws) for name, rows in judged.items()}
    rows = []
    for name in judged:
        if name == ALL:
            continue
        row: dict[str, object] = {"against": name}
        for figure in ("auc", "lift_10", "empb"):
            gap = drawn[ALL][figure] - drawn[name][figure]
            low, high = np.quantile(gap, [(1 - WIDTH) / 2, (1 + WIDTH) / 2])
            row |= {figure: float(gap.mean()), f"{figure}_low": float(low), f"{figure}_high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def _leaks(
    views: Views, earlier: Sequence[Window], tuning: Window, last: Window, whole: Judged
) -> dict[str, float]:
    """AUC with labels scrambled in training, which must be about 0.5; AUC with every feature of the
    judged window a window old, which must not be above `auc`; accounts on both sides of a split: 0.
    """
    rng = np.random.default_rng(0)
    rows = together([*earlier, tuning])
    columns, _ = varying(rows.frame, FEATURES)
    scrambled = []
    for _ in range(5):
        model = fit(rows.frame, rng.permutation(rows.left), columns, rows.weight)
        scrambled.append(_auc(model.odds(last.frame), rng.permutation(last.left)))
    old = features(views(tuning.day)).reindex(last.frame.index)
    known = old["account_id"].notna().to_numpy() | old["tenure"].notna().to_numpy()
    stale = _trees(FEATURES)(earlier, tuning, Window(last.day, old[known], last.left[known]))
    fresh = _auc(whole.odds[known], last.left[known])
    both = sum(len(set(outside) & set(_home(_only(last, ~inside)))) for inside, outside in folds(last))
    return {
        "scrambled_auc": float(np.mean(scrambled)),
        "auc": fresh,
        "shifted_auc": _auc(stale, last.left[known]),
        "accounts_on_both_sides": float(both),
    }


def _auc(odds: Floats, left: Labels) -> float:
    return float(roc_auc_score(left, odds))


def _checked(windows: Sequence[Window]) -> None:
    if len(windows) < 3:
        raise BadInput(f"{len(windows)} windows with leavers; evaluating takes three, or a shorter --horizon")
    rows: Rows = together(windows[:-2])
    for use, left in (("train on", rows.left), ("tune on", windows[-2].left), ("judge by", windows[-1].left)):
        if min(int(left.sum()), int((~left).sum())) < FEWEST:
            raise BadInput(
                f"{int(left.sum())} leavers among {len(left)} members to {use}; {FEWEST} of either are needed"
            )


def _tell(progress: Progress | None, step: str, done: int, total: int) -> None:
    if progress:
        progress(step, done, total)
