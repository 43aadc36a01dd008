"""Commands that keep what is there: verify and rebuild the graph, back up and restore the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake, open_store, read_settings
from api.show import Format, progress, say, show
from graph.errors import GuanxiError

if TYPE_CHECKING:
    from datetime import date

    from ingest.keeping.archive import Manifest
    from ingest.keeping.verify import VerifyReport

commands = typer.Typer()

COLUMNS = ("type", "state", "in_lake", "in_graph", "missing", "extra", "differing", "sha256")
REBUILD = "guanxi rebuild mends the graph: it is made anew from the lake"


@commands.command()
def verify(form: AsTable = Format.table) -> None:
    """Compare the graph with the lake: counts and a hash of each type; end with 1 where they differ."""
    from ingest.keeping.verify import verify as verify_graph

    with open_store() as store, progress() as report:
        found = verify_graph(open_lake(), store, report)
    _tell(found, form)


@commands.command()
def rebuild(as_of: AsOf = None, form: AsTable = Format.table) -> None:
    """Empty the whole graph database, publish the lake to it anew for the same day, and verify it."""
    from ingest.keeping.rebuild import rebuild as rebuild_graph

    day = day_of(as_of)
    with open_store() as store, progress() as report:
        found = rebuild_graph(open_lake(), store, report, day or "kept")
    _tell(found, form)


@commands.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write, or a folder to put it in.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing: check that backup instead.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Also every earlier state of the lake, to repeat old runs from.")
    ] = False,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Also the keys: keep such a backup locked away.")
    ] = False,
    form: AsTable = Format.table,
) -> None:
    """Copy the lake, what was set aside and the records into one file; a load may run meanwhile."""
    if check:
        from ingest.keeping.archive import read_archive

        with progress() as report:
            manifest = read_archive(target, None, report)
        _tell_backup(manifest, target, form)
        say(f"{target} is whole: every file is as it was written")
        return
    from ingest.keeping.backup import backup as back_up

    with progress() as report:
        made = back_up(
            read_settings().home,
            target,
            report,
            graph_day=_graph_day(),
            history=history,
            with_keys=with_keys,
        )
    _tell_backup(made.manifest, made.file, form)
    _tell_left_out(made.left_out)
    say(f"{made.file}: {_size(made.bytes)}")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as guanxi backup made it.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Move what is in the way aside, and say where to.")
    ] = False,
    graph: Annotated[bool, typer.Option(help="Also rebuild the graph and verify it.")] = True,
    form: AsTable = Format.table,
) -> None:
    """Check a backup, put it into GUANXI_HOME, rebuild the graph and verify it."""
    from ingest.keeping.rebuild import rebuild as rebuild_graph
    from ingest.keeping.restore import restore as put_back

    with progress() as report:
        done = put_back(read_settings().home, file, report, replace=replace)
    said = done.manifest
    say(f"restored state {said.commit} of the lake, backed up {said.made}, into {read_settings().home}")
    if done.replaced:
        say(f"what was there before lies in {done.replaced}")
    if not graph:
        say("the graph still shows what it showed: guanxi rebuild, before anything else")
        return
    try:
        with open_store() as store, progress() as report:
            found = rebuild_graph(open_lake(), store, report, done.as_of)
    except GuanxiError as error:
        raise type(error)(f"{error}; the lake is restored: guanxi rebuild makes its graph") from error
    _tell(found, form)


def _graph_day() -> tuple[bool, date | None]:
    """The day the graph stands for; a backup is made all the same where its server does not answer."""
    from ingest.keeping.standing import day_of as day_of_marks
    from ingest.keeping.standing import marks_in

    try:
        with open_store() as store:
            return True, day_of_marks(marks_in(store))
    except GuanxiError as error:
        say(f"{error}; so a restore will show everything known in the graph, whichever day it stood for")
        return False, None


def _tell_backup(manifest: Manifest, path: Path, form: Format) -> None:
    rows = [{"table": name, "rows": rows} for name, rows in manifest.tables.items()]
    files = f"{len(manifest.files):,} files, {_size(manifest.size)} unpacked"
    show(rows, form, ("table", "rows"), title=f"state {manifest.commit} of lake {manifest.lake[:8]}: {files}")


def _tell_left_out(names: tuple[str, ...]) -> None:
    from ingest.keeping.backup import is_key

    keys = [name for name in names if is_key(Path(name))]
    others = [name for name in names if name not in keys]
    if keys:
        say(
            f"not in the backup: {', '.join(keys)}; keep a copy elsewhere, for what these keys lock cannot be"
            " read without them"
        )
    if others:
        more = f" and {len(others) - 5:,} more files" if len(others) > 5 else ""
        say(f"not in the backup: {', '.join(others[:5])}{more}")


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MiB" if count >= 2**20 else f"{count / 2**10:,.1f} KiB"


def _tell(found: VerifyReport, form: Format) -> None:
    """Show a verification; end with exit code 1 where the graph is not what the lake says."""
    rows = [
        {
            "type": one.type,
            "state": "same" if one.same else "differs",
            **{name: getattr(one, name) for name in COLUMNS[2:-1]},
            "sha256": one.sha256[:16] if form is Format.table else one.sha256,
            **({} if form is Format.table else {"graph_sha256": one.graph_sha256}),
            **({} if form is Format.table else {"examples": list(one.examples)}),
        }
        for one in found.types
        if form is Format.json or one.in_lake or one.in_graph
    ]
    day = f" as of {found.as_of}" if found.as_of else ""
    more = () if form is Format.table else ("graph_sha256", "examples")
    show(rows, form, (*COLUMNS, *more), title=f"the graph against state {found.number} of the lake{day}")
    for one in found.types:
        for example in one.examples:
            say(f"{one.type}: {example}")
    for sentence in (*found.faults, *found.notes):
        say(sentence)
    if found.same:
        say("the graph shows what the lake says")
        return
    say(f"the graph differs from the lake; {REBUILD}")
    raise typer.Exit(1)
