"""The known truth as a lake: what the sources hold, as loads of feeds of their names."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import UNDATED, TableType
from graph.schema import ACCOUNT, CONTACT, LOADS, PART_OF, WORKS_AT
from ingest.resolve.known_truth import SOURCES, Known


def land(known: Known, lake: Lake) -> None:
    """Put what the sources hold into a lake."""
    with lake.writing("known truth") as writer:
        for feed in SOURCES:
            firms = known.accounts[known.accounts["feed"] == feed].rename(columns={"id": "account_id"})
            people = known.contacts[known.contacts["feed"] == feed].rename(
                columns={"id": "contact_id", "line": "member_id"}
            )
            posts = known.positions[known.positions["contact"].isin(people["contact_id"])]
            posts = posts.rename(columns={"contact": "source", "account": "target"})
            parents = known.parents[known.parents["source"].isin(firms["account_id"])]
            writer.land(ACCOUNT, _table(ACCOUNT, firms), feed)
            writer.land(CONTACT, _table(CONTACT, people), feed)
            writer.land(WORKS_AT, _table(WORKS_AT, posts), feed)
            writer.land(PART_OF, _table(PART_OF, parents), feed)
            writer.append(LOADS, pa.table({"load_id": [feed], "feed": [feed]}))


def _table(kind: TableType, frame: pd.DataFrame) -> pa.Table:
    """The frame's rows with the columns of a table, "" as empty, all known always."""
    shown = frame.drop_duplicates(subset=[name for name in kind.key if name in frame])
    columns = {name: [value or None for value in shown[name]] for name in shown if name != "truth"}
    columns["known_from"] = [UNDATED] * len(shown)
    schema = arrow_schema(kind)
    return pa.table({
        field.name: pa.array(columns.get(field.name, [None] * len(shown)), field.type) for field in schema
    }, schema=schema)  # fmt: skip
