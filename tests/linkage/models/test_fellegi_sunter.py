"""The three-valued Fellegi-Sunter model, against planted weights and recordlinkage's ECM."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from catalogs import example_slice, session_of
from hypothesis import given
from hypothesis import strategies as st

from linkage.models.fellegi_sunter import FellegiSunter, evidence_features
from linkage.scoring.session import Session

M = np.array([0.95, 0.9, 0.85, 0.8, 0.75])
U = np.array([0.05, 0.1, 0.2, 0.3, 0.05])
NAMES = [f"{name}.equal" for name in "abcde"]


def planted(n: int = 40_000, share: float = 0.2, unknown: float = 0.2) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    match = rng.random(n) < share
    agree = rng.random((n, len(M))) < np.where(match[:, None], M, U)
    matrix = agree.astype(np.float32)
    matrix[rng.random(matrix.shape) < unknown] = np.nan
    return matrix, match


def seeded(matrix: np.ndarray) -> np.ndarray:
    """Sure of the pairs that agree in all that is known, and in enough of it."""
    known = ~np.isnan(matrix)
    agreeing = np.nansum(matrix, axis=1)
    return np.where((agreeing == known.sum(axis=1)) & (agreeing >= 3), 0.9, 0.01)


def f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    return 2 * float((truth & predicted).sum()) / float(truth.sum() + predicted.sum())


@pytest.fixture(scope="module")
def fitted() -> FellegiSunter:
    matrix, _ = planted()
    return FellegiSunter(NAMES, iterations=200).fit(matrix, seeded(matrix))


def test_recovers_planted_weights(fitted: FellegiSunter) -> None:
    assert fitted.columns_ == list(range(5))
    for k in range(5):
        np.testing.assert_allclose(
            fitted.weights_[k],
            [0, np.log((1 - M[k]) / (1 - U[k])), np.log(M[k] / U[k])],
            atol=0.15,
        )
    assert fitted.prior_ == pytest.approx(np.log(0.2 / 0.8), abs=0.1)


def test_finds_the_matches_as_well_as_the_true_weights(fitted: FellegiSunter) -> None:
    matrix, match = planted()
    right, wrong = np.log(M / U), np.log((1 - M) / (1 - U))
    weights = np.where(np.isnan(matrix), 0, np.where(matrix == 1, right, wrong))
    best = f1(match, weights.sum(axis=1) + np.log(0.2 / 0.8) > 0)
    assert f1(match, fitted.log_odds(matrix) > 0) >= best - 0.005


def test_unknown_values_have_weight_0(fitted: FellegiSunter) -> None:
    nothing = np.full((1, 5), np.nan, np.float32)
    assert fitted.log_odds(nothing) == pytest.approx([fitted.prior_])
    some = np.array([[1, np.nan, 0, np.nan, np.nan]], np.float32)
    assert fitted.log_odds(some) == pytest.approx(
        [fitted.prior_ + fitted.weights_[0][2] + fitted.weights_[2][1]]
    )


@given(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=5, max_size=5))
def test_contributions_sum_to_the_log_odds(fitted: FellegiSunter, row: list[float]) -> None:
    matrix = np.array([row], np.float32)
    total = fitted.contributions(matrix).total()
    np.testing.assert_allclose(total, fitted.log_odds(matrix))


def test_log_odds_are_bounded() -> None:
    names = [f"{k}.equal" for k in range(40)]
    match = np.arange(2000) % 4 == 0
    matrix = np.repeat(match[:, None], 40, axis=1).astype(np.float32)
    model = FellegiSunter(names).fit(matrix, np.where(match, 0.9, 0.01))
    assert sorted(set(model.log_odds(matrix))) == [-12, 12]


@pytest.mark.parametrize(("name", "way"), [("a.idf_cosine", 1), ("a.difference", -1)])
def test_a_feature_with_a_direction_is_monotone(name: str, way: int) -> None:
    rng = np.random.default_rng(3)
    match = rng.random(4000) < 0.3
    values = (rng.beta(2, 2, 4000) + way * 0.3 * match).astype(np.float32)[:, None]
    model = FellegiSunter([name]).fit(values, np.where(match, 0.8, 0.1))
    grid = np.linspace(-0.5, 1.5, 101, dtype=np.float32)[:, None]
    steps = np.diff(model.log_odds(grid))
    assert np.all(way * steps >= 0)
    assert np.any(steps != 0)


def test_features_of_one_attribute_are_averaged() -> None:
    matrix, _ = planted(5000)
    one = FellegiSunter(["a.equal", "b.equal"]).fit(matrix[:, :2], seeded(matrix))
    doubled = FellegiSunter(["a.equal", "a.soft_overlap", "b.equal"]).fit(
        matrix[:, [0, 0, 1]], seeded(matrix)
    )
    assert doubled.share_ == [0.5, 0.5, 1.0]
    np.testing.assert_allclose(one.log_odds(matrix[:, :2]), doubled.log_odds(matrix[:, [0, 0, 1]]))


def test_only_evidence_with_values_is_used() -> None:
    assert evidence_features(["a.equal", "a.length_ratio", "record:idf_cosine"]).tolist() == [0, 2]
    matrix = np.full((400, 3), np.nan, np.float32)
    matrix[:, 0] = np.arange(400) % 2
    matrix[:, 2] = 1
    model = FellegiSunter(["a.equal", "b.equal", "c.equal"]).fit(matrix, matrix[:, 0] * 0.8 + 0.1)
    assert model.columns_ == [0], "one has no values and one has the same in all pairs"


def test_no_evidence_at_all() -> None:
    matrix = np.full((10, 1), np.nan, np.float32)
    model = FellegiSunter(["a.equal"]).fit(matrix, np.full(10, 0.25))
    np.testing.assert_allclose(model.log_odds(matrix), np.log(0.25 / 0.75))


def test_round_trip(fitted: FellegiSunter) -> None:
    matrix, _ = planted(500)
    again = FellegiSunter.from_dict(json.loads(json.dumps(fitted.to_dict())))
    np.testing.assert_array_equal(again.log_odds(matrix), fitted.log_odds(matrix))
    np.testing.assert_array_equal(
        again.contributions(matrix).values, fitted.contributions(matrix).values
    )


def ecm(matrix: np.ndarray) -> np.ndarray:
    """recordlinkage's ECM, for which unknown is different."""
    index = pd.MultiIndex.from_arrays([np.arange(len(matrix)), np.arange(len(matrix))])
    features = pd.DataFrame(np.nan_to_num(matrix).astype(int), index=index)
    classifier = recordlinkage.ECMClassifier(init="jaro", max_iter=200)
    found = classifier.fit_predict(features)
    out = np.zeros(len(matrix), bool)
    out[found.get_level_values(0)] = True
    return out


