"""Records as a report shows them: two beside each other, or the members of a cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from linkage.report.data.contents import PairData, RecordData
from linkage.report.data.text import shorten
from linkage.report.page.page import Markup, escape, join
from linkage.report.page.parts import Aligned, side_by_side, tag, thumbnail

__all__ = ["members_table", "pair_card", "records_beside"]

_CELL, _SHORT = 140, 70
#: Characters up to which a cell stays on one line.
_LINE = 22
_COMMON = 60
_SUMMARY = 70


def records_beside(left: RecordData, right: RecordData) -> Markup:
    """Return two records beside each other; attributes that neither has are left out."""
    # The path of a picture says nothing beside the picture.
    pictured = set(left.pictured) if left.image and right.image else set()
    names = [n for n in dict.fromkeys([*left.values, *right.values]) if n not in pictured]
    rows = [Aligned(name, left.values.get(name), right.values.get(name)) for name in names]
    rows = [one for one in rows if one.left is not None or one.right is not None]
    return side_by_side(rows, (_heading(left), _heading(right)))


def pair_card(
    pair: PairData, records: Mapping[int, RecordData], main: str, *, is_open: bool = False
) -> Markup:
    """Return a pair that opens to its two records.

    Args:
        pair: The pair.
        records: The records shown, by row.
        main: The column that stands for a record while the card is closed.
        is_open: Whether it is open from the start.

    """
    left, right = records[pair.left], records[pair.right]
    state = tag("matched", "good") if pair.match else tag("not matched")
    summary = Markup(
        '<span class="score">{:.3f}</span>{}<span class="titles"><span>{}</span><span>{}</span>'
        "</span>"
    ).format(pair.score, state, _short(left, main), _short(right, main))
    found = ""
    if pair.blockers:
        names = ", ".join(pair.blockers.split("+"))
        found = Markup('<p class="muted small">Proposed by {}.</p>').format(names)
    return Markup('<details class="pair"{}><summary>{}</summary>{}{}</details>\n').format(
        Markup(" open") if is_open else "", summary, records_beside(left, right), found
    )


def members_table(members: Sequence[RecordData], columns: Sequence[str], main: str = "") -> Markup:
    """Return the members of a cluster: what they share in a line, the rest as a table.

    Args:
        members: In the order of their numbers, which start at 1.
        columns: The columns to show.
        main: The one that a record goes by, which comes first and is shown at length.

    """
    shared, differing = [], []
    pictured = {name for one in members for name in one.pictured}
    for name in columns:
        if name in pictured:
            continue
        values = [one.values.get(name) for one in members]
        present = [value for value in values if value is not None]
        if not present:
            continue
        if len(present) == len(values) and len({_folded(value) for value in present}) == 1:
            shared.append((name, present[0]))
        else:
            differing.append((name, values))
    widths = {name: _width(values) for name, values in differing}
    # Long texts last, so that a narrow screen shows the rest first.
    differing.sort(key=lambda item: (item[0] != main, widths[item[0]] == "wide"))
    head = join(Markup('<th scope="col">{}</th>').format(name) for name, _ in differing)
    usual = {name: _usual(values) for name, values in differing}
    rows = []
    for k, one in enumerate(members):
        cells = [Markup('<td class="rank">{}</td>').format(k + 1)]
        if pictured:
            cells.append(Markup("<td>{}</td>").format(_picture(one)))
        cells.append(Markup('<td class="mono">{}</td>').format(shorten(_named(one), 40)))
        cells += [
            _cell(values[k], usual[name], widths[name], _CELL if name == main else _SHORT)
            for name, values in differing
        ]
        rows.append(Markup("<tr>{}</tr>").format(join(cells)))
    line = join(
        Markup('<span class="shared"><span class="muted">{}</span> {}</span> ').format(
            name, shorten(value, _COMMON)
        )
        for name, value in shared
    )
    equal = Markup('<p class="equal">Equal in all: {}</p>').format(line) if shared else ""
    picture = Markup("<th></th>") if pictured else ""
    return Markup(
        '{}<div class="scroll"><table class="members"><thead><tr><th></th>{}<th scope="col">id</th>'
        "{}</tr></thead><tbody>{}</tbody></table></div>\n"
    ).format(equal, picture, head, join(rows))


def _cell(value: str | None, usual: str | None, width: str, most: int) -> Markup:
    if value is None:
        return Markup('<td class="{}"><span class="missing">missing</span></td>').format(width)
    text: str | Markup = shorten(value, most)
    if usual is not None and _folded(value) != usual:
        text = Markup("<mark>{}</mark>").format(text)
    return Markup('<td class="{}">{}</td>').format(width, text)


def _width(values: Sequence[str | None]) -> str:
    """Return the class of a column's cells: on one line if all are short."""
    return "line" if max(len(value or "") for value in values) <= _LINE else "wide"


def _usual(values: Sequence[str | None]) -> str | None:
    """Return the value that more than half of the present ones have, if they are short enough."""
    counts = Counter(_folded(value) for value in values if value is not None)
    (value, number), *_ = counts.most_common(1)
    return value if 2 * number > counts.total() and number > 1 else None


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _heading(record: RecordData) -> Markup:
    picture = _picture(record)
    return Markup('{}<span class="mono">{}</span>').format(picture, shorten(_named(record), 60))


def _named(record: RecordData) -> str:
    return f"{record.side}: {record.id}" if record.side else record.id


def _picture(record: RecordData) -> Markup:
    return thumbnail(record.image, f"picture of {record.id}") if record.image else escape("")


def _short(record: RecordData, main: str) -> str:
    return shorten(record.values.get(main) or record.id, _SUMMARY)
