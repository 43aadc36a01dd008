"""Lines: those that may leave, and one in full."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import Answering, Ask, AskAll, listing, only_row
from api.routes.accounts import LIST, ONE, Region
from api.tables import Rows, plain

router = APIRouter(prefix="/members", tags=["members"])

Account = Annotated[str | None, Query(description="only members of this account")]
Chance = Annotated[float | None, Query(ge=0, le=1, description="lowest probability to show")]


@router.get("", summary="Members likely to leave, and why", response_model=Rows, responses=LIST)
def list_members(
    ask: AskAll,
    reply: Answering,
    account_id: Account = None,
    region: Region = None,
    at_least: Chance = None,
) -> Response:
    """The run's figure for each member, its interval and its reasons, most likely to leave first."""
    wanted = {"account_id": account_id, "region": region, "at_least": at_least}
    return reply.send(listing(ask("members/list_at_risk", **wanted)))


@router.get("/{member_id}", summary="One member at a glance", responses=ONE)
def show_member(member_id: str, ask: Ask) -> dict[str, Any]:
    """Where the line belongs, what it holds, whom it is in touch with, and what was concluded of it.

    `ties` counts the people in touch with it; `churn` stands with its interval and its reasons.
    """
    answer = ask("members/show_member", member_id=member_id)
    shown: dict[str, Any] = plain(only_row(answer, "member", member_id))
    return shown
