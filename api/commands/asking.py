"""Commands that ask the graph."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, open_store, pair_of
from api.show import Format, say, show

if TYPE_CHECKING:
    from queries.run import Answer

commands = typer.Typer()


@commands.command()
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
    with open_store() as store:
        answer = answer_query(store, found, dict(pair_of(text) for text in params or []))
    show(answer.rows, form, answer.columns, title=found.title)
    as_of = f"as of {answer.as_of}, run {answer.run_id}" if answer.run_id else "no run yet: guanxi refresh"
    say(f"{len(answer.rows)} rows, {as_of}{_more(answer)}")


@commands.command()
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
    with open_store() as store:
        answer = read_cypher(store, asked, dict(pair_of(p) for p in params or []), seconds, limit)
    show(answer.rows, form, answer.columns)
    say(f"{len(answer.rows)} rows" + ("; cut off there, --limit shows more" if answer.truncated else ""))


def _more(answer: Answer) -> str:
    """Whether there are more rows than these, and what would show them."""
    limit = answer.query.limit
    if not answer.truncated:
        return ""
    if limit and answer.params[limit] == len(answer.rows):
        return f"; more exist, raise {limit}="
    return "; cut off there, a higher GUANXI_QUERY_ROWS shows more"
