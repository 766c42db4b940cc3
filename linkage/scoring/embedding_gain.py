"""The gain of embeddings: whether nearest vectors would add matches that rare terms miss.

Embedding a million texts takes longer than all else, and on titles with codes, sizes and brands it
adds nothing. So a sample is embedded first, and its new matches are counted as the whole table
would show them.
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

#: Records of the sample: the fewer of all, the larger it is.
_SAMPLE, _LARGE_SAMPLE, _LARGE = 3_000, 5_000, 300_000
#: Neighbours of a record that would be candidates.
_LISTED = 5
#: Share of the matches from which they are worth their time, and new matches of a sample from which
#: a share can be told.
_WORTH, _FEWEST = 0.03, 10
_NAME = "embedding"


@dataclass(frozen=True)
class EmbeddingGain:
    """What a sample shows.

    Attributes:
        records: records of the sample.
        new: matches of two of these that nearest vectors show and the candidates lack.
        share: matches that embeddings would add to each one found, of the whole table.
    """

    records: int
    new: int
    share: float

    @property
    def pays(self) -> bool:
        """Whether that is worth embedding all records."""
        return self.new >= _FEWEST and self.share >= _WORTH


def add_where_it_pays(session: Session, model: PairModel) -> list[str]:
    """Adds each record's nearest ones by embedding to the candidates, if a sample shows a gain.

    Args:
        session: very many records whose candidates come from the join.
        model: what was learned for them.

    Returns:
        Sentences for the user that say what the sample showed.
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
    if needed_memory(session.records) + vectors > session.resolved.memory_bytes:
        return [
            f"{shown}, but vectors of all records do not fit into limits.memory: they were not "
            "used."
        ]
    with session.log.step("Find candidates by embedding"):
        one, other, _ = _nearest(session, column, np.arange(session.records.n))
        pairs = union([(_NAME, one, other)], session.records.n)
        known = session.candidates
        new = np.isnan(pairs.carried(known, np.zeros(len(known))))
        session.blocking.add(pairs.left[new], pairs.right[new], _NAME)
    return [f"{shown}: each record's {_LISTED} nearest are candidates, too."]


def measure_gain(
    session: Session, model: PairModel, column: str, probability: np.ndarray
) -> EmbeddingGain:
    """Counts the matches of a sample that its nearest vectors show and the candidates lack.

    Of the nearest records of the whole table a sample holds few: one that is the r-th nearest in
    the sample is among the k nearest of all if at least r of these were drawn. As many matches as
    pairs drawn by chance show are taken off.

    Args:
        session: the records.
        model: scores their pairs.
        column: the column that names the records.
        probability: the scores of the candidates.

    Raises:
        EmbeddingError: the model of the vectors cannot be loaded.
    """
    n = session.records.n
    share = min(1.0, (_SAMPLE if n < _LARGE else _LARGE_SAMPLE) / n)
    drawn = session.sampler.draw(share)
    rows = np.flatnonzero(drawn)
    known = session.candidates
    found = share**2 * np.count_nonzero(probability >= model.threshold)
    one, other, place = _nearest(session, column, rows)
    listed = bdtrc(place, _LISTED, share)  # at least place + 1 of the nearest were drawn
    pairs = union([(_NAME, one, other)], n)
    likely = np.zeros(len(pairs))
    key = pairs.left.astype(np.int64) * n + pairs.right
    both = np.minimum(one, other) * n + np.maximum(one, other)
    np.maximum.at(likely, np.searchsorted(key, both), listed)
    new = np.isnan(pairs.carried(known, probability))
    likely = likely[new]
    matches = score_pairs(session, model, pairs.left[new], pairs.right[new]) >= model.threshold
    rate = _rate_of_strangers(session, model, rows)
    added = float(likely[matches].sum() - rate * likely.sum())
    count = matches.sum() - rate * len(matches)
    return EmbeddingGain(len(rows), max(int(count), 0), max(added, 0.0) / max(found, 1.0))


def _rate_of_strangers(session: Session, model: PairModel, rows: np.ndarray) -> float:
    """Share of pairs drawn by chance that score as matches.

    A model that has learned from candidates alone, which all share something, may think anything of
    records that share nothing.
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
    """Rows, the nearest ones of each among them, and how many are nearer; int64."""
    records = session.records
    texts = records.values(column).take(pa.array(rows)).to_pylist()
    threads = session.resolved.threads
    vectors = Embedder(STATIC, threads=threads).embed(texts)
    index = search_nearest(vectors, records.side[rows], _LISTED, threads=threads).index
    at, place = np.nonzero(index >= 0)
    return rows[at], rows[index[at, place]], place
