"""Explanations of pairs and clusters: scores as sums, blockers, rules and joining paths.

Plain data first (``data``, to JSON and back), from which alone the terminal view and the pages are
made (``page``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linkage.explanation.explainer import Explainer
    from linkage.explanation.explanations import ClusterExplanation, PairExplanation

__all__ = ["ClusterExplanation", "Explainer", "PairExplanation"]

_HOMES = {
    "ClusterExplanation": "linkage.explanation.explanations",
    "Explainer": "linkage.explanation.explainer",
    "PairExplanation": "linkage.explanation.explanations",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'linkage.explanation' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
