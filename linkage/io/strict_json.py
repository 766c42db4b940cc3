"""Values converted to what strict JSON can hold: no NaN, no NumPy types."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["plain_json"]


def plain_json(value: Any) -> Any:
    """Turn a value into what strict JSON can hold.

    Args:
        value: Numbers of numpy too, paths, dataclasses, enums, sets, arrays; nested.

    Returns:
        The same of dicts, lists, strings, numbers, booleans and None; NaN and infinity are None.

    """
    if value is None or (isinstance(value, bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain_json(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [entry.name for entry in dataclasses.fields(value)]
        return {name: plain_json(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(plain_json(key)): plain_json(part) for key, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain_json(part) for part in value), key=str)
    if hasattr(value, "tolist"):
        return plain_json(value.tolist())
    if isinstance(value, list | tuple):
        return [plain_json(part) for part in value]
    return str(value)
