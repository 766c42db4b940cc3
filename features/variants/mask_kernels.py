"""Compiled loops that remove mentions, and labels and modifiers beside them, from texts."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.text.token_kernels import classify_character

__all__ = ["copy_undropped", "drop_beside", "mark_first"]

#: Rounds in which words beside removed words are removed, too.
_ROUNDS = 3


@njit(nogil=True, cache=True)
def mark_first(indptr, words, code, other_indptr, other_words, out):
    """Marks the first of each row's words that is among the words of its cell.

    Args:
        indptr, words: start of each row's words, and their hashes.
        code: number of each row's cell, -1 for none.
        other_indptr, other_words: start of each cell's words, and their hashes.
        out: bool, set where marked.
    """
    for row in range(len(indptr) - 1):
        if code[row] < 0:
            continue
        for other in range(other_indptr[code[row]], other_indptr[code[row] + 1]):
            for k in range(indptr[row], indptr[row + 1]):
                if words[k] == other_words[other]:
                    out[k] = True
                    break


@njit(nogil=True, cache=True)
def drop_beside(indptr, words, dropped, colour, weak, modifiers, labels):
    """Drops what stands beside a mention: parts of its value, modifiers, labels.

    Args:
        indptr, words: start of each row's words, and their numbers.
        dropped: words to drop, bool; completed.
        colour: those of them that belong to a colour, bool; completed.
        weak: words that go where one beside them does, bool.
        modifiers, labels: for each word number, whether it goes before a dropped colour, and
            whether it goes before whatever is dropped.

    Returns:
        Runs of dropped words in each row, int64.
    """
    runs = np.zeros(len(indptr) - 1, np.int64)
    for row in range(len(runs)):
        begin, stop = indptr[row], indptr[row + 1]
        some = False
        for k in range(begin, stop):
            some |= dropped[k]
        if not some:
            continue
        for _ in range(_ROUNDS):
            some = False
            # Each round looks at what was dropped before it: of two words the later waits.
            before = False
            for k in range(begin, stop):
                own = dropped[k]
                after = k + 1 < stop and dropped[k + 1]
                modifier = modifiers[words[k]]
                if not own and (
                    (weak[k] and (after or before))
                    or (modifier and k + 1 < stop and colour[k + 1])
                    or (labels[words[k]] and after)
                ):
                    dropped[k] = True
                    colour[k] |= modifier
                    some = True
                before = own
            if not some:
                break
        before = False
        for k in range(begin, stop):
            runs[row] += dropped[k] and not before
            before = dropped[k]
    return runs


@njit(nogil=True, cache=True)
def copy_undropped(data, offsets, indptr, rows, dropped, out, out_offsets, left):
    """Copies texts byte by byte, without dropped tokens; tokens are those of `tokenise`.

    A run of white space becomes one blank.

    Args:
        data, offsets: bytes of the texts, and the start of each.
        indptr: start of each row's tokens.
        rows: row of each text.
        dropped: for each token, whether it goes.
        out, out_offsets: filled with what stays.
        left: filled with whether a token is left.

    Returns:
        Bytes that stay.
    """
    size = 0
    for at in range(len(rows)):
        pos, stop = offsets[at], offsets[at + 1]
        first = indptr[rows[at]]
        token = first - 1
        inside = False
        kept = True  # the token that was begun last
        for k in range(first, indptr[rows[at] + 1]):
            left[at] |= not dropped[k]
        while pos < stop:
            byte = data[pos]
            if 97 <= byte <= 122 or 48 <= byte <= 57:
                # What texts are made of, without another look: letters and digits.
                if not inside:
                    token += 1
                    kept = not dropped[token]
                    inside = True
                if kept:
                    out[size] = byte
                    size += 1
                pos += 1
                continue
            kind, width = classify_character(data, pos, stop)
            width = min(width, stop - pos)
            joined = (
                kind == 0
                and inside
                and (byte == 46 or byte == 44)
                and 48 <= data[pos - 1] <= 57
                and pos + 1 < stop
                and 48 <= data[pos + 1] <= 57
            )
            if not joined:
                if kind == 0:
                    inside = False
                elif kind != 2 and (not inside or kind == 3):
                    token += 1
                    kept = not dropped[token]
                    inside = kind == 1
            keep = kept or (kind == 0 and not joined) or (kind == 2 and not inside)
            if byte == 32 or byte == 9 or byte == 10 or byte == 12 or byte == 13:
                if size == out_offsets[at] or out[size - 1] != 32:
                    out[size] = 32
                    size += 1
            elif keep:
                for k in range(width):
                    out[size] = data[pos + k]
                    size += 1
            pos += width
        out_offsets[at + 1] = size
    return size
