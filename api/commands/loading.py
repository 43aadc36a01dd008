"""Commands that bring facts in, show them in the graph and write them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, kept, open_lake, open_store, read_settings
from api.show import Format, load_told, progress, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    from graph.lake import Lake
    from ingest.land import LoadReport

commands = typer.Typer()

Publish = Annotated[bool, typer.Option(help="Also bring the graph up to date.")]


@commands.command()
def load(
    feed: Annotated[str, typer.Argument(help="Name of a shipped feed, or path of a feed's .toml file.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with the feed's files.")],
    publish: Publish = True,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Load files that have far fewer rows than before.")
    ] = False,
    accept_bad: Annotated[
        bool, typer.Option("--accept-bad", help="Load what can be used of files with many bad rows.")
    ] = False,
    form: AsTable = Format.table,
) -> None:
    """Read a feed's files into the lake, set bad rows aside, and publish to the graph."""
    from ingest.guard import Accepted
    from ingest.run import load as load_feed

    lake, accepted = open_lake(), Accepted(accept_shrink, accept_bad)
    with progress() as report:
        loaded = load_feed(feed, data, lake, read_settings().quarantine_folder, report, accepted)
    _told(lake, loaded, publish, form)


@commands.command()
def reload(
    load_id: Annotated[str, typer.Argument(help="The load whose rows set aside have been mended.")],
    publish: Publish = True,
    form: AsTable = Format.table,
) -> None:
    """Load the rows that a load set aside, once they have been mended where they lie."""
    from ingest.reload import reload as reload_rows

    lake = open_lake()
    with progress() as report:
        loaded = reload_rows(load_id, lake, read_settings().quarantine_folder, report)
    _told(lake, loaded, publish, form)


@commands.command()
def waiting(form: AsTable = Format.table) -> None:
    """Show which facts wait for a node they name, by table and node, most wanted first."""
    from ingest.waiting import wanted

    show(wanted(open_lake()), form, ("table", "label", "id", "facts"))


def _told(lake: Lake, loaded: LoadReport, publish: bool, form: Format) -> None:
    """Show what became of a load, and bring it to the graph."""
    from ingest.publishing.publish import publish as publish_lake

    show([vars(count) for count in loaded.tables], form, title=f"load {loaded.load_id}")
    for line in load_told(loaded):
        say(line)
    if loaded.rows_in and not loaded.landed + loaded.unchanged:
        raise BadInput("every row was set aside, so there is nothing to use; the reasons lie beside the rows")
    if publish:
        with kept("load"), open_store() as store, progress() as report:
            publish_lake(lake, store, report)


@commands.command()
def publish(form: AsTable = Format.table) -> None:
    """Bring the graph up to date with the lake: every fact, and the newest run's results."""
    from ingest.publishing.publish import publish as publish_lake

    with open_store() as store, progress() as report:
        published = publish_lake(open_lake(), store, report)
    show(published.rows(), form, title=f"published lake state {published.number}")


@commands.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made where there is none.")],
    form: AsTable = Format.table,
) -> None:
    """Write every table of the lake as CSV in a fixed order, and show each file's hash."""
    from ingest.publishing.export import export as export_lake

    with progress() as report:
        files = export_lake(open_lake(), folder, report)
    show(files, form, ("table", "rows", "sha256"))
