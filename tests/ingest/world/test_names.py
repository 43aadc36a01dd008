"""Names and codes: Chinese, made of real parts, with check characters that hold."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ingest.world import names
from ingest.world.make import World
from ingest.world.regions import REGIONS

CODE = re.compile(r"(91|12)\d{6}[0-9A-HJ-NPQRTUWXY]{8}[0-9X][0-9A-HJ-NPQRTUWXY]")


def checked(code: str) -> bool:
    """GB 32100-2015: the weighted sum of the values, check character included, is 0 modulo 31."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
    return sum(w * alphabet.index(c) for w, c in zip(weights, code, strict=True)) % 31 == 0


def test_the_standard_s_own_example_passes_the_check_used_here() -> None:
    assert checked("91350100M000100Y43")
    assert not checked("91350100M000100Y44")


def test_companies(world: World) -> None:
    accounts = world.tables["accounts"].drop_duplicates("account_id")
    assert accounts.name.is_unique
    assert accounts.name.str.fullmatch(r"[\u4e00-\u9fff]{6,24}").all()
    assert accounts.credit_code.is_unique
    assert all(CODE.fullmatch(code) and checked(code) for code in accounts.credit_code)
    regions = {region.code for region in REGIONS}
    assert set(accounts.region) <= regions
    assert (accounts.credit_code.str[2:8] == accounts.region).all()


def test_subsidiaries_carry_their_parent_s_name(world: World) -> None:
    accounts = world.tables["accounts"].drop_duplicates("account_id").set_index("account_id")
    parts = world.tables["account_parents"]
    assert len(parts) >= 2
    for child, parent in zip(parts.source, parts.target, strict=True):
        assert accounts.name[child].startswith(accounts.name[parent])


def test_people_have_common_surnames() -> None:
    people = names.people(3000, np.random.default_rng(1))
    surname = [name[0] for name in people]
    top = sorted(set(surname), key=surname.count, reverse=True)[:5]
    assert {"王", "李", "张"} <= set(top)
    assert all(re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name) for name in people)
    assert len(set(people)) > 2000


def test_numbers_are_tokens_and_masks_only(world: World) -> None:
    members = world.tables["members"].drop_duplicates("member_id")
    assert members.phone_token.is_unique
    assert members.phone_token.str.fullmatch(r"[0-9a-f]{64}").all()
    assert members.phone_masked.str.fullmatch(r"1\d\d\*{4}\d{4}").all()


@pytest.mark.parametrize("limit", [100, 31**6, 10**8])
def test_distinct_numbers(limit: int) -> None:
    made = names.distinct(90, limit, np.random.default_rng(3))
    assert len(set(made.tolist())) == 90
    assert made.min() >= 0
    assert made.max() < limit
