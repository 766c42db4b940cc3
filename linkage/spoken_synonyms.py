"""Synonyms from what single records say twice: in a column, and otherwise in a text.

An offer whose colour is caramel and whose title says toffee names one thing twice. No pair of
records is needed to see it, so that this holds where nothing else tells products from siblings. A
slip puts any value beside any other; what is meant by both names stands together far more often
than their numbers let expect. A name of something wider (shoes, of sneakers) stands in the column
and seldom the other way round, so that both ways are asked for.
"""

from __future__ import annotations

import numpy as np

from features.statements import Statements
from features.synonyms import Synonyms
from features.variant_values import canonical_values
from linkage.synonym_learning import named_groups

__all__ = ["spoken_synonyms"]

#: Records that must show it, each way round.
_FEWEST = 2
#: How many times as often as by chance the two must stand together, each way round.
_LIFT = 5.0


def spoken_synonyms(statements: dict[str, Statements]) -> Synonyms:
    """Learns groups of values that mean the same from single records.

    Spellings of one size, quantity or colour by the shipped lexica are groups, too.

    Args:
        statements: what records state, by attribute.

    Returns:
        Groups of two or more values, the commonest first in each and among them.
    """
    groups = {name: named_groups(stated, _meaning(stated)) for name, stated in statements.items()}
    return Synonyms({name: some for name, some in groups.items() if some})


def _meaning(stated: Statements) -> np.ndarray:
    """Number of each value's group."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    spelling = np.unique(canonical_values(stated.strings), return_inverse=True)[1]
    width = int(spelling.max(initial=-1)) + 1
    own = spelling[stated.own[stated.spoken_row]].astype(np.int64)
    spoken = spelling[stated.spoken].astype(np.int64)
    own, spoken = own[own != spoken], spoken[own != spoken]
    pairs, counts = np.unique(own * width + spoken, return_counts=True)
    first, second = pairs // width, pairs % width
    expected = (
        np.bincount(own, minlength=width)[first]
        * np.bincount(spoken, minlength=width)[second]
        / max(len(own), 1)
    )
    shown = (counts >= _FEWEST) & (counts >= _LIFT * expected)
    graph = sparse.coo_array(
        (np.ones(int(shown.sum()), np.int8), (first[shown], second[shown])), shape=(width, width)
    ).tocsr()
    group = connected_components(graph.multiply(graph.T), directed=False)[1]
    meaning: np.ndarray = group[spelling]
    return meaning
