"""A backup is one consistent state whatever is written meanwhile; a restore puts back that or nothing."""

import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import tarfile
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from graph.errors import Conflict, Damaged, GuanxiError, NoSpace, NotFound, Unavailable
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import MEMBER
from ingest.keeping import archive as archives
from ingest.keeping.archive import FORMAT, read_archive
from ingest.keeping.backup import backup
from ingest.keeping.restore import restore
from ingest.keeping.seal import Sealing
from ingest.publishing.export import export
from tests.ingest.keeping.small_lake import land, member, small_lake, tie


@pytest.fixture(scope="module")
def made_home(tmp_path_factory):
    """A home with a lake of two states, rows set aside, a database, a key and a note of the user's."""
    home = tmp_path_factory.mktemp("made") / "home"
    small_lake(home / "lake")
    (home / "quarantine" / "load-1").mkdir(parents=True)
    (home / "quarantine" / "load-1" / "people.csv").write_text("file,line\np.csv,3\n", encoding="utf-8")
    (home / "graph").mkdir()
    (home / "graph" / "data.bin").write_bytes(b"made anew")
    (home / "keys").mkdir()
    (home / "keys" / "vault.keys").write_bytes(b"secret")
    (home / "vault.log").write_text("who saw which\n", encoding="utf-8")
    (home / "notes.txt").write_text("mine", encoding="utf-8")
    with sqlite3.connect(home / "vault.db") as vault:
        vault.execute("CREATE TABLE phones (token TEXT, number BLOB)")
        vault.execute("INSERT INTO phones VALUES ('t1', x'00ff')")
    vault.close()
    return home


@pytest.fixture
def home(made_home, tmp_path):
    """A copy of that home which a test may change."""
    return shutil.copytree(made_home, tmp_path / "家 home")


def contents(path):
    """Every file below a folder by its name, and its bytes."""
    return {
        str(p.relative_to(path)): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file() and p.name != "lock"
    }


def hashes(home, to):
    return export(Lake(home / "lake"), to)


def test_what_is_restored_is_what_was_backed_up(home, tmp_path):
    made = backup(home, tmp_path / "b.tar.zst", graph_day=(True, date(2026, 5, 31)))
    assert made.file == tmp_path / "b.tar.zst"
    assert made.manifest.tables["ties"] == 4
    assert made.left_out == ("keys/vault.keys", "notes.txt")

    back = tmp_path / "back"
    done = restore(back, made.file)
    assert (done.replaced, done.as_of) == (None, date(2026, 5, 31))
    assert hashes(back, tmp_path / "x") == hashes(home, tmp_path / "y") != []
    assert Lake(back / "lake").commit() == Lake(home / "lake").commit()
    assert (back / "quarantine" / "load-1" / "people.csv").read_text(
        encoding="utf-8"
    ) == "file,line\np.csv,3\n"
    with sqlite3.connect(back / "vault.db") as vault:
        assert vault.execute("SELECT * FROM phones").fetchall() == [("t1", b"\x00\xff")]
    vault.close()
    assert sorted(p.name for p in back.iterdir()) == ["lake", "quarantine", "vault.db", "vault.log"]
    assert (back / "vault.log").read_text(encoding="utf-8") == "who saw which\n"
    assert {p.stat().st_mode & 0o077 for p in back.rglob("*")} == {0}


def test_the_restored_lake_can_be_written_and_backed_up_again(home, tmp_path):
    back = tmp_path / "back"
    restore(back, backup(home, tmp_path / "b").file)
    lake = Lake(back / "lake")
    land(lake, members=[member("d")], ties=[tie("a", "b", 5, 7)])
    assert (lake.commit().number, lake.view().arrow("members").num_rows) == (3, 4)
    assert backup(back, tmp_path / "c").manifest.tables["members"] == 4


