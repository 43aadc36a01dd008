"""How the cost of a work grows with its size: time of the processor, which other work disturbs least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import process_time

import numpy as np

QUICK = 2.0
"""Seconds: a turn that takes longer is not repeated; of quick ones the best of three counts."""
BRIEF = 0.5
"""Seconds of turns until a cost is believed: one of milliseconds is told by the best of many."""


def cost_of(work: Callable[[], object]) -> float:
    """Seconds of the processor, the least of three turns where they are quick, of more where very quick."""
    spent: list[float] = []
    while not spent or (len(spent) < 3 and spent[0] < QUICK) or sum(spent) < BRIEF:
        before = process_time()
        work()
        spent.append(process_time() - before)
    return min(spent)


def exponent_of(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Of the cost by the size: the slope of a line through the logarithms, by least squares; 0 of one size.

    >>> exponent_of([100, 200, 400], [1.0, 2.0, 4.0])
    1.0
    """
    if len(sizes) < 2:
        return 0.0
    return round(float(np.polyfit(np.log(sizes), np.log(costs), 1)[0]), 3)
