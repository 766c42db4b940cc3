"""Handles: names of products in addresses, which last as long as the ids of their clusters."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

__all__ = ["handles"]

#: Google takes ids of up to 50 characters: these, a hyphen and a hash of eight.
_LONGEST, _HASH = 41, 8


def handles(ids: Sequence[str]) -> list[str]:
    """A handle for each id: small letters of ASCII, digits and hyphens, at most 50 characters.

    It depends on the id alone, not on titles, which change as records do, nor on the other ids: a
    shop takes another handle for another product. An id that is no handle gets a hash after what
    can be kept of it.

    Args:
        ids: no two the same.

    Example:
        >>> handles(["r-17", "Ärmel 3"])
        ['r-17', 'armel-3-d9d9c1b5']
    """
    found = [_handle(one, _HASH) for one in ids]
    length = _HASH
    while len(set(found)) < len(found):  # once in billions of ids
        length *= 2
        found = [_handle(one, length) for one in ids]
    return found


def _handle(text: str, length: int) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if slug == text and len(slug) <= _LONGEST and length == _HASH:
        return slug
    digest = hashlib.sha256(text.encode()).hexdigest()[:length]
    return f"{slug[:_LONGEST].strip('-')}-{digest}".lstrip("-")
