"""The calibration of estimates: fitted without a task's own family, and judged on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from unseen_bench.calibration import calibration


def rows(n: int, seed: int, noise: float = 0.0) -> list[dict[str, Any]]:
    """Tasks whose precision and recall are linear in their signs."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(n):
        signs = {"mean_probability": rng.uniform(0.7, 1), "margin": rng.uniform(0, 10)}
        value = 0.2 + 0.5 * signs["mean_probability"] + 0.02 * signs["margin"]
        value += noise * rng.normal()
        row = {"precision": value, "recall": value, "figure": value, "estimate": 0.001 * k}
        found.append({"task": f"t{k}-x", "form": "plain", "protocol": "end-to-end", **row})
        found[-1]["signs"] = signs
    return found


def test_what_is_linear_is_found_on_families_left_out() -> None:
    shipped, left_out, fitted = calibration(rows(60, seed=0))
    assert shipped["name"] == "as shipped"
    assert shipped["error"] > 0.2
    assert left_out["error"] < 0.01
    assert left_out["rank"] > 0.99
    assert np.allclose(fitted["coefficients"]["recall"], [0.2, 0.5, 0.02], atol=0.02)


def test_a_family_is_not_judged_by_itself() -> None:
    one = [{**row, "task": f"same-{k}"} for k, row in enumerate(rows(6, seed=1))]
    odd = [{**row, "precision": 0.1, "recall": 0.1, "figure": 0.1} for row in one]
    left_out = calibration(rows(40, seed=2) + odd)[1]
    assert left_out["error"] > 0.05, "six tasks of one family teach each other nothing"


def test_pairs_of_a_split_yield_to_the_whole_answer() -> None:
    both = rows(10, seed=3)
    split = [{**row, "protocol": "pair split, no labels", "figure": 0.0} for row in both]
    assert calibration(split + both)[1] == calibration(both)[1]
    assert calibration(both[:3]) == []
