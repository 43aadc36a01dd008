"""The command line: `guanxi`.

Nothing heavy is imported before a command needs it, so that help answers at once. Rows go to standard
output, everything said beside them to standard error.
"""

from __future__ import annotations

import os
import sys
from codecs import lookup
from io import TextIOWrapper
from typing import Annotated

import typer

from api.commands import (
    asking,
    building,
    campaigning,
    churning,
    communities,
    introducing,
    keeping,
    loading,
    quality,
    referring,
    rehearsing,
    resolving,
    running,
    selling,
    spreading,
    valuing,
    vault,
    watching,
    world,
)
from api.show import say
from graph.errors import GuanxiError

app = typer.Typer(
    name="guanxi",
    help="Know your group customers and partners: load, refresh, ask.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for topic in (
    running,
    loading,
    asking,
    introducing,
    communities,
    spreading,
    campaigning,
    churning,
    building,
    keeping,
    resolving,
    vault,
    quality,
    referring,
    rehearsing,
    valuing,
    watching,
    world,
    selling,
):
    app.add_typer(topic.commands)


@app.callback()
def before_any_command(
    graph: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Graph server to use instead of GUANXI_GRAPH_URL: embedded, or bolt://host:port.",
        ),
    ] = None,
) -> None:
    """Take in what holds for every command."""
    if graph is not None:
        from graph.settings import settings

        os.environ["GUANXI_GRAPH_URL"] = graph  # so that it wins over .env, and reaches every process
        settings.cache_clear()


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


if __name__ == "__main__":
    main()
