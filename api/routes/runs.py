"""Refreshes: what was computed, from which data, with which libraries."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.deps import Answering, TheLake
from api.errors import explains
from api.runs import COLUMNS, runs
from api.tables import LISTED, Listing, Rows, plain
from graph.errors import BadInput, Damaged, NotFound, one_of

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get(
    "",
    summary="Every refresh, newest first",
    response_model=Rows,
    responses=LISTED | explains(BadInput, Damaged),
)
def list_runs(lake: TheLake, reply: Answering) -> Response:
    """The runs that the lake holds; the graph shows only the newest, the lake keeps all results."""
    return reply.send(Listing(name="runs", columns=COLUMNS, rows=runs(lake), link="/runs"))


@router.get("/{run_id}", summary="One refresh in full", responses=explains(NotFound, BadInput, Damaged))
def show_run(run_id: str, lake: TheLake) -> dict[str, Any]:
    """Parameters, library versions, table versions and notes of a run."""
    found = runs(lake, run_id)
    if not found:
        raise NotFound(one_of("run", run_id, [run["run_id"] for run in runs(lake)]))
    shown: dict[str, Any] = plain(found[0])
    return shown
