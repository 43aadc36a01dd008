"""Every feature of the churn score: its name, the part of a score it belongs to, and what it tells.

`part` is what reasons are split by. `step` is the rung of the ladder of baselines on which a feature
comes in: tenure and contract, degree, departed neighbours, the walk, groups, and what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartOf(StrEnum):
    """The parts that a score's reasons are split into."""

    own = "own"
    network = "network"
    contract = "contract"
    service = "service"


@dataclass(frozen=True)
class Feature:
    """A column of `features`; `step` as in STEPS."""

    name: str
    part: PartOf
    doc: str
    step: str = "rest"


STEPS = ("tenure_contract", "degree", "neighbours", "walk", "group", "rest")
"""The ladder: each rung has the features of its own step and of those before it."""

OWN, NETWORK, CONTRACT, SERVICE = PartOf

CATALOGUE = (
    Feature("tenure", OWN, "log of days since it joined", "tenure_contract"),
    Feature("plan_fee", OWN, "yuan a month of its plan"),
    Feature("bill", OWN, "log of the last month's bill"),
    Feature("bill_trend", OWN, "last bill against the three before"),
    Feature("days_overdue", OWN, "longest delay of payment in three months"),
    Feature("owed_share", OWN, "part of the last bill that is unpaid"),
    Feature("products", OWN, "subscriptions running"),
    Feature("credit", OWN, "place of its credit rating among those in use, best first"),
    Feature("decides", OWN, "whether it is the line of one who decides at the account"),
    Feature("minutes", OWN, "log of last month's minutes"),
    Feature("minutes_trend", OWN, "last month's minutes against the three months before"),
    Feature("off_net_share", OWN, "part of last month's minutes to other networks"),
    Feature("off_net_trend", OWN, "minutes to other networks against the three months before"),
    Feature("months_silent", OWN, "whole months without a contact"),
    Feature("months_active", OWN, "months with a contact, of twelve"),
    Feature("contacts", OWN, "log of last month's contacts"),
    Feature("contacts_trend", OWN, "last month's contacts against the three months before"),
    Feature("contract_days", CONTRACT, "days to the end of the account's contract", "tenure_contract"),
    Feature("contract_near", CONTRACT, "whether it ends within 90 days or did 30 ago", "tenure_contract"),
    Feature("plan_term", CONTRACT, "months that its plan binds", "tenure_contract"),
    Feature("open_cases", SERVICE, "its cases still open"),
    Feature("recent_cases", SERVICE, "its cases of the last 90 days"),
    Feature("unhappy_cases", SERVICE, "cases of 180 days settled without satisfying"),
    Feature("account_cases", SERVICE, "log of open and recent cases of its account and contacts"),
    Feature("partners_out", NETWORK, "log of members called or written to in three months", "degree"),
    Feature("partners_in", NETWORK, "log of members heard from in three months", "degree"),
    Feature("reciprocity", NETWORK, "part of its ties, both ways counted, that go both ways", "degree"),
    Feature("neighbours_left", NETWORK, "log of neighbours who left in 90 days", "neighbours"),
    Feature("neighbours_left_share", NETWORK, "share of neighbours who left in 90 days", "neighbours"),
    Feature("left_share_1w", NETWORK, "weight of ties to those gone for a week at most", "neighbours"),
    Feature("left_share_2w", NETWORK, "the same for two weeks", "neighbours"),
    Feature("left_share_4w", NETWORK, "the same for four", "neighbours"),
    Feature("left_share_8w", NETWORK, "the same for eight", "neighbours"),
    Feature("left_share_12w", NETWORK, "the same for twelve", "neighbours"),
    Feature("left_dose", NETWORK, "outgoing ties to those gone for five weeks, fading", "neighbours"),
    Feature("weeks_since_left", NETWORK, "weeks since the last one it calls left; 26 for none", "neighbours"),
    Feature("walk", NETWORK, "log share of a walk that restarts at recent leavers", "walk"),
    Feature("neighbours_trend", NETWORK, "contacts' trend, mean over its ties"),
    Feature("rival_contacts", NETWORK, "log of numbers at rivals contacted last month"),
    Feature("rival_trend", NETWORK, "those against the three months before"),
    Feature("referred", NETWORK, "whether somebody brought it"),
    Feature("referrals_made", NETWORK, "log of those it brought"),
    Feature("account_left_share", NETWORK, "share of its account's lines that left in 90 days", "group"),
    Feature("account_left_5w", NETWORK, "the same in five weeks", "group"),
    Feature("account_size", NETWORK, "log of the account's lines", "group"),
    Feature("account_density", NETWORK, "ties present ÷ ties possible inside the account", "group"),
    Feature("account_outside", NETWORK, "part of the account's tie weight that leaves it", "group"),
    Feature("own_outside", NETWORK, "part of its own tie weight that leaves the account", "group"),
    Feature("leader_gone", NETWORK, "whether the account's best-connected line left in 90 days", "group"),
    Feature("decider_gone", NETWORK, "whether a line of those who decide left in 90 days", "group"),
    Feature("region_left_share", NETWORK, "share of its region's lines that left in 90 days", "group"),
    Feature("book_left_share", NETWORK, "share of its seller's book that left in 90 days", "group"),
    Feature("book_left_5w", NETWORK, "the same in five weeks", "group"),
    Feature("book_size", NETWORK, "log of the lines its seller sold", "group"),
    Feature("book_concentration", NETWORK, "sum of squared shares of accounts in that book", "group"),
    Feature("seller_closed", NETWORK, "whether the seller's contract has ended", "group"),
    Feature("pagerank", NETWORK, "log share of a random walk over ties"),
    Feature("core", NETWORK, "largest k of a k-core it is in"),
)

FEATURES = tuple(feature.name for feature in CATALOGUE)
PART: dict[str, PartOf] = {feature.name: feature.part for feature in CATALOGUE}
ATTRIBUTES = tuple(feature.name for feature in CATALOGUE if feature.part is not NETWORK)


def up_to(step: str) -> tuple[str, ...]:
    """The features of a rung of the ladder and of those below it.

    >>> up_to("tenure_contract")
    ('tenure', 'contract_days', 'contract_near', 'plan_term')
    """
    below = STEPS[: STEPS.index(step) + 1]
    return tuple(feature.name for feature in CATALOGUE if feature.step in below)
