"""The table of scored pairs: one row a pair, whatever definitions scored it, far pairs left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from blocking.candidates import Candidates
from linkage.clustering.average_link import average_link
from linkage.clustering.partition import Clustering
from linkage.config.match_definition import MatchDefinition
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.results.pair_table import pair_table, worth_writing

IDS = np.array(list("vwxyz"), object)


@dataclass(frozen=True)
class Outcome:
    definition: MatchDefinition
    model: PairModel
    candidates: Candidates
    probability: np.ndarray
    clustering: Clustering


def outcome(name: str, pairs: list[tuple[int, int, float, int]]) -> Outcome:
    left, right, score, mask = np.array(pairs, float).reshape(-1, 4).T
    found = Candidates(
        left.astype(np.int32), right.astype(np.int32), mask.astype(np.uint32), ["keys", "words"]
    )
    clusters = average_link(20, found.left, found.right, score, threshold=0.5)
    return Outcome(MatchDefinition(name), PairModel(PairScorer([])), found, score, clusters)


EXACT = outcome("exact", [(0, 1, 0.9, 1), (0, 2, 0.04, 3), (2, 3, 0.3, 2), (3, 4, 0.01, 2)])


def test_one_definition() -> None:
    scored = pair_table([EXACT])
    table = scored.frame(IDS)
    assert table.columns.tolist() == ["left_id", "right_id", "score", "match", "blockers"]
    assert (table["left_id"] + table["right_id"]).tolist() == ["vw", "vx", "xy", "yz"]
    assert table["score"].tolist() == [0.9, 0.04, 0.3, 0.01]
    assert (IDS[scored.left] + IDS[scored.right]).tolist() == ["vw", "vx", "xy", "yz"]
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
    table = pair_table([EXACT, looser]).frame(IDS)
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
    none = Outcome(MatchDefinition("none"), PairModel(PairScorer([])), empty, np.zeros(0), clusters)
    assert len(pair_table([none])) == 0
    assert isinstance(pair_table([none, EXACT]).frame(IDS), pd.DataFrame)


def test_pairs_may_stand_elsewhere() -> None:
    scored = pair_table([EXACT])
    place = np.array([4, 3, 2, 1, 0], np.int32)
    assert scored.at(place).frame(IDS[::-1]).equals(scored.frame(IDS))


@pytest.mark.parametrize("lists", [1, 2, 3])
def test_pairs_of_several_lists_are_merged(lists: int) -> None:
    generator = np.random.default_rng(lists)
    given = []
    for k in range(lists):
        keys = np.unique(generator.integers(0, 400, 60 * k))
        keys = keys[keys // 20 < keys % 20]
        given.append(outcome(f"d{k}", [(int(x) // 20, int(x) % 20, x / 400, 1) for x in keys]))
    scored = pair_table(given)
    wanted = sorted({pair for one in given for pair in pairs_of(one)})
    assert list(zip(scored.left.tolist(), scored.right.tolist(), strict=True)) == wanted
    for one in given if lists > 1 else []:
        known = dict(zip(pairs_of(one), one.probability.tolist(), strict=True))
        column = scored.columns[f"{one.definition.name}_score"]
        np.testing.assert_array_equal(column, [known.get(pair, np.nan) for pair in wanted])


def pairs_of(one: Outcome) -> list[tuple[int, int]]:
    return list(zip(one.candidates.left.tolist(), one.candidates.right.tolist(), strict=True))