def agreements(session: Session) -> tuple[list[str], np.ndarray]:
    """Whether two offers agree: the same brand, price, colour, ...; a title much alike."""
    compared = session.compared_pairs()
    columns: dict[str, np.ndarray] = {}
    for name in ("brand", "category", "colour", "size", "gtin", "mpn"):
        columns[name] = compared.column(f"{name}.equal")
    price = compared.column("price.log_ratio")
    columns["price"] = np.where(np.isnan(price), np.nan, price < 0.1)
    columns["title"] = (compared.column("title.idf_cosine") > 0.6).astype(float)
    matrix = np.stack(list(columns.values()), axis=1).astype(np.float32)
    return [f"{name}.equal" for name in columns], matrix


def test_at_least_as_good_as_recordlinkage_on_a_catalog() -> None:
    table, truth = example_slice(130)
    session = session_of(table)
    candidates = session.candidates
    entity = truth[session.records.ids].to_numpy()
    match = entity[candidates.left] == entity[candidates.right]
    names, matrix = agreements(session)
    model = FellegiSunter(names).fit(matrix, seeded(matrix))
    ours, baseline = f1(match, model.log_odds(matrix) > 0), f1(match, ecm(matrix))
    print(f"catalog: ours {ours:.3f}, ECM {baseline:.3f}")
    assert ours >= baseline
    assert ours >= 0.7


def test_at_least_as_good_as_recordlinkage_on_planted_data(fitted: FellegiSunter) -> None:
    matrix, match = planted()
    ours, baseline = f1(match, fitted.log_odds(matrix) > 0), f1(match, ecm(matrix))
    print(f"planted: ours {ours:.3f}, ECM {baseline:.3f}")
    assert ours >= baseline
