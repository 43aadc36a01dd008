"""The tables of an account's page: the query that fills each, its columns, what it says when empty."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api.deps import Asker, link_of
from api.pages.figures import number, percent, yuan
from api.pages.reasons import in_words
from api.pages.words import Language, Say, speaker, value_word
from queries.run import Answer

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a page's table: the row's value `name`, headed by `word`, shown as its `kind`."""

    name: str
    word: str
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        return self.kind in ("percent", "number", "chance", "date", "met")


@dataclass(frozen=True)
class Section:
    """A table of the page with what a reader needs beside it."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    link: str
    csv: str
    empty: str
    note: str = ""
    cut: str = ""


@dataclass(frozen=True)
class Plan:
    """How a section is filled. `needs` is the label without which it has nothing to say."""

    query: str
    params: Mapping[str, object]
    columns: Sequence[Column]
    shown: int
    needs: str
    computed: bool = False
    note: str = ""


PLANS: Mapping[str, Plan] = {
    "risk": Plan(
        "members/list_at_risk",
        {"limit": 1_000},
        (
            Column("member_id", "member"),
            Column("churn", "churn", "chance"),
            Column("reasons", "why", "reasons"),
        ),
        shown=8,
        needs="Member",
        computed=True,
        note="risk_note",
    ),
    "unmet": Plan(
        "contacts/find_unmet",
        {"limit": 1_000},
        (Column("contact", "contact"), Column("role", "role"), Column("last_met", "last_met", "met")),
        shown=6,
        needs="Contact",
        note="unmet_note",
    ),
    "communities": Plan(
        "communities/find_cross_account",
        {"limit": 200},
        (
            Column("label", "community"),
            Column("size", "size", "number"),
            Column("accounts", "accounts", "number"),
            Column("churn_expected", "expected_churn", "number"),
        ),
        shown=5,
        needs="Member",
        computed=True,
        note="communities_note",
    ),
    "partners": Plan(
        "partners/lean_on_most",
        {},
        (
            Column("partner", "partner"),
            Column("sales", "sales", "number"),
            Column("share", "share_of_sales", "percent"),
        ),
        shown=5,
        needs="Partner",
    ),
    "white_space": Plan(
        "products/find_white_space",
        {},
        (
            Column("product", "product"),
            Column("category", "category"),
            Column("held", "peers_rate", "number"),
        ),
        shown=6,
        needs="Product",
        note="white_space_note",
    ),
}


def section(key: str, answer: Answer, kinds: Collection[str], language: Language) -> Section:
    """The section filled with an answer; `kinds` are the labels of which the graph has any node."""
    plan, say = PLANS[key], speaker(language)
    link = link_of(answer)
    rows = [shaped(key, row, language) for row in answer.rows[: plan.shown]]
    return Section(
        key=key,
        columns=plan.columns,
        rows=rows,
        link=link,
        csv=f"{link}{'&' if '?' in link else '?'}format=csv",
        empty="" if rows else why_empty(key, answer, kinds, say),
        note=say(plan.note) if plan.note else "",
        cut=cut_of(len(rows), answer, say),
    )


def ask_sections(ask: Asker, account_id: str) -> dict[str, Answer]:
    """Every section's answer about the account."""
    return {key: ask(plan.query, **{**plan.params, "account_id": account_id}) for key, plan in PLANS.items()}


def why_empty(key: str, answer: Answer, kinds: Collection[str], say: Say) -> str:
    """Why a section has no rows, and what would give it some."""
    plan = PLANS[key]
    if plan.needs not in kinds:
        return say(f"absent_{plan.needs}")
    if plan.computed and answer.run_id is None:
        return say("nothing_yet")
    return say(f"empty_{key}")


def cut_of(shown: int, answer: Answer, say: Say) -> str:
    """What is not shown, in words; empty where everything is."""
    total = f"{len(answer.rows):,}{'+' if answer.truncated else ''}"
    return say("cut", shown=shown, total=total) if shown < len(answer.rows) else ""


def shaped(key: str, row: Mapping[str, Any], language: Language) -> Row:
    """A row ready for its table: words for codes, an address, and what stands small beside the name."""
    shape: Callable[[Row, Language], Row] = SHAPES.get(key, lambda found, _: found)
    made = {"url": "", "beside": "", **shape(dict(row), language)}
    beside = made["beside"]
    return made | {"beside": beside if isinstance(beside, list) else [beside] if beside else []}


def _risk(row: Row, language: Language) -> Row:
    rank = row["influence_rank"]
    beside = speaker(language)("influencer", rank=f"{rank:.0f}") if rank else ""
    shown = {
        "low": row["churn_low"],
        "high": row["churn_high"],
        "reasons": [in_words(reason, language) for reason in row["reasons"] or ()],
    }
    return row | shown | {"url": f"/members/{quote(str(row['member_id']), safe='')}", "beside": beside}


def _unmet(row: Row, language: Language) -> Row:
    role = value_word(language, "role", row["role"]) if row["role"] else None
    return row | {"contact": row["contact"] or row["contact_id"], "role": role, "beside": row["title"] or ""}


def _communities(row: Row, language: Language) -> Row:
    url = f"/communities/{quote(str(row['community_id']), safe='')}"
    return row | {"label": row["label"] or row["community_id"], "url": url}


def _partners(row: Row, language: Language) -> Row:
    kind = value_word(language, "kind", row["kind"]) if row["kind"] else ""
    return row | {"partner": row["partner"] or row["partner_id"], "beside": kind}


def _white_space(row: Row, language: Language) -> Row:
    share = percent(row["share"]) if row["share"] is not None else speaker(language)("few_peers")
    held = f"{share} ({number(row['holders'])}/{number(row['peers'])})"
    fee = yuan(row["monthly_fee"]) if row["monthly_fee"] else ""
    category = value_word(language, "category", row["category"]) if row["category"] else None
    named = {"product": row["product"] or row["product_id"], "category": category}
    return row | named | {"held": held, "beside": fee}


SHAPES: Mapping[str, Callable[[Row, Language], Row]] = {
    "risk": _risk,
    "unmet": _unmet,
    "communities": _communities,
    "partners": _partners,
    "white_space": _white_space,
}
