"""Measurements against a peer: the same work, in the same run, on the same server.

Each bench prints what it measured and ends with one JSON object on a line of its own: `name`, `ours`,
`peer` (rates, more is better), `ratio` = ours ÷ peer, and `holds`, whether what is promised was reached.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from api.bench_graph import (
    bench_betweenness,
    bench_components,
    bench_csr,
    bench_leiden,
    bench_pagerank,
)
from api.bench_influence import bench_influence
from api.bench_ldbc import Validation, validate_ldbc
from api.bench_load import load_flat
from api.bench_publish import publish_graph
from api.bench_refresh import refresh_all
from api.bench_resolve import resolve_known
from api.show import say
from graph.errors import BadInput, NotFound, one_of

OPTIONS = ("against", "data", "threads")
"""What the command can be given besides a size; a bench takes those that it has a parameter for."""


class Measured(Protocol):
    """What a bench returns."""

    @property
    def name(self) -> str:
        """The bench's own."""

    @property
    def unit(self) -> str:
        """Of `ours` and `peer`."""

    @property
    def ours(self) -> float:
        """Our figure."""

    @property
    def peer(self) -> float | None:
        """The peer's figure; None where it was left out."""

    def line(self) -> str:
        """The bench's last line, one JSON object."""


def run_bench(name: str, size: int | None = None, only_json: bool = False, **options: object) -> None:
    """Run one bench, at its own size where none is given.

    `options` are those of OPTIONS, None where it was not given; they go to the bench by their names. Raises
    NotFound listing the benches, and BadInput for an option that the bench does not take.
    """
    if name == "list":
        for known, (bench, own) in BENCHES.items():
            print(f"{known}  {(bench.__doc__ or '').splitlines()[0]} Size: {own}.")
        return
    if name not in BENCHES:
        raise NotFound(one_of("bench", name, BENCHES))
    bench, own = BENCHES[name]
    found = bench(size or own, **_taken(name, bench, options))
    if not only_json:
        say(f"{found.name}: ours {_short(found.ours)}, peer {_short(found.peer)} {found.unit}")
    print(found.line())
    if isinstance(found, Validation):
        found.judge()


def _short(figure: float | None) -> str:
    """With as many decimals as say something.

    >>> _short(1234567.8), _short(0.01234)
    ('1,234,568', '0.0123')
    """
    if figure is None:
        return "left out"
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def _taken(name: str, bench: Callable[..., Measured], options: Mapping[str, object]) -> Mapping[str, Any]:
    """The options that were given."""
    given = {option: value for option, value in options.items() if value is not None}
    taken = [one for one in inspect.signature(bench).parameters if one in OPTIONS]
    for option in given:
        if option not in taken:
            others = ", ".join(f"--{one}" for one in taken) or "none but --size and --json"
            raise BadInput(f"bench {name} has no option --{option}; it takes {others}")
    return given


BENCHES: dict[str, tuple[Callable[..., Measured], int]] = {
    "publish": (publish_graph, 1_000_000),
    "load": (load_flat, 10_000_000),
    "resolve": (resolve_known, 2_000),
    "refresh": (refresh_all, 100_000),
    "csr": (bench_csr, 1_000_000),
    "pagerank": (bench_pagerank, 100_000),
    "components": (bench_components, 100_000),
    "leiden": (bench_leiden, 20_000),
    "betweenness": (bench_betweenness, 10_000),
    "influence": (bench_influence, 100_000),
    "ldbc": (validate_ldbc, 24),
}
