"""What the group-account team asks about accounts, contacts and cases."""

from __future__ import annotations

from tests.queries.expected.case import Case
from tests.queries.small_world import d
from tests.queries.worth import WHY as BY_RULE

LISTED = (
    "account_id name industry region tier class members churn_expected share_at_risk contract_end "
    "churn_expected_reasons"
)
WHY = ["3 人中预计 1.2 人离开"]
A1 = ("a1", "华信集团", "finance", "440100", "national", "large", 3, 1.2, 0.4, d("2026-12-15"), WHY)
A2 = ("a2", "华信南区", "finance", "440300", "provincial", "large", 2, 0.3, 0.15, d("2027-06-30"), None)
A3 = ("a3", "粤海银行", "finance", "440100", "provincial", "large", 2, 0.2, 0.1, d("2026-11-10"), None)
A4 = ("a4", "北辰学校", "education", "110100", "regional", "public", 1, None, None, d("2026-10-01"), None)
A5 = ("a5", "南沙证券", "finance", "440100", "regional", "large", 1, 0.4, 0.4, None, None)

HEAD = (
    "account_id name industry region tier class parent contract_end days_to_contract_end staff members "
    "members_left penetration churn_expected churn_expected_low churn_expected_high churn_expected_reasons "
    "riskiest contacts last_met managers products partners communities open_cases referrals"
)
UNMET = "account_id account contact_id contact title role last_met days_since managers"
C2 = ("a1", "华信集团", "c2", "李娜", "采购主管", "influence", d("2026-05-01"), 183, ["孙丽"])
C3 = ("a3", "粤海银行", "c3", "陈刚", "行长", "decision", d("2026-04-10"), 204, ["何军"])
C5: tuple[object, ...] = ("a4", "北辰学校", "c5", "周涛", None, None, None, None, [])
C7 = ("a1", "华信集团", "c7", "吴静", "工程师", "user", d("2026-04-01"), 213, ["孙丽"])

KNOWN = "contact_id name title role member_id since last_met referrals"
K1 = ("c1", "王磊", "信息部总经理", "decision", "m01", d("2023-01-01"), d("2026-10-20"), None)
# Told twice; the earlier of the two stays counts.
K2 = ("c2", "李娜", "采购主管", "influence", None, d("2023-01-01"), d("2026-05-01"), None)
K7 = ("c7", "吴静", "工程师", "user", None, None, d("2026-04-01"), None)
TIES = "source target kind contacts recent_contacts last_month reciprocity"
# The small world's ties tell neither recent contacts nor reciprocity.
T12 = ("m01", "m02", "TIE", 40, 0, d("2026-10-01"), None)
T15 = ("m01", "m05", "TIE", 40, 0, d("2026-10-01"), None)
T23 = ("m02", "m03", "TIE", 10, 0, d("2026-08-01"), None)
R21 = ("c2", "c1", "REPORTS_TO", None, None, None, None)
R72 = ("c7", "c2", "REPORTS_TO", None, None, None, None)
R43 = ("c4", "c3", "REPORTS_TO", None, None, None, None)

SINGLE = "account_id name tier contacts contact_id contact role last_met managers churn_expected"
ENDING = "account_id name contract_end days_left members churn_expected managers last_met"
CASE = "case_id kind severity opened days_open raised_by_kind raised_by accounts"
S1 = ("s1", "complaint", 4, d("2026-10-01"), 30, "Member", "m02", ["华信集团"])
S3 = ("s3", "request", 2, d("2026-10-10"), 21, "Contact", "c3", ["粤海银行"])
S5: tuple[object, ...] = ("s5", "request", None, d("2026-10-05"), 26, "Member", "m12", [])

WORTH = (
    "account_id arpa arpa_group arpu clv clv_group class class_by_rule tier tier_by_rule stage satisfaction "
    "loyalty arrears_risk why"
)
W1 = (
    "a1", 900.0, 1200.0, 100.0, 9000.0, 12000.0, "large", "commercial", "national", "provincial", "steady",
    71.5, None, None, BY_RULE,
)  # fmt: skip
W2 = (
    "a2", None, None, None, None, 12000.0, "large", "large", "provincial", None, "growing",
    None, None, None, None,
)  # fmt: skip

