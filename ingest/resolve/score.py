"""How strongly each field speaks for or against two records being one, in bits, and the sum of it.

After Fellegi and Sunter (1969): a field's weight is log2(m / u): how much likelier it is to look like this
between two records of one thing (m) than between two of different things (u). The weights add up to the
log-odds. m is declared below, from how such sources are kept; u is measured on the data where it can be
(chance that two records have the same region, industry or title; how often a name stands for several
things) and declared where such pairs are too rare to count. The name's weight has the prior odds in it:
its u counts the *other* things of the record that would look so by chance, rather than a share of them.

A level marked as a guard keeps a pair from being suggested automatically, however much else agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AUTOMATIC = 0.99
"""Probability from which a pair is suggested automatically, where no guard speaks against it."""
LOOK = 0.10
"""Probability from which a pair is worth a person's look."""


@dataclass(frozen=True)
class Level:
    """One way in which a field may compare. `bits` is None where they depend on the records."""

    how: str
    bits: float | None = None
    guard: bool = False


@dataclass(frozen=True)
class Field:
    """A field and its levels, from 1; level 0 is a field that cannot be compared, and says nothing."""

    name: str
    levels: tuple[Level, ...]

    def bits(self, level: Ints) -> Floats:
        """The bits of levels; those that depend on the records as 0."""
        return np.array([0.0, *(one.bits or 0.0 for one in self.levels)])[level]

    def guards(self, level: Ints) -> npt.NDArray[np.bool_]:
        return np.array([False, *(one.guard for one in self.levels)])[level]


@dataclass(frozen=True, eq=False)
class Compared:
    """Pairs of row numbers, and for each field (in the order of `fields`) its level and its bits."""

    fields: tuple[Field, ...]
    left: Ints
    right: Ints
    levels: Ints
    bits: Floats
    exact: npt.NDArray[np.bool_]
    """Whether the rule of exact keys holds for the pair."""

    @property
    def total(self) -> Floats:
        found: Floats = self.bits.sum(axis=0)
        return found

    @property
    def guarded(self) -> npt.NDArray[np.bool_]:
        marks = [field.guards(level) for field, level in zip(self.fields, self.levels, strict=True)]
        found: npt.NDArray[np.bool_] = np.logical_or.reduce(marks)
        return found

    def part(self, keep: npt.NDArray[np.bool_]) -> Compared:
        """The pairs marked."""
        return Compared(
            self.fields,
            self.left[keep],
            self.right[keep],
            self.levels[:, keep],
            self.bits[:, keep],
            self.exact[keep],
        )


def probability(bits: Floats) -> Floats:
    """Log-odds in bits as a probability.

    >>> probability(np.array([0.0, 6.63])).round(2).tolist()
    [0.5, 0.99]
    """
    found: Floats = 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
    return found


def weight(m: float, u: float) -> float:
    """log2(m / u), with u kept from 0 by what a few thousand records can show.

    >>> weight(0.8, 0.1)
    3.0
    """
    return log2(m / max(u, 1e-3))


# Names of organisations: of two records of one, how the names look (m); and how many *other* organisations
# one expects to look so beside a given one, where it is not counted on the data.
NAME_M = {
    "same": 0.65,
    "pinyin": 0.75,
    "sounds": 0.08,
    "near": 0.08,
    "slip": 0.06,
    "short": 0.08,
    "alike": 0.04,
    "other": 0.03,
}
NAME_OTHERS = {"same": 0.10, "pinyin": 0.20, "sounds": 0.40, "alike": 30.0, "other": 3000.0}
NEAR_OTHERS = (20.0, 20.0, 8.0, 6.0, 3.0)
"""Organisations whose name has one other character, by its length (0 to 4 and more)."""
SLIP_OTHERS = (8.0, 8.0, 4.0, 2.0, 0.5, 0.3)
"""Organisations whose name is this one with a character left out, added or swapped with the next: a slip of
the hand seldom makes another firm's name (by its length, 0 to 5 and more)."""
SHORT_OTHERS = (20.0, 20.0, 6.0, 3.0, 1.5, 0.8)
"""Organisations whose name contains the short one, by the short one's length (0 to 5 and more)."""

ORGANISATION_NAME = Field(
    "name",
    (
        Level("different", guard=True),
        Level("alike"),
        Level("one is the other shortened"),
        Level("one character or sound is another"),
        Level("one character left out, added or swapped"),
        Level("other characters of the same sound"),
        Level("the same in pinyin"),
        Level("the same but for legal form and place"),
    ),
)
CREDIT = Field(
    "credit_code",
    (
        Level("both valid, different", -12.0, guard=True),
        Level("different, one of them not valid", -3.0),
        Level("one character apart, one of them not valid", 9.0),
        Level("the same, not valid", 7.0),
        Level("the same, valid", 13.0),
    ),
)
PLACE = Field(
    "place in the name",
    (Level("different", -7.0, guard=True), Level("the same, as the region is", 1.0), Level("the same", 3.0)),
)
BRANCH = Field(
    "branch",
    (
        Level("different parts of one firm", -9.0, guard=True),
        Level("a part and the whole", -9.0, guard=True),
        Level("the same place, another kind of office", -3.0, guard=True),
        Level("the same", 2.0),
    ),
)
NUMBER = Field("number in the name", (Level("different", -9.0, guard=True), Level("the same", 0.5)))
GROUP = Field("集团 in the name", (Level("in one only", -1.5), Level("in both", 0.5)))
PARENT = Field("group above", (Level("one is recorded as a part of the other", -9.0, guard=True),))
PEOPLE = Field(
    "people",
    (Level("none in common, three or more in each", -1.5), Level("one of the same name", 4.0),
     Level("two or more of the same name", 9.0)),
)  # fmt: skip
SOURCE = Field(
    "source", (Level("the same: a source seldom lists a thing twice", -3.0), Level("different", 0.0))
)


def region_field(district: float, city: float, province: float) -> Field:
    """The region; given the chances that two records have the same district, city and province."""
    return Field(
        "region",
        (
            Level("different province", min(weight(0.08, 1 - province), 0.0)),
            Level("the same province", weight(0.06, province - city)),
            Level("the same city", weight(0.12, city - district)),
            Level("the same", max(weight(0.77, district), 0.0)),
        ),
    )


def same_field(name: str, m: float, u: float) -> Field:
    """A field that is the same or not; given the chance that two records have the same.

    Where nearly all are the same, neither says anything: a difference never speaks for a pair.
    """
    return Field(
        name, (Level("different", min(weight(1 - m, 1 - u), 0.0)), Level("the same", max(weight(m, u), 0.0)))
    )


# Names of people at one account.
PERSON_M = {"same": 0.75, "pinyin": 0.80, "sounds": 0.08, "near": 0.10, "surname": 0.08, "other": 0.02}
NAMESAKES = 0.002
"""People of one's own name at an account besides those that one source tells apart: ten people, and one in
five thousand bears the commonest full names."""
PERSON_NAME = Field(
    "name",
    (
        Level("different", guard=True),
        Level("the surname alone is known of one", guard=True),
        Level("one character or sound apart"),
        Level("other characters of the same sound"),
        Level("the same in pinyin"),
        Level("the same characters in another order"),
        Level("the same"),
    ),
)
ACCOUNT = Field("account", (Level("none in common", -3.0), Level("one in common", 0.0)))
TITLE_M = 0.5
"""Titles of one person agree in half the cases: they are noted loosely and change."""
LINE = Field("line", (Level("different", -3.3, guard=True), Level("the same", 9.0)))
