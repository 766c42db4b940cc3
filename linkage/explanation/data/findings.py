"""The content of explanations as plain data: dataclasses of strings, numbers and lists.

Log-odds are natural logarithms of odds; a score is a calibrated probability of a match. None stands
for a missing value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from linkage.explanation.data.codec import PlainData
from linkage.explanation.data.score_data import (
    Contribution,
    ScoreExplanation,
    ScorePart,
    ScoreStep,
)

__all__ = [
    "AttributeComparison",
    "BlockKey",
    "BlockingExplanation",
    "ClusterFindings",
    "ClusterPath",
    "ClusterView",
    "Contribution",
    "DefinitionExplanation",
    "Edge",
    "ListRank",
    "Member",
    "PairFindings",
    "RecordView",
    "RivalCandidate",
    "RuleFinding",
    "ScoreExplanation",
    "ScorePart",
    "ScoreStep",
]


@dataclass(frozen=True)
class RecordView:
    """One record as the catalog has it.

    Attributes:
        id: its id.
        table: ``left`` or ``right`` in a linkage, empty in one table.
        values: its cells by column, None where missing.
    """

    id: str
    table: str
    values: dict[str, str | None]


@dataclass(frozen=True)
class AttributeComparison:
    """One attribute of two records beside each other.

    Attributes:
        name: the column.
        kind: its kind; None where it is not compared.
        left, right: the cells.
        state: ``agree``, ``differ`` or ``unknown`` (a cell is missing, or cannot be read).
        alike: how alike the values are, from 0 to 1; None where unknown or not meant to be alike.
        ignored_by: match definitions that ignore it.
        left_compared, right_compared: what of a text was compared, where mentions of ignored values
            were masked in it.
    """

    name: str
    kind: str | None
    left: str | None
    right: str | None
    state: str
    alike: float | None = None
    ignored_by: list[str] = field(default_factory=list)
    left_compared: str | None = None
    right_compared: str | None = None


@dataclass(frozen=True)
class BlockKey:
    """A key by which a blocker finds records.

    Attributes:
        blocker: its name.
        key: the key in words.
        records: records that have it.
        holders: ``both``, ``left`` or ``right``.
    """

    blocker: str
    key: str
    records: int
    holders: str


@dataclass(frozen=True)
class ListRank:
    """Where two records stand in each other's lists of nearest neighbours in one space.

    Attributes:
        space: name of the space.
        left_rank: place of the right record in the left one's list, from 1; None where it is not in
            it.
        right_rank: the other way round.
        depth: length of the lists.
    """

    space: str
    left_rank: int | None
    right_rank: int | None
    depth: int


@dataclass(frozen=True)
class BlockingExplanation:
    """The blockers that proposed a pair, or why none did.

    Attributes:
        proposed: whether the pair was a candidate of the run.
        blockers: which blockers proposed it.
        reason: the same in a sentence.
        keys: keys that both records have, then those of one alone.
        ranks: places in the lists of nearest neighbours; empty where they were not looked up.
        left_budget, right_budget: neighbours that the run keeps of each record at first.
        left_candidates, right_candidates: candidates that each record had in the run.
    """

    proposed: bool
    blockers: list[str]
    reason: str
    keys: list[BlockKey]
    ranks: list[ListRank]
    left_budget: int | None
    right_budget: int | None
    left_candidates: int
    right_candidates: int


@dataclass(frozen=True)
class RuleFinding:
    """A rule that decides beside the score.

    Attributes:
        effect: ``must`` or ``cannot``.
        rule: the rule in words.
        declared: whether the user declared it; otherwise the engine found it in the records.
    """

    effect: str
    rule: str
    declared: bool


@dataclass(frozen=True)
class Edge:
    """A scored pair.

    Attributes:
        left_id, right_id: its records.
        score: its score.
        definition: match definition that scored it.
        blockers: blockers that proposed it.
    """

    left_id: str
    right_id: str
    score: float
    definition: str
    blockers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ClusterPath:
    """The path between two records of a cluster whose weakest edge is strongest.

    Attributes:
        edges: its edges in order, each from where the one before ended.
        weakest: position of the weakest.
    """

    edges: list[Edge]
    weakest: int


@dataclass(frozen=True)
class RivalCandidate:
    """A rival candidate: another candidate pair of one of the two records.

    Attributes:
        of: the record, ``left`` or ``right``.
        id: the other record.
        score: score of the two.
        match: whether the two are in one cluster.
    """

    of: str
    id: str
    score: float
    match: bool


@dataclass(frozen=True)
class DefinitionExplanation:
    """The findings on a pair under one match definition.

    Attributes:
        name: the definition.
        ignore: columns that it ignores.
        match: whether both records are in one cluster.
        verdict: why, in a sentence.
        left_cluster, right_cluster: ids of their clusters.
        recorded: the run's score of the pair; None where it was no candidate.
        score: the score as a sum.
        blocking: the blockers that proposed the pair.
        rules: the rules that apply.
        path: for two records of one cluster the path that joined them; None where they are an edge
            at or over the threshold.
        rivals: the best other candidates of both records.
        notes: remarks, in sentences.
    """

    name: str
    ignore: list[str]
    match: bool
    verdict: str
    left_cluster: str
    right_cluster: str
    recorded: float | None
    score: ScoreExplanation
    blocking: BlockingExplanation
    rules: list[RuleFinding]
    path: ClusterPath | None
    rivals: list[RivalCandidate]
    notes: list[str]


@dataclass(frozen=True)
class PairFindings(PlainData):
    """Why two records match, or do not.

    Attributes:
        left, right: the records.
        attributes: their attributes beside each other, in the catalog's order.
        definitions: what each match definition came to, strictest first.
    """

    left: RecordView
    right: RecordView
    attributes: list[AttributeComparison]
    definitions: list[DefinitionExplanation]


@dataclass(frozen=True)
class Member:
    """A record of a cluster.

    Attributes:
        record: the record.
        edges: scored pairs that it has in the cluster.
        mean_score: mean score of these; None where it has none.
    """

    record: RecordView
    edges: int
    mean_score: float | None


@dataclass(frozen=True)
class ClusterView:
    """A cluster under one match definition.

    Attributes:
        definition: the definition.
        cluster_id: the cluster.
        confidence: mean score over all its pairs, a pair never compared counted as weak evidence
            against.
        threshold: score at which a match begins.
        size: number of its records.
        members: its records; the first of them where there are many.
        edges: its scored pairs, best first; the first of them where there are many.
        edge_count: number of its scored pairs.
        weakest: the weakest edge that holds it together (of its maximum spanning tree).
        outside: the best scored pairs between the cluster and records outside of it.
    """

    definition: str
    cluster_id: str
    confidence: float
    threshold: float
    size: int
    members: list[Member]
    edges: list[Edge]
    edge_count: int
    weakest: Edge | None
    outside: list[Edge]


@dataclass(frozen=True)
class ClusterFindings(PlainData):
    """The clusters of a record.

    Attributes:
        record: the record.
        clusters: its cluster under each match definition, strictest first.
    """

    record: RecordView
    clusters: list[ClusterView]
