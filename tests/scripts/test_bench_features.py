"""The benchmarks of the features: each group is timed, and losing a telling family shows."""

from __future__ import annotations

import bench_ablation
import numpy as np
import oracles
import pytest
from bench_ablation import FAMILIES, Task, ablate, make_tables
from bench_features import time_groups

from features.compare.comparer import Comparer
from features.compare.feature_groups import VectorFeatures
from features.prepare import prepare


def test_every_feature_is_of_one_family() -> None:
    records = prepare(oracles.make_catalog(30, linked=True))
    groups = [*Comparer(records).groups, VectorFeatures("title", np.ones((30, 4), np.float32))]
    whole = {name: member for name, member in FAMILIES.items() if not name.startswith("-")}
    for group in groups:
        for name in group.names:
            assert sum(member(group, name) for member in whole.values()) == 1, name


def test_every_group_is_timed() -> None:
    comparer = Comparer(prepare(oracles.make_catalog(30, linked=True)))
    timings = list(time_groups(comparer, np.stack(oracles.all_pairs(30))))
    assert [timing.features for timing in timings] == [len(b.names) for b in comparer.groups]
    assert len({timing.group for timing in timings}) == len(timings)
    assert all(timing.pairs == 900 and timing.speed > 0 for timing in timings)


@pytest.fixture
def task() -> Task:
    chance = np.random.default_rng(0)
    label = (np.arange(600) % 5 == 0).astype(int)
    matrix = chance.normal(size=(600, 3)).astype(np.float32)
    matrix[:, 1] += 4 * label
    families = {name: np.array([2]) for name in FAMILIES} | {"characters": np.array([1])}
    cost = dict.fromkeys(FAMILIES, 0.25) | {"characters": float("nan")}
    group = chance.integers(0, 1 << 30, 300)
    halves = (matrix[:300], label[:300]), (matrix[300:], label[300:])
    return Task("task", families, cost, *halves, group)


def test_a_telling_family_is_missed(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_ablation, "_MOST_ROUNDS", 20)
    results = ablate(task, seeds=2, threads=2)
    assert results[""].shape == (2, 2)
    assert results[""][:, 0].mean() > 0.9
    assert results["characters"][:, 0].mean() < 0.5
    assert results["model codes"][:, 0].mean() > 0.9
    again = ablate(task, seeds=2, threads=1)
    np.testing.assert_array_equal(again["characters"], results["characters"])
    f1, precision = make_tables([task], [results])
    assert f1["columns"] == ["features", "task", "mean", "time"]
    rows = {row[0]: row[1:] for row in f1["rows"]}
    assert rows["without characters"][0].startswith("-")
    assert [rows[f"without {name}"][-1] for name in ("characters", "model codes")] == ["", "25.0%"]
    assert "valid.csv" in f1["note"]
    assert len(precision["rows"]) == len(f1["rows"]) == len(FAMILIES) + 2
