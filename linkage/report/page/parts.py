"""The parts that pages are made of: figures, tables, bars, and records side by side.

Every function takes plain values, escapes them, and returns markup.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from linkage.report.data.text import SHOWN_CHARACTERS, shorten
from linkage.report.page.page import Markup, escape, join

__all__ = [
    "Aligned",
    "Bar",
    "bars",
    "details",
    "figures",
    "note",
    "side_by_side",
    "table",
    "tag",
    "thumbnail",
]

_SHOWN_ONCE = 180
#: Words from which a text is long, and the share of them in common from which it is like another.
_LONG, _ALIKE = 12, 0.3
#: Characters from which a cell of a table is given room on a narrow screen.
_LONG_CELL = 36
_WORD = re.compile(r"\w+(?:[.,]\d+)*|\s+|[^\w\s]")


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart.

    Attributes:
        label: What it is of.
        text: The value, as shown.
        end: Where the bar ends, -1 to 1.
        start: Where it starts; both in parts of the chart's width, or of either half of it where
            any bar of the chart goes below 0.
        tone: ``""``, ``good``, ``bad``, ``warn`` or ``muted``.
        hint: Shown when pointed at.

    """

    label: str | Markup
    text: str
    end: float
    start: float = 0.0
    tone: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Aligned:
    """One attribute of two records.

    Attributes:
        name: Of the attribute.
        left, right: The two values, None where missing; markup is kept as it is.
        state: ``agree``, ``differ`` or ``unknown``; worked out from the texts if not given.

    """

    name: str
    left: str | None
    right: str | None
    state: str = ""


def figures(items: Iterable[tuple[str, str] | tuple[str, str, str]]) -> Markup:
    """Return key figures: (value, what it is[, a remark]) each."""
    rows = []
    for value, label, *remark in items:
        more = Markup('<dd class="remark">{}</dd>').format(remark[0]) if remark else ""
        rows.append(Markup("<div><dt>{}</dt><dd>{}</dd>{}</div>").format(label, value, more))
    return Markup('<dl class="figures">{}</dl>\n').format(join(rows))


def table(
    headings: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    numeric: Collection[int] = (),
    caption: str = "",
) -> Markup:
    """Return a table; it scrolls by itself where it is wider than the page.

    Args:
        headings: One a column.
        rows: Cells; None is shown as a dash.
        numeric: Positions of columns that are aligned right.
        caption: Above the table.

    """
    listed = [list(row) for row in rows]
    kinds = [
        "number" if k in numeric else "long" if _longest(listed, k) > _LONG_CELL else ""
        for k in range(len(headings))
    ]
    right = [Markup(' class="{}"').format(kind) if kind else "" for kind in kinds]
    head = join(
        Markup('<th scope="col"{}>{}</th>').format(one, name)
        for one, name in zip(right, headings, strict=True)
    )
    cell = Markup("<td{}>{}</td>")
    body = join(
        Markup("<tr>{}</tr>").format(
            join(
                cell.format(one, "–" if value is None else value)
                for one, value in zip(right, row, strict=True)
            )
        )
        for row in listed
    )
    title = Markup("<caption>{}</caption>").format(caption) if caption else ""
    return Markup(
        '<div class="scroll"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>\n'
    ).format(title, head, body)


def bars(rows: Sequence[Bar], label: str = "") -> Markup:
    """Return a chart of horizontal bars; with bars on both sides of 0 where any is negative.

    Args:
        rows: From top to bottom.
        label: What the chart shows, for those who cannot see it.

    """
    signed = any(min(row.start, row.end) < 0 for row in rows)
    shown = []
    for row in rows:
        low, high = sorted((row.start, row.end))
        if signed:
            low, high = (low + 1) / 2, (high + 1) / 2
        style = f"left:{100 * low:.2f}%;width:{100 * max(high - low, 0):.2f}%"
        mark = Markup('<i class="{}" style="{}"></i>').format(row.tone, style)
        shown.append(
            Markup(
                '<div class="bar" title="{}"><span class="bar-label">{}</span>'
                '<span class="track">{}</span><span class="bar-value">{}</span></div>'
            ).format(row.hint, row.label, mark if high > low else "", row.text)
        )
    kind = "bars signed" if signed else "bars"
    return Markup('<div class="{}" role="group" aria-label="{}">{}</div>\n').format(
        kind, label, join(shown)
    )


