"""Phone numbers: read as people write them, kept as tokens, shown masked, never left in clear.

A number's one form is E.164 (`+8613800138000`), with `;ext=12` for an extension, since that is another
person's line. Numbers without a country are Chinese. Service numbers (`95588`, `10086`) have the form
`+8695588`, although E.164 has none for them.
"""

from __future__ import annotations

import base64
import hmac
import re
from functools import cache

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat

from ingest.cells.width import half, halved

REGION, COUNTRY = "CN", 86
TOKEN = re.compile(r"[a-z][0-9]{1,6}:[A-Za-z0-9_-]{22}")
MASKED = r"^\+?[0-9]{1,4}\*{4}[0-9]{4}$"
BYTES = 16  # of the hash; among 10^10 numbers two would share 128 bits with a chance of 10^-19
PUNCTUATION = r"[\s\x{00A0}().\-\x{2010}-\x{2015}]"
EXTENSION = re.compile(
    r"^(.*?[0-9)])\s*(?:转|轉|分机|分機|ext\.?|extension|x|#|,|-|;ext=)\s*([0-9]{1,6})$", re.I
)
PLAIN = re.compile(r"(?:tel:)?[+(]{0,2}[0-9][0-9 ().\-]*")
RUN = re.compile(r"\d(?:[\s().\-]*\d){6,}")


def token(number: str, name: str, key: bytes) -> str:
    """The token of a number in its one form: HMAC-SHA-256 under a key, the first 128 bits.

    >>> token("+8613800138000", "k1", bytes(32))
    'k1:y174qgFnxvCeB_RHvjud4g'
    """
    digest = hmac.digest(key, number.encode(), "sha256")[:BYTES]
    return f"{name}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def number_of(text: str) -> str | None:
    """The number that a text means, in its one form, or None if it is none.

    >>> number_of("０１０－１２３４５６７８ 转 12"), number_of("95588"), number_of("1380013")
    ('+861012345678;ext=12', '+8695588', None)
    """
    text = half(text).strip().removeprefix("'")
    text = re.sub(r"^([0-9]{3,15})\.0+$", r"\1", text)
    if not text.isascii() and not EXTENSION.match(text):
        text = re.sub("[\u2010-\u2015\u00a0]", "-", text)
    short = re.fullmatch(r"(?:\+86|0086)?[ -]?([0-9]{3,6})", text)
    if short:
        return f"+{COUNTRY}{short[1]}" if re.fullmatch(_short(), short[1]) else None
    found, extension = _parsed(text), ""
    if found is None and (parts := EXTENSION.match(text)):
        found, extension = _parsed(parts[1]), f";ext={parts[2]}"
    if found is None:
        return None
    return phonenumbers.format_number(found, PhoneNumberFormat.E164) + extension


def numbers_of(text: pa.Array) -> pa.Array:
    """The numbers (string, in their one form) that cells mean; null where a cell is none.

    Each different text is read once, and plain Chinese mobile numbers all at once.
    """
    coded = halved(text).dictionary_encode()
    cells = coded.dictionary
    bare = pc.replace_substring_regex(cells, PUNCTUATION, "")
    mobile = pc.extract_regex(bare, rf"^'?(?:\+86|0086|86)?(?P<n>{_mobile()})(?:\.0+)?$")
    mobile = pc.struct_field(mobile, ["n"])
    # Nothing but digits and their separators: brackets and points elsewhere may mean something else.
    plain = pc.match_substring_regex(cells, r"^'?\+?[0-9][0-9 \-]*(\.0+)?$")
    quick = pc.and_(plain, pc.is_valid(mobile))
    made = pc.if_else(quick, pc.binary_join_element_wise(f"+{COUNTRY}", mobile, ""), None)
    rest = pc.invert(quick)
    slow = pa.array([number_of(cell) for cell in cells.filter(rest).to_pylist()], pa.string())
    return pc.replace_with_mask(made.cast(pa.string()), rest, slow).take(coded.indices)


def masked(numbers: pa.Array) -> pa.Array:
    """Numbers in their one form as they may be shown: `138****8000`, `010****5678`, `+852****4567`.

    Service numbers are nobody's and stay as they are.
    """
    coded = numbers.dictionary_encode()
    words = coded.dictionary
    mobile = r"^\+86(1[3-9][0-9])[0-9]{4}([0-9]{4})$"
    quick = pc.match_substring_regex(words, mobile)
    made = pc.replace_substring_regex(words, mobile, r"\1****\2")
    slow = pa.array([_masked(number) for number in words.filter(pc.invert(quick)).to_pylist()], pa.string())
    return pc.replace_with_mask(made, pc.invert(quick), slow).take(coded.indices)


def shown(text: pa.Array) -> pa.Array:
    """Cells as masked numbers (string); null where a cell is no number. A masked cell stays as it is."""
    ready = pc.fill_null(pc.match_substring_regex(text, MASKED), False)
    return pc.if_else(ready, text, masked(numbers_of(text)))


def hidden(text: str) -> str:
    """A cell with every digit hidden, for messages about what is wrong with it.

    >>> hidden("1380013 8000x"), hidden("１３８")
    ('####### ####x', '###')
    """
    return re.sub(r"\d", "#", text)


def scrubbed(text: str) -> str:
    """Any text with all runs of seven digits or more hidden, spaces and dashes within them included.

    >>> scrubbed("call 138-0013-8000 on 2024")
    'call ***-****-**** on 2024'
    """
    return RUN.sub(lambda found: re.sub(r"\d", "*", found[0]), text)


def _parsed(text: str) -> PhoneNumber | None:
    """A valid number, or None. (The library would also find one among other words, or in letters.)"""
    if not PLAIN.fullmatch(text):
        return None
    try:
        found = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    return found if phonenumbers.is_valid_number(found) else None


def _masked(number: str) -> str:
    bare = number.partition(";")[0]
    national = bare.removeprefix(f"+{COUNTRY}")
    if bare != national and len(national) <= 6:
        return national
    found = phonenumbers.parse(bare)
    if found.country_code != COUNTRY:
        return f"+{found.country_code}****{national[-4:]}"
    area = national[: phonenumbers.length_of_geographical_area_code(found)]
    return f"{'0' + area if area else national[:3]}****{national[-4:]}"


@cache
def _mobile() -> str:
    """The library's own pattern of Chinese mobile numbers, so that the quick way knows what it knows."""
    return _pattern(PhoneMetadata.metadata_for_region(REGION), "mobile")


@cache
def _short() -> str:
    """Its pattern of Chinese service numbers."""
    return _pattern(PhoneMetadata.short_metadata_for_region(REGION), "short_code")


def _pattern(metadata: PhoneMetadata | None, kind: str) -> str:
    return str(getattr(metadata, kind).national_number_pattern)
