"""Random numbers that belong to a sample, not to a thread: the same whoever draws them, in any order.

SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. A
sample's stream starts where its number and the seed, both mixed, put it; `state + STEP` is its next state.
"""

from __future__ import annotations

import numpy as np

from analytics.kernels.compiled import compiled

STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_HIGH = np.uint64(11)


@compiled
def mixed(state: np.uint64) -> np.uint64:
    """64 bits that show nothing of the state's order."""
    bits = (state ^ (state >> _SHIFTS[0])) * _FIRST
    bits = (bits ^ (bits >> _SHIFTS[1])) * _SECOND
    return bits ^ (bits >> _SHIFTS[2])


@compiled
def stream(seed: int, sample: int) -> np.uint64:
    """Where the stream of a sample starts."""
    return mixed(mixed(np.uint64(seed) + STEP) ^ mixed(np.uint64(sample) * STEP + _FIRST))


@compiled
def fraction(state: np.uint64) -> float:
    """A number above 0 and below 1, of 53 bits."""
    return (np.float64(mixed(state) >> _HIGH) + 0.5) * (1.0 / 9007199254740992.0)
