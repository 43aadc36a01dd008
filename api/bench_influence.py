"""The bench of influence maximisation: certificate, seconds, memory, growth, closed forms, and CELF."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.kernels.arcs import backwards
from analytics.kernels.cascades import Spread, simulate
from analytics.kernels.limits import limits
from analytics.kernels.opimc import Answer, Effort, estimate, maximise
from analytics.kernels.probabilities import weighted_cascade
from analytics.kernels.reversed_sets import draw
from api.bench_growth import cost_of, exponent_of
from api.generated_graph import random_ties
from api.show import say

SEEDS = 50
EPSILON = 0.1
PROMISED = 1 - 1 / math.e - EPSILON
ARCS, MANY_ARCS, LARGE = 10, 20, 1_000_000
"""Arcs per member; from a million members on twice as many."""
SECONDS, MANY_SECONDS, MEMORY = 5.0, 60.0, 4096
BOTH_THREADS_UP_TO = 100_000
STEEPEST = 1.15
DOUBLINGS, SAMPLES = 4, 20_000
PEER_SIZE, PEER_SEEDS, PEER_RUNS, JUDGE_RUNS = 300, 5, 1_000, 20_000


@dataclass(frozen=True)
class Influence:
    """What the bench found; `ours` and `peer` are members reached as the independent simulator judges."""

    name: str
    unit: str
    ours: float
    peer: float
    holds: bool
    detail: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """The bench's last line."""
        return json.dumps({**asdict(self), "ratio": round(self.ours / self.peer, 4)})


def bench_influence(size: int, threads: int = 2) -> Influence:
    """Choosing 50 members to start a word among `size`, against CELF on a graph where CELF ends."""
    maximise(backwards(weighted_cascade(_ties(100, 300)), "ic"), limits(100, 5))
    whole, held = _whole(size, threads)
    say(f"{size:,} members: certificate {whole['certificate']} after {whole['seconds']} s")
    same = _same_seeds(min(size, BOTH_THREADS_UP_TO))
    growth = _growth(size)
    ours, celf, seconds = _against_celf()
    forms = _closed_forms()
    beaten = ours.mean + 3 * math.hypot(ours.error, celf.error) >= celf.mean
    holds = held and bool(same["same_seeds"]) and beaten and forms["hub_first"] is True
    holds = holds and growth["exponent_per_sample"] <= STEEPEST and forms["worst_share_of_tolerance"] <= 1
    detail = {
        **whole, "threads": same, "growth": growth, "closed_forms": forms,
        "peer_graph": {"members": PEER_SIZE, "seeds": PEER_SEEDS, "celf_runs": PEER_RUNS, **seconds},
    }  # fmt: skip
    return Influence("influence", "members reached", ours.mean, celf.mean, holds, detail)


def _ties(size: int, arcs: int) -> sparse.csr_array:
    drawn = random_ties(size, arcs)
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(drawn.source, minlength=size), out=start[1:])
    target = drawn.target.astype(np.int32)
    return sparse.csr_array((np.ones(arcs, np.float32), target, start), shape=(size, size))


def _whole(size: int, threads: int) -> tuple[dict[str, object], bool]:
    many = size >= LARGE
    arcs = weighted_cascade(_ties(size, size * (MANY_ARCS if many else ARCS)))
    _forget_peak()
    worked = process_time()
    promised, seconds = _timed(arcs, Effort(EPSILON, certificate=0.0, threads=threads))
    usual, longer = _timed(arcs, Effort(EPSILON, threads=threads))
    worked, peak = process_time() - worked, _peak()
    quick = seconds <= (MANY_SECONDS if many else SECONDS)
    found = {
        "members": size, "arcs": int(arcs.nnz), "seeds": len(usual.seeds), "seconds": round(longer, 2),
        "certificate": round(usual.certificate, 4), "samples": usual.samples,
        "spread": round(usual.spread, 1), "low": round(usual.low, 1), "high": round(usual.high, 1),
        "seconds_to_promised": round(seconds, 2), "certificate_then": round(promised.certificate, 4),
        "cpu_seconds_of_both": round(worked, 1), "peak_memory_mib": peak,
        "sets_mib": usual.memory >> 20, "stopped": usual.stopped,
    }  # fmt: skip
    return found, quick and peak <= MEMORY and min(promised.certificate, usual.certificate) >= PROMISED


def _timed(arcs: sparse.csr_array, effort: Effort) -> tuple[Answer, float]:
    """From the arcs to the answer, turning them round included."""
    started = perf_counter()
    found = maximise(backwards(arcs, "ic"), limits(arcs.shape[0], min(SEEDS, arcs.shape[0])), effort=effort)
    return found, perf_counter() - started


