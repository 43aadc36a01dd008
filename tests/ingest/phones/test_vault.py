"""The vault: numbers in, nothing to be found in its files, each look logged."""

import json
import os
import sqlite3
import threading
import time

import pyarrow as pa
import pytest

from graph.errors import BadInput, Damaged, NoSpace, NotFound, Unavailable
from graph.settings import Settings
from ingest.phones.numbers import token
from ingest.phones.reveals import Reveals
from ingest.phones.tokens import Phones, desk, phones_of
from ingest.phones.vault import Vault, vault_of

NUMBER, OTHER = "+8613800138000", "+8613900139000"
PLANTED = "13800138000"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def chosen(home):
    return Settings(home=home)


@pytest.fixture
def vault(chosen):
    return vault_of(chosen)


def named(number, name="k1"):
    return token(number, name, bytes(32))


T, U = named(NUMBER), named(OTHER)


def logged(vault):
    return [(line["what"], line["who"], line["token"], line["why"]) for line in vault.log.lines()]


def test_a_number_comes_back_and_the_look_is_logged(vault):
    assert vault.keep({T: NUMBER, U: OTHER}, "load-1") == 2
    assert vault.reveal(T, "ann", "the customer asked to be called back") == NUMBER
    assert logged(vault) == [("reveal", "ann", T, "the customer asked to be called back")]
    assert vault.count() == 2
    assert vault.known([T, named("+861")]) == {T}


def test_a_number_is_kept_once_with_the_load_that_brought_it_first(vault, home):
    assert [vault.keep({T: NUMBER}, name) for name in ("load-1", "load-2")] == [1, 0]
    with sqlite3.connect(home / "vault.db") as db:
        assert db.execute("SELECT token, key_id, first_seen FROM phones").fetchall() == [(T, "v1", "load-1")]


def test_many_numbers_are_kept_in_seconds(vault):
    numbers = {named(f"+86139{n:08d}"): f"+86139{n:08d}" for n in range(50_000)}
    start = time.monotonic()
    assert vault.keep(numbers, "load-1") == 50_000
    assert vault.keep(numbers, "load-2") == 0
    assert time.monotonic() - start < 10
    assert len(vault.known(numbers)) == 50_000


@pytest.mark.parametrize("asked", ["", "13800138000", "k1:13800138000", "' OR 1=1 --", "k1:" + "A" * 23])
def test_what_is_no_token_is_refused_unrepeated_and_unlogged(vault, asked):
    with pytest.raises(BadInput, match="this is no token; a token looks like k1:") as caught:
        vault.reveal(asked, "ann", "why not")
    assert PLANTED not in str(caught.value)
    assert logged(vault) == []


def test_a_look_that_fails_is_logged_as_well(vault):
    with pytest.raises(NotFound, match=f"the vault holds no number for {T}"):
        vault.reveal(T, "ann", "a guess")
    assert logged(vault) == [("reveal", "ann", T, "a guess")]


@pytest.mark.parametrize(("who", "why"), [("", "x"), ("ann", ""), ("ann", " \n ")])
def test_nobody_looks_without_a_name_and_a_reason(vault, who, why):
    vault.keep({T: NUMBER}, "load-1")
    with pytest.raises(BadInput, match="say who asks and why"):
        vault.reveal(T, who, why)


def test_a_number_in_a_reason_does_not_reach_the_log(vault, home):
    vault.keep({T: NUMBER}, "load-1")
    vault.reveal(T, f"ann {PLANTED}", "is it 138-0013-8000 or １３８００１３８０００?\nsecond line")
    assert logged(vault) == [
        ("reveal", "ann ***********", T, "is it ***-****-**** or ***********? second line")
    ]
    assert len((home / "vault.log").read_text().splitlines()) == 1


def spoil_folder(path):
    path.mkdir()


def spoil_full(path):
    path.symlink_to("/dev/full")


def spoil_torn(path):
    path.write_text('{"at": "2026-01-01T00:00:00+00:00", "hash": "half of a li')


@pytest.mark.parametrize("spoil", [spoil_folder, spoil_full, spoil_torn])
def test_nothing_is_shown_where_the_log_cannot_be_written(vault, home, spoil):
    vault.keep({T: NUMBER}, "load-1")
    spoil(home / "vault.log")
    for ask in (vault.reveal, vault.forget):
        with pytest.raises(
            Unavailable, match=r"the log .*vault\.log cannot be written .*so nothing is shown"
        ):
            ask(T, "ann", "a reason")
    (home / "vault.log").rename(home / "spoilt")
    assert vault.reveal(T, "ann", "a reason") == NUMBER


