"""Measurements against a peer: the same work, in the same run, on the same server.

Each bench prints what it measured and ends with one JSON object on a line of its own: `name`, `ours`,
`peer` (rates, more is better), `ratio` = ours ÷ peer, and `holds`, whether what is promised was reached.
"""

from __future__ import annotations

from collections.abc import Callable

from api.bench_load import Flat, load_flat
from api.bench_publish import Published, publish_graph
from api.bench_resolve import Resolution, resolve_known
from api.show import say
from graph.errors import NotFound, one_of


def run_bench(name: str, size: int | None = None, only_json: bool = False) -> None:
    """Run one bench, at its own size where none is given. Raises NotFound listing the benches."""
    if name == "list":
        for known, (bench, own) in BENCHES.items():
            print(f"{known}  {(bench.__doc__ or '').splitlines()[0]} Size: {own}.")
        return
    if name not in BENCHES:
        raise NotFound(one_of("bench", name, BENCHES))
    bench, own = BENCHES[name]
    found = bench(size or own)
    if not only_json:
        say(f"{found.name}: ours {found.ours:,.0f}, peer {found.peer:,.0f} {found.unit}")
    print(found.line())


BENCHES: dict[str, tuple[Callable[[int], Published | Resolution | Flat], int]] = {
    "publish": (publish_graph, 1_000_000),
    "load": (load_flat, 10_000_000),
    "resolve": (resolve_known, 2_000),
}
