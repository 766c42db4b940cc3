"""Concepts that titles state and no column holds: colours, apparel sizes, amounts with a unit.

A name such as ``colour`` stands for all words of the colour lexicon, whatever the language of the
catalog. Words alone tell what a concept is, so that it is removed only where titles state options:
at their end and between delimiters (`features.variants.base_titles`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from features.values.lexicon import COLOURS, SIZE_MODIFIERS, SIZE_SYSTEMS, SIZES, TONES
from features.values.units import BOX_WORDS, JOINED_PACKS, PACK_WORDS, UNITS
from features.variants.base_titles import WRITTEN_UNITS, Options, folded
from features.variants.variant_words import colour_group, colour_modifiers

__all__ = ["CONCEPTS", "concept_options"]

#: Names of the concepts, and which concept each of them is.
CONCEPTS = {"colour": "colour", "color": "colour", "size": "size", "quantity": "quantity"}
#: Words between two colours or sizes of one option: "red and white", "S bis M".
_JOINS = frozenset("and und et y e og och en i и ve with mit avec bis".split())
#: Words that introduce an option; "in" as well: "in schwarz".
_COLOUR_LABELS = frozenset(
    "colour colours color colors farbe farben couleur couleurs colore colores kleur kolor cor "
    "farve farge farg vari barva renk цвет in".split()
)
_SIZE_LABELS = frozenset(
    "size sizes sz taille tailles talla taglia tamanho tamano maat rozmiar große grosse groesse gr "
    "beden размер storrelse storlek koko velikost pointure".split()
)
_QUANTITY_LABELS = frozenset(
    "quantity qty menge inhalt anzahl quantite contenance cantidad contenido quantita contenuto "
    "hoeveelheid inhoud ilosc quantidade".split()
)
_ONE_SIZE = frozenset(
    "one size|onesize|taille unique|talla unica|taglia unica|tamanho unico|einheitsgroße|"
    "einheitsgrosse".split("|")
)
#: Ages in months are sizes of clothes alone; years, which whiskies have too, only after a label.
_MONTHS = "mois|months?|monate?|mesi|meses|maanden|miesiecy"
_YEARS = "ans?|jahre?|years?|yrs|anni|anos|jaar|lat|лет"
#: Words before a number that also stand before numbers elsewhere: French "lot de 3".
_ALSO_FRENCH = frozenset({"de", "au"})
_NUMBER = r"\d+(?:[.,/]\d+)*"
#: Stands between a pack and its number: "pack of 6", "lot de 3", "12 Dosen à 330 ml".
_OF = "(?:of|de|da|di|van|von|mit|a|x)"


def concept_options(names: Iterable[str]) -> Options:
    """The options that concepts stand for.

    Args:
        names: keys of `CONCEPTS`.
    """
    found = Options()
    for concept in sorted({CONCEPTS[name] for name in names}):
        found = found.joined(_OPTIONS[concept]())
    return found


@cache
def _colours() -> Options:
    shades = {tone + colour for tone in TONES for colour in COLOURS}
    return Options(
        values={*COLOURS, *shades},
        labels=set(_COLOUR_LABELS),
        modifiers={*TONES, *colour_modifiers()},
        joins=set(_JOINS),
        tests=(_is_name_of_several_words,),
    )


def _is_name_of_several_words(words: str) -> bool:
    """Return whether words are a colour's name of several words: ``sky blue``."""
    first, *rest = words.split()
    return (
        bool(rest)
        and first not in colour_modifiers()  # its title tells whether it belongs to the next word
        and colour_group("".join([first, *rest])) is not None
    )


@cache
def _sizes() -> Options:
    modified = {
        f"{p} {word}" for p in SIZE_MODIFIERS for word in SIZES if SIZES[word] in ("s", "l")
    }
    number = f"{_NUMBER}(?: {_NUMBER})?"
    system = _any_of(SIZE_SYSTEMS)
    test = _matches(
        f"{_any_of(_SIZE_LABELS)} ?{number}(?: (?:{_YEARS}|{_MONTHS}|{system}))?"
        f"|{_any_of(SIZE_SYSTEMS - _ALSO_FRENCH)} ?{number}|{number} ?{system}"
        f"|{number} ?(?:{_MONTHS})|w ?{_NUMBER} ?l ?{_NUMBER}"
    )
    return Options(
        values={*SIZES, *modified, *(one.replace(" ", "") for one in modified), *_ONE_SIZE},
        labels=set(_SIZE_LABELS | SIZE_SYSTEMS - _ALSO_FRENCH),
        joins=set(_JOINS),
        tests=(test,),
    )


@cache
def _quantities() -> Options:
    unit = _any_of(map(folded, [*WRITTEN_UNITS, *" ".join(UNITS["area"]).split(), '"', "″"]))
    packs = PACK_WORDS | BOX_WORDS | {"sixpack", "multipack"}
    pack = _any_of(packs)
    count = _any_of({*packs, *map(folded, " ".join(UNITS["count"]).split())})
    test = _matches(
        # 500 ml, 6 x 330 ml, 50 x 80 cm, 330 ml x 6, 12 Dosen à 330 ml
        rf"(?:\d+ ?{count} (?:{_OF} )?)?{_NUMBER}(?:(?: ?{unit})? ?[x×] ?{_NUMBER})* ?{unit}"
        rf"(?: ?[x×] ?\d+)?"
        # 6 pack, 6er-Pack, 24 pcs
        rf"|\d+ ?(?:er )?{count}(?: {pack})?|\d+er {pack}"
        # pack of 6, lot de 3, x6
        rf"|{pack} (?:{_OF} ?)?\d+(?: ?{count})?|[x×] ?\d+|\d+ ?[x×]"
    )
    return Options(values=set(JOINED_PACKS), labels=set(_QUANTITY_LABELS), tests=(test,))


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, set(words))))})"


def _matches(pattern: str) -> Callable[[str], bool]:
    """A test of words of which one has a digit, which all but few lack."""
    compiled, digit = re.compile(pattern), re.compile(r"\d")
    return lambda words: bool(digit.search(words) and compiled.fullmatch(words))


_OPTIONS = {"colour": _colours, "size": _sizes, "quantity": _quantities}
