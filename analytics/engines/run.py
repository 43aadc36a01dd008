"""Asking an engine: the same question, the same columns, whoever works it out."""

from __future__ import annotations

from analytics.engines.choose import OFFERED
from analytics.engines.engine import Engine, Unsupported, lack
from analytics.engines.measures import Measure
from analytics.engines.network import Network
from analytics.engines.result import Provenance, Result, Trace, framed, nothing


def answer(engine: Engine, graph: Network, ask: Measure) -> Result:
    """What an engine finds on a graph.

    A graph without nodes gives a frame without rows. Raises BadInput for parameters that do not fit the
    graph and Unsupported where the engine does not have the measure; it names those that have it.
    """
    reason = lack(engine.offers, graph, ask)
    if reason:
        raise Unsupported(
            f"engine {engine.name} does not offer {ask.name} here: {reason};"
            f" engines that do: {_others(graph, ask)}"
        )
    ask.check(graph)
    trace = Trace()
    if not graph.size:
        return Result(nothing(ask), _provenance(engine, graph, ask, trace))
    found = engine.offers[type(ask)].run(graph, ask, trace)
    with trace.timed("read"):
        frame = framed(graph, ask, found)
    return Result(frame, _provenance(engine, graph, ask, trace), tuple(trace.warnings), trace.details)


def _others(graph: Network, ask: Measure) -> str:
    known = [name for name, offers in OFFERED.items() if lack(offers, graph, ask) is None]
    return ", ".join(known) or "none"


def _provenance(engine: Engine, graph: Network, ask: Measure, trace: Trace) -> Provenance:
    parameters = ask.parameters
    seed = parameters.pop("seed", None)
    return Provenance(
        engine=engine.name,
        engine_version=engine.version,
        measure=ask.name,
        parameters=parameters,
        seed=seed if isinstance(seed, int) else None,
        graph_version=graph.version,
        nodes=graph.size,
        arcs=graph.arcs.nnz,
        directed=graph.directed,
        load_seconds=trace.seconds["load"],
        run_seconds=trace.seconds["run"],
        read_seconds=trace.seconds["read"],
    )
