"""How big a world is, how it behaves, and the clock and random streams that its parts share."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from graph.errors import BadInput

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = 2**31 - 1
"""The day of what has not happened by the end of the record; an empty cell in the files."""
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Size:
    """How many of each; `members` counts every line ever seen, about three in four at a time."""

    accounts: int = 40
    members: int = 2_000
    contacts: int = 200
    products: int = 30
    partners: int = 40
    managers: int = 12
    campaigns: int = 6
    start: date = date(2025, 5, 1)
    months: int = 18
    usage_months: int = 12
    """Usage has up to eight rows a member and month, so only the last months are kept."""

    def __post_init__(self) -> None:
        least = {"months": 3, "accounts": 4, "products": 12, "partners": 4, "managers": 1, "campaigns": 1}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int) and value < least.get(field.name, 1):
                raise BadInput(
                    f"world size: {field.name} is {value}; at least {least.get(field.name, 1)} works"
                )
        if self.members < 5 * self.accounts or self.contacts < self.accounts:
            raise BadInput(
                f"world size: {self.accounts} accounts need at least {5 * self.accounts} members "
                f"and {self.accounts} contacts"
            )
        if self.start.day != 1:
            raise BadInput(f"world size: start is {self.start}; the first day of a month works")

    @classmethod
    def of(cls, members: int) -> Size:
        """A world of so many members with everything else in proportion to the default.

        >>> Size.of(20_000).accounts
        400
        """
        factor = members / cls.members
        return cls(
            accounts=max(4, round(cls.accounts * factor)),
            members=members,
            contacts=max(20, round(cls.contacts * factor)),
            partners=max(8, round(cls.partners * factor**0.7)),
            managers=max(2, round(cls.managers * factor)),
        )


@dataclass(frozen=True)
class Knobs:
    """What the world's behaviour is made of; ratios multiply the weekly hazard of leaving.

    The defaults are the "realistic" flavour: mostly homophily, a little true contagion.
    """

    monthly_churn: float = 0.02
    homophily: float = 0.6
    """0 to 1: how far likeness decides who is tied to whom and who leaves."""
    contagion_hr: float = 1.2
    """Hazard ratio for one average outgoing neighbour who has just left."""
    contagion_weeks: float = 3.0
    """The effect decays with this time constant and is gone after five weeks."""
    partner_shock: float = 3.0
    """Hazard ratio over a defecting partner's whole book, for eight weeks."""
    contract_end: float = 1.5
    """Hazard ratio from 60 days before the account's contract ends until 30 days after."""
    arrears: float = 2.5
    """Hazard ratio while the last bill is unpaid."""
    account_drift: float = 0.35
    """Standard deviation of an account's slowly changing log hazard."""
    account_spread: float = 1.25
    """Log standard deviation of accounts' lines, but for the largest twentieth, which has a Pareto tail."""
    account_exit: float = 0.25
    """Chance that a small account ends as a whole when its decision maker or 40 % have left."""
    inside_share: float = 0.42
    """Part of the first ties that stay inside the account; closing triangles raises it."""
    first_ties: float = 3.0
    """Ties that a line of mean sociability makes by itself; the rest come from closing triangles."""
    clustering: float = 0.36
    """Mean local clustering, over all ties ever, at which closing triangles stops; about half of it
    remains in the ties of one month."""
    reciprocity: float = 0.65
    """Share of directed ties that are returned."""
    fading: float = 0.75
    """Share of those leaving of their own will whose use falls off in the months before."""
    trait_effect: float = 1.4
    """Log hazard of one standard deviation of the trait at full homophily."""
    region_shock: float = 1.0
    """Hazard ratio over one region for eight weeks in the middle of the record: a price rise there."""
    bunched: float = 0.0
    """Part of the accounts that have a contract ending on the same day, late in the record."""
    sole_defector: bool = False
    """Exactly one partner defects: the agent with the widest book. Otherwise one in forty."""
    calls: bool = False
    """Retention calls by lot of the account: to nobody, to those likely to leave, to their friends too."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, (low, high) = getattr(self, field.name), LIMITS.get(field.name, (0.0, 1.0))
            if not low <= value <= high:
                raise BadInput(f"world knobs: {field.name} is {value}; {low:g} to {high:g} works")


LIMITS = {
    "monthly_churn": (1e-4, 0.3),
    "contagion_weeks": (0.1, 100.0),
    "account_drift": (0.0, 3.0),
    "account_spread": (0.1, 3.0),
    "first_ties": (0.1, 20.0),
    "trait_effect": (-5.0, 5.0),
    **dict.fromkeys(
        ("contagion_hr", "partner_shock", "contract_end", "arrears", "region_shock"), (0.01, 100.0)
    ),
}
"""Least and largest value of a knob; 0 and 1 where none is given."""


@dataclass(frozen=True)
class Clock:
    """The months of the record as day numbers since 1970-01-01."""

    starts: Ints
    """First day of every month and, last, the day after the record: months + 1 values."""

    @classmethod
    def of(cls, size: Size) -> Clock:
        first = np.datetime64(size.start, "M")
        months = first + np.arange(size.months + 1)
        return cls(months.astype("datetime64[D]").astype(np.int64))

    @property
    def start(self) -> int:
        return int(self.starts[0])

    @property
    def end(self) -> int:
        """The last day of the record."""
        return int(self.starts[-1]) - 1

    @property
    def months(self) -> int:
        return len(self.starts) - 1

    @property
    def days(self) -> int:
        return self.end - self.start + 1

    @property
    def founded(self) -> int:
        """A day before anything else: products and managers are known from here."""
        return self.start - 15 * 366

    def month(self, days: Ints) -> Ints:
        """Number of the month of each day; -1 before the record, `months` after it."""
        return np.searchsorted(self.starts, days, side="right").astype(np.int64) - 1

    def presence(self, month: int, joined: Ints, left: Ints) -> Floats:
        """Part of the month, 0 to 1, between `joined` and `left`."""
        first, after = self.starts[month], self.starts[month + 1]
        days = np.minimum(left + 1, after) - np.maximum(joined, first)
        return np.asarray(np.clip(days, 0, None) / (after - first))


def stream(seed: int, part: str) -> np.random.Generator:
    """The part's own random stream, so that adding or changing a part shifts no other.

    >>> bool(stream(1, "ties").random() == stream(1, "ties").random())
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(part.encode()),)))
