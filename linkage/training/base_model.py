"""Learning the prior: a start without labels, whose opinion labels are learned beside."""

from __future__ import annotations

from features.feature_names import group_of
from linkage.config.authored import Config
from linkage.models.pair_model import PairModel
from linkage.scoring.base_score import AGAINST_RIVALS, LOG_ODDS
from linkage.scoring.session import Session
from linkage.training.supervised import BaseLabels
from linkage.training.unsupervised.start import start_without_labels

__all__ = ["base_labels", "learn_base_model", "opinion_of"]

#: Candidates labelled by the prior that are learned from beside few labels.
_MOST_PRIOR_PAIRS = 10_000


def learn_base_model(session: Session, config: Config) -> PairModel:
    """Starts a model without labels, and adds its opinion to the session's features.

    A session keeps the model: labels that come later are learned beside the same prior.

    Args:
        session: the records, without a prior.
        config: the configuration.
    """

    def learn() -> PairModel:
        plain = [name for name in session.names if group_of(name) != "context"]
        with session.log.step("Learn without labels") as tell:
            return start_without_labels(
                session.compared_pairs().select(plain),
                seed=config.seed,
                threads=session.resolved.threads,
                one_to_one=config.linkage.one_to_one,
                progress=tell,
            )

    model = session.base_model((config.seed, config.linkage.one_to_one), learn)
    session.add_base_model(model)
    return model


def opinion_of(session: Session) -> str:
    """The feature that holds what the prior thinks of a pair."""
    rivals = AGAINST_RIVALS
    return rivals if rivals in session.names else LOG_ODDS


def base_labels(session: Session) -> BaseLabels:
    """Candidates with the opinion of the prior, to learn from beside few labels."""
    return BaseLabels(session.compared_pairs().sample(_MOST_PRIOR_PAIRS), opinion_of(session))
