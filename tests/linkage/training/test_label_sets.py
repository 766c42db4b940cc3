"""Labels and threshold targets of each match definition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linkage.cli.run_options import RunOptions
from linkage.config.authored import Config
from linkage.errors import ConfigError, LabelError
from linkage.training.cuts.thresholds import ThresholdTarget
from linkage.training.label_sets import (
    label_files,
    labels_by_definition,
    refuse_lone_validation,
    strictest,
    threshold_target_of,
    without_targets,
)

BOTH = {"variant": {"ignore": ["colour"]}, "exact": {}}
CLUSTERS = pd.DataFrame({"id": ["a", "b", "c"], "cluster_id": ["1", "1", "2"]})
OWN_RECORDS = pd.DataFrame(
    {"labeling_set_id": ["1", "1"], "label": ["x", "y"], "title": ["hat", "shoe"]}
)


def test_plain_labels_are_of_the_strictest_definition() -> None:
    definitions = Config(match=BOTH).match.values()
    assert strictest(definitions) == "exact"
    assert list(labels_by_definition(CLUSTERS, definitions)) == ["exact"]
    assert labels_by_definition(None, definitions) == {}
    named = labels_by_definition({"variant": CLUSTERS}, definitions)
    assert named["variant"].table.num_rows == 3


def test_labels_of_no_definition_are_refused() -> None:
    definitions = Config(match=BOTH).match.values()
    with pytest.raises(LabelError, match="'varient', which is no match definition") as raised:
        labels_by_definition({"varient": CLUSTERS}, definitions)
    assert "variant" in str(raised.value)


def test_labels_with_records_of_their_own_are_given_alone() -> None:
    definitions = Config(match=BOTH).match.values()
    assert list(labels_by_definition({"exact": OWN_RECORDS}, definitions)) == ["exact"]
    with pytest.raises(LabelError, match="records of their own"):
        labels_by_definition({"exact": CLUSTERS, "variant": OWN_RECORDS}, definitions)


def test_validation_without_labels_is_refused() -> None:
    definitions = Config(match=BOTH).match.values()
    labels = labels_by_definition({"exact": CLUSTERS}, definitions)
    refuse_lone_validation(labels, labels)
    with pytest.raises(LabelError, match="validation labels of 'variant'"):
        refuse_lone_validation(labels, labels_by_definition({"variant": CLUSTERS}, definitions))


def test_files_by_definition() -> None:
    match = {"exact": {}, "variant": {"ignore": ["colour"], "labels": "v.csv"}}
    config = Config(match=match, training={"labels": "e.csv", "validation": "more.csv"})
    assert label_files(config) == ({"exact": "e.csv", "variant": "v.csv"}, {"exact": "more.csv"})
    twice = Config(match={"exact": {"labels": "a.csv"}}, training={"labels": "b.csv"})
    with pytest.raises(ConfigError, match=r"training\.labels and match\.exact\.labels"):
        label_files(twice)


def test_a_definition_may_have_its_own_threshold_target() -> None:
    match = {"exact": {"precision": 0.99}, "variant": {"ignore": ["colour"]}}
    config = Config(match=match, training={"recall": 0.9})
    assert threshold_target_of(config, config.match["exact"]) == ThresholdTarget(precision=0.99)
    assert threshold_target_of(config, config.match["variant"]) == ThresholdTarget(recall=0.9)


def test_label_files_are_relative_to_the_configuration_file(tmp_path: Path) -> None:
    text = '[match.variant]\nignore = ["colour"]\nlabels = "v.csv"\nrecall = 0.9\n'
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    config = Config.from_toml(tmp_path / "c.toml")
    assert config.match["variant"].labels == str(tmp_path / "v.csv")
    (tmp_path / "again.toml").write_text(config.to_toml(), encoding="utf-8")
    assert Config.from_toml(tmp_path / "again.toml") == config


def test_errors_of_a_definition_s_labels_and_target_are_listed() -> None:
    match = {"variant": {"ignore": ["c"], "validation": "v.csv", "precision": 2, "recal": 0.9}}
    with pytest.raises(ConfigError) as raised:
        Config(match={**match, "exact": {"precision": 0.9, "recall": 0.9}})
    text = str(raised.value)
    assert "match.variant.validation needs match.variant.labels" in text
    assert "match.variant.precision must be a number" in text
    assert "match.variant.recal is no known key. Did you mean 'recall'?" in text
    assert "match.exact.precision (0.9) and match.exact.recall (0.9) cannot both" in text


def options(tmp_path: Path, text: str = "", **given: object) -> RunOptions:
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    return RunOptions(config=tmp_path / "c.toml", **given)


def test_labels_on_the_command_line(tmp_path: Path) -> None:
    two = '[match.exact]\n[match.variant]\nignore = ["colour"]\n'
    given = options(tmp_path, two, labels=["e.csv", "variant=v.csv"], validation=["exact=m.csv"])
    files = label_files(given.to_config())
    assert files == ({"exact": "e.csv", "variant": "v.csv"}, {"exact": "m.csv"})
    with pytest.raises(ConfigError, match="no match definition 'colour'"):
        options(tmp_path, two, labels=["colour=v.csv"]).to_config()
    (tmp_path / "odd=name.csv").write_text("", encoding="utf-8")
    odd = str(tmp_path / "odd=name.csv")
    assert label_files(options(tmp_path, labels=[odd]).to_config())[0] == {"exact": odd}


def test_the_command_line_overrides_the_file_s_labels(tmp_path: Path) -> None:
    text = '[match.exact]\nlabels = "old.csv"\n[match.variant]\nignore = ["colour"]\n'
    given = options(tmp_path, text, labels=["new.csv"])
    assert label_files(given.to_config())[0] == {"exact": "new.csv"}


def test_plain_labels_of_group_are_of_the_strictest_definition_written(tmp_path: Path) -> None:
    text = '[match.exact]\n[match.variant]\nignore = ["colour"]\n[training]\nlabels = "e.csv"\n'
    config = options(tmp_path, text).to_config(only_groups=True)
    assert {name: one.output for name, one in config.match.items()} == {
        "exact": False,
        "variant": True,
    }
    kept = {"exact": str(tmp_path / "e.csv")}
    assert label_files(config)[0] == kept, "the author's plain labels stay those of exact"
    config = options(tmp_path, text, labels=["v.csv"]).to_config(only_groups=True)
    assert label_files(config)[0] == {**kept, "variant": "v.csv"}
    given = options(tmp_path, ignore=["colour"], labels=["v.csv", "exact=e.csv"])
    files = label_files(given.to_config(only_groups=True))[0]
    assert files == {"variant": "v.csv", "exact": "e.csv"}
    alone = options(tmp_path, '[training]\nlabels = "v.csv"\n', ignore=["colour"])
    files = label_files(alone.to_config(only_groups=True))[0]
    assert files == {"variant": str(tmp_path / "v.csv")}


def test_a_target_is_not_of_what_is_answered_inside() -> None:
    match = {"exact": {"output": False}, "variant": {"ignore": ["colour"]}}
    config = Config(match=match, training={"precision": 0.9})
    assert threshold_target_of(config, config.match["exact"]) == ThresholdTarget()
    assert threshold_target_of(config, config.match["variant"]) == ThresholdTarget(precision=0.9)
    assert strictest(config.match.values()) == "variant"


def test_a_configuration_without_targets() -> None:
    match = {"exact": {"precision": 0.99}, "variant": {"ignore": ["colour"]}}
    plain = without_targets(Config(training={"recall": 0.9}, match=match))
    assert {threshold_target_of(plain, one) for one in plain.match.values()} == {ThresholdTarget()}
    assert plain.match["variant"].ignore == ("colour",)
    assert without_targets(Config()) == Config()
