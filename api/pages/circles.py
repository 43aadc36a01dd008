"""What stands small beside a circle on an account's page: what became of it, and the groups inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.communities.told import at_a_glance
from api.pages.figures import number, percent
from api.pages.sections import Section
from api.pages.words import Language, Say, speaker
from graph.lake import Lake


def with_changes(circles: Section, lake: Lake, run_id: str | None, language: Language) -> Section:
    """The section with, beside each circle, its foremost event since the run before and its inner groups."""
    if run_id is None or not circles.rows:
        return circles
    told = at_a_glance(lake.view(), run_id, [str(row["community_id"]) for row in circles.rows]).to_pylist()
    lines = {found["community_id"]: lines_of(found, speaker(language), language) for found in told}
    rows = [row | {"beside": [*row["beside"], *lines.get(row["community_id"], ())]} for row in circles.rows]
    return replace(circles, rows=rows)


def lines_of(found: Mapping[str, Any], say: Say, language: Language) -> list[str]:
    """What there is to say of one circle, a phrase each."""
    earlier = ("、" if language is Language.zh else ", ").join(filter(None, found["earlier"] or ()))
    said = []
    if found["event"]:
        said.append(say(f"circle_{found['event']}", earlier=earlier, kept=percent(found["kept"])))
    if found["inside"]:
        said.append(say("circle_inside", n=number(found["inside"])))
    return said
