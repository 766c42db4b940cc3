"""Suspicious columns of a catalog: damaged, constant, repeated, or leaking the truth."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from features.values.check_digits import gtin_check
from linkage.io.profile import ColumnProfile
from linkage.report.data.text import shorten

__all__ = ["suspicions_of"]

# UTF-8 read as Latin-1 or Windows-1252 once or twice, and what a failed reading leaves behind.
_MOJIBAKE = "[ÃÂ][\u0080-\u00bf]|â€|â„¢|Ã[ƒ¢‚„…†‡ˆ‰Š‹Œ]|Ð[\u0080-\u00bf°-¿]|\ufffd|ï»¿"
_MARKUP = (
    r"<(?:br|p|div|span|ul|li|b|strong|a|table|h[1-6])\b[^>]*>|&(?:amp|nbsp|quot|lt|gt|#[0-9]+);"
)
_SCIENTIFIC = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+\s*$"
_PLACEHOLDER = (
    r"(?i)^(?:0{4,}|9{6,}|1234567\d*|tbd|tba|none|unknown|unbekannt|does not apply|not applicable|"
    r"test|dummy|xxx+|\?+|-+|\.+)$"
)
_ANSWER_NAME = re.compile(
    r"(?i)(?:^|[_\W])(?:entity|cluster|group|parent|master|family|truth|duplicate)(?:$|[_\W])|"
    r"(?i:entity|cluster|group|parent|master)_?id$"
)
_STEM = r"[-_./:# ]?[^-_./:# ]{1,12}$"
#: Shares of values from which damage is reported: of codes and characters, of markup.
_SOME, _MANY = 0.005, 0.02
_SAMPLE = 5000
#: Least share of rows with a common beginning of the id that are alike, and by how many times it
#: must exceed that of random pairs of rows.
_ALIKE, _TIMES = 0.5, 4.0
_FEWEST_STEM = 0.2
_FEWEST_GROUPS = 0.03


def suspicions_of(table: pa.Table, profiles: list[ColumnProfile]) -> list[list[str]]:
    """Return the suspicions about each column, in sentences; none for most.

    Args:
        table: The catalog.
        profiles: Of its columns, in their order.

    """
    words = _main_words(table, profiles)
    found = []
    for profile in profiles:
        column = table.column(profile.name).combine_chunks()
        sentences: list[str] = []
        if profile.filled:
            sentences += _constant(profile)
            sentences += _damaged(column.drop_null())
            sentences += _leaking(profile, column, words)
            if profile.kind == Kind.IDENTIFIER:
                sentences += _wrong_numbers(column.drop_null())
        else:
            sentences.append("Empty: no row has a value.")
        found.append(sentences)
    for one, other in _repeated(table, profiles):
        found[other].append(f"Says the same as column “{profiles[one].name}” in every row.")
    return found


def _constant(profile: ColumnProfile) -> list[str]:
    if profile.distinct > 1 or profile.rows < 2:
        return []
    if profile.filled == profile.rows:
        return ["Constant: every row has the same value, which tells nothing apart."]
    return ["Constant: every row that has a value has the same one."]


def _damaged(present: pa.Array) -> list[str]:
    checks = [
        (_MOJIBAKE, _SOME / 5, "hold wrongly decoded characters; try --encoding"),
        (_MARKUP, _MANY, "hold HTML"),
        (_SCIENTIFIC, _SOME, "are in scientific notation: a spreadsheet has cut digits off"),
        (_PLACEHOLDER, _SOME, "are placeholders that stand for no value"),
    ]
    found = []
    for pattern, least, what in checks:
        hits = pc.match_substring_regex(present, pattern)
        share = pc.sum(hits).as_py() / len(present)
        if share >= least:
            example = shorten(" ".join(present.filter(hits)[0].as_py()[:400].split()), 60)
            found.append(f"{_percent(share)} of the values {what}, such as “{example}”.")
    return found


def _wrong_numbers(present: pa.Array) -> list[str]:
    """Return how many of a column's trade numbers have a wrong check digit, if it holds any."""
    text = pc.replace_substring_regex(present, r"[\s-]", "")
    length = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    digits = pc.match_substring_regex(text, r"^[0-9]+$").to_numpy(zero_copy_only=False)
    total = wrong = 0
    example = ""
    for size in (8, 12, 13, 14):
        rows = np.flatnonzero(digits & (length == size))
        if not len(rows):
            continue
        chosen = text.take(pa.array(rows))
        joined = "".join(chosen.to_pylist()).encode("ascii")
        good = gtin_check(np.frombuffer(joined, np.uint8).reshape(-1, size) - 48)
        total += len(rows)
        wrong += int((~good).sum())
        if not example and not good.all():
            example = chosen[int(np.flatnonzero(~good)[0])].as_py()
    # Chance passes one in ten: a column in which fewer than half pass holds other numbers.
    if total < 0.5 * len(present) or not wrong or wrong > 0.5 * total:
        return []
    return [
        f"{_percent(wrong / total)} of {total:,} trade numbers have a wrong check digit, such as "
        f"“{example}”."
    ]


