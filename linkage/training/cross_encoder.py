"""Fine-tuning of a cross-encoder, and its stacking weight beside the boosters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from linkage.models.cross_encoder import READ_WITHIN, CrossEncoderEvidence
from linkage.training.progress import ShareFunction
from linkage.training.stacking import stack

__all__ = ["fit_cross_encoder"]


def fit_cross_encoder(
    model: str,
    texts: Sequence[str],
    training: tuple[np.ndarray, np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray, np.ndarray],
    log_odds: np.ndarray,
    cut: float,
    *,
    symmetric: bool,
    seed: int,
    threads: int,
    progress: ShareFunction | None = None,
) -> CrossEncoderEvidence:
    """Return a fine-tuned cross-encoder with the stacking weights of its and the boosters' scores.

    The weights are fitted on pairs from which neither has learned, as far as they are uncertain.

    Args:
        model: sentence-transformers model to start from.
        texts: text of each record.
        training: left rows, right rows and labels of the pairs to learn from.
        validation: the same of the pairs to fit the weights on.
        log_odds: log-odds that the boosters give to the validation pairs.
        cut: the boosters' threshold, as log-odds.
        symmetric: whether the two records of a pair are of one table.
        seed: random seed.
        threads: threads to use.
        progress: called with the share done.
    """
    from features.embeddings.cross_encoder import CrossEncoder

    def sides(pairs: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[list[str], list[str]]:
        """Return the texts of the left and of the right records."""
        return [texts[k] for k in pairs[0]], [texts[k] for k in pairs[1]]

    encoder = CrossEncoder(model, symmetric=symmetric).fit(
        *sides(training),
        training[2],
        validation=(*sides(validation), validation[2]),
        seed=seed,
        threads=threads,
        progress=progress,
    )
    uncertain = np.abs(log_odds - cut) < READ_WITHIN
    read = encoder.log_odds(*sides(validation), threads=threads)
    scores = np.column_stack([log_odds, read])[uncertain]
    weights, intercept = stack(scores, validation[2][uncertain])
    return CrossEncoderEvidence(encoder, float(weights[0]), float(weights[1]), intercept, cut)
