"""Markdown of untrusted values: escaped text and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["escape", "table"]

_SPECIAL = re.compile(r"[\\`*_\[\]|~#]")


def escape(text: object) -> str:
    """Return text that Markdown shows as it is, on one line, in a table's cell too.

    Args:
        text: Any value.

    Returns:
        Its text with special characters escaped, tags shown and line breaks as spaces.

    Example:
        >>> print(escape("a|b <i>"))
        a\\|b &lt;i&gt;

    """
    line = " ".join(str(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\g<0>", line)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """Return a table.

    Args:
        columns: Its headings, escaped as far as they need it.
        rows: Its cells, likewise, one for each column.
        texts: How many columns at the left hold text; the others are set to the right.

    Returns:
        Lines of Markdown, the last with a line feed.

    """
    marks = ["---"] * texts + ["---:"] * (len(columns) - texts)
    lines = [columns, marks[: len(columns)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
