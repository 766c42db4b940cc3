"""Values of an attribute in groups of one meaning, and beside values of fewer words."""

from __future__ import annotations

import numpy as np

from features.statements import Statements

__all__ = ["beside_words", "named_groups"]


def named_groups(stated: Statements, meaning: np.ndarray) -> list[list[str]]:
    """Groups of two or more values, the commonest first."""
    count = np.bincount(stated.ids, minlength=len(meaning))
    order = np.lexsort((np.array(stated.strings, str), -count))
    members: dict[int, list[str]] = {}
    total: dict[int, int] = {}
    for k in order:
        g = int(meaning[k])
        members.setdefault(g, []).append(stated.strings[k])
        total[g] = total.get(g, 0) + int(count[k])
    groups = [(-total[g], names) for g, names in members.items() if len(names) > 1]
    return [names for _, names in sorted(groups)]


def beside_words(strings: list[str]) -> dict[tuple[str, bool], list[tuple[int, int]]]:
    """Values that begin or end with a word, each with the value that is left without it.

    Args:
        strings: the values.

    Returns:
        By word, and whether it stands in front: numbers of the values with and without it.
    """
    number = {value: k for k, value in enumerate(strings)}
    out: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for value, k in number.items():
        words = value.split()
        for front, word, rest in ((True, words[0], words[1:]), (False, words[-1], words[:-1])):
            other = number.get(" ".join(rest)) if rest else None
            if other is not None:
                out.setdefault((word, front), []).append((k, other))
    return out
