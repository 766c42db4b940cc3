"""The shape of a run's account: what ``run.json`` holds, key by key.

Plain values throughout, so that the account is JSON as it stands.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

__all__ = [
    "BlockingAccount",
    "CatalogAccount",
    "ComponentAccount",
    "DefinitionAccount",
    "EdgeAccount",
    "ExpectedAccount",
    "HeldOutAccount",
    "MaskingAccount",
    "NestingAccount",
    "PolicyAccount",
    "RecordCounts",
    "RuleAccount",
    "RunAccount",
    "StepAccount",
    "what_is_ignored",
]


class RecordCounts(TypedDict):
    """Records of each table; ``right`` is 0 where there is one table."""

    left: int
    right: int


class StepAccount(TypedDict):
    """A step of the run: wall-clock seconds, and the peak resident memory up to its end in MiB."""

    name: str
    seconds: float
    peak_memory_mb: float


class HeldOutAccount(TypedDict):
    """Held-out labelled pairs by score.

    Width of a bin in log-odds, and (bin, matches, others) of each bin that is not empty; bin 0
    starts at the threshold.
    """

    step: float
    bins: list[list[int]]


class ExpectedAccount(TypedDict):
    """What to expect where no label tells, see `linkage.evaluation.expected_accuracy`.

    ``signs``: what it was estimated from, by name.
    """

    f1: float
    precision: float
    recall: float
    signs: dict[str, float]


class EdgeAccount(TypedDict):
    """The weakest edge of one cluster: ids of its records, and their score."""

    left_id: str
    right_id: str
    score: float


class RuleAccount(TypedDict):
    """What a declared rule did, see `linkage.results.rule_counts.report_rules`.

    The last three are None for a ``cannot`` rule.
    """

    rule: str
    declared: str
    records: int
    candidates: int
    against_score: int
    pairs: int | None
    not_candidates: int | None
    kept_apart: int | None


class ComponentAccount(TypedDict):
    """A component of matching pairs that clustering cut.

    Its records, the clusters it was cut into, records of the largest of these, id of the record
    with the most matching pairs across them, and number of those pairs.
    """

    records: int
    clusters: int
    largest: int
    hub: str
    partners: int


class PolicyAccount(TypedDict):
    """The masking policy of one text column in one source.

    See `features.variants.masking_policy.MaskingPolicy.to_dict`.
    """

    column: str
    disciplined: bool
    masked: int
    reason: str
    records: int
    shared: float
    source: str
    spanning: float


class MaskingAccount(TypedDict):
    """Collapsed records of a definition that ignores attributes, and how texts were masked.

    ``merged`` says whether the definition answered on the merged records of a stricter one.
    """

    forms: int
    merged: bool
    treatments: list[PolicyAccount]


class BlockingAccount(TypedDict):
    """Measures of the candidate pairs, see `blocking.report.BlockingReport`."""

    blockers: list[dict[str, Any]]
    completeness: float | None
    found_pairs: int | None
    largest_blocks: list[dict[str, Any]]
    mean: float
    most: int
    p99: float
    pairs: int
    per_record: float
    possible: int
    records: int
    reduction_ratio: float
    smaller: int
    smaller_mean: float
    smaller_most: int
    smaller_p99: float
    true_pairs: int | None


class DefinitionAccount(TypedDict):
    """What one match definition came to.

    Keys:
        ignore: columns that it ignores, and concepts.
        concepts: those that are no columns but words of the main text.
        ignore_text: patterns whose matches the main text loses.
        attributes: kind of each attribute that it compares.
        candidates, matches, clusters, singletons, largest_cluster: counts; a cluster has two
            records or more.
        threshold: probability from which a pair matches.
        one_to_one: whether a record has at most one partner.
        anchor: what the model learned from, in words.
        notes: what a user should know of the training.
        metrics: measured on held-out labels; empty without labels.
        expected: F1, precision and recall estimated without labels; None where labels tell, or
            where nothing was found.
        held_out: held-out labels by score.
        feature_importance: share of the boosters' gain by feature, largest first.
        weakest_edges: weakest edges of the least sure clusters.
        refused_merges: merges that constraints refused, by reason.
        rules: what each declared rule did.
        cut_components: components of matches too large for a cluster.
        blocking: measures of the candidate pairs.
        synonyms: attribute -> groups of values learned to mean the same.
        masking: of a definition that ignores attributes.
        themes: of a definition that ignores attributes: groups by what varies in them.
    """

    ignore: list[str]
    concepts: list[str]
    ignore_text: list[str]
    attributes: dict[str, str]
    candidates: int
    matches: int
    clusters: int
    singletons: int
    largest_cluster: int
    threshold: float
    one_to_one: bool
    anchor: str
    notes: list[str]
    metrics: dict[str, float]
    expected: NotRequired[ExpectedAccount | None]
    held_out: NotRequired[HeldOutAccount | None]
    feature_importance: dict[str, float]
    weakest_edges: list[EdgeAccount]
    refused_merges: dict[str, int]
    rules: list[RuleAccount]
    cut_components: list[ComponentAccount]
    blocking: BlockingAccount
    synonyms: dict[str, list[list[str]]]
    masking: NotRequired[MaskingAccount | None]
    themes: NotRequired[dict[str, int]]


class NestingAccount(TypedDict):
    """How many clusters of a stricter definition straddle clusters of a looser one."""

    stricter: str
    looser: str
    violations: int


class CatalogAccount(TypedDict):
    """A table that the run read: file (None where from memory), rows, columns, SHA-256 of cells.

    ``renamed``: columns of the file that the run gave another name, old name to new name.
    """

    path: str | None
    rows: int
    columns: list[str]
    fingerprint: str
    renamed: NotRequired[dict[str, str]]


class RunAccount(TypedDict):
    """The account of a run.

    Keys:
        records: records of each table.
        config: the settled configuration, in the authored shape.
        seed: random seed.
        versions: of the engine, of Python and of libraries.
        steps: the run's steps in order.
        definitions: by name, strictest first.
        nesting: of each pair of nested definitions.
        notes: what a user should know of the tables.
        decisions: what persons decided of pairs of the tables; only where somebody did.
        catalogs: the tables read; only in ``run.json``.
    """

    records: RecordCounts
    config: dict[str, Any]
    seed: int
    versions: dict[str, str]
    steps: list[StepAccount]
    definitions: dict[str, DefinitionAccount]
    nesting: list[NestingAccount]
    notes: NotRequired[list[str]]
    decisions: NotRequired[list[dict[str, Any]]]
    catalogs: NotRequired[list[CatalogAccount]]


def what_is_ignored(account: DefinitionAccount) -> tuple[str, ...]:
    """What a definition ignores, in words: its columns, concepts and patterns."""
    # Runs of before lack patterns.
    patterns = account.get("ignore_text", ())
    return (*account["ignore"], *(f"text like {pattern}" for pattern in patterns))
