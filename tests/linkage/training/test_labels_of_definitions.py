"""Learning definition by definition within a match gives the same result as learning before."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from catalogs import example_slice

from linkage import Config, Linker
from linkage.config.match_definition import MatchDefinition
from linkage.errors import LabelError
from linkage.training.label_sets import LabelSets
from linkage.variants.collapse import collapse_records

MATCH = {"exact": {}, "variant": {"ignore": ["colour", "size"]}}


def config() -> Config:
    return Config(quality="fast", threads=1, match=MATCH)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return example_slice(45)[0]


def known(table: pd.DataFrame) -> pd.DataFrame:
    """Labelled pairs: each offer does not match the next, and matches its duplicates."""
    ids = table["id"].tolist()
    truth = example_slice(45)[1]
    pairs = [(a, b) for k, a in enumerate(ids) for b in ids[k + 1 : k + 6]]
    pairs += [(a, b) for a in ids[:60] for b in ids if a < b and truth[a] == truth[b]]
    frame = pd.DataFrame(pairs, columns=["left_id", "right_id"]).drop_duplicates()[:400]
    same = [truth[a] == truth[b] for a, b in frame.itertuples(index=False)]
    return frame.assign(label=[int(one) for one in same])


def test_a_definition_is_finished_before_the_next_is_prepared(
    table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    linkers = [Linker(config()), Linker(config())]
    open_: list[int] = []

    def watched(*given: Any, **named: Any) -> Any:
        run = linkers[len(open_)]._run
        assert run is not None
        open_.append(len(run.sessions._made))
        return collapse_records(*given, **named)

    monkeypatch.setattr("linkage.pipeline.session_store.collapse_records", watched)
    within = linkers[0].match(table)
    before = linkers[1].fit(table).match(table)
    assert open_ == [0, 1]
    pd.testing.assert_frame_equal(within.clusters, before.clusters)
    pd.testing.assert_frame_equal(within.pairs, before.pairs)


def test_labels_may_be_given_to_match(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.training.boosting._MOST_ROUNDS", 50)
    labels = known(table)
    linker = Linker(config())
    within = linker.match(table, labels=labels)
    assert "labelled" in linker.fitted_["exact"].model.training.anchor
    before = Linker(config()).fit(table, labels=labels).match(table)
    pd.testing.assert_frame_equal(within.clusters, before.clusters)
    # What was learned is kept, until other labels are given.
    again = linker.match(table)
    pd.testing.assert_frame_equal(again.clusters, within.clusters)


def test_labels_are_of_known_definitions() -> None:
    definitions = [MatchDefinition("exact"), MatchDefinition("variant", ignore=("size",))]
    assert not LabelSets.of(definitions, None, None)
    labels = pd.DataFrame({"left_id": ["a"], "right_id": ["b"], "label": ["1"]})
    label_sets = LabelSets.of(definitions, {"variant": labels}, None)
    assert list(label_sets.labels) == ["variant"]
    assert label_sets.table is None
    with pytest.raises(LabelError, match="no match definition"):
        LabelSets.of(definitions, {"loose": labels}, None)
    with pytest.raises(LabelError, match="no labels to learn from"):
        LabelSets.of(definitions, {"variant": labels}, {"exact": labels})
