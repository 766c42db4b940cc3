"""What each feature group says of a pair, in plain Python: slow, and plain to see."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import oracles
from rapidfuzz import fuzz
from rapidfuzz.distance import Jaro, Levenshtein

from features.compare import feature_groups
from features.compare.code_kernels import CODE_FEATURES
from features.feature_names import measure_of, owner_of
from features.kinds import Kind
from features.prepare import PreparedRecords
from features.text.sets import SparseSets
from features.text.tokens import Vocabulary
from features.text.word_kernels import WORD_FEATURES
from features.values.facts import CodeSets
from features.values.text_quantities import STEP

nan = math.nan
Row = dict[str, float]
#: Features of the pair of rows x, y.
Oracle = Callable[[int, int], list[float]]


def oracle_of(group: feature_groups.FeatureGroup, records: PreparedRecords) -> Oracle:
    """The oracle of one group of a comparer of these records."""
    stem, _ = owner_of(group.names[0])
    return ORACLES[type(group)](stem, records, [measure_of(name) for name in group.names])


def cells_of(stem: str, records: PreparedRecords) -> list[str | None]:
    """Clean text of the rows of a column."""
    found = []
    for cell in records.records.table[stem].to_pylist():
        words = [word for word, _ in oracles.tokens(cell)]
        found.append(" ".join(words) or None)
    return found


def known(a: object, b: object) -> bool:
    return a is not None and b is not None


def equality(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    cells: list = cells_of(stem, records)
    if records.records.kinds[stem] == Kind.IDENTIFIER:
        found = records.attributes[stem].identifiers
        assert found is not None
        cells = [None if code < 0 else found.canonical[code] for code in found.code]
    return lambda x, y: [float(cells[x] == cells[y]) if known(cells[x], cells[y]) else nan]


def first_word(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    words = [cell and cell.split()[0] for cell in cells_of(stem, records)]
    return lambda x, y: [float(words[x] == words[y]) if known(words[x], words[y]) else nan]


def strings(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    cells = [cell and cell[:120] for cell in cells_of(stem, records)]

    def compare(x: int, y: int) -> list[float]:
        a, b = cells[x], cells[y]
        if a is None or b is None:
            return [nan]
        return [fuzz.ratio(a, b) / 100]

    return compare


def numbers(stem: str, records: PreparedRecords, names: list[str]) -> Oracle:
    parsed = records.attributes[stem].number
    assert parsed is not None
    values = parsed.tolist()

    def compare(x: int, y: int) -> list[float]:
        a, b = values[x], values[y]
        if math.isnan(a) or math.isnan(b):
            return [nan] * len(names)
        if names == ["log_days"]:
            return [math.log(1 + abs(a - b))]
        difference = 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))
        return [difference, abs(math.log(a / b)) if a > 0 and b > 0 else nan]

    return compare


def quantities(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    parsed = records.attributes[stem].quantity
    assert parsed is not None
    rows = list(
        zip(*(p.tolist() for p in (parsed.dimension, parsed.amount, parsed.packs)), strict=True)
    )

    def compare(x: int, y: int) -> list[float]:
        (dimension, amount, packs), (other, amount_y, packs_y) = rows[x], rows[y]
        both = dimension >= 0 and other >= 0
        same = float(dimension == other) if both else nan
        ratio = nan
        if same == 1 and amount > 0 and amount_y > 0:
            ratio = abs(math.log(amount / amount_y))
        counted = not math.isnan(packs) and not math.isnan(packs_y)
        return [same, ratio, float(packs == packs_y) if counted else nan]

    return compare


def image_hashes(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    """Of cells that are all hashes; those of files have a test of their own."""
    cells = records.records.table[stem].to_pylist()
    values = [None if cell is None else int(cell, 16) for cell in cells]

    def compare(x: int, y: int) -> list[float]:
        a, b = values[x], values[y]
        if a is None or b is None:
            return [nan, nan]
        return [float(a == b), bin(a ^ b).count("1") / 64]

    return compare


def vectors(given: np.ndarray) -> Oracle:
    rows = given.tolist()

    def compare(x: int, y: int) -> list[float]:
        if not any(rows[x]) or not any(rows[y]):
            return [nan]
        return [sum(a * b for a, b in zip(rows[x], rows[y], strict=True))]

    return compare


def words(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    sets = records.words if stem == "record" else records.attributes[stem].words
    assert sets is not None
    rows = named_rows(sets, records.vocabulary)

    def compare(x: int, y: int) -> list[float]:
        a, b = rows[x], rows[y]
        ratio = min(len(a), len(b)) / max(len(a), len(b)) if a and b else nan
        return [*word_features(a, b), ratio]

    return compare


def characters(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    sets = records.grams if stem == "record" else records.attributes[stem].grams
    assert sets is not None
    rows = oracles.weighted(sets)
    return lambda x, y: [cosine(rows[x], rows[y])]


def containment(stem: str, records: PreparedRecords, _: list[str]) -> Oracle:
    assert records.main is not None
    main = records.attributes[records.main].words
    assert main is not None
    parts, wholes = oracles.weighted(main), oracles.weighted(records.words)

    def share(x: int, y: int) -> float:
        if not parts[x] or not wholes[y]:
            return nan
        return sum(w for t, w in parts[x].items() if t in wholes[y]) / sum(parts[x].values())

    def compare(x: int, y: int) -> list[float]:
        found = [s for s in (share(x, y), share(y, x)) if not math.isnan(s)]
        return [min(found, default=nan), max(found, default=nan)]

    return compare


def agreement(stem: str, records: PreparedRecords, measures: list[str]) -> Oracle:
    facts = "number_values" if measures[0].startswith("value_") else stem
    rows = [set(row) for row in oracles.weighted(records.facts[facts])]

    def compare(x: int, y: int) -> list[float]:
        a, b = rows[x], rows[y]
        if not a or not b:
            # Term 0 of a mark says no more than nothing does.
            return [nan, 0.0 if measures[1] == "coverage" and (a | b) - {0} else nan]
        return [len(a & b) / min(len(a), len(b)), len(a & b) / len(a | b)]

    return compare


def quantity_text(_: str, records: PreparedRecords, __: list[str]) -> Oracle:
    rows = [
        [divmod(term, STEP) for term in row]
        for row in oracles.weighted(records.facts["quantities"])
    ]

    def compare(x: int, y: int) -> list[float]:
        a, b = rows[x], rows[y]
        common = {d for d, _ in a} & {d for d, _ in b}
        equal = {d for (d, p), (e, q) in product(a, b) if d == e and abs(p - q) <= 1}
        return [len(common), len(equal) / len(common)] if common else [nan, nan]

    return compare


def codes(_: str, records: PreparedRecords, __: list[str]) -> Oracle:
    return lambda x, y: code_features(records.codes, records.grams, x, y)


def cosine(a: dict, b: dict) -> float:
    """Cosine of two weighted sets."""
    if not a or not b:
        return nan
    product_ = sum(a[term] * b[term] for term in a.keys() & b.keys())
    return product_ / (math.hypot(*a.values()) * math.hypot(*b.values()))


def named_rows(sets: SparseSets, vocabulary: Vocabulary) -> list[Row]:
    """Rows of words with their weights."""
    names = vocabulary.words()
    return [{names[term]: w for term, w in row.items()} for row in oracles.weighted(sets)]


def spelling(word: str) -> bytes:
    """What decides between equally rare words, the greater one first."""
    hashed = oracles.fnv(word.encode()) & 0xFFFF
    return word.encode()[:6].ljust(6, b"\0") + hashed.to_bytes(2, "big")


def likeness(word: str, other: str) -> float:
    """Jaro-Winkler of the bytes of two words."""
    a, b = (text.encode().decode("latin-1") for text in (word, other))
    jaro = Jaro.similarity(a, b)
    prefix = next((k for k in range(4) if a[k : k + 1] != b[k : k + 1]), 4)
    return jaro + min(prefix, len(a), len(b)) * 0.1 * (1 - jaro)


def soft_matches(a: Row, b: Row) -> float:
    """What words that are not shared add to the overlap."""
    rest = []
    for one, other in ((a, b), (b, a)):
        unshared = [word for word in one if word not in other]
        unshared.sort(key=spelling, reverse=True)
        rest.append(sorted(unshared, key=lambda word, row=one: -row[word])[:8])
    alike = {}
    for (x, word), (y, partner) in product(enumerate(rest[0]), enumerate(rest[1])):
        value = likeness(word, partner)
        if value > 0.8:
            alike[x, y] = np.float32(value * min(a[word], b[partner]))
    total = 0.0
    while alike:
        x, y = max(alike, key=lambda pair: alike[pair])
        total += float(alike[x, y])
        alike = {(p, q): value for (p, q), value in alike.items() if p != x and q != y}
    return total


def word_features(a: Row, b: Row) -> list[float]:
    """All word features of two rows of words with weights."""
    if not a or not b:
        return [nan] * len(WORD_FEATURES)
    shared = [a[word] for word in a.keys() & b.keys()]
    only_a = max((a[word] for word in a.keys() - b.keys()), default=0)
    only_b = max((b[word] for word in b.keys() - a.keys()), default=0)
    least = min(sum(a.values()), sum(b.values()))
    return [
        cosine(a, b),
        sum(shared) / least,
        sum(shared) / sum((a | b).values()),
        max(shared, default=0),
        min(only_a, only_b),
        max(only_a, only_b),
        min(1.0, (sum(shared) + soft_matches(a, b)) / least),
    ]


def code_features(codes: CodeSets, grams: SparseSets, x: int, y: int) -> list[float]:
    """All features of the model codes of two rows."""
    texts = [bytes(codes.text[start:stop]) for start, stop in pairwise(codes.offsets)]
    weights = oracles.weighted(codes.sets)
    a = {texts[t]: w for t, w in weights[x].items()}
    b = {texts[t]: w for t, w in weights[y].items()}
    rows = [set(row) for row in oracles.rows_of(grams.indptr, grams.ids)]

    def share(mine: dict[bytes, float], other: set[int]) -> float | None:
        if not mine or not other:
            return None
        found = [w for c, w in mine.items() if len(c) >= 4 and windows(c) <= other]
        return sum(found) / sum(mine.values())

    shares = [s for s in (share(a, rows[y]), share(b, rows[x])) if s is not None]
    contained_max = max(shares, default=nan)
    contained_min = min(shares) if len(shares) == 2 else nan
    if not a or not b:
        return [nan, nan, nan, nan, contained_max, contained_min, nan]
    rarest = max((a[c] for c in a.keys() & b.keys()), default=0.0)
    unshared = max(len(a.keys() - b.keys()), len(b.keys() - a.keys()))
    conflict = float(not rarest and not contained_max > 0)
    best = max(Levenshtein.normalized_similarity(c, d) for c, d in product(a, b))
    prefix = max(common_prefix(c, d) / min(len(c), len(d)) for c, d in product(a, b))
    if rarest:
        best = prefix = 1.0
    found = [rarest, conflict, best, prefix, contained_max, contained_min, unshared]
    assert len(found) == len(CODE_FEATURES)
    return found


def common_prefix(a: bytes, b: bytes) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((k for k, (p, q) in pairs if p != q), min(len(a), len(b)))


def windows(code: bytes) -> set[int]:
    return {oracles.gram(code[k : k + 4]) for k in range(len(code) - 3)}


#: Maker of the oracle of each group: from its stem, the records and the endings of its names.
ORACLES: dict[type, Callable[[str, PreparedRecords, list[str]], Oracle]] = {
    feature_groups.AgreementFeatures: agreement,
    feature_groups.CodeFeatures: codes,
    feature_groups.ContainmentFeatures: containment,
    feature_groups.CosineFeatures: characters,
    feature_groups.EqualityFeatures: equality,
    feature_groups.FirstWordFeatures: first_word,
    feature_groups.ImageFeatures: image_hashes,
    feature_groups.NumberFeatures: numbers,
    feature_groups.QuantityFeatures: quantities,
    feature_groups.QuantityTextFeatures: quantity_text,
    feature_groups.SetFeatures: words,
    feature_groups.StringFeatures: strings,
}
