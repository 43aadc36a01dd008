"""A world small enough to answer every question by hand, with a trap beside most figures.

The run is as of 31 October 2026; what is dated later must change no answer: a member who leaves in
November is still there, December's membership is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from graph.schema import NODE
from graph.statement import Statement, identifier
from graph.store import GraphStore
from tests.queries.worth import valued

Props = dict[str, object]
AS_OF = date(2026, 10, 31)
RUN_ID = "run-1"


def d(text: str) -> date:
    return date.fromisoformat(text)


def _scored(member_id: str, churn: float, **more: object) -> Props:
    return {"member_id": member_id, "churn": churn, "run_id": RUN_ID, "as_of": AS_OF, **more}


ACCOUNTS: list[Props] = [
    {
        "account_id": "a1",
        "name": "华信集团",
        "industry": "finance",
        "region": "440100",
        "tier": "national",
        "class": "large",
        "staff": 10,
        "opened": d("2020-01-01"),
        "contract_end": d("2026-12-15"),
        "churn_expected": 1.2,
        "churn_expected_low": 0.8,
        "churn_expected_high": 1.7,
        "churn_expected_reasons": ["3 人中预计 1.2 人离开"],
        "referrals": 0.0,
    },
    {
        "account_id": "a2",
        "name": "华信南区",
        "industry": "finance",
        "region": "440300",
        "tier": "provincial",
        "class": "large",
        "contract_end": d("2027-06-30"),
        "churn_expected": 0.3,
    },
    {
        "account_id": "a3",
        "name": "粤海银行",
        "industry": "finance",
        "region": "440100",
        "tier": "provincial",
        "class": "large",
        "contract_end": d("2026-11-10"),
        "churn_expected": 0.2,
        "referrals": 1.0,
    },
    {
        "account_id": "a4",
        "name": "北辰学校",
        "industry": "education",
        "region": "110100",
        "tier": "regional",
        "class": "public",
        "contract_end": d("2026-10-01"),
    },
    {
        "account_id": "a5",
        "name": "南沙证券",
        "industry": "finance",
        "region": "440100",
        "tier": "regional",
        "class": "large",
        "churn_expected": 0.4,
    },
    # Closed: no list of open accounts shows it, though its contract would end soon.
    {
        "account_id": "a6",
        "name": "旧楼证券",
        "industry": "finance",
        "region": "440100",
        "tier": "regional",
        "class": "large",
        "closed": d("2026-05-01"),
        "contract_end": d("2026-11-30"),
        "churn_expected": 9.0,
    },
    # Opens after the run.
    {"account_id": "a7", "industry": "finance", "class": "large", "opened": d("2027-02-01")},
]
MEMBERS: list[Props] = [
    _scored(
        "m01",
        0.7,
        phone_masked="138****0001",
        plan_id="p4",
        joined=d("2024-01-01"),
        churn_low=0.6,
        churn_high=0.8,
        churn_reasons=["三名常联系的人已离开", "合约 45 天后到期"],
        pagerank=0.2,
        core=2.0,
        betweenness=0.3,
        influence_rank=1.0,
        influence_gain=4.5,
        influence_rank_reasons=["常联系 2 人"],
        referrals=2.0,
    ),
    _scored("m02", 0.3, phone_masked="138****0002", pagerank=0.1, betweenness=0.0, referrals=1.0),
    _scored("m03", 0.2, pagerank=0.1),
    # Left, and its membership ended with it.
    {"member_id": "m04", "joined": d("2024-03-01"), "left": d("2026-08-20"), "left_kind": "active_rival"},
    # Moved from a1 to a2.
    _scored(
        "m05",
        0.2,
        pagerank=0.15,
        betweenness=0.2,
        influence_rank=2.0,
        influence_gain=2.0,
        influence_gain_reasons=["桥接两个社群"],
    ),
    _scored("m06", 0.1, pagerank=0.05),
    _scored("m07", 0.15, pagerank=0.12),
    # Leaves after the run: nothing may show it yet.
    _scored("m08", 0.05, pagerank=0.05, left=d("2026-11-15"), left_kind="active_price"),
    # Its source counts referrals and lists none.
    _scored("m09", 0.25, pagerank=0.03, referrals=5.0),
    # Joins its account after the run.
    {"member_id": "m10"},
    _scored("m11", 0.4, pagerank=0.08, betweenness=0.1, influence_rank=3.0, influence_gain=1.0),
    # Belongs to no account.
    _scored("m12", 0.5, pagerank=0.01),
    # Left, and its source never ended the membership.
    {"member_id": "m13", "left": d("2026-09-30"), "left_kind": "internal_transfer"},
    {"member_id": "m14", "left": d("2026-01-15"), "left_kind": "active_exit"},
]
CONTACTS: list[Props] = [
    {"contact_id": "c1", "name": "王磊", "title": "信息部总经理", "role": "decision", "member_id": "m01"},
    # A user elsewhere, an influencer at a1: the role at the account counts.
    {"contact_id": "c2", "name": "李娜", "title": "采购主管", "role": "user"},
    {"contact_id": "c3", "name": "陈刚", "title": "行长", "role": "decision"},
    {"contact_id": "c4", "name": "赵敏", "title": "秘书", "role": "gatekeeper"},
    {"contact_id": "c5", "name": "周涛"},
    {"contact_id": "c6", "name": "冯玉", "role": "decision"},
    {"contact_id": "c7", "name": "吴静", "title": "工程师", "role": "user"},
]
MANAGERS: list[Props] = [
    {"manager_id": "g1", "name": "孙丽", "region": "440100"},
    {"manager_id": "g2", "name": "何军", "region": "440100"},
]
PRODUCTS: list[Props] = [
    {"product_id": "p1", "name": "企业专线", "category": "line", "monthly_fee": 500.0},
    {"product_id": "p2", "name": "云视讯", "category": "cloud", "monthly_fee": 200.0},
    {"product_id": "p3", "name": "安全网关", "category": "security", "monthly_fee": 300.0},
    {"product_id": "p4", "name": "5G套餐", "category": "tariff", "monthly_fee": 99.0},
]
PARTNERS: list[Props] = [
    {
        "partner_id": "r1",
        "name": "星途代理",
        "kind": "agent",
        "region": "440100",
        "closed": d("2027-01-01"),
    },
    {
        "partner_id": "r2",
        "name": "远程批发",
        "kind": "wholesaler",
        "region": "110100",
        "closed": d("2026-10-15"),
    },
    {"partner_id": "r3", "name": "无单服务", "kind": "service_provider"},
]
CAMPAIGNS: list[Props] = [
    {"campaign_id": "d1", "name": "云视讯体验", "channel": "phone", "product_id": "p2"},
    {"campaign_id": "d2", "name": "专线升级", "channel": "visit", "product_id": "p1"},
]
CASES: list[Props] = [
    {"case_id": "s1", "kind": "complaint", "severity": 4, "opened": d("2026-10-01")},
    {
        "case_id": "s2",
        "kind": "fault",
        "severity": 5,
        "opened": d("2026-09-01"),
        "closed": d("2026-09-20"),
    },
    # Settled after the run: open on its day.
    {
        "case_id": "s3",
        "kind": "request",
        "severity": 2,
        "opened": d("2026-10-10"),
        "closed": d("2026-11-20"),
    },
    {"case_id": "s4", "kind": "fault", "severity": 5, "opened": d("2026-11-11")},
    {"case_id": "s5", "kind": "request", "opened": d("2026-10-05")},
]
COMMUNITIES: list[Props] = [
    {"community_id": "k1", "run_id": RUN_ID, "size": 4, "density": 0.5, "label": "华信集团", "accounts": 2},
    {"community_id": "k2", "run_id": RUN_ID, "size": 4, "density": 0.6, "label": "粤海银行", "accounts": 3},
    {"community_id": "k3", "run_id": RUN_ID, "size": 1, "label": "北辰学校", "accounts": 1},
]
RUNS: list[Props] = [{"run_id": RUN_ID, "as_of": AS_OF, "finished": "2026-11-02T03:00:00Z"}]

NODES: dict[str, list[Props]] = {
    "Account": valued(ACCOUNTS),
    "Member": MEMBERS,
    "Contact": CONTACTS,
    "Manager": MANAGERS,
    "Product": PRODUCTS,
    "Partner": PARTNERS,
    "Campaign": CAMPAIGNS,
    "Case": CASES,
    "Community": COMMUNITIES,
    "Run": RUNS,
}
LABELS = {
    "a": "Account", "m": "Member", "c": "Contact", "g": "Manager", "p": "Product", "r": "Partner",
    "d": "Campaign", "s": "Case", "k": "Community",
}  # fmt: skip
"""The first letter of a key tells its label."""

Edge = tuple[str, str, Props]


def held(source: str, target: str, since: str = "", until: str = "", **more: object) -> Edge:
    """An edge that holds over these days."""
    days: Props = {name: d(text) for name, text in (("since", since), ("until", until)) if text}
    return source, target, {**days, **more}


def on(source: str, target: str, day: str, **more: object) -> Edge:
    """An edge for something that happened on that day."""
    return source, target, {"date": d(day), **more}


def tie(source: str, target: str, contacts: int, last_month: str) -> Edge:
    """A tie, one direction of it."""
    return source, target, {"contacts": contacts, "last_month": d(last_month)}


EDGES: dict[str, list[Edge]] = {
    "PART_OF": [held("a2", "a1"), held("a5", "a2", "2025-01-01"), held("a3", "a1", "2026-12-01")],
    "BELONGS_TO": [
        held("m01", "a1", "2024-01-01"),
        held("m02", "a1", "2024-06-01"),
        held("m03", "a1", "2024-01-01"),
        held("m04", "a1", "2024-03-01", "2026-08-20"),
        held("m05", "a1", "2024-01-01", "2026-06-30"),
        held("m05", "a2", "2026-07-01"),
        held("m06", "a2", "2024-01-01"),
        held("m07", "a3", "2025-03-01"),
        held("m08", "a3", "2024-01-01"),
        held("m09", "a4"),
        held("m10", "a4", "2026-12-01"),
        held("m11", "a5", "2024-01-01"),
        held("m13", "a1", "2024-01-01"),
        held("m14", "a5", "2024-01-01"),
    ],
    "WORKS_AT": [
        held("c1", "a1", "2023-01-01", role="decision"),
        held("c2", "a1", "2023-01-01", role="influence"),
        held("c3", "a1", "2023-01-01", "2026-06-30", role="decision"),
        held("c3", "a3", "2026-07-01", role="decision"),
        held("c4", "a3", role="gatekeeper"),
        held("c5", "a4"),
        held("c6", "a6"),
        held("c7", "a1"),
    ],
    "REPORTS_TO": [held("c2", "c1"), held("c4", "c3"), held("c7", "c2", "2026-12-01")],
    "MANAGES": [
        held("g1", "a1", "2024-01-01"),
        held("g2", "a1", "2024-01-01", "2026-03-31"),
        held("g2", "a3"),
        held("g1", "a5"),
    ],
    "VISITED": [
        on("g1", "c1", "2026-10-20"),
        on("g2", "c1", "2026-02-01"),
        on("g1", "c2", "2026-05-01"),
        on("g1", "c3", "2026-04-10"),
        on("g2", "c3", "2026-11-05"),
        on("g2", "c4", "2026-09-15"),
        on("g2", "c7", "2026-04-01"),
    ],
    # Both ways together: m01-m02 40, m02-m07 30, m01-m05 40, m05-m07 10, m07-m08 90, m05-m06 5, m06-m07 10.
    "TIE": [
        tie("m01", "m02", 30, "2026-10-01"),
        tie("m02", "m01", 10, "2026-09-01"),
        tie("m02", "m03", 10, "2026-08-01"),
        tie("m03", "m09", 2, "2026-05-01"),
        tie("m01", "m05", 20, "2026-10-01"),
        tie("m05", "m01", 20, "2026-10-01"),
        tie("m02", "m07", 20, "2026-07-01"),
        tie("m07", "m02", 10, "2026-08-01"),
        tie("m05", "m07", 10, "2026-09-01"),
        tie("m07", "m08", 60, "2026-10-01"),
        tie("m08", "m07", 30, "2026-10-01"),
        tie("m05", "m06", 3, "2026-04-01"),
        tie("m06", "m05", 2, "2026-06-01"),
        tie("m07", "m06", 10, "2026-03-01"),
        tie("m11", "m07", 5, "2026-07-01"),
    ],
    "SUBSCRIBES": [
        held("a1", "p1", "2024-01-01", fee=500.0, sold_by="r1"),
        held("m01", "p4", "2024-02-01", fee=99.0, sold_by="r1"),
        held("m02", "p4", "2025-03-01", fee=99.0, sold_by="r2"),
        held("m03", "p4", "2024-01-01", "2026-06-30", fee=99.0),
        held("m13", "p3", "2024-01-01", fee=300.0, sold_by="r2"),
        held("m14", "p3", "2024-01-01"),
        held("a2", "p1"),
        held("a2", "p2"),
        held("a3", "p2"),
        held("m07", "p3"),
        held("a5", "p2"),
        held("a5", "p3", "2026-12-01"),
        held("a4", "p2"),
        held("a6", "p3"),
    ],
    "SOLD": [
        on("r1", "a1", "2024-01-01", product_id="p1"),
        on("r1", "m01", "2024-02-01", product_id="p4"),
        on("r1", "m04", "2025-01-01", product_id="p4"),
        on("r1", "m09", "2025-05-05", product_id="p4"),
        on("r2", "m02", "2025-03-01", product_id="p4"),
        on("r2", "m13", "2025-06-01", product_id="p3"),
        on("r2", "m03", "2026-11-02", product_id="p4"),
    ],
    "SUPPLIED_BY": [held("r1", "r2")],
    "REFERRED": [
        on("m01", "m02", "2024-06-01", share=1.0),
        on("m01", "m07", "2025-03-01", share=0.5),
        on("m02", "m04", "2024-09-01", share=1.0),
        on("m04", "m05", "2026-12-12", share=1.0),
        on("c1", "a3", "2025-01-10", share=1.0),
        on("c1", "a6", "2025-06-01", share=1.0),
        on("a3", "a4", "2025-09-01", share=1.0),
    ],
    "RAISED": [
        on("m02", "s1", "2026-10-01"),
        on("a1", "s2", "2026-09-01"),
        on("c3", "s3", "2026-10-10"),
        on("a1", "s4", "2026-11-11"),
        on("m12", "s5", "2026-10-05"),
    ],
    "TOUCHED": [
        on("d1", "m01", "2026-08-05", arm="treat", outcome="accepted", cost=2.0),
        on("d1", "m01", "2026-08-20", arm="treat", outcome="declined", cost=2.0),
        on("d1", "m02", "2026-08-05", arm="treat", outcome="declined", cost=2.0),
        on("d1", "m13", "2026-08-05", arm="treat", cost=2.0),
        on("d1", "m07", "2026-11-01", arm="treat", outcome="accepted", cost=2.0),
        on("d1", "m03", "2026-08-05", arm="control"),
        on("d1", "m04", "2026-08-05", arm="control"),
        on("d2", "a3", "2026-10-01", arm="treat", outcome="accepted", cost=50.0),
    ],
    "IN_COMMUNITY": [
        *((m, "k1", {"run_id": RUN_ID, "stability": 0.9}) for m in ("m01", "m02", "m03", "m05")),
        *((m, "k2", {"run_id": RUN_ID, "stability": 0.8}) for m in ("m06", "m07", "m08", "m11")),
        ("m09", "k3", {"run_id": RUN_ID, "stability": 1.0}),
    ],
}


def build(store: GraphStore) -> None:
    """Write the world into an empty graph that has its constraints."""
    for label, rows in NODES.items():
        text = f"UNWIND $rows AS r CREATE (n:{identifier(label)}) SET n += r"
        store.write(Statement(text, {"rows": rows}))
    join(store, EDGES)


def join(store: GraphStore, edges: Mapping[str, list[Edge]]) -> None:
    """Write edges between nodes that are there."""
    for name, listed in edges.items():
        for (source, target), rows in _by_ends(listed).items():
            text = (
                f"UNWIND $rows AS r MATCH (a:{source} {{{NODE[source].id}: r.source}}) "
                f"MATCH (b:{target} {{{NODE[target].id}: r.target}}) "
                f"CREATE (a)-[e:{identifier(name)}]->(b) SET e += r.props"
            )
            store.write(Statement(text, {"rows": rows}))


def _by_ends(edges: list[Edge]) -> dict[tuple[str, str], list[Props]]:
    grouped: dict[tuple[str, str], list[Props]] = {}
    for source, target, props in edges:
        ends = (LABELS[source[0]], LABELS[target[0]])
        grouped.setdefault(ends, []).append({"source": source, "target": target, "props": props})
    return grouped
