"""Whether the service can answer, and from which data."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import TheLake, TheStore
from api.errors import explains
from api.runs import newest_run
from graph.errors import GuanxiError, Unavailable
from graph.statement import Statement

router = APIRouter(tags=["service"])

PATIENCE = 2.0
"""Seconds the graph may take to answer before it counts as gone."""


class NewestRun(BaseModel):
    run_id: str
    as_of: date


class Health(BaseModel):
    alive: bool
    graph: dict[str, str]
    lake_commit: int
    newest_run: NewestRun | None


@router.get(
    "/health",
    summary="Is the service up, does the graph answer, and how new are the data?",
    responses=explains(Unavailable),
)
def health(lake: TheLake, store: TheStore) -> Health:
    """503 with the reason when the graph does not answer; else the state of the data."""
    try:
        store.rows(Statement("RETURN 1 AS one"), timeout=PATIENCE)
        server = {name: str(value) for name, value in store.describe().items()}
    except GuanxiError as error:
        raise Unavailable(f"the graph does not answer: {error}") from error
    run = newest_run(lake)
    found = NewestRun(run_id=run["run_id"], as_of=run["as_of"]) if run else None
    return Health(alive=True, graph=server, lake_commit=lake.commit().number, newest_run=found)
