"""Writers side by side that never wait for each other's locks.

Writing an edge locks both its ends, so two sessions that touch one node wait for each other, or are thrown
out. Nodes fall into twice as many groups as there are writers, and each round pairs every group with
another, as in a round-robin tournament: what a writer has in a round lies between its two groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

Pair = tuple[int, int]


def tournament(groups: int) -> list[list[Pair]]:
    """Rounds of pairs of an even number of groups: each pair once, each group once in a round.

    >>> tournament(4)
    [[(0, 3), (1, 2)], [(0, 2), (1, 3)], [(0, 1), (2, 3)]]
    """
    order = list(range(groups))
    rounds = []
    for _ in range(groups - 1):
        pairs = zip(order[: groups // 2], reversed(order[groups // 2 :]), strict=True)
        rounds.append(sorted((min(pair), max(pair)) for pair in pairs))
        order = [order[0], order[-1], *order[1:-1]]
    return rounds


def in_rounds(rounds: Sequence[Sequence[Callable[[], int]]]) -> int:
    """Do the work of each round side by side, round after round; return the sum of what it counted.

    The first error ends it once the round's others are done.
    """
    done = 0
    most = max(map(len, rounds), default=1)
    with ThreadPoolExecutor(max_workers=max(1, most), thread_name_prefix="writer") as writers:
        for works in rounds:
            running = [writers.submit(work) for work in works]
            done += sum(one.result() for one in running)
    return done


def blocks(groups: int) -> Iterator[tuple[int, int, list[Pair]]]:
    """Each round's writers: the round, the writer and the pairs of groups that its edges may join.

    Edges within a group go with the first round.
    """
    for number, pairs in enumerate(tournament(groups)):
        for writer, (one, other) in enumerate(pairs):
            within = [(one, one), (other, other)] if number == 0 else []
            yield number, writer, [(one, other), *within]
