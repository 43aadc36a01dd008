"""The seal at the end of a backup: a hash of every byte before it, so that no flipped bit goes unseen.

The hashes in a backup's manifest say nothing of the manifest itself or of what lies between files. The
seal is a skippable frame of Zstandard (RFC 8878, section 3.1.2), which other tools read past.
"""

from __future__ import annotations

import io
import os
import struct
from hashlib import sha256
from typing import BinaryIO

SIZE = sha256().digest_size
HEAD = struct.pack("<II", 0x184D2A50, SIZE)
PIECE = 2**20


class Sealing(io.RawIOBase):
    """What is written goes on to `file`, which stays open, with a seal at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sum = file, sha256()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._sum.update(piece)
        return self._file.write(piece)

    def seal(self) -> None:
        self._file.write(HEAD + self._sum.digest())


class Sealed(io.RawIOBase):
    """What lies before the seal of `file`, which must be at its start.

    Without a seal all of it is there to be read, and `intact` is False.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sum = file, sha256()
        size = os.fstat(file.fileno()).st_size
        before = max(0, size - len(HEAD) - SIZE)
        file.seek(before)
        seal = file.read()
        file.seek(0)
        self._said = seal.removeprefix(HEAD)
        self._left = before if seal.startswith(HEAD) else size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(min(len(buffer), self._left))
        self._left -= len(piece)
        self._sum.update(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def intact(self) -> bool:
        """Read the rest, and tell whether all is as it was sealed."""
        while self.read(PIECE):
            pass
        return self._sum.digest() == self._said
