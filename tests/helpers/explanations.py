"""Explanations made by hand, full of markup, so that views can be tested without a run."""

from __future__ import annotations

from dataclasses import replace

from linkage.explanation.data.findings import (
    AttributeComparison,
    BlockingExplanation,
    BlockKey,
    ClusterPath,
    ClusterView,
    Contribution,
    DefinitionExplanation,
    Edge,
    ListRank,
    Member,
    RecordView,
    RivalCandidate,
    RuleFinding,
    ScoreExplanation,
    ScorePart,
    ScoreStep,
)
from linkage.explanation.explanations import ClusterExplanation, PairExplanation

__all__ = ["EVIL", "cluster", "contribution", "pair", "score"]

EVIL = "</td></script><script>alert('x')</script><img src=x onerror=\"alert(1)\">[red]'&"


def contribution(name: str, amount: float, attribute: str = EVIL, **more: object) -> Contribution:
    plain = {"label": f"label of {name}", "family": "words", "source": "boosters", "value": 0.5}
    return Contribution(name=name, attribute=attribute, amount=amount, **{**plain, **more})  # type: ignore[arg-type]


def score(opinion: ScoreExplanation | None = None) -> ScoreExplanation:
    told = [
        contribution("a.equal", 2.0),
        contribution("a.equal", 0.5, source="fellegi_sunter", value=None),
        contribution("b.equal", -1.0, "price"),
    ]
    steps = [ScoreStep("calibration", "calibration", 0.25)]
    parts = [ScorePart("boosters", 0.5, 1.0), ScorePart("fellegi_sunter", 0.5, 2.0)]
    return ScoreExplanation(-0.5, told, 1.0, steps, 1.25, 0.7773, 0.5, parts, opinion=opinion)


def pair() -> PairExplanation:
    left = RecordView(EVIL, "left", {"id": EVIL, "title": EVIL, "note": EVIL})
    right = RecordView("b", "right", {"id": "b", "title": f"{EVIL} too", "note": None})
    attributes = [
        AttributeComparison(
            "title", "text", EVIL, f"{EVIL} too", "differ", 0.9, ["variant"], EVIL, None
        ),
        AttributeComparison(EVIL, None, EVIL, None, "unknown"),
    ]
    keys = [BlockKey("codes", EVIL, 2, "both"), BlockKey("rare words", EVIL, 9, "left")]
    ranks = [ListRank("words", 3, None, 60)]
    blocking = BlockingExplanation(True, ["codes"], "Proposed by codes.", keys, ranks, 10, 10, 4, 5)
    edges = [Edge(EVIL, "c", 0.9, "exact"), Edge("c", "b", 0.6, "exact", ["codes"])]
    one = DefinitionExplanation(
        name="exact",
        ignore=["size"],
        match=True,
        verdict=f"They match, says {EVIL}.",
        left_cluster=EVIL,
        right_cluster=EVIL,
        recorded=0.7773,
        score=score(score()),
        blocking=blocking,
        rules=[RuleFinding("must", EVIL, declared=True)],
        path=ClusterPath(edges, 1),
        rivals=[RivalCandidate("left", EVIL, 0.5, match=True)],
        notes=[EVIL],
    )
    return PairExplanation(left, right, attributes, [one, replace(one, name=EVIL, match=False)])


def cluster() -> ClusterExplanation:
    record = RecordView(EVIL, "", {"id": EVIL, "title": f"{EVIL} too", "empty": None})
    edge = Edge(EVIL, "b", 0.4, "exact", ["codes"])
    members = [Member(record, 1, 0.4), Member(RecordView("b", "", {"title": None}), 0, None)]
    view = ClusterView("exact", EVIL, 0.4, 0.5, 300, members, [edge], 500, edge, [edge])
    small = replace(view, definition="variant", size=2, edge_count=1)
    return ClusterExplanation(record, [view, small])
