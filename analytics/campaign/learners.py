"""Individual uplift out of a randomised campaign, judged on members of accounts the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.model_selection import GroupKFold

from analytics.campaign.measured import Units
from analytics.campaign.qini import Curve, curve
from analytics.csr import Floats
from graph.errors import BadInput

FOLDS, LEAST = 5, 20
SETTINGS: dict[str, Any] = {
    "n_estimators": 60, "learning_rate": 0.05, "num_leaves": 7, "min_child_samples": 30, "n_jobs": 1,
    "random_state": 1, "deterministic": True, "verbose": -1,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Uplift:
    """`frame`: member_id, `risk` (chance of leaving uncontacted), `uplift_t`, `uplift_x` (fall of that
    chance by a contact, of the T- and the X-learner), `value`, all out of fold. `curves`: how each ranking
    does on staying, by name.
    """

    frame: pd.DataFrame
    curves: dict[str, Curve]


def uplift(found: Units, seed: int = 0) -> Uplift:
    """Fit T- and X-learner and set their rankings beside that by risk, each also times the monthly bill.

    S. Künzel and others, PNAS 2019; folds by account. Raises BadInput where an arm has fewer than 20
    leavers or stayers, or fewer than five accounts: there is no contrast to learn from.
    """
    left, treat = found.frame["left"].to_numpy(bool), found.treat
    for name, arm in (("treated", treat), ("control", ~treat)):
        least = min(int(left[arm].sum()), int((~left[arm]).sum()))
        if least < LEAST:
            raise BadInput(
                f"campaign {found.campaign}: {least} {name} members of one outcome; no uplift of single"
                f" members can be learned from fewer than {LEAST}"
            )
    if len(set(found.cluster.tolist())) < FOLDS:
        raise BadInput(f"campaign {found.campaign} lies in fewer than {FOLDS} accounts; none can be held out")
    risk, t_learned, x_learned = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    for train, test in GroupKFold(FOLDS).split(found.known, groups=found.cluster):
        risk[test], t_learned[test], x_learned[test] = _fold(found.known, left, treat, train, test)
    value = found.frame["bill"].to_numpy(float)
    rankings = {
        "risk": risk, "uplift (T)": t_learned, "uplift (X)": x_learned,
        "risk × value": risk * value, "uplift (T) × value": t_learned * value,
        "uplift (X) × value": x_learned * value,
    }  # fmt: skip
    stays, worth = (~left).astype(float), (~left) * value
    curves = {
        name: curve(score, worth if "value" in name else stays, treat, found.cluster, seed)
        for name, score in rankings.items()
    }
    frame = found.frame[["member_id"]].assign(risk=risk, uplift_t=t_learned, uplift_x=x_learned, value=value)
    return Uplift(frame, curves)


def _fold(
    known: Floats, left: np.ndarray, treat: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[Floats, Floats, Floats]:
    """Risk, T and X of the test rows; the share treated takes the place of a propensity, as it was by lot."""
    given, kept = train[treat[train]], train[~treat[train]]
    of_given, of_kept = (
        LGBMClassifier(**SETTINGS).fit(known[arm], left[arm].astype(int)) for arm in (given, kept)
    )
    risk, treated = _chance(of_kept, known[test]), _chance(of_given, known[test])
    saved_given = LGBMRegressor(**SETTINGS).fit(known[given], _chance(of_kept, known[given]) - left[given])
    saved_kept = LGBMRegressor(**SETTINGS).fit(known[kept], left[kept] - _chance(of_given, known[kept]))
    share = len(given) / len(train)
    by_kept, by_given = (np.asarray(model.predict(known[test]), float) for model in (saved_kept, saved_given))
    return risk, risk - treated, share * by_kept + (1 - share) * by_given


def _chance(model: LGBMClassifier, rows: Floats) -> Floats:
    found = np.asarray(model.predict_proba(rows), float)
    return found[:, 1] if found.shape[1] > 1 else np.full(len(rows), float(model.classes_[0]))
