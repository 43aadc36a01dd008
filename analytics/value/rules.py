"""Rules by which accounts are classed and staged, from a TOML file; see `rules.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from graph.errors import BadInput, one_of
from graph.schema import INDUSTRIES, TIERS

DEFAULT = Path(__file__).parent / "rules.toml"


@dataclass(frozen=True)
class Large:
    points: int
    monthly_yuan: float
    kinds: int
    provinces: int
    tiers: list[str]
    industries: list[str]


@dataclass(frozen=True)
class Commercial:
    below_yuan: float


@dataclass(frozen=True)
class Tier:
    national_provinces: int
    provincial_cities: int


@dataclass(frozen=True)
class Stage:
    new_months: float
    growing: float
    declining: float
    ending_days: int


@dataclass(frozen=True)
class Rules:
    """Every threshold, as in `rules.toml`."""

    large: Large
    commercial: Commercial
    tier: Tier
    stage: Stage


PARTS = {"large": Large, "commercial": Commercial, "tier": Tier, "stage": Stage}
CHOICES = {"tiers": TIERS, "industries": INDUSTRIES}


def read_rules(path: Path | None = None) -> Rules:
    """The default rules with what the file says instead. Raises BadInput naming file, part and field."""
    default = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    own = _read(path) if path else {}
    for part, values in own.items():
        if part not in PARTS or not isinstance(values, dict):
            raise BadInput(f"{path}: {one_of('part', part, PARTS)}")
        for name, value in values.items():
            if name not in default[part]:
                raise BadInput(f"{path}: [{part}]: {one_of('field', name, default[part])}")
            _fits(value, default[part][name], CHOICES.get(name), f"{path}: [{part}] {name}")
    made: dict[str, Any] = {
        part: kind(**{**default[part], **own.get(part, {})}) for part, kind in PARTS.items()
    }
    return Rules(**{field.name: made[field.name] for field in fields(Rules)})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}; a TOML file of rules works") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from None


def _fits(value: object, like: object, choices: tuple[str, ...] | None, where: str) -> None:
    if isinstance(like, list):
        if not isinstance(value, list) or any(one not in (choices or ()) for one in value):
            raise BadInput(f"{where} is {value!r}; a list of {', '.join(choices or ())} works")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{where} is {value!r}; a number such as {like} works")
