"""Two records as a page: side by side, scored, proposed and joined."""

from __future__ import annotations

from linkage.explanation.data.findings import (
    AttributeComparison,
    BlockingExplanation,
    ClusterPath,
    DefinitionExplanation,
    PairFindings,
    RivalCandidate,
    ScoreExplanation,
)
from linkage.explanation.page.labels import percent, record_name
from linkage.explanation.page.waterfall import (
    FeatureSum,
    WaterfallBar,
    waterfall,
)
from linkage.report.data.text import shorten
from linkage.report.page import parts
from linkage.report.page.page import Markup, Page, Section

__all__ = ["pair_page"]

_HOLDERS = {"both": "both", "left": "left only", "right": "right only"}


def pair_page(pair: PairFindings, footer: str) -> Page:
    """The page of a pair."""
    several = len(pair.definitions) > 1
    sections = [
        Section("records", "Side by side", _records(pair), short="Records"),
    ]
    for number, one in enumerate(pair.definitions):
        end = f" ({one.name})" if several else ""
        mark = f"-{number}" if several else ""
        sections += [
            Section(f"verdict{mark}", f"Match or not{end}", _verdict(one), short=f"Verdict{end}"),
            Section(
                f"score{mark}",
                f"What pushed the score{end}",
                _score(one.score),
                "Each bar starts where the one above ends. Open an attribute to see its features.",
                short=f"Score{end}",
            ),
            Section(
                f"blocking{mark}",
                f"Who proposed the pair{end}",
                _blocking(one.blocking),
                short=f"Blocking{end}",
            ),
        ]
    told = "; ".join(
        f"{d.name}: {'match' if d.match else 'no match'}, "
        f"{'rule' if d.rules and d.recorded == 0 else percent(d.score.score)}"
        for d in pair.definitions
    )
    return Page(
        f"{record_name(pair.left)} and {record_name(pair.right)}", told, sections, footer=footer
    )


def _records(pair: PairFindings) -> Markup:
    compared = [a for a in pair.attributes if a.kind is not None or a.ignored_by]
    others = [a for a in pair.attributes if a.kind is None and not a.ignored_by]
    headings = (record_name(pair.left), record_name(pair.right))
    out = parts.side_by_side((_aligned(a) for a in compared), headings)
    if others:
        rest = parts.side_by_side((_aligned(a) for a in others), headings)
        out += parts.details(f"{len(others)} columns that are not compared", rest)
    return out


def _aligned(one: AttributeComparison) -> parts.Aligned:
    told = [one.kind or ""]
    if one.state == "differ" and one.alike is not None:
        told.append(f"{100 * one.alike:.0f} % alike")
    if one.ignored_by:
        told.append(f"ignored by {', '.join(one.ignored_by)}")
    shown = Markup("{}<br><small>{}</small>").format(one.name, ", ".join(t for t in told if t))
    left, right = (
        text
        if masked is None
        else Markup("{}<br><small>compared as: {}</small>").format(
            shorten(text or "missing"), masked
        )
        for text, masked in (
            (one.left, one.left_compared),
            (one.right, one.right_compared),
        )
    )
    return parts.Aligned(shown, left, right, one.state)


def _verdict(one: DefinitionExplanation) -> Markup:
    out = parts.note(one.verdict, "good" if one.match else "warn")
    out += parts.figures(
        [
            (
                "match" if one.match else "no match",
                "in one cluster" if one.match else "two clusters",
            ),
            (
                "none" if one.recorded is None else f"{one.recorded:.4f}",
                "score in the run" if one.recorded is not None else "score: never compared",
            ),
            (f"{one.score.threshold:.4f}", "threshold"),
            *(
                [(one.left_cluster, "cluster of both")]
                if one.match
                else [
                    (one.left_cluster, "cluster of the left record"),
                    (one.right_cluster, "cluster of the right record"),
                ]
            ),
        ]
    )
    if one.ignore:
        out += Markup("<p>This definition ignores {}.</p>").format(", ".join(one.ignore))
    for rule in one.rules:
        kind = "declared" if rule.declared else "found in the records"
        out += parts.note(f"{rule.effect} ({kind}): {rule.rule}", "warn")
    for text in one.notes:
        out += Markup("<p>{}</p>").format(text)
    if one.path is not None:
        out += Markup("<h3>The path that joined them</h3>") + _path(one.path, one.name)
    if one.rivals:
        out += Markup("<h3>Their other candidates</h3>") + _rivals(one.rivals)
    return out


