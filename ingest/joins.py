"""One file's rows with those of another: each with its one partner, or with word that it has none."""

from __future__ import annotations

from dataclasses import replace

from graph.landing import literal
from ingest.files.sources import LINE, PARTNERS, ROW, Joined, Staged, require
from ingest.mapping import Feed, JoinRule
from ingest.staging import Staging

# What Unicode calls white space, as the conversion of cells strips it; DuckDB's trim knows the blank only.
BLANKS = "".join(
    map(chr, [*range(9, 14), 32, 133, 160, 5760, *range(8192, 8203), 8232, 8233, 8239, 8287, 12288])
)


def join_sources(feed: Feed, sources: dict[str, Staged], staging: Staging) -> dict[str, Staged]:
    """The sources with every join of the feed whose two files are there. Raises BadInput for a column."""
    joins = {
        name: joined(name, join, sources[join.left], sources[join.right], staging)
        for name, join in feed.joins.items()
        if join.left in sources and join.right in sources
    }
    return {**sources, **joins}


def joined(name: str, join: JoinRule, left: Staged, right: Staged, staging: Staging) -> Staged:
    """Each row of `left` with the columns of its one partner in `right`.

    A row without exactly one partner stays, and its block tells why. A column whose name `left` has too
    is called `<right>.<column>`.
    """
    right_on = join.right_on or join.on
    require(left, [join.on])
    require(right, [right_on])
    taken = [place for place, column in enumerate(right.columns) if column != right_on]
    labels = [_label(join.right, right.columns[place], left) for place in taken]
    path = staging.folder / f"join_{name}.parquet"
    query = _query(left, right, left.columns.index(join.on), right.columns.index(right_on), taken)
    staging.connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")
    staging.show(f"join_{name}")
    empties = dict(left.empties) | {
        label: right.empties[right.columns[place]] for label, place in zip(labels, taken, strict=True)
    }
    return replace(
        left,
        name=f"join_{name}",
        columns=(*left.columns, *labels),
        path=path,
        empties=empties,
        joined=Joined(join.on, f"{right_on} in {right.file}"),
    )


def _label(right: str, column: str, left: Staged) -> str:
    return f"{right}.{column}" if column in left.columns else column


def _query(left: Staged, right: Staged, on: int, right_on: int, taken: list[int]) -> str:
    own = ", ".join(f"l.c{place}" for place in range(len(left.columns)))
    theirs = [f"p.c{place} AS c{len(left.columns) + n}" for n, place in enumerate(taken)]
    every = ", ".join(f"c{place}" for place in range(len(right.columns)))
    first = ", ".join([f"any_value(c{place}) AS c{place}" for place in taken] + ["count(*) AS partners"])
    key = f"trim(c{right_on}, {literal(BLANKS)})"
    return (
        f"WITH partners AS (SELECT {key} AS key, {first} FROM (SELECT DISTINCT {every} FROM"
        f' "{right.name}") GROUP BY key)'
        f' SELECT {", ".join([own, *theirs])}, l."{ROW}", l."{LINE}",'
        f' coalesce(p.partners, 0)::TINYINT AS "{PARTNERS}"'
        f' FROM "{left.name}" l LEFT JOIN partners p ON trim(l.c{on}, {literal(BLANKS)}) = p.key'
    )
