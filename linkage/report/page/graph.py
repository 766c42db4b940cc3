"""A cluster as a small graph of its edges, the weakest marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from linkage.report.page.page import Markup, join

__all__ = ["cluster_graph"]

_WIDTH, _HEIGHT, _MARGIN, _RADIUS = 480, 320, 24, 12


def cluster_graph(
    labels: Sequence[str],
    edges: Sequence[tuple[int, int, float]],
    weakest: int | None = None,
    titles: Sequence[str] = (),
    marked: Sequence[int] = (),
) -> Markup:
    """Return a drawing of records and the scored pairs between them.

    Places are those of a spring layout (Fruchterman and Reingold, 1991), in which an edge pulls by
    its score.

    Args:
        labels: A few characters for each record.
        edges: (record, record, score) by position in ``labels``.
        weakest: Position of the edge to be marked.
        titles: Shown when a record is pointed at.
        marked: Records to be set off, such as those of a pair asked about.

    """
    place = _layout(len(labels), edges)
    order = sorted(range(len(edges)), key=lambda k: (k == weakest, edges[k][2]))
    shapes = []
    for k in order:
        one, other, score = edges[k]
        shapes.append(
            Markup(
                '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" '
                'style="stroke-width:{:.2f};stroke-opacity:{:.2f}">'
                "<title>{}–{}: {:.3f}</title></line>"
            ).format(
                "weakest" if k == weakest else "edge",
                *place[one],
                *place[other],
                1 + 1.5 * score,
                1 if k == weakest else 0.15 + 0.6 * score,
                labels[one],
                labels[other],
                score,
            )
        )
    if weakest is not None:
        one, other, score = edges[weakest]
        middle = (place[one] + place[other]) / 2
        shapes.append(
            Markup('<text class="edge-score" x="{:.1f}" y="{:.1f}">{:.2f}</text>').format(
                middle[0], middle[1] - 5, score
            )
        )
    for k, label in enumerate(labels):
        shapes.append(
            Markup(
                '<g class="{}"><title>{}</title><circle cx="{:.1f}" cy="{:.1f}" r="{}"></circle>'
                '<text x="{:.1f}" y="{:.1f}">{}</text></g>'
            ).format(
                "node marked" if k in marked else "node",
                titles[k] if titles else label,
                *place[k],
                _RADIUS,
                place[k][0],
                place[k][1] + 4,
                label,
            )
        )
    return Markup(
        '<svg class="graph" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>\n'
    ).format(
        _WIDTH, _HEIGHT, f"{len(labels)} records, {len(edges)} scored pairs", join(shapes)
    )  # fmt: skip


def _layout(number: int, edges: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Return the place of each record in the drawing, float64, shape (number, 2)."""
    import networkx as nx

    middle = np.array([_WIDTH / 2, _HEIGHT / 2])
    if number == 1:
        return middle[None, :]
    graph = nx.Graph()
    graph.add_nodes_from(range(number))
    graph.add_weighted_edges_from((a, b, 0.05 + score) for a, b, score in edges)
    # A ring to start from, so that the same cluster is always drawn the same.
    found = nx.spring_layout(
        graph, pos=nx.circular_layout(graph), k=1.6 / np.sqrt(number), iterations=80, seed=0
    )
    place = np.array([found[k] for k in range(number)])
    low, high = place.min(axis=0), place.max(axis=0)
    room = middle - _MARGIN
    scaled: np.ndarray = (place - (low + high) / 2) / np.maximum((high - low) / 2, 1e-9)
    return middle + scaled * np.where(high - low > 1e-6, room, 0)
