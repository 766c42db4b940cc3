"""Learning without labels where one table holds the offers of two shops: as two tables linked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from linkage.clustering.assignment import assign_best_first
from linkage.models.evidence.hidden_sources import AcrossSources, HiddenSources, style_of
from linkage.models.pair_model import PairModel
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.absence import differ_in_facts
from linkage.training.unsupervised.from_neighbours import MOST_REPEATS, start_from_neighbours
from linkage.training.unsupervised.seed_pairs import identical_pairs
from linkage.training.unsupervised.source_discovery import fit_sources

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
    compared: ComparedPairs,
    sources: HiddenSources,
    *,
    seed: int,
    threads: int,
    quick: bool = False,
) -> PairModel | None:
    """Return a model of matches between two hidden sources; None where they list products twice.

    The pairs are learned from as those of two tables (`start_from_neighbours`).

    Args:
        compared: candidate pairs of one table.
        sources: tells its two sources apart.
        seed: random seed.
        threads: threads; the model does not depend on it.
        quick: see `train_folds`.
    """
    style = style_of(compared.records.records, sources.columns)
    identical = identical_pairs(compared.records, compared.left, compared.right)
    for number in range(_ROUNDS + 1):
        second = style @ sources.weights + sources.intercept > 0
        across, sizes = _across(compared, second)
        if min(sizes) == 0 or not len(across):
            return None
        start = start_from_neighbours(across, seed=seed, threads=threads, quick=quick, sizes=sizes)
        if start is None or start[1] >= MOST_REPEATS:
            return None
        model = start[0]
        score = model.log_odds(across.matrix, across.fold, threads)
        match = assign_best_first(across.left, across.right, score) & (score > 0)
        within = second[compared.left] == second[compared.right]
        if np.sum(identical & within) >= _MOST_EQUAL * np.sum(match):
            return None
        if number < _ROUNDS:
            sources = fit_sources(sources, style, across.left[match], across.right[match])
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


def _across(compared: ComparedPairs, second: np.ndarray) -> tuple[ComparedPairs, tuple[int, int]]:
    """The pairs across two sources, and the sources' sizes.

    Left records are of the first source. Neighbours of a record are those of the other source that
    do not differ from it in facts: siblings may be as alike as the record's match.

    Args:
        compared: candidate pairs of one table.
        second: whether each record is of the second source, bool, shape (n,).
    """
    across = second[compared.left] != second[compared.right]
    part = replace(
        compared.part(across), spaces=compared.alone(across & ~differ_in_facts(compared)).spaces
    )
    swapped = second[part.left]
    left = np.where(swapped, part.right, part.left)
    right = np.where(swapped, part.left, part.right)
    sizes = int(np.sum(~second)), int(np.sum(second))
    return replace(part, left=left, right=right), sizes
