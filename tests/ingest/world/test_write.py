"""The files: plain CSV with the lake's columns, the same bytes for the same seed."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest

from graph.errors import BadInput
from graph.model import Kind
from graph.schema import TABLES
from ingest.world.make import World, make
from ingest.world.size import Size
from ingest.world.write import write, write_truth

SMALL = Size(accounts=8, members=160, contacts=16, months=6, usage_months=3)


def digests(folder: Path, seed: int) -> dict[str, str]:
    paths = write(make(SMALL, seed), folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write(world, folder)
    return folder


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    one, again, other = (digests(tmp_path / n, s) for n, s in (("a", 1), ("b", 1), ("c", 2)))
    assert one == again
    differing = {name for name in one if one[name] != other[name]}
    assert differing == set(one) - {"products.csv", "tariffs.csv"}


def test_one_file_a_table_and_nothing_of_the_truth(world: World, folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == sorted(f"{t}.csv" for t in world.tables)
    for path in folder.iterdir():
        assert "contagion" not in path.read_text("utf-8")[:500]


def test_plain_csv(folder: Path) -> None:
    for path in folder.iterdir():
        raw = path.read_bytes()
        assert b"\r" not in raw
        assert b'"' not in raw
        assert raw.endswith(b"\n")
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        declared = {field.name for field in TABLES[path.stem].columns}
        assert set(header) <= declared
        assert all(len(row) == len(header) for row in rows)


def test_cells_are_what_the_schema_says(world: World, folder: Path) -> None:
    reads = {Kind.INT: int, Kind.FLOAT: float, Kind.DATE: date.fromisoformat, Kind.TEXT: str}
    for path in folder.iterdir():
        fields = {field.name: field for field in TABLES[path.stem].columns}
        with path.open(encoding="utf-8", newline="") as file:
            for row in list(csv.DictReader(file))[:400]:
                for name, cell in row.items():
                    if cell and fields[name].kind is Kind.BOOL:
                        assert cell in {"true", "false"}
                    elif cell:
                        reads[fields[name].kind](cell)
    assert (folder / "members.csv").read_text("utf-8").count(",\n") == 0
    assert len((folder / "ties.csv").read_text().splitlines()) == len(world.tables["ties"]) + 1


def test_truth_has_its_own_folder(world: World, tmp_path: Path) -> None:
    paths = write_truth(world, tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in paths] == ["truth/members.csv", "truth/shocks.csv"]
    assert "contagion_share" in paths[0].read_text("utf-8").splitlines()[0]


def test_a_folder_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match=r"cannot write .*file"):
        write(world, tmp_path / "file")
