"""Phone numbers as people write them: one form for each number, one token for each form."""

import base64
import re
import time

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import BadInput, Conflict, Damaged, Unavailable
from graph.model import Kind
from ingest.mapping import FieldRule
from ingest.phones.keyring import Keyring
from ingest.phones.numbers import TOKEN, hidden, masked, number_of, numbers_of, scrubbed, token
from ingest.phones.tokens import Phones, phone_columns
from tests.ingest.rows import made_of

MOBILE = "+8613800138000"
SAME = [
    "13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "+8613800138000", "8613800138000",
    "008613800138000", "0086-138-0013-8000", "(+86)13800138000",
    "１３８００１３８０００", "＋８６　１３８－００１３－８000",
    " 13800138000 ", "'13800138000", "13800138000.0", "138\u20110013\u20118000", "tel:+86-138-0013-8000",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_a_mobile_number_has_one_form_however_it_is_written(text):
    assert number_of(text) == MOBILE
    assert numbers_of(pa.array([text])).to_pylist() == [MOBILE]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-12345678", "+861012345678"),
        ("(0755) 8288 1234", "+8675582881234"),
        ("+86 755 8288 1234", "+8675582881234"),
        ("010-12345678转8012", "+861012345678;ext=8012"),
        ("010-12345678 分机 12", "+861012345678;ext=12"),
        ("010-12345678-8012", "+861012345678;ext=8012"),
        ("01012345678 ext. 12", "+861012345678;ext=12"),
        ("+861012345678;ext=12", "+861012345678;ext=12"),
        ("400-123-4567", "+864001234567"),
        ("4001234567", "+864001234567"),
        ("8008101234", "+868008101234"),
        ("95588", "+8695588"),
        ("+86 95588", "+8695588"),
        ("9501234", None),
        ("10086", "+8610086"),
        ("12345", "+8612345"),
        ("+852 5123 4567", "+85251234567"),
        ("+1 650 253 0000", "+16502530000"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_other_lines(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "x", "1380013800", "138001380000", "62345678", "1.38E+10", "00000000000", "23800138000", "20240131",
     "A0012345", "13800138000/13900139000", "13800138000 13900139000", "99999", "²",
     "张 13800138000", "13800138000x",
     "1-800-FLOWERS", "13800138000,13900139000", "13800138000.5"],
)  # fmt: skip
def test_what_is_no_number_or_more_than_one_is_none(text):
    assert number_of(text) is None
    assert numbers_of(pa.array([text])).to_pylist() == [None]


def library(text):
    """What the library alone makes of a plain text."""
    try:
        found = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


@given(st.lists(st.from_regex(r"\A(\+86|86|0086)? ?1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}\Z"), min_size=1))
@settings(max_examples=60, deadline=None)
def test_the_quick_way_agrees_with_the_library(texts):
    assert numbers_of(pa.array(texts)).to_pylist() == [library(text) for text in texts]


@given(st.text(st.sampled_from("0123456789+-() .转x#/'８"), max_size=22))
@settings(max_examples=250, deadline=None)
def test_the_form_of_a_number_is_its_own_form_and_both_ways_agree(text):
    found = number_of(text)
    assert numbers_of(pa.array([text])).to_pylist() == [found]
    assert found is None or number_of(found) == found
    assert found is None or re.fullmatch(r"\+[0-9]{5,15}(;ext=[0-9]{1,7})?", found)


def test_numbers_are_shown_masked():
    texts = ["13800138000", "010-12345678", "0755-82881234", "95588", "10086", "4001234567", "+852 5123 4567",
             "010-12345678-12", None, "x"]  # fmt: skip
    shown = ["138****8000", "010****5678", "0755****1234", "95588", "10086", "400****4567", "+852****4567",
             "010****5678", None, None]  # fmt: skip
    assert masked(numbers_of(pa.array(texts))).to_pylist() == shown
    values, faults = made_of(Kind.TEXT, *texts[:9], phone="masked")
    assert values == shown[:9]
    assert faults == {}


@pytest.fixture
def keyring(tmp_path):
    return Keyring(tmp_path / "keys" / "phone.keys", "k", "GUANXI_PHONE_KEY")


def test_all_ways_to_write_a_number_give_one_token(keyring):
    values, faults = made_of(Kind.TEXT, *SAME, phones=Phones(keyring, None), phone="token")
    assert len(set(values)) == 1
    assert TOKEN.fullmatch(values[0])
    assert faults == {}
    assert values[0] == token(MOBILE, "k1", keyring.read()["k1"])


def test_a_token_is_the_start_of_an_hmac():
    import hashlib
    import hmac

    key = bytes(range(32))
    digest = hmac.new(key, MOBILE.encode(), hashlib.sha256).digest()
    assert token(MOBILE, "k7", key) == "k7:" + base64.urlsafe_b64encode(digest[:16]).decode()[:22]


def test_a_cell_that_is_a_token_stays_one(keyring):
    phones = Phones(keyring, None)
    made = phones.tokens(pa.array(["13800138000"])).to_pylist()[0]
    assert made_of(Kind.TEXT, made, "k1:short", phones=phones, phone="token")[0] == [made, None]


def test_a_reason_never_holds_the_digits(keyring):
    cells = ["1380013800", "１３８００１３８００", "call 138001380001", "", "13800138000"]
    for how in ("token", "masked"):
        values, faults = made_of(Kind.TEXT, *cells, phones=Phones(keyring, None), phone=how)
        assert [value is None for value in values] == [True, True, True, True, False]
        assert faults == {
            0: "'##########' is not a phone number",
            1: "'##########' is not a phone number",
            2: "'call ############' is not a phone number",
        }


def test_cells_kept_beside_a_load_are_private_and_can_be_read_again(keyring):
    phones = Phones(keyring, None)
    cells = pa.array(["13800138000", "1380013", "张 13800138000x", None, "k1:y174qgFnxvCeB_RHvjud4g"])
    for how, first in (("token", phones.tokens(cells)[0].as_py()), ("masked", "138****8000")):
        kept = phones.private(cells, how)
        assert kept.to_pylist()[:4] == [first, "#######", "张 ###########x", None]
        again, faults = made_of(Kind.TEXT, *kept.to_pylist()[:4], phones=phones, phone=how)
        assert again == [first, None, None, None]
        assert sorted(faults) == [1, 2]


def test_the_columns_with_numbers_are_those_that_rules_read_them_from():
    rules = [
        FieldRule(column="a", phone="masked"),
        FieldRule(column="a", phone="token"),
        FieldRule(column="a", phone="masked"),
        FieldRule(column="b", otherwise=FieldRule(column="c", phone="masked")),
        FieldRule(constant="x"),
    ]
    assert phone_columns(rules) == {"a": "token", "c": "masked"}


def test_a_prefix_goes_before_the_token_and_otherwise_fills_gaps(keyring):
    phones = Phones(keyring, None)
    values, _ = made_of(
        Kind.TEXT, "95588", "", phones=phones, phone="token", prefix="p-", otherwise={"constant": "none"}
    )
    assert values == [f"p-{token('+8695588', 'k1', keyring.read()['k1'])}", "none"]


def test_text_is_scrubbed_of_what_may_be_a_number():
    assert (
        scrubbed("1,13800138000,138-0013-8000,2024-03,1234567")
        == "1,***********,***-****-****,2024-03,*******"
    )
    assert scrubbed("10086 and 2024") == "10086 and 2024"
    assert scrubbed("１３８００１３８０００") == "***********"
    assert hidden("a1b2") == "a#b#"


def test_a_million_cells_of_many_numbers_take_seconds(keyring):
    distinct = pa.array([f"1380{number:07d}" for number in range(100_000)])
    cells = pa.concat_arrays([distinct] * 10)
    start = time.monotonic()
    made = Phones(keyring, None).tokens(cells)
    assert time.monotonic() - start < 10
    assert made.null_count == 0
    assert len(made.unique()) == 100_000


def test_the_first_key_is_made_at_need_for_its_owner_only(keyring):
    assert not keyring.file.exists()
    keys = keyring.read()
    assert list(keys) == ["k1"]
    assert len(keys["k1"]) == 32
    assert keyring.read() == keys
    assert keyring.file.stat().st_mode & 0o777 == 0o600
    assert keyring.file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in keyring.file.parent.iterdir()] == ["phone.keys"]


