import numpy as np
import pytest

from analytics.contagion.ratios import naive, stratified


def rows(*table: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strata, exposed and left from (left exposed, stayed exposed, left unexposed, stayed unexposed)."""
    parts = []
    for stratum, (a, b, c, d) in enumerate(table):
        for exposed, left, count in ((True, True, a), (True, False, b), (False, True, c), (False, False, d)):
            parts += [(stratum, exposed, left)] * count
    whole = np.array(parts)
    return whole[:, 0], whole[:, 1].astype(bool), whole[:, 2].astype(bool)


def test_naive_ratio_by_hand() -> None:
    # 10 of 100 against 10 of 200: 2; var ln = 1/10 - 1/100 + 1/10 - 1/200 = 0.185.
    _, exposed, left = rows((10, 90, 10, 190))
    found = naive(exposed, left, np.ones(300))
    assert found.estimate == pytest.approx(2.0)
    assert found.low == pytest.approx(2.0 * np.exp(-1.959964 * np.sqrt(0.185)), rel=1e-6)
    assert found.high == pytest.approx(2.0 * np.exp(1.959964 * np.sqrt(0.185)), rel=1e-6)
    assert found.cases == 20


def test_mantel_haenszel_by_hand() -> None:
    # Stratum 1: 8 of 20 against 4 of 20; stratum 2: 6 of 60 against 1 of 20.
    # R = 8·20/40 + 6·20/80 = 5.5; S = 4·20/40 + 1·60/80 = 2.75; RR = 2.
    # Greenland–Robins: (12·20·20 − 8·4·40)/40² + (7·60·20 − 6·1·80)/80² = 2.2 + 1.2375; ÷ (5.5·2.75).
    strata, exposed, left = rows((8, 12, 4, 16), (6, 54, 1, 19))
    found = stratified(strata, exposed, left, np.ones(120))
    error = np.sqrt(3.4375 / (5.5 * 2.75))
    assert found.estimate == pytest.approx(2.0)
    assert found.high == pytest.approx(2.0 * np.exp(1.959964 * error), rel=1e-6)


def test_confounding_by_stratum_goes() -> None:
    # Risk 0.4 in one stratum, 0.1 in the other, exposed or not; the first is mostly exposed.
    strata, exposed, left = rows((32, 48, 8, 12), (2, 18, 8, 72))
    weight = np.ones(len(left))
    assert naive(exposed, left, weight).estimate == pytest.approx(0.34 / 0.16)
    assert stratified(strata, exposed, left, weight).estimate == pytest.approx(1.0)


def test_weights_stand_for_rows_left_out() -> None:
    strata, exposed, left = rows((8, 12, 4, 16), (6, 54, 1, 19))
    whole = stratified(strata, exposed, left, np.ones(120))
    kept = ~(~exposed & ~left) | (np.arange(120) % 2 == 0)
    weight = np.ones(120)
    for stratum in (0, 1):
        plain = ~exposed & ~left & (strata == stratum)
        weight[plain] = plain.sum() / (plain & kept).sum()
    part = stratified(strata[kept], exposed[kept], left[kept], weight[kept])
    assert part.low == pytest.approx(whole.low)
    assert part.estimate == pytest.approx(whole.estimate)


def test_no_ratio_where_nobody_exposed_left() -> None:
    _, exposed, left = rows((0, 10, 3, 10))
    found = naive(exposed, left, np.ones(23))
    assert np.isnan(found.estimate)
    assert found.cases == 3
