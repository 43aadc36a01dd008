"""The gates on generated worlds: few and small here, as many as are asked for at night."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.contagion.verdict import COLUMNS, Finding, Verdict
from api.commands.world import check_world
from api.gates import MEMBERS, Gate, Judged, judge, judged
from api.show import Format
from graph.errors import BadInput, NotFound
from ingest.world.scenarios import SCENARIOS


def told(finding: Finding, **estimates: float) -> Verdict:
    """A verdict that says this, with these figures."""
    table = pd.DataFrame([dict.fromkeys(COLUMNS, np.nan) | {"method": name, "estimate": value}
                          for name, value in estimates.items()], columns=list(COLUMNS))  # fmt: skip
    kernels = pd.Series({"none": 0.0, "out 5": 9.0, "in 5": 4.0, "both 5": 9.5, "out 2": 7.0, "out 10": 8.0})
    return Verdict(table, finding, "", "", kernels)


def gates(name: str, monkeypatch: pytest.MonkeyPatch, verdicts: list[Verdict]) -> dict[str, Gate]:
    def known(_: str, seed: int, members: int) -> Judged:
        assert members == MEMBERS[name]
        return Judged(seed, None, verdicts[seed])  # type: ignore[arg-type]  (no gate looks at the study)

    monkeypatch.setattr("api.gates.judged", known)
    return {gate.gate: gate for gate in judge(name, range(len(verdicts)))}


def test_one_false_alarm_in_twenty_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, loud = told(Finding.NOT_SHOWN), told(Finding.BEYOND)
    assert gates("S1", monkeypatch, [quiet] * 19 + [loud])["false alarms"].holds
    found = gates("S1", monkeypatch, [quiet] * 18 + [loud] * 2)["false alarms"]
    assert not found.holds
    assert (found.asked, found.seen) == ("≤ 1 of 20", "2")


def test_the_ratio_must_be_near_and_the_kernel_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = told(Finding.BEYOND, hazard=1.9), told(Finding.BEYOND, hazard=2.4)
    found = gates("S2", monkeypatch, [near])
    assert all(gate.holds for gate in found.values())
    assert not gates("S2", monkeypatch, [far])["ln(HR)"].holds
    wide = replace(
        near, kernels=near.kernels + pd.Series({"out 10": 5.0}).reindex(near.kernels.index).fillna(0)
    )
    assert gates("S2", monkeypatch, [wide])["kernel by likelihood"].seen == "out 10"


def test_naive_and_matched_are_asked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gates("S3", monkeypatch, [told(Finding.NOT_SHOWN, naive=1.75, matched=1.35)])
    assert found["naive ratio"].holds
    assert not found["matched ratio"].holds


def test_a_shock_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"stratified by account": 1.05}
    assert gates("S4", monkeypatch, [told(Finding.SHARED, **account)])["named shared shock"].holds
    assert not gates("S4", monkeypatch, [told(Finding.PARTNER, **account)])["named shared shock"].holds
    assert gates("S5", monkeypatch, [told(Finding.PARTNER)])["named partner shock"].holds


def test_a_small_world_of_likeness_is_judged_from_its_tables() -> None:
    found = judged("S1", 2001, 600)
    assert found.verdict.finding is not Finding.BEYOND
    assert found.study.months[0].traits is not None
    # A plan's fee, a bill and a credit level are known of nearly everybody.
    assert (
        np.isfinite(found.study.months[-1].traits[found.study.joined < found.study.months[-1].day]).mean()
        > 0.9
    )
    assert len(found.study.months) == 15


def test_refuses_what_has_no_gates() -> None:
    with pytest.raises(BadInput, match="S7 has no gates of the contagion verdict"):
        judge("s7", [1])
    with pytest.raises(BadInput, match="no seeds"):
        judge("S1", [])
    with pytest.raises(NotFound):
        judge("S99", [1])
    assert set(MEMBERS) < set(SCENARIOS)


def test_the_command_prints_the_gates(capsys: pytest.CaptureFixture[str]) -> None:
    check_world(scenario="S0", members=300, seed=2003, seeds=1, form=Format.table, as_json=True)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [row["gate"] for row in rows] == ["false alarms", "not shown"]
    assert all(row["holds"] for row in rows)
    assert "2 of 2 gates hold" in said.err


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", ["S0", "S1"])
def test_false_alarms_over_a_hundred_worlds(name: str) -> None:
    found = judge(name, range(3000, 3100))
    assert all(gate.holds for gate in found), found


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", ["S2", "S3", "S4", "S5"])
def test_what_is_there_is_found(name: str) -> None:
    found = judge(name, range(3000, 3005))
    assert all(gate.holds for gate in found), found
