"""What referrals were worth (CRV of members, BRV of accounts), whom to ask for one, and what word goes round.

Formulas, sources and declared parameters: docs/methods/referral.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.frames import day_of
from analytics.referral.credit import HALF_LIFE, Rule, referrals
from graph.asof import View

COLUMNS = ["kind", "id", "measure", "value", "low", "high", "reasons"]
NAMED = 3
"""Referrals named in a reason."""
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Declared:
    """What is declared, not measured; all of it is shown beside the figures."""

    rule: Rule = "linear"
    half_life: float = HALF_LIFE
    margin: float = 0.3
    """Share of a bill."""
    months: int = 12
    """Months of a newcomer's margin that count."""
    rate: float = 0.01
    """Discount a month."""
    acquisition: float = 80.0
    """Yuan that winning a line costs where nobody refers it."""
    reward: float = 0.0
    """Yuan that a referral costs."""
    otherwise: float = 0.5
    """Share of those referred who would not have joined otherwise."""
    sway: float = 0.5
    """How far references swayed an account that was referred, 0 to 1 (Ref of BRV)."""
    memory: float = 365.0
    """Days after which a referral counts half in what is expected of asking."""
    prior_years: float = 1.0
    """Years of the average member that each one's own record is set against."""
    dissatisfied: float = 6.0
    """Answers up to this are of the dissatisfied, from `satisfied` on of the satisfied, 0 to 10."""
    satisfied: float = 9.0
    told_by_dissatisfied: tuple[float, float] = (8.0, 10.0)
    """People that a dissatisfied customer tells, least and most."""
    told_by_satisfied: tuple[float, float] = (2.0, 3.0)
    remembered_days: int = 365
    """Answers and cases older than this say nothing."""


BILLS = """
WITH home AS (
  SELECT source AS member_id, target AS account_id FROM memberships
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
), paid AS (SELECT about AS member_id, avg(total) AS bill FROM bills GROUP BY about)
SELECT 'Member' AS label, member_id AS id, bill FROM paid
UNION ALL
SELECT 'Account', account_id, sum(bill) FROM paid JOIN home USING (member_id) GROUP BY account_id"""
EMPLOYER = """
SELECT source AS contact_id, target AS account_id, since, "until" FROM positions"""
RIVALS = """
SELECT about AS member_id, max(contacts)::DOUBLE AS prospects FROM (
  SELECT about, month, sum(contacts) AS contacts FROM competitor_ties
  WHERE about_label = 'Member' AND month > $day::DATE - 125 GROUP BY ALL) GROUP BY about"""
MEMBERS = """
SELECT member_id, joined, account_id FROM members LEFT JOIN (
  SELECT source AS member_id, target AS account_id FROM memberships WHERE "until" IS NULL OR "until" >= $day
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
) USING (member_id) WHERE "left" IS NULL ORDER BY member_id"""
MOODS = f"""
WITH answered AS (
  SELECT about_label, about, avg(score) AS score, max(date) AS day FROM surveys
  WHERE date > $day::DATE - $days::INTEGER AND score IS NOT NULL GROUP BY ALL
), employed AS (
  SELECT source AS contact_id, target AS account_id FROM positions WHERE "until" IS NULL OR "until" >= $day
), of_account AS (
  SELECT account_id, avg(score) AS score, max(day) AS day FROM (
    SELECT about AS account_id, score, day FROM answered WHERE about_label = 'Account'
    UNION ALL
    SELECT account_id, score, day FROM answered JOIN employed ON contact_id = about
    WHERE about_label = 'Contact') GROUP BY account_id
), own AS (
  SELECT member_id, avg(score) AS score, max(day) AS day
  FROM answered JOIN contacts ON contact_id = about
  WHERE about_label = 'Contact' AND member_id IS NOT NULL GROUP BY member_id
), wronged AS (
  SELECT source AS member_id, max(coalesce(closed, opened)) AS day
  FROM raised JOIN cases ON case_id = target
  WHERE source_label = 'Member' AND (satisfied = false OR (closed IS NULL AND kind = 'complaint'))
    AND coalesce(closed, opened) > $day::DATE - $days::INTEGER GROUP BY source
)
SELECT member_id, people.account_id, o.score AS own, o.day AS own_day, w.day AS wronged,
  a.score AS of_account, a.day AS account_day
FROM ({MEMBERS}) people LEFT JOIN own o USING (member_id) LEFT JOIN wronged w USING (member_id)
  LEFT JOIN of_account a USING (account_id)"""


