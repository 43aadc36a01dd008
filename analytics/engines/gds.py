"""Graph Data Science on a Neo4j server as an engine, through Neo4j's client `graphdatascience`.

The graph is projected from the arcs that the engine is given, not from what is stored on the server, so
that all engines work on the same graph. Each projection is dropped when its measure is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.engines import measures as ask_for
from analytics.engines.engine import Engine, Offer, Offers, lacking
from analytics.engines.gds_server import client, projected, sent, told
from analytics.engines.network import Network
from analytics.engines.result import Columns, Trace, by_size
from graph.errors import BadInput
from graph.settings import Settings
from graph.settings import settings as own_settings
from graph.statement import Statement

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience

NAME = "gds"
STILL = 1e-12
LONGEST = 1_000
MOST_ARCS = 1_000_000
"""Arcs that are sent for one measure, at 20,000 to 50,000 a second."""

DISTANCES = """
CALL gds.allShortestPaths.dijkstra.stream($name, $options) YIELD targetNode, totalCost
RETURN targetNode AS nodeId, totalCost AS value
"""
MOST_CASCADES = 5_000_000
LEAST_PROBABILITY = 0.01
ONE_COIN = (
    "gds lets arcs that follow each other pass or fail together, so what lies deep is over-rated: a chain of"
    " 50 at 0.1 is said to reach about 5.9 nodes where 1.11 is true, a star of 40 rightly 5.0, a 5-ary tree"
    " of depth 5 at 0.2 about 33.8 where 6.0 is true (closed forms; see docs/engines.md)"
)
ONE_AFTER_ANOTHER = (
    "the server changes labels one node after another and not all at once, which gives other communities"
)
DRAWN_BY_DEGREE = "gds draws its sources by degree and states no error; `error` is left empty"
CHOICE_OF_EQUALS = "which of equally similar others are among the k is the server's choice"


@contextmanager
def from_settings(settings: Settings | None = None) -> Iterator[Engine]:
    """The engine on the server that the settings name. Raises BadInput where that is no Neo4j."""
    known = settings or own_settings()
    if known.graph_url == "embedded":
        raise BadInput(
            "engine gds needs a Neo4j with Graph Data Science, and GUANXI_GRAPH_URL is 'embedded';"
            " give the address of such a server, or take the engine local"
        )
    login = (known.graph_user, known.graph_password.get_secret_value())
    with gds_engine(known.graph_url, login, known.graph_database) as engine:
        yield engine


@contextmanager
def gds_engine(url: str, login: tuple[str, str], database: str = "neo4j") -> Iterator[Engine]:
    """The engine `gds` on a server, closed at the end.

    Raises Unavailable where the server does not answer, refuses the log-in or has no Graph Data Science.
    """
    with client(url, login, database) as gds:
        offers = {
            kind: Offer(partial(_asked, gds, url, offer), offer.refuses) for kind, offer in OFFERS.items()
        }
        yield Engine(NAME, f"gds {gds.server_version()}", offers)


def _asked(
    gds: GraphDataScience, url: str, offer: Offer, graph: Network, ask: ask_for.Measure, trace: Trace
) -> Columns:
    with told(url, ask.name):
        return offer.run(gds, graph, ask, trace)


# --- the measures ---------------------------------------------------------------------------------


def _components(gds: GraphDataScience, graph: Network, ask: ask_for.Components, trace: Trace) -> Columns:
    with projected(gds, graph, trace, undirected=False) as held, trace.timed("run"):
        found = gds.wcc.stream(held.graph)
    return {"component": by_size(_of_nodes(graph, found, "componentId"))}


def _leiden(gds: GraphDataScience, graph: Network, ask: ask_for.Leiden, trace: Trace) -> Columns:
    if not graph.both.sum():  # the server fails where there is nothing to gain
        return {"community": np.arange(graph.size)}
    with projected(gds, graph, trace, undirected=True) as held, trace.timed("run"):
        found = gds.leiden.stream(
            held.graph,
            gamma=ask.resolution,
            random_seed=ask.seed,
            concurrency=1,  # else a seed does not repeat
            relationship_weight_property=held.weight,
        )
    return {"community": by_size(_of_nodes(graph, found, "communityId"))}


def _pagerank(gds: GraphDataScience, graph: Network, ask: ask_for.PageRank, trace: Trace) -> Columns:
    return _walk(gds, graph, ask, None, trace)


def _personalised(
    gds: GraphDataScience, graph: Network, ask: ask_for.PersonalisedPageRank, trace: Trace
) -> Columns:
    return _walk(gds, graph, ask, graph.numbers(ask.sources).tolist(), trace)


def _walk(
    gds: GraphDataScience,
    graph: Network,
    ask: ask_for.PageRank | ask_for.PersonalisedPageRank,
    sources: list[int] | None,
    trace: Trace,
) -> Columns:
    """Walks that end in a sink are lost on the server; once it stands still, the shares are the same.

    With sinks that jump to the start v, x = c v + d P x for some number c; without, x = (1 - d) v + d P x.
    One is a multiple of the other.
    """
    with projected(gds, graph, trace, undirected=False) as held, trace.timed("run"):
        found = gds.page_rank.stream(
            held.graph,
            damping_factor=ask.damping,
            max_iterations=LONGEST,
            tolerance=STILL,
            source_nodes=sources,
            relationship_weight_property=held.weight if ask.weighted else None,
        )
    score = _of_nodes(graph, found, "score")
    return {"score": score / score.sum()}


def _core(gds: GraphDataScience, graph: Network, ask: ask_for.Core, trace: Trace) -> Columns:
    with projected(gds, graph, trace, undirected=True) as held, trace.timed("run"):
        found = gds.k_core_decomposition.stream(held.graph)
    return {"core": _of_nodes(graph, found, "coreValue")}


def _betweenness(gds: GraphDataScience, graph: Network, ask: ask_for.Betweenness, trace: Trace) -> Columns:
    exact, n = ask.exact(graph), graph.size
    with projected(gds, graph, trace, undirected=True) as held, trace.timed("run"):
        found = gds.betweenness_centrality.stream(
            held.graph,
            sampling_size=None if exact else ask.samples,
            sampling_seed=None if exact else ask.seed,
        )
    sources = n if exact or ask.samples is None else ask.samples
    if not exact:
        trace.warn(DRAWN_BY_DEGREE)
    pairs = max((n - 1) * (n - 2), 1)
    error = np.zeros(n) if exact else np.full(n, np.nan)
    return {"score": _of_nodes(graph, found, "score") * 2 / pairs * n / sources, "error": error}


def _clustering(gds: GraphDataScience, graph: Network, ask: ask_for.Clustering, trace: Trace) -> Columns:
    with projected(gds, graph, trace, undirected=True) as held, trace.timed("run"):
        found = gds.local_clustering_coefficient.stream(held.graph)
    return {"coefficient": _of_nodes(graph, found, "localClusteringCoefficient")}


def _bfs(gds: GraphDataScience, graph: Network, ask: ask_for.Bfs, trace: Trace) -> Columns:
    found = _distances(gds, graph, ask.source, None, trace)
    depth = np.full(graph.size, ask_for.OUT_OF_REACH, np.int64)
    reached = np.isfinite(found)
    depth[reached] = found[reached].astype(np.int64)
    return {"depth": depth}


def _sssp(gds: GraphDataScience, graph: Network, ask: ask_for.ShortestPaths, trace: Trace) -> Columns:
    return {"distance": _distances(gds, graph, ask.source, "weight", trace)}


def _distances(gds: GraphDataScience, graph: Network, source: str, weight: str | None, trace: Trace) -> Any:
    """Dijkstra's distances; each arc is one long where no weight is named.

    The server's breadth-first search tells the order, not the depth.
    """
    with projected(gds, graph, trace, undirected=False) as held, trace.timed("run"):
        options: dict[str, object] = {"sourceNode": graph.number(source)}
        if weight and held.weight:
            options["relationshipWeightProperty"] = weight
        params = {"name": held.graph.name(), "options": options}
        found = gds.run_cypher(*sent(Statement(DISTANCES, params)))
    return _of_nodes(graph, found, "value", np.inf)


def _similarity(gds: GraphDataScience, graph: Network, ask: ask_for.Similarity, trace: Trace) -> Columns:
    with projected(gds, graph, trace, undirected=True) as held, trace.timed("run"):
        found = gds.node_similarity.stream(held.graph, top_k=ask.k)
    trace.warn(CHOICE_OF_EQUALS)
    order = np.lexsort((found["node2"], -found["similarity"], found["node1"]))
    found = found.iloc[order]
    key, other = (graph.keys[found[end].to_numpy(np.int64)] for end in ("node1", "node2"))
    return {"key": key, "other": other, "similarity": found["similarity"].to_numpy()}


def _influence(gds: GraphDataScience, graph: Network, ask: ask_for.Influence, trace: Trace) -> Columns:
    with projected(gds, graph, trace, undirected=False) as held, trace.timed("run"):
        found = gds.influence_maximization_celf.stream(
            held.graph,
            seed_set_size=min(ask.k, graph.size),
            propagation_probability=ask.probability,
            monte_carlo_simulations=ask.simulations,
            random_seed=ask.seed,
        )
    trace.warn(ONE_COIN)
    found = found.sort_values(["spread", "nodeId"], ascending=[False, True])
    return {
        "rank": np.arange(1, len(found) + 1),
        "key": graph.keys[found["nodeId"].to_numpy(np.int64)],
        "spread": found["spread"].cumsum().to_numpy(),  # the server gives what each adds
    }


def _of_nodes(graph: Network, frame: pd.DataFrame, column: str, otherwise: float = np.nan) -> Any:
    """A column of the server's answer in the order of the nodes."""
    found = np.full(graph.size, otherwise)
    found[frame["nodeId"].to_numpy(np.int64)] = frame[column].to_numpy(np.float64)
    return found


