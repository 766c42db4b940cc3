"""Sizes of memory as a configuration writes them."""

from __future__ import annotations

import re

from linkage.errors import shorten

__all__ = ["MAX_MEMORY", "MIN_MEMORY", "parse_memory"]

#: Bytes: less than any run takes, and more than any machine has.
MIN_MEMORY, MAX_MEMORY = 100_000_000, 10**18
_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?\s*", re.IGNORECASE)


def parse_memory(value: str | int) -> int:
    """Return a memory size in bytes.

    Args:
        value: Bytes, or text such as ``8GB``, ``512 MB`` or ``2GiB``.

    Returns:
        The number of bytes.

    Raises:
        ValueError: If the text is no size.

    """
    if isinstance(value, int):
        return value
    match = _MEMORY.fullmatch(value)
    if match is None:
        raise ValueError(f"no memory size: {value!r}")
    number, prefix, binary = match.groups()
    if len(number) > len(str(MAX_MEMORY)):
        raise ValueError(f"no memory size: {shorten(value)}")
    base = 1024 if binary else 1000
    power: int = " KMGT".index(prefix.upper() or " ")
    return int(float(number) * base**power)
