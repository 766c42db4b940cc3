"""Where there is nothing to learn from: equal records match, and no others."""

from __future__ import annotations

import numpy as np

from features.feature_names import column_feature, column_of, measure_of
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.compared_pairs import ComparedPairs

__all__ = ["start_from_exact_matches"]

#: Log-odds that stand for yes and, where anything differs, for a no that outweighs every yes.
_EQUAL, _DIFFERENT = 6.0, -12.0
#: An equal trade number outweighs differences in everything else.
_EQUAL_NUMBER = 1000.0


def start_from_exact_matches(
    compared: ComparedPairs, why: str, trade_number: str | None = None
) -> PairModel:
    """A model by which records match that are equal in all that both state.

    Their names (the main attribute) must both be stated. The weights are fixed, not estimated.

    Args:
        comparison: candidate pairs and their features.
        why: what keeps the engine from learning, a sentence for the user.
        trade_number: column of a trade number; records with an equal one match whatever differs.
    """
    names = compared.names
    main = compared.records.main
    equal = [k for k, name in enumerate(names) if measure_of(name) == "equal"]
    apart = [k for k, name in enumerate(names) if measure_of(name) == "difference"]
    naming = [k for k in equal if column_of(names[k]) == main] or equal
    model = FellegiSunter(
        names,
        columns_=[*equal, *apart],
        edges_=[np.array([0.5 if k in equal else 0.0], np.float32) for k in [*equal, *apart]],
        weights_=[
            *(np.array([0, _DIFFERENT, _EQUAL * (k in naming) / len(naming)]) for k in equal),
            *(np.array([0, 0, _DIFFERENT]) for _ in apart),
        ],
        share_=[1.0] * (len(equal) + len(apart)),
        prior_=-_EQUAL / 2,
    )
    anchor = "nothing: only records that are equal in all they state match"
    if trade_number is not None:
        column = model.columns_.index(names.index(column_feature(trade_number, "equal")))
        model.weights_[column] = np.array([0, _DIFFERENT, _EQUAL_NUMBER])
        anchor += f", and those with an equal {trade_number}"
    account = TrainingAccount(
        TrainingSource.NOTHING, anchor, notes=(f"{why} Give labels, or a larger table.",)
    )
    return PairModel(PairScorer(names, fellegi_sunter=model), training=account)
