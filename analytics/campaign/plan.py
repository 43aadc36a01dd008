"""A campaign's list under a budget: chosen by the certified kernel, split into arms, judged by simulation.

Method, formulas and limits: docs/methods/campaign.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.campaign.arms import Design, assign, balance, correlation_within, design
from analytics.campaign.asked import Asked
from analytics.campaign.audience import Audience, audience, circles, scored
from analytics.campaign.judged import BUDGETED, baselines, rehearse, simulations
from analytics.campaign.offers import Offers, limits_of, offers
from analytics.csr import Ints, TieGraph
from analytics.frames import day_of
from analytics.influence import COVERS
from analytics.kernels.arcs import backwards
from analytics.kernels.opimc import Answer, Effort, maximise
from graph.asof import View
from graph.errors import BadInput
from graph.progress import Progress

EFFORT = Effort(certificate=0.75, memory=1 << 29)
"""Contacts that may be declined meet few of the samples, so that the kernel's own aim takes several times as
many: 0.5 GiB of them is a minute or two at 100,000 members, whatever the chances."""
LISTED = ["rank", "id", "account_id", "arm", "cluster", "cost", "value", "gain", "covers"]
LEFT = """
SELECT account_id, CASE WHEN "left" IS NULL THEN 0.0 ELSE 1.0 END AS gone
FROM members JOIN (
  SELECT source AS member_id, target AS account_id FROM memberships
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
) USING (member_id)
WHERE (joined IS NULL OR joined <= $since) AND ("left" IS NULL OR "left" > $since)"""


@dataclass(frozen=True, eq=False)
class Plan:
    """A list and what is known of it.

    `listed`: columns LISTED, in the order of choice; `gain` in yuan, of the whole list were all contacted.
    `rehearsed`: rows of table `simulations` without run_id, for the whole list and lists of its cost.
    `answer` is in yuan of margin; `prices` in it say what each limit costs.
    """

    name: str
    as_of: date
    budget: float
    asked: Asked
    audience: Audience
    listed: pd.DataFrame
    rehearsed: pd.DataFrame
    answer: Answer
    arms: pd.DataFrame
    design: Design

    @property
    def cost(self) -> float:
        """Yuan for those to be contacted; who is kept back costs nothing."""
        return float(self.listed.loc[self.listed["arm"] == "treat", "cost"].sum())


def plan(
    view: View,
    graph: TieGraph,
    name: str,
    asked: Asked,
    budget: float,
    *,
    value: pd.Series | None = None,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Choose whom to contact for a budget in yuan so that the expected margin is largest.

    `graph` has the ties of the view's day; `value` (yuan by member_id) takes the place of the declared one.
    Raises BadInput: an audience that is empty or worth nothing, a budget below the cheapest contact, caps
    that nobody fits into, too few clusters for the control group.
    """
    found = audience(view, asked, value)
    offer = offers(graph, found, asked, budget)
    within = limits_of(offer, asked.caps, budget)
    answer = maximise(backwards(offer.arcs, "ic"), within, offer.value, effort or EFFORT, progress)
    chosen = answer.seeds - offer.size
    risk = scored(view, "churn")
    listed = _listed(offer, chosen, answer, _clusters(view, offer, asked))
    listed["arm"] = assign(listed["cluster"], asked.control.share, asked.control.seed)
    lists = {BUDGETED: [chosen], **baselines(offer, asked, budget, risk)}
    rehearsed = simulations(rehearse(offer, asked, lists, progress), name)
    arms = balance(listed["arm"], _figures(view, offer, chosen, risk))
    rate, alike = _leaving(view, asked.control.horizon_days)
    shown = design(listed["arm"], listed["cluster"], rate, alike)
    return Plan(name, day_of(view), budget, asked, found, listed[LISTED], rehearsed, answer, arms, shown)


