"""The words that names are taken apart by, from `words.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FILE = Path(__file__).with_suffix(".toml")
WORDS: dict[str, tuple[str, ...]] = {
    name: tuple(text.split()) for name, text in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
}
