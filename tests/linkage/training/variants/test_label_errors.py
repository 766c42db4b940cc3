"""Errors of scores on labels of collapsed records."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from linkage.training.variants.label_errors import CollapsedEvaluator, Errors
from linkage.training.variants.labels import CollapsedLabels

COLLAPSED = SimpleNamespace(row_of_record=np.arange(6), first_record=np.arange(6))


def whole_entities() -> CollapsedLabels:
    """Entities 0-2, 3-4 and 5, every pair a candidate."""
    entity = np.array([0, 0, 0, 1, 1, 2], np.int32)
    left, right = np.triu_indices(6, 1)
    same = (entity[left] == entity[right]).astype(float)
    return CollapsedLabels(left, right, same, 1 - same, entity)


def test_errors_of_clusters_are_pairs_of_records() -> None:
    labels = whole_entities()
    evaluator = CollapsedEvaluator(labels, COLLAPSED, 1.0)
    right = evaluator.errors(np.where(labels.match == 1, 0.9, 0.1), 0.5)
    assert right.f1 == 1.0
    assert right.metrics == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
    # No match: all four are missed. All pairs match: 15, 4 of them right.
    nothing = evaluator.errors(np.zeros(len(labels)), 0.5)
    assert (nothing.f1, nothing.missed.tolist()) == (0.0, [3, 1, 0])
    everything = evaluator.errors(np.ones(len(labels)), 0.5)
    assert everything.false.sum() == 11
    assert everything.metrics["precision"] == pytest.approx(4 / 15)
    weighted = CollapsedEvaluator(labels, COLLAPSED, 3.0).errors(np.ones(len(labels)), 0.5)
    assert weighted.false.sum() == 33


def test_errors_of_labelled_pairs_without_entities() -> None:
    labels = CollapsedLabels(
        np.array([0, 0, 1]), np.array([1, 2, 3]), np.array([2, 0, 1]), np.array([0, 3, 0])
    )
    errors = CollapsedEvaluator(labels, COLLAPSED, 1.0).errors(np.array([0.9, 0.8, 0.2]), 0.5)
    np.testing.assert_array_equal(errors.false, [0, 3, 0])
    np.testing.assert_array_equal(errors.missed, [0, 0, 1])
    assert errors.f1 == pytest.approx(2 * 2 / (2 * 2 + 3 + 1))


def test_better_means_by_some_standard_errors() -> None:
    none = np.zeros(40)
    base = Errors(none, np.ones(40), 400.0)
    steady = Errors(none, np.full(40, 0.5), 400.0)
    lucky = Errors(none, np.where(np.arange(40) == 0, 0.0, 1.0), 400.0)
    assert steady.better_than(base, 1.5)
    assert not lucky.better_than(base, 1.5)
    assert not base.better_than(base, 0.0)
