"""Base titles: the titles of a messy source without the options that they state.

Marketplaces append what a buyer chooses to the name of the product: ``Deer Tee - XS``, ``Deer Tee
(Crop Top, L)``, ``Panel LED 24W``. An option is a run of words between delimiters or at the end of
a title that is a value of an ignored attribute somewhere in the catalog. Options that no column
holds are learned from what alternates at the end of otherwise equal titles: where ``Cable 6mm``
gives the base title ``Cable``, since 6mm is a known value, ``Cable 16mm`` states an option, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from features.values.units import UNITS

__all__ = ["WRITTEN_UNITS", "Options", "base_titles", "folded", "options_of"]

#: Units that are written after a number; words such as ``i``, ``x`` and ``s`` also name models.
WRITTEN_UNITS = frozenset(
    unit
    for dimension in ("mass", "volume", "length", "data", "power", "voltage", "current", "charge")
    for units in UNITS[dimension]
    for unit in units.split()
)
#: Most words of an option, and of one that is learned.
_LONGEST, _LONGEST_LEARNED = 6, 5
#: Longer values, in characters, are descriptions rather than options.
_LONGEST_VALUE = 60
#: Rounds of learning: what one learns gives base titles to the next.
_ROUNDS = 4
#: Base titles after which an option must be seen before it is learned, and how many times as often
#: as it ends a base title of its own, as ``Pro`` does in ``Galaxy J7 Pro``.
_FEWEST_BASES, _RATIO = 2, 2
_WORD = re.compile(r"[^\W_]+(?:[.,/+][0-9]+[^\W_]*)*|[\"″]")
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_BY = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")
_TIMES = re.compile(r"(?<=[^\W\d_])\s*×\s*(?=\d)")
_PARTS = re.compile(r"\s*(?:[/;|,+]|:\s|\s[-–—]\s|\sx\s)\s*")
_DELIMITER = re.compile(r"[\(\[\)\],;|/–—:]|-")
_DIGITS = re.compile(r"\d+")
#: A shape that holds a digit, and something else than digits.
_MEASURE = re.compile(r"(?=.*#).*[^#\s.,/].*")


@dataclass
class Options:
    """The options that titles may state.

    Attributes:
        values: options, their words joined by blanks.
        shapes: shapes of numbers with a unit, or of dimensions, that several values have: ``#gb``.
        labels: words that introduce an option: names of attributes.
        modifiers: words that belong to an option beside them, unless a delimiter stands between.
        joins: words that belong to the two options that they stand between.
        tests: tell of words whether they are an option.
    """

    values: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    shapes: set[str] = field(default_factory=set)
    modifiers: set[str] = field(default_factory=set)
    joins: set[str] = field(default_factory=set)
    tests: tuple[Callable[[str], bool], ...] = ()

    def add(self, values: Iterable[str]) -> None:
        """Add options, and the shapes that several of all options have."""
        self.values = self.values | set(values)
        shapes = Counter(_shape(value) for value in self.values)
        self.shapes = {s for s, n in shapes.items() if n > 1 and _MEASURE.fullmatch(s)}

    def hold(self, words: str) -> bool:
        """Return whether these words, joined by blanks, are an option."""
        return (
            words in self.values
            or _shape(words) in self.shapes
            or any(test(words) for test in self.tests)
        )

    def lengths(self) -> dict[str, int]:
        """Return the most words of a value, or of a shape, by the first of them."""
        out: dict[str, int] = {}
        for one in (*self.values, *self.shapes):
            first = one.partition(" ")[0]
            out[first] = max(out.get(first, 0), one.count(" ") + 1)
        return out

    def joined(self, other: Options) -> Options:
        """Return the options of both."""
        return Options(
            self.values | other.values,
            self.labels | other.labels,
            self.shapes | other.shapes,
            self.modifiers | other.modifiers,
            self.joins | other.joins,
            self.tests + other.tests,
        )


@dataclass(frozen=True)
class _Title:
    """A title as words, and what stands before each, and after the last.

    Attributes:
        words: in lower case, without accents.
        delimited: whether a delimiter stands there, a word longer than the words.
        close: whether nothing but blanks or a hyphen without any stands there.
    """

    words: tuple[str, ...]
    delimited: tuple[bool, ...]
    close: tuple[bool, ...]


def options_of(columns: Iterable[tuple[str, Iterable[str]]]) -> Options:
    """The options that the ignored attributes of a catalog hold.

    Args:
        columns: name and distinct values of each.
    """
    options, found = Options(), set()
    for name, values in columns:
        options.labels.update(_title(name.replace("_", " ")).words)
        for value in values:
            if len(value) > _LONGEST_VALUE:
                continue
            parts = _PARTS.split(value)
            if ":" in value and len(label := _title(value.split(":")[0]).words) == 1:
                options.labels.update(label)
            for part in (value, *parts):
                words = _title(part).words
                if 0 < len(words) <= _LONGEST:
                    found.add(" ".join(words))
    options.add(found)
    return options


def base_titles(
    titles: Sequence[str], options: Options, concepts: Options | None = None
) -> list[str]:
    """Titles without the options that they state, their words in lower case joined by blanks.

    A title that would be left without a word keeps all of them.

    Args:
        titles: the titles.
        options: the options that columns hold.
        concepts: options of which nothing is learned: what follows a colour need not be one.
    """
    distinct = {title: _title(title) for title in dict.fromkeys(titles)}
    shapes = {_shape(value) for value in options.values}
    known = replace(options)
    for _ in range(_ROUNDS):
        learned = _alternating(distinct.values(), known, shapes)
        if not learned:
            break
        known.add(learned)
    known = known if concepts is None else known.joined(concepts)
    lengths = known.lengths()
    bases = {title: " ".join(_base(read, known, lengths)) for title, read in distinct.items()}
    return [bases[title] for title in titles]


def _alternating(titles: Iterable[_Title], known: Options, shapes: set[str]) -> set[str]:
    """Options that are not known yet: ends of titles whose beginning is a confirmed base title.

    A base title is confirmed if an option was removed to give it, and two titles or more have it.
    An end is an option if it has the shape of one (a number with the same unit), or if it follows
    several base titles and seldom ends one.
    """
    lengths = known.lengths()
    bases = [(read.words, _base(read, known, lengths)) for read in titles]
    count = Counter(base for _, base in bases)
    confirmed = {base for words, base in bases if base != words and count[base] > 1}
    before: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    named: Counter[str] = Counter()
    for _, base in bases:
        for size in range(1, min(_LONGEST_LEARNED, len(base) - 1) + 1):
            if base[:-size] in confirmed:
                end = " ".join(base[-size:])
                if count[base] > 1:
                    named[end] += 1
                else:
                    before[end].add(base[:-size])
                break
    return {
        end
        for end, heads in before.items()
        if end not in known.values
        and (
            (_DIGITS.search(end) and _shape(end) in shapes)
            or (len(heads) >= _FEWEST_BASES and len(heads) > _RATIO * named[end])
        )
    }


def folded(text: str) -> str:
    """Text in lower case, without accents."""
    text = text.lower()
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return "".join(one for one in parts if not unicodedata.combining(one))


def _title(text: str) -> _Title:
    """The words of a title; a number and its unit, and dimensions (50 x 42), are one word."""
    text = _TIMES.sub(" x", _BY.sub("x", folded(text)))
    words: list[str] = []
    delimited: list[bool] = []
    close: list[bool] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        apart = text[end : match.start()].strip()
        if words and word in WRITTEN_UNITS and not apart and _NUMBER.fullmatch(words[-1]):
            words[-1] += word
        else:
            words.append(word)
            delimited.append(not end or _DELIMITER.search(text, end, match.start()) is not None)
            close.append(
                bool(end) and text[end : match.start()] in ("-", " " * (match.start() - end))
            )
        end = match.end()
    return _Title(tuple(words), (*delimited, True), (*close, False))


def _base(title: _Title, options: Options, lengths: dict[str, int]) -> tuple[str, ...]:
    """The words of a title without its options between delimiters and at its end.

    Most words begin no option, as the lengths of the options tell at once.
    """
    words, size = title.words, len(title.words)
    optional = [False] * size
    k = 0
    while k < size:
        longest = _LONGEST
        if not options.tests:
            longest = max(lengths.get(words[k], 0), lengths.get(_shape(words[k]), 0))
        for stop in range(min(k + longest, size), k, -1):
            if options.hold(" ".join(words[k:stop])):
                optional[k:stop] = [True] * (stop - k)
                k = stop
                break
        else:
            k += 1
    if not any(optional):
        return words
    for k, word in enumerate(words):
        beside = (k > 0 and optional[k - 1]) or (k + 1 < size and optional[k + 1])
        optional[k] = optional[k] or (beside and word in options.labels)
    stated = list(optional)
    for k, word in enumerate(words):
        before = k > 0 and stated[k - 1]
        after = k + 1 < size and stated[k + 1]
        close = (before and title.close[k]) or (after and title.close[k + 1])
        optional[k] |= (close and word in options.modifiers) or (
            before and after and word in options.joins
        )
    dropped = [False] * size
    k = 0
    while k < size:
        stop = k
        while stop < size and optional[stop]:
            stop += 1
        if stop > k and (stop == size or (title.delimited[k] and title.delimited[stop])):
            dropped[k:stop] = [True] * (stop - k)
        k = max(stop, k + 1)
    return tuple(w for w, gone in zip(words, dropped, strict=True) if not gone) or words


def _shape(words: str) -> str:
    """Words with each run of digits replaced by one sign."""
    return _DIGITS.sub("#", words)
