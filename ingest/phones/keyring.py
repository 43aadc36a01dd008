"""Secret keys with names, newest last: in a file that only its owner reads, or in the environment.

One line for each key, `k2 BASE64`, of 32 random bytes. The newest is used for what is new, the others
for what was made before.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graph.errors import BadInput, Conflict, Damaged, Unavailable

BYTES = 32
LINE = re.compile(r"([a-z][0-9]{1,6})[ :]([A-Za-z0-9_-]{43}=?)")


@dataclass(frozen=True)
class Keyring:
    """Where keys of one purpose come from: `stated` (from the environment) if there is any, or the file.

    The keys are read anew each time, so that a rotation is seen by all processes.
    """

    file: Path
    letter: str
    variable: str
    stated: str = ""

    def __repr__(self) -> str:
        return f"Keyring({str(self.file)!r})"

    def read(self) -> Mapping[str, bytes]:
        """The keys by name, newest last; the first one is made where there is none.

        Raises BadInput for a text that holds no keys and Unavailable for a file that is not private.
        """
        if self.stated:
            return _parsed(re.split(r"[\s,;]+(?=[a-z])", self.stated.strip()), self.variable)
        if not self.file.exists():
            self._make()
        _refuse_shared(self.file)
        return _parsed(self.file.read_text(encoding="ascii").splitlines(), str(self.file))

    def newest(self) -> str:
        """The name of the key for what is new."""
        return list(self.read())[-1]

    def add(self) -> str:
        """Make a new key and return its name. Raises Conflict where the keys are in the environment."""
        if self.stated:
            raise Conflict(f"the keys come from {self.variable}; put the new one last there")
        keys = self.read()
        name = f"{self.letter}{max(int(known[1:]) for known in keys) + 1}"
        self._replace({**keys, name: secrets.token_bytes(BYTES)})
        return name

    def drop(self, names: set[str]) -> None:
        """Forget keys that nothing was made with; those in the environment are left to their owner."""
        if not self.stated:
            self._replace({name: key for name, key in self.read().items() if name not in names})

    def _make(self) -> None:
        written = self._write({f"{self.letter}1": secrets.token_bytes(BYTES)})
        # A link fails where another process was first, and then its keys are the ones.
        with suppress(FileExistsError):
            os.link(written, self.file)
        written.unlink()

    def _replace(self, keys: Mapping[str, bytes]) -> None:
        os.replace(self._write(keys), self.file)
        _sync(self.file.parent)

    def _write(self, keys: Mapping[str, bytes]) -> Path:
        path = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        text = "".join(f"{name} {base64.urlsafe_b64encode(key).decode()}\n" for name, key in keys.items())
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(handle)
        except OSError as error:
            raise Unavailable(f"the keys cannot be kept in {self.file.parent}: {error.strerror}") from error
        return path


def _parsed(lines: list[str], place: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(filter(None, map(str.strip, lines)), 1):
        found = LINE.fullmatch(line)
        if not found or found[1] in keys:
            raise BadInput(
                f"{place}, key {number}: a key is written as k1:BASE64 of {BYTES} bytes, each once"
            )
        try:
            keys[found[1]] = base64.b64decode(found[2].rstrip("=") + "=", "-_", validate=True)
        except binascii.Error:
            raise BadInput(f"{place}, key {number}: its base64 cannot be read") from None
    if not keys:
        raise Damaged(f"{place} holds no key; bring it back from its backup, since no other fits the data")
    return keys


def _refuse_shared(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unavailable(f"{path} can be read by others than its owner; chmod 600 {path}")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
