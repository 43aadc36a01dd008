import pandas as pd

from analytics.churn.reasons import SIGNS, reasons

FIGURES = {
    "tenure_days": 45.0, "months_silent": 0.0, "months_active": 6.0, "reached": 4.0, "reached_by": 2.0,
    "contacts_last": 11.0, "contacts_before": 42.0, "neighbours": 14.0, "neighbours_gone": 3.0,
    "account_members": 40.0, "account_gone": 1.0, "contract_days": 23.0, "bill_last": 50.0,
    "bill_before": 100.0, "days_overdue": 12.0, "off_net_last": 30.0, "off_net_before": 10.0,
    "rival_last": 4.0, "rival_before": 1.0, "open_cases": 1.0, "recent_cases": 1.0, "plan_fee": 59.0,
    "reciprocity": 0.25, "core": 3.0, "neighbours_trend": -0.2, "own_outside": 0.5, "leader_gone": 1.0,
    "decider_gone": 0.0, "region_left_share": 0.04, "book_left_share": 0.05, "book_members": 90.0,
    "seller_closed": 1.0, "plan_term": 24.0, "off_net_share": 0.4, "minutes_last": 30.0,
    "minutes_before": 60.0, "unhappy_cases": 1.0, "account_raised": 2.0, "products": 1.0, "credit": 3.0,
    "decides": 0.0, "referred": 1.0, "referrals": 2.0,
}  # fmt: skip


def told(contributions: dict[str, float], **figures: float) -> list[str]:
    """Reasons of a member beside two who have twice the figures."""
    mine = {**FIGURES, **figures}
    others = {name: 2 * value for name, value in FIGURES.items()}
    found = pd.DataFrame([mine, others, others])
    return reasons(pd.DataFrame([contributions] * 3), found)[0]


def test_the_three_strongest_in_words_with_the_figures() -> None:
    assert told(
        {
            "neighbours_left": 0.5,
            "neighbours_left_share": 0.4,
            "contacts_trend": 0.8,
            "tenure": 0.3,
            "open_cases": 0.2,
            "plan_fee": -2,
        }
    ) == [
        "3 of 14 neighbours left in the last 90 days",
        "contacts fell from 42 to 11 a month",
        "a member for 45 days, where half are for 90",
    ]


def test_a_count_of_nothing_is_never_what_raises_a_risk() -> None:
    assert told({"neighbours_left": 0.9, "contract_days": 0.1}, neighbours_gone=0) == [
        "its account's contract ends in 23 days"
    ]


def test_a_member_whom_nothing_puts_at_risk_is_told_what_keeps_it() -> None:
    assert told({"tenure": -0.2, "contacts": -0.9}) == [
        "nothing known raises the risk; what keeps it low: 11 contacts last month, where half have 22 or more"
    ]


def test_what_raises_a_risk_without_reading_so_is_told_if_there_is_nothing_else() -> None:
    assert told({"off_net_trend": 0.4}, off_net_last=5.0) == [
        "minutes to other networks fell from 10 to 5 a month"
    ]


def test_every_sign_has_words_for_known_and_for_unknown() -> None:
    nothing = {name: float("nan") for name in FIGURES}
    typical = FIGURES
    for sign in SIGNS:
        assert sign.words(FIGURES, typical)
        unknown = sign.words({**FIGURES, **{n: v for n, v in nothing.items() if n in NULLABLE}}, typical)
        assert "nan" not in unknown


NULLABLE = {
    "tenure_days", "months_silent", "account_members", "account_gone", "contract_days", "bill_last",
    "bill_before", "days_overdue", "plan_fee", "reciprocity", "core", "neighbours_trend", "own_outside",
    "leader_gone", "decider_gone", "region_left_share", "book_left_share", "book_members",
    "seller_closed", "plan_term", "off_net_share", "credit", "referrals",
}  # fmt: skip
