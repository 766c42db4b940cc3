"""The table of scored pairs: one row a pair, whatever definitions scored it, far pairs left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from blocking.candidates import Candidates
from features.records import Records
from linkage.clustering import average_link
from linkage.match_definition import MatchDefinition
from linkage.pair_model import PairModel
from linkage.pair_table import pair_table, worth_writing
from linkage.partition import Clustering

IDS = np.array(list("vwxyz"), object)
RECORDS = Records(IDS, pa.table({"t": pa.array([None] * 5, pa.string())}), np.zeros(5, np.int8))


@dataclass(frozen=True)
class Outcome:
    definition: MatchDefinition
    model: PairModel
    candidates: Candidates
    probability: np.ndarray
    clustering: Clustering


def outcome(name: str, pairs: list[tuple[int, int, float, int]]) -> Outcome:
    left, right, score, mask = (np.array(column) for column in zip(*pairs, strict=True))
    found = Candidates(
        left.astype(np.int32), right.astype(np.int32), mask.astype(np.uint32), ["keys", "words"]
    )
    clusters = average_link(5, found.left, found.right, score, threshold=0.5)
    return Outcome(MatchDefinition(name), PairModel([], threshold=0.5), found, score, clusters)


EXACT = outcome("exact", [(0, 1, 0.9, 1), (0, 2, 0.04, 3), (2, 3, 0.3, 2), (3, 4, 0.01, 2)])


def test_one_definition() -> None:
    table, rows = pair_table(RECORDS, [EXACT])
    assert table.columns.tolist() == ["left_id", "right_id", "score", "match", "blockers"]
    assert (table["left_id"] + table["right_id"]).tolist() == ["vw", "vx", "xy", "yz"]
    assert table["score"].tolist() == [0.9, 0.04, 0.3, 0.01]
    assert (IDS[rows[0]] + IDS[rows[1]]).tolist() == ["vw", "vx", "xy", "yz"]
    assert table["match"].tolist() == [True, False, False, False]
    assert table["blockers"].tolist() == ["keys", "keys+words", "words", "words"]


def kept(result: Outcome) -> list[bool]:
    threshold, labels = result.model.threshold, result.clustering.labels
    found: list[bool] = worth_writing(
        result.candidates, result.probability, threshold, labels
    ).tolist()
    return found


def test_far_pairs_are_not_worth_writing_but_those_of_a_cluster_and_of_rules_are() -> None:
    assert kept(EXACT) == [True, False, True, False]
    assert kept(outcome("chain", [(0, 1, 1.0, 1), (0, 2, 0.02, 1), (1, 2, 1.0, 1)])) == [True] * 3
    assert kept(outcome("ruled", [(0, 1, 0.0, 1), (0, 2, 0.02, 1)])) == [True, False]


def test_several_definitions_share_a_row() -> None:
    looser = outcome("looser", [(2, 3, 0.8, 1), (0, 1, 0.7, 1), (0, 4, 0.2, 2)])
    table, _ = pair_table(RECORDS, [EXACT, looser])
    assert (table["left_id"] + table["right_id"]).tolist() == ["vw", "vx", "vz", "xy", "yz"]
    nan = np.nan
    np.testing.assert_array_equal(table["exact_score"], [0.9, 0.04, nan, 0.3, 0.01])
    np.testing.assert_array_equal(table["looser_score"], [0.7, nan, 0.2, 0.8, nan])
    assert table["looser_match"].tolist() == [True, False, False, True, False]
    assert table["exact_blockers"].isna().tolist() == [False, False, True, False, False]
    assert table["looser_blockers"].tolist()[3] == "keys"


def test_no_pairs() -> None:
    nothing = np.zeros(0, np.int32)
    empty = Candidates(nothing, nothing, np.zeros(0, np.uint32), [])
    clusters = average_link(5, nothing, nothing, np.zeros(0), threshold=0.5)
    none = Outcome(MatchDefinition("none"), PairModel([]), empty, np.zeros(0), clusters)
    assert len(pair_table(RECORDS, [none])[0]) == 0
    assert isinstance(pair_table(RECORDS, [none, EXACT])[0], pd.DataFrame)
