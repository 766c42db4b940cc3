"""The prefilter passes nearly all matches, and pairs that pass have the score without it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from catalogs import example_slice, session_of
from prepared import pair_keys

from linkage.config.authored import Config
from linkage.models.prefilter import Prefilter
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session
from linkage.training import prefilter
from linkage.training.prefilter import learn_prefilter
from linkage.training.train import learn_without_labels


def guessed(told: float, size: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    """Features of pairs, the second of which tells matches more or less; and their chances."""
    rng = np.random.default_rng(0)
    match = rng.random(size) < 0.3
    matrix = rng.normal(size=(size, 3)).astype(np.float32)
    matrix[:, 1] += told * match
    return matrix, np.where(match, 0.9, 0.05) + rng.normal(0, 0.01, size)


def test_most_other_pairs_are_rejected_and_nearly_all_matches_pass() -> None:
    matrix, chance = guessed(6.0)
    look = learn_prefilter(matrix, chance.take, 0.5, [0, 1], pair_keys(len(matrix)), seed=0)
    assert look is not None
    fresh, truth = matrix[-20_000:], chance[-20_000:] >= 0.5
    passes = look.promising(fresh)
    assert passes[truth].mean() > 0.997
    assert passes[~truth].mean() < 0.25
    assert look.passing == pytest.approx(passes.mean(), abs=0.02)
    assert look.chance == pytest.approx(0.05, abs=0.01)
    unseen = fresh.copy()
    unseen[:, 2] = np.nan
    np.testing.assert_array_equal(look.promising(unseen), passes)


def test_it_is_kept_as_json() -> None:
    matrix, chance = guessed(6.0)
    look = learn_prefilter(matrix, chance.take, 0.5, [0, 1], pair_keys(len(matrix)), seed=0)
    assert look is not None
    again = Prefilter.from_dict(json.loads(json.dumps(look.to_dict())))
    np.testing.assert_array_equal(again.promising(matrix), look.promising(matrix))
    assert (again.columns, again.cut, again.chance) == (look.columns, look.cut, look.chance)


def test_there_is_none_where_it_saves_nothing_or_has_too_few_pairs() -> None:
    matrix, chance = guessed(0.3)
    assert learn_prefilter(matrix, chance.take, 0.5, [0, 1], pair_keys(len(matrix)), seed=0) is None
    matrix, chance = guessed(6.0)
    keys = pair_keys(len(matrix))
    assert learn_prefilter(matrix, chance.take, 0.5, [], keys, seed=0) is None
    some, rare = slice(0, 41_000), (chance[:41_000] / 9).take
    assert learn_prefilter(matrix[some], rare, 0.5, [0, 1], keys[some], seed=0) is None


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(prefilter, "_FEWEST_MATCHES", 20)
    monkeypatch.setattr(prefilter, "_TRAINING", 1_500)
    return session_of(example_slice(120)[0])


def test_pairs_that_pass_have_the_score_without_a_prefilter(session: Session) -> None:
    model = learn_without_labels(session, Config())
    look = model.prefilter
    assert look is not None
    assert look.columns == session.features.quick_columns
    found = score_candidates(session, model)
    session.scores.clear()
    model = replace(model, prefilter=None)
    expected = score_candidates(session, model)
    passed = found != look.chance
    assert 0 < passed.mean() < 0.7
    np.testing.assert_array_equal(found[passed], expected[passed])
    assert expected[~passed].mean() < 0.2 * model.threshold


def test_promising_pairs_have_the_features_that_they_have_among_all(session: Session) -> None:
    comparer = session.comparer
    comparer.chunk = 700
    left, right = session.candidates.left, session.candidates.right
    whole = comparer.compare(left, right)
    quick = comparer.quick_columns
    assert 0 < len(quick) < whole.shape[1]
    assert not any(".idf_" in comparer.names[k] for k in quick)

    def promising(matrix: np.ndarray) -> np.ndarray:
        return np.nan_to_num(matrix[:, quick]).sum(axis=1) > 1

    found = comparer.stream(left, right, lambda pairs, part: (pairs, part), promising=promising)
    rows, parts = zip(*(made for _, made in found), strict=True)
    np.testing.assert_array_equal(np.concatenate(rows), np.flatnonzero(promising(whole)))
    np.testing.assert_array_equal(np.concatenate(parts), whole[np.concatenate(rows)])
