"""Parts of the classifier: metrics, blend, linear model, target statistics, terms, candidates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse
from scipy.special import log_softmax, softmax
from sklearn.metrics import f1_score
from sklearn.metrics import log_loss as oracle_log_loss

from features.kinds import Kind
from features.records import Records
from linkage.classify.blend import blended, fit_blend
from linkage.classify.candidates import choose_candidates
from linkage.classify.linear_model import averaged, train_linear
from linkage.classify.metrics import class_metrics, level_accuracy, log_loss
from linkage.classify.record_terms import Family, record_terms
from linkage.classify.term_space import TermSpace
from linkage.classify.training import stratified_folds
from linkage.classify.value_statistics import ValueCounts


def records_of(kinds: dict[str, Kind], **columns: list[str | None]) -> Records:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    n = table.num_rows
    return Records(np.array([str(k) for k in range(n)], object), table, np.zeros(n, np.int8), kinds)


class TestMetrics:
    def test_as_scikit_learn_computes_them(self) -> None:
        random = np.random.default_rng(0)
        classes = ["a", "b", "c"]
        truth = random.choice([*classes, "unseen"], 60).tolist()
        probability = random.dirichlet(np.ones(3), 60)
        predicted = np.array(classes)[probability.argmax(1)].tolist()
        found = class_metrics(truth, predicted, probability, classes)
        known = np.array([one in classes for one in truth])
        assert found["unseen"] == (~known).sum()
        assert found["macro_f1"] == pytest.approx(
            f1_score(truth, predicted, average="macro", zero_division=0)
        )
        own = oracle_log_loss(np.array(truth)[known], probability[known], labels=classes)
        assert found["log_loss"] == pytest.approx(own)

    def test_log_loss_without_a_known_class(self) -> None:
        assert log_loss(["x"], np.array([[1.0, 0.0]]), ["a", "b"]) is None

    def test_a_class_that_is_never_predicted_counts_nothing(self) -> None:
        found = class_metrics(["a", "a", "b"], ["a"] * 3, np.eye(2)[[0, 0, 0]], ["a", "b"])
        assert found["macro_f1"] == pytest.approx((0.8 + 0) / 2)

    def test_levels(self) -> None:
        found = level_accuracy(["A > B > C", "A > D", "E"], ["A > B > X", "A > D", "A"])
        assert [one["rows"] for one in found] == [3, 2, 1]
        assert [one["accuracy"] for one in found] == pytest.approx([2 / 3, 1, 0])


class TestBlend:
    def test_overconfident_scores_are_tempered(self) -> None:
        random = np.random.default_rng(1)
        logits = random.normal(size=(3000, 4))
        label = np.array([random.choice(4, p=row) for row in softmax(logits, axis=1)])
        weights = fit_blend([3 * logits], label, seed=0)
        assert weights[0] == pytest.approx(1 / 3, rel=0.1)

    def test_a_useless_model_gets_no_weight(self) -> None:
        random = np.random.default_rng(2)
        good = random.normal(size=(2000, 3))
        label = np.array([random.choice(3, p=row) for row in softmax(good, axis=1)])
        weights = fit_blend([good, random.normal(size=(2000, 3))], label, seed=0)
        assert weights[1] < 0.1 < weights[0]
        mixed = log_softmax(blended([good, good], np.array([0.5, 0.5])), axis=1)
        assert mixed == pytest.approx(log_softmax(good, axis=1))


def test_linear_model_learns_and_averages() -> None:
    random = np.random.default_rng(3)
    label = random.integers(0, 3, 300)
    dense = np.eye(3, dtype=np.float32)[label] + random.normal(0, 0.2, (300, 3)).astype(np.float32)
    matrix = sparse.csr_array(dense)
    first, again = (train_linear(matrix, label, 3, seed=0, rate=0.5) for _ in range(2))
    assert np.array_equal(first.weights, again.weights)
    assert (first.logits(matrix).argmax(1) == label).mean() > 0.97
    other = train_linear(matrix, label, 3, seed=1, rate=0.5)
    mean = (first.logits(matrix) + other.logits(matrix)) / 2
    assert averaged([first, other]).logits(matrix) == pytest.approx(mean, abs=0.02)


def test_value_counts_against_plain_python() -> None:
    keys = np.array([5, 5, 9, 9, 9, 0], np.uint64)
    label = np.array([0, 1, 1, 1, 0, 1])
    counts = ValueCounts.of(keys, label, 2)
    wanted = np.array([9, 7], np.uint64)
    lift, rows = counts.lift(wanted, np.array([0, 0, 1]), np.array([0, 1, 1]))
    share = np.array([2.5, 4.5]) / 7
    assert rows.tolist() == [3, 0]
    assert lift[0] == pytest.approx(np.log((1 + 2 * share[0]) / 5 / share[0]))
    assert lift[1] == pytest.approx(np.log((2 + 2 * share[1]) / 5 / share[1]))
    assert lift[2] == pytest.approx(0)  # a value never seen says nothing


def test_terms_belong_to_their_attribute() -> None:
    kinds = {"title": Kind.TEXT, "note": Kind.TEXT, "price": Kind.PRICE, "sku": Kind.IDENTIFIER}
    records = records_of(
        kinds, title=["red mug", None], note=["red mug", "red mug"], price=["1", "20"],
        sku=["AB-1234", "AB-9876"],
    )  # fmt: skip
    bins = {"price": np.array([10.0])}
    terms = list(record_terms(records, Family.WORDS, bins))
    by_name: dict[str, list[set[int]]] = {name: [set(), set()] for name in kinds}
    for part in terms:
        for row in range(2):
            by_name[part.attribute][row] |= set(part.keys[part.indptr[row] : part.indptr[row + 1]])
    assert not by_name["title"][0] & by_name["note"][0]
    assert by_name["note"][0] == by_name["note"][1]
    assert by_name["title"][1]  # that it is missing is a term, too
    assert not by_name["price"][0] & by_name["price"][1]
    assert by_name["sku"][0] & by_name["sku"][1]  # the beginning of the code


def test_term_space_weighs_each_attribute_alike() -> None:
    kinds = {"title": Kind.TEXT, "type": Kind.CATEGORY}
    records = records_of(
        kinds, title=["a long text of many words", "a long text of few", "a text"],
        type=["x", "x", "x"],
    )  # fmt: skip
    terms = list(record_terms(records, Family.WORDS, {}))
    space = TermSpace.learned(terms, kinds, classes=2)
    assert (np.diff(space.keys.astype(object)) > 0).all()
    matrix = space.matrix(terms, records.n).toarray()
    for number in range(2):
        own = matrix[:, space.attribute == number]
        assert (own > 0).any(axis=1).all()
        assert own[0].max() <= 2 + 1e-6  # of words, pairs and the whole value, each of length one


def test_candidates_and_the_scores_of_others() -> None:
    scores = np.array([[0.1, 0.9, 0.5] + [0.0] * 20])
    found = choose_candidates(scores)
    assert found.classes[0, :3].tolist() == [1, 2, 0]
    spread = found.spread(np.arange(len(found.candidate), dtype=float), scores.shape[1])
    assert spread[0, 1] == 0
    assert spread[0, 2] == 1
    assert spread[0, -1] == 0  # no candidate: the lowest


def test_folds_spread_each_class() -> None:
    label = np.repeat([0, 1, 2], [50, 11, 1])
    fold = stratified_folds(label, seed=0)
    assert np.bincount(fold[label == 0]).tolist() == [10] * 5
    assert np.ptp(np.bincount(fold[label == 1], minlength=5)) <= 1
