"""Histogram of pairs by score, with held-out labels where there are any."""

from __future__ import annotations

import numpy as np

from linkage.models.held_out_scores import STEP, HeldOutScores, bins_of
from linkage.report.data.contents import ScoreData
from linkage.report.data.outcome import Outcome
from linkage.report.data.pair_counts import tally

__all__ = ["score_data"]

#: Log-odds up to which scores are told apart: 0.1 % to 99.9 %.
_FARTHEST = 7.0


def score_data(outcome: Outcome) -> ScoreData:
    """Return the pairs of a match definition by score."""
    threshold = float(np.clip(outcome.threshold, 1e-6, 1 - 1e-6))
    cut = float(np.log(threshold / (1 - threshold)))
    first = min(int(np.floor((-_FARTHEST - cut) / STEP)), -10)
    last = max(int(np.ceil((_FARTHEST - cut) / STEP)), 10) - 1
    place = np.clip(bins_of(outcome.score, threshold), first, last) - first
    pairs, joined, expected = tally(place, outcome.match, outcome.score, last - first + 1)
    labelled = outcome.account.get("held_out")
    held_out = None
    if labelled is not None:
        counts = HeldOutScores.from_dict(dict(labelled)).within(first, last)
        held_out = {"matches": counts[0].tolist(), "others": counts[1].tolist()}
    return ScoreData(
        threshold=threshold,
        step=STEP,
        first=first,
        pairs=pairs.tolist(),
        joined=joined.tolist(),
        expected=expected.round(3).tolist(),
        held_out=held_out,
    )