CASES = [
    Case("accounts/list_by_value", "those with a value, equals by key; a6 is closed", WORTH, [W1, W2]),
    Case("accounts/list_by_value", "a stage", "account_id stage", [("a2", "growing")], {"stage": "growing"}),
    Case("accounts/list_by_value", "a city", "account_id", [("a2",)], {"region": "4403"}),
    Case("accounts/list_accounts", "open accounts, most endangered first", LISTED, [A1, A5, A2, A3, A4]),
    Case("accounts/list_accounts", "a province", LISTED, [A1, A5, A2, A3], {"region": "44"}),
    Case("accounts/list_accounts", "tier and class", LISTED, [A2], {"tier": "provincial", "region": "4403"}),
    Case("accounts/list_accounts", "a class", LISTED, [A4], {"class": "public"}),
    Case(
        "accounts/list_accounts",
        "as of a day when m04 and m05 were in a1 and a6 was open",
        "account_id members",
        [("a6", 0), ("a1", 6), ("a5", 1), ("a2", 1), ("a3", 2), ("a4", 1)],
        {"as_of": "2026-04-30"},
    ),
    Case(
        "accounts/show_360",
        "the head account: two have left it, one moved away, March's manager is gone",
        HEAD,
        [
            (
                "a1",
                "华信集团",
                "finance",
                "440100",
                "national",
                "large",
                None,
                d("2026-12-15"),
                45,
                10,
                3,
                2,
                0.3,
                1.2,
                0.8,
                1.7,
                WHY,
                ["m01", "m02", "m03"],
                3,
                d("2026-10-20"),
                ["孙丽"],
                ["5G套餐", "企业专线"],
                ["星途代理", "远程批发"],
                1,
                1,
                0.0,
            )
        ],
        {"account_id": "a1"},
    ),
    Case(
        "accounts/show_360",
        "a branch without staff figure, contacts, managers, partners",
        HEAD,
        [
            (
                "a2",
                "华信南区",
                "finance",
                "440300",
                "provincial",
                "large",
                "华信集团",
                d("2027-06-30"),
                242,
                None,
                2,
                0,
                None,
                0.3,
                None,
                None,
                None,
                ["m05", "m06"],
                0,
                None,
                [],
                ["企业专线", "云视讯"],
                [],
                2,
                0,
                None,
            )
        ],
        {"account_id": "a2"},
    ),
    Case(
        "accounts/show_360",
        "a bank: its member who leaves in November is still there, its parent comes in December",
        HEAD,
        [
            (
                "a3",
                "粤海银行",
                "finance",
                "440100",
                "provincial",
                "large",
                None,
                d("2026-11-10"),
                10,
                None,
                2,
                0,
                None,
                0.2,
                None,
                None,
                None,
                ["m07", "m08"],
                2,
                d("2026-09-15"),
                ["何军"],
                ["云视讯", "安全网关"],
                [],
                1,
                1,
                1.0,
            )
        ],
        {"account_id": "a3"},
    ),
    Case("accounts/show_360", "an unknown account is no row", HEAD, [], {"account_id": "nobody"}),
    Case(
        "accounts/list_members",
        "those here by risk, then those who left; m05 moved away and is neither",
        "member_id phone state joined left left_kind churn churn_reasons influence_rank community_id",
        [
            (
                "m01",
                "138****0001",
                "here",
                d("2024-01-01"),
                None,
                None,
                0.7,
                ["三名常联系的人已离开", "合约 45 天后到期"],
                1.0,
                "k1",
            ),
            ("m02", "138****0002", "here", None, None, None, 0.3, None, None, "k1"),
            ("m03", None, "here", None, None, None, 0.2, None, None, "k1"),
            ("m04", None, "left", d("2024-03-01"), d("2026-08-20"), "active_rival", None, None, None, None),
            ("m13", None, "left", None, d("2026-09-30"), "internal_transfer", None, None, None, None),
        ],
        {"account_id": "a1"},
    ),
    Case(
        "accounts/list_members",
        "nobody has left yet who leaves in November",
        "member_id state left left_kind",
        [("m07", "here", None, None), ("m08", "here", None, None)],
        {"account_id": "a3"},
    ),
    Case(
        "accounts/list_members",
        "December's member is not there yet",
        "member_id state",
        [("m09", "here")],
        {"account_id": "a4"},
    ),
    Case(
        "accounts/list_single_threaded",
        "a1 met only c1, a3 only c4 since 4 May",
        SINGLE,
        [
            ("a1", "华信集团", "national", 3, "c1", "王磊", "decision", d("2026-10-20"), ["孙丽"], 1.2),
            ("a3", "粤海银行", "provincial", 2, "c4", "赵敏", "gatekeeper", d("2026-09-15"), ["何军"], 0.2),
        ],
    ),
    Case(
        "accounts/list_single_threaded",
        "over a year a1 met three and a3 two",
        SINGLE,
        [],
        {"days": 365},
    ),
    Case(
        "accounts/find_ending_contracts",
        "the next 90 days; a4's contract is over, a6 is closed, a2's is far off",
        ENDING,
        [
            ("a3", "粤海银行", d("2026-11-10"), 10, 2, 0.2, ["何军"], d("2026-09-15")),
            ("a1", "华信集团", d("2026-12-15"), 45, 3, 1.2, ["孙丽"], d("2026-10-20")),
        ],
    ),
    Case(
        "accounts/find_ending_contracts",
        "the last day counts",
        "account_id",
        [("a3",)],
        {"days": "10", "region": "4401"},
    ),
    Case(
        "accounts/list_subsidiaries",
        "two levels; a3 joins the group only in December",
        "depth account_id name parent_id region members churn_expected",
        [(1, "a2", "华信南区", "a1", "440300", 2, 0.3), (2, "a5", "南沙证券", "a2", "440100", 1, 0.4)],
        {"account_id": "a1"},
    ),
    Case(
        "accounts/list_ties",
        "both directions once; m05 moved away, c3 works elsewhere, c7 reports to c2 from December",
        TIES,
        [R21, T12, T23],
        {"account_id": "a1"},
    ),
    Case(
        "accounts/list_ties",
        "as of a day when m05 was still there, with ties of later months all the same",
        TIES,
        [R21, T12, T15, T23],
        {"account_id": "a1", "as_of": "2026-04-30"},
    ),
    Case(
        "accounts/list_ties",
        "asked in December, c7 reports to c2; who reports comes before the strongest tie",
        TIES,
        [R21, R72, T12],
        {"account_id": "a1", "as_of": "2026-12-15", "limit": 3},
    ),
    Case(
        "accounts/list_ties",
        "neither m02's nor m06's ties to m07 are a3's own, nor anybody's to oneself",
        TIES,
        [R43, ("m07", "m08", "TIE", 90, 0, d("2026-10-01"), None)],
        {"account_id": "a3"},
    ),
    Case(
        "accounts/list_ties",
        "asked in December, m08 has left and keeps the tie",
        "source target contacts",
        [("c4", "c3", None), ("m07", "m08", 90)],
        {"account_id": "a3", "as_of": "2026-12-01"},
    ),
    Case("accounts/list_ties", "m07 is not there yet", TIES, [], {"account_id": "a3", "as_of": "2025-02-28"}),
    Case("accounts/list_ties", "an unknown account has none", TIES, [], {"account_id": "nobody"}),
    Case(
        "contacts/list_contacts",
        "the part at this account; c3 works elsewhere by now, c4 and c5 once did and will",
        KNOWN,
        [K1, K2, K7],
        {"account_id": "a1"},
    ),
    Case(
        "contacts/list_contacts",
        "asked in April, c3 still works there and c2 was not yet met",
        "contact_id role since last_met",
        [
            ("c1", "decision", d("2023-01-01"), d("2026-02-01")),
            ("c2", "influence", d("2023-01-01"), None),
            ("c3", "decision", d("2023-01-01"), d("2026-04-10")),
            ("c7", "user", None, d("2026-04-01")),
        ],
        {"account_id": "a1", "as_of": "2026-04-30"},
    ),
    Case(
        "contacts/list_contacts",
        "no part at the account is told: c6's own counts, of c5 nothing is known",
        "contact_id name title role last_met",
        [("c5", "周涛", None, None, None), ("c6", "冯玉", None, "decision", d("2026-10-01"))],
        {"account_id": "a6"},
    ),
    Case("contacts/list_contacts", "nobody is known there", KNOWN, [], {"account_id": "a2"}),
    Case("contacts/find_unmet", "decision makers first, unknown roles last", UNMET, [C3, C2, C7, C5]),
    Case("contacts/find_unmet", "one account", UNMET, [C2, C7], {"account_id": "a1"}),
    Case("contacts/find_unmet", "one region and role", UNMET, [C3], {"region": "44", "roles": "decision"}),
    Case("contacts/find_unmet", "200 days", UNMET, [C3, C7, C5], {"days": 200}),
    Case(
        "contacts/find_unmet",
        "as of December g2 has met c3",
        "contact_id",
        [("c2",), ("c7",), ("c5",)],
        {"as_of": "2026-12-01", "limit": 3},
    ),
    Case("cases/list_open", "the gravest first; s2 is settled, s4 comes later", CASE, [S1, S3, S5]),
    Case("cases/list_open", "of one account: c3 works at a3 now", CASE, [S3], {"account_id": "a3"}),
    Case("cases/list_open", "grave ones", CASE, [S1], {"at_least": 3}),
]
