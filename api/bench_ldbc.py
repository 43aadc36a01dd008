"""The validation graphs of LDBC Graphalytics, asked of every engine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.engines import ldbc
from analytics.engines.choose import OFFERED, open_engine
from analytics.engines.engine import Engine, Unsupported, lack
from analytics.engines.gds import gds_engine
from analytics.engines.run import answer
from graph.errors import BadInput, GuanxiError
from graph.neo4j_server import open_neo4j
from graph.settings import settings

BESIDE = Path("../shared/data/ldbc-graphalytics")
MUST = ("local", "networkx")
PASSED, REFUSED, NOT_ASKED = "pass", "not offered", "not asked"


@dataclass(frozen=True)
class Validation:
    """Which pairs each engine passed. `engines` has by engine its version, sums, and a word for each pair."""

    name: str
    unit: str
    ours: float
    peer: float
    holds: bool
    engines: Mapping[str, Mapping[str, object]]

    def line(self) -> str:
        """The bench's last line."""
        return json.dumps({**asdict(self), "ratio": round(self.ours / self.peer, 3) if self.peer else None})

    def judge(self) -> None:
        """Raise GuanxiError, which ends the command with 1, where an engine that must pass all does not."""
        if not self.holds:
            told = ", ".join(f"{name} passes {self.engines[name]['passed']}" for name in MUST)
            raise GuanxiError(f"not all LDBC Graphalytics validation graphs are passed: {told}")


def validate_ldbc(size: int, data: Path = BESIDE, against: str | None = None) -> Validation:
    """All engines on the LDBC Graphalytics validation graphs; `--against gds` asks that server too.

    `size` is how many pairs of graph and algorithm the folder `data` has to hold. `ours` and `peer` are the
    pairs that local and networkx pass; `holds` where they pass all. For gds, what it does not offer with
    these semantics is named with the reason. No LDBC benchmark result: that needs an audit.
    """
    if against not in (None, "gds"):
        raise BadInput(f"bench ldbc asks local and networkx always, and --against gds; not {against!r}")
    cases = [ldbc.case(data, pair) for pair in ldbc.pairs(data)]
    if len(cases) != size:
        raise BadInput(f"{data} holds {len(cases)} pairs of graph and algorithm, not {size}; see --size")
    with ExitStack() as held:
        asked = [held.enter_context(open_engine(name)) for name in MUST]
        if against:
            asked.append(held.enter_context(_on_server()))
        engines: dict[str, Mapping[str, object]] = {one.name: _told(one, cases) for one in asked}
    engines.update({name: _unasked(name, cases) for name in OFFERED if name not in engines})
    passed = [int(str(engines[name]["passed"])) for name in MUST]
    holds = all(count == size for count in passed)
    return Validation("ldbc", f"pairs passed of {size}", passed[0], passed[1], holds, engines)


def _told(engine: Engine, cases: list[ldbc.Case]) -> Mapping[str, object]:
    found = {str(case.pair): _judged(engine, case) for case in cases}
    words = list(found.values())
    return {
        "version": engine.version,
        "passed": words.count(PASSED),
        "failed": sum(word.startswith("fail") for word in words),
        "not_offered": sum(word.startswith(REFUSED) for word in words),
        "pairs": found,
    }


def _judged(engine: Engine, case: ldbc.Case) -> str:
    try:
        found = answer(engine, case.network, case.ask)
    except Unsupported:
        return f"{REFUSED}: {lack(engine.offers, case.network, case.ask)}"
    wrong = ldbc.difference(case, found.frame)
    return PASSED if wrong is None else f"fail: {wrong}"


def _unasked(name: str, cases: list[ldbc.Case]) -> Mapping[str, object]:
    """What is known of an engine without asking it."""
    reasons = {str(case.pair): lack(OFFERED[name], case.network, case.ask) for case in cases}
    words = {pair: f"{REFUSED}: {why}" if why else NOT_ASKED for pair, why in reasons.items()}
    return {"asked": False, "not_offered": sum(why is not None for why in reasons.values()), "pairs": words}


@contextmanager
def _on_server() -> Iterator[Engine]:
    """The engine gds on the server of the settings, or on one that is started for this bench."""
    if settings().graph_url != "embedded":
        with open_engine("gds") as engine:
            yield engine
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        open_neo4j(Path(folder) / "graph", "1g") as server,
        gds_engine(server.url, (server.user, server.password.get_secret_value())) as engine,
    ):
        yield engine
