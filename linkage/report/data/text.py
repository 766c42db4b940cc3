"""Texts of a catalog, cut to a length."""

from __future__ import annotations

__all__ = ["SHOWN_CHARACTERS", "shorten"]

#: Characters of a value that are shown; descriptions can be pages long.
SHOWN_CHARACTERS = 320


def shorten(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """Return a text of at most that many characters, the last of them ``…`` if it was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"
