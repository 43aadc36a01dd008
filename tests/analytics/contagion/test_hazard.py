import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse

from analytics.contagion.hazard import Design, adjusted, cloglog, kernels, within
from analytics.contagion.panel import panel
from analytics.contagion.ratios import strata_of
from tests.analytics.contagion.worlds import Causes, world


def tiny(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(rows), rng.normal(size=rows), rng.random(rows) < 0.3])
    left = rng.random(rows) < -np.expm1(-np.exp(x @ [-2.0, 0.5, 0.7]))
    return x, left, rng.choice([1.0, 2.5], rows)


def test_cloglog_is_the_maximum_of_its_likelihood() -> None:
    x, left, weight = tiny(1)

    def minus(beta: np.ndarray) -> float:
        chance = 1 - np.exp(-np.exp(x @ beta))
        return -float((weight * np.where(left, np.log(chance), np.log(1 - chance))).sum())

    brute = optimize.minimize(
        minus, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
    )
    fit = cloglog(Design.plain(x[:, 1:]), left, weight, np.arange(400))
    assert not fit.why_not
    assert fit.log_hr == pytest.approx(brute.x[[1, 2, 0]], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-brute.fun, abs=1e-6)


def test_clusters_of_copies_widen_the_error() -> None:
    x, left, weight = tiny(2)
    once = cloglog(Design.plain(x[:, 1:]), left, weight, np.arange(400))
    copies = Design.plain(np.tile(x[:, 1:], (4, 1)))
    four = cloglog(copies, np.tile(left, 4), np.tile(weight, 4), np.tile(np.arange(400), 4))
    assert four.error("1") == pytest.approx(once.error("1"), rel=1e-6)


def test_columns_shared_by_cells_are_as_good_as_columns_of_rows() -> None:
    x, left, weight = tiny(3)
    cell = (np.arange(400) % 3).astype(np.int64)
    shared = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    cluster = np.arange(400) // 7
    folded = cloglog(Design(x[:, 1:], sparse.csr_array(shared), cell), left, weight, cluster)
    flat = cloglog(Design.plain(np.column_stack([x[:, 1:], shared[cell][:, 1:]])), left, weight, cluster)
    order = [0, 1, 4, 2, 3]
    assert folded.log_hr == pytest.approx(flat.log_hr[order], abs=1e-6)
    assert folded.covariance == pytest.approx(flat.covariance[np.ix_(order, order)], abs=1e-8)


def test_within_is_coxs_partial_likelihood() -> None:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {
            "member": np.arange(300),
            "account": np.arange(300) // 10,
            "left": rng.random(300) < 0.15,
            "weight": rng.choice([1.0, 3.0], 300),
            "dose": rng.exponential(size=300) * (rng.random(300) < 0.4),
        }
    )
    rows.loc[rows["left"], "weight"] = 1.0
    strata = rows["account"].to_numpy()

    def minus(beta: float) -> float:
        total = 0.0
        for _, part in rows.groupby("account"):
            whole = np.log((part["weight"] * np.exp(beta * part["dose"])).sum())
            total += (beta * part["dose"] - whole)[part["left"]].sum()
        return -total

    brute = optimize.minimize_scalar(minus, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    fit = within(rows, ("dose",), strata)
    assert fit.of("dose") == pytest.approx(brute.x, abs=1e-5)


def test_a_stratums_own_level_cannot_move_the_ratio_within() -> None:
    rows = panel(world(5, Causes(ratio=1.8, rate=0.01), 1000, 26))
    strata = strata_of(rows, ["account", "week"])
    plain = within(rows, ("out_5",), strata)
    shifted = rows.assign(out_5=rows["out_5"] + 0.1 * rows["account"])
    assert within(shifted, ("out_5",), strata).of("out_5") == pytest.approx(plain.of("out_5"), abs=1e-6)


def test_the_planted_ratio_is_found_with_a_true_error() -> None:
    logs, errors = [], []
    for seed in range(1000, 1003):
        fit = adjusted(panel(world(seed, Causes(ratio=1.8, rate=0.01), 2000, 40)), ("out_5",))
        logs.append(fit.of("out_5"))
        errors.append(fit.error("out_5"))
    assert np.mean(logs) == pytest.approx(np.log(1.8), abs=0.12)
    assert np.all(np.abs(np.array(logs) - np.log(1.8)) < 3 * np.array(errors))


def test_the_likelihood_prefers_the_outgoing_kernel() -> None:
    fits = kernels(panel(world(2, Causes(ratio=1.8, rate=0.01), 2000, 40)))
    found = {name: fit.log_likelihood for name, fit in fits.items()}
    assert found["out 5"] > found["in 5"] + 5
    assert found["out 5"] > found["out 2"]
    assert found["both 5"] >= found["out 5"] >= found["none"]


def test_says_why_there_is_no_answer() -> None:
    rows = panel(world(1, Causes(), 400, 12))
    same = adjusted(rows.assign(twin=rows["out_5"]), ("out_5", "twin"))
    assert same.why_not == "out_5 and twin do not differ from each other or at all"
    nobody = adjusted(rows.assign(left=False), ("out_5",))
    assert nobody.why_not == "nobody left"
    assert np.isnan(nobody.of("out_5"))
    assert (
        "no stratum"
        in within(rows.assign(left=False), ("out_5",), strata_of(rows, ["account", "week"])).why_not
    )