def _leaking(profile: ColumnProfile, column: pa.Array, words: list[frozenset[str]]) -> list[str]:
    """Return how a column leaks the true entities: by its name, or by ids that begin the same."""
    named = profile.kind is not None and _ANSWER_NAME.search(profile.name)
    # A "group" of hundreds of rows is a category.
    if named and profile.distinct >= _FEWEST_GROUPS * profile.filled:
        return [
            "By its name it could be the answer (which rows belong together) rather than evidence; "
            "leave it out of [attributes] unless new rows have it too."
        ]
    if profile.distinct < 0.9 * max(profile.filled, 1) or profile.kind not in (
        None,
        Kind.IDENTIFIER,
    ):
        return []
    stems = pc.replace_substring_regex(column, _STEM, "")
    stems = pc.if_else(pc.greater_equal(pc.utf8_length(stems), 2), stems, None)
    code = pc.fill_null(stems.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    order = np.argsort(code, kind="stable")
    order = order[code[order] >= 0]
    together = np.flatnonzero(code[order][1:] == code[order][:-1])
    groups = int(code.max(initial=-1)) + 1
    # A few stems that all rows share are a prefix, not a key.
    if len(together) < _FEWEST_STEM * profile.rows or groups < 0.02 * profile.rows:
        return []
    chosen = together[:: max(1, len(together) // _SAMPLE)]
    alike = _alike(words, order[chosen], order[chosen + 1])
    shuffled = np.random.default_rng(0).permutation(profile.rows)
    chance = _alike(words, order[chosen], shuffled[: len(chosen)])
    if alike < _ALIKE or alike < _TIMES * chance:
        return []
    example = column[int(order[chosen[0]])].as_py(), column[int(order[chosen[0] + 1])].as_py()
    return [
        f"Rows whose values begin the same are the same thing in {_percent(alike)} of cases "
        f"({_percent(chance)} by chance), such as “{shorten(example[0], 40)}” and "
        f"“{shorten(example[1], 40)}”: it leaks which rows belong together."
    ]


def _main_words(table: pa.Table, profiles: list[ColumnProfile]) -> list[frozenset[str]]:
    """Return the words of each row's main text."""
    texts = [p for p in profiles if p.kind in (Kind.TEXT, Kind.NAME) and p.filled]
    if not texts:
        return [frozenset()] * table.num_rows
    most = max(profile.distinct for profile in texts)
    main = next(profile for profile in texts if profile.distinct >= 0.8 * most)
    lowered = pc.utf8_lower(pc.fill_null(table.column(main.name), "")).to_pylist()
    return [frozenset(re.findall(r"\w+", text[:200])) for text in lowered]


def _alike(words: list[frozenset[str]], left: np.ndarray, right: np.ndarray) -> float:
    """Return the share of pairs of rows of which most words are the same."""
    hits = total = 0
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        union = words[a] | words[b]
        if union and a != b:
            total += 1
            hits += 2 * len(words[a] & words[b]) > len(union)
    return hits / max(total, 1)


def _repeated(table: pa.Table, profiles: list[ColumnProfile]) -> list[tuple[int, int]]:
    """Return positions of columns that are equal in every row: (first, later)."""
    found = []
    for other, profile in enumerate(profiles):
        if profile.distinct < 2:
            continue
        for one in range(other):
            same = profiles[one]
            if (same.filled, same.distinct) != (profile.filled, profile.distinct):
                continue
            if table.column(same.name).equals(table.column(profile.name)):
                found.append((one, other))
                break
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"
