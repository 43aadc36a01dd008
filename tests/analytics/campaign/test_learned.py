from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analytics.campaign.asked import asked_of
from analytics.campaign.learned import acceptance, beta_prior, informed
from tests.analytics.campaign.worlds import DAY, market, touch


def test_prior_is_found_again() -> None:
    rng = np.random.default_rng(4)
    contacts = rng.integers(50, 400, 3000).astype(float)
    accepted = rng.binomial(contacts.astype(int), rng.beta(2.0, 18.0, 3000)).astype(float)
    a, b = beta_prior(accepted, contacts)
    assert (a, b) == (pytest.approx(2.0, rel=0.15), pytest.approx(18.0, rel=0.15))


def test_groups_that_differ_by_chance_alone_come_to_their_mean() -> None:
    a, b = beta_prior(np.array([10.0, 20.0]), np.array([100.0, 200.0]))
    assert a + b == 300.0  # as many contacts as there were
    assert a / (a + b) == pytest.approx(0.1, abs=0.003)
    assert beta_prior(np.array([3.0]), np.array([30.0]))[0] == pytest.approx(3.0, abs=0.6)


def test_the_next_campaign_takes_what_was_measured_up_to_the_day(tmp_path: Path) -> None:
    """Of account a (large) one of two accepted, of b (public) none of three; a later answer is not seen."""
    told = [
        ("m1", "accepted"),
        ("m2", "declined"),
        ("m3", "declined"),
        ("m4", "no_answer"),
        ("m5", "declined"),
    ]
    rows = [
        touch("K", key, "treat", date(2000, 6, 1), channel="call", outcome=outcome) for key, outcome in told
    ]
    later = touch("L", "m3", "treat", date(2000, 7, 9), channel="call", outcome="accepted")
    held = touch("L", "m1", "control", date(2000, 6, 2))
    lake = market(tmp_path, touches=[*rows, later, held])
    found = acceptance(lake.view(DAY)).set_index("class")
    assert found["contacts"].to_dict() == {"large": 2, "public": 3}
    assert found["accepted"].to_dict() == {"large": 1, "public": 0}
    a, b = beta_prior(np.array([1.0, 0.0]), np.array([2.0, 3.0]))
    assert found.loc["large", "rate"] == pytest.approx((a + 1) / (a + b + 2))
    assert found.loc["public", "high"] == pytest.approx(stats.beta(a, b + 3).ppf(0.975))
    asked = asked_of({"offer": {"channel": "call"}})
    next_ = informed(asked, found.reset_index()).offer
    assert next_.acceptance == pytest.approx(0.2)
    assert next_.acceptance_by_class == pytest.approx(found["rate"].to_dict())
    assert next_.source == "5 contacts by call; measured in 1 campaigns up to 2000-06-01"
    assert informed(asked_of({"offer": {"channel": "sms"}}), found.reset_index()).offer.source == "declared"
