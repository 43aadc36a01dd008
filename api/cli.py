"""The command line: `guanxi`.

Nothing heavy is imported before a command needs it, so that help answers at once. Rows go to standard
output, everything said beside them to standard error.
"""

from __future__ import annotations

import sys
from codecs import lookup
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.show import Format, flattened, load_told, progress, say, show
from graph.errors import BadInput, GuanxiError

if TYPE_CHECKING:
    from datetime import date

    from graph.lake import Lake
    from graph.settings import Settings
    from graph.store import GraphStore
    from queries.run import Answer

app = typer.Typer(
    name="guanxi",
    help="Know your group customers and partners: load, refresh, ask.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsTable = Annotated[Format, typer.Option("--format", help="How rows are written.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use nothing known after this day, such as 2026-10-31."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 picks a free one."),
]


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Leave the server running at the end.")] = True,
    port: Port = None,
    seed: Annotated[int, typer.Option(help="Which world to make.")] = 7,
) -> None:
    """Make a small telecom world, load it, refresh it and show what it says."""
    from api.demo import run_demo

    run_demo(serve, port, seed)


@app.command()
def load(
    feed: Annotated[str, typer.Argument(help="Name of a shipped feed, or path of a feed's .toml file.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with the feed's files.")],
    publish: Annotated[bool, typer.Option(help="Also bring the graph up to date.")] = True,
    form: AsTable = Format.table,
) -> None:
    """Read a feed's files into the lake, set bad rows aside, and publish to the graph."""
    from ingest.publish import publish as publish_lake
    from ingest.run import load as load_feed

    lake = _lake()
    with progress() as report:
        loaded = load_feed(feed, data, lake, _settings().quarantine_folder, report)
    show([vars(count) for count in loaded.tables], form, title=f"load {loaded.load_id}")
    for line in load_told(loaded):
        say(line)
    if loaded.rows_in and not loaded.landed + loaded.unchanged:
        raise BadInput("every row was set aside, so there is nothing to use; the reasons lie beside the rows")
    if publish:
        with _kept("load"), _store() as store, progress() as report:
            publish_lake(lake, store, report)


@app.command()
def publish(form: AsTable = Format.table) -> None:
    """Bring the graph up to date with the lake: every fact, and the newest run's results."""
    from ingest.publish import publish as publish_lake

    with _store() as store, progress() as report:
        published = publish_lake(_lake(), store, report)
    show(published.rows(), form, title=f"published lake state {published.number}")


@app.command()
def refresh(as_of: AsOf = None, form: AsTable = Format.table) -> None:
    """Compute communities, positions, churn, influencers and referrals as of a date, as one run."""
    from analytics.refresh import refresh as refresh_lake
    from ingest.publish import publish as publish_lake

    day = _day(as_of)
    lake = _lake()
    with progress() as report:
        run = refresh_lake(lake, day, report)
    figures = dict(flattened(run.figures))
    rows = [{"figure": name, "value": value} for name, value in figures.items()]
    show(rows, form, ("figure", "value"), title=f"run {run.run_id} as of {run.as_of}")
    if "churn.refused" in figures:
        say(f"no churn figures in this run: {figures['churn.refused']}")
    with _kept("run"), _store() as store, progress() as report:
        publish_lake(lake, store, report, run.as_of)


@app.command()
def ask(
    query: Annotated[str | None, typer.Argument(help="A query's name; none lists them.")] = None,
    params: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=VALUE]...", help="The query's parameters."),
    ] = None,
    form: AsTable = Format.table,
) -> None:
    """Ask a question of the library, such as: guanxi ask members/list_at_risk limit=10."""
    from queries.catalog import catalog, find

    if query is None:
        listed = [
            {"query": name, "title": found.title, "for": ", ".join(found.audience)}
            for name, found in catalog().items()
        ]
        show(listed, form, ("query", "title", "for"))
        return
    from queries.run import ask as answer_query

    found = find(query)
    with _store() as store:
        answer = answer_query(store, found, dict(_pair(text) for text in params or []))
    show(answer.rows, form, answer.columns, title=found.title)
    as_of = f"as of {answer.as_of}, run {answer.run_id}" if answer.run_id else "no run yet: guanxi refresh"
    say(f"{len(answer.rows)} rows, {as_of}{_more(answer)}")


