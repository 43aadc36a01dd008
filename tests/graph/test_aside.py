"""Work on a thread of its own."""

from __future__ import annotations

import threading
import time

import pytest

from graph.aside import Aside


def test_what_the_work_raises_is_raised_where_it_is_waited_for():
    with pytest.raises(ZeroDivisionError):
        Aside(lambda: 1 // 0).result()


def test_a_wait_tells_in_time_that_the_work_goes_on():
    work = Aside(lambda: time.sleep(1.0))
    work.start()
    began = time.monotonic()
    assert not work.wait(0)
    assert not work.wait(0.3)
    assert 0.3 <= time.monotonic() - began < 0.9
    assert work.wait()


def test_work_that_has_ended_is_seen_so_by_all_who_wait_at_once():
    work = Aside(lambda: None)
    work.start()
    assert work.wait(5.0)
    denied: list[int] = []

    def ask() -> None:
        denied.append(sum(not work.wait(0) for _ in range(50_000)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert denied == [0] * 4
