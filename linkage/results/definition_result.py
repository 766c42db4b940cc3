"""The result of one match definition, and its account in ``run.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from blocking.candidates import Candidates
from blocking.report import BlockingReport
from features.compare.synonyms import Synonyms
from features.records import Records
from linkage.clustering.components import cut_components
from linkage.clustering.partition import Clustering
from linkage.config.match_definition import MatchDefinition
from linkage.evaluation.expected_accuracy import ExpectedAccuracy
from linkage.models.pair_model import PairModel
from linkage.results.pair_kernels import equal_at
from linkage.results.run_account import (
    BlockingAccount,
    ComponentAccount,
    DefinitionAccount,
    ExpectedAccount,
    HeldOutAccount,
    MaskingAccount,
    RuleAccount,
)
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["DefinitionResult", "account_of"]

#: Clusters that run.json names as least sure.
_NAMED_CLUSTERS = 20
#: Records of a component of matches that is named where clustering cut it.
_LARGE_COMPONENT = 500


@dataclass(frozen=True)
class DefinitionResult:
    """The result of one match definition, in rows rather than ids."""

    definition: MatchDefinition
    model: PairModel
    candidates: Candidates
    probability: np.ndarray
    clustering: Clustering
    report: BlockingReport
    collapsed: CollapsedRecords | None = None
    rules: list[RuleAccount] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    synonyms: Synonyms = field(default_factory=Synonyms)
    #: Pairs that were compared, of which those worth writing out are kept; these by default.
    compared: int | None = None
    #: By column of identifiers the code of each record's, -1 where it has none.
    identifiers: Mapping[str, np.ndarray] = field(default_factory=dict)
    #: What to expect of it, where no label tells.
    expected: ExpectedAccuracy | None = None


def account_of(result: DefinitionResult, records: Records) -> DefinitionAccount:
    """The account of a match definition in ``run.json``, without its themes.

    Args:
        result: its result.
        records: the rows.
    """
    sizes = np.bincount(result.clustering.labels) if records.n else np.zeros(0, int)
    weakest = result.clustering.weakest
    least = np.argsort(weakest.score, kind="stable")[:_NAMED_CLUSTERS]
    one, other = records.as_given(weakest.left[least], weakest.right[least])
    c, training = result.candidates, result.model.training
    held_out = training.held_out
    masking: MaskingAccount | None = None
    if result.collapsed is not None:
        masking = cast("MaskingAccount", result.collapsed.account())
    return {
        "ignore": list(result.definition.ignored),
        "concepts": list(result.definition.concepts),
        "ignore_text": list(result.definition.ignore_text),
        "attributes": {
            n: k.value for n, k in records.kinds.items() if n not in result.definition.ignore
        },
        "candidates": len(c) if result.compared is None else result.compared,
        "matches": int(np.sum(equal_at(result.clustering.labels, c.left, c.right))),
        "clusters": int(np.sum(sizes > 1)),
        "singletons": int(np.sum(sizes == 1)),
        "largest_cluster": int(sizes.max(initial=0)),
        "threshold": result.model.threshold,
        "one_to_one": result.model.one_to_one,
        "anchor": training.anchor,
        "notes": [*training.notes, *result.notes],
        "metrics": dict(training.metrics),
        "expected": _expected_account(result.expected),
        "held_out": cast("HeldOutAccount | None", held_out.to_dict() if held_out else None),
        "feature_importance": dict(list(result.model.scorer.importance().items())[:50]),
        "weakest_edges": [
            {
                "left_id": records.ids[one[k]],
                "right_id": records.ids[other[k]],
                "score": float(weakest.score[least[k]]),
            }
            for k in range(len(least))
        ],
        "refused_merges": result.clustering.cuts.counts,
        "rules": result.rules,
        "cut_components": _cut_components(result, records),
        "blocking": cast("BlockingAccount", result.report.to_dict()),
        "synonyms": result.synonyms.groups,
        "masking": masking,
    }


def _expected_account(expected: ExpectedAccuracy | None) -> ExpectedAccount | None:
    if expected is None:
        return None
    return {
        "f1": expected.f1,
        "precision": expected.precision,
        "recall": expected.recall,
        "signs": dict(expected.signs),
    }


def _cut_components(result: DefinitionResult, records: Records) -> list[ComponentAccount]:
    """Components of matches too large for a cluster, with the record that held each together."""
    found = cut_components(
        result.clustering.labels,
        result.candidates.left,
        result.candidates.right,
        result.probability >= result.model.threshold,
        larger_than=_LARGE_COMPONENT,
    )
    return [
        {
            "records": one.records,
            "clusters": one.clusters,
            "largest": one.largest,
            "hub": records.ids[one.hub],
            "partners": one.partners,
        }
        for one in found
    ]
