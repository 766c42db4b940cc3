"""Records as short texts for language models: all attributes in order, the rarest words first kept.

A model that reads two records side by side pays for every token, so a record is given to it
without repetition: a word that an earlier attribute has said is not said again, and where the
budget is short the commonest words go, those of descriptions before those of names. Ditto
(Li et al., VLDB 2020) cuts long cells by tf-idf likewise.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from features.kinds import Kind
from features.prepare import DESCRIPTION_WORDS, WORD_KINDS, PreparedAttribute, PreparedRecords

__all__ = ["record_texts", "token_estimate"]

#: Stands between attributes; one token in the vocabularies at hand.
SEPARATOR = ";"
#: How much a word counts for by the kind of column that says it, when words must go.
_DESCRIBING, _CATEGORISING = 0.5, 0.7


def record_texts(
    prepared: PreparedRecords, rows: np.ndarray | None = None, *, budget: int = 40
) -> list[str]:
    """Writes records as texts of a bounded length.

    Args:
        prepared: the records.
        rows: rows to write; by default all.
        budget: tokens a text may take, by :func:`token_estimate`.

    Returns:
        A text for each row, empty where the record has no words. Prices and images are left out:
        they are compared as numbers and hashes, which language models are bad at.
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
    """Word pieces that a word is likely to be cut into.

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
