"""What words do beside numbers: signs, packs, powers of units."""

from __future__ import annotations

from enum import IntEnum, auto

import numpy as np

from features.text.tokens import Vocabulary
from features.values.units import (
    BOX_WORDS,
    COUNT_BEFORE_PACK,
    JOINED_PACKS,
    PACK_WORDS,
    PARTS_OF_WHOLE,
)

__all__ = ["Role", "word_roles"]


class Role(IntEnum):
    """What words do beside numbers: signs, and words for packs, powers and parts."""

    BY = 1
    PACK = auto()
    BOX = auto()
    OF = auto()
    SQUARE = auto()
    CUBIC = auto()
    SECOND = auto()
    SEVERAL = auto()
    JOINED_PACK = auto()
    PART = auto()
    TIMES = auto()


#: Up to this, x5 is a count; beyond, more likely a model.
_TIMES = [f"x{count}" for count in range(1, 1000)]
_ROLES = {
    Role.BY: frozenset({"x"}),
    Role.PACK: PACK_WORDS,
    Role.BOX: BOX_WORDS,
    Role.OF: frozenset("of mit de da a von met di med z с по".split()),
    Role.SQUARE: frozenset("sq square кв".split()),
    Role.CUBIC: frozenset("cu cubic куб".split()),
    Role.SECOND: frozenset("s sec".split()),
    Role.SEVERAL: frozenset(COUNT_BEFORE_PACK),
    Role.JOINED_PACK: frozenset(JOINED_PACKS),
    Role.PART: PARTS_OF_WHOLE,
}


def word_roles(vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Role of each word, 0 without, uint8; and the number that it stands for, NaN without.

    "Twin" stands for 2 (before a word for a pack), "sixpack" for 6, "x4" for 4.
    """
    role, count = np.zeros(len(vocabulary), np.uint8), np.full(len(vocabulary), np.nan)
    for one, words in _ROLES.items():
        role[vocabulary.find(words) >= 0] = one
    several = np.flatnonzero((role == Role.SEVERAL) | (role == Role.JOINED_PACK))
    numbers = COUNT_BEFORE_PACK | JOINED_PACKS
    count[several] = [numbers[word] for word in vocabulary.some_words(several)]
    times = np.flatnonzero(vocabulary.find(_TIMES) >= 0)
    role[times] = Role.TIMES
    count[times] = [int(word[1:]) for word in vocabulary.some_words(times)]
    return role, count
