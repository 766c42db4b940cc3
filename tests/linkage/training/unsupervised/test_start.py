"""Learning without labels: which anchor is chosen, and how good the model is."""

from __future__ import annotations

import numpy as np
from catalogs import example_slice, session_of, two_tables
from prepared import pair_keys

from linkage.models.pair_model import PairModel
from linkage.scoring.session import Session
from linkage.training.boosting import subsampled
from linkage.training.unsupervised.start import start_without_labels


def started(session: Session, one_to_one: str = "auto") -> PairModel:
    return start_without_labels(session.compared_pairs(), seed=0, threads=1, one_to_one=one_to_one)


def test_subsampled_targets_keep_both_classes() -> None:
    target = np.array([0] * 1000 + [1] * 30 + [-1] * 50)
    thin, weight = subsampled(target, pair_keys(len(target)), 100)
    assert [int(np.sum(thin == value)) for value in (0, 1)] == [100, 30]
    assert np.all(target[thin >= 0] == thin[thin >= 0])
    assert [float(weight[thin == value].sum()) for value in (0, 1)] == [1000.0, 30.0]


def test_a_trade_number_is_the_first_anchor_and_no_feature_of_boosters() -> None:
    session = session_of(example_slice(60)[0])
    model = started(session)
    assert model.training.anchor.startswith("the trade number in gtin")
    assert {model.names[k].split(".")[0] for k in model.scorer.hidden} == {"gtin"}
    assert not any(name.startswith("gtin.") for name in model.scorer.importance())
    assert model.scorer.identifier is not None
    assert model.scorer.identifier.differ < 0 < model.scorer.identifier.equal
    compared = session.compared_pairs()
    assert not np.isnan(compared.column("gtin.equal")).all(), "the features are as they were"


def test_two_tables_start_from_mutual_neighbours() -> None:
    model = started(session_of(*two_tables(60, 15)))
    assert model.training.anchor.startswith("mutual nearest neighbours")
    assert model.one_to_one


def test_one_to_one_follows_the_configuration() -> None:
    session = session_of(*two_tables(60, 15))
    assert started(session, "yes").one_to_one
    free = started(session, "no")
    assert not free.one_to_one
    assert free.training.anchor.startswith("a Fellegi-Sunter mixture")


def test_repeated_records_are_not_held_to_one_to_one() -> None:
    left, right = two_tables(60, 5)
    copies = [right.assign(id=right["id"] + f"x{k}") for k in range(3)]
    session = session_of(left, right._append(copies))
    model = started(session)
    assert not model.one_to_one
    assert "several partners" in model.training.notes[0]


def test_one_table_starts_from_the_mixture() -> None:
    table, truth = example_slice(60)
    session = session_of(table.drop(columns="gtin"))
    model = started(session)
    assert model.training.anchor.startswith("a Fellegi-Sunter mixture")
    compared = session.compared_pairs()
    entity = truth[session.records.ids].to_numpy()
    match = entity[compared.left] == entity[compared.right]
    odds = model.log_odds(compared.matrix, compared.fold)
    assert odds[match].mean() > 0 > odds[~match].mean()


def test_few_candidates_allow_exact_matches_only() -> None:
    table, _ = example_slice(60)
    model = started(session_of(table[["id", "title"]][:4]))
    assert model.training.anchor.startswith("nothing")
    assert "too few candidate pairs" in model.training.notes[0]
