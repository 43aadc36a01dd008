"""The churn score on public data: customers of a fictitious telecom firm, and a firm's mail."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from empulse.metrics import empc_score
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from analytics.calendar import months_before
from analytics.churn.calibration import line
from analytics.churn.folded import Folded, out_of_fold
from analytics.churn.scores import churn_scores
from graph.lake import Lake
from ingest.run import load

TOLD_LATER = ["Customerid", "Customerstatus", "Churncategory", "Churnreason"]


@pytest.fixture(scope="module")
def maven(public_data: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Every column known before a customer left, texts as codes; and who left."""
    path = public_data / "maven-telco" / "telecom_customer_churn.csv"
    raw = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    raw.columns = raw.columns.str.strip()
    known = raw.drop(columns=TOLD_LATER)
    codes = {
        name: known[name].astype("category").cat.codes.replace(-1, np.nan)
        for name in known.columns
        if not pd.api.types.is_numeric_dtype(known[name])
    }
    return known.assign(**codes).astype(float), (raw["Customerstatus"] == "Churned").to_numpy()


@pytest.fixture(scope="module")
def folded(maven: tuple[pd.DataFrame, np.ndarray]) -> Folded:
    frame, left = maven
    return out_of_fold(frame, left, list(frame.columns), pd.Series(np.arange(len(frame))))


@pytest.mark.data
@pytest.mark.nightly
def test_out_of_fold_no_worse_than_lightgbm_as_it_comes(
    maven: tuple[pd.DataFrame, np.ndarray], folded: Folded
) -> None:
    frame, left = maven
    plain = np.zeros(len(frame))
    for seen, held in StratifiedKFold(5, shuffle=True, random_state=1).split(frame, left):
        model = lgb.LGBMClassifier(n_jobs=1, verbose=-1, random_state=1).fit(frame.iloc[seen], left[seen])
        plain[held] = model.predict_proba(frame.iloc[held])[:, 1]
    assert left.sum() == 1869
    assert roc_auc_score(left, folded.odds) >= roc_auc_score(left, plain)
    assert empc_score(left.astype(int), folded.odds) >= empc_score(left.astype(int), plain)
    assert line(folded.odds, left)[0] == pytest.approx(1, abs=0.1)


@pytest.mark.data
@pytest.mark.nightly
def test_referrals_are_a_part_of_the_score_and_not_the_whole(folded: Folded) -> None:
    assert folded.weight.sum() == pytest.approx(1)
    assert 0.05 < folded.weight["Numberofreferrals"] < 0.3


@pytest.mark.data
@pytest.mark.nightly
def test_every_month_end_of_a_firms_mail_is_scored_or_refused_in_words(
    public_data: Path, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    load("enron", public_data / "enron", lake, tmp_path / "quarantine")
    for month in range(1, 13):
        day = months_before(date(2001, 1, 1), -month) - pd.Timedelta(days=1)
        found = churn_scores(lake.view, day)
        assert "refused" in found.notes or (
            found.members["value"].between(0, 1).all() and found.members["reasons"].map(len).min() >= 2
        )
