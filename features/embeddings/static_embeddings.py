"""Static embeddings: a table of token vectors and a rarity-weighted mean over the words of a text.

The table is the input embedding of the packaged MiniLM model, with its commonest directions removed
("all but the top": Mu and Viswanath, 2018) and the others half whitened. A mean of word pieces
cannot tell one model code from another, so each word also carries a signature of its own spelling
(random indexing: Kanerva et al., 2000).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numba import njit

from features.arrays.distinct import sorted_distinct
from features.arrays.rows import row_starts
from features.embeddings.embedding_cache import replace_file
from features.text.statistics import Statistics
from features.text.tokens import build_vocabulary, tokenise

__all__ = ["StaticModel"]

#: Principal directions of the table that say how common a token is and hardly what it means.
COMMON_DIRECTIONS = 10
#: Directions kept after them; recall at 10 falls by less than half a point from 374 to 256.
DIRECTIONS = 256
#: Weight of a word's signature beside its token vectors. Recall at 10 rises up to about this on
#: product titles (walmart-amazon from 91.9 to 93.2) while "notebook" and "laptop" still come out
#: alike.
SIGNATURE = 0.7
#: The vocabulary of BERT begins with special and unused tokens, whose vectors mean nothing.
_UNUSED = 1000


class StaticModel:
    """Token table of a BERT-like model folder.

    Args:
        folder: holds ``model.safetensors`` and ``tokenizer.json``.
        cached: where the finished table is kept (``.npy``); None keeps it nowhere.
    """

    def __init__(self, folder: Path, cached: Path | None = None) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.table = _cached_table(folder, cached, self.tokenizer.get_vocab_size())

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.table.shape[1]

    def encode(
        self,
        texts: Sequence[str],
        statistics: Statistics | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> np.ndarray:
        """Unit vectors of texts, float32, shape (n, d); texts without words are zero.

        Args:
            texts: texts, repeats allowed: a text counts in word rarity as often as it occurs.
            statistics: where rarities are kept; frozen statistics are applied as they are.
            progress: called with the share of the work that is done.
        """
        tokens = tokenise(pa.array(texts, pa.large_string()))
        vocabulary, (ids,) = build_vocabulary([tokens])
        if not len(vocabulary):
            return np.zeros((len(texts), self.dimension), np.float32)
        statistics = Statistics() if statistics is None else statistics
        weigh = statistics.weigher("embedding", len(texts), vocabulary.hashes)
        # A word repeated in one text counts once in its document frequency but each time in the
        # mean.
        rows = np.repeat(np.arange(tokens.n, dtype=np.int64), np.diff(tokens.indptr))
        distinct = sorted_distinct(rows * len(vocabulary) + ids) % len(vocabulary)
        weights = np.zeros(len(vocabulary), np.float32)
        weights[distinct] = weigh(distinct)
        if progress is not None:
            progress(0.2)
        vectors = self._word_vectors(vocabulary.words(), vocabulary.hashes)
        if progress is not None:
            progress(0.6)
        out = np.zeros((len(texts), self.dimension), np.float32)
        _weighted_means(tokens.indptr, ids, weights, vectors, out)
        return out

    def _word_vectors(self, words: list[str], hashes: np.ndarray) -> np.ndarray:
        """Mean vector of the word pieces plus signature of each word, float32."""
        out = np.zeros((len(words), self.dimension), np.float32)
        for start in range(0, len(words), 50_000):
            part = words[start : start + 50_000]
            encoded = self.tokenizer.encode_batch(part, add_special_tokens=False)
            counts = np.array([len(e.ids) for e in encoded], np.int64)
            pieces = np.array([i for e in encoded for i in e.ids], np.int64)
            indptr = row_starts(counts)
            stop = start + len(part)
            _word_vectors(
                indptr, pieces, self.table, hashes[start:stop], SIGNATURE, out[start:stop]
            )
        return out


def _cached_table(folder: Path, cached: Path | None, size: int) -> np.ndarray:
    if cached is not None and cached.exists():
        try:
            table = np.load(cached, allow_pickle=False)
            if table.shape == (size, DIRECTIONS) and table.dtype == np.float32:
                return table
        except (OSError, ValueError, EOFError):
            pass  # damaged: built again below
    table = _build_table(folder)
    if cached is not None:
        replace_file(cached, lambda file: np.save(file, table))
    return table


def _build_table(folder: Path) -> np.ndarray:
    """Token vectors of unit length, float32, shape (tokens, DIRECTIONS)."""
    from safetensors import safe_open

    with safe_open(str(folder / "model.safetensors"), framework="numpy") as file:
        name = next((k for k in file.keys() if k.endswith("word_embeddings.weight")), None)  # noqa: SIM118
        if name is None:
            raise ValueError("the model file holds no word embeddings")
        raw = file.get_tensor(name).astype(np.float64)
    used = raw[_UNUSED:] if len(raw) > 2 * _UNUSED else raw
    centred = raw - used.mean(axis=0)
    values, directions = np.linalg.eigh(centred[-len(used) :].T @ centred[-len(used) :])
    chosen = np.argsort(-values)[COMMON_DIRECTIONS : COMMON_DIRECTIONS + DIRECTIONS]
    directions = directions[:, chosen]
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(len(chosen))])
    table = (centred @ directions) / np.maximum(values[chosen], 1e-12) ** 0.25
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    return table.astype(np.float32)


@njit(nogil=True, cache=True)
def _word_vectors(indptr, pieces, table, hashes, signature, out):
    dimension = table.shape[1]
    scale = signature / np.sqrt(dimension)
    for word in range(len(indptr) - 1):
        for k in range(indptr[word], indptr[word + 1]):
            for d in range(dimension):
                out[word, d] += table[pieces[k], d]
        total = 0.0
        for d in range(dimension):
            total += out[word, d] * out[word, d]
        norm = np.sqrt(total) if total > 0 else 1.0
        # Signs from splitmix64 (Steele et al., 2014), 64 directions a draw.
        state = hashes[word]
        bits = np.uint64(0)
        for d in range(dimension):
            if d % 64 == 0:
                state += np.uint64(0x9E3779B97F4A7C15)
                bits = state
                bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                bits ^= bits >> np.uint64(31)
            sign = 1.0 if bits & np.uint64(1) else -1.0
            bits >>= np.uint64(1)
            out[word, d] = out[word, d] / norm + sign * scale


@njit(nogil=True, cache=True)
def _weighted_means(indptr, ids, weights, vectors, out):
    dimension = vectors.shape[1]
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            weight = weights[ids[k]]
            for d in range(dimension):
                out[row, d] += weight * vectors[ids[k], d]
        total = 0.0
        for d in range(dimension):
            total += out[row, d] * out[row, d]
        if total > 0:
            norm = np.float32(1.0 / np.sqrt(total))
            for d in range(dimension):
                out[row, d] *= norm
