"""Scores of pairs of texts by a pair network, and average precision of scores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from features.embeddings.pair_network import PairNetwork, TextStates
from features.embeddings.sentence_embeddings import FEWEST_ROWS

__all__ = ["average_precision", "score_pairs"]

_SCORED_AT_ONCE = 32


def score_pairs(
    network: PairNetwork,
    texts: TextStates,
    left: np.ndarray,
    right: np.ndarray,
    pool: ThreadPoolExecutor,
    progress: Callable[[float], None] | None = None,
) -> np.ndarray:
    """Log-odds of a match of each pair, float64, shape (m,).

    A pair's score depends on its two texts alone, not on the other pairs of its batch.
    """
    import torch

    length = texts.length[left] + texts.length[right]
    order = np.lexsort([right, left, length])
    cuts = np.flatnonzero(np.diff(length[order])) + 1
    batches = [
        part[at : at + _SCORED_AT_ONCE]
        for part in np.split(order, cuts)
        for at in range(0, len(part), _SCORED_AT_ONCE)
    ]
    out = np.zeros(len(left))

    def score(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Products of a few rows are summed in another order than those of many.
        filled = np.concatenate([rows, np.repeat(rows[-1:], max(FEWEST_ROWS - len(rows), 0))])
        with torch.inference_mode():
            logits = network.logits(texts, left[filled], right[filled])
        return rows, logits[: len(rows)].cpu().numpy()

    done = 0
    for rows, logits in pool.map(score, batches):
        out[rows] = logits
        done += len(rows)
        if progress is not None:
            progress(done / len(left))
    return out


def average_precision(label: np.ndarray, score: np.ndarray) -> float:
    """Mean precision over the matches, best score first; equal scores share their precision.

    Args:
        label: 1 match, 0 no match.
        score: the higher, the more likely a match.
    """
    values, inverse = np.unique(-score, return_inverse=True)
    hits = np.bincount(inverse, weights=label, minlength=len(values))
    seen = np.bincount(inverse, minlength=len(values))
    return float(np.sum(hits * np.cumsum(hits) / np.cumsum(seen)) / max(hits.sum(), 1))
