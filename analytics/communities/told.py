"""What a run found out about communities, read back for people: what became of them, what is inside one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from graph.asof import View
from graph.errors import NotFound, one_of

ACCOUNTS_NAMED = 5
NEWEST = """
SELECT run_id, as_of, started FROM runs
WHERE ($run IS NULL OR run_id = $run) AND ($day IS NULL OR as_of <= $day)
ORDER BY CASE WHEN $day IS NULL THEN finished END DESC, as_of DESC, run_id DESC LIMIT 1"""
BEFORE = """
SELECT run_id, as_of, started FROM runs
WHERE as_of <= $day AND finished <= $started AND run_id <> $run
  AND run_id IN (SELECT run_id FROM communities)
ORDER BY as_of DESC, run_id DESC LIMIT 1"""
"""The run whose ids the communities of `$run` went on from: the rule of `circles.NEWEST`, looked up later."""
CHANGES = """
SELECT event, e.community_id, earlier_id, coalesce(now.label, before.label) AS label, e.size, size_before,
  moved, moved / size_before AS kept
FROM community_events e
LEFT JOIN community_profiles now ON now.run_id = $run AND now.community_id = e.community_id
LEFT JOIN community_profiles before ON before.run_id = $before AND before.community_id = earlier_id
WHERE e.run_id = $run
ORDER BY list_position(['merged', 'split', 'died', 'born', 'continued'], event),
  greatest(e.size, size_before) DESC, earlier_id, e.community_id"""
HELD = """(m.since IS NULL OR m.since <= $day) AND (m."until" IS NULL OR m."until" >= $day)"""
CIRCLES_OF = f"""
SELECT DISTINCT c.target AS community_id FROM communities c JOIN memberships m USING (source)
WHERE c.run_id = $run AND m.target = $account AND {HELD}"""
SIZE = """
SELECT size FROM community_profiles WHERE run_id = $run AND community_id = $community
UNION ALL
SELECT count(*) FROM inner_circles WHERE run_id = $run AND community_id = $community
ORDER BY size DESC LIMIT 1"""
GROUPS = f"""
WITH placed AS (
  SELECT * FROM inner_circles WHERE run_id = $run AND starts_with(community_id, $community || '.')
), sizes AS (
  SELECT community_id, parent_id, level, count(*) AS size FROM placed GROUP BY ALL
), homes AS (
  SELECT p.community_id, m.target AS account_id, count(DISTINCT p.member_id) AS members
  FROM placed p JOIN memberships m ON m.source = p.member_id AND {HELD}
  GROUP BY ALL
), named AS (
  SELECT community_id, count(*) AS held,
    list(coalesce(a.name, account_id) || ' (' || members || ')' ORDER BY members DESC, account_id) AS names
  FROM homes LEFT JOIN accounts a USING (account_id) GROUP BY community_id
)
SELECT s.community_id, s.parent_id, s.level, s.size, s.size / coalesce(parent.size, $size) AS of_parent,
  coalesce(held, 0) AS accounts, coalesce(names[:{ACCOUNTS_NAMED}], []) AS largest