def _same_seeds(size: int) -> dict[str, object]:
    arcs = weighted_cascade(_ties(size, ARCS * size))
    one, alone = _timed(arcs, Effort(EPSILON, threads=1))
    two, together = _timed(arcs, Effort(EPSILON, threads=2))
    return {
        "members": size,
        "same_seeds": one.seeds.tolist() == two.seeds.tolist() and one.spread == two.spread,
        "one_thread_s": round(alone, 2),
        "two_threads_s": round(together, 2),
    }


def _growth(size: int) -> dict[str, float]:
    """Exponents of the cost per sample, and per member of a sample, as the graph doubles four times."""
    sizes = [max(200, size >> step) for step in range(DOUBLINGS, -1, -1)]
    each = []
    for nodes in sizes:
        arcs = backwards(weighted_cascade(_ties(nodes, ARCS * nodes)), "ic")
        drawing = partial(draw, arcs, np.arange(1.0, nodes + 1), 1, 0, SAMPLES, 1)
        each.append((cost_of(drawing), len(drawing().members)))
    seconds, members = np.array(each).T / SAMPLES
    return {
        "exponent_per_sample": exponent_of(sizes, seconds),
        "exponent_per_member_of_a_set": exponent_of(sizes, seconds / members),
        "members_per_set": round(float(members[-1]), 1),
        "microseconds_per_sample": round(float(seconds[-1]) * 1e6, 2),
    }


def _against_celf() -> tuple[Spread, Spread, dict[str, float]]:
    arcs = weighted_cascade(_ties(PEER_SIZE, 6 * PEER_SIZE))
    started = perf_counter()
    theirs = celf(arcs, PEER_SEEDS, PEER_RUNS)
    middle = perf_counter()
    own = maximise(backwards(arcs, "ic"), limits(PEER_SIZE, PEER_SEEDS)).seeds
    seconds = {"celf_s": round(middle - started, 2), "ours_s": round(perf_counter() - middle, 3)}
    judged = (simulate(arcs, seeds, JUDGE_RUNS, seed=99) for seeds in (own, theirs))
    return next(judged), next(judged), seconds


def celf(arcs: sparse.csr_array, k: int, runs: int) -> npt.NDArray[np.int64]:
    """J. Leskovec and others, "Cost-effective outbreak detection in networks", KDD 2007, gains simulated."""

    def spread(seeds: list[int]) -> float:
        return simulate(arcs, np.array(seeds), runs, seed=len(seeds)).mean

    heap = [(-spread([node]), node, 0) for node in range(arcs.shape[0])]
    heapq.heapify(heap)
    chosen: list[int] = []
    reached = 0.0
    while len(chosen) < k:
        gain, node, known = heapq.heappop(heap)
        if known == len(chosen):
            chosen.append(node)
            reached -= gain
        else:
            heapq.heappush(heap, (reached - spread([*chosen, node]), node, len(chosen)))
    return np.array(chosen, np.int64)


def _closed_forms() -> dict[str, float | bool]:
    """Chain of 50 and star of 40 at p = 0.1, 5-ary tree of depth 5 at p = 0.2: sampled and simulated."""
    chain = sparse.csr_array(sparse.eye_array(50, k=1) * 0.1)
    hub = np.zeros((41, 41))
    hub[0, 1:] = 0.1
    inner = sum(5**level for level in range(5))
    child = np.arange(1, 5 * inner + 1)
    tree = sparse.coo_array((np.full(5 * inner, 0.2), ((child - 1) // 5, child)), shape=(5 * inner + 1,) * 2)
    forms = (("chain", chain, 1 / 0.9, 0.01), ("star", hub, 5.0, 0.05), ("tree", tree, 6.0, 0.3))
    found: dict[str, float | bool] = {}
    worst = 0.0
    for name, shape, known, within in forms:
        arcs = sparse.csr_array(shape)
        sampled = estimate(backwards(arcs, "ic"), np.array([0]), 4_000_000)[0]
        played = simulate(arcs, np.array([0]), JUDGE_RUNS)
        found |= {name: round(sampled, 4), f"{name}_simulated": round(played.mean, 4)}
        worst = max(worst, abs(sampled - known) / within)
    both = sparse.csr_array(sparse.block_diag([chain, hub]))
    first = maximise(backwards(both, "ic"), limits(91, 2)).seeds[0]
    return {**found, "worst_share_of_tolerance": round(worst, 3), "hub_first": bool(first == 50)}


def _forget_peak() -> None:
    """Let the peak of memory start anew, where the kernel allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """MiB of memory at most since then."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) >> 10
    return getrusage(RUSAGE_SELF).ru_maxrss >> 10
