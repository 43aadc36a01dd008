"""Group customers: the list, one account, and what belongs to it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import Answering, Ask, AskAll, Asker, TheLake, listing, only_row
from api.errors import explains
from api.revenue import revenue
from api.tables import LISTED, Listing, Rows, plain
from graph.errors import BadInput, Damaged, NotFound, TimedOut, Unavailable
from graph.store import Row

router = APIRouter(prefix="/accounts", tags=["accounts"])

LIST = LISTED | explains(BadInput, TimedOut, Unavailable)
ONE = explains(NotFound, BadInput, TimedOut, Unavailable)
LIST_OF_ONE = LISTED | ONE

Region = Annotated[
    str | None, Query(description="code of a province, city or district; its digits from the left")
]
Tier = Annotated[str | None, Query(description="national, provincial or regional")]
Class = Annotated[str | None, Query(alias="class", description="large, commercial or public")]
AsOf = Annotated[date | None, Query(description="nothing known after this day; everything where not said")]


@router.get("", summary="Accounts, the most endangered first", response_model=Rows, responses=LIST)
def list_accounts(
    ask: AskAll, reply: Answering, region: Region = None, tier: Tier = None, class_: Class = None
) -> Response:
    """Every account that is open, by the members it is expected to lose."""
    wanted = {"region": region, "tier": tier, "class": class_}
    return reply.send(listing(ask("accounts/list_accounts", **wanted)))


@router.get("/{account_id}", summary="One account's 360", responses=ONE)
def show_account(account_id: str, ask: Ask) -> dict[str, Any]:
    """What the account is, who looks after it, how many belong to it and how many may leave, and why."""
    shown: dict[str, Any] = plain(head_of(ask, account_id))
    return shown


@router.get("/{account_id}/members", summary="Its members", response_model=Rows, responses=LIST_OF_ONE)
def list_members(account_id: str, ask: AskAll, reply: Answering) -> Response:
    """Who is in the group, who has left it and how, and who is likely to go next."""
    return reply.send(belonging("accounts/list_members", account_id, ask))


@router.get("/{account_id}/contacts", summary="Its contacts", response_model=Rows, responses=LIST_OF_ONE)
def list_contacts(account_id: str, ask: AskAll, reply: Answering) -> Response:
    """People who work at the account, the part each plays, and when any of us last met them."""
    return reply.send(belonging("contacts/list_contacts", account_id, ask))


@router.get("/{account_id}/ties", summary="Ties among its people", response_model=Rows, responses=LIST_OF_ONE)
def list_ties(account_id: str, ask: AskAll, reply: Answering) -> Response:
    """Which of its contacts reports to which, then who of its members is in touch, the strongest first."""
    return reply.send(belonging("accounts/list_ties", account_id, ask))


@router.get(
    "/{account_id}/revenue",
    summary="Its bills by month",
    response_model=Rows,
    responses=LISTED | explains(NotFound, BadInput, TimedOut, Unavailable, Damaged),
)
def list_revenue(account_id: str, ask: Ask, lake: TheLake, reply: Answering, as_of: AsOf = None) -> Response:
    """What its members were billed and what they paid, oldest month first."""
    return reply.send(of_an_account(revenue(lake, account_id, as_of), account_id, ask))


def belonging(query: str, account_id: str, ask: Asker) -> Listing:
    """What a library query lists of the account. Raises NotFound where there is no such account."""
    return of_an_account(listing(ask(query, account_id=account_id), account_id), account_id, ask)


def of_an_account(found: Listing, account_id: str, ask: Asker) -> Listing:
    """The list; NotFound is raised for an empty one of no account, so that a mistyped one shows."""
    if not found.rows:
        head_of(ask, account_id)
    return found


def head_of(ask: Asker, account_id: str) -> Row:
    """The account at a glance, with what it rests on. Raises NotFound where there is no such account."""
    return only_row(ask("accounts/show_360", account_id=account_id), "account", account_id)
