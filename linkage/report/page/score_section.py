"""The section on scores: their histogram, and the effect of other thresholds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from linkage.report.data.contents import DefinitionData, ScoreData
from linkage.report.page.charts import Line, histogram, lines
from linkage.report.page.page import Markup, Section, join
from linkage.report.page.parts import figures, note

__all__ = ["score_section", "threshold_values"]

_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_SLIDER = Markup(
    '<div class="slider"><label for="{id}">Try another threshold</label>'
    '<input type="range" id="{id}" min="0" max="{most}" value="{value}" step="1">'
    '<button type="button" class="button">Back to {threshold}</button></div>'
)
_READ = Markup('<div><dt>{}</dt><dd data-value="{}">{}</dd></div>')


def score_section(definition: DefinitionData, anchor: str) -> Section:
    """Return the section on scores.

    Args:
        definition: What the match definition came to.
        anchor: Id of the section; the data for its script is in the element ``<anchor>-data``.

    """
    scores = definition.scores
    marker = Markup('<i class="marker" style="left:{:.2f}%"></i>').format(
        100 * -scores.first / len(scores.pairs)
    )
    ticks = _ticks(scores)
    x = np.arange(len(scores.pairs)) / len(scores.pairs)
    values = [threshold_values(scores, k) for k in range(len(scores.pairs))]
    curves: list[Line] = [
        (name, x, np.array([math.nan if v[name] is None else v[name] for v in values], float))
        for name in ("precision", "recall", "f1")
    ]
    measured = scores.held_out is not None
    basis = "on held-out labels" if measured else "to be expected if the scores are right"
    body = join(
        [
            _quality(definition),
            Markup('<div class="threshold" data-scores="{}-data">').format(anchor),
            Markup(
                '<p class="legend"><span class="key all"></span>candidate pairs by score '
                '<span class="key joined"></span>of these in one final cluster '
                '<span class="muted">(logarithmic counts)</span></p>'
            ),
            histogram(
                [("all", np.array(scores.pairs)), ("joined", np.array(scores.joined))],
                x_ticks=ticks,
                label="Number of candidate pairs by score, with the threshold",
                extra=marker,
            ),
            Markup(
                '<p class="legend"><span class="key precision"></span>precision '
                '<span class="key recall"></span>recall <span class="key f1"></span>F1 '
                '<span class="muted">by threshold, {}</span></p>'
            ).format(basis),
            lines(
                curves,
                x_ticks=ticks,
                y_ticks=[(0.0, "0"), (0.5, "0.5"), (1.0, "1")],
                label=f"Precision, recall and F1 by threshold, {basis}",
                extra=marker,
            ),
            _SLIDER.format(
                id=f"{anchor}-slider",
                most=len(scores.pairs),
                value=-scores.first,
                threshold=f"{scores.threshold:.3f}",
            ),
            _readout(scores),
            Markup("</div>"),
        ]
    )
    return Section(
        anchor,
        "Scores and threshold",
        body,
        "A score is the probability that two records match. From the threshold on a pair counts as "
        "a match; clusters then decide which matches fit together.",
    )


def threshold_values(scores: ScoreData, start: int) -> dict[str, Any]:
    """Return the counts and metrics of a threshold at the lower end of a bin.

    Args:
        scores: Pairs by score.
        start: Position of the first bin that counts as a match; the number of bins for none.

    Returns:
        ``threshold``, ``pairs`` at or above it, ``gained`` and ``lost`` against the run's own, and
        ``precision``, ``recall``, ``f1`` (None where undefined): measured on held-out labels where
        there are any, expected from the scores otherwise.

    """
    cut = _log_odds(scores.threshold)
    log_odds = cut + (scores.first + start) * scores.step
    pairs, own = sum(scores.pairs[start:]), sum(scores.pairs[-scores.first :])
    if scores.held_out is not None:
        hits = float(sum(scores.held_out["matches"][start:]))
        chosen = hits + sum(scores.held_out["others"][start:])
        true = float(sum(scores.held_out["matches"]))
    else:
        hits, chosen, true = sum(scores.expected[start:]), float(pairs), sum(scores.expected)
    return {
        "threshold": 1 / (1 + math.exp(-log_odds)),
        "pairs": pairs,
        "gained": max(pairs - own, 0),
        "lost": max(own - pairs, 0),
        "precision": hits / chosen if chosen else None,
        "recall": hits / true if true else None,
        "f1": 2 * hits / (chosen + true) if chosen + true else None,
    }


def _quality(definition: DefinitionData) -> Markup:
    metrics = definition.metrics
    parts = [Markup("<p>The model learned from {}.</p>").format(definition.anchor)]
    if metrics:
        parts.append(
            figures(
                [
                    (f"{metrics['f1']:.3f}", "F1 on held-out labels"),
                    (f"{metrics['precision']:.3f}", "precision"),
                    (f"{metrics['recall']:.3f}", "recall"),
                    (f"{int(metrics['labels']):,}", "labelled pairs"),
                ]
            )
        )
    elif definition.expected:
        names = {"f1": "F1, estimated without labels", "precision": "precision", "recall": "recall"}
        parts.append(figures([(f"{definition.expected[k]:.2f}", names[k]) for k in names]))
    parts += [note(text) for text in definition.notes]
    return join(parts)


def _readout(scores: ScoreData) -> Markup:
    values = threshold_values(scores, -scores.first)
    kind = "" if scores.held_out is not None else "expected "
    rows = [
        ("threshold", "threshold", f"{values['threshold']:.3f}"),
        ("pairs at or above", "pairs", f"{values['pairs']:,}"),
        ("gained", "gained", "0"),
        ("lost", "lost", "0"),
        *((f"{kind}{n}", n.casefold(), _rate(values[n.casefold()])) for n in _RATES),
    ]
    return Markup('<dl class="figures readout" aria-live="polite">{}</dl>').format(
        join(_READ.format(label, name, text) for label, name, text in rows)
    )


_RATES = ("precision", "recall", "F1")


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ticks(scores: ScoreData) -> list[tuple[float, str]]:
    cut = _log_odds(scores.threshold)
    found = []
    for probability in _TICKS:
        place = (_log_odds(probability) - cut) / scores.step - scores.first
        if 0 <= place <= len(scores.pairs):
            text = f"{100 * probability:g} %"
            found.append((place / len(scores.pairs), text))
    return found