def test_the_log_tells_which_line_was_changed_or_taken_out(vault, home):
    vault.keep({T: NUMBER}, "load-1")
    for number in range(5):
        vault.reveal(T, "ann", f"reason {number}")
    path, log = home / "vault.log", vault.log
    whole = path.read_bytes()
    assert log.first_fault() is None
    for at in range(0, len(whole), 29):
        if whole[at : at + 1] == b"\n":
            continue
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert log.first_fault() == whole[:at].count(b"\n") + 1
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert log.first_fault() == 3
    path.write_bytes(b"".join([lines[1], lines[0]]))
    assert log.first_fault() == 1


def test_lines_of_many_processes_stand_whole_behind_each_other(tmp_path):
    log = Reveals(tmp_path / "log")
    writers = [
        threading.Thread(target=lambda: [log.append("reveal", "ann", T, "x") for _ in range(25)])
        for _ in range(4)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert len(list(log.lines())) == 100
    assert log.first_fault() is None


def test_what_is_forgotten_is_gone_for_good(vault, home):
    vault.keep({T: NUMBER, U: OTHER}, "load-1")
    with sqlite3.connect(home / "vault.db") as db:
        sealed = db.execute("SELECT sealed FROM phones WHERE token = ?", (T,)).fetchone()[0]
    vault.forget(T, "ann", "erasure request 7")
    assert sealed not in (home / "vault.db").read_bytes()
    assert vault.keep({T: NUMBER}, "load-2") == 0
    with pytest.raises(NotFound, match=f"the number behind {T} was forgotten"):
        vault.reveal(T, "ann", "again")
    assert vault.reveal(U, "ann", "another") == OTHER
    with pytest.raises(NotFound, match="holds no number"):
        vault.forget(named("+861"), "ann", "unknown")


def test_after_a_rotation_numbers_come_back_and_the_old_key_opens_nothing(vault, home):
    vault.keep({T: NUMBER, U: OTHER}, "load-1")
    old, before = vault.keyring.read(), (home / "vault.db").read_bytes()
    assert vault.rotate("ann", "yearly") == 2
    assert list(vault.keyring.read()) == ["v2"]
    assert vault.reveal(T, "ann", "a reason") == NUMBER
    assert vault.keep({named("+861"): "+861"}, "load-2") == 1
    with sqlite3.connect(home / "vault.db") as db:
        rows = db.execute("SELECT key_id, sealed FROM phones").fetchall()
    assert {name for name, _ in rows} == {"v2"}
    assert set(old) == {"v1"}
    assert not any(sealed in before for _, sealed in rows)


def test_a_rotation_that_fails_half_way_leaves_every_number_readable(vault, home, monkeypatch):
    monkeypatch.setattr("ingest.phones.vault.PAGE", 1)
    vault.keep({T: NUMBER, U: OTHER}, "load-1")
    last = max(T, U)
    with sqlite3.connect(home / "vault.db") as db:
        good = db.execute("SELECT sealed FROM phones WHERE token = ?", (last,)).fetchone()[0]
        db.execute("UPDATE phones SET sealed = x'00112233445566778899aabbccddeeff' WHERE token = ?", (last,))
    with pytest.raises(Damaged, match=f"the number behind {last} is damaged"):
        vault.rotate("ann", "yearly")
    with sqlite3.connect(home / "vault.db") as db:
        db.execute("UPDATE phones SET sealed = ? WHERE token = ?", (good, last))
    assert {vault.reveal(each, "ann", "check") for each in (T, U)} == {NUMBER, OTHER}


def test_numbers_of_two_rows_cannot_be_swapped(vault, home):
    vault.keep({T: NUMBER, U: OTHER}, "load-1")
    with sqlite3.connect(home / "vault.db") as db:
        sealed = dict(db.execute("SELECT token, sealed FROM phones"))
        db.execute("UPDATE phones SET sealed = ? WHERE token = ?", (sealed[U], T))
    with pytest.raises(Damaged, match="is damaged; bring"):
        vault.reveal(T, "ann", "a reason")


def test_a_lost_key_is_named(vault):
    vault.keep({T: NUMBER}, "load-1")
    vault.keyring.add()
    vault.keyring.drop({"v1"})
    with pytest.raises(Damaged, match=r"needs the key v1, which .*vault\.keys lacks"):
        vault.reveal(T, "ann", "a reason")


def test_a_vault_that_is_no_database_or_cannot_be_opened_is_told(vault, home):
    home.mkdir()
    (home / "vault.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Damaged, match="is damaged; bring it back from backup"):
        vault.known([T])
    (home / "vault.db").unlink()
    (home / "vault.db").mkdir()
    with pytest.raises(Unavailable, match="cannot be used"):
        vault.known([T])


def test_a_full_disk_is_told_as_such(vault, monkeypatch):
    vault.keep({T: NUMBER}, "load-1")
    monkeypatch.setattr("ingest.phones.vault.TABLE", "PRAGMA max_page_count = 2")
    numbers = {named(f"+86139{n:08d}"): f"+86139{n:08d}" for n in range(2_000)}
    with pytest.raises(NoSpace, match=r"no room for the vault .*nothing of this batch was kept"):
        vault.keep(numbers, "load-2")
    monkeypatch.undo()
    assert vault.count() == 1


def test_files_are_their_owners_only(vault, home):
    vault.keep({T: NUMBER}, "load-1")
    vault.reveal(T, "ann", "a reason")
    modes = {path.name: path.stat().st_mode & 0o777 for path in home.rglob("*")}
    assert modes == {"vault.db": 0o600, "vault.log": 0o600, "keys": 0o700, "vault.keys": 0o600}


def test_two_loads_at_once_lose_nothing(chosen):
    batches = [
        {named(f"+86139{n:08d}"): f"+86139{n:08d}" for n in range(k * 100, k * 100 + 1000)} for k in range(8)
    ]
    errors = []

    def load(batch):
        try:
            vault_of(chosen).keep(batch, "load")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=load, args=(batch,)) for batch in batches]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    assert vault_of(chosen).count() == 1700


