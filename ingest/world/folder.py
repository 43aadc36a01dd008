"""A world of any size written to a folder, the monthly tables one month at a time.

Beside the tables stand `manifest.json`, which says how the world was made, and, for Parquet, a feed that
reads it: `feed.toml`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from graph.errors import BadInput, NotFound, one_of
from graph.progress import Progress
from graph.schema import TABLES
from ingest.world import money, trap
from ingest.world.make import Cast, happened, month_tables, play, standing, truth
from ingest.world.scenarios import Scenario
from ingest.world.size import Clock, Size, stream
from ingest.world.write import Growing, typed

MANIFEST = "manifest.json"
FEED = "feed.toml"
MAKER = "guanxi world make"
SHIPPED = Path(__file__).parent.parent / "feeds" / "world.toml"
TRUTHS = ("members", "shocks", "calls")
MONTHLY = ("ties", "bills", "usage", "competitor_ties")


@dataclass(frozen=True)
class Order:
    """What is to be made."""

    scenario: Scenario
    size: Size
    seed: int = 7
    parquet: bool = False
    truth: bool = False


def pour(order: Order, folder: Path, progress: Progress | None = None) -> dict[str, int]:
    """Write the world and return the rows of each file (those of the truth as `truth/…`). The same order
    gives the same bytes, and for CSV those of `write(make(…))`.

    Never more than one month of ties, bills and usage is held. What an earlier call wrote to the folder
    is replaced. Raises BadInput for a folder that holds anything else or cannot be written, NoSpace
    where the disk is full.
    """
    told = progress or _silent
    _clear(folder)
    _note(order, folder, {}, complete=False)
    rows: dict[str, int] = {}
    ending = "parquet" if order.parquet else "csv"
    with ExitStack() as stack:
        monthly = {name: stack.enter_context(Growing(folder / f"{name}.{ending}")) for name in MONTHLY}
        for name, frame in _frames(order, told):
            if name in monthly:
                monthly[name].add(typed(name, frame))
            else:
                with Growing(folder / f"{name}.{ending}") as out:
                    out.add(_table(name, frame))
            rows[name] = rows.get(name, 0) + len(frame)
    if order.parquet:
        (folder / FEED).write_text(SHIPPED.read_text("utf-8").replace(".csv", ".parquet"), "utf-8")
    _note(order, folder, rows, complete=True)
    return rows


def _frames(order: Order, told: Progress) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table, those of a month once for each month."""
    size, seed, knobs = order.size, order.seed, order.scenario.knobs
    clock = Clock.of(size)
    steps = clock.months + 2
    told("make a world", 0, steps)
    cast = play(size, seed, knobs)
    told("make a world", 1, steps)
    if order.truth:
        yield from ((f"truth/{name}", frame) for name, frame in truth(cast, knobs, clock).items())
    later = _later(cast, clock, seed) if order.scenario.trap else None
    tables = standing(cast, size, clock, seed) | happened(cast, size, clock, seed)
    if later is not None:
        tables["members"] = trap.with_degree(tables["members"], later)
    for name in list(tables):
        yield name, tables.pop(name)
    told("make a world", 2, steps)
    habit = money.habits(cast.setting.member, stream(seed, "habits"))
    for number in range(clock.months):
        yield from month_tables(cast, habit, size, number, seed).items()
        told("make a world", number + 3, steps)
    if later is not None:
        yield "ties", later


def _later(cast: Cast, clock: Clock, seed: int) -> pd.DataFrame:
    return trap.later_ties(cast.setting.graph, cast.setting.member, cast.life.left, clock, seed)


def _table(name: str, frame: pd.DataFrame) -> pa.Table:
    if name.startswith("truth/"):
        return pa.Table.from_pandas(frame, preserve_index=False)
    return typed(name, frame)


def _clear(folder: Path) -> None:
    """Make the folder, or take away what an earlier call wrote there."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is no folder; give one that is empty or not there yet")
    if folder.is_dir() and any(folder.iterdir()):
        if not _ours(folder):
            raise BadInput(
                f"{folder} holds something else; give one that is empty, not there yet or made by {MAKER}"
            )
        for name in (*TABLES, *(f"truth/{name}" for name in TRUTHS)):
            for ending in ("csv", "parquet"):
                (folder / f"{name}.{ending}").unlink(missing_ok=True)
        (folder / FEED).unlink(missing_ok=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make {folder}: {error.strerror}; a folder that can be made works") from error


def _ours(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and read_manifest(folder).get("made_by") == MAKER


def read_manifest(folder: Path) -> dict[str, object]:
    """What the folder says of itself; empty where it says nothing. Raises BadInput where it is damaged."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        read = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}") from error
    return read if isinstance(read, dict) else {}


def _note(order: Order, folder: Path, rows: dict[str, int], complete: bool) -> None:
    size = asdict(order.size) | {"start": order.size.start.isoformat()}
    said = {
        "made_by": MAKER,
        "complete": complete,
        "scenario": order.scenario.name,
        "title": order.scenario.title,
        "seed": order.seed,
        "trap": order.scenario.trap,
        "size": size,
        "knobs": asdict(order.scenario.knobs),
        "rows": rows,
    }
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    try:
        (folder / MANIFEST).write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {folder / MANIFEST}: {error.strerror}") from error


def sized(members: int, months: int | None = None) -> Size:
    """A size of so many members, with a record of another length where given. Raises BadInput."""
    size = Size.of(members)
    return size if months is None else replace(size, months=months, usage_months=min(12, months))


def changed(order: Order, changes: Iterable[str]) -> Order:
    """The order with other values for knobs or sizes, each as `name=value`. Raises BadInput, NotFound."""
    for change in changes:
        name, _, text = change.partition("=")
        sizes, knobs = asdict(order.size), asdict(order.scenario.knobs)
        known = {key: value for key, value in (sizes | knobs).items() if key != "start"}
        if name not in known:
            raise NotFound(one_of("knob or size", name, known))
        value: dict[str, Any] = {name: _read(name, text, known[name])}
        if name in sizes:
            order = replace(order, size=replace(order.size, **value))
        else:
            knob = replace(order.scenario.knobs, **value)
            order = replace(order, scenario=replace(order.scenario, knobs=knob))
    return order


def _read(name: str, text: str, old: float) -> float:
    """A value of the kind that stood there before."""
    kind = type(old)
    try:
        return {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        form = {bool: "true or false", int: "a whole number"}.get(kind, "a number")
        raise BadInput(f"--set {name}={text}: {form} works, such as {name}={str(old).lower()}") from None


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""