def test_a_key_that_others_can_read_is_refused(keyring):
    keyring.read()
    keyring.file.chmod(0o640)
    with pytest.raises(Unavailable, match="can be read by others than its owner; chmod 600"):
        keyring.read()


def test_keys_from_the_environment_need_no_file(keyring):
    stated = [
        "k1:" + base64.urlsafe_b64encode(bytes(32)).decode(),
        "k2:" + base64.urlsafe_b64encode(b"x" * 32).decode(),
    ]
    ring = Keyring(keyring.file, "k", "GUANXI_PHONE_KEY", " ".join(stated))
    assert ring.read() == {"k1": bytes(32), "k2": b"x" * 32}
    assert Keyring(keyring.file, "k", "V", ",".join(stated).replace("=", "")).newest() == "k2"
    assert not keyring.file.exists()
    assert stated[0][4:] not in repr(ring)
    with pytest.raises(Conflict, match="come from GUANXI_PHONE_KEY; put the new one last"):
        ring.add()


@pytest.mark.parametrize(
    "text", ["k1:short", "k9", "secret", "k1:" + "!" * 43, "k1:" + "A" * 43 + " k1:" + "A" * 43]
)
def test_keys_that_are_none_are_refused_without_being_repeated(keyring, text):
    with pytest.raises(
        BadInput, match=r"GUANXI_PHONE_KEY, key [12]: a key is written as k1:BASE64"
    ) as caught:
        Keyring(keyring.file, "k", "GUANXI_PHONE_KEY", text).read()
    assert text not in str(caught.value)


def test_an_emptied_file_of_keys_is_no_reason_to_make_new_ones(keyring):
    keyring.read()
    keyring.file.write_text("")
    with pytest.raises(Damaged, match="holds no key; bring it back from its backup"):
        keyring.read()


class Memory:
    """A keeper that is a dict: the interface asks for no more."""

    def __init__(self):
        self.numbers = {}

    def known(self, tokens):
        return self.numbers.keys() & set(tokens)

    def keep(self, numbers, load_id):
        new = numbers.keys() - self.numbers.keys()
        self.numbers |= numbers
        return len(new)


def test_a_known_number_keeps_its_token_when_the_key_changes(keyring):
    memory, cells = Memory(), pa.array(["13800138000", "13900139000"])
    first = Phones(keyring, memory).tokens(cells.slice(0, 1)).to_pylist()
    assert keyring.add() == "k2"
    assert keyring.add() == "k3"
    old, new = Phones(keyring, memory).tokens(cells).to_pylist()
    assert [old] == first
    assert old.startswith("k1:")
    assert new.startswith("k3:")
    assert Phones(keyring, memory).tokens(cells).to_pylist() == [old, new]
    assert set(memory.numbers.values()) == {"+8613800138000", "+8613900139000"}
