"""The graph against the lake: every node and edge counted, hashed and, where they differ, named.

What the graph should show follows from the lake alone, at the state and day that the graph's own marks
name. A row is compared as its canonical text, see `ingest.keeping.canonical`; the verdict on a type rests
on counts and hashes, the examples on the rows of one range at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from graph.errors import Conflict
from graph.lake import Lake
from graph.progress import Progress
from graph.schema import EDGE, NODE
from graph.statement import Statement
from graph.store import GraphStore, count
from ingest.keeping.canonical import Sum, text_of
from ingest.keeping.expected import Shown, types_shown
from ingest.keeping.standing import marks_in, standing
from ingest.keeping.walks import Identity, Range, Row, Walk

EXAMPLES = 5
BY_LABELS = Statement("MATCH (n) RETURN labels(n) AS labels, count(n) AS n")
EDGE_TYPES = Statement("CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType AS name")


@dataclass(frozen=True)
class Compared:
    """A type on both sides.

    `missing` rows are in the lake only, `extra` in the graph only, `differing` on both with other
    properties. `sha256` and `graph_sha256` are canonical hashes of all rows; the graph's is empty where
    it had too many rows to be read. `examples` are sentences about the first differences.
    """

    type: str
    same: bool
    in_lake: int
    in_graph: int
    missing: int
    extra: int
    differing: int
    sha256: str
    graph_sha256: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class VerifyReport:
    """What the graph stands for, each type compared, and what is wrong with the graph as a whole.

    `number` and `as_of` (None: everything known) name the lake's state that the graph stands for,
    `run_id` the run whose results it shows. `notes` are worth knowing and not wrong.
    """

    lake: str
    number: int
    as_of: date | None
    run_id: str | None
    types: tuple[Compared, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the graph shows what the lake says, no more and no less."""
        return not self.faults and all(one.same for one in self.types)


def verify(lake: Lake, store: GraphStore, progress: Progress | None = None) -> VerifyReport:
    """Compare the graph with what the lake says it should show; see `VerifyReport`.

    Reads a range of rows at a time; of the lake, one type at a time as columns. Raises Conflict where
    the graph was published anew meanwhile, and Unavailable where its server does not answer.
    """
    marks = marks_in(store)
    told = standing(lake, store, marks)
    types = tuple(_compared(one, store, progress) for one in types_shown(told))
    faults = (*told.faults, *_strange(store))
    if marks_in(store) != marks:
        raise Conflict("the graph was published anew while it was verified; verify it again")
    base = told.base
    return VerifyReport(base.lake, base.number, base.as_of, told.run_id, types, faults, told.notes)


@dataclass
class _Tally:
    """What was found so far of one type."""

    lake: Sum = field(default_factory=Sum)
    graph: Sum = field(default_factory=Sum)
    missing: int = 0
    extra: int = 0
    differing: int = 0
    unread: bool = False
    examples: list[str] = field(default_factory=list)

    def example(self, sentence: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(sentence)


def _compared(one: Shown, store: GraphStore, progress: Progress | None) -> Compared:
    tally = _Tally()
    if progress:
        progress(one.name, 0, one.rows)
    for walk in one.walks():
        for part in walk.ranges():
            _compare(walk, part, store, tally)
            if progress:
                progress(one.name, tally.lake.rows, one.rows)
    counted = tally.graph.rows if one.count is None else count(store, one.count)
    beyond = counted - tally.graph.rows
    if beyond and not tally.unread:
        tally.extra += beyond
        tally.example(f"{beyond} more in the graph, without a key that is text or at ends of another kind")
    same = counted == tally.lake.rows and tally.lake == tally.graph
    return Compared(
        one.name,
        same,
        tally.lake.rows,
        counted,
        # Servers order rare characters in their own ways, which may move a row into the range beside it.
        *((0, 0, 0) if same else (tally.missing, tally.extra, tally.differing)),
        tally.lake.sha256(),
        "" if tally.unread else tally.graph.sha256(),
        () if same else tuple(tally.examples),
    )


def _compare(walk: Walk, part: Range, store: GraphStore, tally: _Tally) -> None:
    """Compare one range and add it to the tally."""
    expected = {}
    for row in part.rows.to_pylist():
        identity, props = walk.pick(row)
        expected[identity] = text_of(identity, props)
        tally.lake.add(expected[identity])
    most = 10 * len(expected) + 100_000
    answer = store.rows(walk.asked(part), limit=most)
    for identity, props in _read(walk, answer):
        text = text_of(identity, props)
        tally.graph.add(text)
        wanted = expected.pop(identity, None)
        if wanted is None:
            tally.extra += 1
            tally.example(f"only in the graph: {_named(identity)}")
        elif wanted != text:
            tally.differing += 1
            if len(tally.examples) < EXAMPLES:
                tally.example(f"differs: {_named(identity)}: {_differing(walk, part, identity, props)}")
    tally.missing += len(expected)
    for identity in expected:
        tally.example(f"only in the lake: {_named(identity)}")
    tally.unread |= len(answer) == most


def _read(walk: Walk, answer: list[Row]) -> Iterator[tuple[Identity, Row]]:
    return (found for found in map(walk.read, answer) if found is not None)


def _differing(walk: Walk, part: Range, identity: Identity, props: Row) -> str:
    """The names of the properties that differ, not their values: they may be personal."""
    wanted = next(props for found, props in map(walk.pick, part.rows.to_pylist()) if found == identity)
    names = [name for name in {**wanted, **props} if _text(wanted, name) != _text(props, name)]
    return ", ".join(sorted(names))


def _text(props: Row, name: str) -> str:
    return text_of((), {name: props.get(name)})


def _named(identity: Identity) -> str:
    if len(identity) == 1:
        return str(identity[0])
    source_label, source, target_label, target, key = identity
    return f"{source_label} {source} to {target_label} {target}" + (f", {key}" if key else "")


def _strange(store: GraphStore) -> list[str]:
    """What the graph holds that the model does not have."""
    found = []
    for row in store.rows(BY_LABELS):
        labels = row["labels"] if isinstance(row["labels"], list) else []
        if len(labels) != 1 or labels[0] not in NODE:
            kind = f"labelled {':'.join(sorted(labels))}" if labels else "without a label"
            found.append(f"{row['n']} nodes {kind}, which the model does not have")
    for row in store.rows(EDGE_TYPES):
        name = str(row["name"])
        if name not in EDGE and (n := count(store, _count_type(name))):
            found.append(f"{n} edges of the type {name}, which the model does not have")
    return sorted(found)


def _count_type(name: str) -> Statement:
    # Not by its name in the text: somebody else's type may be called anything.
    return Statement("MATCH ()-[e]->() WHERE type(e) = $name RETURN count(e) AS n", {"name": name})
