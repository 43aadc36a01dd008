"""Deciding that two keys are one thing, that they are not, or that a decision no longer stands.

A decision is a dated fact in the lake; nothing of a source is rewritten. It counts from its day on, so a
view of an earlier day does not know of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from graph.errors import BadInput, Conflict, NotFound
from graph.identities import aliases, standing
from graph.lake import Lake
from graph.schema import IDENTITIES, NODE
from ingest.resolve.credit import is_valid, tidy

EXACT_KEYS = "rule of exact keys"


@dataclass(frozen=True)
class Decision:
    """One decision to be recorded. Of a merge, `alias` is the key that gives way and `canonical` stays."""

    label: str
    alias: str
    canonical: str
    verdict: str
    note: str = ""


def merge(lake: Lake, keep: str, alias: str, who: str, why: str = "", since: date | None = None) -> Decision:
    """Decide that `alias` is `keep`. What `keep` is an alias of takes its place.

    Raises NotFound for an unknown key, BadInput for keys of different kinds or a day to come, and Conflict
    where a standing decision says otherwise.
    """
    label, known = _common_label(lake, keep, alias), aliases(_decisions(lake))
    keep = known.get((label, keep), keep)
    merged = known.get((label, alias))
    if keep in (alias, merged):
        raise Conflict(f"{alias} and {keep} are merged already; guanxi resolve undo takes it back")
    if merged:
        raise Conflict(
            f"{alias} stands for {merged} already; undo that first: guanxi resolve undo {merged} {alias}"
        )
    found = _standing(lake, label, keep, alias)
    if found:
        raise Conflict(
            f"{keep} and {alias} were judged different on {found['date']} by {found['who']};"
            f" undo that first: guanxi resolve undo {keep} {alias}"
        )
    decision = Decision(label, alias, keep, "same", why)
    _record(lake, [decision], who, since)
    return decision


def differ(lake: Lake, one: str, other: str, who: str, why: str = "") -> Decision:
    """Decide that two keys are different things, so that they are not suggested again. Raises as `merge`."""
    label = _common_label(lake, one, other)
    found = _standing(lake, label, one, other)
    if found and found["verdict"] == "different":
        raise Conflict(
            f"{one} and {other} are judged different already, on {found['date']} by {found['who']}"
        )
    known = aliases(_decisions(lake))
    if known.get((label, one), one) == known.get((label, other), other):
        raise Conflict(f"{one} and {other} are merged; undo that first: guanxi resolve undo {one} {other}")
    decision = Decision(label, other, one, "different", why)
    _record(lake, [decision], who)
    return decision


def undo(lake: Lake, one: str, other: str, who: str, why: str = "") -> Decision:
    """Take back the standing decision on two keys. Raises NotFound where there is none."""
    label = _common_label(lake, one, other)
    found = _standing(lake, label, one, other)
    if not found:
        raise NotFound(f"no decision on {one} and {other} stands; {_near(lake, label, one, other)}")
    decision = Decision(label, str(found["about"]), str(found["canonical"]), "undone", why)
    _record(lake, [decision], who)
    return decision


@dataclass(frozen=True)
class Accepted:
    """What became of suggestions accepted together: those merged, and those left with the reason why."""

    merged: tuple[Decision, ...]
    left: tuple[tuple[str, str, str], ...]


def accept(lake: Lake, label: str, pairs: Sequence[tuple[str, str, str]], who: str) -> Accepted:
    """Merge pairs of (keep, alias, note), the most certain first, all in one commit.

    A pair that would bring together keys judged different, or two valid credit codes, is left out.
    """
    together = _Together(lake, label)
    merged, left = [], []
    for keep, alias, note in pairs:
        reason = together.join(keep, alias)
        if reason:
            left.append((keep, alias, reason))
        elif reason is None:
            merged.append(Decision(label, *together.joined, "same", note))
    _record(lake, merged, who)
    return Accepted(tuple(merged), tuple(left))


class _Together:
    """Which keys are one so far, and what forbids joining two such groups."""

    def __init__(self, lake: Lake, label: str) -> None:
        decided = _decisions(lake)
        self._above = {key: last for (kind, key), last in aliases(decided).items() if kind == label}
        self._members: dict[str, set[str]] = {}
        for key, last in self._above.items():
            self._members.setdefault(last, {last}).add(key)
        self._apart = {
            frozenset(pair[1:]) for pair, row in standing(decided).items() if row["verdict"] == "different"
        }
        self._codes = _valid_codes(lake) if label == "Account" else {}
        self.joined = ("", "")

    def join(self, keep: str, alias: str) -> str | None:
        """Join two keys: None where done, "" where they were one already, else why not."""
        keep, alias = self._above.get(keep, keep), self._above.get(alias, alias)
        if keep == alias:
            return ""
        one, other = (self._members.get(key, {key}) for key in (keep, alias))
        if any(frozenset((a, b)) in self._apart for a in one for b in other):
            return "keys among them were judged different"
        codes = {self._codes[key] for key in one | other if key in self._codes}
        if len(codes) > 1:
            return f"they would have different valid credit codes: {', '.join(sorted(codes))}"
        self._members[keep] = one | other
        self._above |= dict.fromkeys(other, keep)
        self.joined = (alias, keep)
        return None


def _valid_codes(lake: Lake) -> dict[str, str]:
    rows = lake.view().as_landed().arrow("accounts", ["account_id", "credit_code"]).to_pydict()
    codes = zip(rows["account_id"], map(tidy, rows["credit_code"]), strict=True)
    return {key: code for key, code in codes if is_valid(code)}


def label_of(lake: Lake, key: str) -> str:
    """Whether a key of the record is an account's or a contact's. Raises NotFound, BadInput for both."""
    view = lake.view().as_landed()
    found = []
    for label in IDENTITIES.about:
        kind = NODE[label]
        text = f'SELECT 1 AS here FROM "{kind.table}" WHERE "{kind.id}" = $key LIMIT 1'
        if len(view.sql(text, {"key": key})):
            found.append(label)
    if not found:
        raise NotFound(f"no account or contact {key!r} in the lake; guanxi resolve list shows the keys")
    if len(found) > 1:
        raise BadInput(
            f"{key!r} is the key of an account and of a contact; give their keys a prefix in the feed"
        )
    return found[0]


def _common_label(lake: Lake, one: str, other: str) -> str:
    if one == other:
        raise BadInput(f"{one!r} was given twice; two different keys are wanted")
    label, second = label_of(lake, one), label_of(lake, other)
    if label != second:
        raise BadInput(
            f"{one} is the key of an {label}, {other} of a {second}; only like things can be merged"
        )
    return label


def _decisions(lake: Lake) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.view().arrow(IDENTITIES).to_pylist()
    return rows


def _standing(lake: Lake, label: str, one: str, other: str) -> Mapping[str, object] | None:
    low, high = sorted((one, other))
    return standing(_decisions(lake)).get((label, low, high))


def _near(lake: Lake, label: str, one: str, other: str) -> str:
    """What to undo instead: the decisions that name either key."""
    pairs = [
        pair[1:] for pair in standing(_decisions(lake)) if pair[0] == label and {one, other} & {*pair[1:]}
    ]
    if not pairs:
        return "none names either of them"
    return "those that name one of them: " + ", ".join(f"{a} and {b}" for a, b in sorted(pairs)[:5])


def _record(lake: Lake, decisions: Sequence[Decision], who: str, since: date | None = None) -> None:
    """Land decisions, dated today or `since`, and never before what they take back or contradict."""
    if not decisions:
        return
    now = datetime.now(UTC)
    day = since or now.date()
    if day > now.date():
        raise BadInput(f"a decision cannot count from a day to come ({day}); leave --since out for today")
    latest: dict[tuple[str, str, str], date] = {}
    for row in _decisions(lake):
        low, high = sorted((row["about"], row["canonical"]))
        pair = (row["about_label"], low, high)
        latest[pair] = max(row["date"], latest.get(pair, row["date"]))
    rows = []
    for one in decisions:
        low, high = sorted((one.alias, one.canonical))
        before = latest.get((one.label, low, high), day)
        if since and before > since:
            raise BadInput(
                f"{one.alias} and {one.canonical} were decided on at {before}; --since must not be earlier"
            )
        rows.append({
            "about_label": one.label, "about": one.alias, "canonical": one.canonical,
            "date": max(day, before),
            "verdict": one.verdict, "who": who, "note": one.note or None, "at": now.isoformat(),
        })  # fmt: skip
    schema = lake.view().arrow(IDENTITIES).schema
    with lake.writing(f"{len(rows)} decisions on identities") as writer:
        writer.land(IDENTITIES, pa.Table.from_pylist(rows, schema=schema), f"decided-{now:%Y%m%dT%H%M%SZ}")
