"""Charts as inline SVG.

A plotting library was weighed. Vega-Lite bundled inline (Altair with vl-convert-python 1.9) adds
0.9 MB to every page and 84 MB to every installation, and by default compiles text to code in the
browser, which would give up the policy that keeps text of a catalog from ever running. What a
report needs is bars and lines on one axis: a few kilobytes of markup that follow the page's
colours, print, and are there without scripts. So that text keeps its size on a phone, only the
marks are SVG, stretched to the width there is; labels are HTML, placed in percent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from linkage.report.page.page import Markup, join

__all__ = ["Line", "Ticks", "counted", "histogram", "lines", "log_ticks"]

#: Position in parts of the axis, and label.
Ticks = Sequence[tuple[float, str]]
#: CSS class of a line, and its points: x and y in parts of the axes.
Line = tuple[str, np.ndarray, np.ndarray]

_PLOT = Markup(
    '<div class="plot {kind}" role="img" aria-label="{label}"><div class="area">'
    '<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{marks}</svg>'
    "{grid}{extra}</div></div>\n"
)


def histogram(
    series: Sequence[tuple[str, np.ndarray]],
    *,
    x_ticks: Ticks,
    label: str,
    extra: Markup | str = "",
    kind: str = "tall",
    logarithmic: bool = True,
) -> Markup:
    """Return a histogram.

    Args:
        series: CSS class and counts of equal bins; later ones are drawn over earlier ones.
        x_ticks: Of the horizontal axis.
        label: What the chart shows, for those who cannot see it.
        extra: More to place in the plot's area.
        kind: CSS class of the plot.
        logarithmic: Whether the scale of counts is: most pairs are no matches, by far.

    """
    most = max((int(counts.max(initial=0)) for _, counts in series), default=0)
    marks = []
    for name, counts in series:
        height = 1000 * counts / max(most, 1)
        if logarithmic:
            height = 1000 * np.log10(1 + counts) / math.log10(1 + max(most, 1))
        width = 1000 / max(len(counts), 1)
        path = "".join(
            f"M{k * width:.1f},1000v{-tall:.1f}h{width * 0.86:.1f}v{tall:.1f}z"
            for k, tall in enumerate(height.tolist())
            if tall
        )
        marks.append(Markup('<path class="{}" d="{}"></path>').format(name, path))
    return _PLOT.format(
        kind=kind,
        label=label,
        marks=join(marks),
        grid=_grid(x_ticks, log_ticks(most) if logarithmic else [(1.0, counted(most))]),
        extra=extra,
    )


def lines(
    curves: Sequence[Line],
    *,
    x_ticks: Ticks,
    y_ticks: Ticks,
    label: str,
    extra: Markup | str = "",
    kind: str = "low",
) -> Markup:
    """Return lines on common axes; arguments as of `histogram`."""
    marks = []
    for name, x, y in curves:
        points = " ".join(
            f"{1000 * a:.1f},{1000 * (1 - b):.1f}"
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
            if math.isfinite(b)
        )
        marks.append(Markup('<polyline class="{}" points="{}"></polyline>').format(name, points))
    return _PLOT.format(
        kind=kind, label=label, marks=join(marks), grid=_grid(x_ticks, y_ticks), extra=extra
    )


def log_ticks(most: int) -> list[tuple[float, str]]:
    """Return ticks of a scale of log10(1 + count) up to a count."""
    top = math.log10(1 + max(most, 1))
    powers = [10**k for k in range(int(math.log10(max(most, 1))) + 1)]
    if len(powers) > 4:
        powers = powers[(len(powers) - 1) % 2 :: 2]
    return [(math.log10(1 + power) / top, counted(power)) for power in powers]


def counted(number: int) -> str:
    """Return a round count in few characters, such as ``10k``."""
    for size, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            share = number / size
            return f"{share:.0f}{name}" if share >= 10 else f"{share:.2g}{name}"
    return str(number)


def _grid(x_ticks: Ticks, y_ticks: Ticks) -> Markup:
    across = join(
        Markup('<span class="y" style="bottom:{:.2f}%">{}</span>').format(100 * place, text)
        for place, text in y_ticks
    )
    # A narrow screen has no room for the second of many ticks, and the one before the last.
    minor = (1, len(x_ticks) - 2) if len(x_ticks) > 5 else ()
    along = join(
        Markup('<span class="x{}" style="left:{:.2f}%">{}</span>').format(
            " minor" if k in minor else "", 100 * place, text
        )
        for k, (place, text) in enumerate(x_ticks)
    )
    return across + along
