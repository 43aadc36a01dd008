"""Generated files as sources really send them, each with what must become of every one of its rows.

Drawn by a seeded generator and not by hypothesis: fifty files go into one load, more choices than one
example of hypothesis may hold, and a file is drawn from its own seed, so that the one that fails can be
made again alone. Expected values stand in tables by hand, beside the texts they are written as.
"""

from __future__ import annotations

import codecs
import json
import random
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

COLUMNS = ("id", "day", "n", "code", "text", "peer")
BAD = object()
DAYS = [
    ("2024-01-31", date(2024, 1, 31)),
    ("20240229", date(2024, 2, 29)),
    ("２０２４-０１-３１", date(2024, 1, 31)),
    (" 2024-03-01\u3000", date(2024, 3, 1)),
    ("9999-12-31", date(9999, 12, 31)),
    ("", None),
    ("2024-02-30", BAD),
    ("20240230", BAD),
    ("2024/1/2", BAD),
    ("45292", BAD),
    ("00000000", BAD),
    ("now", BAD),
    ("-001-01-01", BAD),
]
NUMBERS = [
    ("1", 1), ("12.0", 12), ("-3", -3), ("+7", 7), (" 5 ", 5), ("１３８", 138), ("9" * 15, 10**15 - 1),
    ("", None), ("²", BAD), ("①", BAD), ("1e3", BAD), ("1.38E+10", BAD), ("9" * 16, BAD), ("1,000", BAD),
    ("NaN", BAD), ("五", BAD), ("0x10", BAD),
]  # fmt: skip
CODES = [
    ("A1", "A1"), ("007", "007"), ("13800138000", "13800138000"), ("13800138000.0", "13800138000"),
    ("0.0", "0"), ("1.5", "1.5"), ("１３８", "１３８"), ("", None), ("=1+1", "=1+1"), (" x ", "x"),
    ("1.38E+10", BAD), ("89860012345678909920", BAD), ("8986001234567890.0", BAD),
]  # fmt: skip
DAMAGED_KEYS = ["", "  ", "\u3000", "1.38E+10", "8.98600123456789E+19", "8986001234567890.0"]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
ENDS = ("\n", "\r\n", "\r")
DELIMITERS = (",", "\t", "|", "|@|")
QUOTES = ('"', "'", "none")
ENCODINGS = {  # as the feed says it: the marks that may stand first, and the codec of the bytes
    "utf-8": (("", codecs.BOM_UTF8), "utf-8"),
    "utf-8-sig": ((codecs.BOM_UTF8,), "utf-8"),
    "gb18030": (("", b"\x84\x31\x95\x33"), "gb18030"),
    "gbk": (("",), "gb18030"),
    "utf-16": ((codecs.BOM_UTF16_LE,), "utf-16-le"),
    "utf-16-be": (("", codecs.BOM_UTF16_BE), "utf-16-be"),
}
FAULTS = ("few", "many", "nul", "behind a quote", "unclosed", "huge")


@cache
def snippets() -> tuple[str, ...]:
    """What texts are put together of."""
    return (
        *"aZ9 .-_/\\|@#'\"=+", "中国移动", "（分）＆公司", "１２３ＡＢ", "\u2028", "\x85", "\x1c", "\x0b",
        "\t",
        "\u00a0", "\u200b", "\ufeff", "é", "e\u0301", "𠮷", "㐂", "ẞ", "😀", "ﾃ", "€", "null", "N/A", "\\N",
        *second_bytes(),
    )  # fmt: skip


def second_bytes() -> Iterator[str]:
    """Characters whose second byte in GB 18030 is a backslash or a bar."""
    for lead in range(0x81, 0xFE, 9):
        for second in (0x5C, 0x7C):
            yield bytes((lead, second)).decode("gb18030")


@dataclass(frozen=True)
class Row:
    """One record: its cells as texts, and what the cells mean; or None, where it cannot be cut."""

    cells: tuple[str, ...]
    meant: tuple[object, ...] | None


