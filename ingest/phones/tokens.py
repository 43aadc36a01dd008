"""Tokens of phone numbers, and the vault that keeps the numbers behind them while a load runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from graph.settings import Settings, settings
from ingest.mapping import FieldRule
from ingest.phones.keyring import Keyring
from ingest.phones.numbers import TOKEN, hidden, numbers_of, shown, token
from ingest.phones.vault import vault_of

CACHED = 1 << 16  # numbers whose tokens are remembered from one block of rows to the next


class Keeper(Protocol):
    """What keeps numbers behind tokens: `ingest.phones.vault.Vault`."""

    def known(self, tokens: Iterable[str]) -> set[str]:
        """Those of the tokens that it holds."""

    def keep(self, numbers: Mapping[str, str], load_id: str) -> int:
        """Keep each token's number; how many were new."""


class Phones:
    """Makes tokens of numbers. `keeper` keeps the numbers behind them; None: nobody can.

    A number that the keeper knows under an older key keeps its token, so that the same number has one
    token for good; a new number gets one of the newest key.
    """

    def __init__(self, keyring: Keyring, keeper: Keeper | None, load_id: str = "") -> None:
        self.keyring = keyring
        self.keeper = keeper
        self.load_id = load_id
        self._cached: dict[str, str] = {}

    def tokens(self, text: pa.Array) -> pa.Array:
        """Tokens of cells (string); null where a cell is no number. A cell that is a token stays one."""
        numbers = numbers_of(text).dictionary_encode()
        found = numbers.dictionary.to_pylist()
        fresh = [number for number in found if number not in self._cached]
        if len(self._cached) + len(fresh) > CACHED:
            self._cached, fresh = {}, found
        if fresh:
            self._cached |= self._made(fresh)
        made = pa.array([self._cached[number] for number in found], pa.string()).take(numbers.indices)
        ready = pc.match_substring_regex(text, f"^{TOKEN.pattern}$")
        return pc.if_else(pc.fill_null(ready, False), text, made)

    def private(self, text: pa.Array, how: Literal["token", "masked"]) -> pa.Array:
        """Cells as they may be kept beside a load: numbers as the field has them, all other digits hidden.

        What comes out can be read again by the same rule.
        """
        made = shown(text) if how == "masked" else self.tokens(text)
        coded = text.dictionary_encode()
        words = pa.array([hidden(cell) for cell in coded.dictionary.to_pylist()], pa.string())
        return pc.coalesce(made, words.take(coded.indices))

    def _made(self, numbers: Sequence[str]) -> dict[str, str]:
        """The tokens of different numbers, which the keeper has when this returns."""
        *older, newest = self.keyring.read().items()
        made = {number: token(number, *newest) for number in numbers}
        for key in reversed(older) if self.keeper else ():
            before = {token(number, *key): number for number in numbers}
            made |= {before[known]: known for known in self.keeper.known(before)}  # type: ignore[union-attr]
        if self.keeper:
            self.keeper.keep({made[number]: number for number in numbers}, self.load_id)
        return made


def phone_columns(rules: Iterable[FieldRule]) -> dict[str, Literal["token", "masked"]]:
    """The columns that some rules read phone numbers from, and what they make of them."""
    found: dict[str, Literal["token", "masked"]] = {}
    for rule in rules:
        if rule.phone and rule.column is not None and found.get(rule.column) != "token":
            found[rule.column] = rule.phone
        if rule.otherwise:
            found |= {c: how for c, how in phone_columns([rule.otherwise]).items() if found.get(c) != "token"}
    return found


@cache
def desk() -> Phones:
    """The maker of tokens of this process's settings, with their vault."""
    return phones_of(settings())


def phones_of(chosen: Settings, load_id: str = "") -> Phones:
    """The maker of tokens of some settings; `load_id` is noted beside numbers seen for the first time."""
    return Phones(phone_keys(chosen), vault_of(chosen), load_id)


def phone_keys(chosen: Settings) -> Keyring:
    """The keys that tokens are made with."""
    stated = chosen.phone_key.get_secret_value()
    return Keyring(chosen.keys_folder / "phone.keys", "k", "GUANXI_PHONE_KEY", stated)
