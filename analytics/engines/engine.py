"""What an engine is: a name, a version, and what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.engines.measures import Measure
from analytics.engines.network import Network
from analytics.engines.result import Columns, Trace
from graph.errors import BadInput


class Unsupported(BadInput):
    """An engine does not have this measure, or not with these parameters or on such a graph."""

    code = "unsupported"


def anything(graph: Network, ask: Any) -> str | None:
    """What an offer without limits refuses: nothing."""
    return None


@dataclass(frozen=True)
class Offer:
    """How an engine answers one measure: `run(graph, ask, trace)`.

    `refuses` says in half a sentence why not this time, else None.
    """

    run: Callable[..., Columns]
    refuses: Callable[[Network, Any], str | None] = anything


def lacking(reason: str) -> Offer:
    """The entry of a measure that the engine has by its name only; `reason` is half a sentence."""

    def run(graph: Network, ask: Any, trace: Trace) -> Columns:
        raise Unsupported(reason)

    return Offer(run, lambda graph, ask: reason)


Offers = Mapping[type[Measure], Offer]


@dataclass(frozen=True)
class Engine:
    """A name, the version of what does the work, and one offer for each measure it has."""

    name: str
    version: str
    offers: Offers


def lack(offers: Offers, graph: Network, ask: Measure) -> str | None:
    """Why offers do not cover a question, in half a sentence, or None where they do."""
    offer = offers.get(type(ask))
    return offer.refuses(graph, ask) if offer else "it is not among its measures"
