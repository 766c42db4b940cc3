"""The gain of embeddings: an estimate of the matches that nearest vectors would add to the join's.

Embedding a million texts takes longer than the rest of a run, and on titles with codes, sizes and
brands it adds no matches. So a sample is embedded first, and the matches of the whole table are
estimated from those of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import bdtrc

from blocking.candidates import union
from blocking.embedding import search_nearest
from features.embeddings.static_embeddings import DIRECTIONS
from features.embeddings.text_vectors import STATIC, Embedder, EmbeddingError
from linkage.config.memory_limit import needed_memory
from linkage.models.pair_model import PairModel
from linkage.scoring.score import score_candidates, score_pairs
from linkage.scoring.session import Session

__all__ = ["EmbeddingGain", "add_where_it_pays", "measure_gain"]

#: Records of the sample; of the larger sample; and of a catalog from which the larger one is drawn.
_SAMPLE, _LARGE_SAMPLE, _LARGE = 3_000, 5_000, 300_000
#: Nearest neighbours of a record that would become candidates.
_LISTED = 5
#: Added share of matches from which embeddings are used, and new matches in the sample from which
#: the share can be estimated.
_WORTH, _FEWEST = 0.03, 10
_NAME = "embedding"


@dataclass(frozen=True)
class EmbeddingGain:
    """The estimated gain of embeddings.

    Attributes:
        records: records of the sample.
        new: matches in the sample that are nearest neighbours and no candidates.
        share: matches in the whole table that embeddings would add, per match found without them.
    """

    records: int
    new: int
    share: float

    @property
    def pays(self) -> bool:
        """Whether the gain justifies embedding all records."""
        return self.new >= _FEWEST and self.share >= _WORTH


def add_where_it_pays(session: Session, model: PairModel) -> list[str]:
    """Adds each record's nearest neighbours to the candidates, if a sample shows a gain.

    Args:
        session: a session whose candidates come from the join.
        model: its pair model.

    Returns:
        Notes for the user on what the sample showed.
    """
    column = session.blocking.embeddable_column
    if column is None:
        return []
    probability = score_candidates(session, model)
    with session.log.step("Try embeddings"):
        try:
            gain = measure_gain(session, model, column, probability)
        except EmbeddingError:  # not installed; nobody asked for it
            return []
    shown = (
        f"A sample of {gain.records:,} records shows that embeddings would add "
        f"{100 * gain.share:.1f} % to the matches that rare terms find"
    )
    if not gain.pays:
        return [f"{shown}: they were not used."]
    vectors = 2 * 4 * DIRECTIONS * session.records.n  # as they are made, and as they are searched
    if (
        needed_memory(session.records, session.resolved.quality) + vectors
        > session.resolved.memory_bytes
    ):
        return [
            f"{shown}, but vectors of all records do not fit into limits.memory: they were not "
            "used."
        ]
    with session.log.step("Find candidates by embedding"):
        one, other, _ = _nearest(session, column, np.arange(session.records.n))
        pairs = union([(_NAME, one, other)], session.records.n)
        candidates = session.candidates
        new = np.isnan(pairs.carried(candidates, np.zeros(len(candidates))))
        session.blocking.add(pairs.left[new], pairs.right[new], _NAME)
    return [f"{shown}: each record's {_LISTED} nearest are candidates, too."]


def measure_gain(
    session: Session, model: PairModel, column: str, probability: np.ndarray
) -> EmbeddingGain:
    """The gain of embeddings, estimated from the matches that they add in a sample.

    A sample holds few of a record's nearest neighbours in the whole table. The r-th nearest in the
    sample is among the k nearest of all if at least r of these were drawn, which has a binomial
    probability. The matches expected among random pairs are subtracted.

    Args:
        session: the records.
        model: their pair model.
        column: the column that is embedded.
        probability: the scores of the candidates.

    Raises:
        EmbeddingError: the model of the vectors cannot be loaded.
    """
    n = session.records.n
    share = min(1.0, (_SAMPLE if n < _LARGE else _LARGE_SAMPLE) / n)
    drawn = session.sampler.draw(share)
    rows = np.flatnonzero(drawn)
    candidates = session.candidates
    found = share**2 * np.count_nonzero(probability >= model.threshold)
    one, other, rank = _nearest(session, column, rows)
    listed = bdtrc(rank, _LISTED, share)  # at least rank + 1 of the nearest were drawn
    pairs = union([(_NAME, one, other)], n)
    likely = np.zeros(len(pairs))
    key = pairs.left.astype(np.int64) * n + pairs.right
    both = np.minimum(one, other) * n + np.maximum(one, other)
    np.maximum.at(likely, np.searchsorted(key, both), listed)
    new = np.isnan(pairs.carried(candidates, probability))
    likely = likely[new]
    matches = score_pairs(session, model, pairs.left[new], pairs.right[new]) >= model.threshold
    rate = _rate_of_strangers(session, model, rows)
    added = float(likely[matches].sum() - rate * likely.sum())
    count = matches.sum() - rate * len(matches)
    return EmbeddingGain(len(rows), max(int(count), 0), max(added, 0.0) / max(found, 1.0))


def _rate_of_strangers(session: Session, model: PairModel, rows: np.ndarray) -> float:
    """Share of random pairs that score as matches.

    A model learned from candidates, which share rare terms, may give any score to pairs that share
    none.
    """
    others = np.roll(rows, len(rows) // 2)
    low, high = np.minimum(rows, others), np.maximum(rows, others)
    across = low != high
    if session.records.is_linkage:
        across &= session.records.side[low] != session.records.side[high]
    if not across.any():
        return 0.0
    scores = score_pairs(session, model, low[across], high[across])
    return float(np.mean(scores >= model.threshold))


def _nearest(
    session: Session, column: str, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of a row and one of its nearest among some rows, and its rank from 0 on; int64."""
    records = session.records
    texts = records.values(column).take(pa.array(rows)).to_pylist()
    threads = session.resolved.threads
    vectors = Embedder(STATIC, threads=threads).embed(texts)
    index = search_nearest(vectors, records.side[rows], _LISTED, threads=threads).index
    at, rank = np.nonzero(index >= 0)
    return rows[at], rows[index[at, rank]], rank
