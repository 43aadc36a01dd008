"""The bench of the LDBC Graphalytics validation graphs, as a user calls it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.bench_ldbc import validate_ldbc
from api.cli import app
from graph.errors import BadInput, GuanxiError


@pytest.mark.data
def test_it_prints_every_pair_of_every_engine(public_data: Path) -> None:
    folder = public_data / "ldbc-graphalytics"
    said = CliRunner().invoke(app, ["bench", "ldbc", "--data", str(folder), "--json"])
    assert said.exit_code == 0
    told = json.loads(said.stdout)
    assert (told["ours"], told["peer"], told["ratio"], told["holds"]) == (24, 24, 1.0, True)
    for name in ("local", "networkx"):
        assert set(told["engines"][name]["pairs"].values()) == {"pass"}
    unasked = told["engines"]["gds"]
    assert unasked["asked"] is False
    assert unasked["not_offered"] == 10
    assert unasked["pairs"]["test-cdlp-directed CDLP"].startswith("not offered: the server changes labels")


@pytest.mark.data
def test_a_miss_is_named_and_ends_the_command_with_1(public_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "graphs"
    shutil.copytree(public_data / "ldbc-graphalytics", folder)
    spoiled = folder / "test-bfs-directed-BFS"
    spoiled.chmod(0o644)
    spoiled.write_text(spoiled.read_text().replace("1 0\n", "1 5\n", 1))
    found = validate_ldbc(24, folder)
    assert found.engines["local"]["pairs"]["test-bfs-directed BFS"] == "fail: vertex 1 has 0 instead of 5"  # type: ignore[index]
    assert (found.ours, found.holds) == (23, False)
    with pytest.raises(GuanxiError, match="local passes 23, networkx passes 23") as refused:
        found.judge()
    assert refused.value.exit_code == 1


@pytest.mark.data
def test_a_folder_with_other_graphs_is_refused(public_data: Path) -> None:
    with pytest.raises(BadInput, match="holds 24 pairs of graph and algorithm, not 30"):
        validate_ldbc(30, public_data / "ldbc-graphalytics")
    with pytest.raises(BadInput, match="not 'igraph'"):
        validate_ldbc(24, public_data / "ldbc-graphalytics", against="igraph")
