"""Lists that no longer change: rows and a fingerprint over them, checked whenever they are shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from analytics.campaign.plan import Plan, measured_until, notes, seeds
from graph.asof import View
from graph.errors import BadInput, Conflict, Damaged, NotFound, one_of
from graph.model import ResultType
from graph.schema import PLAN_MEMBERS, PLANS, SEEDS, SIMULATIONS

HASHED = ("id", "arm", "rank", "cluster", "cost", "value", "gain")
NAME_LENGTH = 60


@dataclass(frozen=True, eq=False)
class Frozen:
    """A list as it was frozen; `members` has the columns of table `plan_members`, by rank."""

    name: str
    run_id: str
    as_of: date
    frozen: str
    parameters: Mapping[str, object]
    notes: Mapping[str, object]
    digest: str
    members: pd.DataFrame
    rehearsed: pd.DataFrame


def freeze(view: View, made: Plan) -> list[tuple[ResultType, pd.DataFrame]]:
    """The rows to append for a plan, with run_id: tables plans, plan_members, seeds and simulations.

    Raises BadInput for a name that is empty or too long, and Conflict where a list of that name is frozen.
    """
    if not 0 < len(made.name.strip()) <= NAME_LENGTH:
        raise BadInput(f"a plan's name has 1 to {NAME_LENGTH} characters")
    if made.name in set(view.frame(PLANS, ["plan"])["plan"]):
        raise Conflict(
            f"a list {made.name!r} is frozen already and never changes; guanxi campaign show {made.name}"
        )
    parameters = {"budget": made.budget, **made.asked.told()}
    members = made.listed[list(HASHED)].assign(plan=made.name)
    digest = digest_of(made.name, made.as_of, parameters, members)
    run_id = f"plan-{digest[:16]}"
    head = {
        "plan": made.name,
        "as_of": made.as_of,
        "frozen": datetime.now(UTC).isoformat(timespec="seconds"),
        "measured_until": measured_until(made),
        "parameters": json.dumps(parameters, ensure_ascii=False),
        "notes": json.dumps(notes(made), ensure_ascii=False),
        "digest": digest,
    }
    parts = ((PLANS, pd.DataFrame([head])), (PLAN_MEMBERS, members), (SEEDS, seeds(made)))
    return [(kind, rows.assign(run_id=run_id)) for kind, rows in (*parts, (SIMULATIONS, made.rehearsed))]


def frozen(view: View, name: str) -> Frozen:
    """A frozen list as it was. Raises NotFound, and Damaged where it is not what its fingerprint says."""
    heads = view.frame(PLANS)
    found = heads[heads["plan"] == name].to_dict("records")
    if not found:
        raise NotFound(one_of("frozen plan", name, heads["plan"]))
    head = found[0]
    wanted = {"run": head["run_id"]}
    members = view.sql("SELECT * FROM plan_members WHERE run_id = $run ORDER BY rank", wanted)
    parameters, as_of = json.loads(head["parameters"]), pd.Timestamp(head["as_of"]).date()
    if digest_of(name, as_of, parameters, members) != head["digest"]:
        raise Damaged(
            f"the list {name!r} is not as it was frozen: its rows no longer give {head['digest'][:12]}…"
        )
    rehearsed = view.sql("SELECT * FROM simulations WHERE run_id = $run", wanted)
    return Frozen(
        name, head["run_id"], as_of, head["frozen"], parameters, json.loads(head["notes"]), head["digest"],
        members, rehearsed,
    )  # fmt: skip


def digest_of(name: str, as_of: date, parameters: Mapping[str, object], members: pd.DataFrame) -> str:
    """SHA-256, 64 hex digits, over the name, the day, the parameters and the rows by rank.

    Numbers go in by their shortest exact text, so that the last bit counts.
    """
    rows = members.sort_values("rank")[list(HASHED)].astype(object)
    listed = rows.where(rows.notna(), None).to_dict("split")["data"]
    told = {"plan": name, "as_of": as_of.isoformat(), "parameters": parameters, "rows": listed}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
