"""The first page: one account's 360, drawn on the server, readable without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from api.deps import Ask, Asker, TheLake, link_of
from api.pages.circles import with_changes
from api.pages.header import head_of, tags_of
from api.pages.people import named, picture_of
from api.pages.picture import Picture
from api.pages.render import page
from api.pages.sections import Section, ask_sections, section
from api.pages.trend import trend_of
from api.pages.words import Language, Say, speaker
from api.revenue import revenue
from api.runs import horizon_of
from api.tables import Row
from graph.errors import GuanxiError, NotFound
from graph.lake import Lake
from queries.run import Answer

router = APIRouter(include_in_schema=False)

OFFERED = 300
"""Accounts offered by the chooser, the most endangered first; any other can be typed."""
SEARCHED = 10_000
CONTACTS_READ = 10_000
TIES_READ = 5_000
CANDIDATES = 12

Chosen = Annotated[str, Query(alias="account", max_length=200)]


@router.get("/")
def show_account(ask: Ask, lake: TheLake, account: Chosen = "", lang: Language = Language.zh) -> Response:
    """The account's page; without one chosen, that of the account expected to lose most members."""
    frame: dict[str, Any] = {"here": here(account), "chosen": account}
    try:
        offered = ask("accounts/list_accounts", limit=OFFERED)
        frame |= {"asked": True, "accounts": offered.rows, "as_of": offered.as_of, "run_id": offered.run_id}
        if not offered.rows and not account:
            return page(
                "refused.html", lang, 200, **frame, message=speaker(lang)("absent_Account"), candidates=[]
            )
        wanted = account.strip() or str(offered.rows[0]["account_id"])
        found = ask("accounts/show_360", account_id=wanted)
        if not found.rows:
            return elsewhere(ask, wanted, lang, frame)
        values = gathered(ask, lake, found, lang)
    except GuanxiError as error:
        return page("refused.html", lang, error.status, **frame, message=str(error), candidates=[])
    return page("account.html", lang, **{**frame, **values, "here": here(wanted), "chosen": wanted})


def gathered(ask: Asker, lake: Lake, found: Answer, language: Language) -> dict[str, Any]:
    """Everything the template shows of the account that `found` tells of."""
    row, say = found.rows[0], speaker(language)
    account_id = str(row["account_id"])
    answers = ask_sections(ask, account_id)
    kinds = {str(row["name"]) for row in ask("graph/list_kinds").rows}
    sections = {key: section(key, answer, kinds, language) for key, answer in answers.items()}
    contacts = ask("contacts/list_contacts", account_id=account_id, limit=CONTACTS_READ).rows
    sections["risk"] = with_names(sections["risk"], ask, contacts)
    run_id = answers["communities"].run_id
    sections["communities"] = with_changes(sections["communities"], lake, run_id, language)
    if contacts and "VISITED" not in kinds:
        sections["unmet"] = replace(sections["unmet"], note=say("unmet_no_visits"))
    return {
        "head": {
            "name": row["name"] or account_id,
            "tags": tags_of(row, language),
            "facts": head_of(row, horizon_of(lake, found.run_id), language),
            "link": link_of(found),
            "csv": f"{link_of(found)}&format=csv",
        },
        "sections": sections,
        "revenue": trend_of(revenue(lake, account_id, found.as_of), say),
        **drawn(ask, found, contacts, marked(answers["risk"], sections["risk"]), say),
    }


def drawn(
    ask: Asker, found: Answer, contacts: Sequence[Row], at_risk: Sequence[str], say: Say
) -> dict[str, Any]:
    """The picture of the account's ties and what stands around it."""
    row = found.rows[0]
    ties = ask("accounts/list_ties", account_id=row["account_id"], limit=TIES_READ)
    picture = picture_of(ask, ties, contacts, at_risk, say)
    months = [edge.tie.figures["last_month"] for edge in picture.edges if edge.tie.figures]
    later = found.as_of and any(isinstance(month, date) and month > found.as_of for month in months)
    return {
        "picture": picture,
        "named": named(picture),
        "shapes": {node.person.shape for node in picture.nodes},
        "kinds": {edge.tie.kind for edge in picture.edges},
        "ties": {"key": "ties", "link": link_of(ties), "csv": f"{link_of(ties)}&format=csv"},
        "ties_later": say("ties_later") if later else "",
        "cut_nodes": cut_nodes(picture, row, say),
    }


def marked(scored: Answer, risk: Section) -> list[str]:
    """The members listed at risk whose chance is above the mean of the account's members."""
    chances = [float(str(row["churn"])) for row in scored.rows]
    mean = sum(chances) / len(chances) if chances else 0.0
    return [str(row["member_id"]) for row in risk.rows if row["churn"] > mean]


def with_names(risk: Section, ask: Asker, contacts: Sequence[Row]) -> Section:
    """The members at risk with their names, where they are contacts, and masked numbers beside their keys."""
    names = {row["member_id"]: row["name"] for row in contacts}
    found = ask("members/list_by_ids", ids=[row["member_id"] for row in risk.rows]).rows
    phones = {row["member_id"]: row["phone"] for row in found}
    rows = []
    for row in risk.rows:
        parts = (names.get(row["member_id"]), phones.get(row["member_id"]), *row["beside"])
        rows.append(row | {"beside": [str(part) for part in parts if part]})
    return replace(risk, rows=rows)


def elsewhere(ask: Asker, wanted: str, language: Language, frame: Mapping[str, Any]) -> Response:
    """Where no account has that number: the one whose name it is part of, or those to choose from."""
    every = ask("accounts/list_accounts", limit=SEARCHED).rows
    folded = wanted.casefold()
    hits = [row for row in every if folded in f"{row['name'] or ''} {row['account_id']}".casefold()]
    exact = [row for row in hits if str(row["name"]).casefold() == folded]
    if len(exact or hits) == 1:
        chosen = str((exact or hits)[0]["account_id"])
        return RedirectResponse(f"/?{urlencode({'account': chosen, 'lang': language.value})}", 303)
    message = speaker(language)("many_accounts" if hits else "no_account", wanted=wanted)
    shown = (hits or every)[:CANDIDATES]
    status = 200 if hits else NotFound.status
    return page("refused.html", language, status, **frame, message=message, candidates=shown)


def cut_nodes(picture: Picture, row: Mapping[str, Any], say: Say) -> str:
    """How many of the account's people the picture shows; empty where it shows all."""
    shown, total = len(picture.nodes), int(row["members"] or 0) + int(row["members_left"] or 0)
    if shown >= total:
        return ""
    return say("cut_nodes", shown=shown, total=f"{total:,}", drawn=len(picture.edges))


def here(account: str) -> str:
    """The address of this page without its language."""
    return f"/?{urlencode({'account': account})}" if account else "/"