@app.command()
def cypher(
    text: Annotated[str, typer.Argument(help="A Cypher text that only reads; '-' takes standard input.")],
    params: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=VALUE]...", help="Values for the text's $names, as text."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="Time limit.")] = 10.0,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 1000,
    form: AsTable = Format.table,
) -> None:
    """Run a Cypher text of your own; it can only read."""
    from queries.run import read_cypher

    asked = sys.stdin.read() if text == "-" else text
    with _store() as store:
        answer = read_cypher(store, asked, dict(_pair(p) for p in params or []), seconds, limit)
    show(answer.rows, form, answer.columns)
    say(f"{len(answer.rows)} rows" + ("; cut off there, --limit shows more" if answer.truncated else ""))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made where there is none.")],
    form: AsTable = Format.table,
) -> None:
    """Write every table of the lake as CSV in a fixed order, and show each file's hash."""
    from ingest.export import export as export_lake

    with progress() as report:
        files = export_lake(_lake(), folder, report)
    show(files, form, ("table", "rows", "sha256"))


@app.command()
def serve(
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
) -> None:
    """Serve the API and the page until interrupted."""
    from api.serve import listener, run_server

    chosen = _settings().model_copy(update={"host": host or _settings().host})
    with listener(chosen.host, chosen.port if port is None else port) as socket, _store() as store:
        run_server(_lake(), store, chosen, socket)


@app.command()
def doctor(form: AsTable = Format.table) -> None:
    """Say where state lives, what is in it, and whether everything needed is here."""
    from api.doctor import findings

    found = findings(_settings())
    show([finding.__dict__ for finding in found], form, ("check", "state", "detail"))
    if any(finding.state == "wrong" for finding in found):
        raise typer.Exit(1)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which bench; 'list' names them.")],
    json: Annotated[bool, typer.Option("--json", help="Print only the JSON object.")] = False,
    size: Annotated[int, typer.Option(min=10, help="Size of the work; see the bench.")] = 2000,
) -> None:
    """Measure something against a peer on the same work in the same run."""
    from api.bench import run_bench

    run_bench(name, size, only_json=json)


def main() -> None:
    """Run the command line; a user's mistake ends with one sentence and exit code 2.

    A terminal that cannot show a character gets its code instead. (A reader that is gone is typer's.)
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except GuanxiError as error:
        say(f"guanxi: {error}")
        sys.exit(error.exit_code)


def _settings() -> Settings:
    from graph.settings import settings

    return settings()


def _lake() -> Lake:
    from graph.lake import Lake

    return Lake(_settings().lake_folder)


@contextmanager
def _store() -> Iterator[GraphStore]:
    from graph.connect import connect

    with connect(_settings()) as store:
        yield store


@contextmanager
def _kept(what: str) -> Iterator[None]:
    """A graph that cannot be brought up to date costs nothing of what stands in the lake; say so."""
    try:
        yield
    except GuanxiError as error:
        raise type(error)(f"{error}; the {what} is kept: guanxi publish brings it to the graph") from error


def _more(answer: Answer) -> str:
    """Whether there are more rows than these, and what would show them."""
    limit = answer.query.limit
    if not answer.truncated:
        return ""
    if limit and answer.params[limit] == len(answer.rows):
        return f"; more exist, raise {limit}="
    return "; cut off there, a higher GUANXI_QUERY_ROWS shows more"


def _day(text: str | None) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"--as-of takes a date such as 2026-10-31, not {text!r}") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise BadInput(f"a parameter is written NAME=VALUE, such as limit=10, not {text!r}")
    return name, value


if __name__ == "__main__":
    main()
