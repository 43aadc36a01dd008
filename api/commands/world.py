"""Commands that make worlds with known truth, and look whether they are like what they are made after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable
from api.show import Format, progress, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    from ingest.world.calibration import Fact
    from ingest.world.record import Record
    from ingest.world.scenarios import Scenario

commands = typer.Typer()
world = typer.Typer(
    name="world",
    help="Make a telecom world with known truth, and check what it is like.",
    no_args_is_help=True,
)
commands.add_typer(world)

COLUMNS = ("fact", "value", "target", "low", "high", "within", "source")
Name = Annotated[str, typer.Option("--scenario", help="S0 to S7; see docs/methods/world.md.")]
Members = Annotated[int, typer.Option(min=20, help="Lines ever seen; three in four of them at a time.")]
Seed = Annotated[int, typer.Option(min=0, help="Fixes every random draw.")]
Months = Annotated[int, typer.Option(min=3, max=120, help="Length of the record.")]


@world.command("make")
def make_world(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to: empty, or not there yet.")],
    scenario: Name = "S3",
    members: Members = 2_000,
    seed: Seed = 7,
    months: Months = 18,
    truth: Annotated[bool, typer.Option("--truth", help="Also write truth/, which no load reads.")] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Parquet instead of CSV, with a feed.toml that reads it.")
    ] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another value for a knob or a size, such as first_ties=1.5 or usage_months=3.",
        ),
    ] = None,
) -> None:
    """Write a world's tables to a folder, for: guanxi load world --data FOLDER."""
    from ingest.world.folder import Order, changed, pour, sized
    from ingest.world.scenarios import scenario as of_name

    order = Order(of_name(scenario), sized(members, months), seed, parquet, truth)
    order = changed(order, changes or [])
    started = perf_counter()
    with progress() as report:
        rows = pour(order, out, report)
    files = [{"file": name, "rows": count} for name, count in rows.items()]
    show(files, Format.table)
    say(_title(order.scenario))
    say(f"{sum(rows.values()):,} rows in {out}, made in {perf_counter() - started:.1f} s")
    say(f"load it with: guanxi load {out / 'feed.toml' if parquet else 'world'} --data {out}")


@world.command("check")
def check_world(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder written by world make; else a world is made.")
    ] = None,
    scenario: Name = "S3",
    members: Annotated[
        int | None,
        typer.Option(min=20, help="Lines ever seen; 20,000, or what the scenario's gates are asked with."),
    ] = None,
    seed: Seed = 7,
    months: Months = 18,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help="Ask the gates of the contagion verdict on so many worlds, from --seed on."),
    ] = None,
    form: AsTable = Format.table,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show each calibration fact beside its target, and whether it is met; or the gates, with --seeds."""
    form = Format.json if as_json else form
    if seeds is not None:
        _gates(scenario, range(seed, seed + seeds), members, form)
        return
    chosen, found = _measured(folder, scenario, (members or 20_000, months), seed)
    show([_row(fact) for fact in found], form, COLUMNS, _title(chosen))
    asked = [fact for fact in found if fact.within is not None]
    missed = [fact.name for fact in asked if not fact.within]
    say(
        f"{len(asked) - len(missed)} of {len(asked)} facts are met"
        + (f"; not met: {', '.join(missed)}" if missed else "")
    )


def _measured(
    folder: Path | None, scenario: str, extent: tuple[int, int], seed: int
) -> tuple[Scenario, list[Fact]]:
    """The facts of a folder, by the scenario that its manifest names, or of a world made now."""
    from ingest.world.calibration import facts
    from ingest.world.folder import read_manifest
    from ingest.world.scenarios import scenario as of_name

    said = read_manifest(folder) if folder else {}
    chosen = of_name(str(said.get("scenario", scenario)))
    with progress() as report:
        report("make a world", 0, 0)
        with _record(folder, said, chosen, extent, seed) as record:
            if len(record.months) < 6:
                raise BadInput(f"the record has {len(record.months) - 1} months; the facts need five")
            return chosen, facts(record, chosen.naive, report)


def _gates(scenario: str, seeds: range, members: int | None, form: Format) -> None:
    """The gates of the contagion verdict on worlds made now."""
    from api.gates import ASKED, judge, rows

    with progress() as report:
        found = judge(scenario, seeds, members, report)
    show(rows(found), form, ASKED)
    say(f"{sum(gate.holds for gate in found)} of {len(found)} gates hold")


@contextmanager
def _record(
    folder: Path | None, said: dict[str, object], chosen: Scenario, extent: tuple[int, int], seed: int
) -> Iterator[Record]:
    """Of the folder, without what is after its own record, or of a world made now."""
    from ingest.world.folder import sized
    from ingest.world.make import make
    from ingest.world.record import of_folder, of_world

    if folder is None:
        yield of_world(make(sized(*extent), seed, chosen.knobs))
        return
    size = said.get("size")
    with of_folder(folder, size.get("months") if isinstance(size, dict) else None) as record:
        yield record


def _row(fact: Fact) -> dict[str, object]:
    within = {True: "yes", False: "no", None: ""}[fact.within]
    values = (fact.name, fact.value, fact.target, fact.low, fact.high, within, fact.source)
    return dict(zip(COLUMNS, values, strict=True))


def _title(chosen: Scenario) -> str:
    return f"{chosen.name} {chosen.title}: {chosen.aim}"
