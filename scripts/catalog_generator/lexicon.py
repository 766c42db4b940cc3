"""The words, colours and kinds of product of one language, read from ``lexicon.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Colour", "Kind", "Lexicon", "load_lexicon"]


@dataclass(frozen=True)
class Kind:
    """A kind of product; the fields are explained in ``lexicon.toml``."""

    name: str
    department: int
    group: str
    nouns: list[str]
    palette: str
    sizes: str
    designators: list[str]
    price: float
    features: str
    specs: list[str]
    gendered: bool
    coded: float
    share: float


@dataclass(frozen=True)
class Colour:
    """A colour: its three written forms, the palettes it is in, and how popular it is."""

    forms: list[str]
    palettes: list[str]
    popularity: float


@dataclass(frozen=True)
class Lexicon:
    """All words of one language."""

    language: str
    departments: list[str]
    tones: list[str]
    kinds: list[Kind]
    colours: list[Colour]
    features: dict[str, list[str]]
    words: dict[str, list[str]]
    names: dict[str, list[str]]


def load_lexicon(language: str) -> Lexicon:
    """Read the lexicon of a language.

    Args:
        language: ``en`` or ``de``.
    """
    with (Path(__file__).parent / "lexicon.toml").open("rb") as file:
        content = _in_language(tomllib.load(file), language)
    return Lexicon(
        language=language,
        departments=content["departments"],
        tones=content["tones"],
        kinds=[Kind(**kind) for kind in content["kinds"]],
        colours=[Colour(**colour) for colour in content["colours"]],
        features=content["features"],
        words=content["words"],
        names=content["names"],
    )


def _in_language(value: Any, language: str) -> Any:
    """Replace every ``{en = ..., de = ...}`` by its side for a language."""
    if isinstance(value, list):
        return [_in_language(item, language) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"en", "de"}:
        return value[language]
    return {key: _in_language(item, language) for key, item in value.items()}
