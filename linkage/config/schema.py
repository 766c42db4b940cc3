"""The keys and values that a configuration may have, and the faults of one that differs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from features.kinds import Kind, parse_kind
from linkage.config.golden import golden_faults
from linkage.config.memory_size import MAX_MEMORY, MIN_MEMORY, parse_memory
from linkage.config.rule_schema import rule_contradictions, rules_on_ids
from linkage.errors import nearest, shorten

__all__ = ["DELIMITER_NAMES", "LABEL_FILES", "OWN_TRAINING", "SECTIONS", "check"]

# Returns what is wrong with a value ("must be ..."), or None.
_Check = Callable[[Any], str | None]

#: Names of delimiters that cannot be typed.
DELIMITER_NAMES = {"tab": "\t", "\\t": "\t"}

_QUALITIES = ("auto", "fast", "balanced", "best")
_ONE_TO_ONE = ("auto", "yes", "no")
_WHEN = ("equal", "differ")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
#: The largest of 32 bits, in which libraries count; seeds are numbers of 64, as TOML has them.
_MOST, _MOST_SEED = 2**31 - 1, 2**63 - 1
#: More than any machine has cores; each thread takes memory of its own.
_MOST_THREADS = 1024
#: Unknown keys for which the nearest known one is looked up, and the length from which one is cut.
_MOST_REMEDIES, _LONG_NAME = 100, 80


def check(raw: Mapping[str, Any]) -> list[str]:
    """Return every fault of a configuration in nested plain values.

    Args:
        raw: The configuration, as TOML gives it.

    Returns:
        One sentence for each fault, beginning with its dotted path; empty if there is none.

    """
    if not isinstance(raw, Mapping):
        return [f"a configuration is a table of sections, got {shorten(raw)}."]
    faults = _unknown("", raw, [*SECTIONS, *_TOP, "attributes", "match", "golden"])
    for name, value in raw.items():
        if name in _TOP:
            faults += _value(name, value, _TOP[name])
        elif name in SECTIONS:
            faults += _section(name, value, SECTIONS[name])
        elif name == "attributes":
            faults += _attributes(value)
        elif name == "match":
            faults += _match(value)
        elif name == "golden":
            faults += golden_faults(value)
    return faults + _together(raw)


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else "must be text in quotes"


def _yes_or_no(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _share(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and 0 < value <= 1:
        return None
    return "must be a number above 0 and up to 1"


def _count(minimum: int, maximum: int = _MOST) -> _Check:
    def check_count(value: Any) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if whole and value > maximum:
            return f"must be a whole number from {minimum} to {maximum:,}"
        return None if whole and value >= minimum else f"must be a whole number from {minimum} up"

    return check_count


def _one_of(allowed: tuple[str, ...]) -> _Check:
    def check_choice(value: Any) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        close = nearest(value, allowed, 1) if isinstance(value, str) else []
        return f"must be one of {', '.join(allowed)}" + _did_you_mean(close)

    return check_choice


def _either(word: str, other: _Check) -> _Check:
    def check_either(value: Any) -> str | None:
        fault = other(value)
        return None if value == word or fault is None else f'{fault}, or "{word}"'

    return check_either


def _one_to_one(value: Any) -> str | None:
    return None if isinstance(value, bool) else _one_of(_ONE_TO_ONE)(value)


def _memory(value: Any) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            if MIN_MEMORY <= parse_memory(value) <= MAX_MEMORY:
                return None
        except ValueError:
            pass
    return 'must be a size of at least 100MB, such as "8GB"'


def _new_names(value: Any) -> str | None:
    if not isinstance(value, Mapping) or any(map(_text, [*value, *value.values()])):
        return "must be a table of columns, right = left"
    repeated = len(set(value.values())) < len(value)
    return "must name each column of the left table once" if repeated else None


def _delimiter(value: Any) -> str | None:
    if isinstance(value, str):
        sign = len(value) == 1 and value.isascii() and not value.isalnum()
        if value in DELIMITER_NAMES or (sign and value not in '"\r\n\0'):
            return None
    return 'must be one character such as ";", or "tab"'


#: Section -> key -> check of its value.
SECTIONS: dict[str, dict[str, _Check]] = {
    "catalog": {
        "id": _text,
        "source": _text,
        "encoding": _text,
        "delimiter": _delimiter,
        "skip_rows": _count(0),
        "distinct_sources": _yes_or_no,
        "images": _text,
        "right_id": _text,
        "right": _new_names,
    },
    "blocking": {"candidates": _either("auto", _count(1)), "recall_floor": _share},
    "training": {
        "labels": _text,
        "validation": _text,
        "seeds": _count(1),
        "precision": _share,
        "recall": _share,
        "context": _yes_or_no,
        "synonyms": _yes_or_no,
    },
    "limits": {"max_cluster_size": _count(2), "memory": _memory},
    "embedding": {"model": _text},
    "linkage": {"one_to_one": _one_to_one},
}

#: Keys of a match definition that name files of labels.
LABEL_FILES = ("labels", "validation")
#: Keys of ``training`` that a match definition may have for itself.
OWN_TRAINING = (*LABEL_FILES, "precision", "recall")

_TOP: dict[str, _Check] = {
    "quality": _one_of(_QUALITIES),
    "seed": _count(0, _MOST_SEED),
    "threads": _count(1, _MOST_THREADS),
}


def _shown(name: Any) -> str:
    text = str(name)
    return text if len(text) <= _LONG_NAME else shorten(text)


def _did_you_mean(close: list[str]) -> str:
    return f" (did you mean '{close[0]}'?)" if close else ""


def _value(path: str, value: Any, fault_of: _Check) -> list[str]:
    fault = fault_of(value)
    if fault is None:
        return []
    fault, _, remedy = fault.partition(" (did")
    return [f"{path} {fault}, got {shorten(value)}" + (f" (did{remedy}" if remedy else "") + "."]


def _unknown(path: str, table: Mapping[str, Any], valid: list[str]) -> list[str]:
    faults = []
    unknown = [name for name in table if name not in valid]
    for position, name in enumerate(unknown):
        # Looking for what was meant takes time, and only the first are shown.
        close = nearest(str(name), valid, 1) if position < _MOST_REMEDIES else []
        if close:
            remedy = f"Did you mean '{close[0]}'?"
        elif not path and any(name in keys for keys in SECTIONS.values()):
            section = next(key for key, keys in SECTIONS.items() if name in keys)
            remedy = f"It belongs in [{section}]."
        else:
            remedy = f"Allowed: {', '.join(valid)}."
        faults.append(f"{path}{_shown(name)} is no known key. {remedy}")
    return faults


def _section(name: str, table: Any, checks: Mapping[str, _Check]) -> list[str]:
    if not isinstance(table, Mapping):
        return [f"{name} must be a table ([{name}]), got {shorten(table)}."]
    faults = _unknown(f"{name}.", table, list(checks))
    for key, value in table.items():
        if key in checks:
            faults += _value(f"{name}.{key}", value, checks[key])
    return faults


def _attributes(table: Any) -> list[str]:
    if not isinstance(table, Mapping):
        return [f"attributes must be a table of column = kind, got {shorten(table)}."]
    kinds = [kind.value for kind in Kind]
    faults = []
    for column, kind in table.items():
        try:
            parse_kind(kind)
        except (ValueError, TypeError, AttributeError, KeyError):
            close = nearest(kind, kinds, 1) if isinstance(kind, str) else []
            faults.append(
                f"attributes.{column} must be one of {', '.join(kinds)}, got {shorten(kind)}"
                f"{_did_you_mean(close)}."
            )
    return faults


def _match(tables: Any) -> list[str]:
    if not isinstance(tables, Mapping):
        return [f"match must be tables ([match.NAME]), got {shorten(tables)}."]
    faults = []
    for name, table in tables.items():
        path = f"match.{_shown(name)}"
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            faults.append(
                f"{path}: a name is a letter, then up to 99 letters, digits and underscores."
            )
        if not isinstance(table, Mapping):
            faults.append(f"{path} must be a table ([{path}]), got {shorten(table)}.")
            continue
        faults += _unknown(
            f"{path}.", table, ["ignore", "ignore_text", "must", "cannot", *OWN_TRAINING, "output"]
        )
        faults += _value(f"{path}.output", table.get("output", True), _yes_or_no)
        for key in OWN_TRAINING:
            if key in table:
                faults += _value(f"{path}.{key}", table[key], SECTIONS["training"][key])
        faults += _columns(f"{path}.ignore", table.get("ignore", []))
        faults += _patterns(f"{path}.ignore_text", table.get("ignore_text", []))
        rules = [_rules(f"{path}.{verb}", table.get(verb, [])) for verb in ("must", "cannot")]
        faults += [fault for found in rules for fault in found]
        if not any(rules):
            faults += rule_contradictions(path, table)
    if tables and all(isinstance(t, Mapping) and t.get("output") is False for t in tables.values()):
        faults.append("match: every definition has output = false, so nothing would be written.")
    return faults


def _columns(path: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or any(_text(item) for item in value):
        return [f"{path} must be a list of columns, got {shorten(value)}."]
    repeated = sorted(item for item, count in Counter(value).items() if count > 1)
    return [f"{path} names '{column}' more than once." for column in repeated]


def _patterns(path: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or any(_text(item) for item in value):
        return [f'{path} must be a list of regular expressions such as ["with .* print$"], got '
                f"{shorten(value)}."]  # fmt: skip
    faults = []
    for pattern in value:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            faults.append(f"{path}: {shorten(pattern)} is no regular expression: {error}.")
    return faults


def _rules(path: str, value: Any) -> list[str]:
    shape = '[{column = "gtin", when = "equal"}]'
    if not isinstance(value, list | tuple):
        return [f"{path} must be a list of rules such as {shape}, got {shorten(value)}."]
    faults = []
    for position, rule in enumerate(value):
        here = f"{path}[{position}]"
        if not isinstance(rule, Mapping):
            faults.append(f"{here} must be a rule such as {shape[1:-1]}, got {shorten(rule)}.")
            continue
        faults += _unknown(f"{here}.", rule, ["column", "when"])
        if "column" not in rule:
            faults.append(f"{here} names no column.")
        else:
            faults += _value(f"{here}.column", rule["column"], _text)
        if "when" in rule:
            faults += _value(f"{here}.when", rule["when"], _one_of(_WHEN))
    return faults


def _together(raw: Mapping[str, Any]) -> list[str]:
    """Return the faults of values that are fine alone but not beside each other."""
    faults = rules_on_ids(raw)
    tables = {"training": raw.get("training")}
    matches = raw.get("match")
    if isinstance(matches, Mapping):
        tables |= {f"match.{name}": table for name, table in matches.items()}
    for path, table in tables.items():
        if not isinstance(table, Mapping):
            continue
        if "precision" in table and "recall" in table:
            faults.append(
                f"{path}.precision ({table['precision']}) and {path}.recall ({table['recall']}) "
                "cannot both be set; choose the one to guarantee."
            )
        if "validation" in table and "labels" not in table:
            faults.append(f"{path}.validation needs {path}.labels, the labels to learn from.")
    catalog, attributes = raw.get("catalog"), raw.get("attributes")
    right = catalog.get("right") if isinstance(catalog, Mapping) else None
    if isinstance(right, Mapping) and raw["catalog"].get("id", "id") in right.values():
        faults.append("catalog.right: the column of ids is named by catalog.right_id instead.")
    if isinstance(catalog, Mapping) and isinstance(attributes, Mapping):
        for key in ("id", "source"):
            name = catalog.get(key)
            if isinstance(name, str) and name in attributes:
                faults.append(
                    f"attributes.{name} cannot be compared: it is the column of catalog.{key}."
                )
    if (
        isinstance(catalog, Mapping)
        and catalog.get("distinct_sources") is True
        and "source" not in catalog
    ):
        faults.append("catalog.distinct_sources needs catalog.source, the column of sources.")
    return faults
