"""Our own world goes through the same door as everybody's files, whole and unchanged."""

import pytest

from graph.lake import Lake
from ingest.run import load
from ingest.world.make import make
from ingest.world.write import write


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    made = make()
    write(made, folder / "data")
    return made, folder


def test_every_row_of_every_table_lands_and_lands_once(world):
    made, folder = world
    lake = Lake(folder / "lake")
    report = load("world", folder / "data", lake, folder / "quarantine")
    landed = {count.table: (count.landed, count.set_aside) for count in report.tables}
    assert landed == {table: (len(rows), 0) for table, rows in made.tables.items()}
    assert report.notes == ()
    again = load("world", folder / "data", lake, folder / "quarantine")
    assert (again.landed, again.set_aside, again.unchanged) == (0, 0, report.landed)
