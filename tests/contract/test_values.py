"""What is written comes back as it was, and compares as it should, on either server."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.schema import ACCOUNT, TIE
from graph.statement import Statement
from tests.contract.speaking import ask, put_members

pytestmark = pytest.mark.server


def test_values_come_back_as_they_were_written(either_store: BoltStore) -> None:
    props = {
        "name": "上海浦东物流有限公司（分公司）`'\"\\ 🚚",
        "opened": date(2019, 2, 28),
        "staff": 2**53 + 1,
        "share": 0.1,
        "closed": None,
        "reasons": ["欠费", "少了 3 个联系人"],
        "active": True,
    }
    either_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "a1", "props": props}])
    found = ask(either_store, "MATCH (n:Account {account_id: 'a1'}) RETURN n, n.opened AS opened")
    expected = {name: value for name, value in props.items() if value is not None}
    assert found == [{"n": {"account_id": "a1", **expected}, "opened": date(2019, 2, 28)}]
    assert type(found[0]["opened"]) is date


def test_stored_dates_compare_with_date_parameters(either_store: BoltStore) -> None:
    either_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "a2", "props": {"opened": date(2020, 5, 1)}}])
    text = "MATCH (n:Account {account_id: 'a2'}) WHERE n.opened < $day RETURN count(n) AS n"
    assert ask(either_store, text, day=date(2020, 5, 2)) == [{"n": 1}]
    assert ask(either_store, text, day=date(2020, 5, 1)) == [{"n": 0}]


def test_a_null_takes_a_property_away_and_an_absent_one_leaves_it(either_store: BoltStore) -> None:
    merge = write.merge_nodes(ACCOUNT)
    either_store.bulk(merge, [{"id": "a3", "props": {"name": "甲", "tier": "national"}}])
    either_store.bulk(merge, [{"id": "a3", "props": {"name": None}}])
    either_store.bulk(merge, [{"id": "a3", "props": None}])
    found = ask(either_store, "MATCH (n:Account {account_id: 'a3'}) RETURN n")
    assert found == [{"n": {"account_id": "a3", "tier": "national"}}]


def test_paths_edges_maps_times_and_points_come_back_plain(either_store: BoltStore) -> None:
    put_members(either_store, "p1", "p2")
    row = {"source": "p1", "target": "p2", "key": "", "props": {"months": 4}}
    either_store.bulk(write.merge_edges(TIE, "Member", "Member"), [row])
    found = ask(
        either_store,
        "MATCH p = (:Member {member_id: 'p1'})-[e:TIE]->() RETURN p, e, {nodes: nodes(p)} AS m,"
        " datetime('2024-01-02T03:04:05+08:00') AS t, duration('P1DT2H') AS d,"
        " point({x: 1, y: 2}) AS at",
    )
    one, other, edge = {"member_id": "p1"}, {"member_id": "p2"}, {"key": "", "months": 4}
    beijing = timezone(timedelta(hours=8))
    assert found == [
        {
            "p": [one, edge, other],
            "e": edge,
            "m": {"nodes": [one, other]},
            "t": datetime(2024, 1, 2, 3, 4, 5, tzinfo=beijing),
            "d": "P1DT2H",
            "at": [1.0, 2.0],
        }
    ]


def test_dates_far_and_near_go_in_and_out(either_store: BoltStore) -> None:
    days = [date(1900, 1, 1), date(1969, 12, 31), date(2000, 2, 29), date(9999, 12, 31)]
    rows = [{"id": f"day-{i}", "props": {"opened": day}} for i, day in enumerate(days)]
    either_store.bulk(write.merge_nodes(ACCOUNT), rows)
    text = "MATCH (n:Account) WHERE n.opened IN $days RETURN n.opened AS day ORDER BY day DESC"
    assert ask(either_store, text, days=days[1:]) == [{"day": day} for day in reversed(days[1:])]
    assert ask(either_store, "RETURN $days AS days, $days[1] < $days[2] AS less", days=days) == [
        {"days": days, "less": True}
    ]


def test_days_between_two_dates(either_store: BoltStore) -> None:
    text = "RETURN duration.inDays($a, $b).days AS days, $b - duration({days: 90}) AS earlier"
    found = ask(either_store, text, a=date(2024, 2, 28), b=date(2024, 3, 1))
    assert found == [{"days": 2, "earlier": date(2023, 12, 2)}]


@pytest.mark.parametrize(
    "value",
    [0, -(2**63), 2**63 - 1, 0.1, -1e308, 5e-324, "", " ", "客户\t\n\u3000𠮷🚚", "x" * 100_000, True, False],
    ids=lambda value: str(value)[:12],
)
def test_a_value_is_kept_to_the_last_bit(either_store: BoltStore, value: object) -> None:
    either_store.write(Statement("MERGE (n:Member {member_id: 'v'}) SET n.plan_id = $v", {"v": value}))
    found = ask(either_store, "MATCH (n:Member {member_id: 'v'}) RETURN n.plan_id AS v")
    assert found == [{"v": value}]
    assert type(found[0]["v"]) is type(value)


@pytest.mark.parametrize("value", [["欠费", "", "甲"], [1, 2], [0.5], [True, False], [date(2024, 2, 29)], []])
def test_a_list_keeps_its_order(either_store: BoltStore, value: list[object]) -> None:
    either_store.write(Statement("MERGE (n:Member {member_id: 'l'}) SET n.why = $v", {"v": value}))
    assert ask(either_store, "MATCH (n:Member {member_id: 'l'}) RETURN n.why AS v") == [{"v": value}]


def test_chinese_names_are_found_and_come_in_the_order_of_their_code_points(either_store: BoltStore) -> None:
    names = ["张伟", "李娜", "王芳", "阿里", "Zhang", "a", "（分）", "一", "龥", None]
    rows = [{"id": f"名{i}", "props": {"name": name}} for i, name in enumerate(names)]
    either_store.bulk(write.merge_nodes(ACCOUNT), rows)
    named = "MATCH (n:Account) WHERE n.account_id STARTS WITH '名' "
    found = ask(either_store, named + "RETURN n.name AS name ORDER BY name")
    assert [row["name"] for row in found] == [*sorted(name for name in names if name), None]
    for test, match in (("STARTS WITH '李'", "李娜"), ("CONTAINS '里'", "阿里"), ("= '龥'", "龥")):
        assert ask(either_store, f"{named} AND n.name {test} RETURN n.name AS name") == [{"name": match}]
    assert ask(
        either_store, "RETURN size('张伟𠮷') AS n, left('张伟', 1) AS first, toUpper('ａb') AS up"
    ) == [{"n": 3, "first": "张", "up": "ＡB"}]
