"""Fine-tuning of a cross-encoder, and its weight beside the boosters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from linkage.models.cross_encoder import READ_WITHIN, CrossEncoderEvidence
from linkage.training.stacking import stack

if TYPE_CHECKING:
    pass

__all__ = ["fit_cross_encoder"]


def fit_cross_encoder(
    model: str,
    texts: Sequence[str],
    learned: tuple[np.ndarray, np.ndarray, np.ndarray],
    judged: tuple[np.ndarray, np.ndarray, np.ndarray],
    log_odds: np.ndarray,
    cut: float,
    *,
    symmetric: bool,
    seed: int,
    threads: int,
    progress: Callable[[float], None] | None = None,
) -> CrossEncoderEvidence:
    """Fine-tunes a cross-encoder, and weighs it against the boosters on pairs that neither learned.

    Args:
        model: sentence-transformers model to start from.
        texts: text of each record.
        learned: left rows, right rows and labels of the pairs to learn from.
        judged: the same of the pairs to weigh by.
        log_odds: log-odds that the boosters give to the judged pairs.
        cut: the boosters' threshold, as log-odds.
        symmetric: whether the two records of a pair are of one table.
        seed: random seed.
        threads: threads to use.
        progress: called with the share done.
    """
    from features.embeddings.cross_encoder import CrossEncoder

    def sides(pairs: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[list[str], list[str]]:
        return [texts[k] for k in pairs[0]], [texts[k] for k in pairs[1]]

    encoder = CrossEncoder(model, symmetric=symmetric).fit(
        *sides(learned),
        learned[2],
        validation=(*sides(judged), judged[2]),
        seed=seed,
        threads=threads,
        progress=progress,
    )
    unsure = np.abs(log_odds - cut) < READ_WITHIN
    read = encoder.log_odds(*sides(judged), threads=threads)
    scores = np.column_stack([log_odds, read])[unsure]
    weights, intercept = stack(scores, judged[2][unsure])
    return CrossEncoderEvidence(encoder, float(weights[0]), float(weights[1]), intercept, cut)