@dataclass(frozen=True)
class Made:
    """One generated file. `rows` have the line that each record begins on.

    `exact`: what becomes of every row is known, by `fates`. Of others only the sums are.
    """

    name: str
    encoding: str
    delimiter: str
    quote: str
    header: bool
    ties: bool
    content: bytes
    text: str
    rows: tuple[tuple[int, Row], ...] = ()
    exact: bool = True

    def toml(self) -> str:
        """The file and its mappings as parts of a feed."""
        lines = [
            f"[files.{self.name}]", f'path = "{self.name}.csv"', f"delimiter = {json.dumps(self.delimiter)}",
            f"quote = {json.dumps(self.quote)}", f'encoding = "{self.encoding}"',
        ]  # fmt: skip
        lines += [] if self.header else [f"columns = {json.dumps(COLUMNS)}"]
        lines += [
            "[[map]]", 'to = "members"', f'from = "{self.name}"', "[map.fields]", 'member_id = "id"',
            'joined = { column = "day", dates = ["%Y-%m-%d", "%Y%m%d"] }', 'referrals_made = "n"',
            'credit_level = { column = "code", excel = "repair" }',
            'left_reason = { column = "text", strip = false }',
        ]  # fmt: skip
        lines += [
            "[[map]]", 'to = "ties"', f'from = "{self.name}"', "[map.fields]", 'source = "id"',
            'target = "peer"', 'month = { column = "day", dates = ["%Y-%m-%d", "%Y%m%d"], month = true }',
            'calls = "n"',
        ] if self.ties else []  # fmt: skip
        return "\n".join(lines) + "\n"


@dataclass
class Fates:
    """What must become of a file: facts by key, and rows by what becomes of them for a table."""

    members: dict[object, tuple[object, ...]] = field(default_factory=dict)
    ties: dict[tuple[object, ...], object] = field(default_factory=dict)
    landed: dict[str, int] = field(default_factory=lambda: {"members": 0, "ties": 0})
    waiting: int = 0
    aside: dict[str, int] = field(default_factory=lambda: {"members": 0, "ties": 0})
    lines: set[int] = field(default_factory=set)
    """Lines whose rows are set aside for a fault."""


def draw(seed: str, name: str) -> Made:
    """The file of that seed; all its keys begin with its name."""
    lot = random.Random(seed)
    encoding = lot.choice(list(ENCODINGS))
    delimiter, quote, end = lot.choice(DELIMITERS), lot.choice(QUOTES), lot.choice(ENDS)
    header, always = lot.random() < 0.7, lot.random() < 0.3
    writer = _Writer(delimiter, quote, end, always and quote != "none")
    if header:
        writer.add(COLUMNS)
    for number in range(lot.choice((0, 1, 3, 8, 15, 30))):
        _one(writer, lot, name, number)
    if not header and not writer.rows:
        _one(writer, lot, name, 0)
    text = writer.text[: -len(end)] if lot.random() < 0.3 and writer.text.endswith(end) else writer.text
    marks, name_of_codec = ENCODINGS[encoding]
    content = (lot.choice(marks) or b"") + text.encode(name_of_codec)
    return Made(
        name, encoding, delimiter, quote, header, lot.random() < 0.25, content, text, tuple(writer.rows)
    )


