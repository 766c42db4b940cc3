"""Configurations are validated whole and written back as they were read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.kinds import Kind
from linkage.config.authored import Config, MatchDefinition, Rule
from linkage.config.memory_size import parse_memory
from linkage.config.resolved import resolve_config, resolve_quality
from linkage.config.toml_writer import to_toml
from linkage.errors import ConfigError
from linkage.io.reading import build_records, from_frame
from linkage.runtime import available_threads

DESIGN = """
[catalog]
id = "id"
source = "seller"
[attributes]
title = "text"
gtin = "id"
[match.exact]
cannot = [{column = "brand", when = "differ"}]
[match.variant]
ignore = ["color", "size"]
must = [{column = "style"}]
[blocking]
candidates = "auto"
recall_floor = 0.95
[training]
labels = "labels.csv"
precision = 0.98
[limits]
max_cluster_size = 500
memory = "8GB"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(raw: dict[str, object]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(raw)
    return caught.value.faults


def test_the_configuration_of_the_design(tmp_path: Path) -> None:
    config = Config.from_toml(write(tmp_path, DESIGN))
    assert config.attributes == {"title": Kind.TEXT, "gtin": Kind.IDENTIFIER}
    assert config.match["variant"] == MatchDefinition(
        "variant", ("color", "size"), (Rule("style", "equal"),)
    )
    assert config.match["exact"].cannot == (Rule("brand", "differ"),)
    assert config.limits.memory_bytes == 8_000_000_000
    assert config.training.labels == str(tmp_path / "labels.csv"), "relative to the file"


def test_the_folder_of_images(tmp_path: Path) -> None:
    config = Config.from_toml(write(tmp_path, '[catalog]\nimages = "photos"\n'))
    assert config.catalog.images == str(tmp_path / "photos"), "relative to the file"
    absolute = (tmp_path / "elsewhere").as_posix()
    config = Config.from_toml(write(tmp_path, f'[catalog]\nimages = "{absolute}"\n'))
    assert config.catalog.images == absolute
    assert Config().catalog.images is None
    assert faults_of({"catalog": {"images": 3}}) == [
        "catalog.images must be text in quotes, got 3."
    ]


def test_defaults() -> None:
    config = Config()
    assert config.match == {"exact": MatchDefinition("exact")}
    assert config.attributes == {}
    assert (config.quality, config.seed, config.threads) == ("auto", 0, None)
    assert Config.from_dict({}) == config


def test_round_trip(tmp_path: Path) -> None:
    config = Config.from_toml(write(tmp_path, DESIGN))
    assert Config.from_dict(config.to_dict()) == config
    assert Config.from_toml(write(tmp_path, config.to_toml())) == config


@given(
    st.dictionaries(st.text(min_size=1), st.sampled_from(Kind), max_size=4),
    st.lists(st.text(min_size=1).filter(str.strip), unique=True, max_size=4),
)
def test_any_column_name_survives_toml(kinds: dict[str, Kind], ignore: list[str]) -> None:
    config = Config(attributes=kinds, match={"exact": {"ignore": ignore}})  # type: ignore[dict-item]
    assert Config.from_dict(tomllib.loads(config.to_toml())) == config


def test_toml_values() -> None:
    values = {"a": True, "b": 1.5, "c": ["x", 'q"'], "d": {"e f": {"g": None, "h": 1}, "i": [{}]}}
    read = tomllib.loads(to_toml(values))
    assert read == {"a": True, "b": 1.5, "c": ["x", 'q"'], "d": {"e f": {"h": 1}, "i": [{}]}}


def test_every_fault_is_listed_at_once() -> None:
    faults = faults_of(
        {
            "qualty": "best",
            "recall_floor": 0.9,
            "seed": -1,
            "catalog": {"ids": "x", "distinct_sources": True},
            "attributes": {"title": "txt", "id2": 3},
            "match": {"exact": {"ignor": [], "must": [{"colum": "gtin", "when": "equals"}]}},
            "blocking": {"candidates": "lots", "recall_floor": 1.5},
            "training": {"precision": 0.9, "recall": 0.9},
            "limits": {"memory": "8 bananas", "max_cluster_size": True},
            "linkage": {"one_to_one": "maybe"},
            "embedding": "static",
        }
    )
    text = "\n".join(faults)
    for expected in (
        "qualty is no known key. Did you mean 'quality'?",
        "recall_floor is no known key. It belongs in [blocking].",
        "seed must be a whole number from 0 up, got -1.",
        "catalog.ids is no known key. Did you mean 'id'?",
        "attributes.title must be one of text, name,",
        "got 'txt' (did you mean 'text'?).",
        "attributes.id2 must be one of",
        "match.exact.ignor is no known key. Did you mean 'ignore'?",
        "match.exact.must[0].colum is no known key. Did you mean 'column'?",
        "match.exact.must[0] names no column.",
        "match.exact.must[0].when must be one of equal, differ, got 'equals'",
        "blocking.candidates must be a whole number from 1 up, or \"auto\", got 'lots'.",
        "blocking.recall_floor must be a number above 0 and up to 1, got 1.5.",
        "training.precision (0.9) and training.recall (0.9) cannot both be set",
        "limits.memory must be a size",
        "limits.max_cluster_size must be a whole number from 2 up, got True.",
        "linkage.one_to_one must be one of auto, yes, no, got 'maybe'.",
        "embedding must be a table ([embedding]), got 'static'.",
        "catalog.distinct_sources needs catalog.source",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ({"match": {"a b": {}}}, "match.a b: a name is a letter"),
        ({"match": {"exact": 3}}, "match.exact must be a table"),
        ({"match": 3}, "match must be tables"),
        ({"match": {"v": {"ignore": "color"}}}, "match.v.ignore must be a list of columns"),
        ({"match": {"v": {"ignore": ["a", "a"]}}}, "match.v.ignore names 'a' more than once"),
        ({"match": {"v": {"must": "gtin"}}}, "match.v.must must be a list of rules"),
        ({"match": {"v": {"must": ["gtin"]}}}, "match.v.must[0] must be a rule"),
        (
            {"match": {"v": {"must": [{"column": "a", "when": "differ"}]}}},
            "match.v.must: rows that differ in 'a' cannot all match",
        ),
        (
            {"match": {"v": {"cannot": [{"column": "a"}, {"column": "a", "when": "differ"}]}}},
            "match.v.cannot says 'a' differ more than once",
        ),
        (
            {
                "match": {
                    "v": {"must": [{"column": "a"}], "cannot": [{"column": "a", "when": "equal"}]}
                }
            },
            "match.v: rows of equal 'a' both must and cannot match",
        ),
        (
            {"match": {"v": {"ignore": ["a"], "cannot": [{"column": "a"}]}}},
            "match.v.cannot: 'a' is ignored, so that matching rows may differ in it",
        ),
        (
            {"catalog": {"id": "sku"}, "match": {"v": {"must": [{"column": "sku"}]}}},
            "match.v.must: 'sku' is the column of ids",
        ),
        ({"match": {"v": {"ignore_text": "a"}}}, "match.v.ignore_text must be a list of regular"),
        ({"match": {"v": {"ignore_text": [3]}}}, "match.v.ignore_text must be a list of regular"),
        ({"match": {"v": {"output": "no"}}}, "match.v.output must be"),
        ({"match": {"v": {"output": False}}}, "match: every definition has output = false"),
        ({"attributes": ["title"]}, "attributes must be a table of column = kind"),
        ({"catalog": {"id": "a"}, "attributes": {"a": "id"}}, "attributes.a cannot be compared"),
    ],
)
def test_faults(raw: dict[str, object], fault: str) -> None:
    assert fault in faults_of(raw)[0]


