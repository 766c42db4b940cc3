"""Every feature that the engine makes has words."""

from __future__ import annotations

import pytest
from explained import fitted

from features.compare.code_kernels import CODE_FEATURES
from features.compare.wording import WordingFeatures
from features.text.word_kernels import WORD_FEATURES
from linkage.explanation.data.feature_names import describe_feature


@pytest.mark.parametrize("kind", ["identifier", "few labels", "groups"])
def test_every_feature_of_a_model_has_words(kind: str) -> None:
    linker, _ = fitted(kind)
    for definition in linker.fitted_.values():
        for name in definition.model.names:
            words = describe_feature(name, "title")
            assert words.family != "other", name
            assert words.attribute
            assert words.label
            assert "_" not in words.label, name


@pytest.mark.parametrize("measure", WORD_FEATURES)
def test_a_word_feature_is_of_its_column(measure: str) -> None:
    words = describe_feature(f"the.title.{measure}")
    assert words.attribute == "the.title"
    assert words.family == "words"
    assert describe_feature(f"record:{measure}").attribute == "whole record"


def test_labels_of_one_place_tell_features_apart() -> None:
    names = [f"codes:{n}" for n in CODE_FEATURES] + [f"title.{n}" for n in WORD_FEATURES]
    assert len({describe_feature(n) for n in names}) == len(names)


def test_wording_is_told_in_words() -> None:
    words = [describe_feature(name, "title") for name in WordingFeatures.names]
    assert len(set(words)) == len(WordingFeatures.names)
    assert {(one.attribute, one.family) for one in words} == {("title", "wording")}
    assert not any("_" in one.label for one in words)
    assert describe_feature("wording.ratio").attribute == "wording", "a column of that name"


def test_views_and_opinions() -> None:
    assert describe_feature("text:raw_equal", "title").attribute == "title"
    assert describe_feature("numbers:agreement").attribute == "numbers in the text"
    assert describe_feature("numbers.agreement").attribute == "numbers", "a column of that name"
    assert describe_feature("title.text").attribute == "title"
    assert describe_feature("prior:log_odds").attribute == "without labels"
    gap = describe_feature("context:main_characters_min_gap")
    assert gap.attribute == "other candidates"
    assert gap.label.startswith("main characters")
    assert describe_feature("known:left_has_other").attribute == "known matches"
    assert describe_feature("colour.stated").attribute == "colour"
    assert describe_feature("colour.some_new_measure").label == "some new measure"