def test_an_archive_is_a_plain_tar_with_its_manifest_first(home, tmp_path):
    file = backup(home, tmp_path).file
    assert file.name.startswith("guanxi-")
    assert file.name.endswith("-00000002.tar.zst")
    assert file.stat().st_mode & 0o077 == 0
    manifest, *rest = members(file)
    assert manifest[0] == "manifest.json"
    said = json.loads(manifest[1])
    assert {p["name"]: p["sha256"] for p in said["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in rest
    }
    assert not [name for name, _ in rest if "graph" in name or "key" in name or "notes" in name]
    assert [p.name for p in tmp_path.iterdir() if p != home] == [file.name]


def test_keys_go_along_only_when_asked(home, tmp_path):
    made = backup(home, tmp_path / "b", with_keys=True)
    assert made.left_out == ("notes.txt",)
    restore(tmp_path / "back", made.file)
    assert (tmp_path / "back" / "keys" / "vault.keys").read_bytes() == b"secret"


def test_a_backup_into_the_home_does_not_hold_itself(home, tmp_path):
    (home / "backups").mkdir()
    first = backup(home, home / "backups")
    second = backup(home, home / "backups" / "second.tar.zst")
    assert [part.name for part in first.manifest.files] == [part.name for part in second.manifest.files]
    assert second.left_out == ("keys/vault.keys", "notes.txt")


def test_a_backup_while_a_load_runs_has_the_state_before_it(home, tmp_path):
    lake = Lake(home / "lake")
    before = hashes(home, tmp_path / "x")
    rows = [member("late"), member("a", plan_id="new")]
    with lake.writing("a load that takes long") as writer:
        writer.land(MEMBER, pa.Table.from_pylist(rows, schema=arrow_schema(MEMBER)), "load-2")
        made = backup(home, tmp_path / "b")
    assert lake.commit().number == 3
    restore(tmp_path / "back", made.file)
    assert hashes(tmp_path / "back", tmp_path / "y") == before
    assert made.manifest.commit == 2
    assert DeltaTable(str(tmp_path / "back" / "lake" / "members")).version() == 0


def test_a_database_is_copied_while_somebody_writes_to_it(home, tmp_path):
    writer = sqlite3.connect(home / "vault.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("INSERT INTO phones VALUES ('t2', x'01')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO phones VALUES ('t3', x'02')")
    made = backup(home, tmp_path / "b")
    writer.close()
    restore(tmp_path / "back", made.file)
    vault = sqlite3.connect(tmp_path / "back" / "vault.db")
    assert vault.execute("SELECT token FROM phones ORDER BY token").fetchall() == [("t1",), ("t2",)]
    assert vault.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    vault.close()


def test_a_table_with_a_checkpoint_in_its_log_is_restored(home, tmp_path):
    lake = Lake(home / "lake")
    for number in range(3):
        land(lake, members=[member("a", referrals_made=number)])
    DeltaTable(str(lake.folder / "members")).create_checkpoint()
    land(lake, members=[member("a", referrals_made=99)])
    restore(tmp_path / "back", backup(home, tmp_path / "b").file)
    assert hashes(tmp_path / "back", tmp_path / "x") == hashes(home, tmp_path / "y")


def test_earlier_states_are_kept_only_when_asked(home, tmp_path):
    land(Lake(home / "lake"), ties=[tie("a", "b", 5, 7)])
    for name, history in (("plain", False), ("whole", True)):
        restore(tmp_path / name, backup(home, tmp_path / f"{name}.tar", history=history).file)
    then = Lake(home / "lake").view(number=2).arrow("ties").sort_by("calls")
    assert Lake(tmp_path / "whole" / "lake").view(number=2).arrow("ties").sort_by("calls") == then
    assert Lake(tmp_path / "plain" / "lake").commit(2).number == 0
    assert hashes(tmp_path / "plain", tmp_path / "x") == hashes(tmp_path / "whole", tmp_path / "y")


def test_nothing_is_overwritten(home, tmp_path):
    (tmp_path / "b").write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="is not overwritten"):
        backup(home, tmp_path / "b")
    assert (tmp_path / "b").read_text(encoding="utf-8") == "mine"


def test_an_empty_lake_is_not_backed_up(tmp_path):
    with pytest.raises(NotFound, match="guanxi load"):
        backup(tmp_path, tmp_path / "b")


def test_a_folder_that_is_not_there_is_named(home, tmp_path):
    with pytest.raises(Unavailable, match=r"no folder .*nowhere"):
        backup(home, tmp_path / "nowhere" / "b")


def test_a_disk_too_small_is_said_before_anything_is_written(home, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "RESERVE", 2**62)
    with pytest.raises(NoSpace, match="MiB free"):
        backup(home, tmp_path / "b")
    assert [p for p in tmp_path.iterdir() if p != home] == []


def test_a_part_that_cannot_be_read_leaves_no_backup(home, tmp_path):
    next((home / "lake" / "ties").rglob("*.parquet")).unlink()
    with pytest.raises(GuanxiError):
        backup(home, tmp_path / "b")
    assert [p for p in tmp_path.iterdir() if p != home] == []


# --- what is wrong with an archive is found before anything is put in place ---


def test_a_lake_in_the_way_is_refused_or_moved_aside(home, tmp_path):
    made = backup(home, tmp_path / "b")
    land(Lake(home / "lake"), members=[member("later")])
    before = contents(home)
    with pytest.raises(Conflict, match=r"already has vault.db, vault.log, quarantine, lake; --replace"):
        restore(home, made.file)
    assert contents(home) == before

    done = restore(home, made.file, replace=True)
    assert Lake(home / "lake").commit().number == 2
    assert done.replaced is not None
    assert Lake(done.replaced / "lake").view().arrow("members").num_rows == 4
    assert sorted(p.name for p in done.replaced.iterdir()) == ["lake", "quarantine", "vault.db", "vault.log"]
    assert (home / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_what_sqlite_kept_beside_a_replaced_database_goes_with_it(home, tmp_path):
    made = backup(home, tmp_path / "b")
    (home / "vault.db-wal").write_bytes(b"of the old database")
    done = restore(home, made.file, replace=True)
    assert not (home / "vault.db-wal").exists()
    assert (done.replaced / "vault.db-wal").read_bytes() == b"of the old database"


def test_a_restore_waits_for_no_writer(home, tmp_path):
    made = backup(home, tmp_path / "b")
    with Lake(home / "lake").writing("a load"), pytest.raises(Conflict, match="writing to the lake"):
        restore(home, made.file, replace=True)


def test_what_a_restore_that_was_cut_off_left_is_no_hindrance(home, tmp_path):
    made = backup(home, tmp_path / "b")
    left = tmp_path / "back" / ".restoring" / "lake"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"x")
    restore(tmp_path / "back", made.file)
    assert hashes(tmp_path / "back", tmp_path / "x") == hashes(home, tmp_path / "y")
    assert not (tmp_path / "back" / ".restoring").exists()


def test_a_flipped_byte_or_a_cut_anywhere_is_found(home, tmp_path):
    whole = backup(home, tmp_path / "b").file.read_bytes()
    spoilt = tmp_path / "spoilt"
    for place in [*range(0, len(whole), len(whole) // 60), *range(len(whole) - 60, len(whole))]:
        for content in (whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :], whole[:place]):
            spoilt.write_bytes(content)
            with pytest.raises(Damaged):
                restore(tmp_path / "back", spoilt)
    for content in (whole + b"\0", whole + whole[-40:]):
        spoilt.write_bytes(content)
        with pytest.raises(Damaged):
            restore(tmp_path / "back", spoilt)
    assert contents(tmp_path / "back") == {}


def test_a_bit_flipped_in_any_seventh_byte_is_found(home, tmp_path):
    """Also one that changes what the manifest says of itself: when it was made, whether it has a history."""
    whole = backup(home, tmp_path / "b").file.read_bytes()
    spoilt = tmp_path / "spoilt"
    for place in range(0, len(whole), 7):
        spoilt.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            read_archive(spoilt)


def members(path):
    """The members of an archive as (name, bytes), by other tools than ours."""
    raw = subprocess.run(["zstd", "-dc", str(path)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        return [(one.name, tar.extractfile(one).read()) for one in tar]


def packed(path, parts, manifest):
    """An archive of a hostile hand: TarInfo objects and bytes after whatever manifest."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for info, content in [(tarfile.TarInfo("manifest.json"), json.dumps(manifest).encode()), *parts]:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with path.open("wb") as file:
        sealing = Sealing(file)
        sealing.write(pa.compress(raw.getvalue(), "zstd", asbytes=True))
        sealing.seal()
    return path


def listed(name, content=b"x", size=None):
    size = len(content) if size is None else size
    return {"name": name, "size": size, "sha256": hashlib.sha256(content).hexdigest()}


def described(*files, **other):
    return {
        "made": "now",
        "lake": "l",
        "commit": 1,
        "history": False,
        "as_of": None,
        "asked": False,
        "tables": {},
        "files": list(files),
        "format": FORMAT,
        **other,
    }


def link(name, to, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


ODD_NAMES = [
    "../outside",
    "/outside",
    "lake/../../outside",
    "lake/./x",
    "lake//x",
    "outside",
    "lake",
    "records/../outside",
    "lake\\..\\outside",
    "records/",
    "elsewhere/x",
    "",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_leads_out_of_its_place_is_refused(name, tmp_path):
    parts = [(tarfile.TarInfo(name), b"x")] if name else []
    file = packed(tmp_path / "b", parts, described(listed(name)))
    with pytest.raises(Damaged, match="leads out of its place"):
        restore(tmp_path / "home", file)
    assert contents(tmp_path) == {"b": file.read_bytes()}


@pytest.mark.parametrize("place", ["lake/x", "graph/x", "quarantine/x", ".restoring/x"])
def test_a_record_cannot_lie_where_something_else_does(place, tmp_path):
    file = packed(
        tmp_path / "b", [(tarfile.TarInfo(f"records/{place}"), b"x")], described(listed(f"records/{place}"))
    )
    with pytest.raises(Damaged, match="where none can lie"):
        restore(tmp_path / "home", file)


HOSTILE = {
    "a symbolic link": ([(link("lake/x", "/etc/passwd", tarfile.SYMTYPE), b"")], [listed("lake/x", b"")]),
    "a hard link": ([(link("lake/x", "manifest.json", tarfile.LNKTYPE), b"")], [listed("lake/x", b"")]),
    "a device": ([(link("lake/x", "", tarfile.CHRTYPE), b"")], [listed("lake/x", b"")]),
    "a folder": ([(link("lake/x", "", tarfile.DIRTYPE), b"")], [listed("lake/x", b"")]),
    "a file that is not listed": (
        [(tarfile.TarInfo("lake/x"), b"x"), (tarfile.TarInfo("lake/y"), b"y")],
        [listed("lake/x")],
    ),
    "a file twice": ([(tarfile.TarInfo("lake/x"), b"x")] * 2, [listed("lake/x")]),
    "a larger file than listed": ([(tarfile.TarInfo("lake/x"), b"x" * 99)], [listed("lake/x")]),
    "other bytes than listed": ([(tarfile.TarInfo("lake/x"), b"y")], [listed("lake/x")]),
    "a listed file missing": ([], [listed("lake/x")]),
    "a file listed twice": ([(tarfile.TarInfo("lake/x"), b"x")], [listed("lake/x")] * 2),
    "a file and a folder of one name": ([], [listed("lake/x"), listed("lake/x/y")]),
    "a file of less than no bytes": ([], [listed("lake/x", size=-1)]),
    "no lake": ([], []),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(what, tmp_path):
    parts, files = HOSTILE[what]
    file = packed(tmp_path / "b", parts, described(*files))
    with pytest.raises(Damaged):
        restore(tmp_path / "home", file)
    assert contents(tmp_path) == {"b": file.read_bytes()}


@pytest.mark.parametrize(
    "manifest",
    [[], {}, {"format": 1}, described(files=[{"name": "lake/x"}]), described(files=3), described(x=1)],
)
def test_a_manifest_of_another_make_is_refused(manifest, tmp_path):
    with pytest.raises(Damaged, match=r"format 1,|cannot be read"):
        read_archive(packed(tmp_path / "b", [], manifest))


def test_a_backup_larger_than_the_disk_is_refused_before_it_is_unpacked(tmp_path):
    file = packed(tmp_path / "b", [], described(listed("lake/x", size=2**60)))
    with pytest.raises(NoSpace):
        restore(tmp_path / "home", file)
    assert contents(tmp_path) == {"b": file.read_bytes()}


def test_a_manifest_that_counts_other_rows_than_the_lake_has_is_refused(home, tmp_path):
    parts = members(backup(home, tmp_path / "b").file)
    said = json.loads(parts[0][1])
    said["tables"]["ties"] = 5
    file = packed(tmp_path / "c", [(tarfile.TarInfo(name), content) for name, content in parts[1:]], said)
    with pytest.raises(Damaged, match="other rows than its manifest says"):
        restore(tmp_path / "back", file)
    assert contents(tmp_path / "back") == {}


@pytest.mark.parametrize("content", [b"", b"x", b"PK\3\4 a zip", b"\x28\xb5\x2f\xfd junk"])
def test_what_is_no_backup_is_told_so(content, tmp_path):
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(Damaged, match="no backup of Guanxi"):
        read_archive(tmp_path / "b")
    with pytest.raises(Unavailable, match="cannot be read"):
        read_archive(tmp_path / "none")
