"""Which match definition is looser than which, and whether their clusters nest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays.distinct import sorted_distinct
from linkage.config.match_definition import MatchDefinition

__all__ = ["Nesting", "check_nesting", "is_looser", "starts_of", "straddling"]


@dataclass(frozen=True)
class Nesting:
    """Whether the clusters of a definition lie wholly inside those of a looser one.

    Attributes:
        stricter, looser: names of the definitions.
        violations: clusters of the stricter one whose records are in several clusters of the
            looser.
        starts: whether the looser one began with the clusters of the stricter.
    """

    stricter: str
    looser: str
    violations: int
    starts: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for ``run.json``."""
        return {"stricter": self.stricter, "looser": self.looser, "violations": self.violations}


def is_looser(looser: MatchDefinition, stricter: MatchDefinition) -> bool:
    """Return whether one definition ignores all that the other does, and more."""
    return stricter.ignores < looser.ignores


def starts_of(
    definition: MatchDefinition, definitions: Sequence[MatchDefinition]
) -> list[MatchDefinition]:
    """Return the definitions whose clusters a definition starts from.

    They are the loosest of those that are stricter than it, the loosest first. Of definitions that
    are not nested in one another neither begins with the other.

    Args:
        definition: one of the definitions.
        definitions: all of them.

    Example:
        >>> exact, colour = MatchDefinition("exact"), MatchDefinition("colour", ("colour",))
        >>> size = MatchDefinition("size", ("size",))
        >>> both = MatchDefinition("both", ("colour", "size"))
        >>> [one.name for one in starts_of(both, [exact, colour, size, both])]
        ['colour', 'size']
        >>> [one.name for one in starts_of(size, [exact, colour, size, both])]
        ['exact']
    """
    stricter = [one for one in definitions if is_looser(definition, one)]
    loosest = [one for one in stricter if not any(is_looser(other, one) for other in stricter)]
    return sorted(loosest, key=lambda one: -len(one.ignores))


def check_nesting(
    definitions: Sequence[MatchDefinition], labels: Mapping[str, np.ndarray]
) -> list[Nesting]:
    """Return, for each pair of nested definitions, how many clusters do not nest.

    Args:
        definitions: of a run.
        labels: cluster of each record by definition, int[n].

    Raises:
        RuntimeError: if a definition lost clusters that it began with and no rule may have kept
            apart: an error of the program.
    """
    out = []
    for looser in definitions:
        first = [one.name for one in starts_of(looser, definitions)[:1]]
        for stricter in definitions:
            if is_looser(looser, stricter):
                found = Nesting(
                    stricter.name,
                    looser.name,
                    straddling(labels[stricter.name], labels[looser.name]),
                    stricter.name in first,
                )
                if found.starts and found.violations:
                    raise RuntimeError(
                        f"{found.violations} clusters of {found.stricter} do not lie inside those "
                        f"of {found.looser}"
                    )
                out.append(found)
    return out


def straddling(stricter: np.ndarray, looser: np.ndarray) -> int:
    """Return how many clusters have records in several clusters of a looser partition.

    Args:
        stricter, looser: labels of the same n records, numbers from 0.
    """
    width = int(looser.max(initial=-1)) + 1
    pairs = sorted_distinct(stricter.astype(np.int64) * max(width, 1) + looser)
    return int(np.sum(np.bincount(pairs // max(width, 1)) > 1)) if len(pairs) else 0
