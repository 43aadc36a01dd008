"""What marketers ask about products, partners, campaigns and referrals."""

from __future__ import annotations

from tests.queries.expected.case import Case
from tests.queries.small_world import d

# a1's peers are a2, a3 and a5: finance, large, open. a5's gateway comes in December, a6 is closed; of a1's
# own, only m13 held the gateway, and m13 has left.
WHITE = "product_id product category monthly_fee peers holders share verdict"
LEAN = "partner_id partner kind sales share last_sale fees closed"
BOOK = "partner_id partner kind region book left_since left_share accounts top_account top_share last_sale"
R1 = ("r1", "星途代理", "agent", "440100", 3, 1, 1 / 3, 2, "华信集团", 2 / 3, d("2025-05-05"))
R2 = ("r2", "远程批发", "wholesaler", "110100", 2, 1, 0.5, 1, "华信集团", 1.0, d("2025-06-01"))
R3 = ("r3", "无单服务", "service_provider", None, 0, 0, None, 0, None, None, None)
RESULT = (
    "campaign_id name channel treated control treated_success control_success success_lift treated_left "
    "control_left left_lift cost"
)
# Treated: m01 (accepted once), m02, m13 (left within 90 days). Control: m03, m04 (left). m07 comes later.
D1 = ("d1", "云视讯体验", "phone", 3, 2, 1 / 3, 0.0, 1 / 3, 1 / 3, 0.5, -1 / 6, 8.0)
D2 = ("d2", "专线升级", "visit", 1, 0, 1.0, None, None, 0.0, None, None, 50.0)
TREE = "depth referrer_kind referrer_id kind id date share still_here"

CASES = [
    Case(
        "products/find_white_space",
        "three peers are too few for a share",
        WHITE,
        [
            ("p2", "云视讯", "cloud", 200.0, 3, 3, None, "unknown"),
            ("p3", "安全网关", "security", 300.0, 3, 1, None, "unknown"),
        ],
        {"account_id": "a1"},
    ),
    Case(
        "products/find_white_space",
        "three are enough when told so; a member's product counts for its account",
        WHITE,
        [
            ("p2", "云视讯", "cloud", 200.0, 3, 3, 1.0, "white space"),
            ("p3", "安全网关", "security", 300.0, 3, 1, 1 / 3, "white space"),
        ],
        {"account_id": "a1", "min_peers": 3},
    ),
    Case(
        "products/find_white_space",
        "half of the peers",
        "product_id",
        [("p2",)],
        {"account_id": "a1", "min_peers": "3", "at_least": "0.5"},
    ),
    Case("products/find_white_space", "no peers, no rows", WHITE, [], {"account_id": "a4"}),
    Case(
        "partners/lean_on_most",
        "sales to a1 and those in it: r1 to a1 and m01, r2 to m02; not to m04 and m13, who left",
        LEAN,
        [
            ("r1", "星途代理", "agent", 2, 2 / 3, d("2024-02-01"), 599.0, None),
            ("r2", "远程批发", "wholesaler", 1, 1 / 3, d("2025-03-01"), 99.0, d("2026-10-15")),
        ],
        {"account_id": "a1"},
    ),
    Case("partners/lean_on_most", "an account without partners", LEAN, [], {"account_id": "a5"}),
    Case(
        "partners/lean_on_most",
        "asked in January, r1's contract has ended",
        "partner_id closed",
        [("r1", d("2027-01-01")), ("r2", d("2026-10-15"))],
        {"account_id": "a1", "as_of": "2027-01-15"},
    ),
    Case("partners/list_books", "the largest book first", BOOK, [R1, R2, R3]),
    Case("partners/list_books", "a province", BOOK, [R1], {"region": "44"}),
    Case(
        "partners/list_books",
        "as of a year before: nobody had left",
        "partner_id book left_since last_sale",
        [("r1", 3, 0, d("2025-05-05")), ("r2", 2, 0, d("2025-06-01")), ("r3", 0, 0, None)],
        {"as_of": "2025-10-31"},
    ),
    Case("campaigns/show_results", "both, and nothing to compare d2 with", RESULT, [D1, D2]),
    Case("campaigns/show_results", "one", RESULT, [D2], {"campaign_id": "d2"}),
    Case(
        "campaigns/show_results",
        "leaving within 20 days; declining counts as success",
        "treated_success control_success treated_left control_left left_lift",
        [(2 / 3, 0.0, 0.0, 0.5, -0.5)],
        {"campaign_id": "d1", "days": 20, "success": "declined"},
    ),
    Case(
        "referrals/show_tree",
        "two steps from m01; December's is not yet there, m04 has left",
        TREE,
        [
            (1, "Member", "m01", "Member", "m02", d("2024-06-01"), 1.0, True),
            (1, "Member", "m01", "Member", "m07", d("2025-03-01"), 0.5, True),
            (2, "Member", "m02", "Member", "m04", d("2024-09-01"), 1.0, False),
        ],
        {"id": "m01"},
    ),
    Case(
        "referrals/show_tree",
        "from a contact through an account",
        TREE,
        [
            (1, "Contact", "c1", "Account", "a3", d("2025-01-10"), 1.0, True),
            (1, "Contact", "c1", "Account", "a6", d("2025-06-01"), 1.0, False),
            (2, "Account", "a3", "Account", "a4", d("2025-09-01"), 1.0, True),
        ],
        {"id": "c1"},
    ),
    Case(
        "referrals/top_referrers",
        "m09's source only counts; c1 has no figure and is counted here; m04 refers only in December",
        "kind id name referrals listed still_here churn",
        [
            ("Member", "m09", None, 5.0, 0, 0, 0.25),
            ("Contact", "c1", "王磊", 2, 2, 1, None),
            ("Member", "m01", "138****0001", 2.0, 2, 2, 0.7),
            ("Account", "a3", "粤海银行", 1.0, 1, 1, None),
            ("Member", "m02", "138****0002", 1.0, 1, 0, 0.3),
        ],
    ),
]
