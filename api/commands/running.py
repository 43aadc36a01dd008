"""Commands that run the product: the demo, a refresh, the server, its check-up and its benches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.opened import AsOf, AsTable, Port, day_of, kept, open_lake, open_store, read_settings
from api.show import Format, flattened, progress, say, show

commands = typer.Typer()

LONGEST = 500
"""Characters of a figure that a terminal shows."""


@commands.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Leave the server running at the end.")] = True,
    port: Port = None,
    seed: Annotated[int, typer.Option(help="Which world to make.")] = 7,
) -> None:
    """Make a small telecom world, load it, refresh it and show what it says."""
    from api.demo import run_demo

    run_demo(serve, port, seed)


@commands.command()
def refresh(as_of: AsOf = None, form: AsTable = Format.table) -> None:
    """Compute every measure as of a date, from communities and churn to value and alerts, as one run."""
    from analytics.refresh import refresh as refresh_lake
    from ingest.publishing.publish import publish as publish_lake

    day = day_of(as_of)
    lake = open_lake()
    with progress() as report:
        run = refresh_lake(lake, day, report)
    figures = dict(flattened(run.figures))
    rows = [{"figure": name, "value": _told(value)} for name, value in figures.items()]
    show(rows, form, ("figure", "value"), title=f"run {run.run_id} as of {run.as_of}")
    if "churn.refused" in figures:
        say(f"no churn figures in this run: {figures['churn.refused']}")
    with kept("run"), open_store() as store, progress() as report:
        publish_lake(lake, store, report, run.as_of)


def _told(value: object) -> object:
    """The figure, or how long it is: a model's text is kept with the run, not read on a terminal."""
    return f"{len(value):,} characters" if isinstance(value, str) and len(value) > LONGEST else value


@commands.command()
def serve(
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
) -> None:
    """Serve the API and the page until interrupted."""
    from api.serve import listener, run_server

    chosen = read_settings().model_copy(update={"host": host or read_settings().host})
    with listener(chosen.host, chosen.port if port is None else port) as socket, open_store() as store:
        run_server(open_lake(), store, chosen, socket)


@commands.command()
def doctor(form: AsTable = Format.table) -> None:
    """Say where state lives, what is in it, and whether everything needed is here."""
    from api.doctor import findings

    found = findings(read_settings())
    show([finding.__dict__ for finding in found], form, ("check", "state", "detail"))
    if any(finding.state == "wrong" for finding in found):
        raise typer.Exit(1)


@commands.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which bench; 'list' names them.")],
    json: Annotated[bool, typer.Option("--json", help="Print only the JSON object.")] = False,
    size: Annotated[
        int | None, typer.Option(min=10, help="Size of the work, instead of the bench's own.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="The peer, of a bench with a choice: networkx, gds or igraph.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data, of a bench that measures on given data.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to use, of a bench that uses several.")
    ] = None,
) -> None:
    """Measure something against a peer on the same work in the same run."""
    from api.bench import run_bench

    run_bench(name, size, only_json=json, against=against, data=data, threads=threads)
