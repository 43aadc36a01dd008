"""All that publishing would send, as files for Neo4j's own importer: a full build of a graph that is offline.

`neo4j-admin database import` fills an empty database many times faster than any server that runs. The
files have the same nodes, edges, properties and marks as a publication of the same state, so the next
`guanxi publish` sends only what has changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shlex import quote

import duckdb

from graph.asof import View
from graph.errors import BadInput
from graph.lake import Lake
from graph.landing import literal
from graph.measures import MEASURES
from graph.model import EdgeType, Field, Kind, NodeType
from graph.progress import Progress
from graph.schema import COMMUNITY, IN_COMMUNITY, NODE, PUBLISHED, RUN
from graph.write import measure_properties
from ingest.publishing.changes import key_sql
from ingest.publishing.publish import kinds_of, state_of
from ingest.publishing.results import NEWEST
from ingest.publishing.shown import labels, shown_sql

LIST_MARK = "\x1f"
TYPES = {Kind.TEXT: "string", Kind.INT: "long", Kind.FLOAT: "double", Kind.BOOL: "boolean", Kind.DATE: "date"}
HEADER = "header-"
MARK_AND_TABLE = (Field("table", required=True), Field("state", required=True))


@dataclass(frozen=True)
class File:
    """One file of rows, what stands in it, and how many rows it has."""

    type: str
    file: str
    rows: int
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Build:
    """The files of one state of the lake, in the folder in which they lie."""

    folder: Path
    number: int
    files: tuple[File, ...]

    def arguments(self, database: str = "neo4j") -> list[str]:
        """What to call `neo4j-admin` with to import them; the database must be stopped, and is replaced."""
        given = [
            f"--{'relationships' if one.ends else 'nodes'}={one.type}="
            f"{self.folder / (HEADER + one.file)},{self.folder / one.file}"
            for one in self.files
        ]
        settings = ["--multiline-fields=true", "--array-delimiter=U+001F", "--overwrite-destination=true"]
        return ["database", "import", "full", database, *given, *settings]

    def command(self, database: str = "neo4j") -> str:
        """The command line to run, quoted for a shell."""
        return " ".join(["neo4j-admin", *map(quote, self.arguments(database))])


def build_offline(
    lake: Lake, folder: Path, progress: Progress | None = None, as_of: date | None = None
) -> Build:
    """Write the files of the lake's newest state as known on a day, or with None all that is known.

    The folder is made; files of an earlier build are replaced. Rows stream from the lake to the disk.
    Raises BadInput for a folder whose path the importer cannot take.
    """
    folder = folder.absolute()
    if "," in str(folder):
        raise BadInput(f"{folder} has a comma, which parts file names for the importer; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    view = lake.view(as_of)
    steps = list(_steps(view))
    files = []
    for done, (name, write) in enumerate(steps, 1):
        files.append(write(folder))
        if progress:
            progress(name, done, len(steps))
    return Build(folder, view.number, tuple(one for one in files if one.rows))


Step = tuple[str, Callable[[Path], File]]


def _steps(view: View) -> Iterator[Step]:
    runs = view.sql_arrow(NEWEST).to_pylist()
    run_id = str(runs[0][RUN.id]) if runs else None
    for kind in kinds_of(view):
        if isinstance(kind, NodeType):
            yield kind.label, _Nodes(view, kind, run_id)
        else:
            for source, target in kind.pairs():
                yield kind.name, _Edges(view, kind, source, target, shown_sql(kind))
    if run_id is not None:
        for node in (COMMUNITY, RUN):
            yield node.label, _Nodes(view, node, None, _of_run(node, run_id))
        yield (
            IN_COMMUNITY.name,
            _Edges(view, IN_COMMUNITY, "Member", "Community", _of_run(IN_COMMUNITY, run_id)),
        )
    yield PUBLISHED.label, lambda folder: _marks(view, folder)


def _of_run(kind: NodeType | EdgeType, run_id: str) -> str:
    return f"SELECT * FROM {kind.table} WHERE run_id = {literal(run_id)}"


@dataclass(frozen=True, eq=False)
class _Nodes:
    view: View
    node: NodeType
    run_id: str | None
    rows: str | None = None

    def __call__(self, folder: Path) -> File:
        node = self.node
        columns = [f'"{node.id}"', *(f'"{field.name}"' for field in node.properties)]
        header = [f"{node.id}:ID({node.label})", *map(_typed, node.properties)]
        text = f"SELECT {', '.join(columns)} FROM ({self.rows or shown_sql(node)})"
        if figures := self._figures():
            names = [name for name, _ in figures]
            header += [f"{name}:{kind}" for name, kind in figures]
            wanted = ", ".join(["n.*", *(f'f."{name}"' for name in names)])
            scores = self._scores(figures)
            text = f'SELECT {wanted} FROM ({text}) n LEFT JOIN ({scores}) f ON n."{node.id}" = f.id'
        return _written(self.view, folder, node.label, node.label, text, header)

    def _figures(self) -> list[tuple[str, str]]:
        """The names and types of the figures that the newest run set on nodes of this type."""
        if self.run_id is None or not any(self.node.label in measure.about for measure in MEASURES):
            return []
        plain = {"run_id": "string", "as_of": "date"}
        return [
            (name, plain.get(name, "string[]" if name.endswith("_reasons") else "double"))
            for name in measure_properties(self.node.label)
        ]

    def _scores(self, figures: Sequence[tuple[str, str]]) -> str:
        values = ", ".join(f'{_figure(name)} AS "{name}"' for name, _ in figures)
        return (
            f"SELECT s.id, {values} FROM scores s JOIN runs r ON r.run_id = s.run_id"
            f" WHERE s.run_id = {literal(self.run_id or '')} AND s.kind = '{self.node.label}' GROUP BY s.id"
        )


def _figure(name: str) -> str:
    """One figure of a node out of its scores."""
    if name in ("run_id", "as_of"):
        return f"any_value(r.{name})"
    for suffix in ("_low", "_high", "_reasons"):
        if name.endswith(suffix):
            measure, column = name.removesuffix(suffix), suffix[1:]
            break
    else:
        measure, column = name, "value"
    value = f"s.{column}"
    if column == "reasons":
        value = f"array_to_string(from_json(nullif({value}, ''), '[\"VARCHAR\"]'), chr(31))"
    return f"any_value({value}) FILTER (s.measure = '{measure}')"


@dataclass(frozen=True, eq=False)
class _Edges:
    view: View
    edge: EdgeType
    source: str
    target: str
    rows: str

    def __call__(self, folder: Path) -> File:
        edge = self.edge
        header = [f":START_ID({self.source})", f":END_ID({self.target})", "key:string"]
        names = [f'e."{field.name}"' for field in edge.properties]
        ends = (("source", self.source), ("target", self.target))
        where = [f"e.{end}_label = '{label}'" for end, label in ends if len(labels(edge, end)) > 1]
        # As in a publication, an edge of a run is shown while its ends are.
        present = [
            f'e.{end} IN (SELECT "{NODE[label].id}" FROM {NODE[label].table})'
            for end, label in ends
            if NODE[label] is not COMMUNITY
        ]
        text = (
            f"SELECT {', '.join(['e.source', 'e.target', key_sql(edge), *names])} FROM ({self.rows}) e"
            f" WHERE {' AND '.join(where + present)}"
        )
        file = f"{edge.name}-{self.source}-{self.target}"
        found = _written(self.view, folder, edge.name, file, text, [*header, *map(_typed, edge.properties)])
        return File(found.type, found.file, found.rows, (self.source, self.target))


def _marks(view: View, folder: Path) -> File:
    tables = [kind.table for kind in kinds_of(view)]
    rows = ", ".join(f"({literal(table)}, {literal(state_of(view))})" for table in tables)
    text = f"SELECT * FROM (VALUES {rows}) t(a, b)" if tables else "SELECT '' AS a, '' AS b LIMIT 0"
    header = [f"table:ID({PUBLISHED.label})", "state:string"]
    return _written(view, folder, PUBLISHED.label, PUBLISHED.label, text, header)


def _written(view: View, folder: Path, kind: str, file: str, text: str, header: Sequence[str]) -> File:
    """Write the rows of a query of the view, and the header that says what its columns are."""
    rows = view.sql_batches(text)
    # Texts are quoted so that an empty one is not taken for none; of what is none nothing is written.
    texts = [f'"{column.name}"' for column in rows.schema if str(column.type) in ("string", "large_string")]
    name = f"{file}.csv"
    quoted = f", FORCE_QUOTE ({', '.join(texts)})" if texts else ""
    with duckdb.connect() as connection:
        connection.register("found", rows)
        count = connection.execute(
            f"COPY found TO {literal(str(folder / name))} (FORMAT csv, HEADER false, NULLSTR ''{quoted})"
        ).fetchone()
    (folder / (HEADER + name)).write_text(",".join(header) + "\n", encoding="utf-8")
    return File(kind, name, int(count[0]) if count else 0)


def _typed(field: Field) -> str:
    return f"{field.name}:{TYPES[field.kind]}"
