"""Synonyms from values that single records state twice."""

from __future__ import annotations

import numpy as np

from features.statements import Statements
from linkage.training.synonyms.within_records import synonyms_within_records


def _statements(strings: list[str], pairs: list[tuple[str, str]]) -> Statements:
    """Statements of records whose columns have the first value and whose titles the second."""
    own = np.array([strings.index(a) for a, _ in pairs], np.int32)
    mentioned = np.array([strings.index(b) for _, b in pairs], np.int32)
    rows = np.arange(len(pairs))
    return Statements(
        name="colour",
        strings=strings,
        own=own,
        indptr=np.arange(len(pairs) + 1, dtype=np.int64),
        ids=own,
        mentioned_row=rows,
        mentioned=mentioned,
    )


FILLER = [(f"a{k}", f"b{k}") for k in range(20)]
STRINGS = [value for pair in FILLER for value in pair]


def test_values_that_occur_for_each_other_both_ways_are_synonyms() -> None:
    pairs = [("caramel", "toffee")] * 3 + [("toffee", "caramel")] * 2 + FILLER * 2
    found = synonyms_within_records({"colour": _statements([*STRINGS, "caramel", "toffee"], pairs)})
    assert found.groups == {"colour": [["caramel", "toffee"]]}


def test_a_hypernym_is_no_synonym() -> None:
    pairs = [("shoes", "sneakers")] * 9 + [("shoes", "boots")] * 9 + FILLER * 2
    strings = [*STRINGS, "shoes", "sneakers", "boots"]
    assert synonyms_within_records({"colour": _statements(strings, pairs)}).groups == {}


def test_errors_are_no_synonyms() -> None:
    colours = ["red", "green", "blue", "black"]
    pairs = [(a, b) for a in colours for b in colours if a != b] * 4
    assert synonyms_within_records({"colour": _statements(colours, pairs)}).groups == {}


def test_groups_are_evaluated_as_wholes() -> None:
    one, two = [("a", "b"), ("b", "a")], [("c", "d"), ("d", "c")]
    pairs = one * 30 + two * 30 + FILLER * 20
    # Two errors have a high lift with a rare value, and a low one with the group of that value.
    pairs += [("a", "rare")] * 4 + [("rare", "a")] * 4 + [("rare", "c"), ("c", "rare")] * 2
    found = synonyms_within_records(
        {"colour": _statements([*STRINGS, "a", "b", "c", "d", "rare"], pairs)}
    )
    groups = [set(group) for group in found.groups["colour"]]
    assert {"a", "b", "rare"} in groups
    assert {"c", "d"} in groups


def test_an_empty_modifier_is_evaluated_over_all_its_values() -> None:
    colours = ["red", "blue", "green", "pink"]
    strings = [*STRINGS, *colours, "sky"]
    strings += [f"{word} {c}" for word in ("matte", "light") for c in colours]
    pairs = FILLER * 2 + [(f"matte {c}", c) for c in colours[:3]]  # once each, one way round
    pairs += [("light blue", "sky"), ("light red", "pink"), ("light green", "red")] * 2
    pairs += [("light blue", "blue"), ("light red", "red"), ("green", "light green")]
    groups = synonyms_within_records({"colour": _statements(strings, pairs)}).groups["colour"]
    assert {frozenset(group) for group in groups} == {
        frozenset({c, f"matte {c}"}) for c in colours
    }  # pink as well, beside which nobody was seen to say it


def test_packs_are_no_spellings_of_one_quantity() -> None:
    stated = _statements(["2 x 500 g", "4 x 250 g", "1 kg", "1000 g"], [])
    assert synonyms_within_records({"size": stated}).groups == {"size": [["1 kg", "1000 g"]]}


def test_spellings_of_one_size_are_synonyms_without_evidence() -> None:
    stated = _statements(["2xl", "xxl", "m"], [("m", "2xl")])
    assert synonyms_within_records({"size": stated}).groups == {"size": [["2xl", "xxl"]]}


def test_nothing_stated() -> None:
    assert synonyms_within_records({}).groups == {}
    assert synonyms_within_records({"colour": _statements([], [])}).groups == {}