def everything(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_tokens_fill_the_vault_and_no_file_has_a_number_in_clear(chosen, home, caplog, capfd):
    cells = pa.array([PLANTED, "+86 139-0013-9000", "０１０－１２３４５６７８ 转 77", "1380013800", None])
    phones = phones_of(chosen, "load-7")
    with caplog.at_level(0):
        made = phones.tokens(cells).to_pylist()
    assert [text is None for text in made] == [False, False, False, True, True]
    vault = vault_of(chosen)
    assert vault.reveal(made[0], "ann", "a reason") == NUMBER
    assert vault.reveal(made[2], "ann", "a reason") == "+861012345678;ext=77"
    vault.rotate("ann", "yearly")
    with pytest.raises(BadInput) as caught:
        vault.reveal(PLANTED, "ann", "typed the number")
    told = caplog.text + "".join(capfd.readouterr()) + str(caught.value) + repr(phones) + repr(vault.keyring)
    for clear in (PLANTED, "13900139000", "139-0013-9000", "12345678"):
        assert clear.encode() not in everything(home)
        assert clear.encode("utf-16-le") not in everything(home)
        assert clear not in told


def test_without_the_key_a_whole_prefix_finds_no_token(chosen):
    """An unkeyed hash falls to ten thousand tries; a keyed one to none."""
    made = phones_of(chosen).tokens(pa.array([PLANTED])).to_pylist()[0]
    guesses = [f"+861380013{n:04d}" for n in range(10_000)]
    import base64
    import hashlib

    plain = {
        base64.urlsafe_b64encode(hashlib.sha256(g.encode()).digest()[:16]).decode()[:22] for g in guesses
    }
    wrong = {token(g, "k1", bytes(32)) for g in guesses}
    right = {token(g, "k1", phones_of(chosen).keyring.read()["k1"]) for g in guesses}
    assert made[3:] not in plain
    assert made not in wrong
    assert made in right


def test_the_desk_is_that_of_the_settings(monkeypatch, home):
    from graph.settings import settings

    monkeypatch.setenv("GUANXI_HOME", str(home))
    settings.cache_clear()
    desk.cache_clear()
    try:
        made = desk().tokens(pa.array([PLANTED])).to_pylist()[0]
        assert isinstance(desk(), Phones)
        assert vault_of(Settings(home=home)).known([made]) == {made}
    finally:
        settings.cache_clear()
        desk.cache_clear()


def test_a_vault_needs_no_more_than_its_three_parts(tmp_path):
    from ingest.phones.keyring import Keyring

    vault = Vault(tmp_path / "v.db", Keyring(tmp_path / "k", "v", "V"), Reveals(tmp_path / "l"))
    vault.keep({T: NUMBER}, "")
    assert json.loads(json.dumps(vault.reveal(T, "ann", "x"))) == NUMBER
    assert os.listdir(tmp_path)
