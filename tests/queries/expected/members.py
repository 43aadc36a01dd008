"""What is asked about members, their circles and their influence."""

from __future__ import annotations

from tests.queries.expected.case import Case
from tests.queries.small_world import d

RISK = "member_id account_id account churn churn_low churn_high reasons influence_rank"
REASONS = ["三名常联系的人已离开", "合约 45 天后到期"]
M01 = ("m01", "a1", "华信集团", 0.7, 0.6, 0.8, REASONS, 1.0)
M02 = ("m02", "a1", "华信集团", 0.3, None, None, None, None)
M03 = ("m03", "a1", "华信集团", 0.2, None, None, None, None)
M05 = ("m05", "a2", "华信南区", 0.2, None, None, None, 2.0)
M11 = ("m11", "a5", "南沙证券", 0.4, None, None, None, 3.0)
M12 = ("m12", None, None, 0.5, None, None, None, None)

SHOWN = (
    "member_id phone account_id account plan joined left left_kind products ties strongest community_id "
    "churn churn_low churn_high churn_reasons pagerank core betweenness influence_rank influence_gain "
    "referrals"
)
TOP = "influence_rank member_id account_id account region influence_gain reasons churn"
TOP1 = (1.0, "m01", "a1", "华信集团", "440100", 4.5, ["常联系 2 人"], 0.7)
TOP2 = (2.0, "m05", "a2", "华信南区", "440300", 2.0, ["桥接两个社群"], 0.2)
TOP3 = (3.0, "m11", "a5", "南沙证券", "440100", 1.0, None, 0.4)

BROKER = "member_id account_id account betweenness ties communities accounts churn"
B1 = ("m01", "a1", "华信集团", 0.3, 2, 1, 2, 0.7)
B5 = ("m05", "a2", "华信南区", 0.2, 3, 2, 3, 0.2)
B11 = ("m11", "a5", "南沙证券", 0.1, 1, 1, 1, 0.4)

CIRCLE = "community_id label size density accounts largest churn_expected"
K1 = ("k1", "华信集团", 4, 0.5, 2, ["华信集团 (3)", "华信南区 (1)"], 1.4)
K2 = ("k2", "粤海银行", 4, 0.6, 3, ["粤海银行 (2)", "华信南区 (1)", "南沙证券 (1)"], 0.7)
PROFILE = "community_id label size density accounts"
OVERLAY = "community_id label account_id account members of_circle of_account circles"
O11 = ("k1", "华信集团", "a1", "华信集团", 3, 0.75, 1.0, 1)
O12 = ("k1", "华信集团", "a2", "华信南区", 1, 0.25, 0.5, 2)
O22 = ("k2", "粤海银行", "a2", "华信南区", 1, 0.25, 0.5, 2)
O23 = ("k2", "粤海银行", "a3", "粤海银行", 2, 0.5, 1.0, 1)
O25 = ("k2", "粤海银行", "a5", "南沙证券", 1, 0.25, 1.0, 1)
O34 = ("k3", "北辰学校", "a4", "北辰学校", 1, 1.0, 1.0, 1)
ALONE = "member_id account_id account community_id main_account_id main_account main_share stability"
A5 = ("m05", "a2", "华信南区", "k1", "a1", "华信集团", 0.75, 0.9)
A6 = ("m06", "a2", "华信南区", "k2", "a3", "粤海银行", 0.5, 0.8)
A11 = ("m11", "a5", "南沙证券", "k2", "a3", "粤海银行", 0.5, 0.8)