def referral_scores(
    view: View, declared: Declared | None = None, value: pd.Series | None = None
) -> pd.DataFrame:
    """The rows of table `scores` without run_id: crv and referral_ask (Member), brv (Account), word_of_mouth
    (both).

    `value`: yuan that a customer is worth, by (label, id); it takes the place of margins from bills. Reasons
    are lists of sentences that name the referrals.
    """
    told = declared or Declared()
    rows = referrals(view, told.rule, told.half_life)
    worth = worth_of(rows, _bills(view), pd.Timestamp(day_of(view)), told, value)
    parts = [
        crv(rows.assign(worth=worth), told),
        brv(_by_account(view, rows.assign(worth=worth)), told),
        asking(view, rows, float(worth[rows["target_label"] == "Member"].mean()), told),
        word_of_mouth(view, told),
    ]
    return pd.concat([part.reindex(columns=COLUMNS) for part in parts], ignore_index=True)


def worth_of(
    rows: pd.DataFrame, bills: pd.Series, day: pd.Timestamp, told: Declared, value: pd.Series | None = None
) -> pd.Series:
    """What each referral's target was worth by the day, in yuan as of its joining.

    Its mean monthly bill · margin · (1 - (1 + r)^-n) / r, over the n months from joining (or the referral)
    until it left or the day, `months` at most; or the value given. `bills`: mean bill by (label, id).
    """
    keys = pd.MultiIndex.from_frame(rows[["target_label", "target"]])
    if value is not None:
        return pd.Series(value.reindex(keys).fillna(0.0).to_numpy(float), rows.index)
    since = rows["joined"].fillna(rows["date"])
    until = rows["left"].fillna(day)
    months = ((until - since).dt.days / DAYS_A_MONTH).clip(0, told.months)
    annuity = (1 - (1 + told.rate) ** -months) / told.rate if told.rate else months
    monthly = bills.reindex(keys).fillna(0.0).to_numpy(float)
    return pd.Series(annuity * told.margin * monthly, rows.index)


def crv(rows: pd.DataFrame, told: Declared) -> pd.DataFrame:
    """CRV of members, in yuan: Σ over those brought of credit · (ω · (worth - reward + A) + (1 - ω) · A).

    V. Kumar, J. A. Petersen, R. Leone, Journal of Marketing 2010. ω: `otherwise`, the chance that one would
    not have joined otherwise, the same for all since nothing tells it of a single one; A: `acquisition`.
    `low` and `high` are with ω = 0 and ω = 1, the interval that ω leaves.
    """
    own = rows[(rows["source_label"] == "Member") & (rows["target_label"] == "Member")]
    gained, saved = own["credit"] * (own["worth"] - told.reward), own["credit"] * told.acquisition
    own = own.assign(amount=told.otherwise * gained + saved)
    ends = pd.DataFrame({"a": saved, "b": saved + gained})
    own = own.assign(least=ends.min(axis=1), most=ends.max(axis=1))
    return _summed(own, "Member", "crv")


def brv(rows: pd.DataFrame, told: Declared) -> pd.DataFrame:
    """BRV of accounts, in yuan: Σ Ref · DOI · worth / (1 + r)^t over the accounts that it brought.

    V. Kumar, J. A. Petersen, R. Leone, Journal of Marketing 2013. DOI: the part of the credit; Ref: `sway`,
    times the recorded shares where they add up to less than 1; t: months from the reference to the opening.
    """
    own = rows[(rows["source_label"] == "Account") & (rows["target_label"] == "Account")]
    recorded = own["share"].groupby(own["target"]).transform(lambda part: part.sum(min_count=1))
    sway = told.sway * recorded.fillna(1.0).clip(0, 1)
    months = ((own["joined"] - own["date"]).dt.days / DAYS_A_MONTH).clip(lower=0).fillna(0.0)
    amount = sway * own["credit"] * own["worth"] / (1 + told.rate) ** months
    most = amount / told.sway if told.sway else amount
    return _summed(own.assign(amount=amount, least=0.0, most=most), "Account", "brv")


