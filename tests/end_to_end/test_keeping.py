"""The restore drill, and what verify and rebuild say, as a user runs them."""

import json
import shutil

import pytest

from graph.connect import on_embedded
from graph.embedded import open_embedded
from graph.statement import Statement
from tests.end_to_end import command_line
from tests.ingest.small import PEOPLE, TIES

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A loaded and refreshed home, its backup, and what verify and export said before its destruction."""
    folder = tmp_path_factory.mktemp("drill")
    home = folder / "home"
    (folder / "data").mkdir()
    people = "id\n" + "".join(f"m{i:02}\n" for i in range(40)) + "\n"
    (folder / "data" / "people.csv").write_text(people, encoding="utf-8")
    ties = [
        f"m{i:02},m{(i + step) % 20 + 20 * (i // 20):02},2026-0{month}-15"
        for i in range(40)
        for step in (1, 2, 5)
        for month in (1, 2, 3)
    ]
    (folder / "data" / "ties.csv").write_text("\n".join(["a,b,day", *ties]) + "\n", encoding="utf-8")
    (folder / "feed.toml").write_text(PEOPLE + TIES, encoding="utf-8")
    # The server is held open here, so that each command borrows it instead of starting one.
    with open_embedded(home / "graph", "512m"):
        run(home, "load", folder / "feed.toml", "--data", folder / "data", "--no-publish")
        run(home, "refresh", "--as-of", "2026-03-31")
        said = rows(run(home, "verify", "--format", "json"))
        exported = rows(run(home, "export", folder / "before", "--format", "json"))
        run(home, "backup", folder / "backup.tar.zst")
    shutil.rmtree(home)
    return folder, said, exported


def run(home, *words, code=0):
    done = command_line.forked(home, *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def rows(done):
    return json.loads(done.stdout)


def test_a_destroyed_home_comes_back_as_it_was(drill, tmp_path):
    folder, said, exported = drill
    assert {row["state"] for row in said} == {"same"}
    counts = {row["type"]: row["in_graph"] for row in said if row["in_graph"]}
    assert {name: counts[name] for name in ("Member", "TIE", "Run", "IN_COMMUNITY", "figures of Member")} == {
        "Member": 40,
        "TIE": 120,
        "Run": 1,
        "IN_COMMUNITY": 40,
        "figures of Member": 40,
    }
    home = tmp_path / "home"
    checked = run(home, "backup", "--check", folder / "backup.tar.zst")
    assert "is whole" in checked.stderr
    assert not home.exists()
    with open_embedded(home / "graph", "512m") as server:
        done = run(home, "restore", folder / "backup.tar.zst", "--format", "json")
        assert rows(done) == said
        assert "the graph shows what the lake says" in done.stderr
        assert rows(run(home, "export", tmp_path / "after", "--format", "json")) == exported != []

        again = run(home, "restore", folder / "backup.tar.zst", code=2)
        assert "already has lake; --replace moves that aside" in again.stderr

        with on_embedded(server) as store:
            store.write(Statement("MATCH (:Member {member_id: 'm07'})-[e:TIE]->() DELETE e"))
            store.write(Statement("MATCH (n:Member {member_id: 'm08'}) SET n.pagerank = 0.5"))
        done = run(home, "verify", code=1)
        assert "TIE: only in the lake: Member m07 to Member m08" in done.stderr
        assert "figures of Member: differs: m08: pagerank" in done.stderr
        assert "guanxi rebuild mends the graph" in done.stderr
        mended = rows(run(home, "rebuild", "--format", "json"))
        assert mended == said


def test_a_spoilt_backup_is_told_and_nothing_is_put_in_place(drill, tmp_path):
    folder, _, _ = drill
    whole = (folder / "backup.tar.zst").read_bytes()
    (tmp_path / "spoilt").write_bytes(whole[: len(whole) // 2])
    for words in (("backup", "--check"), ("restore",)):
        done = run(tmp_path / "home", *words, tmp_path / "spoilt", code=1)
        assert "is cut off or damaged" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "home").rglob("*.json"))
