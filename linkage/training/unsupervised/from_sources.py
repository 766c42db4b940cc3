"""Learning without labels where one table holds the offers of two shops: as two tables linked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from blocking.neighbours import Neighbours
from linkage.clustering.assignment import assign_best_first
from linkage.models.hidden_sources import AcrossSources, HiddenSources
from linkage.models.pair_model import PairModel
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.from_neighbours import MOST_REPEATS, start_from_neighbours
from linkage.training.unsupervised.seed_pairs import identical_pairs
from linkage.training.unsupervised.source_discovery import (
    discover_sources,
    fit_sources,
    second_source,
)

__all__ = ["start_from_sources"]

#: Rounds in which sources are fitted to the matches that were found given the sources before.
_ROUNDS = 2
#: Pairs of equal records within a source, as a share of the matches across, from which sources are
#: taken to list products twice: up to 0.2 were seen where they do not, 1.1 where they do.
_MOST_EQUAL = 0.5
_NOTE = (
    "The table seems to be two put together, told apart by how records are written: the most alike "
    "records are nearly always of different ones. Records of one are not matched with each other, "
    "and each has at most one partner in the other. "
    'If a source lists products twice, set linkage.one_to_one = "no".'
)


def start_from_sources(
    compared: ComparedPairs, *, seed: int, threads: int, quick: bool = False
) -> PairModel | None:
    """Return a model of matches between two hidden sources; None where one table has no two.

    The pairs are learned from as those of two tables (`start_from_neighbours`).

    Args:
        compared: candidate pairs of one table.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: see `train_folds`.
    """
    sources = discover_sources(compared, seed)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    for number in range(_ROUNDS + 1):
        if sources is None:
            return None
        across, sizes = _across(compared, sources)
        if min(sizes) == 0 or not len(across):
            return None
        start = start_from_neighbours(across, seed=seed, threads=threads, quick=quick, sizes=sizes)
        if start is None or start[1] >= MOST_REPEATS:
            return None
        model = start[0]
        score = model.log_odds(across.matrix, across.fold, threads)
        match = assign_best_first(across.left, across.right, score) & (score > 0)
        second = second_source(sources, compared)
        within = second[compared.left] == second[compared.right]
        if np.sum(identical & within) >= _MOST_EQUAL * np.sum(match):
            return None
        if number < _ROUNDS:
            sources = fit_sources(sources, across, match)
    names = model.scorer.names
    columns = list(range(len(names)))  # boosters are not given the sources
    scorer = replace(
        model.scorer,
        names=[*names, *AcrossSources.names],
        ensembles=tuple(replace(one, columns=columns) for one in model.scorer.ensembles),
        sources=sources,
    )
    training = replace(model.training, notes=(_NOTE, *model.training.notes))
    return replace(model, scorer=scorer, training=training)


def _across(
    compared: ComparedPairs, sources: HiddenSources
) -> tuple[ComparedPairs, tuple[int, int]]:
    """The pairs across two sources, records of the first one left, and the sources' sizes."""
    second = second_source(sources, compared)
    part = compared.part(second[compared.left] != second[compared.right])
    swapped = second[part.left]
    left = np.where(swapped, part.right, part.left)
    right = np.where(swapped, part.left, part.right)
    spaces = {name: _neighbours_across(space, second) for name, space in part.spaces.items()}
    sizes = int(np.sum(~second)), int(np.sum(second))
    return replace(part, left=left, right=right, spaces=spaces), sizes


def _neighbours_across(space: Neighbours, second: np.ndarray) -> Neighbours:
    """The neighbours of each record that are of the other source, in their order."""
    kept = (space.index >= 0) & (second[space.index] != second[:, None])
    order = np.argsort(~kept, axis=1, kind="stable")
    kept = np.take_along_axis(kept, order, axis=1)
    index = np.where(kept, np.take_along_axis(space.index, order, axis=1), -1)
    similarity = np.where(kept, np.take_along_axis(space.similarity, order, axis=1), 0.0)
    return Neighbours(space.name, index, similarity.astype(space.similarity.dtype))
