"""Every figure that a run gives about a node: its name, about whom, and what it means."""

from __future__ import annotations

from graph.model import Measure
from graph.schema import FLOAT

MEASURES = (
    Measure("pagerank", ("Member",), FLOAT, "share of a random walk over ties, sums to 1"),
    Measure("core", ("Member",), FLOAT, "largest k such that the member is in the k-core"),
    Measure("betweenness", ("Member",), FLOAT, "share of shortest paths through the member, 0 to 1"),
    Measure("churn", ("Member",), FLOAT, "probability of leaving within the horizon, 0 to 1"),
    Measure("influence_rank", ("Member",), FLOAT, "place among those to contact first, from 1"),
    Measure("influence_gain", ("Member",), FLOAT, "further members reached, as estimated"),
    Measure("referrals", ("Member", "Contact", "Account"), FLOAT, "referrals made by the date"),
    Measure("crv", ("Member",), FLOAT, "yuan that those brought by a member were worth"),
    Measure("brv", ("Account",), FLOAT, "yuan that accounts brought by an account are worth to us"),
    Measure("referral_ask", ("Member",), FLOAT, "yuan a year expected of asking for a referral"),
    Measure(
        "word_of_mouth", ("Member", "Account"), FLOAT, "people who hear good of us less those who hear bad"
    ),
    Measure("churn_expected", ("Account",), FLOAT, "members expected to leave within the horizon"),
    Measure("churn_book", ("Partner",), FLOAT, "members it sold expected to leave within the horizon"),
    Measure("churn_group", ("Member",), FLOAT, "its circle's chance of losing members times its own in it"),
    Measure("arpu", ("Member", "Account"), FLOAT, "revenue per member and month, yuan"),
    Measure("arpa", ("Account",), FLOAT, "revenue per month, lines and own services, yuan"),
    Measure("arpa_group", ("Account",), FLOAT, "the same with its subsidiaries"),
    Measure("clv", ("Member", "Account"), FLOAT, "expected margin over the horizon, discounted, yuan"),
    Measure("clv_group", ("Account",), FLOAT, "the same with its subsidiaries"),
    Measure("value_class", ("Account",), FLOAT, "class by rule: 1 large, 2 commercial, 3 public"),
    Measure("value_tier", ("Account",), FLOAT, "tier by rule: 1 national, 2 provincial, 3 regional"),
    Measure(
        "lifecycle",
        ("Account",),
        FLOAT,
        "stage by rule: 1 new, 2 growing, 3 steady, 4 declining, 5 ending, 6 dormant, 7 closed",
    ),
    Measure("satisfaction", ("Account",), FLOAT, "surveys and settled cases of a year, 0 to 100"),
    Measure("loyalty", ("Account",), FLOAT, "lines kept, years with us, kinds of product held, 0 to 100"),
    Measure(
        "arrears_risk", ("Member", "Account"), FLOAT, "unpaid part and days overdue, 0 to 1; not a chance"
    ),
    Measure("partner_net_sales", ("Partner",), FLOAT, "lines sold in a year less those of them that left"),
    Measure("partner_kept_3", ("Partner",), FLOAT, "share of the lines sold that stay 3 months, 0 to 1"),
    Measure("partner_kept_6", ("Partner",), FLOAT, "share of the lines sold that stay 6 months, 0 to 1"),
    Measure("partner_kept_12", ("Partner",), FLOAT, "share of the lines sold that stay 12 months, 0 to 1"),
    Measure("partner_concentration", ("Partner",), FLOAT, "share of its lines in its largest account"),
    Measure("partner_chain_book", ("Partner",), FLOAT, "lines sold by it and those that it supplies"),
    Measure("partner_burst", ("Partner",), FLOAT, "chance that its busiest week of 13 is usual, adjusted"),
    Measure("partner_low_use", ("Partner",), FLOAT, "chance that so many unused lines are usual, adjusted"),
    Measure("partner_shock", ("Partner",), FLOAT, "chance that departures from its book are usual, adjusted"),
)