def asking(view: View, rows: pd.DataFrame, worth: float, told: Declared) -> pd.DataFrame:
    """Yuan expected within a year of asking a member for a referral.

    rate · satisfaction · prospects · (ω · (mean worth - reward) + A), with
    rate = (Σ credit · 2^(-age / memory) + k · mean rate) / (exposure + k), exposure in years forgotten alike
    and k `prior_years` (gamma-Poisson); satisfaction = the account's answers ÷ their mean; prospects =
    (1 + numbers of rivals called) ÷ their mean, at most 3. The last two are 1 where nothing is known.
    """
    day = pd.Timestamp(day_of(view))
    people = view.sql(MEMBERS, {"day": day_of(view)})
    if people.empty:
        return pd.DataFrame(columns=COLUMNS)
    own = rows[(rows["source_label"] == "Member") & (rows["target_label"] == "Member")]
    fresh = own["credit"] * np.exp2(-(day - own["date"]).dt.days / told.memory)
    made = people["member_id"].map(fresh.groupby(own["source"]).sum()).fillna(0.0)
    years = (day - people["joined"]).dt.days.clip(lower=0) / 365.25
    half = told.memory / 365.25
    exposure = (half / np.log(2) * (1 - np.exp2(-years / half))).fillna(half / np.log(2))
    mean = float(made.sum() / exposure.sum()) if exposure.sum() else 0.0
    rate = (made + told.prior_years * mean) / (exposure + told.prior_years)
    mood, prospects = _moods(view, told), people["member_id"].map(_prospects(view))
    answers = mood["own"].fillna(mood["of_account"])
    satisfied = (answers / answers.mean()).where(answers.notna(), 1.0).where(mood["wronged"].isna(), 0.0)
    reach = ((1 + prospects) / (1 + prospects.mean())).clip(upper=3.0).fillna(1.0)
    each = told.otherwise * ((0.0 if np.isnan(worth) else worth) - told.reward) + told.acquisition
    said = _why_ask(people, own, answers, prospects, mood["wronged"])
    return pd.DataFrame(
        {
            "kind": "Member", "id": people["member_id"], "measure": "referral_ask",
            "value": rate * satisfied * reach * max(each, 0.0), "low": np.nan, "high": np.nan,
            "reasons": said,
        }
    )  # fmt: skip


def word_of_mouth(view: View, told: Declared) -> pd.DataFrame:
    """People expected to hear of us, good word counted up and bad word down: of each member whose mood is
    known, and of each account the sum over its lines.

    Dissatisfied: an unhappy end of a case or an open complaint, or answers up to `dissatisfied`; satisfied:
    answers from `satisfied` on. A line's own answers go before its account's. `low` and `high` are the ends
    of the declared ranges.
    """
    mood = _moods(view, told)
    answers = mood["own"].fillna(mood["of_account"])
    bad = mood["wronged"].notna() | (answers <= told.dissatisfied)
    good = ~bad & (answers >= told.satisfied)
    less, more = told.told_by_dissatisfied, told.told_by_satisfied
    frame = pd.DataFrame(
        {
            "kind": "Member", "id": mood["member_id"], "measure": "word_of_mouth",
            "account_id": mood["account_id"],
            "value": np.select([bad, good], [-sum(less) / 2, sum(more) / 2], 0.0),
            "low": np.select([bad, good], [-less[1], more[0]], 0.0),
            "high": np.select([bad, good], [-less[0], more[1]], 0.0),
            "bad": bad, "good": good,
            "reasons": _why_told(mood, answers),
        }
    )[(bad | answers.notna()).to_numpy()]  # fmt: skip
    sums = frame.groupby("account_id")[["value", "low", "high", "bad", "good"]].sum().reset_index()
    said = sums["bad"].astype(int).astype(str) + " lines dissatisfied, "
    said += sums["good"].astype(int).astype(str) + " satisfied"
    sums["reasons"] = pd.Series([[one] for one in said], sums.index, dtype=object)
    sums = sums.rename(columns={"account_id": "id"}).assign(kind="Account", measure="word_of_mouth")
    return pd.concat([frame[COLUMNS], sums[COLUMNS]], ignore_index=True)


