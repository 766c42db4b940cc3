"""The content of a run's report as plain data, from which its page is rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from linkage.results.run_account import BlockingAccount, PolicyAccount, RuleAccount

__all__ = [
    "BlockingData",
    "ClusterData",
    "DefinitionData",
    "PairData",
    "PairList",
    "RecordData",
    "ReportData",
    "RunData",
    "ScoreData",
    "VariationData",
    "VariationGroup",
]


@dataclass(frozen=True)
class RecordData:
    """One record, as far as it is shown.

    Attributes:
        id: Its id.
        side: ``left`` or ``right``; empty where there is one table.
        values: Its values by column, shortened; None where missing.
        image: Its picture as a small ``data:`` URI, empty where it has none.
        pictured: The columns that the picture stands for.

    """

    id: str
    side: str
    values: dict[str, str | None]
    image: str = ""
    pictured: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairData:
    """One pair, by the rows of its records.

    Attributes:
        left, right: Rows; keys of `ReportData.records`.
        score: Probability of a match.
        match: Whether both are in one final cluster.
        blockers: What proposed it, joined by ``+``.

    """

    left: int
    right: int
    score: float
    match: bool
    blockers: str = ""


@dataclass(frozen=True)
class PairList:
    """Pairs to look at for one reason.

    Attributes:
        title: What they have in common.
        why: Why to look at them.
        pairs: The first few of them.
        total: How many there are; None where no number makes sense.

    """

    title: str
    why: str
    pairs: list[PairData]
    total: int | None = None


@dataclass(frozen=True)
class ScoreData:
    """Pairs by score, in bins of equal width in log-odds that start at the threshold.

    Attributes:
        threshold: Probability at which a match begins.
        step: Width of a bin in log-odds.
        first: Number of the lowest bin; bin ``k`` covers log-odds from ``cut + k * step`` on,
            where ``cut`` are those of the threshold. The outermost hold what lies beyond.
        pairs: Candidate pairs in each bin.
        joined: Those of them whose records are in one final cluster.
        expected: Sum of their probabilities: the matches to be expected among them.
        held_out: Where there were labels, ``matches`` and ``others`` among the held-out ones in
            each bin; each pair scored by a model that had not learned from it.

    """

    threshold: float
    step: float
    first: int
    pairs: list[int]
    joined: list[int]
    expected: list[float]
    held_out: dict[str, list[int]] | None = None


@dataclass(frozen=True)
class BlockingData:
    """The candidate pairs: their number, and the blockers that proposed them.

    Attributes:
        report: The blocking report of the run, as in ``run.json``.
        brought: By blocker: ``name``, ``pairs`` it proposed, ``alone`` (only it), ``matches``
            among them in the end, ``matches_alone``.
        degree: Records by number of candidate pairs: (from, to, records).

    """

    report: BlockingAccount
    brought: list[dict[str, Any]]
    degree: list[tuple[int, int, int]]


@dataclass(frozen=True)
class ClusterData:
    """One cluster.

    Attributes:
        name: Its id.
        size: Its records.
        confidence: Mean score over all its pairs.
        members: Rows of the records shown; keys of `ReportData.records`.
        edges: Scored pairs between them, as (position of left, of right, score).
        weakest: Position in ``edges`` of the weakest link: the lowest edge of the maximum spanning
            tree; None where there is no edge.
        edges_total: Scored pairs of the whole cluster.

    """

    name: str
    size: int
    confidence: float
    members: list[int]
    edges: list[tuple[int, int, float]]
    weakest: int | None
    edges_total: int


@dataclass(frozen=True)
class VariationGroup:
    """A group of variants, and the attributes that vary in it.

    Attributes:
        name: Its id.
        title: The text that most of its records go by.
        size: Its records.
        theme: The ignored attributes with several values.
        values: Their values with the number of records, most frequent first.
        cells: Where exactly two vary: records by (value of the first, value of the second).
        image: A picture of its first record that has one.

    """

    name: str
    title: str
    size: int
    theme: tuple[str, ...]
    values: dict[str, list[tuple[str, int]]]
    cells: list[tuple[str, str, int]] = field(default_factory=list)
    image: str = ""


@dataclass(frozen=True)
class VariationData:
    """The ignored attributes that vary within the groups of a definition.

    Attributes:
        themes: (attributes that vary, groups, records), most groups first.
        groups: Some groups of the most frequent themes.

    """

    themes: list[tuple[tuple[str, ...], int, int]]
    groups: list[VariationGroup]


@dataclass(frozen=True)
class DefinitionData:
    """The results of one match definition.

    Attributes:
        name: Of the definition.
        ignore: The columns it ignores.
        counts: ``candidates``, ``matches``, ``clusters``, ``singletons``, ``largest_cluster``.
        anchor: What the model learned from, in words.
        notes: What a user should know of the training.
        one_to_one: Whether a record has at most one partner.
        metrics: Measured on held-out labels, where there were any.
        expected: ``f1, precision, recall`` as estimated without labels; empty where labels tell.
        scores: Pairs by score.
        blocking: Where the candidates came from.
        importance: Share of the boosters' gain by feature, largest first.
        sizes: Clusters by number of records: (from, to, clusters).
        largest: The largest clusters.
        unsure: The clusters of least confidence.
        attention: The pairs most worth a look.
        refused: Merges that constraints refused, by reason.
        rules: What each declared rule did, where there are any.
        treatments: The masking policy of each source's texts, for a definition that ignores.
        variation: What varies within its groups, for a definition that ignores.

    """

    name: str
    ignore: tuple[str, ...]
    counts: dict[str, int]
    anchor: str
    notes: list[str]
    one_to_one: bool
    metrics: dict[str, float]
    expected: dict[str, float]
    scores: ScoreData
    blocking: BlockingData
    importance: list[tuple[str, float]]
    sizes: list[tuple[int, int, int]]
    largest: list[ClusterData]
    unsure: list[ClusterData]
    attention: list[PairList]
    refused: dict[str, int]
    rules: list[RuleAccount]
    treatments: list[PolicyAccount]
    variation: VariationData | None


@dataclass(frozen=True)
class RunData:
    """The run: records, steps, settings, versions.

    Attributes:
        left, right: Records of each table; ``right`` is 0 where there is one.
        notes: What a user should know of the tables.
        seconds: Of all steps.
        peak_memory_mb: Largest resident memory, MiB.
        steps: (name, seconds, times it ran) in the order of their first run.
        attributes: (column, kind, share of rows that have a value, role).
        settings: The settled configuration.
        versions: Of the engine, of Python and of libraries.

    """

    left: int
    right: int
    notes: list[str]
    seconds: float
    peak_memory_mb: float
    steps: list[tuple[str, float, int]]
    attributes: list[tuple[str, str, float, str]]
    settings: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True)
class ReportData:
    """The content of the page of a run.

    Attributes:
        run: What ran.
        definitions: What each match definition came to, strictest first.
        columns: The columns of records that are shown.
        main: The one that a record goes by.
        records: The records shown, by row.

    """

    run: RunData
    definitions: list[DefinitionData]
    columns: list[str]
    main: str
    records: dict[int, RecordData]
