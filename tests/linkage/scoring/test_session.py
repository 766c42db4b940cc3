"""A session prepares, blocks and compares on demand; learning and scoring go through it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice, session_of, two_tables

from features.compare.wording import WordingFeatures
from linkage.config.authored import Config
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session
from linkage.training.pair_labels import PairLabels
from linkage.training.train import learn_from_labels, learn_without_labels


@pytest.fixture
def session() -> Session:
    return session_of(example_slice(50)[0])


def names_of(session: Session) -> list[str]:
    return [step.name for step in session.log.steps]


def test_nothing_runs_before_it_is_needed(session: Session) -> None:
    assert names_of(session) == ["Prepare records"]
    assert len(session.candidates) > 0
    assert names_of(session) == ["Prepare records", "Find candidates"]
    assert session.candidates is session.candidates
    assert session.compared_pairs() is session.compared_pairs()


def test_compared_pairs_are_the_candidates(session: Session) -> None:
    compared = session.compared_pairs()
    assert len(compared) == len(session.candidates) == len(compared.matrix)
    assert compared.sizes == (session.records.n, 0)
    k = compared.names.index("title.idf_cosine")
    np.testing.assert_array_equal(compared.column("title.idf_cosine"), compared.matrix[:, k])
    assert (compared.fold == session.fold[compared.left]).all()
    linked: ComparedPairs = session_of(*two_tables(20, 5)).compared_pairs()
    assert linked.sizes == (25, 25)


def test_streamed_chunks_equal_the_compared_pairs(session: Session) -> None:
    session.comparer.chunk = 100
    chosen = np.arange(0, len(session.candidates), 3)

    def all_three(
        at: np.ndarray, matrix: np.ndarray, fold: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return at, matrix, fold

    features, candidates = session.features, session.candidates
    streamed = list(features.stream_kept(candidates, chosen, all_three))
    compared = session.compared_pairs()
    kept = list(features.stream_kept(candidates, chosen, all_three))
    assert [at[0] for at, _, _ in kept] == list(range(0, len(chosen), 100))
    for parts in (streamed, kept):
        at, matrix, fold = (np.concatenate(part) for part in zip(*parts, strict=True))
        np.testing.assert_array_equal(at, np.arange(len(chosen)))
        np.testing.assert_array_equal(matrix, compared.matrix[chosen])
        np.testing.assert_array_equal(fold, compared.fold[chosen])


def test_many_candidates_are_sampled_by_records(session: Session) -> None:
    bytes_a_pair = 4 * len(session.comparer.names)
    room = int(len(session.candidates) * bytes_a_pair / 4 / 0.2)
    session.resolved = replace(session.resolved, memory_bytes=room)
    compared = session.compared_pairs()
    assert 0 < len(compared) < 0.6 * len(session.candidates)
    rows = set(compared.left) | set(compared.right)
    inside = np.isin(session.candidates.left, list(rows))
    inside &= np.isin(session.candidates.right, list(rows))
    assert inside.sum() == len(compared), "all candidates among the sampled records"


def test_wording_is_added_and_dropped() -> None:
    session = session_of(example_slice(20)[0], quality="balanced")
    before = session.compared_pairs()
    session.add_wording()
    assert session.names == [*before.names, *WordingFeatures.names]
    kept = session.compared_pairs()
    assert kept.names == session.names
    left, right = session.candidates.left, session.candidates.right
    again = session.compare(left, right, "again")
    np.testing.assert_array_equal(kept.matrix, again.matrix)
    session.drop_added()
    assert session.names == session.compared_pairs().names == before.names


def test_cheap_features_have_no_wording() -> None:
    session = session_of(example_slice(20)[0])
    before = session.names
    session.add_wording()
    assert session.names == before


def test_records_of_clusters_that_fill_their_budget_get_more_candidates(session: Session) -> None:
    n = session.records.n
    before = set(zip(session.candidates.left, session.candidates.right, strict=True))
    assert not session.blocking.widen(np.arange(n))
    assert session.blocking.widen(np.zeros(n, int))
    after = set(zip(session.candidates.left, session.candidates.right, strict=True))
    assert before < after
    fixed = session_of(example_slice(50)[0], blocking={"candidates": 5})
    few = len(fixed.candidates)
    assert few < len(before)
    assert not fixed.blocking.widen(np.zeros(n, int)), "the user set their number"


def test_scores_are_computed_once(session: Session) -> None:
    model = learn_without_labels(session, Config())
    first = score_candidates(session, model)
    old = {
        (int(a), int(b)): score
        for a, b, score in zip(
            session.candidates.left, session.candidates.right, first, strict=True
        )
    }
    assert session.blocking.widen(np.zeros(session.records.n, int))
    wider = score_candidates(session, model)
    session.scores.clear()
    np.testing.assert_allclose(score_candidates(session, model), wider)
    pairs = zip(session.candidates.left, session.candidates.right, strict=True)
    found = {(int(a), int(b)): score for (a, b), score in zip(pairs, wider, strict=True)}
    assert all(found[pair] == score for pair, score in old.items())


def test_the_threshold_target_without_labels_says_what_it_rests_on(session: Session) -> None:
    best = learn_without_labels(session, Config())
    precise = learn_without_labels(session, Config(training={"precision": 0.99}))
    complete = learn_without_labels(session, Config(training={"recall": 0.99}))
    assert precise.threshold > complete.threshold
    assert "label a few pairs" in precise.training.notes[-1]
    assert not any("label a few pairs" in note for note in best.training.notes)


def test_known_clusters_bring_hard_pairs() -> None:
    table, truth = example_slice(20)
    session = session_of(table)
    entity = pd.factorize(truth[session.records.ids])[0].astype(np.int32)
    row = np.array([0, 1], np.int32)
    labels = PairLabels(row, row + 1, (entity[row] == entity[row + 1]).astype(np.int8), entity)
    model = learn_from_labels(session, labels, Config())
    assert model.training.metrics["labels"] >= len(session.candidates)
    assert model.training.metrics["f1"] > 0.8


def test_ignored_attributes_are_not_compared(session: Session) -> None:
    part = session.records.without(("colour", "size"))
    assert set(session.records.kinds) - set(part.kinds) == {"colour", "size"}
    assert part.table is session.records.table
