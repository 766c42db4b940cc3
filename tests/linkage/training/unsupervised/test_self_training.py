"""Self-training: rounds of learning from clusters improve the variants of a messy catalog."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from catalog_generator import Options, make_catalog
from prepared import pair_keys

from linkage import Config, Linker
from linkage.evaluation.metrics import evaluate_clusters
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised import self_training

CONFIG = Config(
    quality="fast", threads=1, match={"exact": {}, "variant": {"ignore": ["colour", "size"]}}
)


def _f1(table: pd.DataFrame, truth: dict[str, str]) -> float:
    clusters = Linker(CONFIG).match(table).clusters
    found = clusters.set_index("id")["variant_id"]
    return evaluate_clusters(found, pd.Series(truth)).pairwise.f1


def test_self_training_improves_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = make_catalog(Options(rows=2_000, seed=12))
    truth = catalog.truth_variant.to_pandas().set_index("id").iloc[:, 0].to_dict()
    table = catalog.table.to_pandas()
    learned = _f1(table, truth)
    monkeypatch.setattr(self_training, "_CUTS", ())
    assert learned > _f1(table, truth) + 0.03


def _compared_pairs(pairs: list[tuple[int, int]], n: int) -> ComparedPairs:
    left, right = np.array(pairs, np.int32).T
    records = type("Records", (), {"n": n})()
    return ComparedPairs(
        records,
        {},
        left,
        right,
        np.zeros((len(left), 0)),
        [],
        np.zeros(len(left)),
        pair_keys(len(left)),
    )


def test_pairs_between_the_cuts_are_not_used() -> None:
    pairs = _compared_pairs([(0, 1), (2, 3), (4, 5)], 6)
    probability = np.array([0.9, 0.65, 0.3])
    found = self_training._targets(pairs, probability, (0.55, 0.75), None, None, 1)
    assert found.tolist() == [1, -1, 0]


def test_a_cluster_corrects_the_score_of_a_pair() -> None:
    pairs = _compared_pairs([(0, 1), (0, 2), (1, 2)], 3)
    found = self_training._targets(pairs, np.array([0.95, 0.95, 0.3]), (0.5, 0.5), None, None, 1)
    assert found.tolist() == [1, 1, 1]


def test_only_pairs_of_sampled_records_are_a_fair_sample() -> None:
    pairs = _compared_pairs([(0, 1), (1, 2), (2, 3)], 4)
    assert pairs.in_fair_sample.all()
    sampled = np.array([True, False, False, False])
    partial = ComparedPairs(
        pairs.records,
        {},
        pairs.left,
        pairs.right,
        pairs.matrix,
        [],
        pairs.fold,
        pairs.keys,
        sampled_rows=sampled,
    )
    assert partial.in_fair_sample.tolist() == [True, False, False]
