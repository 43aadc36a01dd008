"""Computed circles of members: the list, one, and who is in it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import Answering, AskAll, LookUp, listing
from api.routes.accounts import LIST, LIST_OF_ONE, ONE
from api.routes.members import Account
from api.tables import Rows, plain

router = APIRouter(prefix="/communities", tags=["communities"])

Least = Annotated[int, Query(ge=1, description="fewest accounts among the members")]


@router.get(
    "", summary="Circles of members, those of most accounts first", response_model=Rows, responses=LIST
)
def list_communities(
    ask: AskAll, reply: Answering, account_id: Account = None, min_accounts: Least = 1
) -> Response:
    """Each circle with its size, the accounts among its members and how many may leave."""
    wanted = {"account_id": account_id, "min_accounts": min_accounts}
    return reply.send(listing(ask("communities/find_cross_account", **wanted)))


@router.get("/{community_id}", summary="One circle", responses=ONE)
def show_community(community_id: str, look_up: LookUp) -> dict[str, Any]:
    """Its size, density and name; `members` is the address of who is in it."""
    shown: dict[str, Any] = plain(look_up.community(community_id))
    return shown


@router.get("/{community_id}/members", summary="Who is in it", response_model=Rows, responses=LIST_OF_ONE)
def list_members(community_id: str, ask: AskAll, look_up: LookUp, reply: Answering) -> Response:
    """Its members, those at its centre first."""
    look_up.community(community_id)
    return reply.send(listing(ask("communities/show_members", community_id=community_id), community_id))
