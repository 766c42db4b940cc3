"""Labelled pairs of texts in a canonical order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["PairNumbers", "canonical_pairs", "number_texts", "ordered_sides"]


@dataclass(frozen=True)
class PairNumbers:
    """Labelled pairs of texts, given by the numbers of the texts.

    Attributes:
        left, right: numbers of the texts, int64, shape (m,).
        label: 1 match, 0 no match.
    """

    left: np.ndarray
    right: np.ndarray
    label: np.ndarray

    def part(self, rows: np.ndarray) -> PairNumbers:
        """Some of the pairs."""
        return PairNumbers(self.left[rows], self.right[rows], self.label[rows])


def canonical_pairs(
    left_texts: Sequence[str], right_texts: Sequence[str], label: np.ndarray, symmetric: bool
) -> tuple[list[str], list[str], np.ndarray]:
    """Labelled pairs sorted by their texts, so that training does not depend on the input order."""
    left, right = ordered_sides(left_texts, right_texts, symmetric)
    label = np.asarray(label).astype(np.int8)
    if len(label) != len(left):
        raise ValueError(f"{len(left)} pairs, but {len(label)} labels")
    order = sorted(range(len(left)), key=lambda k: (left[k], right[k], label[k]))
    return [left[k] for k in order], [right[k] for k in order], label[order]


def ordered_sides(
    left_texts: Sequence[str], right_texts: Sequence[str], symmetric: bool
) -> tuple[list[str], list[str]]:
    """Texts of both sides, None as an empty text; the lesser text first if symmetric."""
    if len(left_texts) != len(right_texts):
        raise ValueError(f"{len(left_texts)} left texts, but {len(right_texts)} right ones")
    left, right = [text or "" for text in left_texts], [text or "" for text in right_texts]
    if symmetric:
        both = [(a, b) if a <= b else (b, a) for a, b in zip(left, right, strict=True)]
        left, right = [a for a, _ in both], [b for _, b in both]
    return left, right


def number_texts(
    numbers: dict[str, int], left: list[str], right: list[str], label: np.ndarray
) -> PairNumbers:
    """Pairs of texts as pairs of their numbers."""
    return PairNumbers(
        np.array([numbers[text] for text in left], np.int64),
        np.array([numbers[text] for text in right], np.int64),
        label,
    )
