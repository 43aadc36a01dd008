"""Loads: what came in with each, and what its data were like."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.deps import Answering, TheLake
from api.errors import explains
from api.tables import LISTED, Listing, Rows
from graph.errors import BadInput, Damaged, NotFound
from ingest.quality.kept import COLUMNS, loads, report_of
from ingest.quality.report import Report

router = APIRouter(prefix="/api/loads", tags=["loads"])


@router.get(
    "",
    summary="Every load, newest first",
    response_model=Rows,
    responses=LISTED | explains(BadInput, Damaged),
)
def list_loads(lake: TheLake, reply: Answering) -> Response:
    """What became of the rows of each load, and how many findings its data gave rise to."""
    return reply.send(Listing(name="loads", columns=COLUMNS, rows=loads(lake), link="/api/loads"))


@router.get(
    "/{load_id}/quality",
    summary="What the data of one load were like",
    responses=explains(NotFound, BadInput, Damaged),
)
def show_quality(load_id: str, lake: TheLake) -> Report:
    """Figures of each file, table and field, and findings, beside those of the load before of its feed."""
    return report_of(lake, load_id)