# --- what is not offered, since the server means something else by the name ------------------------


def _too_large(graph: Network, ask: ask_for.Measure) -> str | None:
    if graph.arcs.nnz <= MOST_ARCS:
        return None
    return f"{graph.arcs.nnz:,} arcs are more than the {MOST_ARCS:,} that are sent over Bolt for one measure"


def _no_rounds(graph: Network, ask: ask_for.PageRank) -> str | None:
    if ask.rounds is not None:
        return "the server's rounds start elsewhere and lose what sinks hold; ask without rounds"
    return _too_large(graph, ask)


def _no_directions(graph: Network, ask: ask_for.Clustering) -> str | None:
    if graph.directed:
        return "the server knows local clustering of undirected graphs only"
    return _too_large(graph, ask)


def _too_slow(graph: Network, ask: ask_for.Influence) -> str | None:
    if graph.size * ask.simulations > MOST_CASCADES:
        return (
            f"CELF would simulate {graph.size * ask.simulations:,} cascades before its first seed, and the"
            f" server does not stop when told to; {MOST_CASCADES:,} are allowed"
        )
    if ask.probability < LEAST_PROBABILITY:
        return f"the server takes probabilities from {LEAST_PROBABILITY} on only"
    return _too_large(graph, ask)


OFFERS: Offers = {
    ask_for.Components: Offer(_components, _too_large),
    ask_for.LabelPropagation: lacking(ONE_AFTER_ANOTHER),
    ask_for.Leiden: Offer(_leiden, _too_large),
    ask_for.PageRank: Offer(_pagerank, _no_rounds),
    ask_for.PersonalisedPageRank: Offer(_personalised, _too_large),
    ask_for.Core: Offer(_core, _too_large),
    ask_for.Betweenness: Offer(_betweenness, _too_large),
    ask_for.Clustering: Offer(_clustering, _no_directions),
    ask_for.Bfs: Offer(_bfs, _too_large),
    ask_for.ShortestPaths: Offer(_sssp, _too_large),
    ask_for.Similarity: Offer(_similarity, _too_large),
    ask_for.Influence: Offer(_influence, _too_slow),
}
"""`run` takes the client before what the other engines' take."""
