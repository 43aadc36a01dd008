"""What a campaign is asked to do: a TOML or JSON file, read into frozen values or refused with its place.

Every section and every key may be left out; docs/methods/campaign.md lists them with their meaning.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from analytics.influence import PROBABILITY
from graph.errors import BadInput, NotFound, one_of
from graph.schema import CLASSES, TIERS

Section = TypeVar("Section")
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """Who is meant; an empty part selects everybody. Regions are codes or their beginnings."""

    region: Texts = ()
    class_: Texts = ()
    tier: Texts = ()
    account: Texts = ()
    manager: Texts = ()
    plan: Texts = ()
    member: Texts = ()
    has_not: Texts = ()
    """Products of which the member has none."""
    without_contract: bool = False
    """Only members of accounts with no contract in force."""
    measure: str = ""
    above: float = 0.0
    """Members whose `measure` in the newest run up to the day is above this."""


@dataclass(frozen=True)
class Exclusion:
    """Who of those selected is left alone all the same."""

    touched_within_days: int = 30
    control_groups: bool = True
    """Those held back to compare by a campaign that runs, or by a frozen plan still being measured."""
    arrears_days: int = 30
    """Bills unpaid for longer than this; 0 excludes nobody for arrears."""
    complaint_open: bool = True
    account: Texts = ()
    member: Texts = ()


@dataclass(frozen=True)
class Offer:
    """What is offered, how, and what is expected of it."""

    product: str = ""
    channel: str = ""
    cost: float = 3.0
    """Yuan to contact one member."""
    cost_by_tier: Mapping[str, float] = field(default_factory=dict)
    acceptance: float = 0.1
    """Chance that one who is contacted accepts."""
    acceptance_by_class: Mapping[str, float] = field(default_factory=dict)
    source: str = "declared"
    """Where the acceptance is from."""


@dataclass(frozen=True)
class Worth:
    """What one more who accepts is worth: `yuan`, or a share of the bill over so many months."""

    yuan: float = 0.0
    margin: float = 0.3
    months: int = 12
    bills: int = 3
    """Bills that the mean monthly bill is taken over."""


@dataclass(frozen=True)
class Spread:
    """How word passes from one who accepts to each member tied to it."""

    chance: float = PROBABILITY
    """Mean over all ties."""
    by: str = "strength"
    """`strength`: each call or message on a tie is a try of its own; `even`: every tie has the mean."""
    runs: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Caps:
    """At most so many contacts; 0 is no cap."""

    contacts: int = 0
    per_account: int = 0
    per_region: int = 0
    """By province: the first two digits."""
    per_partner: int = 0


@dataclass(frozen=True)
class Control:
    """Who is held back to compare: whole accounts or communities, by lot."""

    share: float = 0.2
    by: str = "account"
    seed: int = 1
    horizon_days: int = 90
    """Days for which the plan is measured, and its control group left alone."""


@dataclass(frozen=True)
class Asked:
    """A campaign as declared."""

    select: Selection = Selection()
    exclude: Exclusion = Exclusion()
    offer: Offer = Offer()
    value: Worth = Worth()
    spread: Spread = Spread()
    caps: Caps = Caps()
    control: Control = Control()

    def told(self) -> dict[str, object]:
        """As plain values, for JSON."""
        return asdict(self)


SECTIONS: dict[str, type[object]] = {
    "select": Selection,
    "exclude": Exclusion,
    "offer": Offer,
    "value": Worth,
    "spread": Spread,
    "caps": Caps,
    "control": Control,
}
SHARES = {("offer", "acceptance"), ("spread", "chance"), ("value", "margin")}

HALF = 0.5


def read_asked(path: Path) -> Asked:
    """The campaign declared in a .toml or .json file. Raises NotFound and BadInput naming file and key."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}; an audience is a .toml or .json file")
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, UnicodeDecodeError) as error:  # both decoders' errors are ValueErrors
        raise BadInput(f"{path}: cannot be read: {error}") from error
    return asked_of(data, str(path))


