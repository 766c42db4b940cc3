"""Strict evidence: what looser definitions learn from the strictest one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocking.candidates import Candidates
from features.records import Records
from features.statements import Statements
from features.synonyms import Synonyms
from linkage.pair_model import PairModel
from linkage.scoring import score_candidates
from linkage.session import Session

__all__ = ["StrictEvidence"]


@dataclass(frozen=True)
class StrictEvidence:
    """What the strictest definition came to before its groups were completed.

    It is all that is kept of its session, whose features take far more room.

    Attributes:
        records: the rows.
        model: its pair model.
        statements: what the rows state of the attributes that looser definitions ignore.
        synonyms: values that mean the same.
        candidates: its candidate pairs.
        chance: chance of a match of each.
    """

    records: Records
    model: PairModel
    statements: dict[str, Statements]
    synonyms: Synonyms
    candidates: Candidates
    chance: np.ndarray

    @classmethod
    def of(cls, session: Session, model: PairModel) -> StrictEvidence:
        """Scores the candidates of a session that ignores nothing.

        Args:
            session: the session, with the candidates that were learned from.
            model: its pair model.
        """
        chance = score_candidates(session, model)
        return cls(
            session.records,
            model,
            session.prepared.statements,
            session.synonyms or Synonyms(),
            session.candidates,
            chance,
        )
