"""Full-width characters, as Chinese input methods write them, in the width that machines expect.

This is the part of Unicode's NFKC that concerns width alone. The rest of NFKC would turn `²` into a 2 and
`①` into a 1, and they are no digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc


def _pairs() -> Iterator[tuple[int, str]]:
    for code in (0x3000, *range(0xFF01, 0xFFEF)):
        kind, _, rest = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in ("<wide>", "<narrow>"):
            yield code, "".join(chr(int(part, 16)) for part in rest.split())


HALF = dict(_pairs())


def half(text: str) -> str:
    """A text with every character in its usual width, composed (NFC).

    >>> half("１３８　Ａｂ（²①ﾃ"), half("e\u0301")
    ('138 Ab(²①テ', 'é')
    """
    return unicodedata.normalize("NFC", text.translate(HALF))


def halved(text: pa.Array) -> pa.Array:
    """The texts (string) as `half` makes them; null stays null."""
    odd = pc.invert(pc.string_is_ascii(text))
    if not pc.any(odd).as_py():
        return text
    coded = text.filter(odd).dictionary_encode()
    changed = pa.array([half(each) for each in coded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(text, pc.fill_null(odd, False), changed.take(coded.indices))
