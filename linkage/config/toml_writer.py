"""Writing TOML, which the standard library only reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["to_toml", "toml_key", "toml_value"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(values: Mapping[str, Any]) -> str:
    """Write nested plain values as TOML, tables after the values beside them.

    Args:
        values: Strings, numbers, booleans, lists and dicts; None is left out.

    Returns:
        The text, ending in a line feed.

    """
    return "\n".join(_table((), values)).strip("\n") + "\n"


def toml_key(name: str) -> str:
    """Return a name as a TOML key, quoted where it must be."""
    return name if _BARE_KEY.fullmatch(name) else _string(name)


def toml_value(value: Any) -> str:
    """Return a plain value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        parts = [f"{toml_key(name)} = {toml_value(part)}" for name, part in value.items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    return _string(str(value))


def _table(path: tuple[str, ...], values: Mapping[str, Any]) -> list[str]:
    plain = [(k, v) for k, v in values.items() if v is not None and not isinstance(v, Mapping)]
    tables = [(k, v) for k, v in values.items() if isinstance(v, Mapping)]
    lines: list[str] = []
    if path and (plain or not tables):
        lines += ["", "[" + ".".join(map(toml_key, path)) + "]"]
    lines += [f"{toml_key(name)} = {toml_value(value)}" for name, value in plain]
    for name, table in tables:
        lines += _table((*path, name), table)
    return lines


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but TOML also wants the delete character escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
