"""Serialising records as short texts for language models.

The cost of a cross-encoder grows with every token. Words that an earlier attribute already has are
therefore left out, and where the budget of tokens is short the commonest words, those of
descriptions before those of names. Ditto (Li et al., VLDB 2020) likewise cuts long cells by tf-idf.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from features.kinds import Kind
from features.prepare import DESCRIPTION_WORDS, WORD_KINDS, PreparedAttribute, PreparedRecords

__all__ = ["record_texts", "token_estimate"]

#: Separates attributes; one token in the vocabularies of BERT models.
SEPARATOR = ";"
#: Weight of a word by the kind of its column, in choosing the words that fit the budget.
_DESCRIBING, _CATEGORISING = 0.5, 0.7


def record_texts(
    prepared: PreparedRecords, rows: np.ndarray | None = None, *, budget: int = 40
) -> list[str]:
    """Records as texts of bounded length.

    Args:
        prepared: the records.
        rows: rows to write; by default all.
        budget: tokens a text may take, by :func:`token_estimate`.

    Returns:
        A text for each row, empty where the record has no words. Prices and images are left out:
        language models are bad at comparing numbers and hashes, other features do that.
    """
    rows = np.arange(prepared.n) if rows is None else np.asarray(rows)
    columns = [
        (attribute, _factor(attribute, prepared.main))
        for attribute in prepared.attributes.values()
        if attribute.kind in WORD_KINDS and not attribute.is_trade_number
    ]
    weights = _word_weights(prepared)
    return [
        _text(
            [
                (attribute.strings[attribute.values[row]], factor)
                for attribute, factor in columns
                if attribute.values[row] >= 0
            ],
            weights,
            budget,
        )
        for row in rows
    ]


def token_estimate(word: str) -> int:
    """Estimated number of word pieces that a tokeniser cuts a word into.

    Plain words are cut into pieces of some six letters, codes and numbers into pieces of two or
    three characters.
    """
    if word.isalpha() and word.isascii():
        return 1 + (len(word) - 1) // 7
    return max(1, (len(word) + 1) // 2 - (len(word) > 4))


def _factor(attribute: PreparedAttribute, main: str | None) -> float:
    if attribute.name == main:
        return 1.0
    if attribute.mean_words > DESCRIPTION_WORDS:
        return _DESCRIBING
    return _CATEGORISING if attribute.kind == Kind.CATEGORY else 1.0


def _word_weights(prepared: PreparedRecords) -> dict[str, float]:
    """Rarity of every word that the records hold, in (0, 1]."""
    ids, first = np.unique(prepared.words.ids, return_index=True)
    words = prepared.vocabulary.words()
    rarities = prepared.words.weights[first].tolist()
    return {words[k]: weight for k, weight in zip(ids.tolist(), rarities, strict=True)}


def _text(cells: Iterable[tuple[str, float]], weights: dict[str, float], budget: int) -> str:
    """Joins the words of some cells, each word once, within a budget of tokens."""
    said: set[str] = set()
    words: list[tuple[int, str, float]] = []
    for column, (cell, factor) in enumerate(cells):
        for word in cell.split():
            if word not in said:
                said.add(word)
                words.append((column, word, factor * weights.get(word, 1.0)))
    costs = [token_estimate(word) for _, word, _ in words]
    kept = list(range(len(words)))
    if sum(costs) + len({column for column, _, _ in words}) > budget:
        chosen, left = [], budget
        for k in sorted(kept, key=lambda k: (-words[k][2], k)):
            if costs[k] < left:
                chosen.append(k)
                left -= costs[k]
        kept = sorted(chosen)
    out: list[str] = []
    before = None
    for k in kept:
        column, word, _ = words[k]
        if before is not None and column != before:
            out.append(SEPARATOR)
        before = column
        out.append(word)
    return " ".join(out)
