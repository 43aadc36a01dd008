"""Named worlds in which the truth is known: what each is for, and its knobs.

S0 to S7 are those of the protocol. In S0 to S2 nothing but the named cause is at work; where a
scenario is about one confounder, the others are modest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.errors import NotFound, one_of
from ingest.world.size import Knobs

CALIBRATED = Knobs(
    monthly_churn=0.0225, inside_share=0.5, clustering=0.3, account_spread=1.55, first_ties=3.4
)
"""Set so that `guanxi world check` finds what was published; likeness brings ties inside, too."""
ALONE = replace(CALIBRATED, account_drift=0.0, account_exit=0.0, partner_shock=1.0, contract_end=1.0)
"""Nothing that members of one account, partner or region share."""
MODEST = replace(
    CALIBRATED,
    homophily=0.4,
    inside_share=0.46,
    contagion_hr=1.0,
    account_drift=0.15,
    account_exit=0.1,
    partner_shock=1.0,
    contract_end=1.2,
)
REALISTIC = replace(
    CALIBRATED,
    monthly_churn=0.025,
    homophily=0.6,
    inside_share=0.44,
    contagion_hr=1.2,
    contract_end=4.0,
    trait_effect=1.8,
)
"""Contracts' ends hit hard, which can be seen, and likeness, which cannot."""


@dataclass(frozen=True)
class Scenario:
    """A title, what the product must show in it, and how its world is made."""

    name: str
    title: str
    aim: str
    knobs: Knobs
    trap: bool = False
    """The files also hold what a view as of a day must not see: see `trap.py`."""
    naive: float | None = None
    """The naive ratio that the world is to have; see `association.py`."""


_ALL = (
    Scenario(
        "S0",
        "null",
        "no finding, and no graph feature that helps",
        replace(ALONE, homophily=0.0, contagion_hr=1.0),
    ),
    Scenario(
        "S1",
        "homophily only",
        "features of the graph may help; contagion is not shown",
        replace(ALONE, homophily=0.8, inside_share=0.44, contagion_hr=1.0),
    ),
    Scenario(
        "S2",
        "contagion only",
        "ln(HR) is found within 0.15",
        replace(ALONE, homophily=0.0, contagion_hr=1.8),
    ),
    Scenario(
        "S3",
        "realistic",
        "a naive ratio near 1.8, a matched one under 1.3",
        replace(REALISTIC, homophily=0.7, contagion_hr=1.1),
        naive=1.8,
    ),
    Scenario(
        "S4",
        "common shock",
        "a price rise in one region and contracts that end together are told as a shock",
        replace(MODEST, region_shock=3.0, bunched=0.4, contract_end=1.8),
    ),
    Scenario(
        "S5",
        "partner shock",
        "an agent's defection is told as such, not as contagion",
        replace(MODEST, partner_shock=5.0, sole_defector=True),
    ),
    Scenario(
        "S6",
        "treatment",
        "calling friends too beats calling alone; the true effect lies in its interval",
        replace(REALISTIC, calls=True),
    ),
    Scenario("S7", "leak trap", "what lies after the day changes no score", REALISTIC, trap=True),
)
SCENARIOS: dict[str, Scenario] = {made.name: made for made in _ALL}


def scenario(name: str) -> Scenario:
    """The scenario of that name, in any case. Raises NotFound."""
    found = SCENARIOS.get(name.upper())
    if found is None:
        raise NotFound(one_of("scenario", name, SCENARIOS))
    return found
