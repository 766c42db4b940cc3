"""The page of a catalog's profile: `ProfileData` as sections."""

from __future__ import annotations

import numpy as np

from linkage.report.data.column_data import ColumnData, Distribution
from linkage.report.data.profile_data import ProfileData
from linkage.report.page.charts import histogram
from linkage.report.page.page import Markup, Page, Section, join
from linkage.report.page.parts import Bar, bars, figures, note, table, tag

__all__ = ["profile_page"]


def profile_page(data: ProfileData) -> str:
    """Return the page of a profile as one HTML file.

    Args:
        data: What it shows.

    """
    return Page(
        title=f"Profile of {data.name}",
        subtitle=f"{data.rows:,} rows, {len(data.columns)} columns",
        sections=[_overview(data), _odd(data), _keys(data), _columns(data)],
        footer="catalog-linkage. This file needs nothing else and asks for nothing.",
    ).render()


def _overview(data: ProfileData) -> Section:
    cells = data.rows * len(data.columns)
    filled = sum(column.filled for column in data.columns)
    odd = sum(bool(column.suspicions) for column in data.columns)
    keys = sum(column.key.likely for column in data.columns)
    rows = [
        (
            Markup('<a href="#column-{}">{}</a>').format(k, column.name),
            column.kind or "id",
            _share(column.filled / max(data.rows, 1)),
            f"{column.distinct:,}",
            column.why,
        )
        for k, column in enumerate(data.columns)
    ]
    return Section(
        "overview",
        "Overview",
        join(
            [
                figures(
                    [
                        (f"{data.rows:,}", "rows"),
                        (f"{len(data.columns)}", "columns"),
                        (f"{100 * filled / max(cells, 1):.0f} %", "of all cells filled"),
                        (f"{keys}", "likely keys"),
                        (f"{odd}", "suspicious columns"),
                    ]
                ),
                table(["column", "kind", "filled", "distinct", "because"], rows, numeric=(2, 3)),
            ]
        ),
    )


def _odd(data: ProfileData) -> Section:
    told = [
        note(Markup("<strong>{}</strong> {}").format(column.name, text), "warn")
        for column in data.columns
        for text in column.suspicions
    ]
    body = join(told) if told else Markup("<p>Nothing stands out.</p>")
    return Section("suspicious", "Suspicious columns", body, short="Suspicious")


def _keys(data: ProfileData) -> Section:
    ranked = sorted(data.columns, key=lambda c: (not c.key.likely, -c.key.share))
    rows = [
        (
            column.name,
            tag("likely", "good") if column.key.likely else "",
            f"{100 * column.key.share:.1f} %",
            f"{column.key.rows_a_value:,.1f}",
            f"{column.key.pairs:,}",
            "; ".join(f"{value} ({count:,})" for value, count in column.key.largest[:3]),
        )
        for column in ranked
        if column.key.pairs
    ]
    headings = ["column", "", "rows joined", "rows a value", "pairs", "largest blocks"]
    body = table(headings, rows, numeric=(2, 3, 4))
    if not rows:
        body = Markup("<p>No two rows have an equal value in any column.</p>")
    return Section(
        "keys",
        "Keys",
        body,
        "What comparing rows with an equal value would mean: how many rows have a partner, how "
        "many rows share a value on average, and how many pairs that makes.",
    )


def _columns(data: ProfileData) -> Section:
    return Section(
        "columns",
        "Columns",
        join(_column(column, k, data.rows) for k, column in enumerate(data.columns)),
    )


def _column(column: ColumnData, number: int, rows: int) -> Markup:
    facts = (
        f"{column.kind or 'id'} ({column.why}); {100 * column.filled / max(rows, 1):.1f} % filled, "
        f"{column.distinct:,} distinct"
    )
    most = max((count for _, count in column.top), default=1)
    if most == 1:
        listed = join(Markup("<li>{}</li>").format(value) for value, _ in column.top)
        left = [Markup('<h4>Some values, all unique</h4><ul class="plain">{}</ul>').format(listed)]
    else:
        shown = [Bar(value, f"{count:,}", count / most) for value, count in column.top]
        left = [Markup("<h4>Most frequent</h4>"), bars(shown, f"Values of {column.name}")]
    right = [
        _spread(column.numbers, "Years" if column.kind == "date" else "Numbers"),
        _spread(column.lengths, "Characters"),
    ]
    body = Markup('<div class="columns"><div>{}</div><div>{}</div></div>').format(
        join(left), join(right)
    )
    return Markup(
        '<div class="group" id="column-{}"><strong>{}</strong> <span class="muted">{}</span>{}'
        "</div>\n"
    ).format(number, column.name, facts, body if column.filled else "")


def _spread(spread: Distribution | None, title: str) -> Markup:
    if spread is None:
        return Markup("")
    if spread.low == spread.high:
        return Markup('<h4>{}</h4><p class="muted small">{} everywhere</p>').format(
            title, _number(spread.low)
        )
    line = (
        f"from {_number(spread.low)} to {_number(spread.high)}, median {_number(spread.median)}, "
        f"nine in ten between {_number(spread.p5)} and {_number(spread.p95)}"
    )
    middle = (spread.start + spread.end) / 2
    if spread.logarithmic:
        middle = (spread.start * spread.end) ** 0.5
    ticks = [(0.0, _number(spread.start)), (0.5, _number(middle)), (1.0, _number(spread.end))]
    chart = histogram(
        [("joined", np.array(spread.counts))],
        x_ticks=ticks,
        label=f"{title}: {line}",
        kind="small",
        logarithmic=False,
    )
    return Markup('<h4>{}</h4>{}<p class="muted small">{}</p>').format(title, chart, line)


def _share(share: float) -> Markup:
    return Markup(
        '{:.0f} % <span class="track mini"><i style="left:0;width:{:.1f}%"></i></span>'
    ).format(100 * share, 100 * share)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
