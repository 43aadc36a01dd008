"""Computed circles of members: the list, one, and who is in it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import Answering, Ask, AskAll, Asker, listing, only_row
from api.routes.accounts import LIST, LIST_OF_ONE, ONE
from api.routes.members import Account
from api.tables import Rows, plain
from graph.errors import NotFound
from graph.store import Row

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
def show_community(community_id: str, ask: Ask) -> dict[str, Any]:
    """Its size, density and name; `members` is the address of who is in it."""
    shown: dict[str, Any] = plain(profile(ask, community_id))
    return shown | {"members": f"/communities/{quote(community_id, safe='')}/members"}


@router.get("/{community_id}/members", summary="Who is in it", response_model=Rows, responses=LIST_OF_ONE)
def list_members(community_id: str, ask: AskAll, reply: Answering) -> Response:
    """Its members, those at its centre first."""
    profile(ask, community_id)
    return reply.send(listing(ask("communities/show_members", community_id=community_id), community_id))


def profile(ask: Asker, community_id: str) -> Row:
    """The circle at a glance, with what it rests on. Raises NotFound where there is no such circle."""
    answer = ask("communities/show_community", community_id=community_id)
    if not answer.rows:
        raise NotFound(f"no community {community_id!r} in the newest run; /communities lists them")
    return only_row(answer, "community", community_id)
