"""Text on a terminal: control characters of cells, names and files are shown, not obeyed.

A terminal takes some sequences for commands: to set its title, to move the cursor and write over
what was said, on some to paste.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import typer

__all__ = ["MessageFormatter", "escaped", "is_safe", "say"]

#: Control characters but for ends of lines and tabs, marks that turn the direction of text, and
#: halves of characters, which no encoding can print.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escaped(text: str) -> str:
    """Return a text with unsafe characters as ``\\uXXXX``, as JSON has them, too."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def is_safe(text: str) -> bool:
    """Return whether a text can be printed as it is."""
    return not _UNSAFE.search(text)


def say(text: str, *, err: bool = False) -> None:
    """Print a text, escaped, to standard output or standard error."""
    typer.echo(escaped(text), err=err)


class MessageFormatter(logging.Formatter):
    """Formats log messages, escaped."""

    def format(self, record: Any) -> str:
        """Return the message of a record."""
        return escaped(super().format(record))
