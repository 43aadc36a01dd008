"""Edges that must change no answer: over before anybody asks, not yet begun, told twice, to oneself.

Each stands where a question that forgot its dates, or counted edges for people, would answer otherwise.
"""

from __future__ import annotations

from tests.queries.small_world import Edge, Props, d, held, on, tie


def _then(source: str, target: str, **more: object) -> list[Edge]:
    """The edge as it was once, and as it will be."""
    days: list[Props] = [{"since": d("2023-01-01"), "until": d("2023-12-31")}, {"since": d("2027-02-01")}]
    return [(source, target, {**held_then, **more}) for held_then in days]


NOISE: dict[str, list[Edge]] = {
    "PART_OF": [*_then("a1", "a4"), *_then("a4", "a1"), *_then("a4", "a2")],
    "BELONGS_TO": [
        *_then("m01", "a3"),
        *_then("m07", "a1"),
        *_then("m07", "a2"),
        *_then("m06", "a1"),
        *_then("m06", "a5"),
        *_then("m11", "a1"),
        *_then("m11", "a4"),
        *_then("m12", "a5"),
        *_then("m02", "a4"),
        *_then("m09", "a1"),
        held("m04", "a3", "2023-01-01", "2023-12-31"),
        # Told twice.
        held("m02", "a1", "2025-01-01"),
        held("m06", "a2", "2025-01-01"),
        held("m07", "a3", "2025-06-01"),
        held("m11", "a5", "2025-01-01"),
        held("m13", "a1", "2025-01-01"),
        held("m04", "a1", "2025-01-01", "2026-08-20"),
    ],
    "WORKS_AT": [
        *_then("c4", "a1", role="gatekeeper"),
        *_then("c1", "a3", role="decision"),
        *_then("c5", "a1"),
        *_then("c7", "a4"),
        *_then("c3", "a1", role="decision"),
        *_then("c2", "a3", role="user"),
        held("c2", "a1", "2025-01-01", role="influence"),
        # At an account that is closed.
        held("c5", "a6"),
    ],
    "MANAGES": [*_then("g1", "a3"), *_then("g2", "a1"), held("g1", "a1", "2025-01-01")],
    "REPORTS_TO": [
        *_then("c2", "c3"),
        *_then("c3", "c2"),
        *_then("c3", "c7"),
        held("c2", "c1", "2025-01-01"),
    ],
    "VISITED": [
        on("g2", "c1", "2027-03-01"),
        on("g2", "c2", "2027-03-01"),
        on("g1", "c4", "2027-03-01"),
        on("g1", "c5", "2027-03-01"),
        on("g1", "c7", "2027-03-01"),
        # Of a6, which is closed, only this contact was met.
        on("g1", "c6", "2026-10-01"),
    ],
    "SUBSCRIBES": [
        *_then("a1", "p2", fee=200.0, sold_by="r1"),
        *_then("m01", "p3", fee=300.0, sold_by="r1"),
        *_then("a3", "p3"),
        *_then("m08", "p1"),
        *_then("a2", "p3"),
        *_then("m07", "p2"),
        held("m07", "p3", "2025-01-01"),
        held("m09", "p4", "2025-05-05", fee=50.0, sold_by="r1"),
    ],
    "SOLD": [
        on("r3", "a1", "2027-03-01", product_id="p2"),
        on("r3", "m01", "2027-03-01", product_id="p3"),
        on("r3", "m02", "2027-03-01", product_id="p3"),
        # To somebody who was in the account, is no more, and to one who left it.
        on("r1", "m04", "2025-01-01", product_id="p1"),
        on("r2", "m13", "2025-06-01", product_id="p4"),
    ],
    "TIE": [tie(m, m, 99, "2026-10-01") for m in ("m01", "m02", "m05", "m07", "m08", "m11")],
    "RAISED": [on("m02", "s1", "2026-10-02"), on("a1", "s3", "2026-11-15"), ("a1", "s4", {})],
}
