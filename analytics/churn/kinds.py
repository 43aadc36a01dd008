"""In which way a member would leave: chances by kind that add up to its chance of leaving.

chance of a kind = chance of leaving · chance of the kind among those who leave; the second by multinomial
logistic regression on past leavers. Kinds compete, so nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analytics.churn.model import scaling, varying
from analytics.csr import Floats

FEWEST = 30
"""Leavers of a kind below which it is one of the `OTHER` ones."""
OTHER = "other"
PENALTY = 0.1
ROWS = 100_000
"""Members scored at a time, which bounds the memory."""


def kind_chances(
    leavers: pd.DataFrame, kind: pd.Series, columns: Sequence[str], scored: pd.DataFrame, chance: Floats
) -> pd.DataFrame:
    """By member_id one column a kind, sorted by name; each row adds up to `chance`.

    `kind` goes with `leavers`, row by row. Kinds too rare to be told apart are one, `other`; where only
    one is left, it has the whole chance.
    """
    counts = kind.value_counts()
    told = kind.where(kind.isin(counts[counts >= FEWEST].index), OTHER).to_numpy(object)
    names = sorted(set(told))
    used, _ = varying(leavers, columns) if len(leavers) else ([], {})
    if len(names) < 2 or not used:
        return pd.DataFrame(dict.fromkeys(names[:1], chance), index=scored.index)
    scale = scaling(leavers, used)
    model = LogisticRegression(C=PENALTY, max_iter=500).fit(scale.matrix(leavers), told)
    shares = [
        model.predict_proba(scale.matrix(scored.iloc[start : start + ROWS]))
        for start in range(0, len(scored), ROWS)
    ]
    found = np.concatenate(shares) if shares else np.zeros((0, len(names)))
    return pd.DataFrame(found * chance[:, None], scored.index, [str(name) for name in model.classes_])