def _path(path: ClusterPath, definition: str) -> Markup:
    rows = [
        (
            edge.left_id,
            edge.right_id,
            f"{edge.score:.4f}",
            edge.definition,
            parts.tag("weakest link", "bad") if k == path.weakest else "",
        )
        for k, edge in enumerate(path.edges)
    ]
    return parts.table(("from", "to", "score", "definition", ""), rows, numeric={2})


def _rivals(rivals: list[RivalCandidate]) -> Markup:
    rows = [
        (
            rival.of,
            rival.id,
            f"{rival.score:.4f}",
            parts.tag("in its cluster", "good") if rival.match else "",
        )
        for rival in rivals
    ]
    return parts.table(("of the", "with", "score", ""), rows, numeric={2})


def _score(score: ScoreExplanation) -> Markup:
    steps = waterfall(score)
    scale = max([abs(v) for bar in steps for v in (bar.start, bar.end)] + [1e-9])
    out = parts.bars([_bar(bar, scale) for bar in steps], "waterfall of log-odds")
    cut = parts.figures(
        [
            (f"{score.raw:.3f}", "raw score, log-odds"),
            (f"{score.log_odds:.3f}", "calibrated log-odds"),
            (percent(score.score), "score"),
            (percent(score.threshold), "threshold"),
        ]
    )
    out = cut + out
    for bar in steps:
        if bar.features:
            head = f"{bar.label}: {bar.amount:+.3f} by {len(bar.features)} features"
            out += parts.details(head, _features(bar.features))
    if len(score.parts) > 1:
        rows = [
            (part.source.replace("_", "-"), f"{100 * part.weight:.0f} %", f"{part.score:+.3f}")
            for part in score.parts
        ]
        told = "the lowest counts" if score.lowest else "their weighted mean counts"
        table = parts.table(("part", "weight", "own score"), rows, numeric={1, 2})
        out += parts.details(f"The model's {len(rows)} parts: {told}", table)
    if score.opinion is not None:
        out += parts.details(
            "The model without labels, whose opinion is a feature: "
            f"{score.opinion.log_odds:+.3f} ({percent(score.opinion.score)})",
            _score(score.opinion),
        )
    return out


def _bar(bar: WaterfallBar, scale: float) -> parts.Bar:
    if bar.kind == "sum":
        tone, text = "", f"{bar.end:+.3f}"
    else:
        tone = "muted" if bar.kind == "base" else "good" if bar.amount >= 0 else "bad"
        text = f"{bar.amount:+.3f}"
    label = Markup("<b>{}</b>").format(bar.label) if bar.kind == "sum" else bar.label
    return parts.Bar(label, text, bar.end / scale, bar.start / scale, tone)


def _features(features: list[FeatureSum]) -> Markup:
    rows = [
        (
            one.label,
            one.family,
            None if one.value is None else f"{one.value:.3g}",
            f"{one.amount:+.3f}",
            ", ".join(one.sources),
        )
        for one in features
    ]
    return parts.table(
        ("feature", "family", "value", "log-odds", "part of the model"), rows, numeric={2, 3}
    )


def _blocking(one: BlockingExplanation) -> Markup:
    out = parts.note(one.reason, "good" if one.proposed else "warn")
    budgets = (one.left_budget, one.right_budget)
    if None not in budgets:
        out += Markup(
            "<p>The run kept {} nearest neighbours of the left record and {} of the right one, more"
            " where a cluster filled them. They had {} and {} candidates.</p>"
        ).format(*budgets, one.left_candidates, one.right_candidates)
    if one.ranks:
        rows = [
            (r.space, *(_place(rank, r.depth) for rank in (r.left_rank, r.right_rank)))
            for r in one.ranks
        ]
        out += Markup("<h3>Places in each other's lists</h3>")
        heads = ("list by", "right in left's", "left in right's")
        out += parts.table(heads, rows)
    if one.keys:
        out += Markup("<h3>Keys</h3>")
        found = [(k.blocker, k.key, k.records, _HOLDERS[k.holders]) for k in one.keys]
        out += parts.table(("blocker", "key", "records with it", "has it"), found, numeric={2})
    return out


def _place(rank: int | None, depth: int) -> str:
    return f"not among the {depth}" if rank is None else f"{rank} of {depth}"