def test_python_configuration_is_validated_too() -> None:
    with pytest.raises(ConfigError, match="quality must be one of"):
        Config(quality="quick")
    assert Config(linkage={"one_to_one": True}).linkage.one_to_one == "yes"  # type: ignore[arg-type]


def test_files_that_are_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml does not exist"):
        Config.from_toml(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.from_toml(tmp_path)
    with pytest.raises(ConfigError, match=r"not valid TOML.*line 2"):
        Config.from_toml(write(tmp_path, "[catalog]\nid = id\n"))
    path = write(tmp_path, "[catalog]\nidd = 'x'\n")
    with pytest.raises(ConfigError, match=r"shop\.toml: catalog\.idd is no known key"):
        Config.from_toml(path)


def test_absent_columns_are_listed_at_once(tmp_path: Path) -> None:
    config = Config.from_toml(write(tmp_path, DESIGN))
    with pytest.raises(ConfigError) as caught:
        config.check_columns(["id", "seller", "titel", "gtin", "colour", "size", "brand"])
    first, second, third = caught.value.faults
    assert first == "attributes.title: the catalog has no column 'title'. Did you mean 'titel'?"
    assert second.startswith("match.variant.ignore: the catalog has no column 'color'.")
    assert "'colour'" in second
    assert third.startswith("match.variant.must: the catalog has no column 'style'.")
    config.check_columns(["id", "seller", "title", "gtin", "color", "size", "brand", "style"])


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GB", 8e9), ("512 mb", 512e6), ("2GiB", 2 * 2**30), ("1.5 T", 1.5e12), (300, 300)],
)
def test_memory(text: str | int, size: float) -> None:
    assert parse_memory(text) == size