class _Writer:
    """Rows on their way into a text, by rules of its own: it shares no code with the reader."""

    def __init__(self, delimiter: str, quote: str, end: str, always: bool) -> None:
        self.delimiter = delimiter
        self.quote = quote
        self.end = end
        self.always = always
        self.text = ""
        self.line = 1
        self.rows: list[tuple[int, Row]] = []
        self.open = False
        """A quote stands open above, so that no other may follow."""

    def add(self, cells: Sequence[str], meant: tuple[object, ...] | None = None, raw: bool = False) -> None:
        line = self.delimiter.join(cells if raw else map(self.cell, cells))
        if meant is not None or raw:
            self.rows.append((self.line, Row(tuple(cells), meant)))
        self._put(line + self.end)

    def blank(self) -> None:
        self._put(self.end)

    def cell(self, text: str) -> str:
        special = {*self.delimiter, self.quote, "\n", "\r"}
        if self.quote == "none" or not (self.always or special & set(text)):
            return text
        return self.quote + text.replace(self.quote, self.quote * 2) + self.quote

    def fits(self, text: str) -> bool:
        """Whether a cell can be written at all: without quotes neither delimiters nor line ends can."""
        if self.quote != "none" and not self.open:
            return True
        return not ({*self.delimiter, "\n", "\r", self.quote} & set(text))

    def _put(self, line: str) -> None:
        self.text += line
        self.line += line.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def _one(writer: _Writer, lot: random.Random, name: str, number: int) -> None:
    """One more record, or two that have to do with each other."""
    if writer.open:
        writer.always = False
    if lot.random() < 0.05:
        writer.blank()
    if lot.random() < 0.12:
        _broken(writer, lot, name, number)
        return
    cells, meant = _row(writer, lot, name, number)
    writer.add(cells, meant)
    if lot.random() < 0.06:
        writer.add(cells, meant)  # says the same again
    elif lot.random() < 0.06:
        writer.add((*cells[:4], "other", cells[5]), (*meant[:4], "other", meant[5]))


def _row(writer: _Writer, lot: random.Random, name: str, number: int) -> tuple[list[str], tuple[object, ...]]:
    pairs = [_key(lot, name, number), *(_fitting(writer, lot, table) for table in (DAYS, NUMBERS, CODES))]
    text = _text(writer, lot)
    pairs.append((text, text or None))
    pairs.append(_peer(lot, name, number))
    return [cell for cell, _ in pairs], tuple(value for _, value in pairs)


def _fitting(writer: _Writer, lot: random.Random, table: list[tuple[str, object]]) -> tuple[str, object]:
    """One of the texts, most often a good one."""
    good = lot.random() < 0.95
    return lot.choice([(t, v) for t, v in table if writer.fits(t) and (v is BAD) != good])


def _key(lot: random.Random, name: str, number: int) -> tuple[str, object]:
    key = f"{name}-{number}"
    how = lot.random()
    if how < 0.05:
        return lot.choice(DAMAGED_KEYS), BAD
    if how < 0.2:
        return key.translate(WIDE), key
    if how < 0.3:
        return lot.choice((f" {key} ", f"\u3000{key}", f"{key}\x85")), key
    if how < 0.4:
        return key + "客", key + "客"
    return key, key


def _peer(lot: random.Random, name: str, number: int) -> tuple[str, object]:
    how = lot.random()
    if how < 0.05:
        return "", BAD
    other = f"{name}-{lot.randrange(max(number, 1))}" if how < 0.7 else f"{name}-nobody"
    return other, other


def _text(writer: _Writer, lot: random.Random) -> str:
    if lot.random() < 0.001:
        return "长" * 100_000
    made = "".join(lot.choices(snippets(), k=lot.choice((0, 1, 2, 5, 12))))
    if lot.random() < 0.2:
        made += lot.choice(ENDS) + "x"
    return made if writer.fits(made) else "".join(c for c in made if writer.fits(c))


def _broken(writer: _Writer, lot: random.Random, name: str, number: int) -> None:
    """A record that cannot be cut, and must cost its own line only."""
    cells = [f"{name}-{number}", "2024-01-31", "1", "A1", "x", f"{name}-0"]
    kind = lot.choice(FAULTS)
    if kind == "huge" and lot.random() > 0.03:
        kind = "few"
    if kind in ("behind a quote", "unclosed") and (writer.quote == "none" or writer.open):
        kind = "many"
    match kind:
        case "few":
            cells = cells[: lot.randrange(1, 6)]
        case "many":
            cells += ["y"] * lot.randrange(1, 4)
        case "nul":
            cells[lot.randrange(6)] += "\0"
        case "huge":
            cells[4] = "x" * (1 << 20)
        case "behind a quote":
            cells[4] = f"{writer.quote}x{writer.quote}y"
        case "unclosed":
            cells[4] = f"{writer.quote}x"
            writer.open = True
    writer.add(cells, None, raw=True)