def asked_of(data: object, where: str = "audience") -> Asked:
    """The campaign of decoded data. Raises BadInput: unknown sections, keys and choices, wrong kinds and
    ranges, each with its place.
    """
    if not isinstance(data, Mapping):
        raise BadInput(f"{where}: sections are needed, such as [select]; this is {_kind(data)}")
    for name in data:
        if name not in SECTIONS:
            raise BadInput(f"{where}: {one_of('section', str(name), SECTIONS)}")
    made: dict[str, Any] = {name: _section(SECTIONS[name], data[name], f"{where}: [{name}]") for name in data}
    asked = Asked(**made)
    _check(asked, where)
    return asked


def _section(kind: type[Section], given: object, where: str) -> Section:
    if not isinstance(given, Mapping):
        raise BadInput(f"{where} must have keys and values, not {_kind(given)}")
    known = {one.name.rstrip("_"): one for one in fields(kind)}  # type: ignore[arg-type]
    values = {}
    for name, value in given.items():
        if name not in known:
            raise BadInput(f"{where}: {one_of('key', str(name), known)}")
        values[known[name].name] = _value(str(known[name].type), value, f"{where} {name}")
    return kind(**values)


def _value(kind: str, value: Any, where: str) -> object:
    """A value of the annotated kind. Raises BadInput."""
    match kind:
        case "Texts":
            texts = [value] if isinstance(value, str) else value
            if isinstance(texts, list) and all(isinstance(one, str) for one in texts):
                return tuple(texts)
            raise BadInput(f"{where} must be a list of texts, not {_kind(value)}")
        case "Mapping[str, float]":
            if isinstance(value, Mapping):
                return {str(name): _number(one, f"{where}.{name}") for name, one in value.items()}
            raise BadInput(f"{where} must be a table of numbers, not {_kind(value)}")
        case "bool" | "str":
            if type(value).__name__ == kind:
                return value
            raise BadInput(
                f"{where} must be {'true or false' if kind == 'bool' else 'a text'}, not {value!r}"
            )
    number = _number(value, where)
    if kind == "int" and number != int(number):
        raise BadInput(f"{where} must be a whole number, not {value!r}")
    return int(number) if kind == "int" else number


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise BadInput(f"{where} must be a number of at least 0, not {value!r}")
    return float(value)


def _check(asked: Asked, where: str) -> None:
    for section, name in SHARES:
        _share(getattr(getattr(asked, section), name), f"{where}: [{section}] {name}")
    for name, value in asked.offer.acceptance_by_class.items():
        _choice(name, CLASSES, f"{where}: [offer] acceptance_by_class")
        _share(value, f"{where}: [offer] acceptance_by_class.{name}")
    for name in (*asked.offer.cost_by_tier, *asked.select.tier):
        _choice(name, TIERS, f"{where}: tier")
    for name in asked.select.class_:
        _choice(name, CLASSES, f"{where}: class")
    _choice(asked.spread.by, ("strength", "even"), f"{where}: [spread] by")
    _choice(asked.control.by, ("account", "community"), f"{where}: [control] by")
    if asked.control.share > HALF:
        raise BadInput(f"{where}: [control] share must be at most 0.5, not {asked.control.share:g}")
    for section, name in (("value", "months"), ("value", "bills"), ("spread", "runs")):
        if getattr(getattr(asked, section), name) < 1:
            raise BadInput(f"{where}: [{section}] {name} must be at least 1")


def _share(value: float, where: str) -> None:
    if not 0 <= value <= 1:
        raise BadInput(f"{where} must be between 0 and 1, not {value:g}")


def _choice(name: str, known: tuple[str, ...], where: str) -> None:
    if name not in known:
        raise BadInput(f"{where}: {name!r} is none of {', '.join(known)}")


def _kind(value: object) -> str:
    return f"{type(value).__name__} {value!r}"[:60]
