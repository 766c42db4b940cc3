"""Which definitions nest in which, and the check that their clusters do."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.config.match_definition import MatchDefinition
from linkage.config.nesting import check_nesting, is_looser, starts_of, straddling

EXACT = MatchDefinition("exact")
COLOUR, SIZE = MatchDefinition("colour", ("colour",)), MatchDefinition("size", ("size",))
BOTH = MatchDefinition("both", ("size", "colour"))


def names(definition: MatchDefinition, *others: MatchDefinition) -> list[str]:
    return [one.name for one in starts_of(definition, [*others, definition])]


def test_looser_is_a_strict_superset() -> None:
    assert is_looser(BOTH, COLOUR)
    assert not is_looser(SIZE, COLOUR)
    assert not is_looser(COLOUR, MatchDefinition("again", ("colour",)))


def test_patterns_are_ignored_as_columns_are() -> None:
    pattern = MatchDefinition("pattern", ignore_text=("colour",))
    assert is_looser(pattern, EXACT)
    assert not is_looser(pattern, COLOUR)
    assert not is_looser(COLOUR, pattern)
    assert is_looser(MatchDefinition("all", ("colour",), ignore_text=("colour",)), pattern)


def test_a_definition_begins_with_the_loosest_of_the_stricter() -> None:
    assert names(EXACT) == []
    assert names(BOTH, EXACT, COLOUR) == ["colour"]
    assert names(BOTH, EXACT, COLOUR, SIZE) == ["colour", "size"]
    assert names(SIZE, EXACT, COLOUR) == ["exact"]
    assert names(SIZE, COLOUR) == [], "neither ignores all that the other does"
    wide = MatchDefinition("wide", ("size", "material", "fit"))
    assert names(MatchDefinition("all", ("size", "colour", "material", "fit")), BOTH, wide) == [
        "wide",
        "both",
    ]


def test_straddling_clusters_are_counted() -> None:
    assert straddling(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1])) == 0
    assert straddling(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])) == 2
    assert straddling(np.empty(0, int), np.empty(0, int)) == 0


def test_what_was_begun_with_must_stay_whole() -> None:
    labels = {"exact": np.array([0, 0, 1]), "colour": np.array([0, 0, 0])}
    (found,) = check_nesting([EXACT, COLOUR], labels)
    assert found.to_dict() == {"stricter": "exact", "looser": "colour", "violations": 0}
    with pytest.raises(RuntimeError, match="1 clusters of exact do not lie inside those of colour"):
        check_nesting([EXACT, COLOUR], {**labels, "colour": np.array([0, 1, 1])})
