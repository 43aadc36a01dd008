"""Accounts and contacts as several sources might hold them, with the truth of who is who, for measuring.

Knows nothing of how names are compared: it spoils names by its own rules. Sources: a billing system
(registered names), a sales list (short and mistyped names), a partner's list in traditional characters, an
export in pinyin. Hard pairs that are *not* one: branches of one firm, sister firms of one brand, firms of
the same name in other cities, namesakes at one account.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import opencc
import pandas as pd
from pypinyin import Style, lazy_pinyin

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
BRANDS_FIRST, BRANDS_LAST, SURNAMES, GIVEN = (
    "".join(_WORDS[name].split()) for name in ("brands_first", "brands_last", "surnames", "given")
)
TITLES, FORMS = _WORDS["titles"].split(), _WORDS["forms"].split()
TRADES: dict[str, list[str]] = {name: words.split() for name, words in _WORDS["trades"].items()}
CITIES: dict[str, tuple[str, list[str]]] = {
    code: (words.split()[0], words.split()[1:]) for code, words in _WORDS["cities"].items()
}
ALIKE: dict[str, str] = _WORDS["alike"]
GIVEN_ALIKE: dict[str, str] = _WORDS["given_alike"]
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"

Row = dict[str, object]


@dataclass(frozen=True)
class Known:
    """What the sources hold, and who is who: `truth` is one number for each key of a record."""

    accounts: pd.DataFrame
    contacts: pd.DataFrame
    positions: pd.DataFrame
    parents: pd.DataFrame
    account_truth: dict[str, int]
    contact_truth: dict[str, int]


@dataclass(frozen=True)
class Firm:
    number: int
    city: str
    brand: str
    trade: str
    industry: str
    form: str
    region: str
    code: str
    branch: str = ""
    head: int = -1

    @property
    def name(self) -> str:
        return f"{CITIES[self.city][0]}{self.brand}{self.trade}{self.form}{self.branch}"


@dataclass(frozen=True)
class Human:
    number: int
    firm: int
    name: str
    title: str
    line: str


def make(firms: int, seed: int, people: bool = True) -> Known:
    """Some `firms` firms and their people as four sources hold them. The same seed gives the same rows."""
    chance = random.Random(seed)  # noqa: S311  a fixed order, not a secret
    true = _firms(firms, chance)
    staff = _staff(true, chance) if people else []
    accounts, parents, where = _accounts(true, chance)
    contacts, positions = _contacts(staff, true, where, chance)
    return Known(
        pd.DataFrame(accounts),
        pd.DataFrame(contacts, columns=["id", "name", "title", "line", "feed", "truth"]),
        pd.DataFrame(positions, columns=["contact", "account"]),
        pd.DataFrame(parents, columns=["source", "target"]),
        {str(row["id"]): int(str(row["truth"])) for row in accounts},
        {str(row["id"]): int(str(row["truth"])) for row in contacts},
    )


def _firms(count: int, chance: random.Random) -> list[Firm]:
    """Firms: one in six a branch of another, one in eight its sister, one in twelve a namesake elsewhere."""
    found: list[Firm] = []
    taken: set[tuple[object, ...]] = set()
    while len(found) < count:
        kind = chance.random()
        like = chance.choice(found) if found and kind < 0.38 else None
        if like is not None and like.branch:
            like = None
        firm = _firm(len(found), chance)
        if like is not None:
            firm = _alike(firm, like, kind, chance)
        # No registry gives one name twice, and no sister or namesake is the firm itself.
        name = (firm.head, firm.branch) if firm.branch else (firm.city, firm.brand, firm.trade)
        if name not in taken:
            taken.add(name)
            found.append(firm)
    return found


def _firm(number: int, chance: random.Random) -> Firm:
    city, industry = chance.choice(list(CITIES)), chance.choice(list(TRADES))
    trade, form = chance.choice(TRADES[industry]), chance.choice(FORMS)
    brand = chance.choice(BRANDS_FIRST) + chance.choice(BRANDS_LAST)
    region = chance.choice(CITIES[city][1])
    return Firm(number, city, brand, trade, industry, form, region, _code(region, chance))


def _alike(firm: Firm, like: Firm, kind: float, chance: random.Random) -> Firm:
    """The firm as a branch of another (its region is then its own), as its sister, or as its namesake."""
    if kind < 0.17:
        place = CITIES[firm.city][0]
        branch = chance.choice((f"{place}分公司", f"第{chance.choice('一二三四五')}分公司", f"{place}办事处"))
        return replace(
            like, number=firm.number, region=firm.region, code=firm.code, branch=branch, head=like.number
        )
    if kind < 0.29:
        region = chance.choice(CITIES[like.city][1])
        return replace(firm, brand=like.brand, city=like.city, region=region)
    return replace(firm, brand=like.brand, trade=like.trade, industry=like.industry, form=like.form)


def _code(region: str, chance: random.Random) -> str:
    """A unified social credit code with its last check character right (GB 32100-2015)."""
    body = "91" + region + "".join(chance.choice(CODE) for _ in range(9))
    rest = sum(CODE.index(char) * pow(3, place, 31) for place, char in enumerate(body)) % 31
    return body + CODE[-rest % 31]


def _staff(firms: Sequence[Firm], chance: random.Random) -> list[Human]:
    """One to nine people a firm; one in a hundred has a colleague of the same name."""
    found: list[Human] = []
    for firm in firms:
        for _ in range(chance.choice((1, 2, 2, 3, 3, 4, 6, 9))):
            name = chance.choice(SURNAMES) + "".join(
                chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2, 2)))
            )
            if found and found[-1].firm == firm.number and chance.random() < 0.01:
                name = found[-1].name
            line = f"L{len(found):07d}"
            found.append(Human(len(found), firm.number, name, chance.choice(TITLES), line))
    return found


def _accounts(
    firms: Sequence[Firm], chance: random.Random
) -> tuple[list[Row], list[Row], dict[tuple[str, int], list[str]]]:
    """What each source holds of the firms, what it says of their parts, and under which keys."""
    rows: list[Row] = []
    where: dict[tuple[str, int], list[str]] = {}
    parents: list[Row] = []
    for feed, (share, spoil, coded) in SOURCES.items():
        for firm in firms:
            if chance.random() > share:
                continue
            for _ in range(2 if chance.random() < 0.01 else 1):
                key = f"{feed}-{len(rows):07d}"
                rows.append(_account(firm, key, feed, spoil, coded, chance))
                where.setdefault((feed, firm.number), []).append(key)
    for feed in ("billing",):
        for firm in firms:
            for key in where.get((feed, firm.number), []):
                parents += [
                    {"source": key, "target": other} for other in where.get((feed, firm.head), [])[:1]
                ]
    return rows, parents, where


def _account(
    firm: Firm,
    key: str,
    feed: str,
    spoil: Callable[[Firm, random.Random], str],
    coded: float,
    chance: random.Random,
) -> Row:
    code = firm.code if chance.random() < coded else ""
    if code and chance.random() < 0.03:
        code = _mistyped_code(code, chance)
    region = firm.region if chance.random() < 0.93 else ""
    if region and chance.random() < 0.04:
        region = chance.choice(CITIES[chance.choice(list(CITIES))][1])  # moved, or wrong
    industry = firm.industry if chance.random() < 0.85 else ""
    if industry and chance.random() < 0.05:
        industry = chance.choice(list(TRADES))
    return {
        "id": key, "name": spoil(firm, chance), "credit_code": code, "region": region, "industry": industry,
        "feed": feed, "truth": firm.number,
    }  # fmt: skip


def _mistyped_code(code: str, chance: random.Random) -> str:
    place = chance.randrange(17)
    if chance.random() < 0.5:
        return code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    return code[:place] + chance.choice(CODE) + code[place + 1 :]


def _registered(firm: Firm, chance: random.Random) -> str:
    name = firm.name
    if chance.random() < 0.3:
        city = CITIES[firm.city][0]
        rest = name.removeprefix(city)
        name = chance.choice(
            (f"{city}市{rest}", f"{firm.brand}（{city}）{firm.trade}{firm.form}{firm.branch}")
        )
    if chance.random() < 0.2:
        name = name.replace("有限公司", chance.choice(("有限责任公司", " 有限公司")), 1)
    return _typed(name, 0.02, chance)


def _short(firm: Firm, chance: random.Random) -> str:
    city = CITIES[firm.city][0] if chance.random() < 0.6 else ""
    form = "" if chance.random() < 0.6 else chance.choice(("公司", firm.form))
    trade = "" if chance.random() < 0.07 else firm.trade
    return _typed(f"{city}{firm.brand}{trade}{form}{firm.branch}", 0.12, chance)


def _traditional(firm: Firm, chance: random.Random) -> str:
    name = _registered(firm, chance) if chance.random() < 0.7 else _short(firm, chance)
    return _convert(_typed(name, 0.02, chance))


def _pinyin(firm: Firm, chance: random.Random) -> str:
    parts = [CITIES[firm.city][0], firm.brand, firm.trade]
    said = ["".join(lazy_pinyin(part)) for part in (parts if chance.random() < 0.7 else parts[1:])]
    tail = chance.choice(("Co., Ltd.", "Youxian Gongsi", "YOUXIANGONGSI", "Ltd"))
    if firm.branch:
        return f"{firm.name}"  # branches are kept in characters there
    name = " ".join([*said, tail])
    return chance.choice((name.title, name.upper, lambda: name))()


def _typed(text: str, rate: float, chance: random.Random) -> str:
    """One mistake at most: a look- or sound-alike, a character left out, doubled, or two swapped."""
    if chance.random() > rate or len(text) < 5:
        return text
    place = chance.randrange(1, min(6, len(text) - 1))
    match chance.randrange(4):
        case 0:
            return text[:place] + chance.choice(ALIKE.get(text[place], text[place])) + text[place + 1 :]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + text[place] + text[place:]
        case _:
            return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


SOURCES: dict[str, tuple[float, Callable[[Firm, random.Random], str], float]] = {
    "billing": (0.85, _registered, 0.85),
    "sales": (0.6, _short, 0.45),
    "partner": (0.35, _traditional, 0.6),
    "export": (0.2, _pinyin, 0.7),
}
"""Share of the firms that a source holds, how it writes them, and how often it has the credit code."""


def _contacts(
    staff: Sequence[Human],
    firms: Sequence[Firm],
    where: dict[tuple[str, int], list[str]],
    chance: random.Random,
) -> tuple[list[Row], list[Row]]:
    rows: list[Row] = []
    posts: list[Row] = []
    second = _second_posts(staff, firms, chance)
    by_feed = {"billing": 0.5, "sales": 0.8, "partner": 0.6, "export": 0.7}
    for human in staff:
        for feed, share in by_feed.items():
            homes = where.get((feed, human.firm), [])
            if not homes or chance.random() > share:
                continue
            key = f"{feed}-p{len(rows):07d}"
            rows.append(_contact(human, key, feed, chance))
            posts.append({"contact": key, "account": homes[0]})
            others = where.get((feed, second.get(human.number, -1)), [])[:1]
            posts.extend({"contact": key, "account": other} for other in others)
    return rows, posts


def _second_posts(staff: Sequence[Human], firms: Sequence[Firm], chance: random.Random) -> dict[int, int]:
    """One person in twelve works at a second firm of the same brand as well, where there is one."""
    kin: dict[str, list[int]] = {}
    for firm in firms:
        kin.setdefault(firm.brand, []).append(firm.number)
    found: dict[int, int] = {}
    for human in staff:
        others = [firm for firm in kin[firms[human.firm].brand] if firm != human.firm]
        if others and chance.random() < 1 / 12:
            found[human.number] = chance.choice(others)
    return found


def _contact(human: Human, key: str, feed: str, chance: random.Random) -> Row:
    name, title = human.name, human.title if chance.random() < 0.85 else ""
    if title and chance.random() < 0.08:
        title = chance.choice(TITLES)
    if feed == "export":
        name = _romanised(name, chance)
    elif feed == "partner":
        name, title = _convert(name), _convert(title)
    elif feed == "sales":
        name, title = _as_noted(name, title, chance)
    line = human.line if chance.random() < 0.6 else ""
    if line and chance.random() < 0.04:
        line = f"{line}b"  # a second line of the same person
    return {"id": key, "name": name, "title": title, "line": line, "feed": feed, "truth": human.number}


def _as_noted(name: str, title: str, chance: random.Random) -> tuple[str, str]:
    kind = chance.random()
    if kind < 0.05 and title:
        return title, name
    if kind < 0.09:
        return name[1:] + name[0], title
    if kind < 0.13:
        return name + chance.choice(("先生", "女士", " ")), title
    if kind < 0.15:
        return name[0] + "总", title
    if kind < 0.20 and len(name) == 3:
        place = chance.randrange(1, 3)
        return name[:place] + chance.choice(GIVEN_ALIKE.get(name[place], GIVEN)) + name[place + 1 :], title
    return name, title


def _romanised(name: str, chance: random.Random) -> str:
    first, *given = lazy_pinyin(name, style=Style.NORMAL)
    first = {"ceng": "zeng"}.get(first, first)
    last = "".join(given)
    return chance.choice(
        (f"{first} {last}".title(), f"{last} {first}".title(), f"{first.upper()}, {last.title()}",
         f"{first.title()} {' '.join(given).title()}")
    )  # fmt: skip


_TRADITIONAL = opencc.OpenCC("s2tw")


def _convert(text: str) -> str:
    return str(_TRADITIONAL.convert(text))