def _summed(own: pd.DataFrame, kind: str, measure: str) -> pd.DataFrame:
    """One row per referrer: the sums, and its largest referrals in words."""
    if own.empty:
        return pd.DataFrame(columns=COLUMNS)
    sums = own.groupby("source")[["amount", "least", "most"]].sum()
    ranked = own.sort_values(["source", "amount", "target"], ascending=[True, False, True])
    nth = ranked.groupby("source").cumcount()
    text = (
        "brought " + ranked["target"] + " on " + ranked["date"].dt.strftime("%Y-%m-%d") + ", credit "
        + ranked["credit"].map("{:.2g}".format) + ", worth " + ranked["worth"].map("{:,.0f}".format) + " yuan"
    )  # fmt: skip
    said = text[nth < NAMED].groupby(ranked["source"]).agg(list)
    more = (own.groupby("source").size() - NAMED).clip(lower=0)
    reasons = [[*some, f"and {rest} more"] if rest else some for some, rest in zip(said, more, strict=True)]
    return pd.DataFrame(
        {
            "kind": kind, "id": sums.index, "measure": measure, "value": sums["amount"].to_numpy(),
            "low": sums["least"].to_numpy(), "high": sums["most"].to_numpy(),
            "reasons": pd.Series(reasons, dtype=object),
        }
    )  # fmt: skip


def _by_account(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """Referrals of accounts by accounts; a contact's counts for its employer on the day of it."""
    wanted = rows[rows["target_label"] == "Account"]
    people = wanted[wanted["source_label"] == "Contact"].reset_index().merge(
        view.sql(EMPLOYER), left_on="source", right_on="contact_id"
    )  # fmt: skip
    held = people["since"].isna() | (people["since"] <= people["date"])
    held &= people["until"].isna() | (people["until"] >= people["date"])
    people = people[held].sort_values(["index", "account_id"]).drop_duplicates("index")
    people = people.assign(source_label="Account", source=people["account_id"])
    found = pd.concat([wanted[wanted["source_label"] == "Account"], people])[rows.columns]
    return found[found["source"] != found["target"]].reset_index(drop=True)


def _bills(view: View) -> pd.Series:
    return view.sql(BILLS).set_index(["label", "id"])["bill"]


def _prospects(view: View) -> pd.Series:
    return view.sql(RIVALS, {"day": day_of(view)}).set_index("member_id")["prospects"]


def _moods(view: View, told: Declared) -> pd.DataFrame:
    """Of every active member: own and account's mean answer, and the day of a case that ended badly."""
    found = view.sql(MOODS, {"day": day_of(view), "days": told.remembered_days})
    return found.sort_values("member_id").reset_index(drop=True)


def _why_ask(
    people: pd.DataFrame, own: pd.DataFrame, answers: pd.Series, prospects: pd.Series, wronged: pd.Series
) -> pd.Series:
    last = own.sort_values(["date", "target"]).groupby("source").agg(
        n=("target", "size"), target=("target", "last"), date=("date", "last")
    )  # fmt: skip
    known = last.reindex(people["member_id"]).reset_index(drop=True)
    brought = (
        "brought " + known["n"].fillna(0).astype(int).astype(str) + ", the last " + known["target"].fillna("")
        + " on " + known["date"].dt.strftime("%Y-%m-%d").fillna("")
    ).where(known["n"].notna(), "has brought nobody yet")  # fmt: skip
    parts = [
        brought,
        ("answers " + answers.map("{:.1f}".format) + " of 10 on average").where(answers.notna(), ""),
        ("calls " + prospects.fillna(0).astype(int).astype(str) + " numbers of rivals").where(
            prospects.notna(), ""
        ),
        pd.Series("a case ended badly or a complaint is open: do not ask now", people.index).where(
            wronged.notna(), ""
        ),
    ]
    listed = [[text for text in some if text] for some in zip(*parts, strict=True)]
    return pd.Series(listed, people.index, dtype=object)


def _why_told(mood: pd.DataFrame, answers: pd.Series) -> pd.Series:
    day = mood["own_day"].fillna(mood["account_day"]).dt.strftime("%Y-%m-%d").fillna("")
    whose = pd.Series(np.where(mood["own"].notna(), "own answers ", "the account's answers "), mood.index)
    said = (whose + answers.map("{:.1f}".format) + " of 10, the last on " + day).where(answers.notna(), "")
    case = ("a case ended badly or is open, " + mood["wronged"].dt.strftime("%Y-%m-%d").fillna("")).where(
        mood["wronged"].notna(), ""
    )
    listed = [[text for text in some if text] for some in zip(case, said, strict=True)]
    return pd.Series(listed, mood.index, dtype=object)
