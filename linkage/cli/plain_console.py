"""A console whose own colours are commands to the terminal, and nothing in its texts is."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from linkage.cli.terminal_text import escaped, is_safe

__all__ = ["PlainConsole"]


class PlainConsole(Console):
    """A console of `rich` that escapes all texts, but not its own colours."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of a renderable."""
        for segment in super().render(renderable, options):
            if segment.control or is_safe(segment.text):
                yield segment
            else:
                yield Segment(escaped(segment.text), segment.style)
