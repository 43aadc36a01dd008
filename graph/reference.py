"""The reference page of the model, `docs/model.md`, written from the declarations."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model import Dating, EdgeType, FactType, Field, NodeType, TableType
from graph.schema import EDGES, FACTS, MEASURES, NODES, RESULTS

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
