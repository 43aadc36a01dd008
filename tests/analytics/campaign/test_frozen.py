import pandas as pd
import pytest

from analytics.campaign.asked import asked_of
from analytics.campaign.audience import audience
from analytics.campaign.frozen import digest_of, freeze, frozen
from analytics.campaign.plan import Plan, plan
from analytics.kernels.opimc import Effort
from graph.errors import BadInput, Conflict, Damaged, NotFound
from graph.lake import Lake
from graph.schema import PLAN_MEMBERS
from tests.analytics.campaign.worlds import DAY, seen, star_market


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Plan]:
    """A plan of twelve contacts in twelve accounts, frozen."""
    lake = star_market(tmp_path_factory.mktemp("frozen"))
    view, graph = seen(lake)
    asked = asked_of({"spread": {"runs": 20}, "control": {"share": 0.25}})
    made = plan(view, graph, "春季", asked, 36, effort=Effort(threads=1))
    with lake.writing("plan") as writer:
        for kind, rows in freeze(lake.view(), made):
            writer.append(kind, rows)
    return lake, made


def test_what_was_frozen_is_shown_again(kept: tuple[Lake, Plan]) -> None:
    lake, made = kept
    found = frozen(lake.view(), "春季")
    assert found.members["id"].tolist() == made.listed["id"].tolist()
    assert found.members["arm"].tolist() == made.listed["arm"].tolist()
    assert found.as_of == DAY
    assert found.parameters["budget"] == 36.0
    assert len(found.digest) == 64
    assert found.run_id == f"plan-{found.digest[:16]}"
    assert len(found.rehearsed) == len(made.rehearsed)
    treated = made.listed[made.listed["arm"] == "treat"]["id"].tolist()
    assert lake.view().sql("SELECT id FROM seeds ORDER BY rank")["id"].tolist() == treated


def test_it_is_no_run_that_a_page_would_show(kept: tuple[Lake, Plan]) -> None:
    assert kept[0].view().frame("runs").empty


def test_a_name_is_taken_once(kept: tuple[Lake, Plan]) -> None:
    lake, made = kept
    with pytest.raises(Conflict, match="'春季' is frozen already and never changes"):
        freeze(lake.view(), made)
    with pytest.raises(NotFound, match="no frozen plan named 'autumn'; known: 春季"):
        frozen(lake.view(), "autumn")
    with pytest.raises(BadInput, match="1 to 60 characters"):
        freeze(lake.view(), Plan(**{**made.__dict__, "name": " "}))


def test_its_control_group_is_left_alone_by_the_next_plan(kept: tuple[Lake, Plan]) -> None:
    lake, made = kept
    held = made.listed[made.listed["arm"] == "control"]["id"]
    found = audience(lake.view(DAY), asked_of({})).everybody.set_index("member_id")["excluded"]
    assert set(found[held]) == {"held back by a control group"}
    assert (found == "").sum() == len(found) - len(held)


def test_any_change_shows(kept: tuple[Lake, Plan]) -> None:
    lake, made = kept
    rows = made.listed
    same = digest_of("n", DAY, {"budget": 1.0}, rows)
    assert digest_of("n", DAY, {"budget": 1.0}, rows.sample(frac=1, random_state=1)) == same
    assert digest_of("n", DAY, {"budget": 2.0}, rows) != same
    assert digest_of("n", DAY, {"budget": 1.0}, rows.assign(cost=rows["cost"] + 1e-15 + 1e-9)) != same
    assert digest_of("n", DAY, {"budget": 1.0}, rows.iloc[1:]) != same
    extra = rows.head(1).assign(rank=999, run_id=frozen(lake.view(), "春季").run_id, plan="春季")
    with lake.writing("meddle") as writer:
        writer.append(PLAN_MEMBERS, pd.DataFrame(extra))
    with pytest.raises(Damaged, match="is not as it was frozen"):
        frozen(lake.view(), "春季")
