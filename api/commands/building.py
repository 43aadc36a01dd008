"""Commands that build a graph outside a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake, read_settings
from api.show import Format, progress, say, show

commands = typer.Typer()


@commands.command("build-neo4j")
def build_neo4j(
    folder: Annotated[Path, typer.Argument(help="Folder to write the files to; it is made.")],
    as_of: AsOf = None,
    form: AsTable = Format.table,
) -> None:
    """Write the whole graph as files for neo4j-admin, whose import replaces a stopped database, and say how.

    It is the fastest way to fill a Neo4j: stop the server, run the command that is told at the end, start
    the server again. The next `guanxi publish` then sends only what has changed since.
    """
    from ingest.publishing.offline import build_offline

    with progress() as report:
        build = build_offline(open_lake(), folder, report, day_of(as_of))
    if not build.files:
        say("the lake shows nothing to build a graph of: guanxi load fills it")
        return
    show(
        [{"type": one.type, "file": one.file, "rows": one.rows} for one in build.files],
        form,
        ("type", "file", "rows"),
        title=f"state {build.number} of the lake",
    )
    say("with the server stopped, run:")
    say(build.command(read_settings().graph_database))
