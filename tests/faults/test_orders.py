"""The same files, however often and in whatever order they come, make the same lake and the same graph."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from graph.bolt import BoltStore
from graph.lake import Lake
from graph.schema import NODE
from graph.statement import Statement
from ingest.mapping import find_feed
from ingest.publishing.export import export
from ingest.publishing.publish import publish
from ingest.run import load
from ingest.world.make import make
from ingest.world.size import Size
from ingest.world.write import write
from tests.conftest import emptied

TABLES = (
    "accounts", "members", "contacts", "products", "managers", "memberships", "positions", "management",
    "visits", "ties", "subscriptions", "referrals", "bills",
)  # fmt: skip
SMALL = Size(
    accounts=6, members=80, contacts=12, partners=6, managers=2, campaigns=2, months=4, usage_months=2
)
IN_ORDER = (0, 1, 2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files of a small world and three feeds, each with a third of their mappings."""
    folder = tmp_path_factory.mktemp("orders")
    for path in write(make(SMALL), folder / "data"):
        if path.stem not in TABLES:
            path.unlink()
    shipped = tomllib.loads(find_feed("world").read_text(encoding="utf-8"))
    for third in IN_ORDER:
        maps = [rule for rule in shipped["map"] if rule["to"] in TABLES][third::3]
        parts = [f'name = "third{third}"', 'title = "a third of the world"', "[files]"]
        parts += [f'{rule["from"]} = {{ path = "{rule["from"]}.csv" }}' for rule in maps]
        for rule in maps:
            parts += ["[[map]]", *(f'{key} = "{value}"' for key, value in rule.items())]
        (folder / f"third{third}.toml").write_text("\n".join(parts), encoding="utf-8")
    return folder


def loaded(world: Path, home: Path, order: Sequence[int]) -> Lake:
    lake = Lake(home / "lake")
    for third in order:
        load(str(world / f"third{third}.toml"), world / "data", lake, home / "quarantine")
    return lake


def hashes(lake: Lake, folder: Path) -> dict[object, tuple[object, object]]:
    return {row["table"]: (row["rows"], row["sha256"]) for row in export(lake, folder)}


@pytest.fixture(scope="module")
def straight(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, dict[object, object]]:
    home = tmp_path_factory.mktemp("straight")
    lake = loaded(world, home, IN_ORDER)
    return lake, hashes(lake, home / "export")


def test_nothing_of_the_world_is_missing(world: Path, straight: tuple[Lake, dict[object, object]]) -> None:
    rows = {path.stem: len(path.read_text("utf-8").splitlines()) - 1 for path in (world / "data").iterdir()}
    assert {table: found[0] for table, found in straight[1].items()} == rows
    assert sorted(rows) == sorted(TABLES)


def test_three_times_the_same_load_is_the_same_lake(
    world: Path, straight: tuple[Lake, dict[object, object]], tmp_path: Path
) -> None:
    lake = loaded(world, tmp_path, IN_ORDER * 3)
    assert hashes(lake, tmp_path / "export") == straight[1]


@pytest.mark.server
@pytest.mark.parametrize("order", list(permutations(IN_ORDER)))
def test_every_order_makes_the_same_lake_and_the_same_graph(
    world: Path,
    straight: tuple[Lake, dict[object, object]],
    graph_store: BoltStore,
    seen: list[object],
    order: Sequence[int],
    tmp_path: Path,
) -> None:
    lake = loaded(world, tmp_path, order)
    assert hashes(lake, tmp_path / "export") == straight[1]
    publish(lake, emptied(graph_store))
    seen.append(shown(graph_store))
    assert seen[-1] == seen[0]
    labels, types = seen[0]  # type: ignore[misc]
    assert {"Account", "Member", "Contact", "Product", "Manager"} <= set(labels)
    assert {"BELONGS_TO", "TIE", "SUBSCRIBES", "VISITED"} <= set(types)


@pytest.fixture(scope="module")
def seen() -> list[object]:
    """The graphs of all orders so far."""
    return []


def shown(store: BoltStore) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Every node by label and every edge by type, as texts in order."""
    nodes: dict[str, list[str]] = {}
    for label, kind in NODE.items():
        if label == "Published":  # says which lake, and each order makes its own
            continue
        found = store.rows(Statement(f"MATCH (n:{label}) RETURN properties(n) AS p"))
        if found:
            nodes[label] = sorted(repr(sorted(row["p"].items())) for row in found)
            assert len({row["p"][kind.id] for row in found}) == len(found)
    text = (
        "MATCH (a)-[e]->(b) RETURN type(e) AS t, properties(e) AS p, properties(a) AS a, properties(b) AS b"
    )
    edges: dict[str, list[str]] = {}
    for row in store.rows(Statement(text)):
        ends = [sorted(item for item in row[end].items() if item[0].endswith("_id")) for end in "ab"]
        edges.setdefault(str(row["t"]), []).append(repr((ends, sorted(row["p"].items()))))
    return nodes, {name: sorted(rows) for name, rows in edges.items()}