def seeds(made: Plan) -> pd.DataFrame:
    """The rows of table `seeds` without run_id: those to be contacted, ranks as chosen."""
    treated = made.listed[made.listed["arm"] == "treat"]
    return treated[["rank", "id", "cost", "gain", "covers"]].assign(plan=made.name)


def notes(made: Plan) -> dict[str, object]:
    """What is kept of how the list came about."""
    answer = made.answer
    return {
        "audience": made.audience.counts,
        "listed": len(made.listed),
        "cost_of_list": round(float(made.listed["cost"].sum()), 2),
        "cost": round(made.cost, 2),
        "margin": round(answer.spread, 2),
        "margin_low": round(answer.low, 2),
        "margin_high": round(answer.high, 2),
        "best_possible_at_most": round(answer.upper, 2),
        "certificate": round(answer.certificate, 4),
        "wrong_with_chance": answer.delta,
        "stopped": answer.stopped,
        "prices": {name: round(price, 2) for name, price in answer.prices.items()},
        "balance": json.loads(made.arms.round(4).to_json(orient="records")),
        "design": asdict(made.design),
        "acceptance_from": made.asked.offer.source,
    }


def measured_until(made: Plan) -> date:
    """Until when the control group is to be left alone."""
    return made.as_of + timedelta(days=made.asked.control.horizon_days)


def _listed(offer: Offers, chosen: Ints, answer: Answer, cluster: pd.Series) -> pd.DataFrame:
    people = offer.people.iloc[chosen]
    frame = pd.DataFrame(
        {
            "rank": np.arange(1, len(chosen) + 1),
            "id": people["member_id"].to_numpy(object),
            "account_id": people["account_id"].to_numpy(object),
            "cluster": cluster.iloc[chosen].to_numpy(object),
            "cost": people["cost"].to_numpy(float),
            "value": people["value"].to_numpy(float),
            "gain": answer.gain,
        }
    )
    keys = offer.people["member_id"].to_numpy(object)
    frame["covers"] = [_covers(offer, keys, node) for node in chosen.tolist()]
    return frame


def _covers(offer: Offers, keys: np.ndarray, node: int) -> str:
    reach = slice(offer.ties.indptr[node], offer.ties.indptr[node + 1])
    order = np.lexsort((offer.ties.indices[reach], -offer.ties.data[reach]))[:COVERS]
    return json.dumps([str(key) for key in keys[offer.ties.indices[reach][order]]], ensure_ascii=False)


def _clusters(view: View, offer: Offers, asked: Asked) -> pd.Series:
    if asked.control.by == "account":
        return offer.people["account_id"]
    found = circles(view)
    if found is None:
        raise BadInput(
            f"[control] by community needs a run by {view.as_of} with communities; do: guanxi refresh"
        )
    return offer.people["member_id"].map(found)


def _figures(view: View, offer: Offers, chosen: Ints, risk: pd.Series | None) -> pd.DataFrame:
    people = offer.people.iloc[chosen].reset_index(drop=True)
    size = offer.people.groupby("account_id")["member_id"].size()
    tenure = (pd.Timestamp(day_of(view)) - people["joined"]).dt.days
    figures = {
        "value": people["value"],
        "bill": people["bill"],
        "ties": pd.Series(offer.degree[chosen]),
        "lines of the account": people["account_id"].map(size),
        "days with us": tenure,
    }
    if risk is not None:
        figures["churn"] = people["member_id"].map(risk)
    return pd.DataFrame(figures).astype(float)


def _leaving(view: View, days: int) -> tuple[float, float]:
    """Share of the lines there so many days ago that have left since, and how alike accounts are in it."""
    past = view.sql(LEFT, {"since": day_of(view) - timedelta(days=days)})
    if past.empty:
        return 0.0, 0.0
    gone = past["gone"].to_numpy(float)
    return float(gone.mean()), correlation_within(gone, pd.factorize(past["account_id"])[0].astype(np.int64))
