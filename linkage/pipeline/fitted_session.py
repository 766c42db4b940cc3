"""What a session takes from a fitted definition: its options, and the features that it adds."""

from __future__ import annotations

from typing import Any

from features.compare.wording import is_wording_feature
from linkage.models.model_folder import FittedDefinition
from linkage.scoring.session import Session

__all__ = ["fitted_options", "with_fitted_features"]


def fitted_options(fitted: FittedDefinition | None) -> dict[str, Any]:
    """The options of a session by which its features are those of a fitted definition."""
    if fitted is None:
        return {}
    return {
        "statistics": fitted.statistics.as_frozen(),
        "names": fitted.model.names,
        "synonyms": fitted.synonyms,
    }


def with_fitted_features(session: Session, fitted: FittedDefinition | None) -> Session:
    """The session, after what a fitted model adds was added."""
    if fitted is None:
        return session
    model = fitted.model
    if model.base_model is not None:
        session.add_base_model(model.base_model)
    if any(map(is_wording_feature, model.names)):
        session.add_wording()
    if model.scorer.known is not None:
        session.add_known_matches(model.scorer.known)
    if model.scorer.sources is not None:
        session.add_sources(model.scorer.sources)
    return session