def fates(made: Made) -> Fates:
    """What must become of each row of an exact file, by plain reasoning over its rows."""
    found = Fates()
    tables = ("members", "ties") if made.ties else ("members",)
    for line, row in made.rows:
        if row.meant is None:
            found.lines.add(line)
            for table in tables:
                found.aside[table] += 1
    meant = [(line, row.meant) for line, row in made.rows if row.meant is not None]
    _members(meant, found)
    if made.ties:
        _ties(meant, found)
    return found


def _members(meant: list[tuple[int, tuple[object, ...]]], found: Fates) -> None:
    said = defaultdict(list)
    for line, (key, *values, _) in meant:
        if BAD in (key, *values):
            found.aside["members"] += 1
            found.lines.add(line)
        else:
            said[key].append((line, tuple(values)))
    for key, rows in said.items():
        if len({values for _, values in rows}) > 1:
            found.aside["members"] += len(rows)
            found.lines |= {line for line, _ in rows}
        else:
            found.members[key] = rows[0][1]
            found.landed["members"] += len(rows)


def _ties(meant: list[tuple[int, tuple[object, ...]]], found: Fates) -> None:
    said = defaultdict(list)
    for line, (key, day, calls, _, _, peer) in meant:
        if BAD in (key, day, calls, peer) or not isinstance(day, date):
            found.aside["ties"] += 1
            found.lines.add(line)
        else:
            said[key, peer, day.replace(day=1)].append((line, calls))
    for key, rows in said.items():
        if len({calls for _, calls in rows}) > 1:
            found.aside["ties"] += len(rows)
            found.lines |= {line for line, _ in rows}
        elif {key[0], key[1]} <= set(found.members):
            found.ties[key] = rows[0][1]
            found.landed["ties"] += len(rows)
        else:
            found.aside["ties"] += len(rows)
            found.waiting += len(rows)


def damaged(made: Made, seed: str) -> Made:
    """The file with some of its bytes behind the header changed, lost or doubled, or a stray quote."""
    lot = random.Random(seed)
    codec = ENCODINGS[made.encoding][1]
    keep = _behind_the_header(made, codec)
    raw = bytearray(made.content)
    if keep == len(raw):
        return _loose(made, made.content)
    if lot.random() < 0.5:
        stray = (lot.choice(('"', "'", "\r", "\n", "\0", "|", ","))).encode(codec)
        wide = 2 if codec.startswith("utf-16") else 1
        at = keep + lot.randrange(max(len(raw) - keep, 1)) // wide * wide
        raw[at:at] = stray
    for _ in range(lot.randrange(1, 4)):
        if len(raw) <= keep:
            break
        at = lot.randrange(keep, len(raw))
        change = lot.randrange(3)
        if change == 0:
            raw[at] = lot.randrange(256)
        elif change == 1:
            del raw[at]
        else:
            raw[at:at] = raw[at : at + 7]
    return _loose(made, bytes(raw))


def _behind_the_header(made: Made, codec: str) -> int:
    """How many bytes stand before the first row."""
    ends = [made.text.index(end) + len(end) for end in ("\r\n", "\n", "\r") if end in made.text]
    head = made.text[: ends[0] if ends else None] if made.header else ""
    return len(made.content) - len(made.text.encode(codec)) + len(head.encode(codec))


def _loose(made: Made, content: bytes) -> Made:
    codec = ENCODINGS[made.encoding][1]
    try:
        text = content.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = ""
    return Made(made.name, made.encoding, made.delimiter, made.quote, made.header, made.ties, content, text,
                exact=False)  # fmt: skip


def readable(made: Made) -> bool:
    """Whether its bytes are of its encoding, as Python's own decoder sees it."""
    try:
        made.content.decode(ENCODINGS[made.encoding][1])
    except UnicodeDecodeError:
        return False
    return True


def usual(text: str) -> str:
    """A key in usual width, character by character."""
    tags = {c: unicodedata.decomposition(c) for c in text}
    return "".join(chr(int(t.split()[1], 16)) if t.startswith(("<wide>", "<narrow>")) else c
                   for c, t in ((c, tags[c]) for c in text))  # fmt: skip
