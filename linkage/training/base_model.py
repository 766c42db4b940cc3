"""The base model: learned without labels, its score is a feature when labels are learned from."""

from __future__ import annotations

from features.feature_names import group_of
from linkage.config.authored import Config
from linkage.models.pair_model import PairModel
from linkage.scoring.base_score import AGAINST_RIVALS, LOG_ODDS
from linkage.scoring.session import Session
from linkage.training.supervised import BaseLabels
from linkage.training.unsupervised.start import start_without_labels

__all__ = ["base_labels", "base_score_feature", "learn_base_model"]

#: Candidates labelled by the base model that are learned from beside few labels.
_MOST_BASE_PAIRS = 10_000


def learn_base_model(session: Session, config: Config) -> PairModel:
    """Return a model learned without labels, and add its score to the session's features.

    A session keeps the model, so that later labels are learned from beside the same base model.

    Args:
        session: the records, without a base score.
        config: the configuration.
    """

    def learn() -> PairModel:
        plain = [name for name in session.names if group_of(name) != "context"]
        with session.log.step("Learn without labels") as progress:
            return start_without_labels(
                session.compared_pairs().select(plain),
                seed=config.seed,
                threads=session.resolved.threads,
                one_to_one=config.linkage.one_to_one,
                progress=progress,
            )

    model = session.base_model((config.seed, config.linkage.one_to_one), learn)
    session.add_base_model(model)
    return model


def base_score_feature(session: Session) -> str:
    """Return the name of the base score: against rival candidates where a record has one match."""
    return AGAINST_RIVALS if AGAINST_RIVALS in session.names else LOG_ODDS


def base_labels(session: Session) -> BaseLabels:
    """Return a sample of the candidates with their base scores, to learn from beside few labels."""
    return BaseLabels(
        session.compared_pairs().sample(_MOST_BASE_PAIRS), base_score_feature(session)
    )
