"""What a spreadsheet does to numbers that are names: `13800138000.0`, `1.38E+10`, sixteen digits and more.

The first can be repaired. In the others digits are lost (a spreadsheet keeps fifteen), and no rule can
bring them back: those are faults, never values.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

ROUNDED = r"^[+-]?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}$"
LONG_FLOAT = r"^[+-]?[0-9]{16,}\.0+$"
LONG = r"^[+-]?[0-9]{16,}(\.0+)?$"
POINTED = r"^([+-]?(?:0|[1-9][0-9]{0,14}))\.0+$"
REASON = "has lost digits in a spreadsheet, which keeps 15; export the column as text"


def repaired(text: pa.Array, how: str | None) -> tuple[pa.Array, pa.Array]:
    """The texts, and which of them (bool) have lost digits. `how` is the key `excel` of a field.

    "repair": `13800138000.0` becomes `13800138000`, and all numbers of more than 15 digits have lost some.
    "refuse": nothing is changed; those that surely were floats, `1.38E+10` and 16 digits with `.0`, have.
    """
    nothing = pa.repeat(pa.scalar(False), len(text))
    if how not in ("repair", "refuse"):
        return text, nothing
    lost = damaged(text, LONG if how == "repair" else LONG_FLOAT)
    if how == "repair":
        text = pc.replace_substring_regex(text, POINTED, r"\1")
    return text, lost


def damaged(text: pa.Array, long: str = LONG_FLOAT) -> pa.Array:
    """Which texts are numbers without all their digits (bool); null is none."""
    either = pc.or_(pc.match_substring_regex(text, ROUNDED), pc.match_substring_regex(text, long))
    return pc.fill_null(either, False)
