"""Pages of docs/ that are rendered from figures: written, or checked for drift."""

from __future__ import annotations

import sys
from pathlib import Path

from linkage.io.output import write_file, write_text

__all__ = ["write_or_check"]


def write_or_check(text: str, page: Path, figures: Path, *, check: bool, script: str) -> int:
    """Write a page, or only compare it with what it should be.

    Args:
        text: What the page should say.
        page: The page.
        figures: The JSON that it is rendered from.
        check: Whether nothing is written.
        script: What writes the page, for the message.

    Returns:
        The exit code: 1 where a checked page is missing or drifted.
    """
    if not check:
        write_file(page, write_text(text), force=True)
    elif not page.exists() or page.read_text(encoding="utf-8") != text:
        print(f"error: {page} is not what {figures} says.", file=sys.stderr)
        print(f"  Run {script} and commit what it writes.", file=sys.stderr)
        return 1
    return 0
