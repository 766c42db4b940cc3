"""Labels of the strictest definition for looser ones, and pairs of equal values."""

from __future__ import annotations

import numpy as np

from features.compare.synonyms import Synonyms
from features.statements import Statements
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.training.variants.strict_evidence import same_values, strict_targets


def stated(name: str, values: list[list[int]], strings: list[str]) -> Statements:
    counts = [len(row) for row in values]
    nothing = np.zeros(0, np.int64)
    return Statements(
        name=name,
        strings=strings,
        own=np.array([row[0] if row else -1 for row in values], np.int32),
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        ids=np.array([value for row in values for value in row], np.int32),
        mentioned_row=nothing,
        mentioned=nothing.astype(np.int32),
    )


COLOUR = stated("colour", [[0], [0], [1], [], []], ["grey", "blue"])
SIZE = stated("size", [[0], [], [0], [0], []], ["xl"])
LEFT, RIGHT = np.array([0, 0, 0, 3, 1, 3]), np.array([1, 2, 3, 4, 2, 3])


def test_same_values_are_stated_by_both_or_by_neither_and_at_least_once() -> None:
    colour = same_values({"colour": COLOUR}, Synonyms(), LEFT, RIGHT)
    assert colour.tolist() == [True, False, False, False, False, False]
    both = same_values({"colour": COLOUR, "size": SIZE}, Synonyms(), LEFT, RIGHT)
    # The first pair: only one of the two states a size. The last: both the same size, no colour.
    assert both.tolist() == [False, False, False, False, False, True]


def test_synonyms_are_equal_values() -> None:
    synonyms = Synonyms({"colour": [["grey", "blue"]]})
    assert same_values({"colour": COLOUR}, synonyms, np.array([0]), np.array([2])).all()


def test_clusters_label_pairs_where_the_model_is_not_anchored() -> None:
    probability = np.array([0.95, 0.95, 0.5, 0.05])
    in_one_cluster = np.array([True, False, True, False])
    assert strict_targets(PairModel(PairScorer([])), probability, in_one_cluster).tolist() == [
        1,
        0,
        1,
        0,
    ]
    evidence = IdentifierEvidence("gtin.equal", equal=3.0, differ=-3.0)
    with_number = PairModel(PairScorer([], identifier=evidence))
    labelled = PairModel(PairScorer([]), training=TrainingAccount(TrainingSource.LABELS))
    for model in (with_number, labelled):
        assert strict_targets(model, probability, in_one_cluster).tolist() == [1, 1, -1, 0]
