"""A record's clusters as a page."""

from __future__ import annotations

from linkage.explanation.data.findings import ClusterFindings, ClusterView, Edge
from linkage.explanation.page.labels import record_name, shown_columns
from linkage.report.data.text import shorten
from linkage.report.page import parts
from linkage.report.page.graph import cluster_graph
from linkage.report.page.page import Markup, Page, Section, escape

__all__ = ["cluster_page"]

#: Columns of a cluster's members that are shown; a record's page has them all.
_MOST_COLUMNS = 7
#: Most records of a cluster that is shown as a graph; edges of a larger one hide each other.
_MOST_IN_GRAPH = 30


def cluster_page(cluster: ClusterFindings, footer: str) -> Page:
    """The page of a record's clusters."""
    several = len(cluster.clusters) > 1
    sections = []
    for number, one in enumerate(cluster.clusters):
        mark, end = (f"-{number}", f" ({one.definition})") if several else ("", "")
        lead = f"{one.size:,} records, confidence {one.confidence:.3f}"
        sections.append(
            Section(f"cluster{mark}", f"Cluster {one.cluster_id}{end}", _members(one), lead)
        )
    told = "; ".join(
        f"{one.definition}: cluster {one.cluster_id} of {one.size:,}" for one in cluster.clusters
    )
    return Page(f"The clusters of {record_name(cluster.record)}", told, sections, footer=footer)


def _members(one: ClusterView) -> Markup:
    columns = shown_columns(one)[:_MOST_COLUMNS]
    rows = [
        (
            number,
            record_name(member.record),
            None if member.mean_score is None else f"{member.mean_score:.3f}",
            *(_cell(member.record.values.get(column)) for column in columns),
        )
        for number, member in enumerate(one.members, 1)
    ]
    out = parts.table(("", "record", "mean score", *columns), rows, numeric={0, 2})
    if one.size > len(one.members):
        out += Markup("<p>The first {} of {:,} records.</p>").format(len(one.members), one.size)
    if one.edges:
        if one.size <= _MOST_IN_GRAPH:
            out += _graph(one)
        out += Markup("<h3>Scored pairs inside</h3>") + _edges(one.edges, one)
        if one.edge_count > len(one.edges):
            text = Markup("<p>The best {} of {:,} pairs.</p>")
            out += text.format(len(one.edges), one.edge_count)
    if one.outside:
        out += Markup("<h3>The nearest records outside</h3>") + _edges(one.outside, one)
    return out


def _graph(one: ClusterView) -> Markup:
    """The cluster's records and scored pairs; the record asked about is set off."""
    names = [record_name(member.record) for member in one.members]
    at = {(m.record.table, m.record.id): k for k, m in enumerate(one.members)}
    left, right = ("left", "right") if one.members[0].record.table else ("", "")
    edges: list[tuple[int, int, float]] = []
    weakest = None
    for edge in one.edges:
        ends = at.get((left, edge.left_id)), at.get((right, edge.right_id))
        if ends[0] is not None and ends[1] is not None:
            weakest = len(edges) if edge == one.weakest else weakest
            edges.append((ends[0], ends[1], edge.score))
    numbers = [str(k + 1) for k in range(len(names))]
    graph = cluster_graph(numbers, edges, weakest, names, marked=[0])
    told = "Numbers are those of the table; a line is thicker the higher its score."
    return graph + Markup('<p class="muted">{}</p>').format(told)


def _cell(value: str | None) -> Markup:
    if value is None:
        return Markup('<span class="missing">missing</span>')
    return escape(shorten(value, 120))


def _edges(edges: list[Edge], one: ClusterView) -> Markup:
    rows = []
    for edge in edges:
        tags = Markup("")
        if edge == one.weakest:
            tags += parts.tag("weakest link", "bad")
        if edge.score < one.threshold:
            tags += parts.tag("below the threshold", "warn")
        blockers = ", ".join(edge.blockers)
        rows.append((edge.left_id, edge.right_id, f"{edge.score:.4f}", tags, blockers))
    return parts.table(("record", "with", "score", "", "proposed by"), rows, numeric={2})
