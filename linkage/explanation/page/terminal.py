"""Explanations in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from linkage.explanation.data.findings import (
    BlockingExplanation,
    ClusterFindings,
    ClusterView,
    DefinitionExplanation,
    Edge,
    PairFindings,
    RecordView,
    ScoreExplanation,
)
from linkage.explanation.page.labels import percent, record_name, shown_columns
from linkage.explanation.page.waterfall import WaterfallBar, waterfall

__all__ = ["print_explanation"]

_STATES = {"agree": "green", "differ": "red", "unknown": "dim"}
_WIDTH = 24
#: Attributes shown, features of an attribute, and keys of one record alone; a page has them all.
_MOST_ATTRIBUTES, _MOST_FEATURES, _MOST_OWN_KEYS = 8, 3, 5
_MOST_EDGES = 20
_LONGEST_CELL, _LONGEST_MEMBER_CELL = 200, 70


def print_explanation(explanation: PairFindings | ClusterFindings, console: Console) -> None:
    """Prints an explanation."""
    shown = _pair(explanation) if isinstance(explanation, PairFindings) else _cluster(explanation)
    for part in shown:
        console.print(part)


def _pair(pair: PairFindings) -> Iterator[RenderableType]:
    aligned = _table(Text(f"{record_name(pair.left)} and {record_name(pair.right)}"))
    for heading in ("attribute", record_name(pair.left), record_name(pair.right), "", "alike"):
        aligned.add_column(Text(heading), overflow="fold")
    for one in pair.attributes:
        told = one.kind or ""
        if one.ignored_by:
            told += f"{', ' if told else ''}ignored by {', '.join(one.ignored_by)}"
        name = Text.assemble(one.name, (f" {told or 'not compared'}", "dim"))
        alike = "" if one.alike is None else f"{100 * one.alike:.0f} %"
        aligned.add_row(
            name,
            _cell(one.left, one.left_compared),
            _cell(one.right, one.right_compared),
            Text(one.state, style=_STATES[one.state]),
            alike,
        )
    yield aligned
    for definition in pair.definitions:
        yield from _definition(definition, len(pair.definitions) > 1)


def _cell(value: str | None, compared: str | None = None, longest: int = _LONGEST_CELL) -> Text:
    if value is None:
        return Text("missing", style="dim italic")
    out = Text(value if len(value) <= longest else value[: longest - 1] + "…")
    if compared is not None:
        out.append(f"\ncompared as: {compared}", style="dim")
    return out


def _definition(one: DefinitionExplanation, several: bool) -> Iterator[RenderableType]:
    yield Text()
    head = f"{one.name}: " if several else ""
    style = "bold green" if one.match else "bold red"
    yield Text.assemble((f"{head}{'match' if one.match else 'no match'}. ", style), one.verdict)
    for rule in one.rules:
        yield Text(f"rule ({rule.effect}): {rule.rule}", style="yellow")
    for note in one.notes:
        yield Text(note, style="dim")
    if one.path is not None:
        yield _edges("the path that joined them", one.path.edges, one.path.edges[one.path.weakest])
    yield _waterfall(one.score)
    yield from _blocking(one.blocking)
    if one.rivals:
        table = _table(Text("other candidates"))
        for heading in ("of", "with", "score", ""):
            table.add_column(heading)
        for rival in one.rivals:
            told = "in its cluster" if rival.match else ""
            table.add_row(Text(rival.of), Text(rival.id), f"{rival.score:.4f}", told)
        yield table


def _waterfall(score: ScoreExplanation) -> Table:
    bars = waterfall(score)
    values = [v for bar in bars for v in (bar.start, bar.end)]
    low, high = min(values), max([*values, min(values) + 1e-9])
    table = _table(Text(f"what pushed the score to {percent(score.score)}, log-odds"))
    for heading, justify in (("", "left"), ("value", "right"), ("added", "right"), ("", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    attributes = [bar for bar in bars if bar.kind == "attribute"]
    others = attributes[_MOST_ATTRIBUTES:]
    if len(others) > 1:
        at = bars.index(others[0])
        rest = WaterfallBar(
            f"{len(others)} other attributes", "attribute", others[0].start, others[-1].end
        )
        bars = [*bars[:at], rest, *bars[at + len(others) :]]
    for bar in bars:
        is_sum = bar.kind == "sum"
        style = "bold" if is_sum else "green" if bar.amount >= 0 else "red"
        bar_text = _bar_text(bar.start, bar.end, low, high)
        amount = f"{bar.end if is_sum else bar.amount:+.3f}"
        label = Text(bar.label, style="bold" if is_sum else "")
        table.add_row(label, "", Text(amount, style=style), Text(bar_text, style=style))
        for one in bar.features[:_MOST_FEATURES]:
            value = "" if one.value is None else f"{one.value:.3g}"
            table.add_row(Text(f"  {one.label}", style="dim"), value, f"{one.amount:+.3f}", "")
        more = bar.features[_MOST_FEATURES:]
        if more:
            added = sum(one.amount for one in more)
            table.add_row(Text(f"  {len(more)} others", style="dim"), "", f"{added:+.3f}", "")
    return table


def _bar_text(start: float, end: float, low: float, high: float) -> str:
    """A bar between two values, in characters."""
    first, last = (round(_WIDTH * (v - low) / (high - low)) for v in sorted((start, end)))
    return " " * first + "█" * max(last - first, 1)


def _blocking(one: BlockingExplanation) -> Iterator[RenderableType]:
    yield Text()
    yield Text(one.reason)
    if one.ranks:
        told = [
            f"{r.space} {r.left_rank or '-'}/{r.right_rank or '-'} of {r.depth}" for r in one.ranks
        ]
        yield Text(f"places in each other's lists: {'; '.join(told)}", style="dim")
    if None not in (one.left_budget, one.right_budget):
        yield Text(
            f"neighbours kept at first: {one.left_budget} and {one.right_budget}; candidates: "
            f"{one.left_candidates} and {one.right_candidates}",
            style="dim",
        )
    shown = [k for k in one.keys if k.holders == "both"]
    if not shown:
        for holder in ("left", "right"):
            shown += [k for k in one.keys if k.holders == holder][:_MOST_OWN_KEYS]
    if shown:
        table = _table(Text("keys"))
        for heading in ("blocker", "key", "records", "has it"):
            table.add_column(heading, overflow="fold")
        for key in shown:
            table.add_row(Text(key.blocker), Text(key.key), f"{key.records:,}", key.holders)
        yield table


def _cluster(cluster: ClusterFindings) -> Iterator[RenderableType]:
    for one in cluster.clusters:
        yield from _view(one, cluster.record)


def _view(one: ClusterView, record: RecordView) -> Iterator[RenderableType]:
    title = (
        f"{one.definition}: {record_name(record)} is in cluster {one.cluster_id}, "
        f"{one.size:,} records, confidence {one.confidence:.3f}"
    )
    columns = shown_columns(one)[:5]
    table = _table(Text(title))
    for heading in ("record", "mean score", *columns):
        table.add_column(Text(heading), overflow="fold")
    for member in one.members[:_MOST_EDGES]:
        mean = "" if member.mean_score is None else f"{member.mean_score:.3f}"
        cells = [
            _cell(member.record.values.get(column), longest=_LONGEST_MEMBER_CELL)
            for column in columns
        ]
        table.add_row(Text(record_name(member.record)), mean, *cells)
    yield table
    if one.size > _MOST_EDGES:
        yield Text(f"the first {_MOST_EDGES} of {one.size:,}; --html or --json show more")
    if one.edges:
        title = f"{one.edge_count:,} scored pairs inside (threshold {one.threshold:.3f})"
        yield _edges(title, one.edges[:_MOST_EDGES], one.weakest)
    if one.weakest is not None:
        weak = one.weakest
        yield Text(f"weakest link: {weak.left_id} with {weak.right_id} ({weak.score:.4f})")
    if one.outside:
        yield _edges("the nearest records outside", one.outside, None)


def _edges(title: str, edges: list[Edge], weakest: Edge | None) -> Table:
    table = _table(Text(title))
    for heading in ("record", "with", "score", "", "proposed by"):
        table.add_column(heading, overflow="fold")
    for edge in edges:
        told = Text("weakest", style="red") if edge == weakest else Text()
        blockers = ", ".join(edge.blockers)
        table.add_row(
            Text(edge.left_id), Text(edge.right_id), f"{edge.score:.4f}", told, Text(blockers)
        )
    return table


def _table(title: Any) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", pad_edge=False, box=SIMPLE_HEAD
    )
