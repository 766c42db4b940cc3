"""English words for colours and sizes, with their abbreviations and labels (shipped as TOML).

They help to find mentions and never decide alone: a word is masked only if rows with it mostly have
the value that it stands for.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from features.values.lexicon import COLOURS, SIZE_MODIFIERS, SIZES

__all__ = [
    "colour_group",
    "colour_modifiers",
    "label_words",
    "size_spellings",
    "size_systems",
    "spelt_out",
    "words_of_colour",
]


@cache
def _data() -> dict[str, Any]:
    text = files("features").joinpath("data/variant_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _colours() -> MappingProxyType[str, str]:
    groups = dict(COLOURS)
    for group, words in _data()["colours"].items():
        for word in words.split():
            groups.setdefault(word, group)
    for short, word in _data()["abbreviations"].items():
        if word in groups:
            groups.setdefault(short, groups[word])
    return MappingProxyType(groups)


@cache
def _words_by_group() -> MappingProxyType[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, group in _colours().items():
        found.setdefault(group, set()).add(word)
    return MappingProxyType({group: frozenset(words) for group, words in found.items()})


def colour_group(word: str) -> str | None:
    """Group of a colour's name (``onyx`` is black), None for any other word.

    Args:
        word: lower-cased; a name of several words is written together.
    """
    return _colours().get(word)


def words_of_colour(group: str) -> frozenset[str]:
    """All names of a group's colours, with their shorthand."""
    return _words_by_group().get(group, frozenset())


@cache
def _spelt_out() -> MappingProxyType[str, str]:
    return MappingProxyType(dict(_data()["abbreviations"]))


def spelt_out(word: str) -> str:
    """The word that a seller's shorthand stands for (``blk``: black), or the word itself."""
    return _spelt_out().get(word, word)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_data()["words"][name].split())


def colour_modifiers() -> frozenset[str]:
    """Words that change a colour: light, dark, heather."""
    return _words("colour_modifiers")


def label_words() -> frozenset[str]:
    """Words that introduce a mention: colour, size."""
    return _words("labels")


def size_systems() -> frozenset[str]:
    """Words that name a system of sizes beside a number: EU, UK, waist."""
    return _words("size_systems")


@cache
def _spellings() -> MappingProxyType[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, name in SIZES.items():
        found.setdefault(name, set()).add(word)
    for modifier, prefix in SIZE_MODIFIERS.items():
        for end in ("s", "l"):
            name = prefix + end
            if name in found:
                found[name] |= {modifier + tail for tail in SIZES if SIZES[tail] == end}
    return MappingProxyType({name: frozenset(words) for name, words in found.items()})


def size_spellings(squashed: str) -> frozenset[str]:
    """All spellings of an apparel size, each written together: of ``2xlarge`` also ``xxl``.

    Args:
        squashed: a lower-cased size without blanks and punctuation.

    Returns:
        Empty for anything else.
    """
    for words in _spellings().values():
        if squashed in words:
            return words
    return frozenset()
