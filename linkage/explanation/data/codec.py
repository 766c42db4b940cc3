"""Dataclasses to plain data and back, by their type hints."""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from typing import Any, Self, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["PlainData", "from_plain", "to_plain"]

Data = TypeVar("Data")


class PlainData:
    """A dataclass that is written as JSON and read back."""

    def to_dict(self) -> dict[str, Any]:
        """The dataclass as dicts, lists, strings, numbers, booleans and None."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """The dataclass that :meth:`to_dict` described."""
        return from_plain(cls, plain)


def to_plain(value: Any) -> Any:
    """A dataclass as dicts, lists, strings, numbers, booleans and None.

    Numbers that JSON does not have (infinite, NaN) become None.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: to_plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(kind: type[Data], plain: Any) -> Data:
    """The dataclass that :func:`to_plain` described.

    Args:
        kind: the dataclass.
        plain: what it was described by; fields with defaults may be missing.

    Raises:
        KeyError: a field without a default is missing.
    """
    hints = get_type_hints(kind)
    given = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        if entry.name in plain:
            given[entry.name] = _value(hints[entry.name], plain[entry.name])
    try:
        return kind(**given)
    except TypeError as error:
        raise KeyError(f"{kind.__name__}: {error}") from error


def _value(hint: Any, plain: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        return _value(next(part for part in inner if part is not type(None)), plain)
    if origin is list:
        return [_value(inner[0], part) for part in plain]
    if is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, plain)
    return plain
