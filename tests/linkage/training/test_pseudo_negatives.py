"""Pseudo-negatives: candidates added as non-matches that labels lack."""

from __future__ import annotations

import numpy as np
import pytest
from prepared import pair_keys
from scipy.special import expit

from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.pseudo_negatives import add_pseudo_negatives, are_candidates
from linkage.training.supervised import BaseLabels, LabelledPairs, train_on_labels

NAMES = ["a.equal", "b.ratio", "prior:log_odds"]
RECORDS = 10_000


def catalog(n: int = 4000) -> tuple[ComparedPairs, np.ndarray]:
    """Candidates, a tenth of them matches, that base score and ``a.equal`` predict together."""
    rng = np.random.default_rng(0)
    label = (rng.random(n) < 0.1).astype(np.int8)
    known = np.where(rng.random(n) < 0.9, label, 1 - label)
    base_score = rng.normal(np.where(known == 1, 2.0, -3.0), 1.0)
    equal = np.where(rng.random(n) < 0.9, label, 1 - label)
    matrix = np.column_stack([equal, rng.random(n), base_score]).astype(np.float32)
    left = np.arange(n)
    return ComparedPairs(
        None, {}, left, left + 5000, matrix, NAMES, left % 5, pair_keys(len(left))
    ), label  # type: ignore[arg-type]


def random_pairs(n: int = 200) -> ComparedPairs:
    """Pairs of dissimilar records, which are no candidates."""
    left = np.arange(n)
    matrix = np.column_stack([np.zeros(n), np.zeros(n), np.full(n, -9.0)]).astype(np.float32)
    return ComparedPairs(None, {}, left, left + 5001, matrix, NAMES, left % 5, pair_keys(n))  # type: ignore[arg-type]


def rows(compared: ComparedPairs) -> tuple[np.ndarray, np.ndarray]:
    return compared.left, compared.right


def test_pairs_that_are_candidates() -> None:
    found = are_candidates(
        np.array([0, 1, 2]), np.array([5, 5, 5]), (np.array([0, 2]), np.array([5, 6])), 7
    )
    assert found.tolist() == [True, False, False]


def test_labels_in_proportion_get_no_pseudo_negatives() -> None:
    candidates, label = catalog()
    some = np.arange(0, 4000, 4)
    labelled = LabelledPairs(candidates.part(some), label[some])
    found = add_pseudo_negatives(labelled, rows(candidates), candidates, "prior:log_odds", RECORDS)
    assert found.pseudo_negatives == 0
    assert found.weight is None
    assert found.hard_negatives == int(np.sum(label[some] == 0))


def matches_and_random_pairs(candidates: ComparedPairs, label: np.ndarray) -> LabelledPairs:
    some = np.flatnonzero(label)[:200]
    both = candidates.part(some).join(random_pairs())
    return LabelledPairs(both, np.repeat(np.array([1, 0], np.int8), 200))


def test_missing_non_matches_are_added_in_proportion() -> None:
    candidates, label = catalog()
    labelled = matches_and_random_pairs(candidates, label)
    found = add_pseudo_negatives(labelled, rows(candidates), candidates, "prior:log_odds", RECORDS)
    assert found.hard_negatives == 0
    assert found.pseudo_negatives > 1000
    assert found.weight is not None
    assert not found.label[400:].any()
    expected = float(expit(candidates.column("prior:log_odds").astype(float)).sum())
    wanted = 200 * (4000 - expected) / expected
    assert found.weight[400:].sum() == pytest.approx(wanted)
    # No labelled pair is a pseudo-negative.
    assert not set(found.compared.left[400:]) & set(found.compared.left[:200])


def test_pseudo_negatives_correct_labels_of_matches_and_random_pairs() -> None:
    candidates, label = catalog()
    labelled = matches_and_random_pairs(candidates, label)
    base_model = BaseLabels(candidates, "prior:log_odds")

    def f1(given: LabelledPairs) -> tuple[float, list[str]]:
        model, _ = train_on_labels(
            given, base_model=base_model, is_linkage=False, seed=0, threads=1
        )
        match = model.probability(candidates.matrix, candidates.fold) >= model.threshold
        return 2 * float(label[match].sum()) / float(
            match.sum() + label.sum()
        ), model.training.notes

    filled = add_pseudo_negatives(labelled, rows(candidates), candidates, "prior:log_odds", RECORDS)
    better, notes = f1(filled)
    base_score = candidates.column("prior:log_odds") > 0
    alone = 2 * float(label[base_score].sum()) / float(base_score.sum() + label.sum())
    assert better >= alone
    assert better > f1(labelled)[0]
    assert any("stand in" in note for note in notes)
