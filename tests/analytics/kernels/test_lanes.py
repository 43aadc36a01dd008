"""Parts on several threads: each done once, told in order, and a part that fails is the caller's to know."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Barrier, get_ident

import pytest

from analytics.kernels.lanes import in_lanes, lanes


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("parts", [0, 1, 2, 7])
def test_every_part_is_done_once_and_told_in_order(threads: int, parts: int) -> None:
    done: list[int] = []

    def work(part: int) -> int:
        done.append(part)
        return part * part

    with lanes(threads) as given:
        assert in_lanes(work, parts, given) == [part * part for part in range(parts)]
    assert sorted(done) == list(range(parts))


def test_the_caller_works_beside_the_other_threads_which_share_its_context() -> None:
    asked = ContextVar("asked", default="nobody")
    asked.set("the caller")
    together = Barrier(2, timeout=20)

    def work(_: int) -> tuple[int, str]:
        together.wait()  # none of the two parts ends before both have begun
        return get_ident(), asked.get()

    with lanes(2) as given:
        found = in_lanes(work, 2, given)
    assert len({thread for thread, _ in found}) == 2
    assert get_ident() in {thread for thread, _ in found}
    assert {name for _, name in found} == {"the caller"}


@pytest.mark.parametrize("bad", [0, 3])
def test_a_part_that_fails_is_raised_to_the_caller(bad: int) -> None:
    def work(part: int) -> int:
        if part == bad:
            raise ValueError(f"part {part}")
        return part

    with lanes(2) as given, pytest.raises(ValueError, match=f"part {bad}"):
        in_lanes(work, 4, given)
