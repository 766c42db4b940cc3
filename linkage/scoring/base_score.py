"""Base score: the score of a model learned without labels, as features for a model with labels."""

from __future__ import annotations

import numpy as np

from features.feature_names import engine_feature, group_of
from linkage.errors import ModelError, shorten
from linkage.models.pair_model import PairModel
from linkage.scoring.rival_candidates import RivalCandidates

__all__ = ["AGAINST_RIVALS", "LOG_ODDS", "BaseScore", "base_model_columns", "is_base_score_feature"]

_GROUP = "prior"
#: Features: the log-odds of the base model; those given the pair's rivals, and the pair's leads.
LOG_ODDS = engine_feature(_GROUP, "log_odds")
AGAINST_RIVALS = engine_feature(_GROUP, "against_rivals")
_GAPS = tuple(engine_feature(_GROUP, gap) for gap in ("row_gap", "column_gap", "min_gap"))


class BaseScore:
    """Adds the score of a base model, learned without labels, to the features of pairs.

    The features are its log-odds above the threshold and, where a record has one partner, the
    log-odds given the rival candidates. The model learned from labels is stacked on them, and so
    compares a pair with the other candidates of its records.

    Args:
        model: the base model.
        columns: names of the features that pairs come with.
        left, right: rows of the candidates.
        log_odds: the base model's log-odds of the candidates.
        records: number of records.

    Attributes:
        names: names of the features that it adds.
    """

    def __init__(
        self,
        model: PairModel,
        columns: list[str],
        left: np.ndarray,
        right: np.ndarray,
        log_odds: np.ndarray,
        records: int,
    ) -> None:
        self.model = model
        self._columns = base_model_columns(model, columns)
        self._cut = float(np.log(model.threshold / (1 - model.threshold)))
        self.rivals: RivalCandidates | None = None
        self.names: list[str] = [LOG_ODDS]
        if model.one_to_one:
            self.rivals = RivalCandidates(left, right, log_odds - self._cut, records)
            self.names += [AGAINST_RIVALS, *_GAPS]

    def extend(
        self,
        left: np.ndarray,
        right: np.ndarray,
        matrix: np.ndarray,
        fold: np.ndarray,
        threads: int,
    ) -> np.ndarray:
        """Features of pairs followed by those of the base score, float32, shape (m, columns)."""
        log_odds = self.model.log_odds(matrix[:, self._columns], fold, threads) - self._cut
        added = [log_odds[:, None]]
        if self.rivals is not None:
            added += [
                self.rivals.against(left, right, log_odds)[:, None],
                self.rivals.gaps(left, right, log_odds),
            ]
        return np.column_stack([matrix, *added]).astype(np.float32)


def is_base_score_feature(feature: str) -> bool:
    """Whether a feature comes from the score of a base model."""
    return group_of(feature) == _GROUP


def base_model_columns(model: PairModel, columns: list[str]) -> np.ndarray:
    """Position of each feature of a model among given columns, int, shape (len(model.names),).

    Raises:
        ModelError: a feature is not among them.
    """
    position = {name: k for k, name in enumerate(columns)}
    missing = [name for name in model.names if name not in position]
    if missing:  # of a saved model alone
        raise ModelError(
            f"The base model compares by {shorten(missing[0])}, which the model itself does not.",
            hint="Train the model anew.",
        )
    return np.array([position[name] for name in model.names], int)
