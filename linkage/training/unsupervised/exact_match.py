"""Models that only accept exact matches, for tables from which nothing can be learned."""

from __future__ import annotations

import numpy as np

from features.feature_names import column_feature, column_of, measure_of
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["start_from_equal_rows", "start_from_exact_matches"]

#: Log-odds of equal values, and of a difference: one difference outweighs all equal values.
_EQUAL, _DIFFERENT = 6.0, -12.0
#: Log-odds of an equal trade number: outweighs differences in all other attributes.
_EQUAL_NUMBER = 1000.0


def start_from_exact_matches(
    compared: ComparedPairs, reason: str, trade_number: str | None = None
) -> PairModel:
    """Return a model by which records match whose stated values are all equal.

    Both records must state the main attribute (the name). The weights are those of a Fellegi-Sunter
    model, but fixed, not estimated.

    Args:
        compared: candidate pairs and their features.
        reason: why the engine cannot learn from the candidates, a sentence for the user.
        trade_number: column of a trade number; records with an equal one match whatever else
            differs.
    """
    names = compared.names
    main = compared.records.main
    equal = [k for k, name in enumerate(names) if measure_of(name) == "equal"]
    differing = [k for k, name in enumerate(names) if measure_of(name) == "difference"]
    main_equal = [k for k in equal if column_of(names[k]) == main] or equal
    model = FellegiSunter(
        names,
        columns_=[*equal, *differing],
        edges_=[np.array([0.5 if k in equal else 0.0], np.float32) for k in [*equal, *differing]],
        weights_=[
            *(
                np.array([0, _DIFFERENT, _EQUAL * (k in main_equal) / len(main_equal)])
                for k in equal
            ),
            *(np.array([0, 0, _DIFFERENT]) for _ in differing),
        ],
        share_=[1.0] * (len(equal) + len(differing)),
        prior_=-_EQUAL / 2,
    )
    anchor = "nothing: only records that are equal in all they state match"
    if trade_number is not None:
        column = model.columns_.index(names.index(column_feature(trade_number, "equal")))
        model.weights_[column] = np.array([0, _DIFFERENT, _EQUAL_NUMBER])
        anchor += f", and those with an equal {trade_number}"
    account = TrainingAccount(
        TrainingSource.NOTHING, anchor, notes=(f"{reason} Give labels, or a larger table.",)
    )
    return PairModel(PairScorer(names, fellegi_sunter=model), training=account)


def start_from_equal_rows(
    compared: ComparedPairs, reason: str, trade_number: str | None = None
) -> PairModel:
    """Return a model by which rows match that are equal, or have an equal trade number.

    A value that one of two records lacks is no agreement here: among the variants of a product it
    is most likely another variant's. What is equal is joined by the clustering itself.

    Args:
        compared: candidate pairs and their features.
        reason: why no others match, a sentence for the user.
        trade_number: column of a trade number.
    """
    anchor = "nothing: only rows that are equal match"
    evidence = None
    if trade_number is not None:
        equal = column_feature(trade_number, "equal")
        evidence = IdentifierEvidence(equal, equal=_EQUAL_NUMBER, differ=0.0)
        anchor += f", and those with an equal {trade_number}"
    scorer = PairScorer(compared.names, identifier=evidence, intercept=-_EQUAL)
    account = TrainingAccount(TrainingSource.NOTHING, anchor, notes=(reason,))
    return PairModel(scorer, training=account)