CASES = [
    Case(
        "members/list_at_risk",
        "by probability; m08 is scored though it leaves in November, who left before is not",
        "member_id churn",
        [
            ("m01", 0.7),
            ("m12", 0.5),
            ("m11", 0.4),
            ("m02", 0.3),
            ("m09", 0.25),
            ("m03", 0.2),
            ("m05", 0.2),
            ("m07", 0.15),
            ("m06", 0.1),
            ("m08", 0.05),
        ],
    ),
    Case(
        "members/list_at_risk",
        "with interval, reasons and the account of the run's day",
        RISK,
        [M01, M12, M11],
        {"at_least": "0.35"},
    ),
    Case("members/list_at_risk", "of one account", RISK, [M01, M02, M03], {"account_id": "a1"}),
    Case("members/list_at_risk", "both", RISK, [M01, M02], {"account_id": "a1", "at_least": 0.3}),
    Case("members/list_at_risk", "of one district", RISK, [M05], {"region": "4403", "limit": 1}),
    Case(
        "members/show_member",
        "a member with everything",
        SHOWN,
        [
            (
                "m01",
                "138****0001",
                "a1",
                "华信集团",
                "5G套餐",
                d("2024-01-01"),
                None,
                None,
                ["5G套餐"],
                2,
                ["m02", "m05"],
                "k1",
                0.7,
                0.6,
                0.8,
                REASONS,
                0.2,
                2.0,
                0.3,
                1.0,
                4.5,
                2.0,
            )
        ],
        {"member_id": "m01"},
    ),
    Case(
        "members/show_member",
        "strongest ties add both directions: m08 90, m02 30, then 10, 10 and 5",
        "account_id left left_kind ties strongest products",
        [("a3", None, None, 5, ["m08", "m02", "m05", "m06", "m11"], ["安全网关"])],
        {"member_id": "m07"},
    ),
    Case(
        "members/show_member",
        "asked as of December, November's leaving shows",
        "member_id account_id left left_kind products ties strongest community_id referrals",
        [("m08", "a3", d("2026-11-15"), "active_price", [], 1, ["m07"], "k2", None)],
        {"member_id": "m08", "as_of": "2026-12-01"},
    ),
    Case(
        "members/show_member",
        "asked as of the run, it does not",
        "member_id left left_kind",
        [("m08", None, None)],
        {"member_id": "m08"},
    ),
    Case(
        "members/show_member",
        "a member of which nothing is known",
        SHOWN,
        [("m10", *[None] * 7, [], 0, [], *[None] * 11)],
        {"member_id": "m10"},
    ),
    Case(
        "members/list_by_ids",
        "each once, by key; who is nobody is no row; m08 leaves only in November",
        "member_id phone left churn",
        [
            ("m01", "138****0001", None, 0.7),
            ("m04", None, d("2026-08-20"), None),
            ("m08", None, None, 0.05),
        ],
        {"ids": ["m08", "m01", "nobody", "m04", "m01"]},
    ),
    Case(
        "members/list_by_ids",
        "written with commas, as of December",
        "member_id left",
        [("m08", d("2026-11-15")), ("m14", d("2026-01-15"))],
        {"ids": "m14, m08", "as_of": "2026-12-01"},
    ),
    Case("members/list_by_ids", "none asked for", "member_id", [], {"ids": []}),
    Case("members/list_brokers", "whose ties reach how far", BROKER, [B1, B5, B11]),
    Case("members/list_brokers", "of a district", BROKER, [B1, B11], {"region": "4401"}),
    Case("communities/find_cross_account", "most accounts first", CIRCLE, [K2, K1]),
    Case("communities/find_cross_account", "three accounts", CIRCLE, [K2], {"min_accounts": 3}),
    Case("communities/find_cross_account", "with members of a1", CIRCLE, [K1], {"account_id": "a1"}),
    Case("communities/overlay_accounts", "most members first", OVERLAY, [O11, O23, O12, O22, O25, O34]),
    Case("communities/overlay_accounts", "one account in two", OVERLAY, [O12, O22], {"account_id": "a2"}),
    Case("communities/overlay_accounts", "one circle", OVERLAY, [O23, O22, O25], {"community_id": "k2"}),
    Case("communities/find_alone", "half of the circle is enough", ALONE, [A5, A6, A11]),
    Case("communities/find_alone", "whose member, or whose circle", ALONE, [A6, A11], {"account_id": "a3"}),
    Case("communities/find_alone", "whose member", ALONE, [A11], {"account_id": "a5"}),
    Case(
        "communities/show_community",
        "as the run left it",
        PROFILE,
        [("k2", "粤海银行", 4, 0.6, 3)],
        {"community_id": "k2"},
    ),
    Case(
        "communities/show_community",
        "one alone has no density",
        PROFILE,
        [("k3", "北辰学校", 1, None, 1)],
        {"community_id": "k3"},
    ),
    Case("communities/show_community", "an unknown one is no row", PROFILE, [], {"community_id": "nobody"}),
    Case(
        "communities/show_members",
        "by rank; m07 is tied to all three others, m05 and m02 stand outside",
        "member_id account_id account stability ties_inside pagerank influence_rank churn",
        [
            ("m07", "a3", "粤海银行", 0.8, 3, 0.12, None, 0.15),
            ("m11", "a5", "南沙证券", 0.8, 1, 0.08, 3.0, 0.4),
            ("m06", "a2", "华信南区", 0.8, 1, 0.05, None, 0.1),
            ("m08", "a3", "粤海银行", 0.8, 1, 0.05, None, 0.05),
        ],
        {"community_id": "k2"},
    ),
    Case("influencers/top_of_region", "everywhere", TOP, [TOP1, TOP2, TOP3]),
    Case("influencers/top_of_region", "one city", TOP, [TOP1, TOP3], {"region": "4401"}),
    Case("influencers/top_of_region", "the first of a province", TOP, [TOP1], {"region": "44", "limit": 1}),
]
