"""Slow, plain Python versions of compiled code, and small catalogs to try both on."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from features.text.sets import SparseSets, sparse_sets
from features.text.statistics import Statistics
from features.text.text_buffers import normalise

#: Dropped, so that what stands beside them joins: combining marks and apostrophes.
_MARKS = "\u0300-\u036f\u3099\u309a'\u2019"
_SINGLE = "\u3040-\u9fff"
#: What is neither letter nor digit, nor taken for one; beyond U+FFFF all is (emoji, most of it).
_SEPARATOR = "\x00-/:-@[-`{-\xbf\u060c\u061b\u061f\u2000-\u303f\uf000-\U0010ffff"
_TOKEN = re.compile(rf"[{_SINGLE}]|[^{_SINGLE}{_SEPARATOR}]+")
#: Stands for a point within a number; in the private range, which counts as letters.
_POINT = "\ue000"


def tokens(text: str | None) -> list[tuple[str, bool]]:
    """Tokens of one text, and whether each is glued to the one before it."""
    clean = normalise(pa.array([text or ""]))[0].as_py()
    clean = re.sub(r"(?<=[0-9])[.,](?=[0-9])", _POINT, clean)
    clean = re.sub(f"[{_MARKS}]", "", clean)
    found: list[tuple[str, bool]] = []
    last: re.Match[str] | None = None
    for match in _TOKEN.finditer(clean):
        glued = False
        if last is not None:
            single = re.match(f"[{_SINGLE}]", last[0]) or re.match(f"[{_SINGLE}]", match[0])
            between = clean[last.end() : match.start()]
            glued = not single and re.fullmatch(r"[-_.]+", between) is not None
        found.append((match[0].replace(_POINT, "."), glued))
        last = match
    return found


def fnv(data: bytes) -> int:
    """64-bit FNV-1a."""
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def gram(data: bytes) -> int:
    """Number of a character gram."""
    value = fnv(data)
    return (value ^ (value >> 33)) % 2**22


def grams(clean: str, size: int, *, spaces: bool) -> list[int]:
    """Character grams of one clean text (tokens with one space between them)."""
    if not clean:
        return []
    data = f" {clean} ".encode() if spaces else clean.replace(" ", "").encode()
    return [gram(data[k : k + size]) for k in range(max(1, len(data) - size + 1))]


def codes(row: Sequence[tuple[str, bool]], is_code: Mapping[str, bool], whole: bool) -> set[str]:
    """Model codes of one row of tokens: words, runs of glued words, or the whole cell."""
    found = set()
    runs: list[list[str]] = []
    for word, glued in row:
        if runs and (glued or whole):
            runs[-1].append(word)
        else:
            runs.append([word])
    for run in runs:
        joined = "".join(run).replace(".", "")
        size = len(joined.encode())
        has_digit = re.search("[0-9]", joined) is not None
        if ((whole and size >= 4) or (len(run) > 1 and 4 <= size <= 24)) and has_digit:
            found.add(joined)
        if not whole:
            found |= {word for word in run if is_code[word]}
    return found


def rows_of(indptr: np.ndarray, values: np.ndarray) -> list[list]:
    """Rows of a compressed sparse row array as lists."""
    return [values[start:stop].tolist() for start, stop in pairwise(indptr)]


def make_sets(rows: Sequence[Sequence[int]], terms: int) -> SparseSets:
    """Rarity-weighted sets of rows of term numbers."""
    indptr = np.cumsum([0, *map(len, rows)])
    ids = np.array([term for row in rows for term in row], np.int32)
    return sparse_sets(indptr, ids, terms, Statistics().weigher("terms", len(rows)))


def weighted(sets: SparseSets) -> list[dict[int, float]]:
    """Rows of sparse sets as dictionaries from term to weight."""
    rows = zip(rows_of(sets.indptr, sets.ids), rows_of(sets.indptr, sets.weights), strict=True)
    return [dict(zip(ids, weights, strict=True)) for ids, weights in rows]


def all_pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Every ordered pair of n rows, a row with itself too."""
    left, right = np.divmod(np.arange(n * n, dtype=np.int32), np.int32(n))
    return left, right


def assert_symmetric(function: Callable[..., np.ndarray], n: int) -> None:
    """Swapping the sides gives the same, to the last bit."""
    left, right = all_pairs(n)
    np.testing.assert_array_equal(function(left, right), function(right, left))


def make_records(
    columns: Mapping[str, Sequence[str | None]],
    kinds: Mapping[str, Kind],
    side: Sequence[int] | None = None,
) -> Records:
    """Records of one table, or of two."""
    n = len(next(iter(columns.values())))
    table = pa.table({name: pa.array(list(cells), pa.string()) for name, cells in columns.items()})
    ids = np.array([f"r{row}" for row in range(n)], dtype=object)
    return Records(ids, table, np.array([0] * n if side is None else side, np.int8), dict(kinds))


CATALOG_KINDS = {
    "title": Kind.TEXT,
    "brand": Kind.NAME,
    "category": Kind.CATEGORY,
    "description": Kind.TEXT,
    "gtin": Kind.IDENTIFIER,
    "price": Kind.PRICE,
    "weight": Kind.QUANTITY,
    "released": Kind.DATE,
    "rating": Kind.NUMBER,
    "image": Kind.IMAGE,
}
_BRANDS = "sony canon apple bose Müller 小米".split()
_NOUNS = "camera phone headphones Hülle cable lens bundle player".split()
_FACTS = "black navy red pro mini 128gb 64gb 1.5l 2019 2021 12 x2 xl medium".split()
_FACTS += "refurbished new kit without".split()


def make_catalog(n: int, seed: int = 0, linked: bool = False) -> Records:
    """Offers of every kind of attribute, a fifth of the cells missing, some rows nearly empty."""
    chance = random.Random(seed)

    def code() -> str:
        maker, series = chance.choice("DSC WH ILCE EF".split()), chance.choice("XWQ")
        return f"{maker}-{series}{chance.randrange(40)}B"

    def offer() -> dict[str, str | None]:
        noun, brand = chance.choice(_NOUNS), chance.choice(_BRANDS)
        words = [brand, noun, code(), *chance.sample(_FACTS, 4)]
        row = {
            "title": " ".join(words),
            "brand": brand,
            "category": chance.choice([f"{noun}s", f"{noun}s & more", "other"]),
            "description": " ".join([code(), *chance.choices([*_NOUNS, *_FACTS], k=40)]),
            "gtin": f"{chance.randrange(10**4):013d}",
            "price": f"{chance.randrange(1, 900)}.{chance.randrange(100):02d}",
            "weight": f"{chance.choice(['', '', '2 x ', '3 x '])}{chance.randrange(1, 40)} "
            + chance.choice(["g", "kg", "ml"]),
            "released": f"20{chance.randrange(10, 25)}-0{chance.randrange(1, 10)}-11",
            "rating": f"{chance.randrange(50) / 10}",
            "image": f"{chance.getrandbits(64):016x}",
        }
        missing = 0.9 if chance.random() < 0.1 else 0.2
        return {name: None if chance.random() < missing else cell for name, cell in row.items()}

    offers = [offer() for _ in range(n)]
    columns = {name: [row[name] for row in offers] for name in CATALOG_KINDS}
    side = [int(2 * row >= n) for row in range(n)] if linked else None
    return make_records(columns, CATALOG_KINDS, side)
