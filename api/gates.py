"""The gates of the contagion verdict on generated worlds, whose cause of leaving is known.

A world's tables are read through the same views as a lake's, in memory; nothing of its truth is. The
gates are those of docs/methods/contagion.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.calendar import months_before
from analytics.contagion.panel import Study
from analytics.contagion.study import study
from analytics.contagion.verdict import Finding, Verdict, verdict
from graph.asof import Commit, View
from graph.errors import BadInput
from graph.landing import stored_schema
from graph.model import TableType
from graph.progress import Progress
from graph.schema import TABLES
from ingest.world.make import World, make
from ingest.world.scenarios import scenario
from ingest.world.size import Size

MEMBERS = {"S0": 2000, "S1": 2000, "S2": 10_000, "S3": 10_000, "S4": 10_000, "S5": 10_000}
"""The scenarios with gates of the verdict, and members that they are asked with if nothing else is said."""
WARM = 3
"""Months of ties before the first that is studied."""
ASKED = ("scenario", "gate", "asked", "seen", "holds")
ALARMS = 0.05
HR = 1.8
CLOSE = 0.15
MATCHED = 1.3
NAIVE = 1.8
NEAR = 0.1


@dataclass(frozen=True)
class Gate:
    """One gate: what is asked of the scenario's worlds together, what was seen, and whether it holds."""

    scenario: str
    gate: str
    asked: str
    seen: str
    holds: bool


@dataclass(frozen=True, eq=False)
class Judged:
    """The verdict on one world."""

    seed: int
    study: Study
    verdict: Verdict

    @property
    def table(self) -> pd.DataFrame:
        return self.verdict.table.set_index("method")


def judge(
    name: str, seeds: Iterable[int], members: int | None = None, progress: Progress | None = None
) -> list[Gate]:
    """Make a world of the scenario for each seed, judge it, and say which gates hold.

    Raises NotFound for an unknown scenario, BadInput for one without gates of the verdict and for no seeds.
    """
    name, seeds = scenario(name).name, list(seeds)
    if name not in MEMBERS:
        raise BadInput(f"{name} has no gates of the contagion verdict; those of {', '.join(MEMBERS)} do")
    if not seeds:
        raise BadInput("no seeds; at least one is needed")
    found = []
    for done, seed in enumerate(seeds, 1):
        found.append(judged(name, seed, members or MEMBERS[name]))
        if progress:
            progress(f"worlds of {name} judged", done, len(seeds))
    return GATES[name](name, found)


def rows(gates: Iterable[Gate]) -> list[dict[str, object]]:
    """As rows to be shown."""
    return [asdict(gate) for gate in gates]


def judged(name: str, seed: int, members: int) -> Judged:
    """The verdict on one world of a scenario, all its months after the first WARM."""
    size = Size.of(members)
    world = make(size, seed, scenario(name).knobs)
    first, until = months_before(size.start, -WARM), months_before(size.start, -size.months)
    found = study(views(world), first, date.fromordinal(until.toordinal() - 1))
    return Judged(seed, found, verdict(found, seed=seed))


def views(world: World) -> Callable[[date], View]:
    """`Lake.view` of a lake that holds a world's tables and nothing else."""
    tables = {name: _stored(name, frame) for name, frame in world.tables.items()}
    commit = Commit(1, dict.fromkeys(tables, 1))

    def dataset(kind: TableType) -> pa.Table:
        return tables.get(kind.table, stored_schema(kind).empty_table())

    return lambda day: View(dataset, commit, day)


def _stored(name: str, frame: pd.DataFrame) -> pa.Table:
    """Rows as a lake stores them; what loading adds is empty."""
    schema = stored_schema(TABLES[name])
    full = frame.reindex(columns=schema.names)
    for field in schema:
        if pa.types.is_date(field.type):
            full[field.name] = pd.to_datetime(full[field.name])
    return pa.Table.from_arrays(
        [pa.Array.from_pandas(full[field.name], type=field.type) for field in schema], schema=schema
    )


def _no_alarm(name: str, found: list[Judged]) -> list[Gate]:
    alarms = sum(one.verdict.finding is Finding.BEYOND for one in found)
    most = int(ALARMS * len(found))
    gates = [_gate(name, "false alarms", f"≤ {most} of {len(found)}", str(alarms), alarms <= most)]
    silent = sum(one.verdict.finding in (Finding.NOT_SHOWN, Finding.TOO_FEW) for one in found)
    least = len(found) - most
    return [*gates, _gate(name, "not shown", f"≥ {least} of {len(found)}", str(silent), silent >= least)]


def _contagion(name: str, found: list[Judged]) -> list[Gate]:
    logs = np.log([float(one.table.estimate["hazard"]) for one in found])
    aim = float(np.log(HR))
    off = float(np.abs(logs - aim).max()) if len(found) == 1 else abs(float(logs.mean()) - aim)
    likelihoods = pd.concat([one.verdict.kernels for one in found], axis=1).sum(axis=1)
    best = str(likelihoods.drop(["none", "both 5"]).idxmax())
    shown = sum(one.verdict.finding is Finding.BEYOND for one in found)
    half = f"{shown} of {len(found)}"
    told = f"{logs.mean():.3f}, each {', '.join(f'{log:.2f}' for log in logs)}"
    return [
        _gate(name, "ln(HR)", f"{aim:.3f} ± {CLOSE}", told, off <= CLOSE),
        _gate(name, "kernel by likelihood", "out 5", best, best == "out 5"),
        _gate(name, "associated beyond similarity", "at least half", half, 2 * shown >= len(found)),
    ]  # fmt: skip


def _realistic(name: str, found: list[Judged]) -> list[Gate]:
    naive, matched = (float(np.mean([one.table.estimate[m] for one in found])) for m in ("naive", "matched"))
    low, high = NAIVE * (1 - NEAR), NAIVE * (1 + NEAR)
    return [
        _gate(name, "naive ratio", f"{low:.2f} to {high:.2f}", f"{naive:.2f}", low <= naive <= high),
        _gate(name, "matched ratio", f"< {MATCHED}", f"{matched:.2f}", matched < MATCHED),
    ]


def _shared(name: str, found: list[Judged]) -> list[Gate]:
    within = float(np.mean([one.table.estimate["stratified by account"] for one in found]))
    near = f"{1 - CLOSE:.2f} to {1 + CLOSE:.2f}"
    return [
        _named(name, found, Finding.SHARED),
        _gate(name, "stratified ratio", near, f"{within:.2f}", abs(within - 1) <= CLOSE),
    ]


def _partner(name: str, found: list[Judged]) -> list[Gate]:
    return [_named(name, found, Finding.PARTNER), *_no_alarm(name, found)[:1]]


def _named(name: str, found: list[Judged], finding: Finding) -> Gate:
    count = sum(one.verdict.finding is finding for one in found)
    return _gate(name, f"named {finding.value}", "most", f"{count} of {len(found)}", 2 * count > len(found))


def _gate(name: str, gate: str, asked: str, seen: str, holds: bool) -> Gate:
    return Gate(name, gate, asked, seen, bool(holds))


GATES: dict[str, Callable[[str, list[Judged]], list[Gate]]] = {
    "S0": _no_alarm,
    "S1": _no_alarm,
    "S2": _contagion,
    "S3": _realistic,
    "S4": _shared,
    "S5": _partner,
}
