"""Short words for asking and writing, on whichever server."""

from __future__ import annotations

from graph import write
from graph.bolt import BoltStore
from graph.schema import MEMBER
from graph.statement import Statement


def ask(store: BoltStore, text: str, **params: object) -> list[dict[str, object]]:
    return store.rows(Statement(text, params))


def put_members(store: BoltStore, *ids: str) -> None:
    store.bulk(write.merge_nodes(MEMBER), [{"id": one, "props": {}} for one in ids])


def swept(store: BoltStore, statement: Statement, **params: object) -> int:
    once = Statement(statement.text, {**statement.params, **params})
    total = 0
    for _ in range(10):
        n = int(str(store.write(once)[0]["n"]))
        total += n
        if n == 0:
            return total
    raise AssertionError(f"still {n} after ten times")
