"""The vault: which number stands behind a token, encrypted, apart from the lake and the graph.

The methods say what a vault does and nothing of how: tokens and numbers in, numbers out. This one keeps
an SQLite file; a Postgres table (token, key_id, sealed, first_seen) can stand in for it with the same
methods and the same log.

Numbers are kept while a load runs, a batch in one transaction. A load that fails afterwards leaves
numbers in the vault that no fact names: they do no harm, and the next load finds them there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graph.errors import BadInput, Damaged, GuanxiError, NoSpace, NotFound, Unavailable
from graph.settings import Settings
from ingest.phones.keyring import Keyring
from ingest.phones.numbers import TOKEN
from ingest.phones.reveals import Reveals

NONCE = 12
PATIENCE = 60.0  # seconds to wait for another load's transaction
PAGE = 10_000  # rows encrypted anew at a time
ASKED = 900  # tokens in one question; SQLite allows 999 values
TABLE = """
    CREATE TABLE IF NOT EXISTS phones (
        token TEXT NOT NULL UNIQUE, key_id TEXT NOT NULL, sealed BLOB, first_seen TEXT NOT NULL
    )
"""


class Vault:
    """Numbers behind tokens. `keyring` has the keys that they are encrypted with, `log` who saw which.

    Every method raises Unavailable where the vault cannot be reached, NoSpace on a full disk.
    """

    def __init__(self, path: Path, keyring: Keyring, log: Reveals) -> None:
        self.path = path
        self.keyring = keyring
        self.log = log

    def known(self, tokens: Iterable[str]) -> set[str]:
        """Those of the tokens that the vault holds, or held before they were forgotten."""
        asked, found = list(tokens), set[str]()
        with self._opened() as db:
            for start in range(0, len(asked), ASKED):
                part = asked[start : start + ASKED]
                marks = ",".join("?" * len(part))
                rows = db.execute(f"SELECT token FROM phones WHERE token IN ({marks})", part)
                found |= {row[0] for row in rows}
        return found

    def keep(self, numbers: Mapping[str, str], load_id: str) -> int:
        """Keep each token's number in one transaction; how many were new.

        A token that is there stays as it is, also one that was forgotten.
        """
        new = numbers.keys() - self.known(numbers)
        if not new:
            return 0
        with self._opened() as db, _transaction(db):
            # Within the transaction, so that a rotation is over or has not begun.
            name, cipher = self._newest()
            # In the order of the index, which is then written page by page.
            sealed = ((each, name, _sealed(cipher, each, numbers[each]), load_id) for each in sorted(new))
            before = db.total_changes
            db.executemany("INSERT OR IGNORE INTO phones VALUES (?, ?, ?, ?)", sealed)
            return db.total_changes - before

    def reveal(self, token: str, who: str, why: str) -> str:
        """The number behind a token, after who asked and why were written to the log.

        Raises BadInput for a text that is no token or an empty reason, Unavailable where the log cannot
        be written (nothing is revealed then), NotFound for a token that is unknown or was forgotten and
        Damaged where its number cannot be decrypted.
        """
        checked(token)
        self.log.append("reveal", who, token, why)
        with self._opened() as db:
            row = db.execute("SELECT key_id, sealed FROM phones WHERE token = ?", (token,)).fetchone()
        if row is None:
            raise NotFound(f"the vault holds no number for {token}")
        if row[1] is None:
            raise NotFound(f"the number behind {token} was forgotten")
        return self._read(token, *row)

    def forget(self, token: str, who: str, why: str) -> None:
        """Erase the number behind a token for good, and note who did so and why.

        The token itself stays, so that a later load of the same number does not bring it back. Raises as
        `reveal` does.
        """
        checked(token)
        self.log.append("forget", who, token, why)
        with self._opened() as db, _transaction(db):
            gone = db.execute("UPDATE phones SET sealed = NULL, key_id = '' WHERE token = ?", (token,))
            if not gone.rowcount:
                raise NotFound(f"the vault holds no number for {token}")

    def rotate(self, who: str, why: str) -> int:
        """Encrypt every number anew under a new key and drop the older keys; how many there were.

        Keys from the environment are not made or dropped here: the newest of them is used.
        """
        self.log.append("rotate", who, "", why)
        with self._opened() as db:
            with _transaction(db):
                if not self.keyring.stated:
                    self.keyring.add()
                name, cipher = self._newest()
                done = 0
                for rows in _pages(db):
                    anew = ((name, _sealed(cipher, row[0], self._read(*row)), row[0]) for row in rows)
                    db.executemany("UPDATE phones SET key_id = ?, sealed = ? WHERE token = ?", anew)
                    done += len(rows)
            # Pages that held what the older keys open are written over, so that nothing of it stays.
            db.execute("VACUUM")
        self.keyring.drop({each for each in self.keyring.read() if each != name})
        return done

    def count(self) -> int:
        """How many numbers the vault holds."""
        with self._opened() as db:
            return int(db.execute("SELECT count(*) FROM phones WHERE sealed IS NOT NULL").fetchone()[0])

    def _newest(self) -> tuple[str, AESGCM]:
        name, key = list(self.keyring.read().items())[-1]
        return name, AESGCM(key)

    def _read(self, token: str, name: str, sealed: bytes) -> str:
        key = self.keyring.read().get(name)
        if key is None:
            raise Damaged(f"the number behind {token} needs the key {name}, which {self.keyring.file} lacks")
        try:
            # The token is part of what is proved, so that nobody can swap the numbers of two rows.
            return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], token.encode()).decode()
        except InvalidTag:
            raise Damaged(
                f"the number behind {token} is damaged; bring {self.path} back from backup"
            ) from None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as db:
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA cache_size = -65536")  # KiB; tokens fall on all pages of the index
                db.execute(TABLE)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise _meant(self.path, error) from error


def vault_of(chosen: Settings) -> Vault:
    """The vault of some settings."""
    stated = chosen.vault_key.get_secret_value()
    keyring = Keyring(chosen.keys_folder / "vault.keys", "v", "GUANXI_VAULT_KEY", stated)
    return Vault(chosen.home / "vault.db", keyring, Reveals(chosen.home / "vault.log"))


def checked(token: str) -> str:
    """The token. Raises BadInput for any other text, which may be a number and so is not repeated."""
    if not TOKEN.fullmatch(token):
        raise BadInput("this is no token; a token looks like k1:y174qgFnxvCeB_RHvjud4g")
    return token


def _sealed(cipher: AESGCM, token: str, number: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, number.encode(), token.encode())


def _pages(db: sqlite3.Connection) -> Iterator[list[tuple[str, str, bytes]]]:
    """Every row with a number, some at a time, in the order of their tokens."""
    last = ""
    query = (
        "SELECT token, key_id, sealed FROM phones WHERE sealed IS NOT NULL AND token > ?"
        " ORDER BY token LIMIT ?"
    )
    while rows := db.execute(query, (last, PAGE)).fetchall():
        yield rows
        last = rows[-1][0]


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk ends it by itself
            db.execute("ROLLBACK")
        raise


def _meant(path: Path, error: Exception) -> GuanxiError:
    if "full" in str(error) or getattr(error, "errno", None) == 28:
        return NoSpace(f"no room for the vault {path}; nothing of this batch was kept")
    if "malformed" in str(error) or "not a database" in str(error):
        return Damaged(f"the vault {path} is damaged; bring it back from backup")
    return Unavailable(f"the vault {path} cannot be used: {error}")
