"""From a result to the data of its report."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from report_results import made_result, small_result

from linkage.io.output import plain_json
from linkage.report.data.clusters import cluster_sizes
from linkage.report.data.contents import DefinitionData, ReportData
from linkage.report.data.gather import report_data
from linkage.report.page.score_section import threshold_values


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data(small_result())


@pytest.fixture(scope="module")
def exact(data: ReportData) -> DefinitionData:
    return data.definitions[0]


def test_data_is_strict_json(data: ReportData) -> None:
    plain = json.loads(json.dumps(plain_json(data), allow_nan=False))
    assert plain["run"]["left"] == 7
    assert [one["name"] for one in plain["definitions"]] == ["exact", "variant"]


def test_every_record_that_is_referred_to_is_there(data: ReportData) -> None:
    for definition in data.definitions:
        rows = {row for c in [*definition.largest, *definition.unsure] for row in c.members}
        rows |= {p.left for one in definition.attention for p in one.pairs}
        rows |= {p.right for one in definition.attention for p in one.pairs}
        assert rows <= set(data.records)
    assert data.records[0].id == "a"
    assert data.records[6].values == {
        "title": "sock", "colour": None, "size": None, "code": "X1",
    }  # fmt: skip


def test_steps_of_one_name_are_added_up(data: ReportData) -> None:
    assert data.run.steps == [("Read records", 0.5, 1), ("Cluster", 1.25, 2)]
    assert (data.run.seconds, data.run.peak_memory_mb) == (1.75, 200.0)


def test_scores_count_every_pair_once(exact: DefinitionData) -> None:
    scores = exact.scores
    assert sum(scores.pairs) == 8
    assert sum(scores.pairs[-scores.first :]) == 5, "at or above 0.5"
    assert sum(scores.joined) == 6
    assert sum(scores.expected) == pytest.approx(4.59, abs=0.01)


def test_threshold_values_at_the_run_s_own(exact: DefinitionData) -> None:
    values = threshold_values(exact.scores, -exact.scores.first)
    assert values["threshold"] == pytest.approx(0.5)
    assert (values["pairs"], values["gained"], values["lost"]) == (5, 0, 0)
    # Labelled pairs: 0.95 and 0.7 are found, 0.4 is missed, 0.6 is wrong.
    assert values["precision"] == values["recall"] == pytest.approx(2 / 3)


def test_threshold_values_without_labels_are_expectations(data: ReportData) -> None:
    scores = data.definitions[1].scores
    values = threshold_values(scores, -scores.first)
    above = [0.99, 0.9, 0.8, 0.7, 0.6]
    assert values["precision"] == pytest.approx(np.mean(above), abs=1e-3)
    assert values["recall"] == pytest.approx(sum(above) / 4.59, abs=1e-3)
    none = threshold_values(scores, len(scores.pairs))
    assert (none["pairs"], none["lost"], none["precision"], none["recall"]) == (0, 5, None, 0.0)


def test_weakest_link_is_the_lowest_of_the_spanning_tree(exact: DefinitionData) -> None:
    largest = exact.largest[0]
    assert (largest.name, largest.size, largest.members) == ("a", 4, [0, 1, 2, 3])
    assert largest.weakest is not None
    assert largest.edges[largest.weakest] == (2, 3, 0.3), "not 1–3, which is lower but no bridge"


def test_a_large_cluster_is_shown_around_its_weakest_link() -> None:
    size = 80
    ids = [f"r{k:03d}" for k in range(size)]
    chain = [(a, b, 0.9, "words") for a, b in itertools.pairwise(ids)]
    chain[40] = (*chain[40][:2], 0.2, "words")
    result = made_result({"id": ids, "title": list(ids)}, {"title": "text"}, chain, ["x"] * size)
    cluster = report_data(result).definitions[0].largest[0]
    assert (cluster.size, len(cluster.members), cluster.edges_total) == (80, 30, 79)
    assert {40, 41} <= set(cluster.members)
    assert cluster.weakest is not None
    assert cluster.edges[cluster.weakest][2] == 0.2


def test_blockers_are_told_apart(exact: DefinitionData) -> None:
    brought = {one["name"]: one for one in exact.blocking.brought}
    assert brought["words"] == {
        "name": "words", "pairs": 5, "alone": 4, "matches": 4, "matches_alone": 3,
    }  # fmt: skip
    assert brought["characters"]["alone"] == 1
    assert sum(number for _, _, number in exact.blocking.degree) == 7


def test_pairs_worth_a_look(data: ReportData) -> None:
    lists = {one.title: one for one in data.definitions[0].attention}
    ids = {
        title: [(data.records[p.left].id, data.records[p.right].id) for p in one.pairs]
        for title, one in lists.items()
    }
    assert ids["Nearest to the threshold"][0] == ("a", "e")
    assert ids["Equal code, no match"] == [("b", "g")]
    assert ids["Different code, matched"] == [("a", "c"), ("b", "c")]
    assert ids["Scored as a match, not joined"] == [("a", "e")]
    assert ids["Joined in spite of a low score"] == [("b", "d"), ("c", "d")]
    looser = [one.title for one in data.definitions[1].attention]
    assert "Different code, matched" not in looser, "variants have codes of their own"


def test_variation_names_what_varies(data: ReportData) -> None:
    assert data.definitions[0].variation is None
    variation = data.definitions[1].variation
    assert variation is not None
    assert set(variation.themes) == {(("colour", "size"), 1, 4), (("colour",), 1, 2)}
    group = next(one for one in variation.groups if one.name == "a")
    assert group.theme == ("colour", "size")
    assert group.values["colour"] == [("red", 3), ("dark red", 1)]
    assert ("red", "2", 1) in group.cells
    assert sum(number for *_, number in group.cells) == 4


def test_a_linkage_looks_right_ids_up_in_the_right_table() -> None:
    result = made_result(
        {"id": ["1", "2"], "title": ["left one", "left two"]},
        {"title": "text"},
        [("1", "2", 0.9, "words"), ("2", "1", 0.8, "words")],
        ["x", "y", "y", "x"],
        right={"id": ["1", "2"], "title": ["right one", "right two"]},
    )
    data = report_data(result)
    pair = data.definitions[0].attention[0].pairs[0]
    titles = data.records[pair.left].values["title"], data.records[pair.right].values["title"]
    assert titles == ("left two", "right one")
    assert (data.records[pair.left].side, data.records[pair.right].side) == ("left", "right")


def test_cluster_sizes_cover_every_cluster() -> None:
    sizes = np.array([1, 1, 2, 7, 8, 40])
    classes = cluster_sizes(sizes)
    assert sum(number for _, _, number in classes) == 6
    assert (7, 8, 2) in classes
    assert classes[-1] == (31, 40, 1)
    assert cluster_sizes(np.zeros(0, int)) == []


def test_a_run_without_pairs_has_a_report() -> None:
    result = made_result({"id": ["1", "2"], "title": ["a", "b"]}, {"title": "text"}, [], ["1", "2"])
    definition = report_data(result).definitions[0]
    assert (definition.attention, definition.largest, definition.unsure) == ([], [], [])
    assert sum(definition.scores.pairs) == 0