def side_by_side(
    attributes: Iterable[Aligned], headings: tuple[str | Markup, str | Markup]
) -> Markup:
    """Return two records beside each other, words that only one of them has coloured.

    A value that both have is shown once.

    Args:
        attributes: From top to bottom.
        headings: Of the two records, such as their ids.

    """
    rows = []
    for one in attributes:
        left, right = one.left, one.right
        state = one.state or _state(left, right)
        if state == "differ":
            left, right = _unshared(left, right), _unshared(right, left)
        if left is not None and left == right:
            cells = Markup('<td colspan="2">{}</td>').format(_shown(left, _SHOWN_ONCE))
        else:
            cells = Markup("<td>{}</td><td>{}</td>").format(_shown(left), _shown(right))
        rows.append(
            Markup('<tr class="{}"><th scope="row">{}</th>{}</tr>').format(state, one.name, cells)
        )
    return Markup(
        '<div class="scroll"><table class="records"><thead><tr><th></th><th scope="col">{}</th>'
        '<th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></div>\n'
    ).format(*headings, join(rows))


def details(summary: str | Markup, body: Markup, *, is_open: bool = False) -> Markup:
    """Return a part that opens when clicked."""
    return Markup("<details{}><summary>{}</summary>{}</details>\n").format(
        Markup(" open") if is_open else "", summary, body
    )


def note(text: str | Markup, tone: str = "") -> Markup:
    """Return a paragraph that stands out; ``tone`` as in `Bar`."""
    return Markup('<p class="note {}">{}</p>\n').format(tone, text)


def tag(text: str, tone: str = "") -> Markup:
    """Return a small label; ``tone`` as in `Bar`."""
    return Markup('<span class="tag {}">{}</span>').format(tone, text)


def thumbnail(source: str, text: str) -> Markup:
    """Return a small picture.

    Args:
        source: A ``data:`` URI; anything else would be a request and is left out.
        text: What stands in its place where it cannot be seen.

    """
    if not source.startswith("data:image/"):
        return escape(text)
    return Markup('<img class="thumb" src="{}" alt="{}">').format(source, text)


def _longest(rows: Sequence[Sequence[Any]], column: int) -> int:
    texts = (row[column] for row in rows if not isinstance(row[column], Markup))
    return max((len(str(text)) for text in texts), default=0)


def _state(left: str | None, right: str | None) -> str:
    if left is None or right is None:
        return "unknown"
    return "agree" if _words(left) == _words(right) else "differ"


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text) if word[0].isalnum()]


def _unshared(text: str | None, other: str | None) -> str | None:
    """Return a text with those of its words marked that the other lacks.

    A long text that has hardly a word in common with the other is left plain: all of it would be
    marked, which shows nothing.
    """
    if text is None or other is None or isinstance(text, Markup):
        return text
    left = Counter(_words(other))
    own = Counter(_words(shorten(text)))
    if own.total() > _LONG and (own & left).total() < _ALIKE * own.total():
        return text
    parts: list[Markup] = []
    marked: list[str] = []
    for word in _WORD.findall(shorten(text)):
        folded = word.casefold()
        if marked and not word[0].isalnum():
            marked.append(word)
            continue
        if word[0].isalnum() and left[folded] <= 0:
            marked.append(word)
            continue
        left[folded] -= 1
        parts += _flush(marked)
        marked = []
        parts.append(escape(word))
    return join([*parts, *_flush(marked)])


def _flush(marked: list[str]) -> list[Markup]:
    """Return words as one mark, blanks and punctuation at their end after it."""
    last = max((k for k, word in enumerate(marked) if word[0].isalnum()), default=-1)
    if last < 0:
        return []
    words, rest = "".join(marked[: last + 1]), "".join(marked[last + 1 :])
    return [Markup("<mark>{}</mark>{}").format(words, rest)]


def _shown(value: str | None, most: int = SHOWN_CHARACTERS) -> str | Markup:
    if value is None:
        return Markup('<span class="missing">missing</span>')
    return value if isinstance(value, Markup) else shorten(value, most)