def test_resolution() -> None:
    table = from_frame(pd.DataFrame({"id": ["a", "b"], "title": ["x y", "x z"], "color": "red"}))
    records = build_records(table)
    config = Config(match={"variant": {"ignore": ["color"]}, "exact": {}})  # type: ignore[dict-item]
    resolved = resolve_config(config, records)
    assert [definition.name for definition in resolved.match] == ["exact", "variant"]
    assert (resolved.quality, resolved.threads) == ("balanced", available_threads())
    assert resolved.to_dict()["attributes"] == {
        name: kind.value for name, kind in records.kinds.items()
    }
    assert Config.from_dict(resolved.to_dict()).quality == "balanced"
    with pytest.raises(ConfigError, match="leaves nothing to compare"):
        resolve_config(Config(match={"v": {"ignore": ["color", "title"]}}), records)  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match="no column 'colour'"):
        resolve_config(Config(match={"v": {"ignore": ["colour"]}}), records)  # type: ignore[dict-item]


def resolved(columns: list[str], **definition: list[str]) -> MatchDefinition:
    frame = pd.DataFrame({"id": ["a", "b"], **{name: ["x y", "x z"] for name in columns}})
    config = Config(match={"v": definition})  # type: ignore[dict-item]
    found = resolve_config(config, build_records(from_frame(frame)))
    assert Config.from_dict(found.to_dict()).match == config.match
    return found.match[0]


def test_ignored_names_without_a_column_are_concepts() -> None:
    found = resolved(["title", "size"], ignore=["size", "color", "quantity"], ignore_text=["x$"])
    assert (found.ignore, found.concepts) == (("size",), ("colour", "quantity"))
    assert found.ignore_text == ("x$",)
    assert Config(match={"v": found}).match["v"].ignored == ("size", "colour", "quantity")


@pytest.mark.parametrize("column", ["Colour", "COLOR", "color"])
def test_a_column_of_nearly_that_name_is_no_concept(column: str) -> None:
    with pytest.raises(ConfigError, match="no column 'colour'"):
        resolved(["title", column], ignore=["colour"])


def test_other_names_need_a_column() -> None:
    with pytest.raises(ConfigError, match="no column 'material'"):
        resolved(["title"], ignore=["colour", "material"])


def test_invalid_patterns_are_listed_at_once() -> None:
    raw = {"match": {"v": {"ignore_text": ["(a", "b$", "c["]}, "w": {"ignore_text": ["*"]}}}
    first, second, third = faults_of(raw)
    assert first.startswith("match.v.ignore_text: '(a' is no regular expression: missing )")
    assert second.startswith("match.v.ignore_text: 'c[' is no regular expression")
    assert third.startswith("match.w.ignore_text: '*' is no regular expression")


def test_quality_follows_the_number_of_records() -> None:
    sizes = np.array([1, 50_000, 50_001])
    qualities = [resolve_quality("auto", int(size)) for size in sizes]
    assert qualities == ["balanced", "balanced", "fast"]
    assert resolve_quality("best", 10**7) == "best"
