import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics import csr_cache
from analytics.csr import lake_graph
from analytics.csr_cache import KEPT, cached_graph, key_of
from graph.lake import Lake
from tests.analytics.test_csr import same
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2000, 12, 31)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_of(
        tmp_path / "lake",
        members=[member(key) for key in "abcd"],
        ties=[tie("a", "b", date(2000, 12, 1), 3), tie("c", "a", date(2000, 11, 1), 2)],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "csr"


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def only(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


def told() -> tuple[list[str], object]:
    texts: list[str] = []
    return texts, lambda step, done, total: texts.append(step)


def no_lake(*_: object) -> None:
    raise AssertionError("the lake was read")


def test_the_second_time_it_comes_from_the_files_to_the_bit(
    lake: Lake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = cached_graph(lake.view(DAY), folder)
    assert same(cold, lake_graph(lake.view(DAY)))
    monkeypatch.setattr(csr_cache, "lake_graph", no_lake)
    warm = cached_graph(lake.view(DAY), folder)
    assert same(warm, cold)
    assert warm.directed.data.dtype == np.float64
    assert warm.directed.indices.dtype == cold.directed.indices.dtype


def test_what_is_done_to_mapped_arrays_stays_with_who_did_it(lake: Lake, folder: Path) -> None:
    cached_graph(lake.view(DAY), folder)
    mine = cached_graph(lake.view(DAY), folder)
    mine.directed.data[:] = 0
    assert cached_graph(lake.view(DAY), folder).directed.data.tolist() == [3, 2]


def test_an_empty_graph_is_kept_too(tmp_path: Path, folder: Path) -> None:
    lake = lake_of(tmp_path / "lake", members=[member("a")])
    cached_graph(lake.view(DAY), folder)
    assert cached_graph(lake.view(DAY), folder).size == 0
    assert len(entries(folder)) == 1


def test_another_day_other_parameters_or_other_rows_have_another_name(lake: Lake) -> None:
    first = key_of(lake.view(DAY))
    names = {
        first,
        key_of(lake.view(date(2000, 12, 30))),
        key_of(lake.view(DAY), months=6),
        key_of(lake.view(DAY), half_life=6.0),
    }
    assert len(names) == 4
    lake_of(lake.folder, memberships=[belongs("a", "x")])
    assert key_of(lake.view(DAY)) == first  # a table that says nothing of ties
    number = lake.commit().number
    lake_of(lake.folder, ties=[tie("a", "b", date(2000, 12, 1), 4)])
    assert key_of(lake.view(DAY)) not in names
    assert key_of(lake.view(DAY, number)) == first  # as it was before


def test_a_lake_brought_back_and_written_to_again_has_another_name(lake: Lake) -> None:
    """The same number of a version then stands for other rows."""
    number = lake.commit().number
    lake_of(lake.folder, ties=[tie("a", "b", date(2000, 12, 1), 4)])
    before, versions = key_of(lake.view(DAY)), lake.view(DAY).versions
    (lake.folder / "commits" / f"{number + 1:08d}.json").unlink()
    lake_of(lake.folder, ties=[tie("a", "b", date(2000, 12, 1), 5)])
    assert lake.commit().number == number + 1
    assert key_of(lake.view(DAY)) != before
    assert lake.view(DAY).versions.keys() == versions.keys()


def spoil_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize("spoil", [spoil_bit, cut, Path.unlink])
@pytest.mark.parametrize("name", ["directed.indices.npy", "undirected.data.npy", "keys.arrow", "sums.json"])
def test_a_damaged_file_is_noticed_and_the_lake_read_anew(lake: Lake, folder: Path, spoil, name: str) -> None:
    good = cached_graph(lake.view(DAY), folder)
    spoil(only(folder) / name)
    texts, progress = told()
    assert same(cached_graph(lake.view(DAY), folder, progress=progress), good)
    if (name, spoil) != ("keys.arrow", spoil_bit):  # that bit is none of a key's: in the file's footer
        assert "ties are read anew" in texts[0]
    texts.clear()
    assert same(cached_graph(lake.view(DAY), folder, progress=progress), good)
    assert texts == []


def test_a_key_changed_in_its_file_is_noticed(lake: Lake, folder: Path) -> None:
    cached_graph(lake.view(DAY), folder)
    path = only(folder) / "keys.arrow"
    content = path.read_bytes()
    assert b"abc" in content
    path.write_bytes(content.replace(b"abc", b"xbc", 1))
    texts, progress = told()
    assert list(cached_graph(lake.view(DAY), folder, progress=progress).keys) == ["a", "b", "c"]
    assert "not as they were written: keys" in texts[0]


KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from analytics import csr_cache
from graph.lake import Lake
Path.rename = lambda self, to: os._exit(7) if self.name.startswith("draft-") else os.rename(self, to)
csr_cache.cached_graph(Lake(Path(sys.argv[1])).view(date(2000, 12, 31)), Path(sys.argv[2]))
"""


def test_killed_before_the_renaming_leaves_what_was_there(lake: Lake, folder: Path) -> None:
    good = cached_graph(lake.view(DAY), folder)
    entry = only(folder)
    lake_of(lake.folder, ties=[tie("a", "b", date(2000, 12, 1), 9)])
    done = subprocess.run([sys.executable, "-c", KILLED, str(lake.folder), str(folder)], check=False)
    assert done.returncode == 7
    left = [path for path in folder.iterdir() if path != entry]
    assert [path.name[:6] for path in left] == ["draft-"]
    assert same(csr_cache.opened(entry), good)
    assert cached_graph(lake.view(DAY), folder).directed.data.tolist() == [9, 2]
    os.utime(left[0], (0, 0))  # a day later
    cached_graph(lake.view(DAY), folder, months=3)
    assert not left[0].exists()


def test_only_those_used_last_are_kept(lake: Lake, folder: Path) -> None:
    view = lake.view(DAY)
    for age, months in enumerate(range(1, KEPT + 1)):
        cached_graph(view, folder, months)
        os.utime(folder / key_of(view, months), (1000 + age, 1000 + age))
    cached_graph(view, folder, 1)  # used again
    cached_graph(view, folder, KEPT + 1)
    expected = {key_of(view, months) for months in (1, *range(3, KEPT + 2))}
    assert set(entries(folder)) == expected
    assert len(expected) == KEPT


def test_a_folder_that_cannot_be_written_is_done_without(lake: Lake, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder would be")
    texts, progress = told()
    assert cached_graph(lake.view(DAY), blocked, progress=progress).size == 3
    assert "not kept for the next time" in texts[-1]
