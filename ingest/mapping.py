"""A feed as it is written: one TOML file that says which cells of which files become which facts.

The classes are the grammar, key by key; `docs/feeds.md` explains each of them. `read_feed` refuses
what contradicts itself or the model, naming the place; what depends on the data's own columns is
checked by `ingest.plan`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from graph.errors import BadInput, NotFound, one_of
from ingest.cells.dates import form_fault
from ingest.files import decode

FEEDS = Path(__file__).parent / "feeds"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Aggregate = Literal["count", "sum", "days", "first", "last"]


def _as_text(value: object) -> object:
    """A TOML scalar as the text that a cell would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_rule(value: object) -> object:
    """The short form: a plain text is the name of a column."""
    return {"column": value} if isinstance(value, str) else value


Scalar = Annotated[str, BeforeValidator(_as_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Part(BaseModel):
    """A table of the TOML file; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def keys(cls) -> list[str]:
        """The keys that this part accepts, as written in TOML."""
        return [field.alias or name for name, field in cls.model_fields.items()]


class FileRule(Part):
    """`[files.NAME]`: where a file lies and how its text is cut into cells."""

    path: str
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    columns: tuple[str, ...] | None = None
    empty: Texts = ("",)
    optional: bool = False
    member: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> FileRule:
        if not self.delimiter or set(self.delimiter) & set("\r\n\0"):
            raise ValueError(
                f"delimiter {self.delimiter!r} must be text without line ends, such as ',' or '|@|'"
            )
        if self.quote != "none" and (len(self.quote) != 1 or self.quote in self.delimiter):
            raise ValueError(f'quote {self.quote!r} must be one character or "none", not in the delimiter')
        if Path(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError(f"path {self.path!r} must lie inside the data folder")
        try:
            decode.codec(self.encoding)
        except LookupError:
            raise ValueError(f"encoding {self.encoding!r} is unknown; utf-8 and gb18030 are known") from None
        _refuse_repeats(self.columns or ())
        return self


class JoinRule(Part):
    """`[joins.NAME]`: each row of `left` with the one row of `right` that has the same key."""

    left: str
    right: str
    on: str
    right_on: str | None = None


class Condition(Part):
    """One entry of `where`: what must hold for a row to be used."""

    column: str
    is_: Texts | None = Field(None, alias="is")
    is_not: Texts | None = None
    differs_from: str | None = None
    present: bool | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Condition:
        if all(value is None for name, value in self if name != "column"):
            raise ValueError(f"a condition needs one of {', '.join(self.keys()[1:])}")
        return self


class FieldRule(Part):
    """`FIELD = {...}` under `[map.fields]`: how one value of a fact is made from a row."""

    column: str | None = None
    constant: Scalar | None = None
    aggregate: Aggregate | None = None
    strip: bool = True
    empty: Texts = ()
    values: dict[str, Scalar] | None = None
    default: Scalar | None = None
    case: Literal["upper", "lower"] | None = None
    slug: bool = False
    prefix: str = ""
    dates: Texts = ("%Y-%m-%d",)
    month: bool = False
    months_before: str | None = None
    yes: Texts = ("true", "yes", "y", "1")
    no: Texts = ("false", "no", "n", "0")
    sentinels: Texts = ()
    width: Literal["keep", "half"] | None = None
    excel: Literal["keep", "refuse", "repair"] | None = None
    phone: Literal["token", "masked"] | None = None
    otherwise: Annotated[FieldRule, BeforeValidator(_as_rule)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> FieldRule:
        given = (self.column is not None) + (self.constant is not None)
        if self.aggregate == "count" and given:
            raise ValueError("count counts rows and takes no column or constant")
        if self.aggregate != "count" and given != 1:
            raise ValueError("give either a column or a constant")
        if self.aggregate and self.constant is not None:
            raise ValueError(f"{self.aggregate} sums up a column, not a constant")
        if self.default is not None and self.values is None:
            raise ValueError("default is for texts that values does not list; give values too")
        if self.otherwise and (self.aggregate or self.otherwise.aggregate):
            raise ValueError("an aggregate and otherwise exclude each other")
        if "unix" in self.dates and len(self.dates) > 1:
            raise ValueError('dates = "unix" stands alone')
        for form in self.dates:
            if form not in ("unix", "excel") and (fault := form_fault(form)):
                raise ValueError(f"the form {form!r} of a date {fault}")
        if self.phone and (self.column is None or self.aggregate):
            raise ValueError("phone reads a column")
        if self.phone and (self.values or self.case or self.slug or self.excel or self.width):
            raise ValueError("phone makes its own text; leave out values, case, slug, excel and width")
        return self

    def as_key(self) -> FieldRule:
        """The rule with what holds for a part of a key, or for the key of another thing, unless it says
        otherwise: usual width, and numbers that a spreadsheet rounded refused.
        """
        if self.phone or self.constant is not None:
            return self
        other = self.otherwise and self.otherwise.as_key()
        filled = {"width": self.width or "half", "excel": self.excel or "refuse", "otherwise": other}
        return self.model_copy(update=filled)


class SilenceRule(Part):
    """`[map.silence]`: a thing counts as left after so many days without an event of its own."""

    events: str
    person: str
    at: Annotated[FieldRule, BeforeValidator(_as_rule)]
    days: int = Field(gt=0)
    field: str = "left"


class MapRule(Part):
    """`[[map]]`: what the rows of one file say, as facts of one table of the model."""

    to: str
    from_: str = Field(alias="from")
    columns: Literal["same", "declared"] = "declared"
    where: tuple[Condition, ...] = ()
    fields: dict[str, Annotated[FieldRule, BeforeValidator(_as_rule)]] = {}
    silence: SilenceRule | None = None
    complete: bool = False


class Feed(Part):
    """A whole feed file."""

    name: str
    title: str
    about: str = ""
    source: str = ""
    licence: str = ""
    files: dict[str, FileRule]
    joins: dict[str, JoinRule] = {}
    map: tuple[MapRule, ...] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _fit_for_a_path(cls, name: str) -> str:
        """It leads the load id, and so the name of the folder with the rows set aside."""
        if not NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot be a feed's name; use up to 64 of a-z, 0-9, - and _,"
                " the first a letter or digit, such as 'telecom-2026'"
            )
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Feed:
        for name, join in self.joins.items():
            if name in self.files:
                raise ValueError(f"joins.{name} has the name of a file")
            for file in (join.left, join.right):
                _known("file", file, self.files)
        for rule in self.map:
            _known("file or join", rule.from_, {**self.files, **self.joins})
            if rule.silence:
                _known("file", rule.silence.events, self.files)
        return self


def feeds() -> dict[str, Path]:
    """The feeds that come with the product, by name."""
    return {path.stem: path for path in sorted(FEEDS.glob("*.toml"))}


def find_feed(name_or_path: str) -> Path:
    """The file of a shipped feed, or the path given if it ends in `.toml`.

    Raises NotFound listing the shipped feeds.
    """
    if not name_or_path.endswith(".toml"):
        if name_or_path not in feeds():
            raise NotFound(f"{one_of('feed', name_or_path, feeds())}; or give the path of a .toml file")
        return feeds()[name_or_path]
    if not Path(name_or_path).is_file():
        raise NotFound(f"no feed file {name_or_path}; known feeds: {', '.join(feeds())}")
    return Path(name_or_path)


def read_feed(path: Path) -> Feed:
    """The feed in a TOML file. Raises BadInput naming the file and the line or the key at fault."""
    try:
        return parse_feed(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise BadInput(f"{path}: a feed file is UTF-8 text; save it as UTF-8") from None


def parse_feed(text: str, place: str) -> Feed:
    """The feed in a text; `place` names it in messages. Raises BadInput."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{place} is not valid TOML: {error}") from None
    try:
        return Feed.model_validate(raw)
    except ValidationError as error:
        # A misspelt key is both unknown and missing; the unknown one is what to look at.
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        raise BadInput(f"{place}{_sentence(first, raw)}") from None


def near(asked: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """The words that offer the nearest known name, such as "did you mean 'x'? ", or nothing."""
    found = get_close_matches(asked.lower(), [name.lower() for name in known], 1, 0.6)
    names = [name for name in known if name.lower() in found]
    return f"did you mean {names[0]!r}? " if names else ""


def _known(what: str, asked: str, known: Mapping[str, object]) -> None:
    if asked not in known:
        raise ValueError(one_of(what, asked, known))


def _refuse_repeats(names: tuple[str, ...]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"column {name!r} is declared twice")


PARTS: dict[str, type[Part]] = {
    "files": FileRule,
    "joins": JoinRule,
    "map": MapRule,
    "where": Condition,
    "fields": FieldRule,
    "silence": SilenceRule,
    "at": FieldRule,
    "otherwise": FieldRule,
}


def _sentence(error: ErrorDetails, raw: Mapping[str, Any]) -> str:
    """What pydantic found, as the end of a sentence that starts with the file's name."""
    place = [part for part in error["loc"] if not str(part).startswith("function-")]
    if error["type"] == "extra_forbidden":
        key, keys = str(place[-1]), _part(place[:-1]).keys()
        return f"{_place(place[:-1], raw)}: unknown key {key!r}; {near(key, keys)}known: {', '.join(keys)}"
    if error["type"] == "missing":
        return f"{_place(place[:-1], raw)}: the key {place[-1]!r} is missing"
    return f"{_place(place, raw)}: {error['msg'].removeprefix('Value error, ')}"


def _part(steps: list[int | str]) -> type[Part]:
    """The part of the grammar that a place in the file belongs to."""
    part: type[Part] = Feed
    named = False
    for step in steps:
        if not named and step in PARTS:
            part = PARTS[str(step)]
            named = step in ("files", "joins", "fields")
        else:
            named = False
    return part


def _place(steps: list[int | str], raw: Mapping[str, Any]) -> str:
    """Where in the TOML file, in words: `, [[map]] 2 (to ties), fields.month`."""
    if len(steps) > 1 and steps[0] == "map" and isinstance(steps[1], int):
        to = raw["map"][steps[1]].get("to", "?")
        rest = ".".join(str(step) for step in steps[2:])
        return f", [[map]] {steps[1] + 1} (to {to})" + (f", {rest}" if rest else "")
    return f", {'.'.join(str(step) for step in steps)}" if steps else ""