FROM sizes s LEFT JOIN sizes parent ON parent.community_id = s.parent_id
LEFT JOIN named n ON n.community_id = s.community_id
ORDER BY string_split(s.community_id[2:], '.')::INT[]"""
GLANCE = """
WITH told AS (
  SELECT community_id, list_position(['merged', 'split', 'born', 'continued'], event) AS place, event,
    earlier_id, moved / size_before AS kept
  FROM community_events WHERE run_id = $run AND list_contains($ids, community_id)
), counted AS (
  SELECT parent_id AS community_id, count(DISTINCT community_id) AS inside
  FROM inner_circles WHERE run_id = $run AND list_contains($ids, parent_id) GROUP BY parent_id
), foremost AS (
  SELECT community_id, first(event) AS event, list(earlier_id ORDER BY earlier_id) AS earlier,
    max(kept) AS kept
  FROM (SELECT * FROM told QUALIFY place = min(place) OVER (PARTITION BY community_id)) GROUP BY community_id
)
SELECT community_id, event, earlier, kept, coalesce(inside, 0) AS inside
FROM foremost FULL JOIN counted USING (community_id)"""


@dataclass(frozen=True)
class Run:
    """A refresh: its key, the day it is as of, and when it began (ISO 8601, UTC)."""

    run_id: str
    as_of: date
    started: str


@dataclass(frozen=True, eq=False)
class Told:
    """Rows, and where there are none why; `before` is the run that was compared with."""

    rows: pa.Table
    reason: str = ""
    before: Run | None = None


def run_told(view: View, day: date | None = None, run_id: str | None = None) -> Run:
    """The run that finished last, as the graph shows it; with a day the newest as of that day or before.

    Raises NotFound where there is none, or not that of the id.
    """
    found = _run(view, NEWEST, {"day": day, "run": run_id})
    if found:
        return found
    known = view.sql_arrow("SELECT run_id, as_of FROM runs")
    if not len(known):
        raise NotFound("no run yet, so no communities: guanxi refresh finds them")
    if run_id is not None:
        raise NotFound(one_of("run", run_id, known["run_id"].to_pylist()))
    raise NotFound(
        f"no run is as of {day} or a day before; the first is as of {min(known['as_of'].to_pylist())}"
    )


def changes(view: View, run: Run, account: str | None = None) -> Told:
    """What became of every community since the run before; `view` is as of the run's day.

    A row per event of `continuity.changes`, what is no longer as it was first, then by size: `event`,
    `community_id`, `earlier_id`, `label` (of the earlier one where it died), `size`, `size_before`, `moved`
    (members in both) and `kept` (their share of the earlier members; null where it was born). With an
    `account` only communities that have one of its members, or had one by the run before. Raises NotFound
    for an account that is not known on the day.
    """
    before = _run(view, BEFORE, {"run": run.run_id, "day": run.as_of, "started": run.started})
    rows = view.sql_arrow(CHANGES, {"run": run.run_id, "before": before and before.run_id})
    reason = "" if len(rows) else _why_none(run, before)
    if account is not None:
        _known(view, account, run.as_of)
        rows = _touching(rows, _circles(view, run, account), _circles(view, before, account))
        reason = reason or ("" if len(rows) else f"no member of {account} is in any of them")
    return Told(rows, reason, before)


def inside(view: View, run: Run, community: str) -> Told:
    """The groups inside a community (or inside such a group), each followed by those inside it.

    `community_id`, `parent_id`, `level` (1 is directly inside a circle), `size`, `of_parent` (share of the
    parent's members), `accounts` (how many its members are of) and `largest` (the five with most members
    there). `view` is as of the run's day. Raises NotFound for a community that the run does not have.
    """
    asked: dict[str, object] = {"run": run.run_id, "community": community}
    size = max(view.sql_arrow(SIZE, asked)["size"].to_pylist(), default=0)
    if not size:
        raise NotFound(
            f"no community {community!r} in run {run.run_id};"
            " guanxi ask communities/find_cross_account min_accounts=1 lists those of the newest run"
        )
    rows = view.sql_arrow(GROUPS, {**asked, "size": size, "day": run.as_of})
    whole = f"no group stands out among the {size} members of {community}; small circles are left whole"
    return Told(rows, "" if len(rows) else whole)


def at_a_glance(view: View, run_id: str, communities: Sequence[str]) -> pa.Table:
    """Of the communities named those of which there is something to tell, in no order.

    `community_id`, `event` (the foremost one since the run before; null where there was none), `earlier`
    (ids of the communities it came from), `kept` (the largest share of one of them that it has) and
    `inside` (groups directly inside it).
    """
    return view.sql_arrow(GLANCE, {"run": run_id, "ids": list(communities)})


def _run(view: View, text: str, params: dict[str, object]) -> Run | None:
    found = view.sql_arrow(text, params).to_pylist()
    return Run(**found[0]) if found else None


def _why_none(run: Run, before: Run | None) -> str:
    if before is None:
        return f"run {run.run_id} has no run before it to be compared with"
    return f"run {run.run_id} kept nothing of what became of the communities of run {before.run_id}"


def _known(view: View, account: str, day: date) -> None:
    known = view.sql_arrow("SELECT 1 FROM accounts WHERE account_id = $account", {"account": account})
    if not len(known):
        raise NotFound(f"no account {account!r} as of {day}; guanxi ask accounts/list_accounts lists them")


def _circles(view: View, run: Run | None, account: str) -> set[str]:
    """The communities of a run with a member who belonged to the account on the run's day."""
    if run is None:
        return set()
    asked = {"run": run.run_id, "day": run.as_of, "account": account}
    return set(view.sql_arrow(CIRCLES_OF, asked)["community_id"].to_pylist())


def _touching(rows: pa.Table, now: set[str], earlier: set[str]) -> pa.Table:
    ends = zip(rows["community_id"].to_pylist(), rows["earlier_id"].to_pylist(), strict=True)
    return rows.filter(pa.array([one in now or other in earlier for one, other in ends], pa.bool_()))
