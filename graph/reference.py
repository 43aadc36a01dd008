"""The reference pages of the model and of the two servers, written from the declarations."""

from __future__ import annotations

from collections.abc import Iterable

from graph.dialect import DIFFERENCES
from graph.measures import MEASURES
from graph.model import Dating, EdgeType, FactType, Field, NodeType, TableType
from graph.schema import EDGES, FACTS, NODES, RESULTS

INTRODUCTION = """# The model

Generated from `graph/schema.py` by `make docs`; a test keeps the two equal.

Keys are text, always. Every fact is dated, and a question *as of* a day sees nothing that became known
after it. How a table is dated decides what that means:

| dating | a row is seen as of day d when |
|---|---|
| version | `known_from` ≤ d, and no later version is; the newest one is shown |
| interval | `since` is empty or ≤ d; `until` is empty while it lies after d |
| event | its date ≤ d |
| month | the month's last day ≤ d |
| run | always: a result belongs to the run that concluded it |

A value marked *hidden until* a date is empty as of any day before that date. Where a text must be one of
a few words, the words are listed. Bold columns are the key.
"""

SERVERS = """# The two graph servers

Generated from `graph/dialect.py` by `make docs`; a test keeps the two equal.

Guanxi runs on the embedded server (ArcadeDB, which comes with the installation) and on Neo4j 5.26, with or
without Graph Data Science. `GUANXI_GRAPH_URL`, or `guanxi --graph URL COMMAND`, chooses; `guanxi doctor`
says what it found there. The suite in `tests/contract`, the library's hand-worked answers and the tests of
publishing run on both: the same writes, rows, dates, orders, errors, limits. What is left is this:

| | embedded (ArcadeDB) | Neo4j |
|---|---|---|
"""

WALLS = """
Which Cypher means the same on both is another page: [portable Cypher](portable-cypher.md).

## What keeps a question from doing harm on Neo4j

Neo4j's free edition has no users that may only read. What stands instead:

- every question runs in READ access mode, in a transaction of its own that is rolled back; a text that
  changed anything is refused besides;
- time and rows are limited, and a query is ended on the server at its limit or with Ctrl-C;
- `LOAD CSV`, which READ mode allows, is switched off by two settings in `compose.yaml`. On a server of your
  own set `dbms.security.allow_csv_import_from_file_urls=false` and
  `internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0`, or a question can read the server's files and
  fetch addresses.

What does not stand: READ mode lets a text call procedures (Graph Data Science may fill the memory, and its
algorithms may run on after they were ended), list users and settings, and end other people's queries. Give
free Cypher on Neo4j only to people who may administer it.

## What Neo4j needs

- A server of version 5.26 (5.26.30 with Graph Data Science 2.13.9 is tested), a database of its own, a user
  that may write and make constraints.
- Memory: `compose.yaml` gives it 2 GiB of heap and 1 GiB of page cache (GUANXI_NEO4J_HEAP,
  GUANXI_NEO4J_PAGECACHE); `guanxi doctor` shows what the server says it has.
- For its tests and tools on a machine without one: a JDK 17 or newer and Maven. `make test-neo4j`
  fetches the server once, into `~/.cache/guanxi` (GUANXI_NEO4J_CACHE names another folder).
"""

HEAD = "| column | kind | meaning |\n|---|---|---|"


def model_page() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, _measures()]
    parts += [_section("Nodes", (_node(node) for node in NODES))]
    parts += [_section("Edges", (_edge(edge) for edge in EDGES))]
    parts += [_section("Facts kept in the lake", (_fact(fact) for fact in FACTS))]
    parts += [_section("Results", (_table(f"`{result.table}`", result) for result in RESULTS))]
    return "\n".join(parts)


def _section(title: str, tables: Iterable[str]) -> str:
    return f"## {title}\n\n" + "\n".join(tables)


def _node(node: NodeType) -> str:
    return _table(f"{node.label} {node.zh}, table `{node.table}`", node)


def _edge(edge: EdgeType) -> str:
    ends = f"({' or '.join(edge.sources)})-[:{edge.name}]->({' or '.join(edge.targets)})"
    text = _table(f"`{ends}`, table `{edge.table}`", edge)
    if edge.summed:
        rows = "\n".join(_row(edge, field) for field in edge.summed)
        text += f"\nThe graph has one edge for each ordered pair, carrying:\n\n{HEAD}\n{rows}\n"
    return text


def _fact(fact: FactType) -> str:
    return _table(f"`{fact.table}` about {' or '.join(fact.about)}", fact)


def _table(title: str, kind: TableType) -> str:
    dated = "" if kind.dating is Dating.RUN else f" Dated by `{kind.dated_by}` ({kind.dating})."
    rows = "\n".join(_row(kind, field) for field in kind.columns)
    doc = kind.doc[0].upper() + kind.doc[1:]
    return f"### {title}\n\n{doc}.{dated}\n\n{HEAD}\n{rows}\n"


def _row(kind: TableType, field: Field) -> str:
    name = f"**`{field.name}`**" if field.name in kind.key else f"`{field.name}`"
    meaning = field.doc
    if field.choices:
        meaning += ": " + ", ".join(field.choices)
    if field.hidden_until:
        meaning += f" (hidden until `{field.hidden_until}`)"
    return f"| {name} | {field.kind} | {meaning} |"


def _measures() -> str:
    rows = "\n".join(f"| `{m.name}` | {', '.join(m.about)} | {m.doc} |" for m in MEASURES)
    return (
        "## Measures\n\nFigures that a run computes and the graph carries on nodes, beside `run_id` and\n"
        "`as_of`; `<name>_low`, `<name>_high` and `<name>_reasons` stand beside them where they exist.\n\n"
        f"| property | on | meaning |\n|---|---|---|\n{rows}\n"
    )


def servers_page() -> str:
    """The page `docs/servers.md` as Markdown."""
    rows = (f"| **{one.what}** | {one.arcadedb} | {one.neo4j} |\n" for one in DIFFERENCES)
    return SERVERS + "".join(rows) + WALLS
