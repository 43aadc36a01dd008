"""What a graph server has beside the graph: its limits, Graph Data Science, our constraints."""

from __future__ import annotations

from dataclasses import dataclass

from graph.dialect import CONSTRAINTS, DIALECTS, INDEXES
from graph.errors import BadInput, Forbidden
from graph.statement import Statement
from graph.store import GraphStore, Row
from graph.write import constraints, indexes, name_of

PATIENCE = 10.0


@dataclass(frozen=True)
class Examined:
    """What was found: `science` is the version of Graph Data Science, None where there is none.

    `limits` are the server's own words by setting, empty where it does not tell; `lacking` names the
    constraints and indexes that are not in force, of `wanted` in all.
    """

    science: str | None
    limits: dict[str, str]
    lacking: tuple[str, ...]
    wanted: int


def examine(store: GraphStore) -> Examined:
    """Look at the server behind the store; nothing is changed there. Raises as `GraphStore.rows` does."""
    dialect = DIALECTS[store.dialect]
    wanted = [name_of(one) for one in (*constraints(), *indexes())]
    held = {
        str(row["name"]) for asked in (CONSTRAINTS, INDEXES) for row in store.rows(asked, timeout=PATIENCE)
    }
    version = _told(store, dialect.science)
    return Examined(
        science=str(version[0]["version"]) if version else None,
        limits={str(row["what"]): str(row["value"]) for row in _told(store, dialect.limits) if row["value"]},
        lacking=tuple(name for name in wanted if name not in held),
        wanted=len(wanted),
    )


def _told(store: GraphStore, asked: Statement | None) -> list[Row]:
    """No rows where the server has no such thing, or does not tell this user."""
    try:
        return store.rows(asked, timeout=PATIENCE) if asked else []
    except (BadInput, Forbidden):
        return []
