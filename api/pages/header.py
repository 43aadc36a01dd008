"""The head of an account's page: what kind of account it is, and the figures to know before calling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.figures import day, number, percent
from api.pages.words import Language, Say, region_word, speaker, value_word


@dataclass(frozen=True)
class Fact:
    """A figure with its name, and what stands small below it."""

    what: str
    value: str
    unit: str = ""
    beside: tuple[str, ...] = ()
    strong: bool = False


@dataclass(frozen=True)
class Tag:
    """A word about the account; `what` names the field it comes from."""

    what: str
    value: str


def tags_of(row: Mapping[str, Any], language: Language) -> list[Tag]:
    """Class, tier, industry, region, parent and number of the account, as far as they are known."""
    say = speaker(language)
    coded = [
        Tag(say(key), value_word(language, key, row[key]))
        for key in ("class", "tier", "industry")
        if row[key]
    ]
    region = [Tag(say("region"), region_word(language, row["region"]))] if row["region"] else []
    parent = [Tag(say("parent"), say("part_of", parent=row["parent"]))] if row["parent"] else []
    return [*coded, *region, *parent, Tag(say("number"), str(row["account_id"]))]


def head_of(row: Mapping[str, Any], horizon: int | None, language: Language) -> list[Fact]:
    """The figures; `horizon` says how many days ahead the expected churn looks."""
    say = speaker(language)
    facts = [_churn(row, horizon, say), _members(row, say), _contacts(row, say), _contract(row, say)]
    managers = row["managers"]
    joined = ("、" if language is Language.zh else ", ").join(managers) if managers else ""
    facts.append(Fact(say("manager"), joined or say("none_recorded")))
    if row["open_cases"]:
        facts.append(Fact(say("open_cases"), number(row["open_cases"])))
    return facts


def _churn(row: Mapping[str, Any], horizon: int | None, say: Say) -> Fact:
    expected = row["churn_expected"]
    what = say("expected_within", days=horizon) if horizon else say("expected_churn")
    if expected is None:
        return Fact(what, say("unknown"), beside=(say("no_score"),), strong=True)
    low, high = row["churn_expected_low"], row["churn_expected_high"]
    beside = []
    if low is not None and high is not None:
        beside.append(say("interval", low=number(low), high=number(high)))
    if row["members"]:
        beside.append(say("share", share=percent(expected / row["members"])))
    return Fact(what, number(expected), say("expected_unit"), tuple(beside), strong=True)


def _members(row: Mapping[str, Any], say: Say) -> Fact:
    left = say("have_left", n=number(row["members_left"])) if row["members_left"] else ""
    share = say("penetration", share=percent(row["penetration"])) if row["penetration"] is not None else ""
    return Fact(say("members_active"), number(row["members"]), beside=tuple(filter(None, (left, share))))


def _contacts(row: Mapping[str, Any], say: Say) -> Fact:
    met = say("met_last", day=day(row["last_met"])) if row["last_met"] else say("met_never")
    return Fact(say("contacts"), number(row["contacts"]), beside=(met,) if row["contacts"] else ())


def _contract(row: Mapping[str, Any], say: Say) -> Fact:
    if row["contract_end"] is None:
        return Fact(say("contract_end"), say("none_recorded"))
    days = int(row["days_to_contract_end"])
    left = say("in_days", n=number(days)) if days >= 0 else say("days_ago", n=number(-days))
    return Fact(say("contract_end"), day(row["contract_end"]), beside=(left,))
