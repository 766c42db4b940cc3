"""Values of a JSON file that nobody vouches for, checked as they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from linkage.errors import shorten

__all__ = ["FieldError", "Fields", "parse_json"]

_Read = TypeVar("_Read")

#: Largest size of numbers, which arrays of 32 bits hold, too.
_LARGEST = 3e38


class FieldError(ValueError):
    """A value that a file should not hold; the message names its key first."""


def parse_json(raw: bytes) -> Any:
    """The value that a JSON text in UTF-8 holds.

    Raises:
        FieldError: it is none, or is nested too deep to be read.
    """
    try:
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FieldError(f"it is no JSON: {type(error).__name__}: {error}") from None


class Fields:
    """The values of a JSON object, each checked when it is asked for.

    Args:
        value: what should be an object.
        path: its dotted path in the file, for messages; empty for the whole.

    Raises:
        FieldError: it is no object; from all methods, where a value is missing or another.
    """

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise _fault(path, "an object", value)
        self._values, self._path = value, path

    @classmethod
    def of(cls, value: Mapping[str, Any] | Fields) -> Fields:
        """The fields of an object that may have been wrapped before."""
        return value if isinstance(value, Fields) else cls(value)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        """The keys."""
        return [_text(self._path, key) for key in self._values]

    def plain(self) -> dict[str, Any]:
        """The object itself."""
        return dict(self._values)

    def path(self, key: str) -> str:
        """The dotted path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def get(self, key: str) -> Any:
        """Any value."""
        if key not in self._values:
            raise FieldError(f"{self.path(key)}: it is missing")
        return self._values[key]

    def fault(self, key: str, wanted: str) -> FieldError:
        """What to raise of a value that is not what is wanted."""
        return _fault(self.path(key), wanted, self.get(key))

    def text(self, key: str) -> str:
        """A text."""
        return _text(self.path(key), self.get(key))

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.get(key)
        if not isinstance(value, bool):
            raise self.fault(key, "true or false")
        return value

    def count(self, key: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        return _count(self.path(key), self.get(key), low, high)

    def number(self, key: str, low: float = -_LARGEST, high: float = _LARGEST) -> float:
        """A number from ``low`` to ``high``."""
        return _number(self.path(key), self.get(key), low, high)

    def part(self, key: str) -> Fields:
        """The fields of an object inside."""
        return Fields(self.get(key), self.path(key))

    def part_or_none(self, key: str) -> Fields | None:
        """The fields of an object inside; None where there is null in its place."""
        return None if self.get(key) is None else self.part(key)

    def each(self, key: str, read: Callable[[str, Any], _Read]) -> list[_Read]:
        """A list, each element as ``read`` makes it of its path and itself."""
        value = self.get(key)
        if not isinstance(value, list):
            raise self.fault(key, "a list")
        path = self.path(key)
        return [read(f"{path}[{k}]", one) for k, one in enumerate(value)]

    def parts(self, key: str) -> list[Fields]:
        """A list of objects."""
        return self.each(key, lambda path, one: Fields(one, path))

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        return self.each(key, _text)

    def counts(self, key: str, low: int, high: int) -> list[int]:
        """A list of whole numbers from ``low`` to ``high``."""
        value = self.get(key)
        # Lists may be long, and are seldom wrong.
        if isinstance(value, list) and all(type(v) is int and low <= v <= high for v in value):
            return value
        return self.each(key, lambda path, one: _count(path, one, low, high))

    def numbers(self, key: str, length: int | None = None) -> list[float]:
        """A list of numbers, of a length if one is given."""
        found = self.each(key, lambda path, one: _number(path, one, -_LARGEST, _LARGEST))
        if length is not None and len(found) != length:
            raise FieldError(f"{self.path(key)}: {len(found)} numbers instead of {length}")
        return found

    def text_lists(self, key: str) -> list[list[str]]:
        """A list of lists of texts."""
        return self.each(key, lambda path, one: Fields({path: one}).texts(path))

    def number_lists(self, key: str) -> list[list[float]]:
        """A list of lists of numbers."""
        return self.each(key, lambda path, one: Fields({path: one}).numbers(path))


def _fault(path: str, wanted: str, value: Any) -> FieldError:
    return FieldError(f"{path or 'the whole'}: it must be {wanted}, got {shorten(value)}")


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str) or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _fault(path, "a text", value)
    return value


def _count(path: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _fault(path, f"a whole number from {low} to {high}", value)
    return value


def _number(path: str, value: Any, low: float, high: float) -> float:
    # Comparisons of whole numbers of any length are exact; of NaN they are false.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _fault(path, f"a number from {low} to {high}", value)
    return value
