"""The sections on clusters, on pairs to look at, and on variation within groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linkage.report.data.contents import (
    ClusterData,
    DefinitionData,
    ReportData,
    VariationData,
    VariationGroup,
)
from linkage.report.data.text import shorten
from linkage.report.page.graph import cluster_graph
from linkage.report.page.page import Markup, Section, join
from linkage.report.page.parts import Bar, bars, note, table, thumbnail
from linkage.report.page.record_parts import members_table, pair_card, records_beside

__all__ = ["cluster_section", "pair_section", "variation_section"]

_LETTERS = {size: rank for rank, size in enumerate("XXS XS S M L XL XXL 2XL XXXL 3XL 4XL".split())}
_REASONS = {
    "max_cluster_size": "the largest size allowed",
    "cannot": "a rule that says they cannot match",
    "one_per_side": "one record per source",
}


def cluster_section(data: ReportData, definition: DefinitionData, anchor: str) -> Section:
    """Return the section on clusters."""
    most = max((number for _, _, number in definition.sizes), default=1)
    sizes = [
        Bar(_range(low, high, "record"), f"{number:,}", number / max(most, 1))
        for low, high, number in definition.sizes
    ]
    refused = [
        note(f"{number:,} merges that scores asked for were refused by {_REASONS.get(name, name)}.")
        for name, number in definition.refused.items()
    ]
    body = join(
        [
            Markup("<h3>Clusters by size</h3>"),
            bars(sizes, "Number of clusters by number of records"),
            *refused,
            _rules(definition.rules),
            _clusters(data, definition.unsure, "Least sure"),
            _clusters(data, definition.largest, "Largest"),
        ]
    )
    return Section(
        anchor,
        "Clusters",
        body,
        "A cluster's confidence is the mean score over all its pairs, where a pair that was never "
        "proposed counts as weak evidence against. Its weakest link is the edge without which it "
        "would fall apart most easily.",
    )


def pair_section(data: ReportData, definition: DefinitionData, anchor: str) -> Section:
    """Return the section on pairs to look at."""
    parts = []
    for number, one in enumerate(definition.attention):
        total = "" if one.total is None else f" ({one.total:,})"
        parts.append(Markup("<h3>{}{}</h3>").format(one.title, total))
        parts.append(Markup('<p class="muted">{}</p>').format(one.why))
        parts += [
            pair_card(pair, data.records, data.main, is_open=number == 0 and k == 0)
            for k, pair in enumerate(one.pairs)
        ]
    if not parts:
        parts = [Markup("<p>There are no candidate pairs.</p>")]
    return Section(
        anchor,
        "Pairs worth a look",
        join(parts),
        "Words that only one of the two records has are coloured. Why a pair scored as it did, "
        "says: linkage explain OUT ID ID.",
    )


def variation_section(definition: DefinitionData, variation: VariationData, anchor: str) -> Section:
    """Return the section on variation within groups."""
    most = max((groups for _, groups, _ in variation.themes), default=1)
    themes = [
        Bar(
            " × ".join(theme) if theme else "nothing that is ignored",
            f"{groups:,} groups, {records:,} records",
            groups / max(most, 1),
            tone="" if theme else "muted",
        )
        for theme, groups, records in variation.themes
    ]
    return Section(
        anchor,
        "Variants",
        join(
            [
                Markup("<h3>What varies</h3>"),
                bars(themes, "Groups by the attributes that vary in them"),
                Markup("<h3>Some groups</h3>") if variation.groups else "",
                *(_variation_group(group) for group in variation.groups),
            ]
        ),
        f"Records of a group match once {', '.join(definition.ignore)} are ignored. A group's "
        "theme is which of these really vary in it.",
    )


def _rules(rules: Sequence[Mapping[str, object]]) -> Markup:
    """Return the counts of each declared rule; counts that no rule has are left out."""
    if not rules:
        return Markup("")
    columns = [name for name in rules[0] if any(one.get(name) is not None for one in rules)]
    rows = [[_counted(one.get(name)) for name in columns] for one in rules]
    numbers = [
        k for k, name in enumerate(columns) if any(isinstance(one.get(name), int) for one in rules)
    ]
    headings = [name.replace("_", " ") for name in columns]
    return Markup("<h3>Declared rules</h3>") + table(headings, rows, numeric=numbers)


def _counted(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) else value


def _clusters(data: ReportData, clusters: list[ClusterData], title: str) -> Markup:
    if not clusters:
        return Markup("")
    return join(
        [
            Markup("<h3>{}</h3>").format(title),
            *(_cluster(data, cluster) for cluster in clusters),
        ]
    )


def _cluster(data: ReportData, cluster: ClusterData) -> Markup:
    members = [data.records[row] for row in cluster.members]
    titled = (one.values.get(data.main) for one in members)
    title = next((text for text in titled if text), cluster.name)
    summary = Markup(
        '<span class="score">{:.3f}</span><span class="tag">{:,} records</span>'
        '<span class="titles"><span>{}</span></span>'
    ).format(cluster.confidence, cluster.size, shorten(title, 90))
    parts: list[Markup | str] = []
    if cluster.size == 2 and len(members) == 2:
        parts.append(records_beside(*members))
    else:
        names = [str(k + 1) for k in range(len(members))]
        ids = [one.id for one in members]
        graph = cluster_graph(names, cluster.edges, cluster.weakest, ids)
        parts += [
            Markup('<figure class="cluster">{}<figcaption>{}</figcaption></figure>').format(
                graph, _caption(cluster)
            ),
            members_table(members, data.columns, data.main),
        ]
    return Markup(
        '<details class="pair"><summary>{}</summary><p class="muted small">Cluster '
        '<span class="mono">{}</span></p>{}</details>\n'
    ).format(summary, shorten(cluster.name, 80), join(parts))


def _caption(cluster: ClusterData) -> str:
    parts = []
    if len(cluster.members) < cluster.size:
        parts.append(
            f"{len(cluster.members)} of {cluster.size:,} records, those around the weakest link."
        )
    if len(cluster.edges) < cluster.edges_total:
        parts.append(f"{len(cluster.edges)} of {cluster.edges_total:,} scored pairs.")
    if cluster.weakest is not None:
        one, other, score = cluster.edges[cluster.weakest]
        low, high = sorted((one + 1, other + 1))
        parts.append(f"Weakest link: {low}–{high}, {score:.3f}.")
    return " ".join(parts)


def _variation_group(group: VariationGroup) -> Markup:
    picture = thumbnail(group.image, f"picture of {group.name}") if group.image else ""
    head = Markup(
        '<div class="group-head">{}<div><strong>{}</strong><br><span class="muted">{:,} records; '
        "varies in {}</span></div></div>"
    ).format(picture, group.title, group.size, ", ".join(group.theme))
    if group.cells:
        body = _grid(group)
    else:
        body = table(
            ["attribute", "values"],
            [
                (name, ", ".join(f"{v} ({n})" if n > 1 else v for v, n in values))
                for name, values in group.values.items()
            ],
        )
    return Markup('<div class="group">{}{}</div>\n').format(head, body)


def _grid(group: VariationGroup) -> Markup:
    """Return the records by the values of the two attributes that vary."""
    across, down = group.theme
    # Fewer columns than rows, so that it fits a phone.
    if len(group.values[across]) > len(group.values[down]):
        across, down = down, across
    flip = (across, down) != group.theme
    counts = {((b, a) if flip else (a, b)): n for a, b, n in group.cells}
    columns = sorted((value for value, _ in group.values[across]), key=_size_order)
    rows = sorted((value for value, _ in group.values[down]), key=_size_order)
    return table(
        [f"{down} / {across}", *columns],
        [[row, *(counts.get((column, row), "") for column in columns)] for row in rows],
        numeric=range(1, len(columns) + 1),
    )


def _size_order(value: str) -> tuple[int, float, str]:
    """Return a sort key: numbers by size, then clothing sizes from small to large."""
    try:
        return 0, float(value.replace(",", ".")), value
    except ValueError:
        letters = value.strip().upper()
        return 1, _LETTERS.get(letters, len(_LETTERS)), value


def _range(low: int, high: int, unit: str) -> str:
    span = f"{low:,}" if low == high else f"{low:,}–{high:,}"
    return f"{span} {unit}" + ("" if high == 1 else "s")
