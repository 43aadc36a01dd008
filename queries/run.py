"""Asking: a library query with its parameters, or a read-only text of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from graph.dialect import ARCADEDB
from graph.errors import BadInput
from graph.settings import Settings, settings
from graph.statement import Statement
from graph.store import GraphStore, Row
from queries.cypher import columns_returned, params_used, statements
from queries.parameters import bind
from queries.portable import refuse_unportable
from queries.query import Query

# The graph carries one run, the newest; should two ever stand there, the one finished last counts.
NEWEST_RUN = Statement(
    "MATCH (r:Run) RETURN r.run_id AS run_id, r.as_of AS as_of "
    "ORDER BY coalesce(r.finished, '') DESC, r.run_id DESC LIMIT 1"
)


@dataclass(frozen=True)
class Answer:
    """The rows of a library query, and what has to stand beside them.

    `params` are the values used, defaults included; `rows` have the keys `columns`, in that order;
    `truncated` says that there are more rows than these; `as_of` and `run_id` are those of the newest
    run in the graph, None before the first.
    """

    query: Query
    params: Mapping[str, object]
    columns: tuple[str, ...]
    rows: list[Row]
    truncated: bool
    as_of: date | None
    run_id: str | None


@dataclass(frozen=True)
class Reading:
    """The rows of somebody's own text, columns in the order of its RETURN."""

    columns: tuple[str, ...]
    rows: list[Row]
    truncated: bool


def ask(
    store: GraphStore, query: Query, params: Mapping[str, object], limits: Settings | None = None
) -> Answer:
    """Ask a library query. Texts are converted to the declared types, defaults filled in.

    Stops at the time limit and row cap of `limits`, by default the settings of this process. Raises
    BadInput for an unknown, missing or bad parameter, and what `GraphStore.rows` raises.
    """
    limits = limits or settings()
    run_id, as_of = newest_run(store, limits.query_seconds)
    values = bind(query.name, query.params, query.counts, params, as_of or date.today())
    most = limits.query_rows
    if query.limit and isinstance(wanted := values[query.limit], int):
        most = min(most, wanted)
    # One row more than wanted tells whether there are more. A query's own LIMIT asks for it, and ends by
    # itself; any other is cut off.
    sent = {**values, query.limit: most + 1} if query.limit else values
    cut = None if query.limit else most + 1
    found = store.rows(Statement(query.text, sent), timeout=limits.query_seconds, limit=cut)
    rows = [{name: row[name] for name in query.columns} for row in found[:most]]
    return Answer(query, values, query.columns, rows, len(found) > most, as_of, run_id)


def newest_run(store: GraphStore, seconds: float) -> tuple[str | None, date | None]:
    """The run whose figures the graph carries: its `run_id` and `as_of`, or None and None.

    Stopped after `seconds`.
    """
    rows = store.rows(NEWEST_RUN, timeout=seconds)
    if not rows:
        return None, None
    run_id, as_of = rows[0]["run_id"], rows[0]["as_of"]
    return str(run_id), as_of if isinstance(as_of, date) else None


def read_cypher(
    store: GraphStore, text: str, params: Mapping[str, object], seconds: float, limit: int
) -> Reading:
    """Run one read-only text, stopped after `seconds` or `limit` rows.

    Raises BadInput for an empty text, several statements or a parameter not given; on the embedded
    server also for what `queries.portable` refuses, since its answer could be wrong without a word. The
    store refuses writes (it reads as a principal that cannot, and rolls back).
    """
    found = statements(text)
    if not found:
        raise BadInput("the text has no statement; give one such as MATCH (n) RETURN count(n) AS n")
    if len(found) > 1:
        raise BadInput(f"the text has {len(found)} statements; give one, without ';' between")
    if store.dialect == ARCADEDB.name:
        refuse_unportable(text, "your text")
    for name, line in params_used(text).items():
        if name not in params:
            raise BadInput(f"line {line} of the text uses ${name}, and no value is given for it")
    rows = store.rows(Statement(found[0], dict(params)), timeout=seconds, limit=limit + 1)
    # A server names no columns where there are no rows; the text itself does.
    columns = tuple(rows[0]) if rows else columns_returned(found[0]) or ()
    return Reading(columns, rows[:limit], len(rows) > limit)
